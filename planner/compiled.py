"""How the hot loops are compiled.

Loops are compiled once and kept on disk, run without the interpreter's lock, and never in parallel
inside, so that sums do not depend on the number of threads. Assignments of whole slices are written
as loops: each of them would cost more than a second of compiling. A counter that is handed on
begins as ``np.int64(0)``: a plain 0 is a type of its own, for which everything compiles again.

Arrays that belong together come as one named tuple. A loop reads them out of it once, at its head:
inside a hot loop every reading costs an atomic count.

What a step costs to compile it costs again in each loop above it, for there it is linked in and
optimised anew. So a step that one loop alone takes is put into it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import event

Loop = TypeVar("Loop", bound=Callable[..., Any])

# no way in from C, which nobody uses; type stubs do not know this option, nor the next
_OPTIONS: Any = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# with the loop that takes it on disk nobody asks for a step alone
_INNER: Any = {**_OPTIONS, "cache": False, "no_cpython_wrapper": True}


def compiled(loop: Loop) -> Loop:
    """A loop that Python calls."""
    return cast("Loop", njit(**_OPTIONS)(loop))


def inner(step: Loop) -> Loop:
    """A step that loops take in several places.

    It has no way in from Python either, so it compiles much sooner.
    """
    return cast("Loop", njit(**_INNER)(step))


def inlined(step: Loop) -> Loop:
    """A step, or a line of one, that is put in where it is taken."""
    return cast("Loop", njit(**_OPTIONS, inline="always")(step))


class _Uncollected(event.Listener):
    """No garbage is collected while a loop compiles, which took a fifth of that time.

    Compiling makes so many objects that all which the libraries hold would be walked through time
    and again. One thread compiles at a time, so a plain count of the loops at work will do.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._was_enabled = False

    def on_start(self, _: Any) -> None:
        if self._depth == 0:
            self._was_enabled = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, _: Any) -> None:
        self._depth -= 1
        if self._depth == 0 and self._was_enabled:
            gc.enable()


_WHEN: Any = event
_WHEN.register("numba:compile", _Uncollected())
