"""Which search improves a plan, how long and how hot, and what of a known plan it begins with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.optimise.carriers import Carriers, carried_greedy
from planner.optimise.greedy import greedy
from planner.optimise.improve import Search
from planner.optimise.objective import Objective
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Reduced
from planner.optimise.sharing import Sites
from planner.optimise.swaps import Swaps

#: Plans of at most so many columns that each cover at least so many rows are improved by swaps.
FEW = 300
MANY_ROWS = 100
#: Ruin and recreate moves a few columns at a time, so it needs steps in proportion to the columns,
#: above a district's.
_DISTRICT_COLUMNS = 14_000
#: What an early step may lose, as a share of what a mean column brings, for either search.
_RUIN_HEAT = 1 / 40
_SWAP_HEAT = 0.06
#: Swaps take so many times the work and the steps: shorter annealings end 0.3 % apart by seed.
_SWAP_WORK = 3
#: Steps for each column below which a search under caps begins cooler, in proportion.
_MEND_STEPS = 50
#: Steps for each column that no search exceeds, for each unit of the above.
_MOST_STEPS = 200
#: A search from a known plan begins at this share of the heat and takes this share of the steps:
#: the fewest after which it is no worse than one that begins anew.
WARM_HEAT = 0.25
WARM_STEPS = 0.2


def begin(
    reduced: Reduced,
    sites: Sites,
    objective: Objective,
    classes: NDArray[np.int8],
    value: int,
    work: float,
    seed: int,
    *,
    warm: bool = False,
) -> Search | Swaps | Carriers:
    """The search that suits a problem, at its first step.

    Parameters
    ----------
    reduced : Reduced
    sites : Sites
    objective : Objective
    classes : int8 array, (columns,)
        Plan to improve.
    value : int
        What it covers, over all classes.
    work : float
        Elementary operations that the search may take, about 10 ns each on a slow core.
    seed : int
    warm : bool
        Whether the plan comes from an earlier search, so that less is left to do.
    """
    columns, opening = max(1, reduced.columns), max(1, int(reduced.budget.sum()))
    entries = max(1, reduced.cover.row_col.size)
    per_column, per_row = entries / columns, entries / max(1, reduced.rows)
    suits_swaps = opening <= FEW and per_column >= MANY_ROWS
    kind: type[Search | Swaps | Carriers] = Swaps if suits_swaps else Search
    if reduced.carried is not None:
        kind, classes_each = Carriers, per_column * max(1, len(reduced.classes))
        share, times, steps = _SWAP_HEAT, _SWAP_WORK, work / (1000 + 40 * classes_each)
    elif suits_swaps:
        share, times, steps = _SWAP_HEAT, _SWAP_WORK, _SWAP_WORK * work / (200 + 4 * per_column)
    else:
        work *= max(1.0, columns / _DISTRICT_COLUMNS)
        share, times, steps = _RUIN_HEAT, 1, work / (500 + 2 * per_column * per_row)

    is_open = bool(reduced.columns and reduced.classes)
    most = min(_MOST_STEPS * times * columns, int(steps)) if is_open else 0
    if reduced.carried is not None:
        # what a warm step breaks takes many steps to mend
        share *= min(1.0, most / (_MEND_STEPS * columns))
    heat = int(share * (WARM_HEAT if warm else 1.0) * (value // opening))
    length = int(most * (WARM_STEPS if warm else 1.0))
    return kind(reduced, sites, objective, classes, length, heat, seed)


def repaired(
    reduced: Reduced, sites: Sites, objective: Objective, order: IntArray
) -> NDArray[np.int8]:
    """A plan of this problem that keeps of a known one what it can, filled up greedily, (columns,).

    `order` is that of the known plan, by columns of the problem. A column keeps its phase if it is
    still free and may open by then; where a class is full, those later in the order move on to the
    next that is not, or, where all those are full, to the last one before it that is not.
    """
    problem, never = reduced.problem, len(reduced.classes)
    place = np.full(problem.shape[1], -1, dtype=np.int64)
    place[reduced.free] = np.arange(reduced.columns)
    phase = np.searchsorted(problem.phases, np.arange(order.size), side="right")
    wanted = np.searchsorted(reduced.classes, phase)

    kept = np.full(reduced.columns, never, dtype=np.int8)
    room = reduced.budget.copy()
    for column, cls in zip(place[order], wanted, strict=True):
        if column >= 0:
            may = np.flatnonzero(room[reduced.first[column] :]) + reduced.first[column]
            if may.size:
                kept[column] = may[min(np.searchsorted(may, cls), may.size - 1)]
                room[kept[column]] -= 1

    return first_plan(reduced, objective, sites, kept)


def first_plan(
    reduced: Reduced,
    objective: Objective,
    sites: Sites,
    kept: NDArray[np.int8] | None = None,
) -> NDArray[np.int8]:
    """Greedy's class of each column, (columns,), beside what is kept, as for `greedy`."""
    if reduced.carried is not None:
        return carried_greedy(reduced, objective, sites, kept)
    filled, classes = greedy(reduced, objective, sites, kept)
    chosen = np.full(reduced.columns, len(reduced.classes), dtype=np.int8)
    chosen[filled] = classes
    return chosen
