"""The page of a county with one network, of one with three, and of two whose networks differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from planner import pipeline
from planner.maps import page_html
from planner.model import Plan
from planner.scenario import Scenario
from tests.toy import SCENARIO, write_toy_county

pytestmark = pytest.mark.browser

THIRD = {
    "name": "third",
    "code": "B",
    "label": "第三网（试点）",
    "label_en": "Third (pilot)",
    "bands": ["n78"],
}


SHARES = {1: [1.0], 2: [0.5, 0.5], 3: [0.5, 0.25, 0.25]}


def plan_of(networks: Sequence[Mapping[str, Any]], folder: Path, **changes: Any) -> Plan:
    """The toy county before anything is built, with these networks."""
    county = write_toy_county(
        folder,
        name=folder.name,
        networks=[
            {**network, "share": share}
            for network, share in zip(networks, SHARES[len(networks)], strict=True)
        ],
        phases=[
            {**phase, "stations": n}
            for phase, n in zip(SCENARIO["phases"], (0, 10, 20), strict=True)
        ],
        inputs={"sites": ""},
        **changes,
    )
    return pipeline.solve(pipeline.build(Scenario.from_file(county)))


def page_of(count: int, folder: Path) -> Path:
    """The page of a plan of so many networks."""
    path = folder / "map.html"
    path.write_bytes(page_html(plan_of([*SCENARIO["networks"], THIRD][:count], folder / "county")))
    return path


def test_one_network_leaves_nothing_to_choose(opened: Callable[..., Any], tmp_path: Path) -> None:
    with opened(page_of(1, tmp_path)) as page:
        assert page.locator(".networks").is_hidden()
        assert page.locator(".networks button").count() == 0
        before = page.inner_text("body")
        assert "全部网络" not in before
        assert "各网" not in before
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("n")
        page.wait_for_timeout(250)
        assert page.inner_text("body") == before
        page.keyboard.press("l")
        page.wait_for_timeout(250)
        assert {"室内覆盖", "仅室外覆盖"} <= set(page.locator(".legend-row span").all_inner_texts())


def test_three_networks_are_named_and_fit(opened: Callable[..., Any], tmp_path: Path) -> None:
    with opened(page_of(3, tmp_path)) as page:
        names = ["移动", "电信联通", "第三网（试点）"]
        assert page.locator(".networks button").all_inner_texts() == ["全部网络", *names]
        assert page.locator(".layers thead th").all_inner_texts()[1:] == [*names[:2], "第三网"], (
            "as much as fits"
        )
        assert "第三网 干线" in page.locator(".curve-names").inner_text()
        for _ in range(2):
            assert not overlapping(page, ".layers tbody tr:first-child td")
            assert not overlapping(page, ".curve-name, .pace, .tick-mark")
            page.click(".language")
            page.wait_for_timeout(250)
        assert not re.search("两网|Both", page.inner_text("body"))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan of both networks."""
    return plan_of(SCENARIO["networks"], tmp_path_factory.mktemp("two") / "two")


def figures(page: Any) -> dict[str, list[str]]:
    """Left, right and difference of each figure that is compared."""
    page.wait_for_timeout(250)
    rows = page.locator(".list.figures tbody tr").evaluate_all(
        "rows => rows.map((row) => Array.from(row.cells, (cell) => cell.textContent))"
    )
    return {name: cells for name, *cells in rows}


def choose(page: Any, network: int) -> None:
    page.click(f".networks button[data-value='{network}']")
    page.wait_for_timeout(250)


def test_networks_in_another_order_are_the_same_networks(
    two: Plan, opened: Callable[..., Any], tmp_path: Path
) -> None:
    turned = plan_of(SCENARIO["networks"][::-1], tmp_path / "turned")
    pipeline.write_map(two, tmp_path / "compare.html", turned)
    with opened(tmp_path / "compare.html") as page:
        seen = []
        for network in (-1, 0, 1):
            choose(page, network)
            rows = figures(page)
            assert all(re.fullmatch(r"\+0(\.0| m)?", step) for *_, step in rows.values())
            assert all(left == right for left, right, _ in rows.values())
            shown = [int(text) for text in page.locator("[data-difference] dd").all_inner_texts()]
            assert shown == [0, 0, 0, 0, int(rows["基站"][1].split()[0])]
            seen.append(rows)
        assert seen[1] != seen[2], "each network has its own figures"
        names = page.locator(".list.figures thead th").nth(1)
        assert names.inner_text() == "turned · 10 站"


def test_a_network_that_the_plan_on_the_left_lacks_has_no_figure_there(
    two: Plan, opened: Callable[..., Any], tmp_path: Path
) -> None:
    one = plan_of(SCENARIO["networks"][:1], tmp_path / "one")
    pipeline.write_map(two, tmp_path / "compare.html", one)
    with opened(tmp_path / "compare.html") as page:
        assert figures(page)["基站"] == ["10 站", "10 站", "+0"]
        choose(page, 1)
        rows = figures(page)
        whole = {"站址", "每万人", "累计投资（万元）"}  # of the district
        assert all(
            left == "–" and not step for name, (left, _, step) in rows.items() if name not in whole
        )
        assert all(right != "–" for _, right, _ in rows.values())
        assert "覆盖居民" in rows
        assert page.inner_text("[data-difference=only_left] dd") == "0"
        assert page.inner_text("[data-difference=only_right] dd") == rows["基站"][1].split()[0]


def test_a_plan_of_one_network_shows_all_that_the_other_has(
    two: Plan, opened: Callable[..., Any], tmp_path: Path
) -> None:
    one = plan_of(SCENARIO["networks"][1:], tmp_path / "one")
    pipeline.write_map(one, tmp_path / "compare.html", two)
    with opened(tmp_path / "compare.html") as page:
        assert figures(page)["基站"] == ["10 站", "10 站", "+0"]
        counts = dict(
            zip(
                ("left", "right", "moved", "retimed", "common"),
                map(int, page.locator("[data-difference] dd").all_inner_texts()),
                strict=True,
            )
        )
        assert counts["left"] + counts["moved"] + counts["common"] == 10
        networks = page.locator(".differences tbody tr td:nth-child(3)").all_inner_texts()
        assert {"移动", "电信联通"} == {*networks}


@pytest.mark.parametrize("count", [2, 3])
def test_reasons_and_shares_stay_in_their_cells(
    opened: Callable[..., Any], tmp_path: Path, count: int
) -> None:
    asked = {"core": {"residents": 0.99}, "seats": {"residents": 0.99}}
    layers = [
        {
            **layer,
            "label": f"{layer['label']}（含高速公路、国道）",
            "rule": layer.get("rule", {}) | asked.get(layer["name"], {}),
        }
        for layer in SCENARIO["layers"]
    ]
    plan = plan_of([*SCENARIO["networks"], THIRD][:count], tmp_path / "county", layers=layers)
    (tmp_path / "map.html").write_bytes(page_html(plan))
    with opened(tmp_path / "map.html") as page:
        for language in ("zh", "en"):
            seen = ""
            for number in (0, 4, 20):
                page.evaluate(
                    """(count) => {
                    const slider = document.querySelector('.slider');
                    slider.value = count;
                    slider.dispatchEvent(new Event('input')); }""",
                    number,
                )
                assert not page.evaluate(
                    """Array.from(document.querySelectorAll('.layers td')).filter((cell) => {
                        const range = document.createRange(); range.selectNodeContents(cell);
                        const [text, box] = [range, cell].map((one) => one.getBoundingClientRect());
                        return text.right > box.right + 1;
                    }).map((cell) => cell.textContent)"""
                ), (language, number)
                seen += page.inner_text(".layers tbody")
            assert {"zh": "居民欠", "en": "residents −"}[language] in seen
            assert "100.0%" in seen
            page.click(".language")


def overlapping(page: Any, selector: str) -> list[str]:
    """Texts of elements that lie over one another or run out of the window."""
    found: list[str] = page.evaluate(
        """(selector) => {
        const found = Array.from(document.querySelectorAll(selector), (one) => {
            const range = document.createRange();
            range.selectNodeContents(one);
            return [one.textContent, range.getBoundingClientRect()];
        });
        const boxes = found.filter(([, box]) => box.width);
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        return boxes.filter(([, a], i) => a.right > innerWidth
            || boxes.some(([, b], k) => k < i && meet(a, b))).map(([text]) => text);
        }""",
        selector,
    )
    return found
