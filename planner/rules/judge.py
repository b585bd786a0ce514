"""Whether a layer passes the rules that it asks for, at every count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from planner.rules.ground import Array, FloatArray, Ground, IntArray
from planner.rules.rule import Rule

NEAR_COUNT: Final = 0.01
"""Share of the stations on which a verdict may hang before it counts as safe."""

STEPS_A_DB: Final = 10
"""How finely a reserve is told."""

Asked = Sequence[tuple[Rule, float]]
"""Rules that a layer is to pass, each with its limit."""

NOTHING: Final[Mapping[str, Array]] = {}


class Judged(NamedTuple):
    """What the rules say of a layer, for one network and level.

    Attributes
    ----------
    measures
        Arrays by count from 0: the figures of every rule that is asked for, ``fail_<code>`` of each
        (how much it fails by, 0 where it holds) and ``passes`` (all hold).
    opened
        (n,) greatest count at which each place lies in a piece that fails one of the rules, -1 for
        never.
    """

    measures: Mapping[str, Array]
    opened: IntArray


def judge(
    ground: Ground, rank: IntArray, asked: Asked, top: int, heard: Mapping[str, Array] = NOTHING
) -> Judged:
    """Judge a layer at every count.

    Parameters
    ----------
    ground
        The layer.
    rank
        (n,) rank at which each of its places is first served.
    asked
        The rules, see :func:`planner.rules.asked`.
    top
        The greatest count.
    heard
        Figures of what is heard, arrays by count, for the rules that judge it.
    """
    figures: dict[str, Array] = {}
    failures: dict[str, Array] = {}
    all_opened = [rule.opened(ground, rank, limit) for rule, limit in asked]
    for (rule, limit), opened in zip(asked, all_opened, strict=True):
        measured = dict(rule.measure(ground, rank, opened, limit, top))
        if rule.is_heard:
            measured |= {measure: heard[measure] for measure in rule.measures}
        figures |= measured
        failures[f"fail_{rule.code}"] = rule.failure(measured, limit)

    # a layer of which nothing is asked passes
    held = [np.ones(top + 1, np.bool_), *(failure == 0 for failure in failures.values())]
    measures = {**figures, **failures, "passes": np.all(held, axis=0)}
    return Judged(measures, _latest(rank, all_opened))


def reserve_db(ground: Ground, hand_db: FloatArray, asked: Asked, within_db: float) -> float:
    """By how much every signal may weaken, or has to strengthen, until the verdict turns.

    Parameters
    ----------
    ground
        The layer.
    hand_db
        (n,) what the best station has in hand at each of its places, dB: served from 0 on. It need
        not be exact beyond ``within_db`` either way.
    asked
        The rules. Those on what is heard are left out: all signals together move no SINR.
    within_db
        How far the answer is looked for, dB.

    Returns
    -------
    float
        In steps of 0.1 dB. Of a layer that passes 0 or above, the most by which it still does; of
        one that fails below 0, the least with which it would pass. NaN where the verdict stands at
        ``within_db`` too.
    """
    covering = [(rule, limit) for rule, limit in asked if not rule.is_heard]

    def holds(steps: int) -> bool:
        # a place that is served has rank 0, any other one none, and count 1 is that of all stations
        rank = np.where(hand_db >= steps / STEPS_A_DB, 0, 1).astype(np.int64)
        return bool(judge(ground, rank, covering, 1).measures["passes"][1])

    most = round(within_db * STEPS_A_DB)
    is_passing = holds(0)
    low, high = (0, most) if is_passing else (-most, 0)
    if holds(low) == holds(high):
        return float("nan")

    # from passing to failing, as the threshold rises
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low / STEPS_A_DB


def turning(values: Mapping[Any, Any]) -> list[tuple[str, float]]:
    """What a verdict hangs on, for ``Language.borderline``: code and figure; empty for none.

    Parameters
    ----------
    values
        A row of ``Plan.verdicts``: ``phase, count, passes, passing_count, reserve_db``.
    """
    found = []
    kind = "spare" if values["passes"] else "short"
    reserve, count, least = values["reserve_db"], values["count"], values["passing_count"]
    if reserve == reserve:
        found.append((f"{kind}_db", abs(float(reserve))))
    # the stations of the state stand, none of them can be left out; and a rule on what is heard may
    # turn the verdict back at a later count
    stations = int(count) - int(least) if values["passes"] else int(least) - int(count)
    if values["phase"] > 0 and least >= 0 and 0 <= stations < NEAR_COUNT * count:
        found.append((f"{kind}_stations", float(stations)))
    return found


def opened_rank(ground: Ground, rank: IntArray, asked: Asked) -> IntArray:
    """(n,) greatest count at which each place lies in a failing piece; see :class:`Judged`."""
    return _latest(rank, [rule.opened(ground, rank, limit) for rule, limit in asked])


def _latest(rank: IntArray, all_opened: Sequence[IntArray | None]) -> IntArray:
    """(n,) greatest of what the rules say of each place, -1 where none says anything."""
    latest = np.full(len(rank), -1, np.int64)
    for opened in all_opened:
        if opened is not None:
            latest = np.maximum(latest, opened)
    return latest
