"""What the page says of every layer, in a real browser, is to the letter what Python says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner import fields as F
from planner.codes import Verdict
from planner.maps import page_html
from planner.model import Plan
from planner.rules import RULES, failing, turning
from planner.words import Language, known_languages, language, percent

pytestmark = pytest.mark.browser

N_COUNTS = 30

# share, verdict, passing count of each layer and network by "layer/network", then the longest gap;
# at every count
READ = """(counts) => counts.map((count) => {
    const slider = document.querySelector('.slider');
    slider.value = count;
    slider.dispatchEvent(new Event('input'));
    const cells = {};
    for (const row of document.querySelectorAll('.layers tbody tr')) {
        for (const verdict of row.querySelectorAll('.verdict')) {
            cells[row.dataset.layer + '/' + verdict.dataset.network] = [
                verdict.previousElementSibling.textContent, verdict.textContent, verdict.title];
        }
    }
    return { shown: Number(document.querySelector('.count').textContent), cells,
        longest: document.querySelector('[data-kpi=longest]').textContent };
})"""


@pytest.fixture(params=["plan", "other"])
def shown(
    request: pytest.FixtureRequest, opened: Callable[..., Any], tmp_path: Path
) -> Iterator[tuple[Plan, Any]]:
    """A plan and its page: the county's, and the stricter one that asks for residents too."""
    plan: Plan = request.getfixturevalue(request.param)
    (tmp_path / "map.html").write_bytes(page_html(plan))
    with opened(tmp_path / "map.html") as page:
        yield plan, page


def counts_of(plan: Plan) -> list[int]:
    """Counts spread over the plan, the phases among them."""
    first, *_, last = plan.scenario.counts
    spread = (
        np.linspace(first, last, N_COUNTS - len(plan.scenario.counts) + 2)
        .round()
        .astype(int)
        .tolist()
    )
    return sorted({*spread, *plan.scenario.counts})


def rows_of(plan: Plan, count: int) -> dict[tuple[str, str, str], dict[str, float]]:
    """Measures of each layer, network and level at a count; at a phase as the verdicts say."""
    rows: dict[tuple[str, str, str], dict[str, float]] = {}
    for (*case, measure), value in plan.by_count.loc[count].items():
        rows.setdefault((case[0], case[1], case[2]), {})[measure] = float(value)
    for row in plan.verdicts[plan.verdicts[F.COUNT] == count].to_dict("records"):
        there = rows[row[F.LAYER], row[F.NETWORK], row[F.LEVEL]]
        assert (row[F.SHARE], row[F.PASSES]) == (there["share"], bool(there["passes"]))
        assert failing(row) == failing(there)
        there[F.RESERVE_DB] = row[F.RESERVE_DB]
    return rows


def expected_cells(plan: Plan, count: int, level: str, words: Language) -> dict[str, list[str]]:
    rows, cells = rows_of(plan, count), {}
    first = plan.verdicts[plan.verdicts[F.PHASE] == 0].set_index([F.LAYER, F.NETWORK, F.LEVEL])[
        F.PASSING_COUNT
    ]
    for layer in plan.scenario.layers:
        for k, network in enumerate(plan.scenario.network_names):
            case = (layer.name, network, level)
            if "passes" not in rows.get(case, {}):
                cells[f"{layer.name}/{k}"] = ["", words("verdict", Verdict.NONE), ""]
                continue
            share = f"{percent(rows[case]['share'], layer.rule.share)}%"
            least = int(first[case])
            asked = {
                "phase": int(count > plan.scenario.counts[0]),
                "count": count,
                "reserve_db": np.nan,
            }
            hangs = words.borderline(turning({**asked, "passing_count": least, **rows[case]}))
            said = [words("verdict", Verdict.PASS), hangs]
            if rows[case]["passes"]:
                text = words("language.and_comma").join(filter(None, said))
                cells[f"{layer.name}/{k}"] = [share, f"✓ {text}", ""]
                continue
            why = words.failures(failing(rows[case]))
            passing = words("never_passes") if least < 0 else words("from_count", count=least)
            cells[f"{layer.name}/{k}"] = [
                share,
                f"✕ {words('language.and_comma').join(filter(None, (why, hangs)))}",
                passing,
            ]
    return cells


def expected_longest(
    plan: Plan, count: int, level: str, networks: tuple[str, ...], words: Language
) -> str:
    """The longest gap of the road layers in some networks: number and unit without a space."""
    rows = rows_of(plan, count)
    longest = [
        rows[layer.name, network, level]["longest_m"]
        for layer in plan.scenario.layers
        if layer.shape == "road"
        for network in networks
    ]
    return words.length(max(longest)).replace(" ", "")


def test_every_reason_share_count_and_length_is_pythons(shown: tuple[Plan, Any]) -> None:
    plan, page = shown
    counts, names = counts_of(plan), plan.scenario.network_names
    assert len(counts) >= N_COUNTS - 1
    assert {*plan.scenario.counts} <= {*counts}
    for code in known_languages():
        words = language(code)
        for v, level in enumerate(F.LEVELS):
            page.click(f".levels button[data-value='{v}']")
            for k in range(-1, len(names)):
                page.click(f".networks button[data-value='{k}']")
                networks = names if k < 0 else names[k : k + 1]
                for count, found in zip(counts, page.evaluate(READ, counts), strict=True):
                    assert found["shown"] == count
                    assert found["cells"] == expected_cells(plan, count, level, words), (
                        code,
                        level,
                        count,
                    )
                    assert found["longest"] == expected_longest(plan, count, level, networks, words)
        page.click(".language")


def test_the_counts_hold_every_kind_of_failure_and_several_at_once(plan: Plan, other: Plan) -> None:
    kinds = {
        tuple(code for code, *_ in failing(row))
        for one in (plan, other)
        for count in counts_of(one)
        for row in rows_of(one, count).values()
    }
    assert {code for kind in kinds for code in kind} == {*RULES}
    assert {("share", "gap"), ("share", "hole"), ("share", "residents", "hole")} <= kinds
