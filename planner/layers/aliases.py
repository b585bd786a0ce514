"""What files call things: heads of columns and words in cells, in ``aliases.yaml`` beside it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import yaml


def _read() -> dict[str, Any]:
    file = resources.files("planner.layers") / "aliases.yaml"
    tree: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tree


_TREE: Final = _read()

HEADS: Final[dict[str, tuple[str, ...]]] = {
    field: tuple(names) for field, names in _TREE["heads"].items()
}
"""Our field -> heads under which files have it."""

VALUES: Final[dict[str, dict[str, str]]] = _TREE["values"]
"""Kind of a cell -> its words -> what they mean.

Kinds are state, site_type, town_kind, cut, verdict and status.
"""

UNITS: Final[dict[str, dict[str, float]]] = _TREE["units"]
"""Last word of a field's name, its quantity -> unit in lower case -> how many of ours it makes."""

UNIT_WORDS: Final[frozenset[str]] = frozenset(
    str(word) for words in (*_TREE["units"].values(), _TREE["unit_words"]) for word in words
)
"""What a row of units below a head holds: units, and types that some programs write there."""


@lru_cache(maxsize=4096)
def plain_head(name: str) -> str:
    """A head without width, case, blanks, marks and units: ``经度（°）`` and ``*经度`` are one."""
    text = unicodedata.normalize("NFKC", name)
    return re.sub(r"\(.*?\)|\[.*?\]|【.*?】|[\s_*:'\"-]", "", text).lower()


GIVE_WAY: Final = frozenset(map(plain_head, _TREE["give_way"]))
"""Heads that are read only where no other one of their field is there."""

NEAREST_TYPES: Final = frozenset(_TREE["nearest_types"])
"""Words of a site type that may be more than one of ours."""

TOTALS: Final = frozenset(_TREE["totals"])
"""What the first filled cell of a row of sums says, in lower case."""

UNKNOWN: Final = frozenset(_TREE["unknown"])
"""What stands in an optional cell that holds nothing, in lower case."""

UNKNOWN_NUMBERS: Final = frozenset(map(float, _TREE["unknown_numbers"]))
"""Numbers that stand in an optional cell for one that is not known."""

CELL_OF_NAME: Final = re.compile(_TREE["cell_of_name"], re.IGNORECASE)
"""What the name of a cell has behind that of its station."""
