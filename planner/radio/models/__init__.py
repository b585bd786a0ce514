"""The propagation models: every module of this folder is one and is known by being here."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

from planner.errors import ValidityError
from planner.radio.model import PropagationModel
from planner.radio.model_check import check_model

_FIRST: Final = ("uma", "umi", "rma")
"""The order in which models are named; any further one stands behind them by its module's name."""


def _find_models() -> dict[str, PropagationModel]:
    """The object ``MODEL`` of every module of this folder, checked, by name."""
    others = {module.name for module in pkgutil.iter_modules(__path__)} - {*_FIRST}
    found: dict[str, PropagationModel] = {}

    for module in (*_FIRST, *sorted(others)):
        file = f"planner/radio/models/{module}.py"
        model = check_model(file, _held_by(module, file))
        if model.name in found:
            raise ValidityError(
                f"{file}: the name {model.name!r} is taken by another model; choose another name.",
                f"{file}:名称 {model.name!r} 已被另一模型使用;请另取名称。",
            )
        found[model.name] = model

    for model in found.values():
        for other in (model.lower, model.higher):
            if other and other not in found:
                raise ValidityError(
                    f"{model.name}: lower and higher name models, there is no {other!r}.",
                    f"{model.name}:lower 与 higher 须为模型名称,没有 {other!r}。",
                )
    return found


def _held_by(module: str, file: str) -> object:
    """What a module of this folder holds as ``MODEL``; None where it holds nothing."""
    try:
        return getattr(import_module(f"{__name__}.{module}"), "MODEL", None)
    except Exception as error:
        # a field that is missing shows here
        raise ValidityError(
            f"{file}: cannot be imported: {error!r}.", f"{file}:无法导入:{error!r}。"
        ) from error


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
