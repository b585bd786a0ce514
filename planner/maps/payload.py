"""The data of the page: what a plan holds, as plain JSON values and packed number streams.

A stream is ``[kind, base64 of zlib]``; ``kind`` is the typed array it unpacks to. Wider numbers are stored as byte
planes (all low bytes first), which compresses better; see ``unpack`` in ``page/data.js``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from planner import fields as F
from planner.maps.geometry import outlines, point_columns
from planner.maps.stations import candidate_columns, station_columns

if TYPE_CHECKING:
    from planner.model import Plan

Stream = list[str]
NOT_WANTED = F.NEVER - 1  # in the rank streams: nothing is asked for here
ROUNDING_SLACK = 1e-4
SCALES = {"share": 100_000, "largest_ha": 100, "longest_m": 10, "gaps_per_100km": 100, "cost_wan": 10, "per_10k": 1000}


def payload(plan: Plan) -> dict[str, Any]:
    """Everything the page shows of a plan, as JSON-able values in a fixed order."""
    data: dict[str, Any] = {
        **_asked(plan),
        "grid": _grid(plan),
        "geometry": outlines(plan.layers),
        "roads": plan.roads[[F.NAME, "ref", F.LAYER]].astype(str).to_dict("records"),
        "towns": _towns(plan),
        "verdicts": _records(plan.verdicts, ["layer", "network", "level", "passing_count"]),
        "points": _points(plan),
        "first": _first(plan),
        "measures": _measures(plan),
        "curve": _curve(plan),
        "stations": packed_columns(station_columns(plan)),
        "candidates": packed_columns(candidate_columns(plan)),
        "sources": _records(plan.layers.sources, ["file", "source", "date", "licence", "basis"]),
    }
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    data["key"] = hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
    return data


def packed(array: npt.ArrayLike) -> Stream:
    """A whole-number array as a stream, low bytes first."""
    values = np.ascontiguousarray(array)
    kind = {"uint8": "u8", "uint16": "u16", "int32": "i32"}[values.dtype.name]
    planes = values.astype(values.dtype.newbyteorder("<")).view(np.uint8).reshape(-1, values.dtype.itemsize).T
    return [kind, base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode()]


def packed_json(value: Any) -> Stream:
    """Any JSON-able value as a stream."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return ["json", base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode()]


def packed_columns(columns: tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]) -> dict[str, Any]:
    """Number columns as one stream each, the others together as one."""
    numbers, texts = columns
    return {**{name: packed(values) for name, values in numbers.items()}, "table": packed_json(texts)}


def _asked(plan: Plan) -> dict[str, Any]:
    s = plan.scenario
    licences = plan.layers.sources[F.LICENCE].astype(str)
    return {
        "format": 1,
        "name": s.name,
        "title": [s.titles.title, s.titles.title_en],
        "district": [s.district.name, s.district.name_en],
        "titles": s.titles.model_dump(),
        "as_of": s.as_of,
        "crs": s.district.work_crs,
        "synthetic": plan.layers.is_synthetic,
        "openstreetmap": bool(licences.str.contains("ODbL").any()),
        "phases": [{"label": [p.name, p.name_en], "date": p.date, "count": p.stations} for p in s.phases],
        "networks": [{"name": n.name, "label": [n.label, n.label_en]} for n in s.networks],
        "bands": {name: [band.label_zh, band.label_en] for name, band in s.bands.items()},
        "layers": [
            {
                "name": v.name,
                "label": [v.label, v.label_en],
                "shape": v.shape,
                "deep": v.deep,
                "rule": v.rule.model_dump(),
            }
            for v in s.layers
        ],
        "levels": list(F.LEVELS),
        "rsrp_dbm": [s.levels.outdoor.rsrp_dbm, s.levels.deep.rsrp_dbm],
    }


def _grid(plan: Plan) -> dict[str, Any]:
    g = plan.grid
    to_lonlat = Transformer.from_crs("EPSG:3857", F.WGS84, always_xy=True)
    lon, lat = to_lonlat.transform(g.west + g.step * g.columns / 2, g.north - g.step * g.rows / 2)
    return {
        "west": g.west, "north": g.north, "step": g.step, "columns": g.columns, "rows": g.rows, "cell_m": g.cell_m,
        "centre": [round(lat, 5), round(lon, 5)],
    }  # fmt: skip


def _records(frame: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    return [
        {name: plain(value) for name, value in zip(names, row, strict=True)}
        for row in frame.reindex(columns=names).itertuples(index=False, name=None)
    ]


def plain(value: Any) -> Any:
    """A value that JSON can hold: missing becomes null, numpy scalars become Python's."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)


def _towns(plan: Plan) -> dict[str, Any]:
    rows = _records(
        plan.towns, ["town", "phase", "network", "stations", "new", "retrofit", "new_sites", "cost_wan", "people"]
    )
    names = sorted({str(name) for name in plan.stations[F.TOWN]} | {str(name) for name in plan.points[F.TOWN]})
    return {"rows": rows, "names": names, "estimated": plan.layers.town_areas.empty}


def _points(plan: Plan) -> dict[str, Any]:
    """Where demand is: a bit per wanted cell of the grid, then the road samples."""
    road = plan.points[F.ROAD].to_numpy()
    n_cells = int((road < 0).sum())
    cell = plan.points[F.CELL].to_numpy()[:n_cells]
    mask = np.zeros(plan.grid.columns * plan.grid.rows, dtype=bool)
    mask[cell] = True
    member = np.zeros(len(road), dtype=np.uint16)
    for j in range(plan.share.shape[1]):
        member |= (plan.share[:, j] > 0).astype(np.uint16) << j
    names = sorted({str(name) for name in plan.stations[F.TOWN]} | {str(name) for name in plan.points[F.TOWN]})
    town = plan.points[F.TOWN].astype(str).map({name: i for i, name in enumerate(names)}).to_numpy(dtype=np.uint16)
    samples = plan.points.iloc[n_cells:]
    return {
        "cells": n_cells,
        "samples": len(samples),
        "mask": packed(np.packbits(mask, bitorder="little")),
        "member": packed(member),
        "town": packed(town),
        "road": packed(samples[F.ROAD].to_numpy(dtype=np.uint16)),
        "length_dm": packed(np.rint(samples[F.LENGTH_M].to_numpy() * 10).astype(np.uint16)),
        **{name: packed(values) for name, values in point_columns(samples).items()},
    }


def _first(plan: Plan) -> list[list[Stream]]:
    """Per network and level, for every point: the rank that first serves it, NEVER, or NOT_WANTED."""
    ranks = np.where(plan.wanted, plan.first, np.uint16(NOT_WANTED))
    return [[packed(ranks[:, k, v]) for v in range(ranks.shape[2])] for k in range(ranks.shape[1])]


def _measures(plan: Plan) -> dict[str, Any]:
    """The table of measures at every count, as whole numbers; -1 where there is no figure."""
    frame = plan.by_count
    scales = [SCALES.get(str(column[3]), 1) for column in frame.columns]
    values = frame.to_numpy(dtype=np.float64).T * np.asarray(scales, dtype=np.float64)[:, None]
    # down, not to nearest: a share just below the limit must not read as the limit
    whole = np.where(np.isfinite(values), np.floor(values + ROUNDING_SLACK), -1).astype(np.int32)
    steps = np.diff(whole, axis=1, prepend=np.int32(0)).astype(np.int32)
    return {
        "start": int(frame.index[0]),
        "counts": len(frame),
        "columns": [[*map(str, column), scale] for column, scale in zip(frame.columns, scales, strict=True)],
        "steps": packed(steps.ravel()),
    }


def _curve(plan: Plan) -> dict[str, Any]:
    shown = plan.curve.loc[plan.by_count.index]  # the curve goes on past the last phase
    covered = shown["covered"].to_numpy(dtype=np.float64)
    proven = shown["bound"].dropna() if "bound" in shown else pd.Series(dtype=float)
    return {
        "covered": packed(np.rint(covered * 60_000).astype(np.uint16)),
        "bound": [[count, value] for count, value in zip(proven.index.tolist(), proven.tolist(), strict=True)],
    }
