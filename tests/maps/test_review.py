"""Comparing plans, marking stations, printing sheets, and hostile texts, in a real browser."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner import fields as F
from planner.maps import save_page
from planner.model import Plan

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
    return {name: rank for rank, name in enumerate(plan.stations.iloc[plan.order][F.STATION_ID][:count])}


def differences(page: Any) -> dict[str, int]:
    return {
        one.get_attribute("data-difference"): int(one.query_selector("dd").inner_text())
        for one in page.query_selector_all("[data-difference]")
    }


# comparing


@pytest.mark.parametrize("phase", [1, 2])
def test_two_plans_differ_as_their_tables_do(
    plan: Plan, other: Plan, opened: Callable[..., Any], compare_file: Path, phase: int
) -> None:
    count = plan.scenario.counts[phase]
    with opened(compare_file) as page:
        set_count(page, count)
        left, right = ids_below(other, count), ids_below(plan, count)
        shown = differences(page)
        assert shown["only_left"] == len(left.keys() - right.keys()) > 0
        assert shown["only_right"] == len(right.keys() - left.keys()) > 0
        assert shown["common"] == len(left.keys() & right.keys())
        phase_of = plan.scenario.phase_of
        assert shown["retimed"] == sum(
            phase_of(left[one]) != phase_of(right[one]) for one in left.keys() & right.keys()
        )
        rows = {}
        for row in page.query_selector_all(".list.figures tbody tr"):
            name, *cells = row.inner_text().split("\t")
            rows[name] = [float(cell.split()[0]) for cell in cells[:2] if re.match(r"[\d.]+( |$)", cell)]
        sites = ("", "", "", "sites")
        assert rows["站址"] == [other.by_count.loc[count, sites], plan.by_count.loc[count, sites]]


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


def test_the_divider_moves_by_mouse_and_by_keys(opened: Callable[..., Any], compare_file: Path) -> None:
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
    assert [marks[kind]["station_id"] for kind in ("accept", "object", "propose", "comment")] == ids[3:7]
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
        '{"format": "planner-review", "marks": [{"kind": "accept"}, 7, null, {"kind": "x", "id": "1"}]}',
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
def test_a_sheet_is_one_page_at_a_true_scale(plan: Plan, page: Any, paper: str, size: tuple[int, int]) -> None:
    scale = sheet(page, paper)
    bar, text = bar_mm(page), page.evaluate("document.querySelector('.sheet').textContent")
    data = page.pdf(prefer_css_page_size=True)
    assert page.locator(".sheet").count() == 0  # the page is itself again after printing
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
    box = [float(one) for one in re.search(rb"/MediaBox\s*\[([^\]]+)\]", data).group(1).split()]
    assert [one * 25.4 / 72 for one in box[2:]] == pytest.approx(size, abs=0.6)
    longest = 52 if paper == "A3" else 52 * 0.72
    bar_m = max(metre for metre in (50, 100, 200, 500, 1000, 2000, 5000, 10000) if metre * 1000 / scale <= longest)
    assert bar == pytest.approx(bar_m * 1000 / scale, abs=0.25)
    count = int(page.inner_text(".count"))
    for word in (f"基站 {count}", "合成数据", "未经地图审核", "编制单位", plan.scenario.as_of, "1 : "):
        assert word in text


def bar_mm(page: Any) -> float:
    """Width of the scale bar on the sheet, from the pixels of its upper edge."""
    px = page.evaluate("""() => {
        const canvas = document.querySelector('.sheet-map > canvas');
        const ratio = canvas.width / parseFloat(canvas.style.width);
        const mm = 96 / 25.4 * ratio;
        const pen = parseFloat(getComputedStyle(document.querySelector('.sheet')).getPropertyValue('--pen'));
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
        "Array.from(document.querySelectorAll('.sheet .towns .sum td'), (one) => Number(one.textContent))"
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
    "{% for x in y %}", "${window.hit=3}`", "<!--<script>", "\"'><svg onload=window.hit=4>", "&lt;b&gt;\u2028",
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
    networks = [{**one, "label": text + str(i), "label_en": text} for i, one in enumerate(tree["networks"])]
    layers = [{**one, "label": text, "label_en": text} for one in tree["layers"]]
    phases = [{**one, "name": f"{text}{i}", "name_en": text} for i, one in enumerate(tree["phases"])]
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
    layers_ = dataclasses.replace(there, **named, sources=there.sources.assign(source=text, file=text, date=text))
    renamed = {phase.name: f"{text}{i}" for i, phase in enumerate(plan.scenario.phases)}
    stations = plan.stations.assign(
        station_id=text + plan.stations[F.STATION_ID], name=text, town=text, site_id=text + plan.stations[F.SITE_ID],
        siting_verdict=text, siting_reason=text,
    )  # fmt: skip
    return dataclasses.replace(
        plan, scenario=scenario, layers=layers_, stations=stations, points=plan.points.assign(town=text),
        roads=plan.roads.assign(name=text, ref=text),
        towns=plan.towns.assign(town=text, phase=plan.towns["phase"].map(renamed)),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["".join(PAYLOADS[:4]), "".join(PAYLOADS[4:])])
def test_hostile_texts_are_shown_as_text(plan: Plan, opened: Callable[..., Any], tmp_path: Path, text: str) -> None:
    save_page(poisoned(plan, text), tmp_path / "map.html")
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
        assert page.evaluate("document.querySelectorAll('img, iframe, script:not([type])').length") == 1
