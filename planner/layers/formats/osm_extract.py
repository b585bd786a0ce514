"""What is kept of an OpenStreetMap extract while it is read, in whichever form it comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
Tags = dict[str, str]
Wanted = Mapping[str, Collection[str]]
"""Key -> its values that are wanted, every one where there are none; no key at all wants all."""

MOST: Final = 10_000_000
"""Tagged things that are kept before it is known which of them lie in the frame."""
DEGREE: Final = 10_000_000  # coordinates are whole ten-millionths of a degree
_AREA_RELATIONS: Final = ("boundary", "multipolygon")


class Damaged(ValueError):
    """The extract is not as its format says, at a byte or on a line."""

    def __init__(self, reason: str, offset: int = 0, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = {"offset": offset} if line is None else {"offset": offset, "line": line}


@dataclass
class Relation:
    """An area that ways bound."""

    number: int
    tags: Tags
    members: list[tuple[int, str]]  # ways and their roles


@dataclass
class Extract:
    """What was read: every node, every way's references, tags of what is wanted.

    ``node_ids``, ``lon``, ``lat`` and ``refs`` are pieces, one a block.
    """

    wanted: Wanted
    node_ids: list[IntArray] = field(default_factory=list)
    lon: list[IntArray] = field(default_factory=list)
    lat: list[IntArray] = field(default_factory=list)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    way_ids: list[int] = field(default_factory=list)
    way_sizes: list[int] = field(default_factory=list)
    refs: list[IntArray] = field(default_factory=list)
    way_tags: dict[int, Tags] = field(default_factory=dict)  # by place in way_ids
    relations: list[Relation] = field(default_factory=list)

    def wants(self, tags: Tags) -> bool:
        """Whether anything of these tags is asked for."""
        if not self.wanted:
            return bool(tags)
        return any(
            key in self.wanted and (not self.wanted[key] or value in self.wanted[key])
            for key, value in tags.items()
        )

    def wants_area(self, tags: Tags) -> bool:
        """Whether a relation with these tags is an area that is asked for."""
        own = {key: value for key, value in tags.items() if key != "type"}
        return tags.get("type") in _AREA_RELATIONS and self.wants(own)

    def check_size(self) -> None:
        """Refuse more than can be held."""
        if len(self.node_tags) + len(self.way_tags) + len(self.relations) > MOST:
            raise Damaged("too many tagged things 要素过多")
