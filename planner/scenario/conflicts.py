"""Parts of a scenario that contradict each other: every conflict is found, not only the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from planner.errors import Notice
from planner.scenario.parts import BUILD_TYPES, ROAD_CLASSES, SCENES
from planner.scenario.reading import nearest

if TYPE_CHECKING:
    from planner.scenario.scenario import Scenario

OPEN_LAND: Final = "rural"
"""Scene of what lies outside every layer."""

SHARE_SLACK: Final = 1e-9


def find_conflicts(scenario: Scenario) -> Iterator[Notice]:
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


def _conflict(key: str, zh: str, en: str, fix_zh: str = "", fix_en: str = "") -> Notice:
    return Notice("conflicting_options", "E", zh, en, fix_zh, fix_en, column=key)


def _phases(scenario: Scenario) -> Iterator[Notice]:
    counts = list(scenario.counts)
    if any(later <= earlier for earlier, later in pairwise(counts)):
        yield _conflict(
            "phases",
            f"各期累计站数须逐期增加：{counts}",
            f"counts must grow from phase to phase: {counts}",
        )
    if any(later.date <= earlier.date for earlier, later in pairwise(scenario.phases)):
        yield _conflict("phases", "各期日期须逐期推后", "dates must grow from phase to phase")


def _names(scenario: Scenario) -> Iterator[Notice]:
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
            yield _conflict(key, f"须各不相同：{names}", f"must differ from each other: {names}")
    for shape in ("area", "road"):
        owner: dict[str, str] = {}
        for layer in (layer for layer in layers if layer.shape == shape):
            for kind in layer.kinds:
                if owner.setdefault(kind, layer.name) != layer.name:
                    yield _conflict(
                        f"layers.{layer.name}.kinds",
                        f"类别 {kind} 已属于图层 {owner[kind]}",
                        f"kind {kind} makes the layer {owner[kind]} already",
                    )


def _bands(scenario: Scenario) -> Iterator[Notice]:
    named = [(f"networks.{network.name}.bands", network.bands) for network in scenario.networks]
    named += [
        (f"layers.{layer.name}.outdoor_only_bands", layer.outdoor_only_bands)
        for layer in scenario.layers
    ]
    named.append(("siting.bands", tuple(scenario.siting.bands)))
    for key, bands in named:
        for band in bands:
            if band not in scenario.bands:
                yield _unknown(
                    key,
                    "频段",
                    "band",
                    band,
                    scenario.bands,
                    f"请在 bands 下写明 {band}。",
                    f"Write `{band}:` and its values under `bands`, `{{}}` for a known one.",
                )


def _layers(scenario: Scenario) -> Iterator[Notice]:
    last = len(scenario.phases) - 1
    for layer in scenario.layers:
        if (layer.must_hold_from or 1) > last:
            yield _conflict(
                f"layers.{layer.name}.must_hold_from",
                f"须为 1 至 {last}",
                f"must be the number of a phase, 1 to {last}",
            )
    for scene in dict.fromkeys([*(layer.scene for layer in scenario.layers), OPEN_LAND]):
        if scene not in scenario.capacity.workers_per_km2:
            yield _conflict(
                "capacity.workers_per_km2", f"缺少场景 {scene}", f"the scene {scene} is missing"
            )
        if scene not in scenario.radio.scenes:
            yield _conflict("radio.scenes", f"缺少场景 {scene}", f"the scene {scene} is missing")
        elif (model := scenario.radio.scenes[scene].model) not in scenario.radio.margin_db:
            yield _conflict(
                "radio.margin_db",
                f"缺少模型 {model} 的余量（dB），场景 {scene} 要用",
                f"no margin (dB) for the model {model} of the scene {scene}",
            )
    given = [layer.weight_share for layer in scenario.layers if layer.weight_share is not None]
    too_much = sum(given) > 1 + SHARE_SLACK
    if too_much or (len(given) == len(scenario.layers) and sum(given) < 1 - SHARE_SLACK):
        yield _conflict(
            "layers.weight_share",
            f"各图层 weight_share 之和须为 1，现为 {sum(given):g}",
            f"the layers' weight_share values must sum to 1, not {sum(given):g}",
        )


def _network_shares(scenario: Scenario) -> Iterator[Notice]:
    """Shares that do not sum to 1, or that leave nothing to a network without one."""
    total = sum(network.share or 0.0 for network in scenario.networks)
    blank = ", ".join(network.name for network in scenario.networks if network.share is None)
    fix = (
        "请在 networks 下改正 share；未写 share 的网络平分余下部分。",
        "Correct `share` under `networks`; networks without one divide the rest evenly.",
    )

    if blank and total > 1 - SHARE_SLACK:
        yield _conflict(
            "networks.share",
            f"已写 share 之和为 {total:g}，没有余下部分给 {blank}",
            f"the shares given sum to {total:g} and leave nothing to {blank}",
            *fix,
        )
    elif not blank and abs(total - 1) > SHARE_SLACK:
        yield _conflict(
            "networks.share",
            f"各网络 share 之和须为 1，现为 {total:g}",
            f"the networks' shares must sum to 1, not {total:g}",
            *fix,
        )


def _lengths(scenario: Scenario) -> Iterator[Notice]:
    demand, phases = scenario.demand, len(scenario.phases)
    later = "现状之后的每期", "phase after the state"
    for name, values, wanted, (zh, en) in (
        ("deep_weight", demand.deep_weight, phases - 1, later),
        ("phase_weight", demand.phase_weight, phases - 1, later),
        ("share_5g", demand.share_5g, phases, ("每期（含现状）", "phase, the state first")),
    ):
        if len(values) != wanted:
            yield _conflict(
                f"demand.{name}",
                f"须为{zh}各给一个值，共 {wanted} 个，现有 {len(values)} 个",
                f"needs one value for each {en}: {wanted}, not {len(values)}",
            )
        elif name == "phase_weight" and not any(values):
            yield _conflict(f"demand.{name}", "不能全为 0", "cannot be 0 throughout")


def _keys(scenario: Scenario) -> Iterator[Notice]:
    """Tables with a fixed set of keys: a key too many would do nothing, one that is missing leaves a hole."""
    siting = scenario.siting
    for key, given in (
        ("cost_wan", siting.cost_wan),
        ("effort", siting.effort),
        ("lead_days", siting.lead_days),
    ):
        yield from _foreign(f"siting.{key}", "建设方式", "build type", given, BUILD_TYPES)
        for name in BUILD_TYPES:
            if name not in given:
                yield _conflict(
                    f"siting.{key}", f"缺少建设方式 {name}", f"the build type {name} is missing"
                )
    setback = siting.rules.road_setback_m
    yield from _foreign(
        "siting.rules.road_setback_m", "公路等级", "road class", setback, ROAD_CLASSES
    )
    for key, table in (
        ("radio.scenes", scenario.radio.scenes),
        ("capacity.workers_per_km2", scenario.capacity.workers_per_km2),
        ("review.tolerance_m", scenario.review.tolerance_m),
    ):
        yield from _foreign(key, "场景", "scene", table, SCENES)


def _foreign(
    key: str, zh: str, en: str, given: Iterable[str], known: Iterable[str]
) -> Iterator[Notice]:
    for name in given:
        if name not in known:
            yield _unknown(key, zh, en, name, known)


def _unknown(key: str, zh: str, en: str, name: str, known: Iterable[str], *fix: str) -> Notice:
    near = nearest(name, known)
    return _conflict(
        key, f"{zh} {name} 未定义{near}", f"{en} {name} is not among {sorted(known)}{near}", *fix
    )


def _review(scenario: Scenario) -> Iterator[Notice]:
    review, last = scenario.review, len(scenario.phases) - 1
    for station, number in review.locked.items():
        if not 1 <= number <= last:
            yield _conflict(
                "review.locked",
                f"{station} 的期须在 1 到 {last} 之间",
                f"{station} must name a phase from 1 to {last}",
            )
    for station in sorted(set(review.vetoed) & (set(review.locked) | set(review.opened))):
        yield _conflict(
            "review.vetoed",
            f"{station} 既被否决又被锁定或已开通",
            f"{station} is both vetoed and locked or opened",
        )


def _pace(scenario: Scenario) -> Iterator[Notice]:
    if (pace := scenario.references.pace) is None:
        return
    years = [str(year) for year in scenario.years]
    if missing := [year for year in years if year not in pace.stations]:
        yield _conflict(
            "references.pace.stations",
            f"缺少年份 {', '.join(missing)}",
            f"the years {', '.join(missing)} are missing",
            "请补齐或删去 references.pace。",
            "Add them or leave references.pace out.",
        )
    elif len(years) > 1 and pace.stations[years[0]] >= pace.stations[years[-1]]:
        span = f"{years[0]}-{years[-1]}"
        yield _conflict(
            "references.pace.stations", f"{span} 年须增加", f"must grow over the years {span}"
        )


def _inputs(scenario: Scenario) -> Iterator[Notice]:
    if not scenario.inputs.boundary:
        yield _conflict(
            "inputs.boundary",
            "区界不能为空",
            "the district needs its boundary",
            "请填写区界面文件（GeoJSON、GeoPackage 或 Shapefile）的路径。",
            "Name a file with the district's polygon (GeoJSON, GeoPackage or Shapefile).",
        )
