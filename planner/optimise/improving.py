"""What all searches have in common: a plan under improvement, and the best one so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from planner.compiled import inlined
from planner.optimise.annealing import Annealing
from planner.optimise.near import near_columns
from planner.optimise.objective import Objective
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Cover, Reduced
from planner.optimise.sharing import Sites

#: Places in the counts of a plan that every search has: objective of the best plan, steps taken.
BEST, STEP = 1, 2


class Candidates(NamedTuple):
    """Columns that a step may put in.

    near_ptr, (sites + 1,), and near_list: those near each site, nearest first; first, (columns,):
    the first class that each column may take.
    """

    near_ptr: IntArray
    near_list: NDArray[np.int32]
    first: NDArray[np.int8]

    @classmethod
    def of(cls, reduced: Reduced, sites: Sites, cover: Cover) -> Candidates:
        """Those of a problem; `cover` is that of its free columns."""
        return cls(*near_columns(sites, cover), reduced.first)


@dataclass(slots=True, eq=False)
class Improving:
    """A plan under improvement. The objective stays exact from step to step.

    Parameters
    ----------
    reduced : Reduced
    sites : Sites
    objective : Objective
    classes : int8 array, (columns,)
        Starting plan; K = not open.
    steps : int
        Length of the annealing.
    heat : int
        Mean worth an early step may lose.
    seed : int
    """

    reduced: Reduced
    sites: Sites
    objective: Objective
    classes: NDArray[np.int8]
    steps: int
    heat: int
    seed: int
    _candidates: Candidates = field(init=False)
    _annealing: Annealing = field(init=False)
    #: The plan with its books, a named tuple with ``best`` and ``counts``.
    _plan: Any = field(init=False)

    @property
    def best(self) -> NDArray[np.int8]:
        """Class of each column in the best plan so far, (columns,)."""
        best: NDArray[np.int8] = self._plan.best
        return best

    @property
    def step(self) -> int:
        """Steps taken so far."""
        return int(self._plan.counts[STEP])

    @property
    def value(self) -> int:
        """What the best plan so far is worth to the objective, at least."""
        return int(self._plan.counts[BEST])

    def replace_best(self, classes: NDArray[np.int8]) -> None:
        """Take over a plan found elsewhere as the best one, and end the search.

        The books stay those of the plan that the search stood at, so no step may follow.
        """
        other = self._at(classes)
        self._plan = self._plan._replace(best=other.best)
        self._plan.counts[BEST] = other.value
        self.steps = self.step

    def advance(self, steps: int) -> None:
        """Take up to `steps` more steps."""
        raise NotImplementedError

    def _at(self, classes: NDArray[np.int8]) -> Self:
        """A search that stands at another plan and takes no step."""
        return type(self)(self.reduced, self.sites, self.objective, classes, 0, 0, self.seed)


def seats_held(sites: Sites, never: int) -> NDArray[np.int32]:
    """Columns of each class in each seat, (seats, K), while no free column is open."""
    held = np.zeros((sites.seat_site.size, never), dtype=np.int32)
    # fixed columns hold their seats from the first class on
    held[sites.open_seat > 0, :1] = 1
    return held


@inlined
def next_class(counted, index, old):  # type: ignore[no-untyped-def]
    """First class after `old` in which a row or seat has open columns; `counted`, (.., K)."""
    later = old + 1
    while later < counted.shape[1] and counted[index, later] == 0:
        later += 1
    return later
