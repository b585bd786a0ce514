"""One file looked at by itself: what it is of, and what is wrong with it, without a scenario.

What a scenario would supply refuses nothing here: such columns are one notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from planner import fields as F
from planner.layers import kinds, vectors
from planner.layers.aliases import HEADS, plain_head
from planner.layers.datum import References
from planner.layers.files import FORMATS, Source, formats_of, open_source
from planner.layers.findings import Findings
from planner.layers.heads import Sheet, Wanted, choose
from planner.layers.notices import NOTICES
from planner.layers.packaged import packaged_case
from planner.layers.places import District
from planner.layers.shapes import read_shapes
from planner.scenario import Scenario

_SHAPES: Final[dict[str, vectors.Shape]] = {
    "boundary": "polygon",
    "areas": "polygon",
    "town_areas": "polygon",
    "roads": "line",
    "streets": "line",
    "water": "line",
}
KINDS: Final = (*kinds.READERS, *_SHAPES)
"""What a file can be of, beside a scenario: keys of ``inputs``."""

_SUPPLIED: Final = frozenset(
    plain_head(head)
    for field in ("state", "network", "site_type", "band", "technology", "datum", "opened_on")
    for head in (field, *HEADS.get(field, ()))
)
"""Heads of what a scenario says where a file does not, or says in words of its own."""
_ASKED: Final = frozenset({"missing_required_column", "missing_value", "enum_unknown"})
"""Findings that such a column is not there, or has words that a scenario may know."""
_LEFT: Final[dict[str, str]] = {
    "datum_unknown": "datum",
    "datum_undeclared": "datum",
    "projected_without_crs": "datum",
    "crs_missing": "datum",
    "missing_value/state": "state",
    "missing_value/no_state": "state",
    "state_by_date": "state",
    "missing_value/network": "network",
    "band_of_other_network": "band",
    "frequency_unknown": "band",
    "power_unused/differs": "power_w",
    "missing_value/pattern_band": "band",
}
"""Findings that rest on a scenario, and what it would say."""

# what tells a table: the first of which it has every one of the first and one of the others
_TELLING: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("antennas", ("angle_deg", "loss_db"), ()),
    ("towns", ("people", "town_id"), ()),
    ("population", ("people", "lon", "lat"), ()),
    (
        "sites",
        ("lon", "lat"),
        ("state", "network", "band", F.AZIMUTHS_DEG, "pci", "arfcn", "station_id", "opened_on"),
    ),
    ("candidates", ("lon", "lat"), ("site_type", "height_m")),
    ("landmarks", ("lon", "lat", "name", "kind"), ()),
    ("sites", ("lon", "lat"), ()),
)
_WATERS: Final = frozenset({"river", "canal", "stream", "drain", "ditch"})
_WORLD: Final = 4e7  # metres: no place of the Mercator map lies farther out


class _Alone(Findings):
    """Findings about a file alone: what a scenario would supply is kept apart, and refuses none."""

    def __init__(self) -> None:
        super().__init__(NOTICES)
        self.left_open: dict[str, None] = {}

    def add(self, code: str, **said: Any) -> None:
        """Enter a finding, unless it asks for what a scenario supplies."""
        column = str(said.get("need") or said.get("column") or "")
        is_refusal = (said.get("severity") or NOTICES[code].severity) == "E"
        is_asked = is_refusal and code in _ASKED
        if code in _LEFT:
            self.left_open[_LEFT[code]] = None
        elif is_asked and plain_head(column) in _SUPPLIED:
            self.left_open[column] = None
        else:
            super().add(code, **said)


def look_at_file(path: Path, kind: str = "") -> tuple[str, Findings]:
    """What a file is of, and everything found in it; nothing is raised.

    Parameters
    ----------
    path
        The file.
    kind
        One of :data:`KINDS`; by default it is told by heads and shapes, and said.

    Returns
    -------
    kind
        Empty where it could not be told.
    findings
        Under the name of the file, with the account of its rows.
    """
    findings = _Alone()
    source = open_source(path.parent, path.name, FORMATS, findings)
    if source is None:
        return kind, findings
    if not kind:
        kind = _told_kind(source, findings)
        if not kind:
            return "", findings

    _reader_of(kind)(source, findings)
    if source.family == "vector" and not findings.account(source.name).rows_in:
        _count_features(source, findings)
    if findings.left_open:
        findings.add("left_to_scenario", file=source.name, columns=list(findings.left_open))
    return kind, findings


def sheet_of(path: Path, sheet: str = "") -> Sheet | None:
    """The rows of a table as they stand in its file, of the sheet of that name or the first one.

    None where it is no table, or cannot be read.
    """
    findings = Findings(NOTICES)
    source = open_source(path.parent, path.name, formats_of("table"), findings)
    read = None if source is None else source.read(findings)
    sheets = [] if read is None else [Sheet(**one) for one in read[0] if one["rows"]]
    return next((one for one in sheets if sheet in ("", one.name)), None)


def _count_features(source: Source, findings: Findings) -> None:
    """Enter the features of a file whose reading stopped before them, such as without a CRS."""
    shapes = read_shapes(source, {}, Findings(NOTICES))
    if shapes is not None:
        rows = [int(one.spot.feature or 0) for one in shapes.features]
        findings.count_rows(source.name, rows, 0)


def _reader_of(kind: str) -> Callable[[Source, Findings], Any]:
    """What reads a file of a kind, for its findings."""

    def read_shapes(source: Source, findings: Findings) -> Any:
        return vectors.read_vector(
            source, findings, _SHAPES[kind], datum="wgs84", work_crs=F.MERCATOR
        )

    def read_rows(source: Source, findings: Findings) -> Any:
        return kinds.READERS[kind](source, _book(kind, source, findings))

    return read_shapes if kind in _SHAPES else read_rows


def _book(kind: str, source: Source, findings: Findings) -> kinds.Book:
    """The book of a reading without a district: the world, in metres of the Mercator map."""
    import shapely

    scenario = _packaged().replace(inputs={kind: source.name})
    world = shapely.box(-_WORLD, -_WORLD, _WORLD, _WORLD)
    district = District(world, (-180, -90, 180, 90), F.MERCATOR)
    return kinds.Book(scenario, findings, district, References(F.MERCATOR, world))


@cache
def _packaged() -> Scenario:
    return Scenario.from_file(packaged_case())


def _told_kind(source: Source, findings: Findings) -> str:
    """The kind that a file tells by its heads or shapes, which is said; empty with an error."""
    # what is to be said of its bytes is said when it is read for good, or cannot be
    tells = {"table": _kind_of_table, "vector": _kind_of_shapes, "raster": _kind_of_raster}
    tells |= {"pattern": _kind_of_pattern}
    tried = Findings(NOTICES)
    kind = tells[source.family](source, tried)
    if tried.errors:
        tells[source.family](source, findings)
        return ""
    if not kind:
        findings.add("kind_untold", file=source.name, kinds=list(KINDS))
        return ""
    findings.add("kind_told", file=source.name, kind=kind)
    return kind


def _kind_of_raster(_source: Source, _findings: Findings) -> str:
    return "population"


def _kind_of_pattern(_source: Source, _findings: Findings) -> str:
    return "antennas"


def _kind_of_table(source: Source, findings: Findings) -> str:
    """The kind that the heads of a table tell."""
    read = source.read(findings)
    if read is None:
        return ""
    plain = {field: frozenset(map(plain_head, names)) for field, names in HEADS.items()}
    sheets = [Sheet(**one) for one in read[0] if one["rows"]]
    if not sheets:
        findings.add("empty_file", file=source.name)
        return ""
    head, _ = choose(sheets, Wanted({}, plain))
    return _kind_of_heads(head.names)


def _kind_of_shapes(source: Source, findings: Findings) -> str:
    """The kind that the shapes of a file tell, most of them, and their properties.

    A file that is called as we call a kind is of that one, where its shapes can be.
    """
    import shapely

    shapes = read_shapes(source, {}, findings)
    if shapes is None:
        return ""
    drawn = (one.drawn for one in shapes.features if isinstance(one.drawn, bytes))
    types = Counter(
        shape.geom_type.removeprefix("Multi")
        for shape in shapely.from_wkb(list(drawn), on_invalid="ignore")
        if shape is not None
    )
    if not types:
        findings.add("no_data_rows", file=source.name)
        return ""

    (most, _), heads = (
        types.most_common(1)[0],
        dict.fromkeys(name for one in shapes.features for name in one.properties),
    )
    shape = {"Polygon": "polygon", "LineString": "line"}.get(most, "")
    if _SHAPES.get(source.path.stem.lower()) == shape and shape:
        return source.path.stem.lower()
    if shape == "line":
        kinds_told = {one.properties.get("kind", "") for one in shapes.features}
        return "water" if kinds_told <= _WATERS else "roads"
    if shape == "polygon":
        return _kind_of_areas(heads, len(shapes.features))
    return _kind_of_heads((*heads, "lon", "lat")) if most == "Point" else ""


def _kind_of_areas(heads: Iterable[str], count: int) -> str:
    """The kind of polygons with these properties."""
    there = set(map(plain_head, heads))
    if not there.isdisjoint(map(plain_head, HEADS["kind"])):
        return "areas"
    if not there.isdisjoint(map(plain_head, HEADS["town_id"])):
        return "town_areas"
    return "boundary" if count == 1 or "adcode" in there else "areas"


def _kind_of_heads(names: Iterable[str]) -> str:
    """The kind of a table with these heads; empty where they tell none."""
    there = {plain_head(name) for name in names}

    def has(field: str) -> bool:
        return not there.isdisjoint(map(plain_head, HEADS.get(field, (field,))))

    for kind, every, some in _TELLING:
        if all(map(has, every)) and (not some or any(map(has, some))):
            return kind
    return ""
