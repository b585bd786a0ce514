"""What a pass rule is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

import numpy as np

from planner.rules.ground import Array, FloatArray, Ground, IntArray, Shape

Form = Literal["share", "length", "count", "level"]
SHARE_SLACK: Final = 1e-9
"""A share is a sum of floats: 95 % of the length must not fail by its last bit."""


class Rule(ABC):
    """A pass rule.

    Attributes
    ----------
    code
        What figures, verdicts and words call it.
    key
        Its key under ``rule`` of a layer in the scenario.
    limit
        That parameter, made by :func:`planner.parameters.parameter`; where its default is None the
        rule is not asked for unless a layer says so.
    shapes
        Shapes of layer that it can judge.
    measures
        Units of the figures that :meth:`measure` gives.
    form
        How the size of a failure is written: a share (0-1), a length in m, a number of pieces, or a
        level in dB.
    is_heard
        Whether its figure is one of reception, see :mod:`planner.rules.heard`.
    """

    code: ClassVar[str]
    key: ClassVar[str]
    limit: ClassVar[Any]
    shapes: ClassVar[tuple[Shape, ...]]
    measures: ClassVar[Mapping[str, str]]
    form: ClassVar[Form]
    is_heard: ClassVar[bool] = False

    def opened(self, ground: Ground, rank: IntArray, limit: float) -> IntArray | None:
        """(n,) greatest count at which each place lies in a piece that fails, -1 for never.

        None for a rule that is about no piece of ground.
        """
        return None

    @abstractmethod
    def measure(
        self, ground: Ground, rank: IntArray, opened: IntArray | None, limit: float, top: int
    ) -> Mapping[str, Array]:
        """The rule's figures at every count.

        Parameters
        ----------
        ground
            A layer.
        rank, opened
            (n,) rank at which each of its places is first served, and what :meth:`opened` makes of
            it.
        limit
            What the layer asks for.
        top
            The greatest count.

        Returns
        -------
        mapping
            Arrays of length ``top + 1``, index = count, by measure.
        """

    @abstractmethod
    def failure(self, measured: Mapping[str, Array], limit: float) -> FloatArray:
        """How much the rule fails by at every count, in its form; 0 where it holds."""

    def limit_text(self, limit: float) -> str:
        """The limit as its words show it: a share in per cent."""
        return f"{100 * limit:g}" if self.form == "share" else f"{limit:g}"


def missing_share(share: FloatArray, limit: float) -> FloatArray:
    """What is missing from a share, 0 where it reaches the limit."""
    return np.where(share >= limit - SHARE_SLACK, 0.0, limit - share)
