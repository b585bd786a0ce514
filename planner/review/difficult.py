"""疑难站址: sites that are hard to get, by what hangs on each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner import fields as F
from planner.model import Model, Plan, tables
from planner.plan.losses import Failure, Standing
from planner.plan.openings import OPENING, opening_rows
from planner.plan.why import column_of

_KEEP = [F.STATION_ID, F.NAME, F.NETWORK, F.BAND, F.TOWN, F.SCENE, F.LON, F.LAT, F.PHASE, F.RANK]
_FIGURES = [F.LOST_POINTS, F.NEW_GAP_M, F.NEW_HOLE_HA]


@dataclass(frozen=True, slots=True, eq=False)
class Difficult:
    """What hangs on stations that somebody objects to or cannot get, each by itself, in the last phase.

    Attributes
    ----------
    sites
        A row per station: ``station_id, name, network, band, town, scene, lon, lat, phase, rank``;
        ``lost_points``: per cent of the layers' ground that is lost, summed over layers and levels;
        ``new_gap_m``: metres of road in gaps over the limit that are new; ``new_hole_ha``; and the
        plan's own ``loss_<layer>_<level>``, the parts of ``lost_points``. Sorted by these three,
        the greatest first. Who could stand in is in ``Plan.replacements``.
    openings
        The gaps and holes, a row each: ``station_id, kind`` (gap, hole), ``layer, level, name`` (of
        the road), ``town, size, before`` (m or ha), by station, largest first.
    """

    sites: pd.DataFrame
    openings: pd.DataFrame


def difficult_sites(plan: Plan, model: Model, station_ids: Sequence[str]) -> Difficult:
    """What would be lost in the last phase if stations of a plan were not built, each by itself.

    Parameters
    ----------
    plan, model
        The plan and the model it was made from.
    station_ids
        规划编号 of the stations that somebody objects to or cannot get.

    Raises
    ------
    ProblemError
        When the plan holds one of them not.
    """
    standing = Standing(plan, model, plan.scenario.counts[-1])
    losses = [
        F.loss_column(layer.name, level) for layer in plan.scenario.layers for level in layer.levels
    ]
    sites, openings = [], []
    for station in sorted(set(station_ids)):
        column = column_of(plan, station)
        row, failures = plan.stations.iloc[column], standing.without(column)
        sites.append((*row[_KEEP], math.fsum(row[losses]), *_grown(failures), *row[losses]))
        openings += [(station, *opening) for opening in opening_rows(plan, failures)]
    kinds = {
        F.RANK: "int64",
        F.PHASE: "int64",
        **dict.fromkeys([*_FIGURES, *losses, F.LON, F.LAT], "float64"),
    }
    table = pd.DataFrame(sites, columns=[*_KEEP, *_FIGURES, *losses]).astype(kinds)
    table = table.sort_values(
        [*_FIGURES, F.STATION_ID], ascending=[False, False, False, True], ignore_index=True
    )
    opened = pd.DataFrame(openings, columns=[F.STATION_ID, *OPENING])
    return Difficult(tables.DIFFICULT.checked(table), tables.OPENINGS.checked(opened))


def _grown(failures: Sequence[Failure]) -> tuple[float, float]:
    """Metres of road in new gaps and hectares of new holes."""
    metres = math.fsum(one.size - one.before for one in failures if one.is_road)
    return metres, math.fsum((one.size - one.before) / 1e4 for one in failures if not one.is_road)
