"""Parts of a scenario that contradict each other: all of them, not only the first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from planner.errors import CONTROL, Notice, Said, nearest
from planner.radio import NOT_IN_OPEN_LAND, WALLS
from planner.scenario.contents import Contents
from planner.scenario.notices import NOTICES, TERMS
from planner.scenario.parts import BUILD_TYPES, FIRST_BUILD, ROAD_CLASSES, SCENES

OPEN_LAND: Final = "rural"
"""Scene of what lies outside every layer."""

SHARE_SLACK: Final = 1e-9


def find_conflicts(scenario: Contents) -> Iterator[Notice]:
    """Every conflict, as an error that names the key."""
    yield from _texts(scenario.model_dump(mode="json"))
    yield from _phases(scenario)
    yield from _names(scenario)
    yield from _bands(scenario)
    yield from _firm_phases(scenario)
    yield from _scenes(scenario)
    yield from _walls(scenario)
    yield from _weight_shares(scenario)
    yield from _network_shares(scenario)
    yield from _lengths(scenario)
    yield from _limits(scenario)
    yield from _build_types(scenario)
    yield from _keys(scenario)
    yield from _review(scenario)
    yield from _pace(scenario)
    yield from _inputs(scenario)


def _texts(tree: Any, key: str = "") -> Iterator[Notice]:
    """No text holds what no document can hold."""
    if isinstance(tree, str):
        if re.search(CONTROL, tree):
            yield NOTICES.notice("control_character", column=key, value=tree)
        return
    parts = enumerate(tree) if isinstance(tree, list) else ()
    for name, part in tree.items() if isinstance(tree, dict) else parts:
        yield from _texts(str(name))
        yield from _texts(part, f"{key}.{name}".removeprefix("."))


def _phases(scenario: Contents) -> Iterator[Notice]:
    """Counts and dates grow from phase to phase."""
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
        ("limits", [limit.name for limit in scenario.limits]),
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


def _firm_phases(scenario: Contents) -> Iterator[Notice]:
    """The phase from which a layer must hold exists."""
    last = len(scenario.phases) - 1
    for layer in scenario.layers:
        if layer.must_hold_from is not None and layer.must_hold_from > last:
            key = f"layers.{layer.name}.must_hold_from"
            yield NOTICES.notice("conflicting_options/must_hold_from", column=key, last=last)


def _scenes(scenario: Contents) -> Iterator[Notice]:
    """Each scene in use, open land too, has workers and radio."""
    workers = scenario.capacity.workers_per_km2
    scenes = scenario.radio.scenes
    for scene in dict.fromkeys([*(layer.scene for layer in scenario.layers), OPEN_LAND]):
        for key, table in (("capacity.workers_per_km2", workers), ("radio.scenes", scenes)):
            if scene not in table:
                yield NOTICES.notice("conflicting_options/scene_missing", column=key, scene=scene)


def _walls(scenario: Contents) -> Iterator[Notice]:
    """The walls that a layer names are known, have a loss in each band, and fit its scene."""
    radio = scenario.radio
    for name in (name for name in radio.walls if name in WALLS):
        yield NOTICES.notice("conflicting_options/wall_taken", column=f"radio.walls.{name}")

    bands = {band for network in scenario.networks for band in network.bands}
    for layer in (layer for layer in scenario.layers if layer.deep == "indoor"):
        known, key = [*WALLS, *radio.walls], f"layers.{layer.name}.wall"
        if layer.wall not in known:
            yield NOTICES.notice(
                "conflicting_options/unknown_wall",
                column=key,
                name=layer.wall,
                known=", ".join(known),
                near=nearest(layer.wall, known),
            )
        elif layer.wall in radio.walls:
            lacking = sorted(bands - radio.walls[layer.wall].loss_db.keys())
            if lacking:
                yield NOTICES.notice(
                    "conflicting_options/wall_band",
                    column=f"radio.walls.{layer.wall}.loss_db",
                    bands=", ".join(lacking),
                )
        elif (
            layer.wall == NOT_IN_OPEN_LAND
            and layer.scene in radio.scenes
            and not scenario.is_built(layer.scene)
        ):
            model = radio.scenes[layer.scene].model
            yield NOTICES.notice("conflicting_options/wall_in_open_land", column=key, model=model)


def _weight_shares(scenario: Contents) -> Iterator[Notice]:
    """Shares of the layers sum to 1, or to less where layers without one divide the rest."""
    given = [layer.weight_share for layer in scenario.layers if layer.weight_share is not None]
    total = sum(given)
    all_given = 0 < len(given) == len(scenario.layers)
    # what is left for the others must be something, else they would weigh nothing
    most = 1 + SHARE_SLACK if all_given else 1 - SHARE_SLACK
    if total > most or (all_given and total < 1 - SHARE_SLACK):
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
    """Values that are given for each phase: one for each of them; not every weight is 0."""
    demand = scenario.demand
    later = len(scenario.phases) - 1  # all but the state
    yield from _length("deep_weight", demand.deep_weight, later, TERMS["later_phase"])
    yield from _length("phase_weight", demand.phase_weight, later, TERMS["later_phase"])
    if len(demand.phase_weight) == later and not any(demand.phase_weight):
        yield NOTICES.notice("conflicting_options/all_zero", column="demand.phase_weight")
    yield from _length("share_5g", demand.share_5g, later + 1, TERMS["each_phase"])


def _length(name: str, values: Sequence[float], wanted: int, each: Said) -> Iterator[Notice]:
    """A list of demand has as many values as are wanted, one for each."""
    if len(values) != wanted:
        yield NOTICES.notice(
            "conflicting_options/length",
            column=f"demand.{name}",
            each=each,
            wanted=wanted,
            given=len(values),
        )


def _limits(scenario: Contents) -> Iterator[Notice]:
    """Limits name what there is, have ends that do not cross, and prices known beforehand."""
    phases = scenario.phases[1:]
    for limit in scenario.limits:
        key = f"limits.{limit.name}"
        yield from _foreign(
            f"{key}.networks", TERMS["network"], limit.networks, scenario.network_names
        )
        yield from _foreign(f"{key}.site_types", TERMS["site_type"], limit.site_types, FIRST_BUILD)

        wrong = False
        for end in ("least", "most", "budget"):
            given = len(getattr(limit, end))
            if given not in (0, 1, len(phases)):
                wrong = True
                yield NOTICES.notice(
                    "conflicting_options/length",
                    column=f"{key}.{end}",
                    each=TERMS["later_phase"],
                    wanted=len(phases),
                    given=given,
                )
        if not (limit.least or limit.most or limit.budget):
            yield NOTICES.notice("conflicting_options/limit_without_end", column=key)
        if not wrong and limit.least and limit.most:
            ends = (limit.ends(end, len(phases)) for end in ("least", "most"))
            for phase, least, most in zip(phases, *ends, strict=True):
                if least is not None and most is not None and least > most:
                    yield NOTICES.notice(
                        "conflicting_options/limit_crossed",
                        column=key,
                        phase=phase.name,
                        least=least,
                        most=most,
                    )
        siting = scenario.siting
        if limit.budget and siting.mean_cost_wan is not None and siting.cost_scale is None:
            yield NOTICES.notice("conflicting_options/budget_unscaled", column=f"{key}.budget")


def _build_types(scenario: Contents) -> Iterator[Notice]:
    """Tables by build type hold each of them and nothing else."""
    siting = scenario.siting
    for name, table in (
        ("cost_wan", siting.cost_wan),
        ("effort", siting.effort),
        ("lead_days", siting.lead_days),
    ):
        key = f"siting.{name}"
        yield from _foreign(key, TERMS["build_type"], table, BUILD_TYPES)
        for build in BUILD_TYPES:
            if build not in table:
                yield NOTICES.notice(
                    "conflicting_options/build_type_missing", column=key, name=build
                )


def _keys(scenario: Contents) -> Iterator[Notice]:
    """Tables by road class and by scene hold nothing else: such a key would do nothing."""
    setback_m = scenario.siting.rules.road_setback_m
    key = "siting.rules.road_setback_m"
    yield from _foreign(key, TERMS["road_class"], setback_m, ROAD_CLASSES)

    for key, table in (
        ("radio.scenes", scenario.radio.scenes),
        ("capacity.workers_per_km2", scenario.capacity.workers_per_km2),
        ("review.tolerance_m", scenario.review.tolerance_m),
    ):
        yield from _foreign(key, TERMS["scene"], table, SCENES)
    spacings = scenario.siting.stock_spacing_m
    yield from _foreign("siting.stock_spacing_m", TERMS["scene"], spacings, (*SCENES, "street"))


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
    """The pace of a wider area is known for each year in which the last phase is built, and grows.

    These are the years that the plan is compared with it.
    """
    pace = scenario.references.pace
    if pace is None:
        return
    years = [str(year) for year in scenario.years]
    if missing := [year for year in years if year not in pace.stations]:
        yield NOTICES.notice("conflicting_options/pace_years", years=", ".join(missing))
    elif len(years) > 1 and pace.stations[years[0]] >= pace.stations[years[-1]]:
        yield NOTICES.notice("conflicting_options/pace_growth", years=f"{years[0]}-{years[-1]}")


def _inputs(scenario: Contents) -> Iterator[Notice]:
    """The boundary is named: without it nothing can be placed."""
    if not scenario.inputs.boundary:
        yield NOTICES.notice("conflicting_options/no_boundary")
