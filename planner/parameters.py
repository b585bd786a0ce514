"""The one way to declare a parameter: a frozen part of a scenario whose fields carry unit and source."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A frozen group of parameters. Unknown keys are refused; numbers must be finite; nothing is coerced."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, ser_json_inf_nan="strings")


def parameter(default: Any, *, unit: str, source: str, doc: str, **limits: Any) -> Any:
    """Declare a field with its unit, its source and what it means.

    Parameters
    ----------
    default
        Default value, or ``...`` for a required field.
    unit
        Unit, ``"1"`` for a bare number, ``"-"`` for text and switches.
    source
        Where the default comes from; ``"judgement"`` where nothing better was found.
    doc
        One sentence: what it does.
    limits
        Passed to :func:`pydantic.Field`: ``ge``, ``le``, ``gt``, ``lt``, ``min_length``, ...
    """
    return Field(default, description=doc, json_schema_extra={"unit": unit, "source": source}, **limits)
