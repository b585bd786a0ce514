"""疑难站址: sites that are hard to get, by what hangs on each of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner import fields as F
from planner.model import Model, Plan, tables
from planner.plan.losses import Failure, Standing
from planner.plan.openings import OPENING, opening_rows
from planner.plan.why import column_of
from planner.review.statements import distinct_lines
from planner.rules import HECTARE_M2

_FACTS = [F.STATION_ID, F.NAME, F.NETWORK, F.BAND, F.TOWN, F.SCENE, F.LON, F.LAT, F.PHASE, F.RANK]
_FIGURES = [F.LOST_POINTS, F.NEW_GAP_M, F.NEW_HOLE_HA]


@dataclass(frozen=True, slots=True, eq=False)
class Difficult:
    """What hangs on stations that somebody objects to, each by itself, in the last phase.

    Attributes
    ----------
    sites
        A row per station: ``station_id, name, network, band, town, scene, lon, lat, phase, rank``;
        ``lost_points``: per cent of the layers' ground that is lost, summed over layers and levels;
        ``new_gap_m``: metres of road in gaps over the limit that are new; ``new_hole_ha``; and the
        plan's own ``loss_<layer>_<level>``, the parts of ``lost_points``. Sorted by these three,
        the greatest first. Who could stand in is in ``Plan.replacements``. Those of
        :func:`refused_sites` have ``reviewer, reason, note`` too.
    openings
        The gaps and holes, a row each: ``station_id, kind`` (gap, hole), ``layer, level, name`` (of
        the road), ``town, size, before`` (m or ha), by station, largest first.
    """

    sites: pd.DataFrame
    openings: pd.DataFrame


def refused_sites(plan: Plan, model: Model, statements: pd.DataFrame) -> Difficult:
    """Stations of a plan that somebody refused, with who did and why.

    Parameters
    ----------
    plan, model
        The plan that was reviewed, and the model it was made from.
    statements
        The answers that were taken up, ``tables.STATEMENTS``.

    Returns
    -------
    Difficult
        Its ``sites`` with ``reviewer, reason, note``, a line for each text that differs.
    """
    stations = plan.stations
    planned = stations[stations[F.RANK].notna() & (stations[F.STATE] != "open")]
    refused = _refusals(planned, statements)
    difficult = difficult_sites(plan, model, refused[F.STATION_ID].tolist())
    said = refused.groupby(F.STATION_ID)[[F.REVIEWER, F.REASON, F.NOTE]].agg(distinct_lines)
    return dataclasses.replace(difficult, sites=difficult.sites.join(said, on=F.STATION_ID))


def _refusals(planned: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """A row for each planned station and statement that refuses it, by itself or with its town."""
    is_refusal = statements[F.DECISION].str.contains("veto|move_far")
    own = statements[is_refusal & (statements[F.STATION_ID] != "")]

    of_towns = statements[statements[F.DECISION] == "refuse_town"].drop(columns=F.STATION_ID)
    candidates = planned.loc[planned[F.STATE] == "candidate", [F.STATION_ID, F.TOWN]]
    refusals = pd.concat([own, of_towns.merge(candidates, on=F.TOWN)], ignore_index=True)
    return refusals[refusals[F.STATION_ID].isin(planned[F.STATION_ID])]


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
    scenario = plan.scenario
    standing = Standing(plan, model, scenario.counts[-1])
    losses = [
        F.loss_column(layer.name, level) for layer in scenario.layers for level in layer.judged_at
    ]
    sites, openings = [], []
    for station_id in sorted(set(station_ids)):
        column = column_of(plan, station_id)
        station, failures = plan.stations.iloc[column], standing.without(column)
        lost = math.fsum(station[losses])
        sites.append((*station[_FACTS], lost, *_grown(failures), *station[losses]))
        openings += [(station_id, *opening) for opening in opening_rows(plan, failures)]

    table = pd.DataFrame(sites, columns=[*_FACTS, *_FIGURES, *losses])
    floats = dict.fromkeys([*_FIGURES, *losses, F.LON, F.LAT], "float64")
    table = table.astype({F.RANK: "int64", F.PHASE: "int64", **floats}).sort_values(
        [*_FIGURES, F.STATION_ID], ascending=[False, False, False, True], ignore_index=True
    )
    opened = pd.DataFrame(openings, columns=[F.STATION_ID, *OPENING])
    return Difficult(tables.DIFFICULT.checked(table), tables.OPENINGS.checked(opened))


def _grown(failures: Sequence[Failure]) -> tuple[float, float]:
    """Metres of road in new gaps and hectares of new holes."""
    gaps = [failure.size - failure.before for failure in failures if failure.is_road]
    holes = [
        (failure.size - failure.before) / HECTARE_M2 for failure in failures if not failure.is_road
    ]
    return math.fsum(gaps), math.fsum(holes)
