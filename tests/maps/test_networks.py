"""The page of a county with one network, and of one with three."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner import pipeline
from planner.maps import save_page
from planner.scenario import Scenario
from tests.toy import SCENARIO, write_toy_county

pytestmark = pytest.mark.browser

THIRD = {"name": "third", "code": "B", "label": "第三网（试点）", "label_en": "Third (pilot)", "bands": ["n78"]}


def page_of(count: int, folder: Path) -> Path:
    """The page of the toy county before anything is built, with so many networks."""
    county = write_toy_county(
        folder,
        networks=[*SCENARIO["networks"], THIRD][:count],
        demand={"network_share": {1: [1.0], 3: [0.5, 0.25, 0.25]}[count]},
        phases=[{**phase, "stations": n} for phase, n in zip(SCENARIO["phases"], (0, 10, 20), strict=True)],
        inputs={"sites": ""},
    )
    path = folder / "map.html"
    save_page(pipeline.solve(pipeline.build(Scenario.from_file(county))), path)
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
        assert page.locator(".layers thead th").all_inner_texts()[1:] == [*names[:2], "第三网"], "as much as fits"
        assert "第三网 干线" in page.locator(".curve-names").inner_text()
        for _ in range(2):
            assert not overlapping(page, ".layers tbody tr:first-child td")
            assert not overlapping(page, ".curve-name, .pace, .tick-mark")
            page.click(".language")
            page.wait_for_timeout(250)
        assert not re.search("两网|Both", page.inner_text("body"))


def overlapping(page: Any, selector: str) -> list[str]:
    """Texts of elements that lie over one another or run out of the window."""
    found: list[str] = page.evaluate(
        """(selector) => { const boxes = Array.from(document.querySelectorAll(selector), (one) => {
            const range = document.createRange(); range.selectNodeContents(one);
            return [one.textContent, range.getBoundingClientRect()]; }).filter(([, box]) => box.width);
        return boxes.filter(([, a], i) => a.right > innerWidth || boxes.some(([, b], k) => k < i
            && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1))
            .map(([text]) => text); }""",
        selector,
    )
    return found
