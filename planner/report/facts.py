"""Figures of a plan as tables, maps and text ask for them, all read from the plan's own tables."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.codes import NEW_BUILDS, Build, Level
from planner.model import Plan, tables
from planner.rules import limit_texts, turning
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
    hanging
        What the verdict hangs on, see :func:`planner.rules.turning`, of each network by which it
        would turn; empty where it is safe.
    share
        Least share of the networks, 0-1.
    passing_count
        Least count from which every network passes; -1 when one never does.
    """

    passes: bool
    failing: tuple[str, ...]
    hanging: tuple[tuple[str, list[tuple[str, float]]], ...]
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
        self.plan = plan
        self.scenario = plan.scenario
        self.networks = {network.name: network for network in plan.scenario.networks}
        self.layers = {layer.name: layer for layer in plan.scenario.layers}
        self.stations = _stations(plan)
        self.later = self.stations[self.stations[F.PHASE] > 0]

        asked = set(plan.verdicts[[F.LAYER, F.LEVEL]].itertuples(index=False, name=None))
        names = plan.scenario.layer_names
        self.pairs = [
            (layer, level) for level in F.LEVELS for layer in names if (layer, level) in asked
        ]

        # Tables and texts ask for some thousand figures one by one: a dictionary finds them.
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

    def rule_text(self, layer: str, words: Language, *, deep: bool = False) -> str:
        """What a layer has to hold to pass, at every level or in depth alone."""
        asked = self.layers[layer]
        rules = words.rules(limit_texts(asked.rule, asked.shape, deep=deep), asked.shape)
        own = words.thresholds(self.scenario.own_thresholds(asked))
        return words.bracketed(rules, own) if own else rules

    def of_phase(self, number: int) -> pd.DataFrame:
        """Stations that a phase opens."""
        return self.stations[self.stations[F.PHASE] == number]

    def failures(self) -> list[dict[Hashable, Any]]:
        """Gaps, then holes, outdoors at the phases after the state, with kind, size and unit."""
        gaps = self.plan.gaps.rename(columns={F.LENGTH_M: F.SIZE})
        holes = self.plan.holes.rename(columns={F.AREA_HA: F.SIZE})
        gaps = gaps.assign(**{F.KIND: "gap", F.UNIT: "m"})
        holes = holes.assign(**{F.KIND: "hole", F.UNIT: "ha"})
        rows = (row for table in (gaps, holes) for row in table.to_dict("records"))
        return [row for row in rows if row[F.PHASE] > 0 and row[F.LEVEL] == Level.OUTDOOR]

    def difficult(self) -> pd.DataFrame:
        """New sites whose failure would cost most, the costliest first."""
        new = self.stations[self.stations[F.IS_NEW] & (self.stations[F.LOST_POINTS] > 0)]
        keys = [F.LOST_POINTS, F.STATION_ID]
        return new.sort_values(keys, ascending=[False, True], kind="stable").head(DIFFICULT_ROWS)

    def public(self) -> pd.DataFrame:
        """Roofs and poles that the plan asks to be opened, one row a site."""
        is_public = self.stations[F.BUILD_TYPE].isin(PUBLIC_KINDS)
        return self.stations[self.stations[F.FIRST_HERE] & is_public]


def _stations(plan: Plan) -> pd.DataFrame:
    table = pd.DataFrame(plan.stations.drop(columns="geometry"))
    stations = table.iloc[plan.order].reset_index(drop=True)
    stations = stations.astype({F.RANK: "int64", F.PHASE: "int64"})

    # The office counts the subdistricts of the town as one.
    towns = plan.layers.towns
    is_urban = stations[F.TOWN].isin(towns.loc[towns[F.KIND] == "urban", F.NAME])
    urban_town = plan.scenario.district.urban_town
    stations[F.TOWN] = stations[F.TOWN].where(~is_urban, urban_town)

    stations[F.FIRST_HERE] = ~stations[F.SITE_ID].duplicated()
    stations[F.IS_NEW] = stations[F.BUILD_TYPE].isin(NEW_BUILDS)
    stations[F.IS_SHARED] = stations.groupby(F.SITE_ID)[F.NETWORK].transform("nunique") > 1

    layers = plan.scenario.layers
    losses = [F.loss_column(layer.name, level) for layer in layers for level in layer.judged_at]
    stations[F.LOST_POINTS] = stations[losses].sum(axis=1)
    return tables.REPORT_STATIONS.checked(stations)


def _verdict(rows: pd.DataFrame) -> Verdict:
    """The verdict of the networks of one layer and level at one phase, one row each."""
    counts, passes = rows[F.PASSING_COUNT], rows[F.PASSES]
    # one network that fails is enough to fail: to turn that, all that fail have to be near
    deciding = rows if passes.all() else rows[~passes]
    near = [(row[F.NETWORK], turning(row)) for row in deciding.to_dict("records")]
    turns = any(found for _, found in near) if passes.all() else all(found for _, found in near)
    return Verdict(
        passes=bool(passes.all()),
        failing=tuple(rows.loc[~passes, F.NETWORK]),
        hanging=tuple((name, found) for name, found in near if found) if turns else (),
        share=float(rows[F.SHARE].min()),
        passing_count=-1 if (counts < 0).any() else int(counts.max()),
    )


def key_line(plan: Plan, words: Language) -> str:
    """Whose paper it is: 方案编号, as every page and the file's properties say it."""
    return f"{words('plan_key')} {plan.short_key}"


def report_title(scenario: Scenario, words: Language) -> str:
    """Title of the report: the maps', without the word for a map at its end."""
    return words.name(scenario.titles).removesuffix(words("report.map_suffix"))


def sharing_rate(stations: pd.DataFrame) -> float:
    """新建站址共享率, per cent; NaN where nothing is built.

    Stations at a shared new site and co-located ones, as a share of these and of the stations at a
    new site of their own.
    """
    is_new = stations[F.IS_NEW]
    is_shared = (stations[F.BUILD_TYPE] == Build.CO_LOCATION) | (is_new & stations[F.IS_SHARED])
    counted = is_shared | is_new
    return float(100 * is_shared.sum() / counted.sum()) if counted.any() else float("nan")
