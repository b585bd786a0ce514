"""The formats of a list: every module of this folder is one and is known by being here."""

from __future__ import annotations

import importlib
import pkgutil

from planner.exports.format import ListFormat


def list_formats() -> dict[str, ListFormat]:
    """Every format by its suffix, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found: dict[str, ListFormat] = {}
    for name in names:
        form: ListFormat = importlib.import_module(f"{__name__}.{name}").FORMAT
        assert form.suffix not in found, f"formats/{name}.py: the suffix {form.suffix} is taken"
        found[form.suffix] = form
    return found
