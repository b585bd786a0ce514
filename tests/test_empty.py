"""A plan comes out of whatever is there: every command on a county that lacks a part, or two."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import docx
import pytest
import yaml
from python_calamine import CalamineWorkbook

import planner
from planner import pipeline
from planner.console import explanation_text
from planner.exports import make_lists
from planner.maps.payload import payload
from planner.plan import compare, explain
from planner.review import review
from planner.verify import verify
from planner.words import language
from tests.review.returned import FAIL, PASS, row, write_list
from tests.test_check import COARSE
from tests.toy import write_toy_county

pytestmark = pytest.mark.usefixtures("draft_figures")

Tree = dict[str, Any]
Change = Callable[[Tree, Path], None]


def without(*parts: str, removed: bool = False) -> Change:
    """No file of some keys: the key blank, or removed."""

    def change(tree: Tree, _: Path) -> None:
        for part in parts:
            tree["inputs"].pop(part, None)
            if not removed:
                tree["inputs"][part] = ""

    return change


def greenfield(tree: Tree, _: Path) -> None:
    tree["phases"][0]["stations"] = 0
    tree["inputs"].pop("sites")


def only_mobile_is_on_air(tree: Tree, county: Path) -> None:
    text = (county / "sites.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if "telecom-unicom" not in line]
    (county / "sites.csv").write_text("".join(kept), encoding="utf-8")
    tree["phases"][0]["stations"] = 4


def nothing_is_on_air_yet(tree: Tree, county: Path) -> None:
    text = (county / "sites.csv").read_text(encoding="utf-8").replace(",open,", ",retrofitted,")
    (county / "sites.csv").write_text(text, encoding="utf-8")
    tree["phases"][0]["stations"] = 0


def nobody_has_the_kind(tree: Tree, _: Path) -> None:
    tree["layers"][3]["kinds"] = ["nobody_has_it"]


def files_without_rows(_: Tree, county: Path) -> None:
    features = '{"type": "FeatureCollection", "features": []}'
    for part in ("roads", "streets", "water"):
        (county / f"{part}.geojson").write_text(features, encoding="utf-8")
    for part in ("towns", "landmarks", "population"):
        head = (county / f"{part}.csv").read_text(encoding="utf-8").partition("\n")[0]
        (county / f"{part}.csv").write_text(f"{head}\n", encoding="utf-8")


def only_a_border(tree: Tree, _: Path) -> None:
    tree["inputs"] = {"boundary": "boundary.geojson", "manifest": ""}
    tree["phases"][0]["stations"] = 0
    del tree["layers"]
    del tree["district"]["adcode"]


SINGLE: Mapping[str, tuple[Change, set[str]]] = {
    "greenfield": (greenfield, {"nothing_on_air"}),
    "a network without": (only_mobile_is_on_air, {"network_not_on_air"}),
    "none on air": (nothing_is_on_air_yet, {"nothing_on_air"}),
    "areas": (without("areas"), {"layer_left_out"}),
    "roads": (without("roads"), {"layer_left_out"}),
    "rows": (files_without_rows, {"no_data_rows", "layer_empty", "nobody_lives_here"}),
    "areas removed": (without("areas", removed=True), {"layer_left_out"}),
    "neither": (without("areas", "roads"), {"land_is_the_layer"}),
    "population": (without("population"), {"people_by_town_only"}),
    "towns": (without("towns"), {"one_town"}),
    "people": (without("population", "towns"), {"one_town", "nobody_lives_here"}),
    "kind": (nobody_has_the_kind, {"layer_empty"}),
    "landmarks": (without("landmarks"), {"no_sensitive_places"}),
    "streets and water": (without("streets", "water"), set()),
    "manifest": (without("manifest"), {"no_manifest"}),
    "all but the border": (only_a_border, {
        "land_is_the_layer", "nothing_on_air", "one_town", "nobody_lives_here",
        "no_sensitive_places", "no_manifest",
    }),
}  # fmt: skip
"""What is left out, and the warnings that say so."""


def code_and_money_of_denmark(tree: Tree, _: Path) -> None:
    tree["district"]["adcode"] = "0461"
    tree["references"] = {"money": {"label": "百万丹麦克朗", "label_en": "million DKK"}}


def label_in_brackets(tree: Tree, _: Path) -> None:
    tree["layers"][0]["label"] = "主城区[/老城]"
    tree["phases"][0]["date"], tree["as_of"] = "2019-03-01", "2019-06-01"


def two_phases(tree: Tree, _: Path) -> None:
    tree["phases"] = tree["phases"][:2]
    tree["demand"] |= {"deep_weight": [1.0], "phase_weight": [1.0], "share_5g": [0.1, 0.2]}
    tree["siting"]["bands"]["n28"]["first_phase"] = 1


def six_phases(tree: Tree, _: Path) -> None:
    tree["phases"] = [
        {"name": f"第{i}期", "date": f"{2020 + i}-09-09", "stations": 8 + 6 * i} for i in range(6)
    ]
    tree["demand"] |= {"deep_weight": [1.0] * 5, "phase_weight": [1.0] * 5, "share_5g": [0.1] * 6}


def one_network(tree: Tree, county: Path) -> None:
    only_mobile_is_on_air(tree, county)
    tree["networks"] = tree["networks"][:1]


def three_networks(tree: Tree, _: Path) -> None:
    tree["networks"].append({"name": "third", "code": "X", "label": "第三网", "bands": ["n78"]})


def masts_as_they_are(tree: Tree, county: Path) -> None:
    heights = (6, 12, 18, 24, 33, 45, 55)
    head, first, *rows = (county / "sites.csv").read_text(encoding="utf-8").splitlines()
    # the first one has an id that looks like a formula, too
    lines = [f"-00123{first[first.index(',') :]}", *rows]
    tall = [f"{line},{heights[i % len(heights)]}" for i, line in enumerate(lines)]
    text = "\n".join([f"{head},height_m", *tall, ""])
    (county / "sites.csv").write_text(text, encoding="utf-8")


ODD: Mapping[str, tuple[Change, set[str]]] = {
    "code and money": (code_and_money_of_denmark, set()),
    "label and date": (label_in_brackets, set()),
    "two phases": (two_phases, set()),
    "six phases": (six_phases, set()),
    "one network": (one_network, set()),
    "three networks": (three_networks, {"network_not_on_air"}),
    "masts": (masts_as_they_are, {"height_extended", "height_of_other_model"}),
}
"""What is unusual and works, and the warnings about it."""

CHANGES: Mapping[str, tuple[Change, set[str]]] = {**SINGLE, **ODD}

PAIRED = (
    ("greenfield", "areas"), ("roads", "population"), ("towns", "kind"),
    ("landmarks", "streets and water"),
)  # fmt: skip
"""Two of these at a time have every pair of their parts in them."""

TOGETHER = (
    ("a network without", "neither"),
    ("all but the border",),
    ("code and money", "six phases", "masts"),
)
"""What goes through every command: what has nothing to do with each other in one county."""


def county(folder: Path, *names: str) -> Path:
    """The toy county without some parts, on a coarse grid; returns the scenario file."""
    path = write_toy_county(folder / "county", **COARSE)
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in names:
        CHANGES[name][0](tree, path.parent)
    # all the land is the layer then, nine times the ground of the areas
    if not any(tree["inputs"].get(part) for part in ("areas", "roads")):
        tree["demand"]["cell_m"] = 200.0
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_plan_comes_out_and_says_what_it_lacks(tmp_path: Path, name: str) -> None:
    plan = planner.solve(planner.build(planner.Scenario.from_file(county(tmp_path, name))))
    warned = [notice for notice in plan.layers.notices if notice.severity == "W"]
    assert {notice.code for notice in warned} == CHANGES[name][1]
    check_figures(plan, dict(make_lists(plan, formats=["csv"])))


@pytest.mark.slow
@pytest.mark.parametrize("names", TOGETHER, ids=" and ".join)
def test_every_command_works(tmp_path: Path, names: tuple[str, ...]) -> None:
    plan = go_round(county(tmp_path, *names), tmp_path)
    warned = {notice.code for notice in plan.layers.notices if notice.severity == "W"}
    assert warned == set().union(*(CHANGES[name][1] for name in names))
    if "code and money" in names:
        text = paper_text(tmp_path / "zh" / "report.docx")
        assert "（行政区划代码0461）" in text
        assert "百万丹麦克朗" in text and "万元" not in text


def test_a_mast_keeps_its_height_and_the_list_says_how_its_loss_was_taken(tmp_path: Path) -> None:
    model = planner.build(planner.Scenario.from_file(county(tmp_path, "masts")))
    plan = planner.solve(model)
    lists = dict(make_lists(plan, formats=["csv"]))
    (name,) = (name for name in lists if "_移动_现状" in name)
    rows = list(csv.DictReader(io.StringIO(lists[name].decode("utf-8-sig"), newline="")))
    told = {float(row["天线挂高（米）"]): row["数据说明"] for row in rows}
    # the open stations of the network: a pole is none for the model of its scene
    assert told == {6: "挂高6 m，路损按UMi、6 m计算", 18: "", 33: "", 55: ""}

    # the height itself counts for the loss
    models = plan.stations.set_index("height_m")["model"]
    assert models[6].unique().tolist() == ["UMi"] and "UMa" in models[18].unique()
    budget = model.coverage.budget
    reach = budget.query("term == 'range_m' and band == 'n78' and place == 'outdoor'")
    reach = reach[reach["model"] == "UMa"].set_index("height_m")["value"].sort_index()
    assert {18, 25, 33, 55} <= set(reach.index) and reach.is_monotonic_increasing

    # the tilt follows from the height itself: the higher mast looks down more steeply
    cells = plan.cells.merge(plan.stations[["station_id", "height_m", "scene"]])
    urban = cells[(cells["scene"] == "urban") & (cells["band"] == "n41")]
    tilt = urban.groupby("height_m")["tilt_deg"].first()
    assert tilt[55] >= tilt[25] > tilt[6]


ROUNDS = (PAIRED[:2], PAIRED[2:])
"""Every part of the pairs is in one of these, which go through every command."""


def of_pairs(pairs: tuple[tuple[str, str], tuple[str, str]]) -> str:
    return " ".join(sum(pairs, ()))


@pytest.mark.slow
@pytest.mark.parametrize("pairs", ROUNDS, ids=of_pairs)
def test_every_command_works_without_four(
    tmp_path: Path, pairs: tuple[tuple[str, str], tuple[str, str]]
) -> None:
    go_round(county(tmp_path, *pairs[0], *pairs[1]), tmp_path)


@pytest.mark.parametrize(
    "pairs", [pairs for pairs in combinations(PAIRED, 2) if pairs not in ROUNDS], ids=of_pairs
)
def test_a_plan_comes_out_without_any_other_two(
    tmp_path: Path, pairs: tuple[tuple[str, str], tuple[str, str]]
) -> None:
    path = county(tmp_path, *pairs[0], *pairs[1])
    plan = planner.solve(planner.build(planner.Scenario.from_file(path)))
    check_figures(plan, dict(make_lists(plan, formats=["csv"])))
    assert all(notice.severity != "E" for notice in planner.check(path))


def check_figures(plan: planner.Plan, lists: Mapping[str, bytes]) -> None:
    """No figure of the plan and no cell of a list is infinite or says that it is no number."""
    values = plan.measures["value"]
    assert not values.map(math.isinf).any()
    unknown = set(plan.measures.loc[values.isna(), "measure"])
    blank = {"rsrp_median_dbm", "ss_sinr_median_db", "pdsch_sinr_median_db", "load_share"}
    blank |= set() if plan.layers.people else {"per_10k"}
    # where nobody lives or works in a layer there is nothing to carry
    has_traffic = bool(plan.points["people"].any())
    assert unknown <= blank | (set() if has_traffic else {"carried_share"})

    for name, data in lists.items():
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        cells = {cell.lower() for line in csv.reader(text) for cell in line}
        assert not cells & {"nan", "inf", "-inf", "none", "<na>"}, name


def go_round(path: Path, folder: Path) -> planner.Plan:
    """Check, run, report, lists, signal, explain, review, compare and verify."""
    out = folder / "out"
    planner.run(planner.Scenario.from_file(path), out)
    plan = planner.load_plan(out)
    assert set(plan.layers.notices) <= set(planner.check(path))
    warned = [notice for notice in plan.layers.notices if notice.severity == "W"]
    check_figures(plan, {p.name: p.read_bytes() for p in (out / "lists").glob("*.csv")})
    shown = [note["en"] for note in payload(plan)["notes"]]
    said = [f"{notice.file}: {notice.en}" if notice.file else notice.en for notice in warned]
    assert sorted(shown) == sorted(said)

    pipeline.write_report(plan, folder / "zh")
    check_report(folder / "zh", [notice.zh for notice in warned])
    pipeline.write_lists(plan, folder / "lists", datum="gcj02")
    pipeline.write_signal(plan, folder / "signal")

    ranked = plan.stations.iloc[plan.order]
    model = planner.build(plan.scenario, layers=plan.layers)
    for station in ranked["station_id"].iloc[[0, plan.scenario.counts[1] - 1, -1]]:
        explanation = explain(plan, model, station)
        assert all(explanation_text(explanation, plan, language(code)) for code in ("zh", "en"))

    planned = ranked.loc[ranked["state"] == "candidate", "station_id"].tolist()
    answers = [
        row(planned[0], 审核状态=FAIL, 不通过原因="业主不同意"),
        row(planned[1], 审核状态=PASS),
    ]
    version = review(out, [write_list(folder / "answers.csv", *answers)])
    assert version.is_new
    assert planned[0] not in set(version.plan.stations.iloc[version.plan.order]["station_id"])
    assert len(compare(plan, version.plan).stations)
    pipeline.write_report(version.plan, folder / "en", plan, language="en")
    check_report(folder / "en", [notice.en for notice in warned])
    pipeline.write_map(version.plan, folder / "compared.html", plan)
    assert verify(plan, inputs=path.parent).holds
    return plan


def check_report(folder: Path, warned: Sequence[str]) -> None:
    """A report says what is lacking, and neither it nor its tables show what is no number."""
    text = paper_text(folder / "report.docx")
    assert all(said in text for said in warned)
    book = CalamineWorkbook.from_path(str(folder / "tables.xlsx"))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    cells = "\n".join(str(cell) for sheet in sheets for line in sheet for cell in line)
    assert not re.search(r"\b(nan|NaN|inf|None)\b", f"{text}\n{cells}")


def paper_text(path: Path) -> str:
    """Paragraphs and cells of a Word file, line by line."""
    paper = docx.Document(io.BytesIO(path.read_bytes()))
    cells = (cell.text for table in paper.tables for line in table.rows for cell in line.cells)
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])
