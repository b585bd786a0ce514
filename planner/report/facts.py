"""Figures of a plan as tables, maps and text ask for them; every one is read from the plan's own tables."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import Plan
from planner.radio.exposure import VERDICTS
from planner.scenario import Scenario
from planner.words import Language

NEW_BUILDS: Final = ("new_roof", "new_pole", "new_tower")
PUBLIC_KINDS: Final = {"new_roof": "roof", "new_pole": "pole"}  # site type by build type
BUILD_TYPES: Final = ("retrofit", "co_location", *NEW_BUILDS)
SCENES: Final = ("dense-urban", "urban", "township", "industrial", "rural")
SITING: Final = ("pass", "calculate", "consult", "forbidden")  # from mild to strict
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
    """A plan, looked up quickly. A phase is named by its number, 0 = the state.

    Attributes
    ----------
    plan, scenario
        The plan and what was asked.
    networks, layers
        Parts of the scenario by name.
    stations
        The plan's stations by rank: the columns of ``Plan.stations`` and ``number``, of the phase; ``town`` as the
        task table names it; ``first_here``, bool, the first station at its site; ``is_new``, bool, at a site that is
        newly built; ``is_shared``, bool, more than one network of the plan at its site; ``siting``, code of the
        verdict; ``lost``, points of all layers that the last phase loses without it.
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
        self.later = self.stations[self.stations["number"] > 0]
        asked = set(plan.verdicts[[F.LAYER, F.LEVEL]].itertuples(index=False, name=None))
        names = plan.scenario.layer_names
        self.pairs = [(layer, level) for level in F.LEVELS for layer in names if (layer, level) in asked]
        measures = plan.measures[["measure", F.LAYER, F.NETWORK, F.LEVEL]]
        keys = zip(phase_numbers(plan.scenario, plan.measures), *(measures[key] for key in measures), strict=True)
        self._values = dict(zip(keys, plan.measures["value"].tolist(), strict=True))
        verdicts = plan.verdicts.assign(number=phase_numbers(plan.scenario, plan.verdicts))
        grouped = verdicts.groupby(["number", F.LAYER, F.LEVEL], sort=False)
        self._verdicts = {key: _verdict(rows) for key, rows in grouped}
        self._first = plan.verdicts.drop_duplicates([F.LAYER, F.LEVEL]).set_index([F.LAYER, F.LEVEL])

    def value(self, number: int, measure: str, layer: str = "", network: str = "", level: str = "") -> float:
        """One figure of ``Plan.measures``; NaN where there is none."""
        return float(self._values.get((number, measure, layer, network, level), np.nan))

    def verdict(self, number: int, layer: str, level: str) -> Verdict:
        """The verdict of all networks together."""
        return self._verdicts[number, layer, level]

    def rule_text(self, layer: str, level: str, words: Language) -> str:
        """What a layer has to hold to pass."""
        code = next(code for code in words.chain if f"rule_{code}" in self._first)
        return str(self._first.loc[(layer, level), f"rule_{code}"])

    def of_phase(self, number: int) -> pd.DataFrame:
        """Stations that a phase opens."""
        return self.stations[self.stations["number"] == number]

    def failures(self) -> list[dict[Hashable, Any]]:
        """Gaps, then holes, outdoors at the phases after the state: also ``number``, ``kind``, ``size``, ``unit``."""
        gaps = self.plan.gaps.rename(columns={"length_m": "size"}).assign(kind="gap", unit="m")
        holes = self.plan.holes.rename(columns={"area_ha": "size"}).assign(kind="hole", unit="ha")
        tables = (part.assign(number=phase_numbers(self.scenario, part)) for part in (gaps, holes))
        rows = (row for table in tables for row in table.to_dict("records"))
        return [row for row in rows if row["number"] > 0 and row[F.LEVEL] == F.LEVELS[0]]

    def difficult(self) -> pd.DataFrame:
        """New sites whose failure would cost most, the costliest first."""
        new = self.stations[self.stations["is_new"] & (self.stations["lost"] > 0)]
        return new.sort_values(["lost", F.STATION_ID], ascending=[False, True], kind="stable").head(DIFFICULT_ROWS)

    def public(self) -> pd.DataFrame:
        """Roofs and poles that the plan asks to be opened, one row a site."""
        return self.stations[self.stations["first_here"] & self.stations[F.BUILD_TYPE].isin(PUBLIC_KINDS)]


def report_title(scenario: Scenario, words: Language) -> str:
    """Title of the report: the maps', without the word for a map at its end."""
    return words.name(scenario.titles).removesuffix(words("report.map_suffix"))


def loss_name(layer: str, level: str) -> str:
    """Column of ``Plan.stations`` with what a layer loses without the station."""
    return f"loss_{layer}_{level}"


def sharing_rate(stations: pd.DataFrame) -> float:
    """新建站址共享率, per cent: (new at a shared new site + co-located) / (these + new at a site of one's own)."""
    is_shared = (stations[F.BUILD_TYPE] == "co_location") | (stations["is_new"] & stations["is_shared"])
    counted = is_shared | stations["is_new"]
    return float(100 * is_shared.sum() / counted.sum()) if counted.any() else float("nan")


def phase_numbers(scenario: Scenario, table: pd.DataFrame) -> pd.Series:
    """Number of the phase of each row of one of the plan's tables."""
    return table[F.PHASE].map({phase.name: number for number, phase in enumerate(scenario.phases)})


def _siting_codes(stations: pd.DataFrame) -> pd.Series:
    texts = [text for text, _ in VERDICTS]
    return stations["siting_verdict"].map(dict(zip(texts, SITING, strict=True)))


def _stations(plan: Plan) -> pd.DataFrame:
    at = pd.DataFrame(plan.stations.drop(columns="geometry")).iloc[plan.order].reset_index(drop=True)
    urban = plan.layers.towns.loc[plan.layers.towns[F.KIND] == "urban", F.NAME]
    losses = [
        name for layer in plan.scenario.layer_names for level in F.LEVELS if (name := loss_name(layer, level)) in at
    ]
    return at.assign(
        number=phase_numbers(plan.scenario, at),
        town=at[F.TOWN].where(~at[F.TOWN].isin(urban), plan.scenario.district.urban_town),
        first_here=~at[F.SITE_ID].duplicated(),
        is_new=at[F.BUILD_TYPE].isin(NEW_BUILDS),
        is_shared=at.groupby(F.SITE_ID)[F.NETWORK].transform("nunique") > 1,
        siting=_siting_codes(at),
        lost=at[losses].fillna(0.0).sum(axis=1),
    )


def _verdict(rows: pd.DataFrame) -> Verdict:
    counts = rows["passing_count"]
    passes = rows["passes"].astype(bool)
    least = -1 if (counts < 0).any() else int(counts.max())
    return Verdict(bool(passes.all()), tuple(rows.loc[~passes, F.NETWORK]), float(rows["share"].min()), least)
