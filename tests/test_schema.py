"""Tables hold what is declared, the documents say the same, and no code names a column that is not declared."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from planner import fields as F
from planner.model import tables
from planner.schema import COLUMNS, SchemaError, Table, member
from tests.frames import complete

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("model", "demand", "stations", "service", "plan", "maps", "report", "exports", "console", "layers")
MODULES = ("pipeline.py", "problem.py", "review.py")

SMALL = Table(
    "small", "a row", (F.NAME, F.RANK, F.SHARE, F.LOAD), frozenset({F.RANK, F.LOAD}), kinds={F.SHARE: "int"}
)  # fmt: skip


def small(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame({F.NAME: ["a", "b"], F.RANK: pd.array([1, None], dtype="Int64"), F.SHARE: [1, 2]})
    return frame.assign(**{member(F.LOAD, count=7): [0.5, np.nan]}).assign(**changes)


def test_a_table_that_holds_what_is_declared_comes_back_as_it_is() -> None:
    frame = small()
    assert SMALL.checked(frame) is frame
    assert SMALL.kind_of(member(F.LOAD, count=12)) == "float" and SMALL.kind_of(F.SHARE) == "int"
    assert SMALL.checked(SMALL.empty()).empty


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (small().drop(columns=F.NAME), "name is missing"),
        (small(colour="red"), "colour is not declared"),
        (small(**{F.SHARE: [1.0, 2.0]}), "share is float64, declared int"),
        (small(**{F.RANK: [1, 2]}), "rank is int64, declared int"),  # where it may miss, it is of the type that can
        (small(**{F.NAME: ["a", None]}), "name has missing values"),
        (small(load_=[1.0, 2.0]), "load_ is not declared"),
    ],
)
def test_anything_else_is_a_fault_of_ours_and_named(frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        SMALL.checked(frame)


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_every_declared_column_stands_in_a_table_with_a_meaning(table: Table) -> None:
    assert len(set(table.columns)) == len(table.columns)
    assert set(table.nullable) | set(table.kinds) <= set(table.columns)
    assert all(one.meaning and one.unit for one in table if one.kind != "geometry")
    frame = complete(table, table.empty())
    if F.GEOMETRY in table.columns:
        frame = gpd.GeoDataFrame(frame, geometry=[], crs=F.WGS84)
    assert table.checked(frame).empty


def test_no_column_is_declared_for_nothing() -> None:
    assert set(COLUMNS) == {name for table in tables.TABLES for name in table.columns} | {
        F.PARAMETER,
        F.MEASURE,
        F.POINT,
    }


def test_the_document_is_the_declaration() -> None:
    path = ROOT / "scripts" / "write_tables.py"
    spec = importlib.util.spec_from_file_location("write_tables", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert written == module.tables_text(), "run scripts/write_tables.py"
