"""Whether a layer passes the rules that it asks for, at every count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from planner.rules.ground import Array, Ground, IntArray
from planner.rules.rule import Rule

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
