"""疑难站址: sites that are hard to get, by what hangs on each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from planner import fields as F
from planner.model import Model, Plan, replacement_texts
from planner.plan.losses import Standing, sizes_text
from planner.plan.why import column_of

KEEP = [F.STATION_ID, F.NAME, F.NETWORK, F.BAND, F.TOWN, F.SCENE, F.LON, F.LAT, F.PHASE, F.RANK]


def difficult_sites(plan: Plan, model: Model, station_ids: Sequence[str]) -> pd.DataFrame:
    """What would be lost in the last phase if stations of a plan were not built, each by itself.

    Parameters
    ----------
    plan, model
        The plan and the model it was made from.
    station_ids
        规划编号 of the stations that somebody objects to or cannot get.

    Returns
    -------
    DataFrame
        ``station_id, name, network, band, town, scene, lon, lat, phase, rank``; ``layers_zh, layers_en``: layers and
        levels that lose, the greatest loss first, with per cent of the layer's ground; ``lost_points``: their sum;
        ``new_gap_m``: metres of road in gaps over the limit that are new, ``new_hole_ha``; ``failures_zh,
        failures_en``: each of them; ``stand_in_zh, stand_in_en``: who could stand in, empty for nobody. Sorted by
        ``lost_points``, ``new_gap_m``, ``new_hole_ha``, the greatest first.

    Raises
    ------
    ProblemError
        When the plan holds one of them not.
    """
    stand_in = [replacement_texts(plan.replacements, english=english) for english in (False, True)]
    standing = Standing(plan, model, plan.scenario.counts[-1])
    rows = []
    for station in sorted(set(station_ids)):
        column = column_of(plan, station)
        row = plan.stations.iloc[column]
        losses = _losses(plan, row)
        failures = standing.without(column)
        rows.append((
            *row[KEEP], _names(plan, losses, english=False), _names(plan, losses, english=True),
            math.fsum([points for _, _, points in losses]),
            math.fsum([one.size - one.before for one in failures if one.is_road]),
            math.fsum([(one.size - one.before) / 1e4 for one in failures if not one.is_road]),
            sizes_text(failures, plan), sizes_text(failures, plan, english=True),
            *(mark.join(texts.get(station, [])) for mark, texts in zip(("；", "; "), stand_in, strict=True)),
        ))  # fmt: skip
    figures = ["lost_points", "new_gap_m", "new_hole_ha"]
    said = ["failures_zh", "failures_en", "stand_in_zh", "stand_in_en"]
    kinds = {F.RANK: "int64", **dict.fromkeys([*figures, F.LON, F.LAT], "float64")}
    table = pd.DataFrame(rows, columns=[*KEEP, "layers_zh", "layers_en", *figures, *said]).astype(kinds)
    order = [*figures, F.STATION_ID]
    return table.sort_values(order, ascending=[False, False, False, True], ignore_index=True)


def _losses(plan: Plan, row: pd.Series) -> list[tuple[str, str, float]]:
    found = [
        (layer.name, level, float(row[name]))
        for layer in plan.scenario.layers
        for level in F.LEVELS
        if (name := f"loss_{layer.name}_{level}") in row.index and row[name] > 0
    ]
    return sorted(found, key=lambda one: -one[2])


def _names(plan: Plan, losses: Sequence[tuple[str, str, float]], *, english: bool) -> str:
    parts = []
    for name, level, points in losses:
        layer = plan.scenario.layer(name)
        label = layer.label_en if english and layer.label_en else layer.label
        word = {"outdoor": (" outdoors", "室外"), "deep": (" deep", "深度")}[level][0 if english else 1]
        parts.append(f"{label}{word} {points:.4f} %")
    return "; ".join(parts) if english else "；".join(parts)
