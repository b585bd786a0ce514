"""Limits that a plan must hold in each phase: floors and caps on groups of columns, and budgets.

A limit is an amount of each column and the least and the most that the columns open in a phase may
come to. With an amount of one for the members of a group it counts them, with a price it is a
budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.compiled import inner
from planner.optimise.checks import FloatArray, IntArray, integers, read_only, refuse

#: All amounts of a limit together stay below this, so that no sum of whole numbers overflows.
MOST_AMOUNT = 1 << 40
#: The same for all that limits charge.
_MOST_CHARGED = 1 << 60


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """What the open columns of each phase come to, at least and at most.

    Attributes
    ----------
    name : str
        What errors call it.
    amount : array of int, (columns,)
        What each column counts, whole numbers from 0 up; their sum lies below 2^40. The fixed
        columns count too.
    least, most : float or sequence, (phases,), optional
        Ends of what the columns open by the end of each phase may come to: one for all phases or
        one for each. None or NaN is no end.
    parts : int
        How many of these whole numbers make the unit in which errors state them.
    """

    name: str
    amount: ArrayLike
    least: float | Sequence[float | None] | FloatArray | None = None
    most: float | Sequence[float | None] | FloatArray | None = None
    parts: int = 1

    def same_in_all_phases(self) -> Limit:
        """The same limit with one number for an end that is equal in all phases."""
        ends = {}
        for side in ("least", "most"):
            each = np.asarray(getattr(self, side), dtype=np.float64)
            is_same = each.ndim and np.array_equal(
                each, np.full_like(each, each[0]), equal_nan=True
            )
            ends[side] = each[0] if is_same else getattr(self, side)
        return replace(self, **ends)


class Limits(NamedTuple):
    """Limits on the free columns, for ``K`` classes, as compiled loops take them.

    Attributes
    ----------
    amount : int array, (limits, columns)
    least, most : int arrays, (limits, K)
        What the columns open by each class may come to beside the fixed ones. Where a limit has no
        end it is one that always holds.
    """

    amount: IntArray
    least: IntArray
    most: IntArray


class Use(NamedTuple):
    """What the open columns of a plan come to, with the limits on it.

    Attributes
    ----------
    limits : Limits
    lowest, highest : int arrays, (limits,)
        Least and largest amount of a column.
    now : int array, (limits, K)
        What the columns open by each class come to.
    """

    limits: Limits
    lowest: IntArray
    highest: IntArray
    now: IntArray


class Broken(NamedTuple):
    """A limit that a phase of a plan breaks: its number and name, and what the columns come to.

    `amount`, `least` and `most` are in the limit's unit; NaN where there is no such end.
    """

    limit: int
    name: str
    phase: int
    amount: float
    least: float
    most: float


def check_limits(given: Sequence[Limit], columns: int, phases: int) -> tuple[Limit, ...]:
    """The limits of a problem with checked, read-only arrays, (columns,) and (phases,).

    Raises
    ------
    ProblemError
        When one is no such limit.
    """
    return tuple(_checked(limit, columns, phases) for limit in given)


def _checked(limit: Limit, columns: int, phases: int) -> Limit:
    name = f"limit {limit.name!r}"
    amount = integers(f"{name}: amount", limit.amount)
    if amount.shape != (columns,) or np.any(amount < 0) or amount.sum(dtype=float) >= MOST_AMOUNT:
        refuse(
            f"{name}: amount must hold {columns} whole numbers from 0 up with a sum below 2^40",
            f"限制 {limit.name!r}: amount 须为 {columns} 个不小于 0 的整数, 合计小于 2^40",
        )
    least, most = (
        _ends(limit, side, given, phases)
        for side, given in (("least", limit.least), ("most", limit.most))
    )
    crossed = np.flatnonzero(least > most)
    if crossed.size:
        phase = crossed[0]
        refuse(
            f"{name}: least {least[phase]:g} is above most {most[phase]:g} in phase {phase}",
            f"限制 {limit.name!r}: 第 {phase + 1} 期的下限 {least[phase]:g} "
            f"大于上限 {most[phase]:g}",
        )
    return Limit(limit.name, read_only(amount), read_only(least), read_only(most), limit.parts)


def _ends(limit: Limit, side: str, given: Any, phases: int) -> FloatArray:
    """One end of a limit, (phases,), NaN where there is none."""
    try:
        array = np.array(np.nan if given is None else given, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty((0, 0))
    if array.shape not in ((), (phases,)) or np.isinf(array).any() or np.any(array < 0):
        refuse(
            f"limit {limit.name!r}: {side} must be a number from 0 up, or {phases} of them, one "
            f"for each phase",
            f"限制 {limit.name!r}: {side} 须为一个不小于 0 的数, 或每期一个 (共 {phases} 个)",
        )
    return np.broadcast_to(array, (phases,)).copy()


def no_limits(columns: int, classes: int) -> Limits:
    """Limits of a problem without any."""
    ends = np.zeros((0, classes), dtype=np.int64)
    return Limits(np.zeros((0, columns), dtype=np.int64), ends, ends.copy())


def open_limits(
    limits: Sequence[Limit], fixed: IntArray, free: IntArray, classes: Sequence[int]
) -> Limits:
    """What limits leave to the free columns.

    Parameters
    ----------
    limits
        As checked.
    fixed, free : int arrays
        Columns that open first, and those that may open.
    classes : sequence of int
        Phase of each class; the fixed columns are all open by then.
    """
    nothing = no_limits(free.size, len(classes))
    if not limits:
        return nothing
    amount, least, most = (
        np.stack([np.asarray(getattr(limit, name)) for limit in limits])
        for name in ("amount", "least", "most")
    )
    taken = amount[:, fixed].sum(axis=1)[:, None]
    own = np.ascontiguousarray(amount[:, free])
    all_own = own.sum(axis=1)[:, None]
    phases = list(classes)
    low = np.ceil(np.where(np.isnan(least), 0, least))[:, phases].astype(np.int64) - taken
    high = np.where(np.isnan(most), taken + all_own, np.minimum(np.floor(most), MOST_AMOUNT))
    most_left = np.minimum(high[:, phases].astype(np.int64) - taken, all_own)
    # row by row, as without limits: in another order every loop would compile a second time
    ends = (np.ascontiguousarray(end) for end in (np.maximum(low, 0), most_left))
    return Limits(own, *ends)


def broken_limits(
    limits: Sequence[Limit], order: IntArray, phases: Sequence[int]
) -> tuple[Broken, ...]:
    """Limits that an order breaks, by limit and phase.

    Phases beyond the end of the order are not looked at.
    """
    found = []
    for number, limit in enumerate(limits):
        amount, least, most = (np.asarray(each) for each in (limit.amount, limit.least, limit.most))
        opened = np.concatenate([[0], np.cumsum(amount[order])])
        for phase, count in enumerate(phases):
            if count <= order.size and (
                opened[count] < least[phase] or opened[count] > most[phase]
            ):
                amounts = (opened[count], least[phase], most[phase])
                said = (float(each / limit.parts) for each in amounts)
                found.append(Broken(number, limit.name, phase, *said))
    return tuple(found)


def most_charge(limits: Limits) -> FloatArray:
    """The most that each limit may charge for a unit, (limits,), so that no sum overflows."""
    share = _MOST_CHARGED // max(1, limits.least.size)
    most: FloatArray = np.floor(share / np.maximum(1, limits.amount.sum(axis=1)))
    return most


def uses(limits: Limits, classes: NDArray[np.int8]) -> IntArray:
    """What the columns open by each class come to, (limits, K); `classes`, (columns,)."""
    never = limits.least.shape[1]
    by_then = classes[:, None] <= np.arange(never)
    return limits.amount @ by_then.astype(np.int64)


def holds(limits: Limits, classes: NDArray[np.int8]) -> bool:
    """Whether a plan holds all limits."""
    use = uses(limits, classes)
    return bool(np.all((use >= limits.least) & (use <= limits.most)))


def no_use(limits: Limits) -> Use:
    """The use of limits by the plan that opens no free column."""
    amount = limits.amount
    lowest = amount.min(axis=1, initial=MOST_AMOUNT)
    return Use(limits, lowest, amount.max(axis=1, initial=0), np.zeros_like(limits.least))


@inner
def enter(column, old, new, use):  # type: ignore[no-untyped-def]
    """Move a column from one class to another in the use of the limits, K meaning closed."""
    now, amount = use.now, use.limits.amount
    for limit in range(now.shape[0]):
        for k in range(new, old):
            now[limit, k] += amount[limit, column]
        for k in range(old, new):
            now[limit, k] -= amount[limit, column]


@inner
def fits(column, c, owed, use):  # type: ignore[no-untyped-def]
    """Whether a closed column may open in class `c` without that some limit must be broken.

    `owed`, (K,), is how many columns are still to open by each class after it.
    """
    now, limits, lowest, highest = use.now, use.limits, use.lowest, use.highest
    for limit in range(now.shape[0]):
        for k in range(c, now.shape[1]):
            after = now[limit, k] + limits.amount[limit, column]
            if after + owed[k] * lowest[limit] > limits.most[limit, k]:
                return False
            if after + owed[k] * highest[limit] < limits.least[limit, k]:
                return False
    return True


@inner
def is_held(use):  # type: ignore[no-untyped-def]
    """Whether the plan as it stands holds all limits."""
    now, limits = use.now, use.limits
    for limit in range(now.shape[0]):
        for k in range(now.shape[1]):
            if now[limit, k] < limits.least[limit, k] or now[limit, k] > limits.most[limit, k]:
                return False
    return True
