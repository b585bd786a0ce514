"""What stands in the way of a plan before coverage is worked out: every fault of stations, counts, locks and radio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.errors import (
    InfeasibleError,
    InputError,
    Notice,
    PlannerError,
    ScenarioError,
    ValidityError,
)
from planner.model import IntArray, Layers
from planner.scenario import Scenario
from planner.scenario.reading import nearest

Lines = Mapping[str, tuple[str, int]]
"""File and line of each site, by ``site_id``."""


def find_faults(
    scenario: Scenario, layers: Layers, table: pd.DataFrame, fixed: IntArray, lines: Lines
) -> Iterator[PlannerError]:
    """Every fault, each an error with one notice.

    Parameters
    ----------
    scenario, layers
        What is asked and what is there.
    table
        Every station, after the decisions of reviewers.
    fixed
        Places of those that open first.
    lines
        Where the sites were listed, to be named.
    """
    lost = _lost(layers, table)
    yield from _bands(scenario, lost, lines)
    yield from _names(scenario, layers, table)
    yield from _vetoes(table, fixed)
    yield from _state(scenario, table, lost)
    yield from _locks(scenario, table, fixed)
    yield from _counts(scenario, table, fixed)
    yield from _heights(scenario, layers, table, lines)
    yield from _antennas(scenario, layers, table)


def _lost(layers: Layers, table: pd.DataFrame) -> pd.DataFrame:
    """Stations of today that the table does not hold: their network does not have their band."""
    keys = [F.SITE_ID, F.NETWORK, F.BAND]
    today = pd.DataFrame(layers.sites).drop(columns="geometry")
    standing = table[table[F.STATE] != "candidate"]
    # a station that moved stands under the id of its new site, but was found at its old one
    found = pd.MultiIndex.from_frame(standing.assign(**{F.SITE_ID: standing["listed_at"]})[keys])
    return today[~pd.MultiIndex.from_frame(today[keys]).isin(found)]


def _bands(scenario: Scenario, lost: pd.DataFrame, lines: Lines) -> Iterator[PlannerError]:
    bands = {network.name: network.bands for network in scenario.networks}
    for row in lost.to_dict("records"):
        file, line = lines.get(row[F.SITE_ID], (scenario.inputs.sites, None))
        name, network, band = row[F.NAME], row[F.NETWORK], row[F.BAND]
        yield InputError.found(
            Notice(
                "band_of_other_network",
                "E",
                f"现有基站 {name}（{row[F.SITE_ID]}）的频段 {band} 不在网络 {network} 的频段之列",
                f"the station of today {name} ({row[F.SITE_ID]}) is of band {band}, which its "
                f"network {network} lacks",
                f"请在情景的网络中加入该频段，现有：{', '.join(bands.get(network, ()))}。",
                f"Add the band to the network, which has: {', '.join(bands.get(network, ()))}.",
                file=file,
                line=line,
                column=F.BAND,
                value=band,
            )
        )


def _names(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Iterator[PlannerError]:
    """Stations and towns that the review names and that there are not."""
    known = sorted(table[F.STATION_ID])
    for station in sorted(scenario.review.station_ids - set(known)):
        near = nearest(station, known)
        yield ScenarioError.found(
            Notice(
                "unknown_station",
                "E",
                f"review 中的规划编号 {station!r} 不存在{near}",
                f"review names station {station!r}, which there is not{near}",
                column="review",
                value=station,
            )
        )
    towns, urban = layers.towns, layers.towns[F.KIND] == "urban"
    names = {
        *table[F.TOWN],
        *towns.loc[~urban, F.NAME],
        *layers.town_areas[F.NAME],
        scenario.district.urban_town,
    }
    for town in scenario.review.refused_towns:
        if town in names:
            continue
        near = nearest(town, names)
        yield ScenarioError.found(
            Notice(
                "unknown_town",
                "E",
                f"review.refused_towns 中的镇（街道）{town!r} 不存在{near}",
                f"review.refused_towns names {town!r}, which there is not{near}",
                f"可用：{'、'.join(sorted(names))}。",
                f"Use one of: {', '.join(sorted(names))}.",
                column="review.refused_towns",
                value=town,
            )
        )


def _vetoes(table: pd.DataFrame, fixed: IntArray) -> Iterator[PlannerError]:
    on_air = table.iloc[fixed]
    for station in on_air.loc[on_air[F.EXCLUDED], F.STATION_ID]:
        yield ScenarioError.found(
            Notice(
                "veto_on_air",
                "E",
                f"{station} 已开通，不能否决",
                f"{station} is on air and cannot be vetoed",
                "请从 review.vetoed 中删除。",
                "Take it out of review.vetoed.",
                column="review.vetoed",
                value=station,
            )
        )


def _state(scenario: Scenario, table: pd.DataFrame, lost: pd.DataFrame) -> Iterator[PlannerError]:
    """The state counts the stations that the site list holds as open."""
    state, since = scenario.phases[0], table[F.STATION_ID].isin(scenario.review.opened.keys())
    n_open = int(((table[F.STATE] == "open") & ~since).sum()) + int((lost[F.STATE] == "open").sum())
    if n_open != state.stations:
        yield InfeasibleError.found(
            Notice(
                "state_count",
                "E",
                f"“{state.name}”为 {state.stations} 站，而站址表中已开通 {n_open} 站",
                f"phase {state.name} counts {state.stations} stations, but the site list holds "
                f"{n_open} open ones",
                "请改正其一。",
                "Correct one of them.",
                column="phases",
            )
        )


def _locks(scenario: Scenario, table: pd.DataFrame, fixed: IntArray) -> Iterator[PlannerError]:
    """Stations that are open, ready or locked fit the counts, and what is locked may be built."""
    open_first = np.isin(np.arange(len(table)), fixed)
    due = table[F.STATION_ID].map(scenario.review.locked).mask(open_first)
    for phase, number in zip(scenario.phases[1:], range(1, len(scenario.phases)), strict=True):
        held = len(fixed) + int((due <= number).sum())
        if held > phase.stations:
            yield InfeasibleError.found(
                Notice(
                    "locks_over_count",
                    "E",
                    f"至“{phase.name}”已开通、已改造和锁定的共 {held} 站，超过该期的 "
                    f"{phase.stations} 站",
                    f"{held} stations are open, ready or locked by phase {phase.name}, which "
                    f"counts {phase.stations}",
                    "请提高该期站数或解除锁定。",
                    "Either raise its count or lift a lock.",
                    column="phases",
                )
            )
    for station in table.loc[due.notna() & table[F.EXCLUDED], F.STATION_ID]:
        yield InfeasibleError.found(
            Notice(
                "lock_excluded",
                "E",
                f"锁定的 {station} 不可建（禁建区、否决或首期限制）",
                f"the locked {station} may not be built: in a keep-out, refused, or its band comes "
                f"too late",
                "请解除锁定。",
                "Lift the lock.",
                column="review.locked",
                value=station,
            )
        )


def _counts(scenario: Scenario, table: pd.DataFrame, fixed: IntArray) -> Iterator[PlannerError]:
    """Each phase counts no more stations than can be built by then."""
    usable = ~table[F.EXCLUDED].to_numpy()
    usable[fixed] = False
    last = len(scenario.phases) - 1
    for number, phase in enumerate(scenario.phases[1:], start=1):
        possible = len(fixed) + int((usable & (table[F.FIRST_PHASE] <= number)).sum())
        if possible >= phase.stations:
            continue
        if number == last:
            zh, en = f"可建站点只有 {possible} 个", f"only {possible} can be built"
            fix = "请减少站数或增加候选站址。", "Lower the count or add candidate sites."
        else:
            zh = f"到 {phase.date} 只有 {possible} 个能建成"
            en = f"only {possible} can be ready by {phase.date}"
            fix = (
                "请减少站数、推后日期或核对 siting.lead_days 与 siting.bands 的首期。",
                (
                    "Lower the count, move its date, or see siting.lead_days and the first phase of "
                    "bands."
                ),
            )
        yield InfeasibleError.found(
            Notice(
                "count_over_possible",
                "E",
                f"“{phase.name}”要求 {phase.stations} 站，{zh}",
                f"phase {phase.name} asks for {phase.stations} stations, but {en}",
                *fix,
                column="phases",
            )
        )


def _heights(
    scenario: Scenario, layers: Layers, table: pd.DataFrame, lines: Lines
) -> Iterator[PlannerError]:
    """Each kind of station has a link budget: its height and frequency lie within the model of its scene."""
    listed = pd.concat(
        [layers.sites[[F.SITE_ID, F.HEIGHT_M]], layers.candidates[[F.SITE_ID, F.HEIGHT_M]]]
    )
    own = set(listed.loc[listed[F.HEIGHT_M].astype(float).notna(), F.SITE_ID])
    for _, rows in table.groupby([F.SCENE, F.HEIGHT_M], sort=True):
        scene, height = str(rows[F.SCENE].iloc[0]), float(rows[F.HEIGHT_M].iloc[0])
        for (zh, en), bands in _refusals(
            scenario, scene, height, sorted(set(rows[F.BAND]))
        ).items():
            sites = rows.drop_duplicates(F.SITE_ID)
            given = sites[sites[F.SITE_ID].isin(own)]
            first = str((given if len(given) else sites)[F.SITE_ID].iloc[0])
            file, line = lines.get(first, ("", None)) if len(given) else ("", None)
            yield ValidityError.found(
                Notice(
                    "outside_model",
                    "E",
                    f"{len(sites)} 处站址（首个 {first}，场景 {scene}，频段 {'、'.join(bands)}）："
                    f"{zh}",
                    f"{len(sites)} sites (first {first}, scene {scene}, band {', '.join(bands)}): "
                    f"{en}",
                    "请核实挂高和频率，或设 radio.extended_heights。",
                    "Check height and frequency, or see radio.extended_heights.",
                    file=file,
                    line=line,
                    column=F.HEIGHT_M if len(given) else f"radio.scenes.{scene}",
                    value=f"{height:g}",
                )
            )


def _refusals(
    scenario: Scenario, scene: str, height_m: float, bands: list[str]
) -> dict[tuple[str, str], list[str]]:
    """What the radio refuses of a kind of station, with the bands it refuses it for."""
    said: dict[tuple[str, str], list[str]] = {}
    for band in bands:
        try:
            radio.link_budget(
                scenario.radio,
                scenario.bands[band],
                scenario.radio.scenes[scene],
                "outdoor",
                rsrp_dbm=scenario.levels.outdoor.rsrp_dbm,
                h_bs_m=height_m,
            )
        except ValidityError as error:
            said.setdefault((error.zh, error.en), []).append(band)
    return said


def _antennas(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Iterator[PlannerError]:
    """Each band in use has a whole pattern, and a frequency whose exposure limit is known."""
    for band in sorted(set(table[F.BAND])):
        try:
            layers.antenna_of(scenario, band)
        except PlannerError as error:
            yield ValidityError.found(
                Notice(
                    "antenna_unusable",
                    "E",
                    error.zh,
                    error.en,
                    file=scenario.inputs.antennas,
                    column="band",
                    value=band,
                )
            )
        try:
            radio.exposure_limit(scenario.bands[band].f_ghz)
        except ValidityError as error:
            yield ValidityError.found(
                Notice("outside_model", "E", error.zh, error.en, column=f"bands.{band}.f_ghz")
            )


def unusual_state(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Iterator[Notice]:
    """What is unusual about the state and no error: nothing on air, a network without a station, no residents."""
    on_air = set(table.loc[table[F.STATE] == "open", F.NETWORK])
    offered = set(table.loc[~table[F.EXCLUDED], F.NETWORK])
    if not on_air:
        yield Notice(
            "nothing_on_air",
            "W",
            "现状没有已开通的基站，从零开始规划",
            "no station is on air: the plan begins from nothing",
            column="inputs.sites",
        )
    for network in scenario.networks:
        if network.name not in offered:
            yield Notice(
                "network_without_stations",
                "W",
                f"网络 {network.label}（{network.name}）没有任何可建站点，各期均为 0 站",
                f"the network {network.name} has no station that may be built: it stays at 0 in "
                f"every phase",
                "请核对频段的首期、站址类型和建设工期。",
                "See first phase and site types of its bands, and lead times.",
                column="networks",
                value=network.name,
            )
        elif on_air and network.name not in on_air:
            yield Notice(
                "network_not_on_air",
                "W",
                f"网络 {network.label}（{network.name}）现状没有已开通的基站",
                f"the network {network.name} has no station on air",
                column="networks",
                value=network.name,
            )
    if (
        not layers.towns[F.PEOPLE].astype(float).sum()
        and not layers.population[F.PEOPLE].astype(float).sum()
    ):
        yield Notice(
            "nobody_lives_here",
            "W",
            "没有人口数据：需求只按面积和里程计权，每万人指标为空",
            "no residents are given: demand is weighed by ground alone, figures per 10,000 people "
            "stay blank",
            column="inputs.population",
        )
