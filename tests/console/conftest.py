"""The drawn district of the tests of `plan`."""

from __future__ import annotations

from tests.plan.conftest import extension, model, plan

__all__ = ["extension", "model", "plan"]
