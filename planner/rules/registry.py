"""The rules of this folder: found by themselves, asked for by a layer, failing or not."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from planner.rules.judge import Asked
from planner.rules.rule import Form, Rule

_FIRST: Final = ("share", "residents", "gap", "hole", "ss_sinr", "overlap")
"""The order in which rules are read; any further one stands behind them by its module's name."""

_FORM_UNITS: Final[Mapping[Form, str]] = {
    "share": "1", "length": "m", "count": "1", "level": "dB",
}  # fmt: skip


def _find_rules() -> dict[str, Rule]:
    """The object ``RULE`` of every module of this folder that has one, by code."""
    names = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])}
    order = [*_FIRST, *sorted(names - {*_FIRST, "registry"})]
    modules = [import_module(f"{__package__}.{name}") for name in order]
    found: dict[str, Rule] = {}
    for module in modules:
        if hasattr(module, "RULE"):
            _add(found, module.RULE, module.__name__)
    return found


def _add(found: dict[str, Rule], rule: Rule, where: str) -> None:
    """One more rule: code, key and measures are its own."""
    for other in found.values():
        taken = {rule.code} & {other.code} | {rule.key} & {other.key}
        taken |= rule.measures.keys() & other.measures.keys()
        assert not taken, f"{where}: {', '.join(sorted(taken))} is taken by the rule {other.code}"
    found[rule.code] = rule


RULES: Final[Mapping[str, Rule]] = _find_rules()
"""Every pass rule by code."""

UNITS: Final[Mapping[str, str]] = {
    **{measure: unit for rule in RULES.values() for measure, unit in rule.measures.items()},
    **{f"fail_{rule.code}": _FORM_UNITS[rule.form] for rule in RULES.values()},
    "passes": "1",
}
"""Unit of each measure that :func:`planner.rules.judge` may give."""


def asked(part: Any, shape: str) -> Asked:
    """The rules that a layer asks for, with their limits.

    Parameters
    ----------
    part
        ``rule`` of a layer in the scenario: an attribute per key of a rule.
    shape
        ``area`` or ``road``, the layer's shape.
    """
    limits = [(rule, getattr(part, rule.key)) for rule in RULES.values() if shape in rule.shapes]
    return [(rule, float(limit)) for rule, limit in limits if limit is not None]


def limit_texts(part: Any, shape: str, *, deep: bool = False) -> list[tuple[str, str]]:
    """The same as codes and the limits as they are written, for ``Language.rules``.

    ``deep`` leaves out those on what is heard, which are judged outdoors alone.
    """
    every = asked(part, shape)
    judged = [(rule, limit) for rule, limit in every if not (deep and rule.is_heard)]
    return [(rule.code, rule.limit_text(limit)) for rule, limit in judged]


def failing(values: Mapping[str, Any]) -> list[tuple[str, Form, float]]:
    """The rules that fail, for ``Language.failures``: code, form and size.

    Parameters
    ----------
    values
        Sizes as ``fail_<code>``, for example a row of ``Plan.verdicts``; a rule that is not there
        holds.
    """
    sizes = ((rule, float(values.get(f"fail_{rule.code}", 0.0))) for rule in RULES.values())
    return [(rule.code, rule.form, size) for rule, size in sizes if size > 0]
