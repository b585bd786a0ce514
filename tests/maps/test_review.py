"""Comparing plans, marking stations, printing sheets, and hostile texts, in a real browser."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planner import fields as F
from planner import pipeline
from planner.errors import ProblemError
from planner.maps import page_html
from planner.model import Plan
from planner.plan import MOVE_M, compare
from planner.review import decide, read_answers

pytestmark = pytest.mark.browser


def set_count(page: Any, count: int) -> None:
    page.evaluate(
        """(count) => { const slider = document.querySelector('.slider'); slider.value = count;
        slider.dispatchEvent(new Event('input')); }""",
        count,
    )
    page.wait_for_timeout(220)


def find(page: Any, text: str) -> None:
    page.fill(".search input", text)
    page.press(".search input", "Enter")
    page.wait_for_timeout(600)


def ids_below(plan: Plan, count: int) -> dict[str, int]:
    return {
        name: rank for rank, name in enumerate(plan.stations.iloc[plan.order][F.STATION_ID][:count])
    }


def differences(page: Any) -> dict[str, int]:
    return {
        one.get_attribute("data-difference"): int(one.query_selector("dd").inner_text())
        for one in page.query_selector_all("[data-difference]")
    }


# comparing


@pytest.fixture(scope="module")
def changes(plan: Plan, other: Plan) -> pd.DataFrame:
    """What Python's comparison says of the two plans: every kind of change is in it."""
    table = compare(other, plan).stations
    assert set(table["change"]) == {"added", "removed", "moved", "retimed"}
    assert {True, False} == set(table.loc[table["change"] == "moved", "base_id"].str.endswith("X"))
    return table


def expected_at(changes: pd.DataFrame, count: int) -> dict[str, int]:
    """Of the table of changes, what either plan shows at a count."""
    by_then = {name: changes[name].between(0, count - 1) for name in (F.RANK, "rank_base")}
    seen = changes[by_then[F.RANK] | by_then["rank_base"]]["change"].value_counts()
    words = {"only_left": "removed", "only_right": "added", "moved": "moved", "retimed": "retimed"}
    return {word: int(seen.get(change, 0)) for word, change in words.items()}


def test_two_plans_differ_as_the_comparison_says(
    plan: Plan, other: Plan, changes: pd.DataFrame, opened: Callable[..., Any], compare_file: Path
) -> None:
    last = plan.scenario.counts[-1]
    with opened(compare_file) as page:
        for count in plan.scenario.counts[1:]:
            set_count(page, count)
            shown = differences(page)
            common = shown.pop("common")
            assert shown == expected_at(changes, count)
            left, right = ids_below(other, count), ids_below(plan, count)
            changed = {*changes["base_id"], *changes[F.STATION_ID]}
            assert common == len((left.keys() & right.keys()) - changed)
        whole = changes["change"].value_counts()
        assert expected_at(changes, last) == {
            word: whole[change]
            for word, change in (
                ("only_left", "removed"),
                ("only_right", "added"),
                ("moved", "moved"),
                ("retimed", "retimed"),
            )
        }
        assert f"{MOVE_M:.0f} m" in page.inner_text("#tab-body")
        listed = page.locator(".differences tbody tr td:first-child").all_inner_texts()
        assert len(listed) == len(changes)
        sites = ("", "", "", "sites")
        cells = page.inner_text(".list.figures tbody tr:nth-child(2)").split("\t")
        assert [float(cell.split()[0]) for cell in cells[1:3]] == [
            one.by_count.loc[count, sites] for one in (other, plan)
        ]


def test_between_phases_every_station_is_in_one_class(
    plan: Plan, other: Plan, opened: Callable[..., Any], compare_file: Path
) -> None:
    first, middle, _ = plan.scenario.counts
    count = (first + middle) // 2
    with opened(compare_file) as page:
        set_count(page, count)
        shown = differences(page)
        left, right = ids_below(other, count), ids_below(plan, count)
        new_name = {name: name.removesuffix("X") for name in left}
        assert sum(shown.values()) == len({*new_name.values(), *right})


def test_a_page_of_two_plans_needs_the_table_of_what_differs(
    plan: Plan, other: Plan, tmp_path: Path
) -> None:
    with pytest.raises(ProblemError, match="差异"):
        page_html(plan, other)


def test_the_review_loops_own_table_is_counted_where_it_is_given(
    plan: Plan, other: Plan, changes: pd.DataFrame, opened: Callable[..., Any], tmp_path: Path
) -> None:
    told = changes.assign(change=changes["change"].replace("moved", "retimed"))
    pipeline.write_map(plan, tmp_path / "c.html", other, told)
    with opened(tmp_path / "c.html") as page:
        set_count(page, plan.scenario.counts[-1])
        shown = differences(page)
        assert (shown["moved"], shown["retimed"]) == (0, int((told["change"] == "retimed").sum()))
        assert "按反馈意见" in page.inner_text("#tab-body")


def test_moved_and_re_timed_stations_have_marks_and_legend_rows(
    opened: Callable[..., Any], compare_file: Path
) -> None:
    with opened(compare_file) as page:
        assert {"调期，实心一侧较早", "移位 →"} <= set(
            page.locator(".legend .legend-row span").all_inner_texts()
        )
        page.click(".differences tbody tr >> nth=0")
        page.wait_for_timeout(500)
        shown = page.locator(".canvases canvas.live").evaluate("one => one.toDataURL()")
        page.click(".legend [data-toggle=stations] >> nth=0")
        assert page.locator(".canvases canvas.live").evaluate("one => one.toDataURL()") != shown
        # The divider gives way to what the row is about.
        assert page.get_attribute(".divider", "aria-valuenow") == "35"


def test_two_counts_of_one_plan(plan: Plan, page: Any) -> None:
    first, middle, _ = plan.scenario.counts
    set_count(page, middle)
    page.keyboard.press("c")
    page.wait_for_timeout(200)
    assert differences(page) == {
        "only_left": 0,
        "only_right": middle - first,
        "moved": 0,
        "retimed": 0,
        "common": first,
    }
    assert page.locator(".inset").is_hidden()
    page.click(".compare")
    assert page.locator(".divider").is_hidden()


def test_the_divider_moves_by_mouse_and_by_keys(
    opened: Callable[..., Any], compare_file: Path
) -> None:
    with opened(compare_file) as page:
        stage = page.locator(".stage").bounding_box()
        start = page.locator("canvas.live >> nth=0").evaluate("one => one.toDataURL()")
        page.focus(".divider")
        page.keyboard.press("ArrowRight")
        assert page.get_attribute(".divider", "aria-valuenow") == "52"
        bar = page.locator(".divider").bounding_box()
        page.mouse.move(bar["x"] + 7, bar["y"] + 300)
        page.mouse.down()
        page.mouse.move(stage["x"] + stage["width"] * 0.25, bar["y"] + 300, steps=4)
        page.mouse.up()
        assert page.get_attribute(".divider", "aria-valuenow") == "25"
        assert page.locator("canvas.live >> nth=0").evaluate("one => one.toDataURL()") != start


# marks


def saved_file(page: Any, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click(".save-marks")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def mark_station(page: Any, station: str, kind: str, *, reason: str = "", note: str = "") -> None:
    find(page, station)
    page.click(f".mark-buttons [data-mark={kind}]")
    if kind == "accept":
        return
    if kind == "propose":
        box = page.locator("#map_review").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2 + 150, box["y"] + box["height"] / 2)
    if reason:
        page.select_option(".draft .reason", reason)
    page.fill(".draft textarea", note)
    page.click(".save-draft")


def test_marks_of_each_kind_are_saved_in_one_file(plan: Plan, page: Any, tmp_path: Path) -> None:
    ids = plan.stations.iloc[plan.order][F.STATION_ID].tolist()
    page.click("#tab-review")
    page.fill(".reviewer", "甲")
    page.press(".reviewer", "Tab")
    mark_station(page, ids[3], "accept")
    mark_station(page, ids[4], "object", reason="产权或租金", note="业主不同意 <b>")
    mark_station(page, ids[5], "propose", note="东移")
    mark_station(page, ids[6], "comment", note="意见")
    page.click("#tab-review")
    data = json.loads(saved_file(page, tmp_path).read_text(encoding="utf-8"))
    marks = {mark["kind"]: mark for mark in data["marks"]}
    assert data["datum"] == "WGS-84"
    assert {data["plan"], *(mark["plan"] for mark in data["marks"])} == {plan.key[:12]}
    assert f"方案编号 {plan.key[:12]}" in page.inner_text(".notice")
    assert [
        marks[kind]["station_id"] for kind in ("accept", "object", "propose", "comment")
    ] == ids[3:7]
    assert marks["object"]["reason"] == "产权或租金"
    assert marks["object"]["note"] == "业主不同意 <b>"
    assert {mark["reviewer"] for mark in data["marks"]} == {"甲"}
    place = plan.stations.iloc[plan.order[5]]
    assert marks["propose"]["lon"] > place[F.LON] + 1e-4
    assert marks["propose"]["lat"] == pytest.approx(place[F.LAT], abs=2e-4)


def test_files_of_several_reviewers_merge_once(
    plan: Plan, page: Any, opened: Callable[..., Any], page_file: Path, tmp_path: Path
) -> None:
    ids = plan.stations.iloc[plan.order][F.STATION_ID].tolist()
    mark_station(page, ids[3], "comment", note="甲的意见")
    page.click("#tab-review")
    first = saved_file(page, tmp_path)
    with opened(page_file) as second:
        mark_station(second, ids[3], "comment", note="乙的意见")
        second.click("#tab-review")
        for _ in range(2):
            second.set_input_files(".file", first)
            second.wait_for_selector(".merge-line")
            second.wait_for_timeout(200)
            assert second.locator(".marks .mark").count() == 2
        assert "并入 0 条，已有 1 条" in second.inner_text(".merge-line")
        merged = json.loads(saved_file(second, tmp_path).read_text(encoding="utf-8"))["marks"]
        assert {mark["note"] for mark in merged} == {"甲的意见", "乙的意见"}
        assert len({mark["id"] for mark in merged}) == 2


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        (
            '{"format": "planner-review", "marks": '
            '[{"kind": "accept"}, 7, null, {"kind": "x", "id": "1"}]}'
        ),
    ],
)
def test_a_file_that_is_none_changes_nothing(page: Any, tmp_path: Path, text: str) -> None:
    page.click("#tab-review")
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    page.set_input_files(".file", tmp_path / "bad.json")
    page.wait_for_selector(".merge-line")
    assert re.search("无法读取|不可用 4 条", page.inner_text(".merge-line"))
    assert page.locator(".marks .mark").count() == 0


def test_marks_are_kept_in_the_browser_and_can_be_deleted(plan: Plan, page: Any) -> None:
    station = plan.stations.iloc[plan.order[3]][F.STATION_ID]
    mark_station(page, station, "accept")
    page.reload()
    page.wait_for_selector("body[data-ready=all]", state="attached")
    page.click("#tab-review")
    assert station in page.inner_text(".marks")
    page.click(".marks .remove")
    assert page.locator(".marks .mark").count() == 0


# areas


def draw_area(page: Any, *corners: tuple[int, int]) -> None:
    """Draw a ring with corners so many px from the map's middle; a double click ends it."""
    page.click("#tab-review")
    page.click(".review-tools [data-mark=area]")
    box = page.locator("#map_review").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in corners[:-1]:
        page.mouse.click(x + dx, y + dy)
    page.mouse.dblclick(x + corners[-1][0], y + corners[-1][1])


SQUARE = ((-90, -60), (90, -60), (90, 60), (-90, 60))
CROSSED = ((-90, -60), (90, 60), (90, -60), (-90, 60))


def test_a_comment_on_an_area_is_what_the_review_loop_reads(
    plan: Plan, page: Any, tmp_path: Path
) -> None:
    find(page, plan.stations.iloc[plan.order[20]][F.STATION_ID])
    before = page.locator(".canvases canvas.live").evaluate("one => one.toDataURL()")
    draw_area(page, *SQUARE)
    page.fill(".draft textarea", "此片先不动")
    page.click(".save-draft")
    assert page.locator(".canvases canvas.live").evaluate("one => one.toDataURL()") != before
    path = saved_file(page, tmp_path)
    (mark,) = json.loads(path.read_text(encoding="utf-8"))["marks"]
    ring = mark["area"]
    assert len(ring) == 4
    assert [mark["lon"], mark["lat"]] == pytest.approx(
        [sum(v) / 4 for v in zip(*ring, strict=True)], abs=2e-6
    )
    assert all(round(degrees, 6) == degrees for corner in ring for degrees in corner)
    answers = read_answers([path], plan.scenario, plan.layers)
    assert not answers.notices
    row = decide(plan, answers.rows).statements.iloc[0]
    text = page.inner_text(".marks .mark-area")
    size, inside = re.search(r"区域 ([\d.]+) 公顷，方案在此 (\d+) 站", text).groups()
    assert float(size) == pytest.approx(row["area_ha"], rel=1e-3)
    assert int(inside) == len(row["inside"]) > 0
    assert re.findall(r"S\w+-\w-\w+", text) == list(row["inside"][:5])
    page.click(".tool-home")
    page.wait_for_timeout(500)
    page.click(".marks .mark .link")
    page.wait_for_timeout(500)
    shown = page.evaluate("document.querySelector('.canvases canvas.live').toDataURL()")
    assert shown != before


def test_areas_merge_once_and_differ_by_their_rings(
    page: Any, opened: Callable[..., Any], page_file: Path, tmp_path: Path
) -> None:
    for size in (1.0, 1.5):
        draw_area(page, *((int(x * size), int(y * size)) for x, y in SQUARE))
        page.fill(".draft textarea", "同一句话")
        page.click(".save-draft")
    path = saved_file(page, tmp_path)
    with opened(page_file) as second:
        second.click("#tab-review")
        for said in ("并入 2 条，已有 0 条", "并入 0 条，已有 2 条"):
            second.set_input_files(".file", path)
            second.wait_for_function(
                f"() => document.querySelector('.merge-line')?.textContent.includes('{said}')"
            )
        assert second.locator(".marks .mark-area").count() == 2
        second.reload()
        second.wait_for_selector("body[data-ready=all]", state="attached")
        second.click("#tab-review")
        merged = json.loads(saved_file(second, tmp_path).read_text(encoding="utf-8"))["marks"]
        assert [mark["area"] for mark in merged] == [
            mark["area"] for mark in json.loads(path.read_text(encoding="utf-8"))["marks"]
        ]


def test_drawing_an_area_by_keys_and_taking_it_back(page: Any) -> None:
    page.click("#tab-review")
    page.click(".review-tools [data-mark=area]")
    for pan in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press("Space")
        page.keyboard.press(pan)
        page.wait_for_timeout(400)  # the map glides
    assert "4 个角点" in page.inner_text(".announce")
    page.keyboard.press("Backspace")
    assert "3 个角点" in page.inner_text(".announce")
    page.keyboard.press("Enter")
    assert "区域" in page.inner_text(".draft .place")
    page.click(".review-tools [data-mark=area]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert "至少要三个角点" in page.inner_text(".announce")
    page.keyboard.press("Escape")
    assert page.locator(".announce").is_hidden()


def test_an_area_whose_boundary_crosses_itself_is_not_taken(page: Any) -> None:
    draw_area(page, *CROSSED)
    assert "自相交" in page.inner_text(".announce")
    assert page.locator(".draft").count() == 0


LON, LAT = 120.13, 33.43
GOOD = [[LON, LAT], [LON + 0.01, LAT], [LON, LAT + 0.01]]
BAD_RINGS = [
    7, "x", {}, [], GOOD[:2], [*GOOD[:2], [LON]], [*GOOD[:2], [LON, LAT, 1]],
    [*GOOD[:2], ["1", "2"]], [*GOOD[:2], None],
    [*GOOD[:2], [181, LAT]], [*GOOD[:2], [LON, 86]], [*GOOD, GOOD[0]],
    [[LON, LAT], [LON, LAT + 1], [LON, LAT + 2]],
    [[LON, LAT], [LON + 1, LAT + 1], [LON + 1, LAT], [LON, LAT + 1]],
    [[LON + 0.001 * i, LAT + 0.00001 * i * i] for i in range(201)],
]  # fmt: skip


def test_malformed_areas_are_refused_by_page_and_loop_alike(
    plan: Plan, page: Any, tmp_path: Path
) -> None:
    text = {"station_id": "", "reason": "", "note": "x", "reviewer": "乙", "lon": LON, "lat": LAT}
    bad = [
        {"id": f"乙#{i}", "kind": "comment", **text, "area": ring}
        for i, ring in enumerate(BAD_RINGS, start=1)
    ]
    bad.append({"id": "乙#90", "kind": "propose", **text, "area": GOOD})
    good = {"id": "乙#99", "kind": "comment", **text, "area": GOOD}
    tree = {"format": "planner-review", "version": 1, "datum": "WGS-84", "marks": [*bad, good]}
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    page.click("#tab-review")
    page.set_input_files(".file", path)
    page.wait_for_selector(".merge-line")
    assert f"并入 1 条，已有 0 条，不可用 {len(bad)} 条" in page.inner_text(".merge-line")
    answers = read_answers([path], plan.scenario, plan.layers)
    assert [n.line for n in answers.notices if n.code == "mark_area_unusable"] == [
        *range(1, len(bad) + 1)
    ]
    assert [bool(each.area) for each in answers.rows] == [False] * len(bad) + [True]


# the sheet


def sheet(page: Any, paper: str) -> int:
    """Make the sheet as the button does, without the browser's own dialog; returns its scale."""
    page.evaluate("window.print = () => { window.printed = true; }")
    page.click(".print")
    page.select_option(".paper", paper)
    scale = int(page.input_value(".scale"))
    page.click(".print-now")
    page.wait_for_function("() => window.printed")
    return scale


@pytest.mark.parametrize(("paper", "size"), [("A3", (420, 297)), ("A4", (297, 210))])
def test_a_sheet_is_one_page_at_a_true_scale(
    plan: Plan, page: Any, paper: str, size: tuple[int, int]
) -> None:
    scale = sheet(page, paper)
    bar, text = bar_mm(page), page.evaluate("document.querySelector('.sheet').textContent")
    data = page.pdf(prefer_css_page_size=True)
    assert page.locator(".sheet").count() == 0  # the page is itself again after printing
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
    box = [float(one) for one in re.search(rb"/MediaBox\s*\[([^\]]+)\]", data).group(1).split()]
    assert [one * 25.4 / 72 for one in box[2:]] == pytest.approx(size, abs=0.6)
    longest = 52 if paper == "A3" else 52 * 0.72
    bar_m = max(
        metre
        for metre in (50, 100, 200, 500, 1000, 2000, 5000, 10000)
        if metre * 1000 / scale <= longest
    )
    assert bar == pytest.approx(bar_m * 1000 / scale, abs=0.25)
    count = int(page.inner_text(".count"))
    for word in (
        f"基站 {count}",
        "合成数据",
        "未经地图审核",
        "编制单位",
        plan.scenario.as_of,
        f"方案编号{plan.key[:12]}",
        "CGCS2000 · ",
        "1 : ",
    ):
        assert word in text


def bar_mm(page: Any) -> float:
    """Width of the scale bar on the sheet, from the pixels of its upper edge."""
    px = page.evaluate("""() => {
        const canvas = document.querySelector('.sheet-map > canvas');
        const ratio = canvas.width / parseFloat(canvas.style.width);
        const mm = 96 / 25.4 * ratio;
        const style = getComputedStyle(document.querySelector('.sheet'));
        const pen = parseFloat(style.getPropertyValue('--pen'));
        const row = Math.round(canvas.height - 7 * mm - 3.5 * pen * ratio);
        const data = canvas.getContext('2d').getImageData(0, row, canvas.width, 1).data;
        let best = 0;
        for (let x = 0, run = 0; x < canvas.width; x++) {
            run = data[4 * x] < 40 && data[4 * x + 1] < 50 ? run + 1 : 0;
            best = Math.max(best, run);
        }
        return best / mm;
    }""")
    return float(px)


def test_the_sheet_shows_the_figures_of_the_page(plan: Plan, page: Any) -> None:
    sheet(page, "A3")
    kpis = dict(
        page.evaluate(
            "Array.from(document.querySelectorAll('.sheet-kpis div'), (one) =>"
            " Array.from(one.children, (part) => part.textContent))"
        )
    )
    count = int(page.inner_text(".count"))
    assert kpis["站址"].split()[0] == str(int(plan.by_count.loc[count, ("", "", "", "sites")]))
    sums = page.evaluate(
        "Array.from(document.querySelectorAll('.sheet .towns .sum td'), (one) => "
        "Number(one.textContent))"
    )
    assert sums[0] == plan.scenario.counts[0]
    assert sums[-1] == plan.scenario.counts[-1]


def test_a_bare_print_names_the_button(page: Any) -> None:
    page.emulate_media(media="print")
    assert page.locator("#print-hint").is_visible()
    assert not page.locator(".head").is_visible()


# hostile texts

PAYLOADS = [
    "</script><script>window.hit=1</script>", "<img src=x onerror=window.hit=2>",
    "{{ cycler.__init__.__globals__.os.popen('id') }}",
    "{% for x in y %}", "${window.hit=3}`", "<!--<script>", "\"'><svg onload=window.hit=4>",
    "&lt;b&gt;\u2028",
]  # fmt: skip


def poisoned(plan: Plan, text: str) -> Plan:
    """The plan with a text in every field that people can write."""
    scenario = plan.scenario
    tree = scenario.to_tree()
    titles = {
        "title": text,
        "title_en": text,
        "compiled_by": text,
        "client": text,
        "secrecy": text,
        "review_number": text,
    }
    networks = [
        {**one, "label": text + str(i), "label_en": text} for i, one in enumerate(tree["networks"])
    ]
    layers = [{**one, "label": text, "label_en": text} for one in tree["layers"]]
    phases = [
        {**one, "name": f"{text}{i}", "name_en": text} for i, one in enumerate(tree["phases"])
    ]
    bands = {name: {"label_zh": text, "label_en": text} for name in tree["bands"]}
    scenario = scenario.replace(
        titles=titles,
        networks=networks,
        layers=layers,
        phases=phases,
        bands=bands,
        district={"name": text, "name_en": text},
    )
    there = plan.layers
    named = {
        name: getattr(there, name).assign(name=text)
        for name in ("areas", "roads", "towns", "landmarks", "keep_outs", "water")
    }
    layers_ = dataclasses.replace(
        there, **named, sources=there.sources.assign(source=text, file=text, date=text)
    )
    stations = plan.stations.assign(
        station_id=text + plan.stations[F.STATION_ID],
        name=text,
        town=text,
        site_id=text + plan.stations[F.SITE_ID],
    )
    ids = (F.STATION_ID, F.SITE_ID, "replacement_id")
    replacements = plan.replacements.assign(
        **{name: text + plan.replacements[name] for name in ids}
    )
    return dataclasses.replace(
        plan,
        scenario=scenario,
        layers=layers_,
        stations=stations,
        replacements=replacements,
        findings=plan.findings.assign(
            station_id=text + plan.findings[F.STATION_ID], name=text, rule="sensitive"
        ),
        points=plan.points.assign(town=text),
        roads=plan.roads.assign(name=text, ref=text),
        towns=plan.towns.assign(town=text),
        residents=plan.residents.assign(town=text),
    )


@pytest.mark.parametrize("text", ["".join(PAYLOADS[:4]), "".join(PAYLOADS[4:])])
def test_hostile_texts_are_shown_as_text(
    plan: Plan, opened: Callable[..., Any], tmp_path: Path, text: str
) -> None:
    (tmp_path / "map.html").write_bytes(page_html(poisoned(plan, text)))
    with opened(tmp_path / "map.html") as page:
        assert (
            page.inner_text("h1").strip() == text.replace("\u2028", "").strip()
            or page.evaluate("document.querySelector('h1').textContent") == text
        )
        assert page.evaluate("document.title").strip() == text.replace("\u2028", " ").strip()
        for tab in ("gaps", "towns", "why", "review"):
            page.click(f"#tab-{tab}")
            page.wait_for_timeout(150)
        set_count(page, plan.scenario.counts[0])
        find(page, plan.stations.iloc[plan.order[0]][F.STATION_ID])
        assert page.evaluate("document.querySelector('.chosen-id').textContent").startswith(text)
        page.click("[data-mark=comment]")
        page.fill(".draft textarea", text)
        page.click(".save-draft")
        page.click(".language")
        sheet(page, "A4")
        assert page.evaluate("window.hit") is None
        assert (
            page.evaluate("document.querySelectorAll('img, iframe, script:not([type])').length")
            == 1
        )
