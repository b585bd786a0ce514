"""The files of a case: where each lies, which of its rows are meant, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, PlainSerializer, model_serializer
from pydantic_core import CoreSchema

from planner.parameters import FARTHEST_M, Part, parameter

PARTS: Final = (
    "boundary", "areas", "roads", "streets", "water", "towns", "town_areas", "landmarks",
    "population", "sites", "candidates", "antennas",
)  # fmt: skip
"""Keys of :class:`Inputs` that name files, in the order in which they are looked at."""


class OneOrMore:
    """Describes a list as a scenario file may write it: one value, or a list of them."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: Any) -> dict[str, Any]:
        described: dict[str, Any] = handler(core)
        return {"anyOf": [described["items"], described]}


Texts = Annotated[tuple[str, ...], OneOrMore()]


class InputFile(Part):
    """One file of a key, and what is to be known of it; a bare path stands for ``file`` alone."""

    file: str = parameter(
        ..., unit="-", source="asked", doc="Path, relative to the project folder.", min_length=1
    )
    layer: str = parameter(
        "",
        unit="-",
        source="the sheet whose heads fit best; the first layer",
        doc="Sheet of a workbook or layer of a vector file.",
    )
    where: Mapping[str, Texts] = parameter(
        {},
        unit="-",
        source="asked",
        doc="Rows that are meant: a column as the file calls it, and the texts that are wanted.",
    )
    kind: str = parameter(
        "", unit="-", source="asked", doc="Kind of every feature, whatever the file says."
    )
    network: str = parameter(
        "",
        unit="-",
        source="defaults.network",
        doc="Network of its rows that do not tell it: lists often come one a carrier.",
    )
    band: str = parameter(
        "",
        unit="-",
        source="the network's, where it has one",
        doc="Band of its rows that do not tell it, or of the antenna that it is of.",
    )
    turn: Literal["", "clockwise", "counterclockwise"] = parameter(
        "",
        unit="-",
        source="clockwise, as Planet and Radio Mobile have it",
        doc="Which way the azimuths of an antenna's pattern run.",
    )
    datum: Literal["", "wgs84", "cgcs2000", "gcj02", "bd09"] = parameter(
        "", unit="-", source="the manifest, then inputs.datum", doc="Datum of its degrees."
    )
    crs: str = parameter(
        "",
        unit="-",
        source="the file",
        doc="CRS of its coordinates as an EPSG code, where the file does not say it.",
        pattern=r"^(?:EPSG:[0-9]{4,6})?$",
    )
    radius_m: float | None = parameter(
        None,
        unit="m",
        source="the layer's radius_m",
        doc="Radius of the discs that its points stand for, where they are areas.",
        gt=0,
        le=FARTHEST_M,
    )

    @model_serializer(mode="wrap")
    def _short(self, full: Any) -> Any:
        """What was set; a path alone as such."""
        tree = {key: value for key, value in full(self).items() if value not in ("", {}, None)}
        return self.file if set(tree) == {"file"} else tree


def _entries(given: Any) -> Any:
    """A path, one mapping or a list of them as mappings; nothing as none."""
    if given is None or given == "":
        return ()
    entries = given if isinstance(given, list | tuple) else (given,)
    return tuple(_entry(entry) for entry in entries)


def _entry(entry: Any) -> Any:
    if isinstance(entry, str):
        return {"file": entry}
    # one text is a list of one
    if isinstance(entry, Mapping) and isinstance(entry.get("where"), Mapping):
        where = {column: _texts(texts) for column, texts in entry["where"].items()}
        return {**entry, "where": where}
    return entry


def _texts(given: Any) -> Any:
    # a number is no text, and is said to be none rather than to be no list
    texts = (given,) if isinstance(given, str | int | float) else given
    return tuple(texts) if isinstance(texts, list) else texts


def _as_written(files: tuple[InputFile, ...]) -> Any:
    trees: list[Any] = [entry.model_dump(mode="json") for entry in files]
    return trees[0] if len(trees) == 1 else trees or ""


class _AsGiven:
    """Describes a list of files as a scenario file may write it: a path, one mapping or a list."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: Any) -> dict[str, Any]:
        described: dict[str, Any] = handler(core)
        one = [{"type": "string"}, described["items"]]
        return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}]}


Files = Annotated[
    tuple[InputFile, ...],
    BeforeValidator(_entries),
    PlainSerializer(_as_written, when_used="json"),
    _AsGiven(),
]
"""Files of a key: in a scenario file a path, one mapping or a list of them."""


class Inputs(Part):
    """Files of the case, relative to the scenario's project folder; empty where there is none."""

    manifest: str = parameter(
        "MANIFEST.csv", unit="-", source="asked", doc="Source, licence, basis and sha256 of each."
    )
    boundary: Files = parameter(..., unit="-", source="asked", doc="District polygon.")
    areas: Files = parameter(
        (), unit="-", source="asked", doc="Polygons of the area layers and keep-outs."
    )
    roads: Files = parameter((), unit="-", source="asked", doc="Named roads.")
    streets: Files = parameter((), unit="-", source="asked", doc="Other streets.")
    water: Files = parameter(
        (),
        unit="-",
        source="asked",
        doc="Rivers, canals and lakes, for drawing; lakes are no land.",
    )
    towns: Files = parameter(
        (), unit="-", source="asked", doc="Township-level units with people and seats."
    )
    town_areas: Files = parameter(
        (), unit="-", source="asked", doc="Polygons of the units, if known."
    )
    landmarks: Files = parameter((), unit="-", source="asked", doc="Points to find one's way by.")
    population: Files = parameter((), unit="-", source="asked", doc="Where people live.")
    sites: Files = parameter((), unit="-", source="asked", doc="Open and retrofitted stations.")
    candidates: Files = parameter(
        (), unit="-", source="asked", doc="Candidate sites; empty = propose them."
    )
    antennas: Files = parameter(
        (),
        unit="-",
        source="asked",
        doc="Measured patterns: rows of band, cut (horizontal, vertical), angle_deg, loss_db; or "
        "the file of an antenna (Planet .msi and .pln, Radio Mobile 3 .ant) with its `band`.",
    )
    datum: Literal["", "wgs84", "cgcs2000", "gcj02", "bd09"] = parameter(
        "",
        unit="-",
        source="where the places lie, else it is asked for",
        doc="Datum of every input that does not say its own.",
    )

    def files(self, part: str) -> tuple[InputFile, ...]:
        """Files of a key, one of :data:`PARTS`."""
        found: tuple[InputFile, ...] = getattr(self, part)
        return found

    def names(self, part: str) -> str:
        """Names of the files of a key, as a notice lists them."""
        return ", ".join(self.name(part, entry) for entry in self.files(part))

    def name(self, part: str, entry: InputFile) -> str:
        """What notices, and accounts of rows, call a file of a key: its path.

        Where several entries name one file, what parts them is added, such as ``list.xlsx[移动]``:
        line 3 of one sheet is not line 3 of another.
        """
        alike = [
            _told(key, other)
            for key in PARTS
            for other in self.files(key)
            if other.file == entry.file
        ]
        own = [
            text
            for text, texts in zip(_told(part, entry), zip(*alike, strict=True), strict=True)
            if text and len(set(texts)) > 1
        ]
        return f"{entry.file}[{', '.join(own)}]" if own else entry.file


def _told(part: str, entry: InputFile) -> tuple[str, str, str]:
    """What parts entries of one file: key, sheet or layer, and the rows that are meant."""
    rows = "; ".join(f"{column}={'/'.join(texts)}" for column, texts in entry.where.items())
    return part, entry.layer, rows


class Defaults(Part):
    """What is taken where a site list does not say it. It is said, and never taken in silence."""

    state: Literal["", "open", "retrofitted", "by_date", "first"] = parameter(
        "",
        unit="-",
        source="asked",
        doc="State of sites whose list tells neither it nor a day of opening; with a day they are "
        "open when opened by as_of, else planned. by_date = planned too; first = the first ones in "
        "the order of the file are open, as many as the state counts, the others are candidates to "
        "be retrofitted.",
    )
    network: str = parameter(
        "",
        unit="-",
        source="asked",
        doc="Network of sites of which neither the list nor the band tells it.",
    )
    site_type: Literal["", "rebuilt", "stock", "roof", "pole", "tower"] = parameter(
        "",
        unit="-",
        source="asked",
        doc="Type of stations of today whose list has none; blank = rebuilt.",
    )
