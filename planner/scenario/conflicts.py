"""Parts of a scenario that contradict each other: all of them, not only the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from planner.errors import Notice, Said
from planner.scenario.contents import Contents
from planner.scenario.notices import NOTICES, TERMS
from planner.scenario.parts import BUILD_TYPES, ROAD_CLASSES, SCENES
from planner.scenario.reading import nearest

OPEN_LAND: Final = "rural"
"""Scene of what lies outside every layer."""

SHARE_SLACK: Final = 1e-9


def find_conflicts(scenario: Contents) -> Iterator[Notice]:
    """Every conflict, as an error that names the key."""
    yield from _phases(scenario)
    yield from _names(scenario)
    yield from _bands(scenario)
    yield from _layers(scenario)
    yield from _network_shares(scenario)
    yield from _lengths(scenario)
    yield from _keys(scenario)
    yield from _review(scenario)
    yield from _pace(scenario)
    yield from _inputs(scenario)


def _phases(scenario: Contents) -> Iterator[Notice]:
    counts = list(scenario.counts)
    if any(later <= earlier for earlier, later in pairwise(counts)):
        yield NOTICES.notice("conflicting_options/counts", counts=str(counts))
    if any(later.date <= earlier.date for earlier, later in pairwise(scenario.phases)):
        yield NOTICES.notice("conflicting_options/dates")


def _names(scenario: Contents) -> Iterator[Notice]:
    """Names differ from each other, and a kind of feature belongs to one layer."""
    networks, layers = scenario.networks, scenario.layers
    for key, names in (
        ("phases", [phase.name for phase in scenario.phases]),
        ("networks", [network.name for network in networks]),
        ("networks.code", [network.code for network in networks]),
        ("networks.label", [network.label for network in networks]),
        ("layers", [layer.name for layer in layers]),
        *((f"networks.{network.name}.bands", list(network.bands)) for network in networks),
    ):
        if len(set(names)) < len(names):
            yield NOTICES.notice("conflicting_options/names", column=key, names=str(names))

    for shape in ("area", "road"):
        owner: dict[str, str] = {}
        for layer in (layer for layer in layers if layer.shape == shape):
            for kind in layer.kinds:
                first = owner.setdefault(kind, layer.name)
                if first != layer.name:
                    yield NOTICES.notice(
                        "conflicting_options/kind_taken",
                        column=f"layers.{layer.name}.kinds",
                        kind=kind,
                        layer=first,
                    )


def _bands(scenario: Contents) -> Iterator[Notice]:
    """Each band that is named is defined."""
    named = [(f"networks.{network.name}.bands", network.bands) for network in scenario.networks]
    named += [
        (f"layers.{layer.name}.outdoor_only_bands", layer.outdoor_only_bands)
        for layer in scenario.layers
    ]
    named.append(("siting.bands", tuple(scenario.siting.bands)))
    for key, bands in named:
        for band in bands:
            if band not in scenario.bands:
                yield NOTICES.notice(
                    "conflicting_options/unknown_band",
                    column=key,
                    name=band,
                    known=str(sorted(scenario.bands)),
                    near=nearest(band, scenario.bands),
                )


def _layers(scenario: Contents) -> Iterator[Notice]:
    """Phases, scenes and shares of layers exist and fit."""
    last = len(scenario.phases) - 1
    for layer in scenario.layers:
        if (layer.must_hold_from or 1) > last:
            key = f"layers.{layer.name}.must_hold_from"
            yield NOTICES.notice("conflicting_options/must_hold_from", column=key, last=last)

    workers, scenes = scenario.capacity.workers_per_km2, scenario.radio.scenes
    for scene in dict.fromkeys([*(layer.scene for layer in scenario.layers), OPEN_LAND]):
        for key, table in (("capacity.workers_per_km2", workers), ("radio.scenes", scenes)):
            if scene not in table:
                yield NOTICES.notice("conflicting_options/scene_missing", column=key, scene=scene)
        if scene in scenes and (model := scenes[scene].model) not in scenario.radio.margin_db:
            yield NOTICES.notice("conflicting_options/margin_missing", model=model, scene=scene)

    # layers without a share divide what is left, so only too much is wrong while there are some
    given = [layer.weight_share for layer in scenario.layers if layer.weight_share is not None]
    total = sum(given)
    is_whole = len(given) == len(scenario.layers)
    if total > 1 + SHARE_SLACK or (is_whole and total < 1 - SHARE_SLACK):
        yield NOTICES.notice("conflicting_options/weight_shares", total=total)


def _network_shares(scenario: Contents) -> Iterator[Notice]:
    """Shares that do not sum to 1, or that leave nothing to a network without one."""
    total = sum(network.share or 0.0 for network in scenario.networks)
    blank = ", ".join(network.name for network in scenario.networks if network.share is None)

    if blank and total > 1 - SHARE_SLACK:
        yield NOTICES.notice("conflicting_options/shares_left", total=total, blank=blank)
    elif not blank and abs(total - 1) > SHARE_SLACK:
        yield NOTICES.notice("conflicting_options/network_shares", total=total)


def _lengths(scenario: Contents) -> Iterator[Notice]:
    """Values that are given for each phase: one for each of them."""
    demand, phases = scenario.demand, len(scenario.phases)
    for name, values, wanted, term in (
        ("deep_weight", demand.deep_weight, phases - 1, "later_phase"),
        ("phase_weight", demand.phase_weight, phases - 1, "later_phase"),
        ("share_5g", demand.share_5g, phases, "each_phase"),
    ):
        if len(values) != wanted:
            yield NOTICES.notice(
                "conflicting_options/length",
                column=f"demand.{name}",
                each=TERMS[term],
                wanted=wanted,
                given=len(values),
            )
        elif name == "phase_weight" and not any(values):
            yield NOTICES.notice("conflicting_options/all_zero", column=f"demand.{name}")


def _keys(scenario: Contents) -> Iterator[Notice]:
    """Tables with a fixed set of keys.

    A key too many would do nothing, one that is missing leaves a hole.
    """
    siting = scenario.siting
    for key, given in (
        ("cost_wan", siting.cost_wan),
        ("effort", siting.effort),
        ("lead_days", siting.lead_days),
    ):
        where = f"siting.{key}"
        yield from _foreign(where, TERMS["build_type"], given, BUILD_TYPES)
        for name in BUILD_TYPES:
            if name not in given:
                yield NOTICES.notice(
                    "conflicting_options/build_type_missing", column=where, name=name
                )

    setback_m = siting.rules.road_setback_m
    where = "siting.rules.road_setback_m"
    yield from _foreign(where, TERMS["road_class"], setback_m, ROAD_CLASSES)

    for key, table in (
        ("radio.scenes", scenario.radio.scenes),
        ("capacity.workers_per_km2", scenario.capacity.workers_per_km2),
        ("review.tolerance_m", scenario.review.tolerance_m),
    ):
        yield from _foreign(key, TERMS["scene"], table, SCENES)


def _foreign(key: str, what: Said, given: Iterable[str], known: Iterable[str]) -> Iterator[Notice]:
    """Keys of a table that are not among the known ones."""
    for name in given:
        if name not in known:
            yield NOTICES.notice(
                "conflicting_options/unknown_name",
                column=key,
                what=what,
                name=name,
                known=str(sorted(known)),
                near=nearest(name, known),
            )


def _review(scenario: Contents) -> Iterator[Notice]:
    """Decisions name phases that there are, and do not contradict each other."""
    review, last = scenario.review, len(scenario.phases) - 1
    for station, number in review.locked.items():
        if not 1 <= number <= last:
            yield NOTICES.notice("conflicting_options/locked_phase", station=station, last=last)
    for station in sorted(set(review.vetoed) & (set(review.locked) | set(review.opened))):
        yield NOTICES.notice("conflicting_options/vetoed_too", station=station)


def _pace(scenario: Contents) -> Iterator[Notice]:
    """The pace of a wider area is known for the years that are compared, and grows."""
    pace = scenario.references.pace
    if pace is None:
        return
    years = [str(year) for year in scenario.years]
    if missing := [year for year in years if year not in pace.stations]:
        yield NOTICES.notice("conflicting_options/pace_years", years=", ".join(missing))
    elif len(years) > 1 and pace.stations[years[0]] >= pace.stations[years[-1]]:
        yield NOTICES.notice("conflicting_options/pace_growth", years=f"{years[0]}-{years[-1]}")


def _inputs(scenario: Contents) -> Iterator[Notice]:
    if not scenario.inputs.boundary:
        yield NOTICES.notice("conflicting_options/no_boundary")
