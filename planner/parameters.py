"""The one way to declare a parameter: a field of a frozen part, with unit, source and range."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

FARTHEST_M = 1e6
"""Longest length that a parameter may have, m: no county is so wide, more is a slip of digits."""


class Part(BaseModel):
    """A frozen group of parameters.

    Unknown keys are refused, numbers must be finite, nothing is coerced.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, ser_json_inf_nan="strings"
    )


class UnfitError(ValueError):
    """Values that do not fit together, said in Chinese and English; raised while a part is made."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


def _day(text: str) -> str:
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise PydanticCustomError("date_invalid", "not a day of the calendar as YYYY-MM-DD")


Day = Annotated[str, AfterValidator(_day)]
DayOrBlank = Annotated[str, AfterValidator(lambda text: text and _day(text))]
"""A day of the calendar, ``YYYY-MM-DD``, and the same or nothing."""


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
    return Field(
        default, description=doc, json_schema_extra={"unit": unit, "source": source}, **limits
    )
