"""Every parameter of a scenario as it was resolved: value, unit, where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from pydantic_core import PydanticUndefined

from planner.parameters import Part
from planner.radio import KNOWN_BANDS
from planner.scenario.inputs import PARTS, InputFile, Inputs
from planner.scenario.parts import Layer, Network
from planner.scenario.resolve import default_tree, tree_of
from planner.scenario.scenario import Scenario


class Setting(NamedTuple):
    """A parameter as it was resolved.

    Attributes
    ----------
    path
        Keys from the top of the file, joined by dots; networks and layers by their name, entries
        of other lists by their number, from 0.
    value
        What holds: a plain value, or a list of them.
    unit, source
        As declared; the source is that of the default.
    is_set
        Whether the file says it.
    default
        What would hold otherwise; None where nothing would.
    """

    path: str
    value: Any
    unit: str
    source: str
    is_set: bool
    default: Any


class FileState(NamedTuple):
    """A file that a scenario names, as it is today.

    Attributes
    ----------
    part
        Key of ``inputs``.
    entry
        What the scenario says of it.
    found
        Whether it can be opened, is there but cannot, or is not there.
    format
        What its content is; empty where it could not be opened.
    datum
        As declared by the scenario or the manifest; empty where nobody says it.
    """

    part: str
    entry: InputFile
    found: Literal["usable", "unusable", "missing"]
    format: str
    datum: str


_NONE: Final[Mapping[str, Any]] = {}


def settings(scenario: Scenario) -> Iterator[Setting]:
    """Every parameter in the order of the scenario's parts, the files of ``inputs`` left out."""
    default = default_tree()
    bands = {name: tree_of(band) for name, band in KNOWN_BANDS.items()}
    yield from _of_part(scenario, scenario.given_tree(), {**default, "bands": bands}, "")


def _of_part(part: Part, given: Any, default: Any, path: str) -> Iterator[Setting]:
    """Parameters of a part, with what the file says of it and what would hold otherwise."""
    given = given if isinstance(given, Mapping) else _NONE
    default = {**_own_defaults(type(part)), **(default or _NONE)}
    for name, field in type(part).model_fields.items():
        if isinstance(part, Inputs) and name in PARTS:
            continue
        value: Any = getattr(part, name)
        told: Mapping[str, Any] = field.json_schema_extra or {"unit": "-", "source": ""}  # type: ignore[assignment]
        where = f"{path}{name}"

        if isinstance(value, Part):
            yield from _of_part(value, given.get(name), default.get(name), f"{where}.")
        elif isinstance(value, Mapping) and value:
            entries = default.get(name) or _NONE
            yield from _of_table(value, given.get(name), entries, told, f"{where}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            yield from _of_list(value, given.get(name), f"{where}.")
        else:
            yield Setting(
                where, value, told["unit"], told["source"], name in given, default.get(name)
            )


def _of_table(
    table: Mapping[str, Any], given: Any, default: Mapping[str, Any], told: Any, path: str
) -> Iterator[Setting]:
    """Parameters of a table, by the names of its entries."""
    given = given if isinstance(given, Mapping) else _NONE
    for name, value in table.items():
        if isinstance(value, Part):
            yield from _of_part(value, given.get(name), default.get(name), f"{path}{name}.")
        else:
            yield Setting(
                f"{path}{name}",
                value,
                told["unit"],
                told["source"],
                name in given,
                default.get(name),
            )


def _of_list(parts: tuple[Part, ...], given: Any, path: str) -> Iterator[Setting]:
    """Parameters of a list of parts."""
    entries = given if isinstance(given, list | tuple) else ()
    for number, part in enumerate(parts):
        name = part.name if isinstance(part, Network | Layer) else number
        entry = entries[number] if number < len(entries) else None
        yield from _of_part(part, entry, None, f"{path}{name}.")


def _own_defaults(cls: type[Part]) -> dict[str, Any]:
    """What a part would hold if nothing were said of it."""
    values = {
        name: field.get_default(call_default_factory=True, validated_data={})
        for name, field in cls.model_fields.items()
    }
    return {
        name: tree_of(value) for name, value in values.items() if value is not PydanticUndefined
    }
