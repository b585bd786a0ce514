"""CP-SAT on the nested program of an objective, in a process of its own.

OR-Tools brings a HiGHS that cannot be loaded beside highspy, so the child imports numpy and
OR-Tools alone. It is handed the integers as arrays and prints what it found as JSON:

    python -m benchmarks.cp_sat PROGRAM.npz SECONDS
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
SHIFT = 14
"""CP-SAT adds up worths without their last bits, rounded up, so that its bound holds."""

Arrays = dict[str, NDArray[Any]]


class Found(NamedTuple):
    """Seconds of the search, the bound in integer units, and the class by which each column opens.

    The class is -1 for a column that stays closed; there are none where no plan was found.
    """

    seconds: float
    bound: float
    classes: list[int]


def cp_sat(program: Arrays, seconds: float) -> Found:
    """Search for some seconds of the processor, building not counted: one worker, without a hint.

    Parameters
    ----------
    program
        ``opening`` (columns, K), ``covering`` (rows, K) and ``sharing`` (K,), what each is worth by
        each class, in integers; ``row_ptr``, ``row_col``, columns of each row; ``budget`` (K,);
        ``first`` (columns,), the first class of each; ``seat_ptr``, ``seat_list``, columns of each
        seat, those of a site one after the other; ``held`` (seats,), whether a fixed column does.

    Raises
    ------
    ImportError
        Without OR-Tools.
    """
    if find_spec("ortools") is None:
        raise ImportError("No module named 'ortools'")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.npz"
        np.savez(path, **program)
        command = [sys.executable, "-m", "benchmarks.cp_sat", str(path), str(seconds)]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Found(*json.loads(done.stdout))


def main() -> None:
    from ortools.sat.python import cp_model

    path, seconds = sys.argv[1:]
    with np.load(path) as stored:
        model, opened = _model(cp_model.CpModel(), dict(stored))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    began, ended = time.process_time(), Event()
    Thread(target=_stop_after, args=(solver, float(seconds), began, ended)).start()
    status = solver.solve(model)
    spent = time.process_time() - began
    ended.set()

    classes: list[int] = []
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        is_open = np.array([[solver.boolean_value(one) for one in line] for line in opened])
        classes = np.where(is_open[-1], np.argmax(is_open, axis=0), -1).tolist()
    print(json.dumps([spent, solver.best_objective_bound * 2**SHIFT, classes]))


def _stop_after(solver: Any, seconds: float, began: float, ended: Event) -> None:
    """Stop a search by the processor's clock: its own limit is on the wall's."""
    while not ended.wait(0.1):
        if time.process_time() - began > seconds:
            solver.stop_search()


def _model(model: Any, program: Arrays) -> tuple[Any, list[list[Any]]]:
    """The model, and for each class the columns open by then."""
    opening, covering, sharing = (program[name] for name in ("opening", "covering", "sharing"))
    row_ptr, row_col, first = program["row_ptr"], program["row_col"], program["first"]
    seat_ptr, seat_list, held = program["seat_ptr"], program["seat_list"], program["held"]
    classes = sharing.size
    terms: list[Any] = []

    def yes(worth: int) -> Any:
        """A new truth value that is worth something, in units that CP-SAT can add up."""
        one = model.new_bool_var("")
        if worth:
            terms.append(-(-int(worth) >> SHIFT) * one)
        return one

    opened = [[yes(worth) for worth in opening[:, c]] for c in range(classes)]
    for c, count in enumerate(np.cumsum(program["budget"]).tolist()):
        model.add(sum(opened[c]) == count)
        for j in np.flatnonzero(first > c):
            model.add(opened[c][j] == 0)
        if c + 1 < classes:
            for sooner, later in zip(opened[c], opened[c + 1], strict=True):
                model.add_implication(sooner, later)
        for row, worth in enumerate(covering[:, c]):
            columns = row_col[row_ptr[row] : row_ptr[row + 1]]
            model.add_bool_or([*(opened[c][j] for j in columns), ~yes(worth)])

        # A site is shared when both of its seats are held.
        if not sharing[c]:
            continue
        both = [yes(sharing[c]) for _ in range(held.size // 2)]
        for seat in np.flatnonzero(~held):
            columns = seat_list[seat_ptr[seat] : seat_ptr[seat + 1]]
            model.add_bool_or([*(opened[c][j] for j in columns), ~both[seat // 2]])
    model.maximize(sum(terms))
    return model, opened


if __name__ == "__main__":
    main()
