"""Figures of a plan as tables, maps and text ask for them; every one is read from the plan's own tables."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.codes import NEW_BUILDS, Build
from planner.model import Plan, tables
from planner.rules import limit_texts
from planner.scenario import Scenario
from planner.words import Language

PUBLIC_KINDS: Final = {Build.NEW_ROOF: "roof", Build.NEW_POLE: "pole"}  # site type by build type
DIFFICULT_ROWS: Final = 100
_FIGURE: Final = (F.PHASE, F.MEASURE, F.LAYER, F.NETWORK, F.LEVEL)


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
    """A plan, looked up quickly. A phase is named by its number, 0 = the state.

    Attributes
    ----------
    plan, scenario
        The plan and what was asked.
    networks, layers
        Parts of the scenario by name.
    stations
        ``tables.REPORT_STATIONS``: the plan's stations by rank.
    later
        Those opened after the state.
    pairs
        Layers and levels that have a verdict: outdoors first, layers in the scenario's order.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.scenario = plan, plan.scenario
        self.networks = {network.name: network for network in plan.scenario.networks}
        self.layers = {layer.name: layer for layer in plan.scenario.layers}
        self.stations = _stations(plan)
        self.later = self.stations[self.stations[F.PHASE] > 0]
        asked = set(plan.verdicts[[F.LAYER, F.LEVEL]].itertuples(index=False, name=None))
        names = plan.scenario.layer_names
        self.pairs = [
            (layer, level) for level in F.LEVELS for layer in names if (layer, level) in asked
        ]
        keys = zip(*(plan.measures[key] for key in _FIGURE), strict=True)
        self._values = dict(zip(keys, plan.measures[F.VALUE].tolist(), strict=True))
        grouped = plan.verdicts.groupby([F.PHASE, F.LAYER, F.LEVEL], sort=False)
        self._verdicts = {key: _verdict(rows) for key, rows in grouped}

    def value(
        self, number: int, measure: str, layer: str = "", network: str = "", level: str = ""
    ) -> float:
        """One figure of ``Plan.measures``; NaN where there is none."""
        return float(self._values.get((number, measure, layer, network, level), np.nan))

    def verdict(self, number: int, layer: str, level: str) -> Verdict:
        """The verdict of all networks together."""
        return self._verdicts[number, layer, level]

    def rule_text(self, layer: str, words: Language) -> str:
        """What a layer has to hold to pass, at every level."""
        asked = self.layers[layer]
        return words.rules(limit_texts(asked.rule, asked.shape), asked.shape)

    def of_phase(self, number: int) -> pd.DataFrame:
        """Stations that a phase opens."""
        return self.stations[self.stations[F.PHASE] == number]

    def failures(self) -> list[dict[Hashable, Any]]:
        """Gaps, then holes, outdoors at the phases after the state: also their kind, size and its unit."""
        gaps = self.plan.gaps.rename(columns={F.LENGTH_M: F.SIZE}).assign(
            **{F.KIND: "gap", F.UNIT: "m"}
        )
        holes = self.plan.holes.rename(columns={F.AREA_HA: F.SIZE}).assign(
            **{F.KIND: "hole", F.UNIT: "ha"}
        )
        rows = (row for table in (gaps, holes) for row in table.to_dict("records"))
        return [row for row in rows if row[F.PHASE] > 0 and row[F.LEVEL] == F.LEVELS[0]]

    def difficult(self) -> pd.DataFrame:
        """New sites whose failure would cost most, the costliest first."""
        new = self.stations[self.stations[F.IS_NEW] & (self.stations[F.LOST_POINTS] > 0)]
        return new.sort_values(
            [F.LOST_POINTS, F.STATION_ID], ascending=[False, True], kind="stable"
        ).head(DIFFICULT_ROWS)

    def public(self) -> pd.DataFrame:
        """Roofs and poles that the plan asks to be opened, one row a site."""
        return self.stations[
            self.stations[F.FIRST_HERE] & self.stations[F.BUILD_TYPE].isin(PUBLIC_KINDS)
        ]


def report_title(scenario: Scenario, words: Language) -> str:
    """Title of the report: the maps', without the word for a map at its end."""
    return words.name(scenario.titles).removesuffix(words("report.map_suffix"))


def sharing_rate(stations: pd.DataFrame) -> float:
    """新建站址共享率, per cent: (new at a shared new site + co-located) / (these + new at a site of one's own)."""
    is_shared = (stations[F.BUILD_TYPE] == Build.CO_LOCATION) | (
        stations[F.IS_NEW] & stations[F.IS_SHARED]
    )
    counted = is_shared | stations[F.IS_NEW]
    return float(100 * is_shared.sum() / counted.sum()) if counted.any() else float("nan")


def _stations(plan: Plan) -> pd.DataFrame:
    at = (
        pd.DataFrame(plan.stations.drop(columns="geometry")).iloc[plan.order].reset_index(drop=True)
    )
    urban = plan.layers.towns.loc[plan.layers.towns[F.KIND] == "urban", F.NAME]
    losses = [
        F.loss_column(layer.name, level) for layer in plan.scenario.layers for level in layer.levels
    ]
    at = at.astype({F.RANK: "int64", F.PHASE: "int64"})
    at[F.TOWN] = at[F.TOWN].where(~at[F.TOWN].isin(urban), plan.scenario.district.urban_town)
    at[F.FIRST_HERE] = ~at[F.SITE_ID].duplicated()
    at[F.IS_NEW] = at[F.BUILD_TYPE].isin(NEW_BUILDS)
    at[F.IS_SHARED] = at.groupby(F.SITE_ID)[F.NETWORK].transform("nunique") > 1
    at[F.LOST_POINTS] = at[losses].sum(axis=1)
    return tables.REPORT_STATIONS.checked(at)


def _verdict(rows: pd.DataFrame) -> Verdict:
    counts, passes = rows[F.PASSING_COUNT], rows[F.PASSES]
    least = -1 if (counts < 0).any() else int(counts.max())
    return Verdict(
        bool(passes.all()), tuple(rows.loc[~passes, F.NETWORK]), float(rows[F.SHARE].min()), least
    )
