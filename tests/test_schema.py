"""Tables hold what is declared, documents say the same, and code names only declared columns."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from planner import fields as F
from planner.model import tables
from planner.schema import COLUMNS, SchemaError, Table, declared, member
from tests.frames import complete

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "model", "demand", "stations", "service", "plan", "maps", "report", "exports", "console",
    "layers", "review",
)  # fmt: skip
MODULES = ("pipeline.py", "problem.py")

SMALL = Table(
    "small",
    "a row",
    (F.NAME, F.RANK, F.SHARE, F.LOAD),
    frozenset({F.RANK, F.LOAD}),
    kinds={F.SHARE: "int"},
)


def small(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {F.NAME: ["a", "b"], F.RANK: pd.array([1, None], dtype="Int64"), F.SHARE: [1, 2]}
    )
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
        # Where a value may be missing, the column is of the type that can hold that.
        (small(**{F.RANK: [1, 2]}), "rank is int64, declared int"),
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


# What stands in brackets in code and is no column of a declared table, by module.
NO_COLUMNS: dict[str, set[str]] = {
    # keys of plain mappings: texts, counts, JSON
    "console/plan.py": {""},
    "console/review.py": {"agreed", "asked_removed", "asked_retimed", "churn"},
    "exports/formats/geojson.py": {"crs", "features", "properties"},
    "exports/lists.py": {"network_name", "phase_number"},  # fields of a list: planner.exports.rows
    "exports/profile.py": {"loc", "msg"},
    "layers/aliases.py": {
        "cell_of_name",
        "give_way",
        "heads",
        "nearest_types",
        "totals",
        "unit_words",
        "units",
        "unknown",
        "unknown_numbers",
        "values",
    },
    "layers/alone.py": {"rows"},
    "layers/files.py": {"records", "remarks"},
    "layers/formats/child.py": {"format", "options", "path"},
    "layers/formats/features.py": {"features", "heads"},
    "layers/formats/gdal.py": {".cpg", "EntityHandle", "SubClasses", "crs", "driver", "fields"},
    "layers/formats/geojson.py": {"properties"},
    "layers/formats/osm.py": {"osm_incomplete"},
    "layers/formats/parquet.py": {"columns", "primary_column", "pyarrow"},
    "layers/formats/workbooks.py": {"rows"},
    "layers/formats/patterns.py": {"rows"},
    "layers/kinds/antennas.py": {"antennas"},
    "layers/kinds/equipment.py": {"is_stock", "sectors"},
    "layers/kinds/patterns.py": {"rows", "cuts"},
    "layers/kinds/carriers.py": {"operator", "technology"},
    "layers/kinds/sectors.py": {"omni"},
    "layers/kinds/site_columns.py": {"build_way"},
    "layers/kinds/towns.py": {"town_kind"},
    "layers/land.py": {"land"},
    "layers/quantities.py": {"s", "sign", "whole"},
    "layers/rasters.py": {"crs", "first", "height", "steps", "width"},
    "layers/read.py": {"candidates", "keep_outs", "population", "spot", "towns"},
    "layers/shapes.py": {"crs"},
    "layers/tables.py": {"rows"},
    "layers/vectors.py": {"polygon", "spot"},
    "maps/shell.py": {"attributionControl", "centre", "grid", "later", "maxZoom"},
    "model/packed.py": {"grid", "layers", "notices"},
    "model/plan.py": {"by_count", "grid.json", "layers/notices.json", "objective_gap"},
    "plan/measures.py": {""},
    "problem.py": {
        "charges",
        "checksum",
        "coverage",
        "digest",
        "multipliers",
        "objective",
        "prices",
        "shape",
    },
    "report/charts.py": {"right", "top"},
    "report/figures.py": {"differences"},
    "report/maps.py": {"Axes"},
    "report/paper.py": {
        "difficult",
        "failures",
        "public",
        "residents",
        "residents_brief",
        "table",
    },
    "report/lists.py": {"gap_m"},
    "report/pdf.py": {"pieces", "tables"},
    "report/sheet.py": {"code"},
    "report/story.py": {"difficult", "failures"},
    "report/tables.py": {"changes", "comparison", "pace"},
    "review/checks.py": {"answers_known", "answers_silent"},
    "review/lists.py": {"status"},
    "review/loop.py": {"as_of", "cost_scale", "review", "siting"},
    "review/marks.py": {"marks"},
    "review/record.py": {"files", "history", "record", "statements"},
    "review/version.py": {"parent"},
    "service/coverage.py": {"pairs"},
}
# Columns that a module makes for itself and that do not leave it.
OWN_COLUMNS: dict[str, set[str]] = {
    "layers/kinds/sites.py": {"_cell", "is_stock", "sectors"},
    "maps/stations.py": {"bit"},
    "report/loads.py": {"load"},
    "stations/faults.py": {"listed_at"},
}


def bracketed_texts(source: str) -> set[str]:
    """Texts that stand alone or in a list in brackets behind a value, but not in annotations."""
    tree = ast.parse(source)
    annotations = {
        id(inner)
        for node in ast.walk(tree)
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if part is not None
        for inner in ast.walk(part)
    }
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript) or id(node) in annotations:
            continue
        if getattr(node.value, "id", "") in ("Literal", "Final", "Mapping"):
            continue
        for part in node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]:
            for inner in part.elts if isinstance(part, ast.List) else [part]:
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    found.add(inner.value)
    return found


def test_no_code_names_a_column_that_is_not_declared() -> None:
    package = ROOT / "planner"
    paths = [path for room in ROOMS for path in (package / room).rglob("*.py")]
    paths += [package / name for name in MODULES]

    unknown = {}
    for path in sorted(paths):
        texts = bracketed_texts(path.read_text(encoding="utf-8"))
        names = {text for text in texts if declared(text) is None}
        if names:
            unknown[path.relative_to(package).as_posix()] = names

    files = NO_COLUMNS | OWN_COLUMNS
    known = {file: NO_COLUMNS.get(file, set()) | OWN_COLUMNS.get(file, set()) for file in files}
    assert unknown == known


def test_what_counts_as_a_column_in_code() -> None:
    source = (
        "def f(x: Mapping['a', 'b']) -> None:\n"
        "    x['c'], x[['d', 'e']], x.loc[i, 'f'], x[F.NAME], Literal['g'], x[1]"
    )
    assert bracketed_texts(source) == {"c", "d", "e", "f"}
