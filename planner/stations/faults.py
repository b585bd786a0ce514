"""What stands in the way of a plan before coverage is worked out.

Every fault of stations, counts, locks and radio is found, not only the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import fields as F
from planner import radio
from planner.errors import (
    InfeasibleError,
    InputError,
    Notice,
    PlannerError,
    Said,
    ScenarioError,
    ValidityError,
    nearest,
)
from planner.model import FloatArray, IntArray, Layers
from planner.scenario import Scenario
from planner.stations.notices import NOTICES

Lines = Mapping[str, tuple[str, int]]
"""File and line of each site, by ``site_id``."""


MOST_HEIGHTS = 12
"""Heights that a notice lists one by one."""


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
    yield from _unknown_stations(scenario, table)
    yield from _unknown_towns(scenario, layers, table)
    yield from _vetoes(table, fixed)
    yield from _state(scenario, table, lost)
    yield from _locks(scenario, table, fixed)
    yield from _counts(scenario, table, fixed)
    yield from _outside_models(scenario, table, _with_height(layers))
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
    """Each station of today has a band of its network."""
    bands = {network.name: network.bands for network in scenario.networks}
    for row in lost.to_dict("records"):
        file, line = lines.get(row[F.SITE_ID], (scenario.inputs.names("sites"), None))
        notice = NOTICES.notice(
            "band_of_other_network",
            file=file,
            line=line,
            value=row[F.BAND],
            name=row[F.NAME],
            site=row[F.SITE_ID],
            band=row[F.BAND],
            network=row[F.NETWORK],
            known=", ".join(bands.get(row[F.NETWORK], ())),
        )
        yield InputError.found(notice)


def _unknown_stations(scenario: Scenario, table: pd.DataFrame) -> Iterator[PlannerError]:
    """Each station that the review names exists."""
    known = sorted(table[F.STATION_ID].tolist())
    for station in sorted(scenario.review.station_ids - set(known)):
        near = nearest(station, known)
        notice = NOTICES.notice("unknown_station", value=station, station=station, near=near)
        yield ScenarioError.found(notice)


def _unknown_towns(
    scenario: Scenario, layers: Layers, table: pd.DataFrame
) -> Iterator[PlannerError]:
    """Each town that the review refuses or a limit counts exists; a limit knows names alone."""
    # urban units are no towns of their own: together they are the urban town
    is_urban = layers.towns[F.KIND] == "urban"
    known = {
        *table[F.TOWN].unique(),
        *layers.towns.loc[~is_urban, F.NAME],
        *layers.town_areas[F.NAME],
        scenario.district.urban_town,
    }
    refused = {*scenario.review.refused_towns} - layers.town_codes.keys()
    named = [("review.refused_towns", town) for town in sorted(refused)]
    named += [
        (f"limits.{limit.name}.towns", town) for limit in scenario.limits for town in limit.towns
    ]
    for key, town in named:
        if town not in known:
            notice = NOTICES.notice(
                "unknown_town",
                column=key,
                key=key,
                value=town,
                town=town,
                near=nearest(town, known),
                known=sorted(known),
            )
            yield ScenarioError.found(notice)


def _vetoes(table: pd.DataFrame, fixed: IntArray) -> Iterator[PlannerError]:
    """No station on air is vetoed."""
    on_air = table.iloc[fixed]
    for station in on_air.loc[on_air[F.EXCLUDED], F.STATION_ID]:
        yield ScenarioError.found(NOTICES.notice("veto_on_air", value=station, station=station))


def _state(scenario: Scenario, table: pd.DataFrame, lost: pd.DataFrame) -> Iterator[PlannerError]:
    """The state counts the stations that the site list holds as open."""
    state = scenario.phases[0]
    opened_since = table[F.STATION_ID].isin(scenario.review.opened.keys())
    n_listed = int(((table[F.STATE] == "open") & ~opened_since).sum())
    n_lost = int((lost[F.STATE] == "open").sum())

    found = n_listed + n_lost
    if found != state.stations:
        notice = NOTICES.notice("state_count", phase=state.name, count=state.stations, found=found)
        yield InfeasibleError.found(notice)


def _locks(scenario: Scenario, table: pd.DataFrame, fixed: IntArray) -> Iterator[PlannerError]:
    """Stations that are open, ready or locked fit the counts, and what is locked may be built."""
    opens_first = np.isin(np.arange(len(table)), fixed)
    due = table[F.STATION_ID].map(scenario.review.locked).mask(opens_first)
    for number, phase in enumerate(scenario.phases[1:], start=1):
        held = len(fixed) + int((due <= number).sum())
        if held > phase.stations:
            notice = NOTICES.notice(
                "locks_over_count", phase=phase.name, count=phase.stations, held=held
            )
            yield InfeasibleError.found(notice)

    for station in table.loc[due.notna() & table[F.EXCLUDED], F.STATION_ID]:
        notice = NOTICES.notice("lock_excluded", value=station, station=station)
        yield InfeasibleError.found(notice)


def _counts(scenario: Scenario, table: pd.DataFrame, fixed: IntArray) -> Iterator[PlannerError]:
    """Each phase counts no more stations than can be built by then."""
    is_usable = ~table[F.EXCLUDED].to_numpy()
    is_usable[fixed] = False
    last = len(scenario.phases) - 1
    for number, phase in enumerate(scenario.phases[1:], start=1):
        possible = len(fixed) + int((is_usable & (table[F.FIRST_PHASE] <= number)).sum())
        if possible >= phase.stations:
            continue

        name, count = phase.name, phase.stations
        if number == last:
            notice = NOTICES.notice(
                "count_over_possible/at_all", phase=name, count=count, possible=possible
            )
        else:
            notice = NOTICES.notice(
                "count_over_possible/by_date",
                phase=name,
                count=count,
                possible=possible,
                date=phase.date,
            )
        yield InfeasibleError.found(notice)


def _with_height(layers: Layers) -> set[str]:
    """Sites of which a list gives the height."""
    listed = pd.concat(
        [frame[[F.SITE_ID, F.HEIGHT_M]] for frame in (layers.sites, layers.candidates)]
    )
    return set(listed.loc[listed[F.HEIGHT_M].astype(float).notna(), F.SITE_ID])


def _outside_models(
    scenario: Scenario, table: pd.DataFrame, with_height: set[str]
) -> Iterator[PlannerError]:
    """Every link of a station lies within the model of its scene.

    A mast that a list gives is what it is: where no model is stated for it, its path loss is taken
    at the nearest height of one. The height of a scene is asked for, and refused.
    """
    refused: dict[_Refusal, list[pd.DataFrame]] = {}
    is_given = table["listed_at"].isin(with_height)
    for _, rows in table.groupby([F.SCENE, F.HEIGHT_M, F.BAND, is_given], sort=True):
        scene, height_m, band = rows[[F.SCENE, F.HEIGHT_M, F.BAND]].iloc[0]
        propagation = scenario.radio.scenes[scene].at(float(height_m))
        if not is_given[rows.index[0]]:
            propagation = propagation.model_copy(update={"h_bs_m": float(height_m)})
        refusal = _refusal(scenario, scene, propagation, band)
        if refusal is not None:
            refused.setdefault(refusal, []).append(rows)

    for refusal, frames in refused.items():
        yield ValidityError.found(_outside_model(refusal, pd.concat(frames).sort_index()))


class _Refusal(NamedTuple):
    """A link that the radio refuses: the notice that says so, and what is at fault."""

    code: str
    scene: str
    column: str
    value: str
    reason: Said


def _refusal(
    scenario: Scenario, scene: str, propagation: radio.Propagation, band: str
) -> _Refusal | None:
    """What the radio refuses of a kind of station, where it refuses it."""
    try:
        radio.link_budget(
            scenario.radio,
            scenario.bands[band],
            propagation,
            rsrp_dbm=scenario.levels.outdoor.rsrp_dbm,
        )
    except ValidityError as error:
        reason = _reason(error)
        if error.quantity == "f_ghz":
            f_ghz = scenario.bands[band].f_ghz
            return _Refusal(
                "outside_model/frequency", scene, f"bands.{band}.f_ghz", f"{f_ghz:g}", reason
            )
        if error.quantity == "h_ut_m":
            return _Refusal(
                "outside_model/terminal", scene, "", f"{scenario.radio.h_ut_m:g}", reason
            )
        if error.quantity == "ul_mbps":
            return _Refusal("outside_model/rate", scene, "", f"{scenario.radio.ul_mbps:g}", reason)
        height = f"{propagation.h_bs_m:g}"
        return _Refusal(
            "outside_model/height", scene, f"radio.scenes.{scene}.h_bs_m", height, reason
        )
    return None


def _outside_model(refusal: _Refusal, rows: pd.DataFrame) -> Notice:
    """What is said of the stations of a refusal, ``rows`` of the table."""
    sites = rows[F.SITE_ID].drop_duplicates()
    return NOTICES.notice(
        refusal.code,
        column=refusal.column,
        value=refusal.value,
        count=len(sites),
        first=str(sites.iloc[0]),
        scene=refusal.scene,
        bands=sorted(set(rows[F.BAND])),
        reason=refusal.reason,
    )


def _reason(error: PlannerError) -> Said:
    """What an error says, as part of a notice, which sets the full stop itself."""
    return Said(error.zh.removesuffix("。"), error.en.removesuffix("."))


def _antennas(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Iterator[PlannerError]:
    """Each band in use has a whole pattern, and a frequency whose exposure limit is known."""
    for band in sorted(table[F.BAND].unique()):
        try:
            layers.antenna_of(scenario, band)
        except PlannerError as error:
            reason, file = _reason(error), scenario.inputs.names("antennas")
            notice = NOTICES.notice("antenna_unusable", file=file, value=band, reason=reason)
            yield ValidityError.found(notice)
        try:
            radio.exposure_limit(scenario.bands[band].f_ghz)
        except ValidityError as error:
            reason, key = _reason(error), f"bands.{band}.f_ghz"
            notice = NOTICES.notice("outside_model/exposure", column=key, reason=reason)
            yield ValidityError.found(notice)


def unusual_state(scenario: Scenario, layers: Layers, table: pd.DataFrame) -> Iterator[Notice]:
    """What is unusual about the state and no error.

    Nothing is on air, a network has no station, no residents are known, or the path loss of a mast
    is not that of its scene's usual one.
    """
    on_air = set(table.loc[table[F.STATE] == "open", F.NETWORK].unique())
    offered = set(table.loc[~table[F.EXCLUDED], F.NETWORK].unique())
    if not on_air:
        yield NOTICES.notice("nothing_on_air")
    for network in scenario.networks:
        name, label = network.name, network.label
        if name not in offered:
            yield NOTICES.notice("network_without_stations", value=name, network=name, label=label)
        elif on_air and name not in on_air:
            yield NOTICES.notice("network_not_on_air", value=name, network=name, label=label)

    if not layers.people:
        yield NOTICES.notice("nobody_lives_here")
    yield from _usual_masts(table)
    yield from _unusual_masts(scenario, table)


def _usual_masts(table: pd.DataFrame) -> Iterator[Notice]:
    """Sites whose height in a list cannot be used, and the height that each scene gives them."""
    sites = table.drop_duplicates(F.SITE_ID)
    unusable = sites[[F.HEIGHT_M in doubts.split() for doubts in sites[F.DOUBTS]]]
    for (scene, height_m), rows in unusable.groupby([F.SCENE, F.HEIGHT_M], sort=True):
        yield NOTICES.notice("height_usual", count=len(rows), scene=scene, height=height_m)


def _unusual_masts(scenario: Scenario, table: pd.DataFrame) -> Iterator[Notice]:
    """Masts whose path loss is not that of the scene's usual one, a notice for each way and model.

    It is taken by a second source of the model, by another model, off its source, or at another
    height.
    """
    sites = table.drop_duplicates(F.SITE_ID)
    heights_m, models = sites[F.HEIGHT_M].to_numpy(), sites[F.MODEL].to_numpy()
    scenes = [scenario.radio.scenes[name] for name in sites[F.SCENE]]
    usual = np.array([scene.model for scene in scenes], dtype=object)
    pairs = zip(scenes, heights_m, strict=True)
    taken_m = np.array([scene.at(height_m).h_bs_m for scene, height_m in pairs])

    for name in sorted(set(models)):
        model, its = radio.MODELS[name], models == name
        low, high = model.valid.h_bs_m
        joined = its & (taken_m != model.h_bs_m) & (model.joint_db > 0)
        if joined.any():
            yield NOTICES.notice(
                "height_term",
                count=int(joined.sum()),
                heights=_listed_m(heights_m[joined]),
                model=name,
                source=model.source,
                usual=model.h_bs_m,
                gap=model.joint_db,
            )
        for scene in sorted(set(usual[its & (usual != name)])):
            handed = its & (usual == scene)
            yield NOTICES.notice(
                "height_of_other_model",
                count=int(handed.sum()),
                heights=_listed_m(heights_m[handed]),
                model=name,
                scene=scene,
            )
        off = its & ((taken_m < low) | (taken_m > high))
        if off.any():
            yield NOTICES.notice(
                "height_extended",
                count=int(off.sum()),
                heights=_listed_m(heights_m[off]),
                model=name,
                stated=f"{low:g}" if low == high else f"{low:g}-{high:g}",
            )
        nearest = its & (taken_m != heights_m)
        if nearest.any():
            yield NOTICES.notice(
                "height_outside_model",
                count=int(nearest.sum()),
                heights=_listed_m(heights_m[nearest]),
                model=name,
                taken=_listed_m(taken_m[nearest]),
            )


def _listed_m(heights_m: FloatArray) -> list[str]:
    """Different heights as a notice lists them; of many the least and the greatest."""
    found = [f"{height:g}" for height in np.unique(heights_m).tolist()]
    return found if len(found) <= MOST_HEIGHTS else [f"{found[0]}-{found[-1]}"]
