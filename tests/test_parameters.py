"""Every parameter of a scenario does something: it changes a result, is refused or is shown.

The walk goes over the classes, so that a new parameter is asked too. A parameter is looked for
where it is cheapest: in the demand and the stations (which are tables of the plan), then in the
coverage, then in everything that is shown.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import planner
from planner import exports, optimise, pipeline
from planner.errors import PlannerError
from planner.maps.payload import payload
from planner.model import Model, Plan
from planner.parameters import Part
from planner.report.facts import Facts
from planner.report.story import story
from planner.report.tables import make_tables
from planner.scenario import InputFile, Scenario
from planner.words import language as words_of
from tests.optimise.test_solve import medium
from tests.report.conftest import REFERENCES
from tests.toy import SCENARIO, write_contents, write_toy_county

# Where the walk meets a list or a table of parts: which one of the toy county it looks at.
CHOSEN = {
    "phases": 1, "networks": 0, "layers": 0, "bands": "n41", "radio.scenes": "urban",
    "radio.walls": "brick",
    "siting.bands": "n28", "references.indicators": "sharing", "review.moved": "",
    "review.proposed": 0, "inputs.areas": 1, "limits": 0,
}  # fmt: skip

# What nobody judges by: it has to be read in what is shown.
LABELS = {
    "name", "district.name", "district.name_en", "district.city", "titles.title", "titles.title_en",
    "titles.compiled_by", "titles.client", "titles.secrecy", "titles.review_number",
    "phases.name_en", "networks.label", "networks.label_en", "networks.operators", "layers.label",
    "layers.label_en", "bands.label_zh", "bands.label_en", "district.urban_town",
    "limits.label", "limits.label_en",
}  # fmt: skip

# What only the review of a plan reads: tests/review tests the first two; a day of delivery
# is kept as a record.
REVIEWED = {"review.churn_price", "review.tolerance_m", "review.delivered"}

# What shows only beside another choice: both the scenario and the one that is changed begin from
# these changes.
BARE = {"state": "first", "network": "telecom-unicom"}
"""What the bare list of the base leaves to the scenario."""
BRICK = {
    "radio": {
        "walls": {"brick": {"loss_db": {"n28": 9.0, "n41": 12.0, "n78": 14.0}, "sigma_db": 5.0}}
    },
    "layers": [SCENARIO["layers"][0] | {"wall": "brick"}, *SCENARIO["layers"][1:]],
}
CONTEXT: Mapping[str, dict[str, Any]] = {
    "defaults.state": {"inputs": {"sites": "bare.csv"}, "defaults": BARE},
    "defaults.network": {"inputs": {"sites": "bare.csv"}, "defaults": BARE},
    "defaults.site_type": {
        "inputs": {"sites": "bare.csv"},
        "defaults": {**BARE, "site_type": "roof"},
    },
    "aliases": {"inputs": {"sites": "bare.csv"}, "defaults": BARE},
    "bands.antenna.mechanical_tilt_max_deg": {
        "bands": {
            band: {"antenna": {"electrical_tilt_max_deg": 2.0}} for band in ("n28", "n41", "n78")
        }
    },
    "radio.ul_interference_db": {"radio": {"ul_mbps": 5.0}},
    "radio.gnb_noise_figure_db": {"radio": {"ul_mbps": 5.0}},
    **dict.fromkeys(("radio.walls.loss_db", "radio.walls.sigma_db"), BRICK),
    "inputs.datum": {"inputs": {"manifest": "nowhere.csv"}},
    "layers.radius_m": {
        "inputs": {"areas": ["areas.geojson", {"file": "schools.csv", "kind": "urban_core"}]},
        "layers": [SCENARIO["layers"][0] | {"radius_m": 300.0}, *SCENARIO["layers"][1:]],
    },
    **{
        f"inputs.areas.{name}": {
            "inputs": {
                "areas": [
                    "areas.geojson",
                    {"file": "schools.csv", "kind": "urban_core", "radius_m": 300.0},
                ]
            }
        }
        for name in InputFile.model_fields
    },
}


def parameters(cls: type[Part], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and field of every parameter of a scenario."""
    for name, field in cls.model_fields.items():
        types = [kind for kind in _kinds(field.annotation) if isinstance(kind, type)]
        parts = [kind for kind in types if issubclass(kind, Part)]
        # a file may be given for many keys: what is said of it is looked for at one of them
        is_again = InputFile in parts and name != "areas"
        if parts and not is_again:
            yield from parameters(parts[0], f"{path}{name}.")
        else:
            yield f"{path}{name}", field


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in typing.get_args(annotation):
        yield from _kinds(inner)


ALL = dict(parameters(Scenario))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The toy county on a coarse grid, with what some parameters need to show, as a school."""
    folder = tmp_path_factory.mktemp("county")
    path = write_toy_county(folder, name="toy", demand={"cell_m": 100.0, "road_step_m": 100.0})
    with (folder / "landmarks.csv").open("a", encoding="utf-8") as stream:
        stream.write("第一小学,school,120.1323,33.4253\n")
    # a list that says neither state nor network nor type, and heights under a head of its own
    rows = [f"楼{i},{120.125 + 0.004 * i:.4f},33.4253,30" for i in range(8)]
    (folder / "bare.csv").write_text("\n".join(["站名,经度,纬度,塔高", *rows]), encoding="utf-8")
    (folder / "schools.csv").write_text(
        "名称,经度,纬度\n第一小学,120.1523,33.4453\n第二小学,120.1601,33.4432\n", encoding="utf-8"
    )
    return Scenario.from_file(path).replace(
        siting={"rules": {"sensitive_m": 200.0}},
        capacity={"gb_month": 200.0},
        search={"cost_share": 0.01},
        references=REFERENCES,
        # that hold for every plan
        limits=[
            {"name": name, "label": name, "site_types": ["pole", "roof"], "most": 1000}
            for name in ("cap", "second")
        ],
    )


@pytest.fixture(scope="module")
def model(base: Scenario) -> Model:
    return planner.build(base)


@pytest.fixture(scope="module")
def plan(model: Model) -> Plan:
    return planner.solve(model)


def free_station(model: Model, place: int = -1) -> str:
    """A candidate that the plan could leave out."""
    table = model.stations.table
    free = (table["state"] == "candidate") & ~table["excluded"]
    return str(table.loc[free, "station_id"].iloc[place])


# Values for which a rule of thumb does not do: by name, of the base and its model.
SPECIAL: Mapping[str, Callable[[Scenario, Model], Any]] = {
    "as_of": lambda s, m: "2021-01-31",
    "aliases": lambda s, m: {"height_m": ["塔高"]},
    "district.adcode": lambda s, m: "888888",
    "district.work_crs": lambda s, m: "EPSG:4550",
    "phases.name": lambda s, m: "第一期",
    "phases.date": lambda s, m: "2021-12-31",
    "networks.name": lambda s, m: "cmcc",
    "networks.code": lambda s, m: "Z",
    "networks.bands": lambda s, m: ["n41"],
    "networks.share": lambda s, m: 0.9,
    "bands.antenna.side_lobe_db": lambda s, m: 10.0,
    "bands.antenna.electrical_tilt_min_deg": lambda s, m: 5.0,
    "bands.antenna.electrical_tilt_max_deg": lambda s, m: 4.0,
    "bands.antenna.mechanical_tilt_max_deg": lambda s, m: 1.0,
    "bands.n_prb": lambda s, m: 200,
    "bands.scs_khz": lambda s, m: 15,
    "layers.name": lambda s, m: "centre",
    "layers.shape": lambda s, m: "road",
    "layers.kinds": lambda s, m: ["urban_core", "scenic"],
    "layers.outdoor_only_bands": lambda s, m: [],
    "layers.rule.residents": lambda s, m: 0.95,
    "layers.must_hold_from": lambda s, m: 1,
    "layers.weight_share": lambda s, m: 0.5,
    "radio.ul_mbps": lambda s, m: 20.0,
    "radio.downlink.efficiency_max": lambda s, m: 1.0,
    "radio.scenes.sigma_db": lambda s, m: 8.0,
    "radio.walls.loss_db": lambda s, m: {"n41": 16.0},
    "layers.wall": lambda s, m: "tr-high",
    "radio.edge_probability": lambda s, m: 0.95,
    "radio.area_probability": lambda s, m: 0.98,
    "radio.scenes.h_bs_m": lambda s, m: 40.0,
    "radio.scenes.street_width_m": lambda s, m: 8.0,
    "radio.scenes.building_height_m": lambda s, m: 35.0,
    "demand.deep_weight": lambda s, m: [0.5, 1.0],
    "demand.phase_weight": lambda s, m: [3.0, 1.0],
    "demand.share_5g": lambda s, m: [0.05, 0.5, 0.8],
    "demand.load": lambda s, m: 0.9,
    "capacity.workers_per_km2": lambda s, m: {"urban": 9000.0},
    "siting.keep_out_kinds": lambda s, m: [],
    "siting.stock_spacing_m": lambda s, m: {"urban": 200.0},
    "siting.rules.road_setback_m": lambda s, m: {"national": 300.0},
    "siting.rules.sensitive_kinds": lambda s, m: [],
    "siting.uma_margin_m": lambda s, m: 0.0,
    "siting.rules.airport_outer_m": lambda s, m: 1000.0,
    "siting.rules.airport_cap_m": lambda s, m: 20.0,
    "siting.rules.airport_inner_m": lambda s, m: 1000.0,
    "siting.bands.site_types": lambda s, m: ["tower"],
    "siting.bands.first_phase": lambda s, m: 1,
    "siting.cost_wan": lambda s, m: {"new_tower": 300.0},
    "siting.mean_cost_wan": lambda s, m: 60.0,
    "siting.effort": lambda s, m: {"new_tower": 40.0, "new_roof": 1.0},
    "siting.lead_days": lambda s, m: {"new_tower": 200.0},
    "siting.cost_scale": lambda s, m: 2.0,
    "siting.share_bonus": lambda s, m: 0.0,
    "search.cost_share": lambda s, m: 0.0,
    "search.effort": lambda s, m: "standard",
    "search.seed": lambda s, m: 7,
    "limits.name": lambda s, m: "second",
    "limits.networks": lambda s, m: ["telecom-unicom"],
    "limits.towns": lambda s, m: ["东镇"],
    "limits.site_types": lambda s, m: ["tower"],
    "limits.least": lambda s, m: [11, 25],
    "limits.most": lambda s, m: [2, 4],
    "limits.budget": lambda s, m: [100.0, 400.0],
    "review.opened": lambda s, m: {free_station(m): "2020-09-20"},
    "review.locked": lambda s, m: {free_station(m): 1},
    "review.vetoed": lambda s, m: [free_station(m)],
    "review.refused_towns": lambda s, m: ["东镇"],
    "review.moved.lon": lambda s, m: {free_station(m): _place(120.1101)},
    "review.moved.lat": lambda s, m: {free_station(m): _place(lat=33.4101)},
    "review.moved.from_lon": lambda s, m: {free_station(m): _place()},
    "review.moved.from_lat": lambda s, m: {free_station(m): _place()},
    "review.proposed.lon": lambda s, m: [{"lon": 120.1201, "lat": 33.4301}],
    "review.proposed.lat": lambda s, m: [{"lon": 120.1201, "lat": 33.4302}],
    "review.proposed.site_type": lambda s, m: [
        {"lon": 120.1201, "lat": 33.4301, "site_type": "tower"}
    ],
    "review.due": lambda s, m: {free_station(m): "2024-01-01"},
    "references.indicators.target": lambda s, m: 90.0,
    "references.pace.stations": lambda s, m: {"2023": 24.0},
    "inputs.manifest": lambda s, m: "nowhere.csv",
    "inputs.datum": lambda s, m: "gcj02",
    "inputs.boundary": lambda s, m: "nowhere.geojson",
    "inputs.town_areas": lambda s, m: "nowhere.geojson",
    "inputs.antennas": lambda s, m: "nowhere.geojson",
    "inputs.areas.file": lambda s, m: "nowhere.geojson",
    "inputs.areas.where": lambda s, m: {"名称": ["第一小学"]},
    "inputs.areas.kind": lambda s, m: "scenic",
    "inputs.areas.datum": lambda s, m: "gcj02",
    "inputs.areas.crs": lambda s, m: "EPSG:4549",
    "layers.levels.outdoor.rsrp_dbm": lambda s, m: -90.0,
    "layers.levels.deep.rsrp_dbm": lambda s, m: -90.0,
    "inputs.roads": lambda s, m: "",
    "inputs.streets": lambda s, m: "",
    "inputs.water": lambda s, m: "",
    "inputs.towns": lambda s, m: "",
    "inputs.landmarks": lambda s, m: "",
    "inputs.population": lambda s, m: "",
    "inputs.sites": lambda s, m: "",
    "inputs.candidates": lambda s, m: "sites.csv",
}


def _place(lon: float = 120.11, lat: float = 33.41) -> dict[str, float]:
    return {"lon": lon, "lat": lat, "from_lon": 120.11, "from_lat": 33.41}


def changed(scenario: Scenario, model: Model, name: str) -> Scenario:
    """The scenario with one parameter changed."""
    tree = scenario.to_tree()
    *way, last = name.split(".")
    if name.startswith(("review.moved", "review.proposed")):
        tree["review"][way[1]] = SPECIAL[name](scenario, model)
        return scenario.replace(review=tree["review"])
    node: Any = tree
    for depth, step in enumerate(way, start=1):
        node = node[step]
        chosen = CHOSEN.get(".".join(way[:depth]))
        node = node if chosen is None else node[chosen]
    if name.startswith("inputs.areas."):
        node.setdefault(last, "")  # what is not set is not written
    new = SPECIAL[name](scenario, model) if name in SPECIAL else _other(ALL[name], node[last])
    node[last] = (
        {**node[last], **new} if isinstance(new, dict) and isinstance(node[last], dict) else new
    )
    assert node[last] is not None
    return Scenario.from_tree(tree, root=scenario.root)


def _other(field: Any, value: Any) -> Any:
    """Another value of the same kind: the other word, the other way, a quarter more or less."""
    words = (
        typing.get_args(field.annotation)
        if typing.get_origin(field.annotation) is typing.Literal
        else ()
    )
    if words:
        return next(word for word in words if word != value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        limits = [getattr(rule, "le", getattr(rule, "lt", None)) for rule in field.metadata]
        top = min((limit for limit in limits if limit is not None), default=np.inf)
        return value * 1.25 + (value == 0) if value * 1.25 <= top else value * 0.8
    if value is None and float in typing.get_args(field.annotation):
        return 0.5
    assert isinstance(value, str), f"say in SPECIAL how {field} is changed"
    return f"{value}x"


TABLES = (
    "measures", "verdicts", "by_count", "stations", "points", "curve", "cells", "towns", "gaps",
    "holes", "neighbours", "replacements",
)  # fmt: skip


def shown(plan: Plan, folder: Path) -> Iterator[str]:
    """What is made of a plan's tables: the page, the report in both languages, the lists."""
    yield json.dumps(payload(plan), ensure_ascii=False, sort_keys=True, default=str)

    facts = Facts(plan)
    for code in ("zh", "en"):
        words = words_of(code)
        tables = make_tables(facts, words)
        yield repr(story(facts, words, tables))
        for name, sheet in tables.items():
            yield repr((name, sheet.columns, sheet.rows, sheet.notes))

    for path in sorted(write_contents(folder, exports.make_lists(plan))):
        if path.suffix == ".csv":
            yield path.read_text("utf-8-sig")


def same_ground(one: pipeline.Groundwork | Model, other: Model) -> bool:
    """Whether demand and stations, which become tables of the plan, are the same."""
    mine, theirs = one.stations, other.stations
    if not mine.table.equals(theirs.table) or not np.array_equal(mine.fixed, theirs.fixed):
        return False
    demand, before = one.demand, other.demand
    if demand is before:
        return True
    parts = ("share", "weight", "window_weight", "window_layer")
    return (
        demand.points.equals(before.points)
        and all(np.array_equal(getattr(demand, part), getattr(before, part)) for part in parts)
        and np.array_equal(demand.windows.indices, before.windows.indices)
    )


# Parameters that demand does not read, scenes apart: its rows are used again. A wrong entry here
# hides what a parameter does and never invents it.
NO_DEMAND = (
    "levels.", "bands.", "siting.", "capacity.", "exposure.", "search.", "titles.", "review.",
    "phases.", "radio.", "references.",
)  # fmt: skip


def lay(scenario: Scenario, model: Model, name: str) -> pipeline.Groundwork:
    """Groundwork of a changed scenario, with what the parameter cannot touch taken over."""
    keeps_demand = name.startswith(NO_DEMAND) and not name.startswith("radio.scenes")
    own = ("inputs.", "district.", "layers.", "networks.", "defaults.", "aliases")
    reads_anew = name.startswith(own)
    return pipeline.lay_groundwork(
        scenario,
        layers=None if reads_anew else model.layers,
        demand=model.demand if keeps_demand else None,
    )


def where_it_shows(base: Scenario, model: Model, plan: Plan, name: str, folder: Path) -> str:
    """Where a changed parameter is first seen; empty when nowhere."""
    if name in CONTEXT:
        base = base.replace(**CONTEXT[name])
        solved = in_context(base, model, name)
        if solved is None:
            return "" if lay(changed(base, model, name), model, name).errors else "accepted"
        model, plan = solved

    try:
        new = changed(base, model, name)
        if name.startswith("references."):  # of the plan, which follows from none of them
            return first_shown(dataclasses.replace(plan, scenario=new), plan, folder)
        ground = lay(new, model, name)
        if ground.errors:
            return "refused"
        if not same_ground(ground, model):
            return "demand and stations"
        built = built_on(ground)
        if (built.coverage.cover != model.coverage.cover).nnz:
            return "coverage"
        return first_shown(planner.solve(built), plan, folder)
    except PlannerError:
        return "refused"


def first_shown(new: Plan, plan: Plan, folder: Path) -> str:
    """Where two plans first differ: in a table, or in what is made of them."""
    for table in TABLES:
        if not pd.DataFrame(getattr(new, table)).equals(pd.DataFrame(getattr(plan, table))):
            return table
    pairs = zip(shown(new, folder / "new"), shown(plan, folder / "old"), strict=False)
    return "what is shown" if any(one != other for one, other in pairs) else ""


IN_CONTEXT: dict[str, tuple[Model, Plan] | None] = {}
"""What :func:`in_context` found, by the text of the base: many parameters have one base."""


def in_context(base: Scenario, model: Model, name: str) -> tuple[Model, Plan] | None:
    """Model and plan of a base that is changed; None where it is refused."""
    text = base.to_yaml()
    if text not in IN_CONTEXT:
        ground = lay(base, model, name)
        built = None if ground.errors else built_on(ground)
        IN_CONTEXT[text] = None if built is None else (built, planner.solve(built))
    return IN_CONTEXT[text]


def built_on(ground: pipeline.Groundwork) -> Model:
    """The model of a groundwork, as `planner.build` makes it after laying it."""
    assert ground.layers is not None and ground.demand is not None and ground.stations is not None
    parts = (ground.scenario, ground.layers, ground.demand, ground.stations)
    return Model(*parts, pipeline.build_coverage(*parts))


@pytest.mark.parametrize("name", sorted(set(ALL) - LABELS - REVIEWED - {"search.seed"}))
def test_a_parameter_does_something(
    base: Scenario, model: Model, plan: Plan, name: str, tmp_path: Path
) -> None:
    where = where_it_shows(base, model, plan, name, tmp_path)
    assert where, f"{name} does nothing: wire it in or delete it"


def test_the_seed_steers_the_search() -> None:
    # the toy county is too easy to tell seeds apart
    problem = medium(3, columns=400, rows=3000, phases=[40, 80, 120])
    results = [optimise.solve(problem, seed=seed, prove=False) for seed in range(3)]
    assert len({tuple(result.order) for result in results}) > 1


def test_every_label_is_read_somewhere(base: Scenario, model: Model, tmp_path: Path) -> None:
    marks = {
        name: f"{'标' if 'en' not in name else 'Mark'}{i}号"
        for i, name in enumerate(sorted(LABELS))
    }
    marks["name"] = "mark-name"

    tree = base.to_tree()
    for name, mark in marks.items():
        *way, last = name.split(".")
        node: Any = tree
        for depth, step in enumerate(way, start=1):
            node = node[step]
            chosen = CHOSEN.get(".".join(way[:depth]))
            node = node if chosen is None else node[chosen]
        assert last in node, name
        node[last] = [mark] if isinstance(node[last], list) else mark

    scenario = Scenario.from_tree(tree, root=base.root)
    new = planner.solve(planner.build(scenario, layers=model.layers))
    text = "".join(shown(new, tmp_path))
    assert [name for name, mark in marks.items() if mark not in text] == []
