"""The propagation models: every module of this folder is one and is known by being here."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

from planner.errors import ValidityError
from planner.radio.model import PropagationModel

_FIRST: Final = ("uma", "umi", "rma")
"""The order in which models are named; any further one stands behind them by its module's name."""


def _find_models() -> dict[str, PropagationModel]:
    """The object ``MODEL`` of every module of this folder, by name."""
    others = {module.name for module in pkgutil.iter_modules(__path__)} - {*_FIRST}
    found: dict[str, PropagationModel] = {}

    for module in (*_FIRST, *sorted(others)):
        model: PropagationModel = import_module(f"{__name__}.{module}").MODEL
        assert model.name not in found, f"models/{module}.py: the name {model.name} is taken"
        found[model.name] = model

    return found


MODELS: Final[Mapping[str, PropagationModel]] = _find_models()
"""Every propagation model by name."""

if TYPE_CHECKING:
    ModelName = str
else:
    # scenarios refuse any other name, and the JSON Schema lists these
    ModelName = Literal[tuple(MODELS)]


def find_model(name: str) -> PropagationModel:
    """The model of that name; a :class:`~planner.errors.ValidityError` where there is none."""
    if name not in MODELS:
        raise ValidityError(
            f"Unknown propagation model {name!r}; use one of {', '.join(MODELS)}.",
            f"未知传播模型 {name!r};请使用 {'、'.join(MODELS)} 之一。",
        )
    return MODELS[name]
