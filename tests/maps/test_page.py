"""The page in a real browser, without network: it shows the plan's tables, every control works."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from planner import crs
from planner import fields as F
from planner.codes import Siting
from planner.maps import page_html
from planner.model import Plan, whole_percent
from planner.words import language, percent, shown_size
from tests.toy import degrees

pytestmark = pytest.mark.browser


def set_count(page: Any, count: int) -> None:
    page.evaluate(
        """(count) => { const slider = document.querySelector('.slider'); slider.value = count;
        slider.dispatchEvent(new Event('input')); }""",
        count,
    )
    page.wait_for_timeout(220)  # lists follow when the slider rests


def press(page: Any, *keys: str) -> None:
    page.evaluate("document.activeElement.blur()")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(220)


def count_of(page: Any) -> int:
    return int(page.inner_text(".count"))


def kpi(page: Any, name: str) -> str:
    return str(page.evaluate(f"document.querySelector('[data-kpi={name}]').firstChild.textContent"))


def picture(page: Any, name: str = "live") -> str:
    """What the map's canvas shows."""
    return str(page.evaluate(f"document.querySelector('.canvases canvas.{name}').toDataURL()"))


def find(page: Any, text: str, datum: str = "WGS-84") -> None:
    page.select_option(".search select", label=datum)
    page.fill(".search input", text)
    page.press(".search input", "Enter")
    page.wait_for_timeout(600)


def counts_of(plan: Plan) -> list[int]:
    counts = plan.scenario.counts
    return sorted(
        {*counts, (counts[0] + counts[1]) // 2, (counts[1] + counts[2]) // 2, counts[-1] - 1}
    )


def test_figures_are_the_tables_at_every_count(plan: Plan, page: Any) -> None:
    for level in F.LEVELS:
        if level == "deep":
            press(page, "l")
        for count in counts_of(plan):
            set_count(page, count)
            row = plan.by_count.loc[count]
            assert count_of(page) == count
            assert kpi(page, "stations") == str(count)
            assert kpi(page, "sites") == str(int(row["", "", "", "sites"]))
            assert float(kpi(page, "per_10k")) == pytest.approx(
                row["", "", "", "per_10k"], abs=0.06
            )
            assert kpi(page, "cost") == f"{math.floor(row['', '', '', 'cost_wan'] + 0.5):,}"
            check_verdicts(plan, page, count, level)


def check_verdicts(plan: Plan, page: Any, count: int, level: str) -> None:
    """What is counted and picked from the layers' verdicts; those themselves: test_verdicts.py."""
    row = plan.by_count.loc[count]
    at = {key: value for key, value in row.items() if key[0] and key[2] == level}
    passing = [value for key, value in at.items() if key[3] == "passes"]
    assert kpi(page, "layers_pass") == f"{int(sum(passing))}/{len(passing)}"
    roads = {
        layer.name: layer.rule.share for layer in plan.scenario.layers if layer.shape == "road"
    }
    shares = [
        percent(value, roads[key[0]])
        for key, value in at.items()
        if key[0] in roads and key[3] == "share"
    ]
    assert kpi(page, "road_share") == min(shares, key=float)
    longest = max(value for key, value in at.items() if key[3] == "longest_m")
    assert kpi(page, "longest") == language().length(longest).split()[0]
    holes = [
        sum(value for key, value in at.items() if key[3] == "holes" and key[1] == network)
        for network in plan.scenario.network_names
    ]
    assert kpi(page, "holes") == f"{max(holes):.0f}"


def test_a_failing_layer_names_the_count_that_passes(plan: Plan, page: Any) -> None:
    set_count(page, plan.scenario.counts[0])
    line = page.inner_text(".fails-line")
    failing = plan.verdicts[
        (plan.verdicts["level"] == "outdoor")
        & (plan.verdicts["passing_count"] > plan.scenario.counts[0])
    ]
    assert len(failing)
    for count in failing["passing_count"]:
        assert f"自 {count} 站起达标" in line


def listed_failures(page: Any) -> tuple[list[str], list[float]]:
    """Sizes of the gaps as they are written, of the holes in hectares."""
    page.click("#tab-gaps")
    gaps, holes = [], []
    for row in page.query_selector_all(".list.gaps tbody tr"):
        kind, *_, size = (cell.inner_text() for cell in row.query_selector_all("td"))
        if kind == "干线缺口":
            gaps.append(size)
        else:
            holes.append(float(size.split()[0]))
    return gaps, holes


@pytest.mark.parametrize("level", F.LEVELS)
def test_the_lists_are_the_plans_gaps_and_holes(plan: Plan, page: Any, level: str) -> None:
    if level == "deep":
        press(page, "l")
    for number, phase in enumerate(plan.scenario.phases):
        set_count(page, phase.stations)
        gaps, holes = listed_failures(page)
        here = [
            table[(table[F.PHASE] == number) & (table["level"] == level)]
            for table in (plan.gaps, plan.holes)
        ]
        assert gaps == [
            language().length(metres) for metres in sorted(here[0][F.LENGTH_M], reverse=True)
        ]
        assert holes == pytest.approx(sorted(here[1][F.AREA_HA], reverse=True), abs=0.11)


def test_between_phases_the_lists_have_as_many_rows_as_the_table_says(
    plan: Plan, page: Any
) -> None:
    for count in counts_of(plan):
        set_count(page, count)
        gaps, holes = listed_failures(page)
        row = plan.by_count.loc[count]
        outdoor = row[[key for key in row.index if key[2] == "outdoor"]]
        assert len(gaps) == sum(outdoor[key] for key in outdoor.index if key[3] == "gaps")
        assert len(holes) == sum(outdoor[key] for key in outdoor.index if key[3] == "holes")


def test_a_row_of_the_list_zooms_there(plan: Plan, page: Any) -> None:
    set_count(page, plan.scenario.counts[0])
    page.click("#tab-gaps")
    before = picture(page)
    page.click(".list.gaps tbody tr")
    page.wait_for_timeout(700)
    near = picture(page)
    assert near != before
    assert page.locator(".inset").is_hidden()
    page.click(".tool-home")
    page.wait_for_timeout(700)
    assert picture(page) != near


def test_the_inset_of_a_layer_as_wide_as_the_map_shows_a_part_and_names_it(
    plan: Plan, page: Any, opened: Callable[..., Any], tmp_path: Path
) -> None:
    # the core town, and the same kind of place at the other end of the county
    first = plan.scenario.layers[0]
    areas = plan.layers.areas
    (town,) = areas.index[areas[F.LAYER] == first.name]
    far = areas.loc[[town]].assign(**{F.NAME: "新区"})
    far = far.set_geometry(far.geometry.translate(3900.0, 900.0).scale(0.4, 0.4))
    spread = pd.concat([areas, far], ignore_index=True)

    assert _inset_name(page) == first.label
    path = tmp_path / "map.html"
    path.write_bytes(page_html(replace(plan, layers=replace(plan.layers, areas=spread))))
    with opened(path) as wide:
        assert _inset_name(wide) == f"{first.label} · {areas.loc[town, F.NAME]}"


def _inset_name(page: Any) -> str:
    """What the inset says it shows, once the map is far enough away."""
    for _ in range(3):
        page.click(".tool-zoom_out")
        page.wait_for_timeout(500)
    return str(page.inner_text(".inset-name"))


def test_the_slider_by_keyboard(plan: Plan, page: Any) -> None:
    first, middle, last = plan.scenario.counts
    page.focus(".slider")
    for key, expected in (
        ("Home", first),
        ("ArrowRight", first + 1),
        ("ArrowLeft", first),
        ("End", last),
        ("PageDown", max(first, last - 50)),
        ("PageUp", min(last, max(first, last - 50) + 50)),
    ):
        page.keyboard.press(key)
        assert count_of(page) == expected, key
    press(page, "[")
    assert count_of(page) == middle
    press(page, "[", "[")
    assert count_of(page) == first
    press(page, "]")
    assert count_of(page) == middle
    text = page.get_attribute(".slider", "aria-valuetext")
    assert text == f"{middle} 站，{plan.scenario.phases[1].name}"


def test_marks_under_the_axis_are_the_phases_and_the_years_between(plan: Plan, page: Any) -> None:
    texts = page.locator(".tick-mark").all_inner_texts()
    for phase in plan.scenario.phases:
        assert any(text.endswith(f" {phase.stations}") for text in texts)
    assert {"2021", "2022", "2023", "2024"} <= set(texts)
    page.click(".tick-mark:text-is('2022')")
    low, high = plan.scenario.counts[1:]
    assert count_of(page) == round(low + (high - low) * 2 / 5)
    assert "线性" in page.inner_text(".pace")


def test_play_lands_on_each_phase_and_stops_at_the_last(plan: Plan, page: Any) -> None:
    set_count(page, plan.scenario.counts[0])
    seen = page.evaluate("""() => new Promise((done) => { const seen = [];
        const count = document.querySelector('.count');
        const observer = new MutationObserver(() => seen.push(Number(count.textContent)));
        observer.observe(count, { childList: true });
        document.querySelector('.play').click();
        const wait = setInterval(() => {
            if (!document.querySelector('.play').textContent.startsWith('▶')) return;
            clearInterval(wait);
            done(seen);
        }, 50); })""")
    assert set(plan.scenario.counts[1:]) <= set(seen)
    assert count_of(page) == plan.scenario.counts[-1]


def test_network_and_level_switches(plan: Plan, page: Any) -> None:
    both = picture(page)
    count = count_of(page)
    for k, network in enumerate(plan.scenario.networks):
        page.click(f".networks button[data-value='{k}']")
        page.wait_for_timeout(200)
        assert kpi(page, "stations") == str(
            int(plan.by_count.loc[count, ("", network.name, "", "stations")])
        )
        assert picture(page) != both
    press(page, "n")
    assert page.get_attribute(".networks button[data-value='-1']", "aria-pressed") == "true"
    assert picture(page) == both
    page.click(".levels button[data-value='1']")
    page.wait_for_timeout(200)
    assert picture(page) != both
    assert "深度覆盖" in page.inner_text(".legend")


def test_layers_and_legend_rows_switch_what_is_drawn(page: Any) -> None:
    page.wait_for_timeout(300)
    start = picture(page)
    box = page.locator("tr[data-layer=core] input")
    box.uncheck()
    page.wait_for_timeout(300)
    assert picture(page) != start
    box.check()
    page.wait_for_timeout(300)
    assert picture(page) == start
    for name in ("stations", "gaps", "candidates", "servers"):
        page.click(f"[data-toggle={name}] >> nth=0")
        assert picture(page) != start, name
        page.click(f"[data-toggle={name}] >> nth=0")
        assert picture(page) == start, name
    names = picture(page)
    page.click("[data-toggle=graticule]")
    assert picture(page) != names


def test_sectors_and_siting_verdicts_of_the_plan_are_shown(plan: Plan, page: Any) -> None:
    chosen = plan.stations.iloc[plan.order]
    asked = chosen[chosen[F.SITING_VERDICT] != Siting.PASS]
    assert len(asked)
    station = asked.iloc[0]
    find(page, station[F.STATION_ID])
    found = plan.findings[plan.findings[F.STATION_ID] == station[F.STATION_ID]].to_dict("records")
    for words, head in ((language("en"), "Siting check"), (language("zh"), "选址核查")):
        page.click(".language")
        reasons = [
            words(
                "siting_rule",
                one[F.RULE],
                figure=one[F.FIGURE],
                limit=one[F.LIMIT],
                name=one[F.NAME],
            )
            for one in found
        ]
        assert (
            fact(page, head)
            == f"{words('siting', station[F.SITING_VERDICT])} · {words.clauses(reasons)}"
        )
    find(page, chosen[F.STATION_ID][chosen[F.SITING_VERDICT] == Siting.PASS].iloc[0])
    assert fact(page, "选址核查") == language()("siting", Siting.PASS)
    find(page, station[F.STATION_ID])
    assert f"{station['compliance_m']:.0f} m" in fact(page, "电磁环境")
    turns, reason = fact(page, "方位角").split(" · ")
    assert turns.replace("°", "").split(" / ") == station[F.AZIMUTHS_DEG].split("/")
    assert reason == language()("azimuth_reason", station[F.AZIMUTH_REASON])
    for name in ("wedges", "siting"):
        before = picture(page)
        page.click(f"[data-toggle={name}]")
        assert picture(page) != before, name


def test_azimuths_of_the_site_list_are_drawn_and_named(
    plan: Plan, opened: Callable[..., Any], tmp_path: Path
) -> None:
    first, second = plan.order[:2]
    turns, reasons = (
        plan.stations[column].to_numpy(dtype=object)
        for column in (F.AZIMUTHS_DEG, "azimuth_reason")
    )
    turns[first], reasons[first] = "250/10/130.5/300", "on_air"
    listed = replace(
        plan, stations=plan.stations.assign(**{F.AZIMUTHS_DEG: turns, "azimuth_reason": reasons})
    )
    pictures = []
    for number, one in enumerate((plan, listed)):
        (tmp_path / f"{number}.html").write_bytes(page_html(one))
        with opened(tmp_path / f"{number}.html") as page:
            find(page, plan.stations[F.STATION_ID].iloc[first])
            if one is listed:
                assert (
                    fact(page, "方位角") == "250° / 10° / 130.5° / 300° · 现网方位角，按站址表所列"
                )
            pictures.append(picture(page))
            find(page, plan.stations[F.STATION_ID].iloc[second])
            reason = plan.stations[F.AZIMUTH_REASON].iloc[second]
            assert fact(page, "方位角").endswith(f" · {language()('azimuth_reason', reason)}")
    assert pictures[0] != pictures[1], "the wedges follow"


def test_the_towns_are_the_task_table(plan: Plan, page: Any) -> None:
    page.click("#tab-towns")
    count = count_of(page)
    shown = {}
    for row in page.query_selector_all(".list.towns:not(.residents) tbody tr"):
        name, *figures = row.inner_text().split("\t")
        shown[name.strip()] = [int(figure) for figure in figures]
    towns = plan.towns.set_index(["town", "phase", "network"]).sort_index()
    stations = plan.stations.iloc[plan.order]
    for name in plan.towns["town"].unique():
        expected = [int(towns.loc[(name, 0)]["stations"].sum())]
        for phase in range(1, len(plan.scenario.phases)):
            rows = towns.loc[(name, phase)]
            expected += [
                int(rows.loc[network, "new"]) for network in plan.scenario.network_names
            ] + [int(rows["stations"].sum())]
        assert shown[name] == [*expected, int((stations[F.TOWN].iloc[:count] == name).sum())]
    assert shown["合计"][-1] == count
    assert shown["合计"][-2] == plan.scenario.counts[-1]


def residents_listed(page: Any) -> dict[str, list[str]]:
    rows = page.locator(".list.residents tbody tr").all_inner_texts()
    return {name: figures for name, *figures in (row.split("\t") for row in rows)}


@pytest.mark.parametrize("level", F.LEVELS)
def test_residents_stand_where_the_plan_knows_them(plan: Plan, page: Any, level: str) -> None:
    words = language()
    if level == "deep":
        press(page, "l")
    for number, phase in enumerate(plan.scenario.phases):
        set_count(page, phase.stations)
        page.click("#tab-towns")
        at = plan.residents[
            (plan.residents[F.PHASE] == number) & (plan.residents[F.LEVEL] == level)
        ]
        expected: dict[str, list[str]] = {}
        for row in at[at[F.PEOPLE] > 0].to_dict("records"):
            there = expected.setdefault(row[F.TOWN], [f"{shown_size('count', row[F.PEOPLE]):,}"])
            there.append(f"{shown_size('count', row[F.COVERED]):,}")
        assert expected
        listed = residents_listed(page)
        served = [
            plan.by_count.loc[phase.stations, ("", name, level, "residents")]
            for name in plan.scenario.network_names
        ]
        people = sum(int(figure.replace(",", "")) for figure, *_ in expected.values())
        assert listed.pop(words("page.sum")) == [f"{figure:,.0f}" for figure in (people, *served)]
        assert listed == expected
        row = plan.by_count.loc[phase.stations]
        shown = [
            (
                f"{percent(row['', name, level, 'residents_share'])}%",
                f"{row['', name, level, 'residents']:,.0f}",
            )
            for name in plan.scenario.network_names
        ]
        cells = [cell.inner_text() for cell in page.query_selector_all(".layers tfoot td")]
        assert list(zip(cells[1::3], cells[2::3], strict=True)) == shown
        page.click(".compare")
        least = min(row["", name, level, "residents"] for name in plan.scenario.network_names)
        figures = page.inner_text(".list.figures")
        assert re.search(rf"{words('measure.residents')}\t\S+ 人\t{least:,.0f} 人\t", figures)
        assert words("measure.residents_share") in figures
        page.click(".compare")


def test_a_station_says_whom_it_serves_first(plan: Plan, page: Any) -> None:
    chosen = plan.stations.iloc[plan.order]
    for station in (
        chosen.nlargest(1, F.GAIN_RESIDENTS).iloc[0],
        chosen[chosen[F.GAIN_RESIDENTS] == 0].iloc[0],
    ):
        find(page, station[F.STATION_ID])
        assert fact(page, "新增居民") == f"{shown_size('count', station[F.GAIN_RESIDENTS])} 人"


def test_without_population_no_resident_is_spoken_of(
    plan: Plan, opened: Callable[..., Any], tmp_path: Path
) -> None:
    measures = [column for column in plan.by_count.columns if not column[3].startswith("residents")]
    nobody = replace(
        plan,
        by_count=plan.by_count[measures],
        residents=plan.residents.iloc[:0],
        stations=plan.stations.assign(**{F.GAIN_RESIDENTS: math.nan}),
    )
    (tmp_path / "nobody.html").write_bytes(page_html(nobody))
    with opened(tmp_path / "nobody.html") as page:
        find(page, plan.stations.iloc[plan.order[30]][F.STATION_ID])
        for tab in ("#tab-why", "#tab-towns", ".compare"):
            page.click(tab)
            assert "居民" not in page.inner_text(".panel")
        assert not page.locator(".residents, .layers tfoot tr").count()


def fact(page: Any, name: str) -> str:
    return str(page.locator(f".facts dt:text-is('{name}') + dd").inner_text())


@pytest.mark.parametrize("rank", [0, 9, 25])
def test_why_a_station_is_there(plan: Plan, page: Any, rank: int) -> None:
    station = plan.stations.iloc[plan.order[rank]]
    find(page, station[F.STATION_ID])
    assert page.inner_text(".chosen-id") == station[F.STATION_ID]
    assert fact(page, "次序") == f"第 {rank + 1} 站 · {plan.scenario.phases[station[F.PHASE]].name}"
    assert fact(page, "镇（街道）") == station[F.TOWN]
    assert fact(page, "经纬度").startswith(f"{station[F.LON]:.6f}, {station[F.LAT]:.6f}")
    if rank >= plan.scenario.counts[1]:
        assert count_of(page) == rank + 1  # a station that is not open yet moves the slider
    check_reasons(plan, page, station)


def check_reasons(plan: Plan, page: Any, station: pd.Series) -> None:
    table = page.inner_text(".reasons tbody")
    for layer in plan.scenario.layers:
        for kind, sign in (("gain", "+"), ("loss", "−")):
            figure = station.get(f"{kind}_{layer.name}_outdoor", 0.0)
            if figure >= 0.1:
                row = page.locator(f".reasons tbody tr:has-text('{layer.label}')").inner_text()
                shown = [
                    float(text) for text in re.findall(rf"\{sign}([\d.]+(?:e[-+]?\d+)?)%", row)
                ]
                assert any(value == pytest.approx(figure, rel=0.06) for value in shown), (
                    layer.name,
                    kind,
                    table,
                )


def stand_ins(plan: Plan, station: str) -> list[tuple[str, str, str, str]]:
    """Site, 规划编号, whole metres and per cent of those that the plan keeps for a station."""
    found = plan.replacements[plan.replacements[F.STATION_ID] == station]
    return [
        (
            row.site_id,
            row.replacement_id,
            f"{row.distance_m:.0f}",
            str(whole_percent(row.regained) or "<1"),
        )
        for row in found.itertuples()
    ]


def test_alternatives_are_those_of_the_plan(plan: Plan, page: Any) -> None:
    stations = plan.replacements[F.STATION_ID].unique()
    band = plan.stations.set_index(F.STATION_ID)[F.BAND]
    for station in stations[:: max(len(stations) // 5, 1)]:
        find(page, station)
        lines = page.locator(".alternatives li").all_inner_texts()
        shown = [re.split(r" 距 | m，补回 |%", line)[:3] for line in lines]
        label = plan.scenario.bands
        assert shown == [
            [f"{site} {label[band[other]].label_zh}", metres, percent]
            for site, other, metres, percent in stand_ins(plan, station)
        ]


def test_an_alternative_leads_to_its_place(plan: Plan, page: Any) -> None:
    row = plan.replacements.iloc[0]
    find(page, row[F.STATION_ID])
    page.locator(".alternatives button").first.click()
    page.wait_for_timeout(800)
    assert page.inner_text(".chosen-id") == row[F.STATION_ID]
    shown = picture(page)
    page.press(".search input", "Escape")  # takes the mark away
    page.wait_for_timeout(220)
    assert picture(page) != shown, "the place was not marked"
    find(page, row[F.STATION_ID])
    page.locator(".alternatives button").first.click()
    page.wait_for_timeout(800)
    box = page.locator("#map_review").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)
    lon, lat = map(float, fact(page, "经纬度").split(" CGCS")[0].split(","))
    assert [lon, lat] == pytest.approx([row[F.LON], row[F.LAT]], abs=3e-4)


def test_a_station_without_alternatives_says_why(plan: Plan, page: Any) -> None:
    planned = plan.stations.iloc[plan.order]
    losses = planned.filter(like="loss_").sum(axis=1)
    nobody = ~planned[F.STATION_ID].isin(plan.replacements[F.STATION_ID]) & (
        planned[F.STATE] != "open"
    )
    words = {
        "已开通，无需替代": planned[F.STATE] == "open",
        "没有损失，无需替代": nobody & (losses == 0),
        "没有可补回的候选站": nobody & (losses > 0.01),
    }
    assert sum(mask.any() for mask in words.values()) > 1
    for text, mask in words.items():
        for station in planned.loc[mask, F.STATION_ID].head(1):
            find(page, station)
            assert text in page.inner_text(".alternatives")
            assert not page.locator(".alternatives button").count()


def test_a_click_on_the_map_finds_the_station_or_the_ground(plan: Plan, page: Any) -> None:
    station = plan.stations.iloc[plan.order[2]]
    find(page, station[F.STATION_ID])
    box = page.locator("#map_review").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(middle[0] + 220, middle[1] + 10)
    page.wait_for_timeout(200)
    assert page.inner_text("#tab-body h3") == "地面"
    page.mouse.click(*middle)
    page.wait_for_timeout(200)
    assert page.inner_text(".chosen-id") == station[F.STATION_ID]


def test_the_ground_says_who_serves_it_first(plan: Plan, page: Any) -> None:
    core = plan.members("core") if hasattr(plan, "members") else (plan.share[:, 0] > 0).nonzero()[0]
    point = int(core[len(core) // 2])
    row = plan.points.iloc[point]
    find(page, f"{row[F.LON]:.6f}, {row[F.LAT]:.6f}")
    assert "主城区" in fact(page, "所属图层")
    for k, network in enumerate(("移动", "电信联通")):
        rank = int(plan.first[point, k, 0])
        text = fact(page, f"{network} 室外连续")
        if rank == F.NEVER:
            assert text == "本方案不覆盖"
        else:
            station = plan.stations.iloc[plan.server[point, k, 0]][F.STATION_ID]
            assert text == f"第 {rank + 1} 站起，由 {station} 首先覆盖"


def test_the_ground_says_how_strong_the_signal_is(plan: Plan, page: Any) -> None:
    point = int((plan.share[:, 0] > 0).nonzero()[0][7])
    row = plan.points.iloc[point]
    find(page, f"{row[F.LON]:.6f}, {row[F.LAT]:.6f}")
    count = plan.scenario.counts[1]
    set_count(page, count)
    for network, short in zip(plan.scenario.network_names, ("移动", "电信联通"), strict=True):
        strength = row[F.signal_column(network, count)]
        shown = fact(page, f"{short} SS-RSRP")
        assert shown.startswith("收不到" if math.isnan(strength) else f"{round(strength)} dBm"), (
            shown
        )
        assert f"{count} 站时" in shown


@pytest.mark.parametrize("datum", ["WGS-84", "CGCS2000", "GCJ-02", "BD-09"])
def test_search_by_coordinates_of_any_datum(page: Any, datum: str) -> None:
    lon, lat = 120.13, 33.43
    name = {"WGS-84": "wgs84", "CGCS2000": "cgcs2000", "GCJ-02": "gcj02", "BD-09": "bd09"}[datum]
    there = crs.convert(lon, lat, "wgs84", name)
    find(page, f"{float(there[0]):.6f}，{float(there[1]):.6f}", datum)
    shown = [float(text) for text in re.findall(r"\d+\.\d{6}", fact(page, "经纬度"))]
    assert shown == pytest.approx([lon, lat], abs=3e-6)


@pytest.mark.parametrize(
    "text", ["120.13 33.43", "33.43, 120.13", "120°7′48″, 33°25′48″", "E120.13, N33.43"]
)
def test_coordinates_are_read_in_many_forms(page: Any, text: str) -> None:
    find(page, text)
    shown = [float(found) for found in re.findall(r"\d+\.\d{6}", fact(page, "经纬度"))]
    assert shown == pytest.approx([120.13, 33.43], abs=3e-6)


def test_search_by_name_and_for_nothing(page: Any) -> None:
    page.fill(".search input", "老城")
    assert "老城" in page.locator(".found li").all_inner_texts()
    page.fill(".search input", "没有这个名字")
    assert page.locator(".found li").all_inner_texts() == ["没有找到"]
    page.press(".search input", "Escape")
    assert page.input_value(".search input") == ""
    press(page, "/")
    assert page.evaluate("document.activeElement.type") == "search"


@pytest.mark.parametrize(("name", "place"), [("城中街道", (3.0, 3.5)), ("东镇", (6.6, 1.4))])
def test_search_by_the_name_of_a_town_leads_to_its_seat(
    page: Any, name: str, place: tuple[float, float]
) -> None:
    find(page, name)
    box = page.locator("#map_review").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)
    shown = [float(found) for found in re.findall(r"\d+\.\d{6}", fact(page, "经纬度"))]
    assert shown[:2] == pytest.approx(degrees(*place), abs=2e-3)  # or a station beside it


def test_measuring_is_right_to_a_per_cent(plan: Plan, page: Any) -> None:
    south = plan.stations.iloc[plan.order[1]]
    find(page, f"{south[F.LON]:.6f}, {south[F.LAT]:.6f}")
    box = page.locator("#map_review").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.click(".tool-measure")
    page.mouse.click(x, y)
    page.mouse.click(x + 200, y)
    text = page.inner_text(".announce")
    page.keyboard.press("Escape")
    page.mouse.click(x + 200, y)  # the ground there, with its coordinates
    page.wait_for_timeout(200)
    lon = float(fact(page, "经纬度").split(",")[0]) if page.locator(".facts").count() else math.nan
    value, unit = re.findall(r"([\d.]+) (k?m)", text)[0]
    metre = float(value) * (1000 if unit == "km" else 1)
    expected = (lon - south[F.LON]) * 111_320 * math.cos(math.radians(south[F.LAT]))
    assert metre == pytest.approx(expected, rel=0.01)
    assert page.locator(".announce").is_hidden()


def test_english_has_no_chinese_word_of_the_page_left(page: Any) -> None:
    page.click(".language")
    for tab in ("gaps", "signal", "towns", "why", "review"):
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(250)
        assert page.evaluate("document.documentElement.lang") == "en"
        words = page.evaluate(
            """Array.from(document.querySelectorAll('[data-word], .kpis dt, .legend-row, ' +
                '.tabs button, thead th, .tab-line, .mark-buttons button'),
                (one) => one.textContent)"""
        )
        data = re.compile("移动|电信联通|主城区|玩具县|老城|[一二]期|现状|EN|中文")
        assert not [word for word in words if re.search("[\u4e00-\u9fff]", data.sub("", word))]
    page.click(".language")
    assert page.inner_text("[data-kpi=stations]").endswith("站")


def test_everything_that_acts_has_a_name_and_can_be_reached(page: Any) -> None:
    nameless = page.evaluate("""() => Array.from(document.querySelectorAll(
            'button, input, select, textarea, [role=separator], [tabindex="0"]'))
        .filter((one) => one.offsetParent && !(one.getAttribute('aria-label')
            || one.textContent.trim() || (one.labels && one.labels.length)
            || one.getAttribute('aria-labelledby')))
        .map((one) => one.outerHTML.slice(0, 120))""")
    assert not nameless
    page.focus("#tab-gaps")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-signal"
    assert page.get_attribute("#tab-signal", "aria-selected") == "true"
    set_count(page, count_of(page) + 1)
    page.wait_for_timeout(500)
    assert re.match(r"\d+ 站，.+图层达标 \d+/\d+", page.inner_text(".spoken"))


def test_what_every_map_must_say_stands_on_it(plan: Plan, page: Any) -> None:
    notice = page.inner_text(".notice")
    assert "合成数据" in notice
    assert "内部讨论用图，未经地图审核" in notice
    assert page.locator(".tag").is_visible()
    assert page.title() == plan.scenario.titles.title


def test_a_page_without_scripts_says_what_it_needs(browser: Any, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert "Chromium 86" in page.inner_text("body")
    context.close()


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)])
def test_nothing_runs_off_the_page(
    opened: Callable[..., Any], page_file: Path, size: tuple[int, int]
) -> None:
    with opened(page_file, viewport={"width": size[0], "height": size[1]}) as page:
        for _ in range(2):
            wide = page.evaluate("""() => Array.from(
                    document.querySelectorAll('.head > *, .kpis dd, .layers td, .count-block > *'))
                .filter((one) => one.getBoundingClientRect().right > innerWidth + 1
                    || one.scrollWidth > one.clientWidth + 2
                    && getComputedStyle(one).overflow === 'visible')
                .map((one) => one.className + ' ' + one.textContent)""")
            assert not wide
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            page.click(".language")
