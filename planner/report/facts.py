"""Figures of a plan as tables, maps and text ask for them; every one is read from the plan's own tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import Plan

NEW_BUILDS: Final = ("new_roof", "new_pole", "new_tower")
PUBLIC_BUILDS: Final = ("new_roof", "new_pole")
DIFFICULT_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a layer passes at a phase: every network has to.

    Attributes
    ----------
    passes
        Whether all networks pass.
    failing
        Networks that fail.
    share
        Least share of the networks, 0-1.
    passing_count
        Least count from which every network passes; -1 when one never does.
    """

    passes: bool
    failing: tuple[str, ...]
    share: float
    passing_count: int


class Facts:
    """A plan, looked up quickly.

    Attributes
    ----------
    plan, scenario
        The plan and what was asked.
    stations
        The plan's stations by rank: the columns of ``Plan.stations`` and ``number``, of the phase; ``town`` as the
        task table names it; ``first_here``, bool, the first station at its site; ``is_new``, bool, at a site that is
        newly built; ``is_shared``, bool, more than one network of the plan at its site; ``lost``, points of all
        layers that the last phase loses without it.
    later
        Those opened after the state.
    pairs
        Layers and levels that have a verdict: outdoors first, layers in the scenario's order.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.scenario = plan, plan.scenario
        self.stations = _stations(plan)
        self.later = self.stations[self.stations["number"] > 0]
        asked = set(plan.verdicts[[F.LAYER, F.LEVEL]].itertuples(index=False, name=None))
        names = plan.scenario.layer_names
        self.pairs = [(layer, level) for level in F.LEVELS for layer in names if (layer, level) in asked]
        keys = plan.measures[[F.PHASE, "measure", F.LAYER, F.NETWORK, F.LEVEL]]
        self._values = dict(zip(keys.itertuples(index=False, name=None), plan.measures["value"].tolist(), strict=True))
        grouped = plan.verdicts.groupby([F.PHASE, F.LAYER, F.LEVEL], sort=False)
        self._verdicts = {key: _verdict(rows) for key, rows in grouped}

    def value(self, phase: str, measure: str, layer: str = "", network: str = "", level: str = "") -> float:
        """One figure of ``Plan.measures``; NaN where there is none."""
        return float(self._values.get((phase, measure, layer, network, level), np.nan))

    def verdict(self, phase: str, layer: str, level: str) -> Verdict:
        """The verdict of all networks together."""
        return self._verdicts[phase, layer, level]

    def of_phase(self, number: int) -> pd.DataFrame:
        """Stations that a phase opens."""
        return self.stations[self.stations["number"] == number]

    def difficult(self) -> pd.DataFrame:
        """New sites whose failure would cost most, the costliest first."""
        new = self.stations[self.stations["is_new"] & (self.stations["lost"] > 0)]
        return new.sort_values(["lost", F.STATION_ID], ascending=[False, True], kind="stable").head(DIFFICULT_ROWS)

    def public(self) -> pd.DataFrame:
        """Roofs and poles that the plan asks to be opened, one row a site."""
        return self.stations[self.stations["first_here"] & self.stations[F.BUILD_TYPE].isin(PUBLIC_BUILDS)]


def loss_name(layer: str, level: str) -> str:
    """Column of ``Plan.stations`` with what a layer loses without the station."""
    return f"loss_{layer}_{level}"


def sharing_rate(stations: pd.DataFrame) -> float:
    """新建站址共享率, per cent: (new at a shared new site + co-located) / (these + new at a site of one's own)."""
    is_shared = (stations[F.BUILD_TYPE] == "co_location") | (stations["is_new"] & stations["is_shared"])
    counted = is_shared | stations["is_new"]
    return float(100 * is_shared.sum() / counted.sum()) if counted.any() else float("nan")


def _stations(plan: Plan) -> pd.DataFrame:
    at = pd.DataFrame(plan.stations.drop(columns="geometry")).iloc[plan.order].reset_index(drop=True)
    names = [phase.name for phase in plan.scenario.phases]
    urban = plan.layers.towns.loc[plan.layers.towns[F.KIND] == "urban", F.NAME]
    losses = [
        name for layer in plan.scenario.layer_names for level in F.LEVELS if (name := loss_name(layer, level)) in at
    ]
    return at.assign(
        number=at[F.PHASE].map({name: i for i, name in enumerate(names)}),
        town=at[F.TOWN].where(~at[F.TOWN].isin(urban), plan.scenario.district.urban_town),
        first_here=~at[F.SITE_ID].duplicated(),
        is_new=at[F.BUILD_TYPE].isin(NEW_BUILDS),
        is_shared=at.groupby(F.SITE_ID)[F.NETWORK].transform("nunique") > 1,
        lost=at[losses].fillna(0.0).sum(axis=1),
    )


def _verdict(rows: pd.DataFrame) -> Verdict:
    counts = rows["passing_count"]
    passes = rows["passes"].astype(bool)
    least = -1 if (counts < 0).any() else int(counts.max())
    return Verdict(bool(passes.all()), tuple(rows.loc[~passes, F.NETWORK]), float(rows["share"].min()), least)
