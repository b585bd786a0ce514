"""What a verdict hangs on, against the rules asked at every step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rules import RULES, judge, reserve_db, turning
from tests.rules.grounds import chains_of

ASKED = [(RULES["share"], 0.9), (RULES["gap"], 150.0)]
HEARD = [(rule, rule.limit.default or 0.5) for rule in RULES.values() if rule.is_heard]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=12))
def test_the_verdict_turns_where_it_says(hand: list[float]) -> None:
    ground = chains_of([[50.0] * len(hand)])
    in_hand = np.array(hand)

    def passes(threshold: float) -> bool:
        rank = np.where(in_hand >= threshold, 0, 1)
        return bool(judge(ground, rank, ASKED, 1).measures["passes"][1])

    found = reserve_db(ground, in_hand, [*ASKED, *HEARD], 2.0)
    steps = [step / 10 for step in range(-20, 21)]
    held = [step for step in steps if passes(step)]
    if not held or held[-1] == 2.0:
        assert np.isnan(found)
    else:
        assert found == held[-1]
        assert (found >= 0) == passes(0.0)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"passes": True, "reserve_db": 0.3, "passing_count": 1500}, [("spare_db", 0.3)]),
        ({"passes": False, "reserve_db": -1.2, "passing_count": -1}, [("short_db", 1.2)]),
        ({"passes": True, "reserve_db": np.nan, "passing_count": 1839}, [("spare_stations", 1.0)]),
        ({"passes": False, "reserve_db": np.nan, "passing_count": 1858}, [("short_stations", 18)]),
        ({"passes": False, "reserve_db": np.nan, "passing_count": 1859}, []),
        # what is heard turned it back: the count from which it passes lies on the other side
        ({"passes": False, "reserve_db": np.nan, "passing_count": 1835}, []),
        ({"passes": True, "reserve_db": np.nan, "passing_count": 1845}, []),
        ({"passes": True, "reserve_db": np.nan, "passing_count": 1840, "phase": 0}, []),
    ],
)
def test_what_counts_as_borderline(
    row: dict[str, float], expected: list[tuple[str, float]]
) -> None:
    assert turning({"phase": 2, "count": 1840, **row}) == expected
