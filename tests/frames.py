"""Tables made by hand, completed to what is declared: a test gives only the columns it is about."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from planner import fields as F
from planner.model import Coverage, Layers, Plan, Reception, tables
from planner.model.layers import LAYER_TABLES
from planner.scenario import Scenario
from planner.schema import Table

NEUTRAL = {"text": "", "int": 0, "float": 0.0, "bool": False}


def complete(table: Table, frame: Any, **families: tuple[str, ...]) -> Any:
    """The frame with every declared column that it lacks: missing where that may be, else empty.

    Parameters
    ----------
    table, frame
        What is declared, and the columns that the test gives.
    families
        Names of columns by family, where the test wants them although it gives none.
    """
    filled = frame.copy()
    for column in table:
        kind = table.kinds.get(column.name, column.kind)
        names = families.get(column.name, ()) if column.is_family else (column.name,)
        for name in names:
            if name not in filled and kind != "geometry":
                filled[name] = _neutral(table, column.name, kind, filled.index)
    return filled


def _neutral(table: Table, name: str, kind: str, index: pd.Index) -> pd.Series:
    missing = name in table.nullable
    if kind == "int" and missing:
        return pd.Series(pd.NA, index=index, dtype="Int64")
    return pd.Series(np.nan if kind == "float" and missing else NEUTRAL[kind], index=index)


def empty_layers(crs: str = "EPSG:4549", **parts: Any) -> Layers:
    """Layers in which nothing is but what is given."""
    filled = {}
    for name, table in LAYER_TABLES.items():
        frame = parts.get(name, table.empty())
        if F.GEOMETRY in table.columns and not isinstance(frame, gpd.GeoDataFrame):
            frame = gpd.GeoDataFrame(frame, geometry=[], crs=crs)
        filled[name] = complete(table, frame)
    return Layers(**filled, notices=parts.get("notices", ()))


def covered_by(cover: Any, outside: Any = None, windows: Any = None) -> Coverage:
    """Who serves which row; no neighbour station does unless ``outside`` says so."""
    rows = np.zeros(cover.shape[0], np.bool_) if outside is None else np.asarray(outside)
    windows = csr_matrix((0, cover.shape[0])) if windows is None else windows
    return Coverage.of(cover, windows, rows, tables.BUDGET.empty())


def silent(points: pd.DataFrame) -> Reception:
    """A reception of which a test asks nothing: no cells, no signal."""
    return Reception(
        points=points,
        cells=tables.CELLS.empty(),
        neighbours=tables.NEIGHBOURS.empty(),
        carriers=tables.CARRIERS.empty(),
        measures=tables.MEASURES.empty(),
        heard=tables.HEARD.empty(),
    )


def empty_plan(scenario: Scenario, **parts: Any) -> Plan:
    """A plan of which a test reads only what it gives."""
    frames = {
        "points": tables.PLAN_POINTS,
        "roads": tables.CHAINS,
        "findings": tables.FINDINGS,
        "measures": tables.MEASURES,
        "verdicts": tables.VERDICTS,
        "gaps": tables.GAPS,
        "holes": tables.HOLES,
        "towns": tables.TASKS,
        "residents": tables.RESIDENTS,
        "curve": tables.CURVE,
        "cells": tables.CELLS,
        "neighbour_stations": tables.NEIGHBOUR_STATIONS,
        "neighbours": tables.NEIGHBOURS,
        "carriers": tables.CARRIERS,
        "replacements": tables.REPLACEMENTS,
    }
    filled: dict[str, Any] = {
        name: complete(table, parts.pop(name)) if name in parts else table.empty()
        for name, table in frames.items()
    }
    filled["stations"] = complete(tables.PLAN_STATIONS, parts.pop("stations"))

    # No points: cubes of (points, networks, levels) have no row.
    shape = (0, len(scenario.networks), len(F.LEVELS))
    filled |= {name: np.zeros(shape) for name in ("first", "wanted", "server", "broken")}
    filled["share"] = np.zeros((0, len(scenario.layers)))
    filled["by_count"] = pd.DataFrame()
    filled["grid"] = None
    filled["layers"] = empty_layers()
    return Plan(scenario=scenario, **(filled | parts))
