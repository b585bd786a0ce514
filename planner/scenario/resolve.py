"""What a scenario file leaves out: entries of tables, bands by name, one value for each phase.

A file writes what differs. All of it happens to plain values, before they are checked, so that a
resolved scenario is written with every value and reads back to itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from planner.radio import FOLLOWS_FROM_UNIT, KNOWN_BANDS
from planner.scenario.contents import Contents

SHARE_5G: Final = (("2020-09-09", 0.05), ("2020-12-31", 0.1), ("2025-12-31", 0.8))
"""Share of the data on 5G by day; straight lines between them, the ends beyond."""

DEEP_WEIGHT: Final = (0.25, 1.0)
PHASE_WEIGHT: Final = (1.0, 2.0)
"""Values of the first and of the last phase after the state; even steps between them."""

_FOLLOWS: Final[Mapping[str, tuple[str, ...]]] = {
    "n_prb": ("bandwidth_mhz", "scs_khz"),
    **dict.fromkeys(sorted(FOLLOWS_FROM_UNIT), ("unit",)),
}
"""A key that is worked out anew where only those that it follows from are given."""


def resolved(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a file says, filled up with the defaults of its tables.

    Parameters
    ----------
    given
        The tree of the file, unchecked; what has another form than it should stays as it is.

    Notes
    -----
    No entry of a table is taken away: a band or a scene that nothing names does nothing, and a
    distance or a number of people of 0 is none.
    """
    tree: dict[str, Any] = merged(default_tree(), given)
    if isinstance(tree.get("bands"), dict):
        known = {name: tree_of(KNOWN_BANDS[name]) for name in _named_bands(tree)}
        tree["bands"] = merged({**default_tree()["bands"], **known}, tree["bands"])

    demand, days = tree.get("demand"), _days(tree.get("phases"))
    if isinstance(demand, dict) and days:
        usual = usual_lists(days)
        tree["demand"] = demand | {name: demand.get(name) or usual[name] for name in usual}
    return tree


def merged(base: Any, change: Any) -> Any:
    """Plain values with changes: mappings entry by entry to any depth, all else replaced."""
    if not (isinstance(base, dict) and isinstance(change, Mapping)):
        return list(change) if isinstance(change, tuple) else change
    kept = {
        key: value
        for key, value in base.items()
        if not any(source in change for source in _FOLLOWS.get(key, ()))
    }
    return {**kept, **{key: merged(base.get(key), value) for key, value in change.items()}}


@cache
def default_tree() -> dict[str, Any]:
    """Every value that a file may leave out, as plain values."""
    tree = {}
    for name, field in Contents.model_fields.items():
        value = field.get_default(call_default_factory=True, validated_data={})
        if value is not PydanticUndefined:
            tree[name] = tree_of(value)
    return tree


def tree_of(value: Any) -> Any:
    """A part or a table of parts as plain values."""
    if isinstance(value, BaseModel):
        return json.loads(value.model_dump_json())
    if isinstance(value, Mapping):
        return {name: tree_of(part) for name, part in value.items()}
    return value


def _named_bands(tree: Mapping[str, Any]) -> list[str]:
    """Known bands that the file gives values for or that its networks name."""
    named = list(tree["bands"])
    networks = tree.get("networks")
    for network in networks if isinstance(networks, list) else ():
        bands = network.get("bands") if isinstance(network, dict) else None
        named += bands if isinstance(bands, list) else ()
    texts = (name for name in named if isinstance(name, str))
    return [name for name in dict.fromkeys(texts) if name in KNOWN_BANDS]


def _days(phases: Any) -> list[date]:
    """The days on which the phases end; none where one of them is no day."""
    try:
        return [date.fromisoformat(phase["date"]) for phase in phases]
    except (TypeError, KeyError, ValueError):
        return []


def usual_lists(days: Sequence[date]) -> dict[str, list[float]]:
    """The lists of ``demand`` that have a value for each phase, for phases that end on these days.

    The share of 5G follows the day, the weights the place of a phase among those after the state. A
    single phase is the last one.
    """
    later = max(1, len(days) - 1)
    return {
        "deep_weight": _even_steps(*DEEP_WEIGHT, later),
        "phase_weight": _even_steps(*PHASE_WEIGHT, later),
        "share_5g": [_on_day(day) for day in days],
    }


def _even_steps(first: float, last: float, count: int) -> list[float]:
    if count == 1:
        return [last]
    return [round(first + (last - first) * i / (count - 1), 4) for i in range(count)]


def _on_day(day: date) -> float:
    """The share of 5G on a day."""
    known: Iterable[tuple[int, float]] = (
        (date.fromisoformat(text).toordinal(), share) for text, share in SHARE_5G
    )
    (start, low), *later = known
    if day.toordinal() <= start:
        return low
    for end, high in later:
        if day.toordinal() <= end:
            part = (day.toordinal() - start) / (end - start)
            return round(low + (high - low) * part, 4)
        start, low = end, high
    return low
