"""The plan made by hand of the tests of `exports`, for the office's tables."""

from __future__ import annotations

from tests.exports.conftest import plan, scenario

__all__ = ["plan", "scenario"]
