"""Tables of places: towns, landmarks, population, sites and candidates."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.crs import place_code
from planner.layers import places
from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.places import District, FloatArray
from planner.layers.tables import Table, nearest, numbers, read_table, words
from planner.model import tables
from planner.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_BASES: Final = ("evidence", "estimate", "synthetic", "unstated")
_SITE_MAY: Final = (
    "site_id", "name", "band", "site_type", "height_m", F.AZIMUTHS_DEG, "pci", "basis", "source",
)  # fmt: skip
_LAST_PCI: Final = 1007  # TS 38.211, 7.4.2.1
_PROPOSED_SECTORS: Final = 3  # of a station whose azimuths are not known
_MOST_SECTORS: Final = 6
_DEGREES: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")
_COARSE: Final = r"\d+(?:\.\d{0,3})?"  # a coordinate of fewer than four decimals
_SAME_PLACE_M: Final = 1.0
_TALLEST_M: Final = 700.0
_USUAL_M: Final = (5.0, 120.0)
TABLES: Final = {
    "towns": tables.TOWNS,
    "landmarks": tables.LANDMARKS,
    "population": tables.POPULATION,
    "sites": tables.LISTED_SITES,
    "candidates": tables.CANDIDATES,
    "antennas": tables.ANTENNAS,
}
COLUMNS: Final = {
    part: tuple(column.name for column in table if column.kind != "geometry")
    for part, table in TABLES.items()
}
_PLAIN: Final = ("towns", "population", "antennas")

Lines = dict[str, tuple[str, int]]
"""File and line of each site, by ``site_id``; of several rows the first."""


@dataclass(frozen=True, slots=True)
class Book:
    """What every table reader needs: the question, the findings, the district.

    ``lines`` tells where each site is listed; the readers fill it.
    """

    scenario: Scenario
    findings: Findings
    district: District
    lines: Lines = field(default_factory=dict)


def empty(part: str, work_crs: str) -> Any:
    """The part without rows, for an input that the case does not have."""
    import geopandas as gpd

    frame = TABLES[part].empty()
    return frame if part in _PLAIN else gpd.GeoDataFrame(frame, geometry=[], crs=work_crs)


def metres(text: str) -> float:
    """The first number of a text such as ``150 m``; NaN without one."""
    match = re.search(r"\d+(?:\.\d+)?", text)
    return float(match.group()) if match else float("nan")


def read_towns(source: Source, book: Book) -> pd.DataFrame | None:
    """Township-level units; a seat is optional."""
    table = read_table(
        source,
        book.findings,
        ("town_id", "name", "kind", "people"),
        ("seat_lon", "seat_lat", "basis", "source"),
    )
    if table is None:
        return None
    frame = _texts(table, ("town_id", "name"), source)
    frame[F.KIND] = words(table, "kind", book.findings, VALUES["town_kind"]).to_numpy()
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    lon = numbers(table, "seat_lon", book.findings, blank=True, degrees=True)
    lat = numbers(table, "seat_lat", book.findings, blank=True, degrees=True)
    lon, lat = _degrees(table, lon, lat, "seat_lon", book)
    frame["seat_lon"], frame["seat_lat"] = lon, lat

    x, y = np.full((2, len(lon)), np.nan)
    seated = np.isfinite(lon) & np.isfinite(lat)
    if seated.any():
        x[seated], y[seated] = places.to_work(lon[seated], lat[seated], book.district.work_crs)
    frame[F.X_M], frame[F.Y_M] = x, y
    frame = _unique(frame, ["town_id"], table, book.findings)
    return _read_rows(frame, "towns").sort_values("town_id", ignore_index=True)


def read_landmarks(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Points to find one's way by; those outside the district stay, they are neighbours."""
    read = _read_points(source, book, ("name", "kind"), ("basis", "source"))
    if read is None:
        return None
    table, lon, lat = read
    frame = _texts(table, ("name", "kind"), source)
    return _pointed(frame, lon, lat, book, ["name", "kind"], COLUMNS["landmarks"])


def read_population(source: Source, book: Book) -> pd.DataFrame | None:
    """Squares with people; a square outside the district is left out and said."""
    read = _read_points(source, book, ("people", "cell_m"), ("basis",))
    if read is None:
        return None
    table, lon, lat = read
    frame = _texts(table, (), source)
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    frame["cell_m"] = numbers(table, "cell_m", book.findings, low=0, high=1e5)
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    kept: pd.DataFrame = frame[_inside(frame, table, book, refuse=False)]
    return _read_rows(kept, "population").sort_values([F.Y_M, F.X_M, F.PEOPLE], ignore_index=True)


def read_sites(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Stations of today, one a row: open or retrofitted."""
    read = _read_points(source, book, ("state", "network"), _SITE_MAY)
    if read is None:
        return None

    table, lon, lat = read
    findings = book.findings
    networks, types = _network_words(book.scenario), VALUES["site_type"]
    frame = _sited(table, lon, lat, source, book)
    frame[F.STATE] = words(table, "state", findings, VALUES["state"]).to_numpy()
    frame[F.NETWORK] = words(table, "network", findings, networks).to_numpy()
    frame[F.BAND] = _bands(table, frame[F.NETWORK].tolist(), book)
    frame[F.SITE_TYPE] = words(table, "site_type", findings, types, default="rebuilt").to_numpy()
    frame[F.AZIMUTHS_DEG] = _azimuths(table, findings)
    frame[F.PCIS] = _identities(table, frame[F.AZIMUTHS_DEG], findings)

    keys = [F.SITE_ID, F.NETWORK, F.BAND]
    frame = frame[_inside(frame, table, book, refuse=True)]
    frame = _unique(frame, keys, table, findings)
    _one_place_per_id(frame, source, findings)
    return _geometry(frame, book, keys, COLUMNS["sites"])


def _azimuths(table: Table, findings: Findings) -> pd.Series[str]:
    """Azimuths of the sectors that stand, such as ``0/120/240`` as listed; blank where unknown."""
    import pandas as pd

    cells = table.text(F.AZIMUTHS_DEG)
    plain = [unicodedata.normalize("NFKC", cell).strip() for cell in cells]
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(F.AZIMUTHS_DEG)}
    widened = sum(text != cell for text, cell in zip(plain, cells, strict=True))
    if widened:
        findings.add("fullwidth_normalised", count=widened, **where)
    read = [_directions(text) if text else ("", "") for text in plain]
    for line, cell, (text, code) in zip(cells.index.tolist(), cells, read, strict=True):
        if code:
            count = _sectors(text)
            findings.add(code, line=int(line), value=cell, count=count, most=_MOST_SECTORS, **where)
    return pd.Series([text for text, _ in read], index=cells.index, dtype=object)


def _directions(text: str) -> tuple[str, str]:
    """A cell such as ``0/120/240`` in its plain form, and the code of what is wrong with it."""
    parts = re.split(r"\s*/\s*", text)
    turns = [float(part) for part in parts if _DEGREES.fullmatch(part) and float(part) <= 360.0]
    if len(turns) < len(parts):
        return text, "azimuth_invalid"
    if len({turn % 360.0 for turn in turns}) < len(turns):
        return text, "azimuth_repeated"
    if len(turns) > _MOST_SECTORS:
        return text, "sectors_too_many"
    return "/".join(np.format_float_positional(turn % 360.0, trim="-") for turn in turns), ""


def _sectors(text: str) -> int:
    """How many sectors a list such as ``0/120/240`` names."""
    return text.count("/") + 1


def _identities(table: Table, azimuths: pd.Series[str], findings: Findings) -> pd.Series[str]:
    """Identities on air, one for each sector in the order of azimuths; blank where unknown.

    They are written like ``285/241/182``.
    """
    cells = table.text("pci").str.strip()
    for line, cell, turns in zip(cells.index.tolist(), cells, azimuths, strict=True):
        if not cell:
            continue
        parts = cell.split("/")
        count = _sectors(turns) if turns else _PROPOSED_SECTORS
        where: dict[str, Any] = {"file": table.source.name, "line": int(line), "count": count}
        if not all(map(_is_pci, parts)) or (len(parts) != count and not turns):
            findings.add("pci_invalid", column=table.header("pci"), value=cell, **where)
        elif len(parts) != count:
            header = table.header(F.AZIMUTHS_DEG)
            findings.add(
                "azimuths_unlike_pci", column=header, value=turns, other=len(parts), **where
            )
    return cells


def _is_pci(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= _LAST_PCI


def read_candidates(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Places where something could be built."""
    may = ("site_id", "name", "height_m", "basis", "source")
    read = _read_points(source, book, ("site_type",), may)
    if read is None:
        return None

    table, lon, lat = read
    frame = _sited(table, lon, lat, source, book)
    frame[F.SITE_TYPE] = words(table, "site_type", book.findings, VALUES["site_type"]).to_numpy()
    frame = frame[_inside(frame, table, book, refuse=False)]
    frame = _unique(frame, [F.SITE_ID], table, book.findings)
    _one_place_per_id(frame, source, book.findings)
    return _geometry(frame, book, [F.SITE_ID], COLUMNS["candidates"])


def without_sites(
    candidates: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, file: str, findings: Findings
) -> gpd.GeoDataFrame:
    """Candidates that are not sites of today by another row."""
    taken = candidates[F.SITE_ID].isin(set(sites[F.SITE_ID]))
    if taken.any():
        findings.add("candidate_on_site", file=file, count=int(taken.sum()))
    return candidates[~taken].reset_index(drop=True)


def read_antennas(source: Source, book: Book) -> pd.DataFrame | None:
    """Measured antenna patterns: attenuation over angle.

    A horizontal and a vertical cut for each band that is named.
    """
    findings = book.findings
    table = read_table(source, findings, COLUMNS["antennas"])
    if table is None:
        return None

    bands = {name.lower(): name for name in book.scenario.bands}
    frame = _texts(table, (), source)
    frame["band"] = words(table, "band", findings, bands).to_numpy()
    frame["cut"] = words(table, "cut", findings, VALUES["cut"]).to_numpy()
    frame["angle_deg"] = numbers(table, "angle_deg", findings, low=-360, high=360)
    frame["loss_db"] = numbers(table, "loss_db", findings, low=0, high=100)
    frame["angle_deg"] %= 360.0
    keys = ["band", "cut", "angle_deg"]
    frame = _unique(frame, keys, table, findings)
    return _read_rows(frame, "antennas").sort_values(keys, ignore_index=True)


def _read_rows(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    """The columns of the part and those rows whose values could all be read.

    The other rows are findings by now.
    """
    table = TABLES[part]
    needed = [name for name in table.columns if name not in table.nullable]
    return frame[list(table.columns)].dropna(subset=needed)


READERS: Final[dict[str, Callable[[Source, Book], Any]]] = {
    "towns": read_towns,
    "landmarks": read_landmarks,
    "population": read_population,
    "sites": read_sites,
    "candidates": read_candidates,
    "antennas": read_antennas,
}


def _read_points(
    source: Source, book: Book, need: tuple[str, ...], may: tuple[str, ...]
) -> tuple[Table, FloatArray, FloatArray] | None:
    """A table with its places in WGS-84; rows that have none are findings and carry NaN."""
    table = read_table(source, book.findings, ("lon", "lat", *need), may)
    if table is None:
        return None
    lon = numbers(table, "lon", book.findings, missing="missing_coordinate", degrees=True)
    lat = numbers(table, "lat", book.findings, missing="missing_coordinate", degrees=True)
    lon, lat = _degrees(table, lon, lat, "lon", book)
    good = np.isfinite(lon) & np.isfinite(lat)
    return table.without(table.frame.index[~good]), lon[good], lat[good]


def _degrees(
    table: Table, lon: FloatArray, lat: FloatArray, column: str, book: Book
) -> tuple[FloatArray, FloatArray]:
    """Degrees in WGS-84, (rows,); NaN where they are no place, which is a finding."""
    source, findings = table.source, book.findings
    default = book.scenario.inputs.datum
    declared = places.datum_of(source, default, findings, *table.frame.columns)
    lines = table.frame.index.to_numpy(np.int64)
    header = table.header(column)
    good = places.check_degrees(lon, lat, lines, book.district, findings, source.name, header)
    lon, lat = np.where(good, lon, np.nan), np.where(good, lat, np.nan)
    return places.to_wgs84(lon, lat, declared) if declared is not None else (lon, lat)


def _texts(table: Table, columns: tuple[str, ...], source: Source) -> pd.DataFrame:
    """Text columns of a table, by physical line; the manifest fills in basis and source."""
    import pandas as pd

    cells = {column: table.text(column) for column in columns}
    frame = pd.DataFrame(cells, index=table.frame.index)
    basis = table.text("basis", source.basis)
    frame[F.BASIS] = basis.map(lambda word: word.lower() if word.lower() in _BASES else word)
    frame[F.SOURCE] = table.text("source", source.record.get("source", ""))
    return frame


def _sited(
    table: Table, lon: FloatArray, lat: FloatArray, source: Source, book: Book
) -> pd.DataFrame:
    """What sites and candidates share: id, name, height and place."""
    frame = _texts(table, (), source)
    made = ["S" + place_code(x, y) for x, y in zip(lon, lat, strict=True)]
    own = table.text("site_id")
    frame[F.SITE_ID] = own.where(own != "", made)
    named = table.text("name")
    frame[F.NAME] = named.where(named != "", frame[F.SITE_ID])
    for line, site in zip(frame.index, frame[F.SITE_ID], strict=True):
        book.lines.setdefault(site, (source.name, int(line)))

    frame[F.HEIGHT_M] = _heights(table, book.findings)
    frame[F.LON], frame[F.LAT] = lon, lat
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    coarse = [table.text(axis).str.fullmatch(_COARSE).to_numpy(bool) for axis in ("lon", "lat")]
    is_coarse = coarse[0] & coarse[1]
    if is_coarse.any():
        line, count = int(frame.index[int(is_coarse.argmax())]), int(is_coarse.sum())
        book.findings.add("coordinate_precision_low", file=source.name, line=line, count=count)
    return frame


def _heights(table: Table, findings: Findings) -> FloatArray:
    """Heights, (rows,) m, NaN where none is given; impossible and doubtful ones are findings."""
    heights_m = numbers(table, "height_m", findings, blank=True)
    is_known = np.isfinite(heights_m)
    is_impossible = is_known & ((heights_m <= 0) | (heights_m > _TALLEST_M))
    is_unusual = (heights_m < _USUAL_M[0]) | (heights_m > _USUAL_M[1])
    is_doubtful = is_known & ~is_impossible & is_unusual

    lines = table.frame.index.tolist()
    where: dict[str, Any] = {"file": table.source.name, "column": table.header("height_m")}
    for code, mask in (("height_impossible", is_impossible), ("height_suspicious", is_doubtful)):
        for i in np.flatnonzero(mask):
            findings.add(code, line=lines[i], value=f"{heights_m[i]:g}", **where)
    return heights_m


def _network_words(scenario: Scenario) -> dict[str, str]:
    """Every way to write a network: its name, its labels, its carriers."""
    spellings = {}
    for network in scenario.networks:
        for word in (network.name, network.label, network.label_en, *network.operators):
            if word:
                spellings[unicodedata.normalize("NFKC", word).lower()] = network.name
    return spellings


def _band_words(scenario: Scenario) -> dict[str, str]:
    """Every way to write a band: its name, and each label that is of no other band."""
    labels = {
        (label.lower(), name)
        for name, band in scenario.bands.items()
        for label in (band.label_zh, band.label_en)
    }
    times = Counter(label for label, _ in labels)
    own = {label: name for label, name in sorted(labels) if times[label] == 1}
    return own | {name.lower(): name for name in scenario.bands}


def _bands(table: Table, networks: list[str], book: Book) -> list[str]:
    """Band of each row: its own, which its network must have, or the network's only one."""
    findings = book.findings
    bands_of = {network.name: network.bands for network in book.scenario.networks}
    only = {name: bands[0] if len(bands) == 1 else "" for name, bands in bands_of.items()}
    spellings = _band_words(book.scenario)
    cells = zip(table.text("band"), networks, strict=True)
    filled = [cell or only.get(network, "") for cell, network in cells]
    bands = [spellings.get(cell.lower(), "") for cell in filled]

    column: dict[str, Any] = {"file": table.source.name, "column": table.header("band")}
    for line, cell, band, network in zip(table.frame.index, filled, bands, networks, strict=True):
        where = {"line": int(line), "value": cell, **column}
        if not cell:
            findings.add("missing_value", **where)
        elif not band and cell in bands_of.get(network, ()):
            # the network names a band that the scenario does not define: said once, elsewhere
            continue
        elif not band:
            near, allowed = nearest(cell.lower(), spellings), ", ".join(book.scenario.bands)
            findings.add("enum_unknown", near=near, allowed=allowed, **where)
        elif network and band not in bands_of[network]:
            allowed = ", ".join(bands_of[network])
            findings.add(
                "band_of_other_network", network=network, band=band, allowed=allowed, **where
            )
    return bands


def _inside(frame: pd.DataFrame, table: Table, book: Book, *, refuse: bool) -> Any:
    """Which rows lie in the district; see :func:`planner.layers.places.inside`."""
    lines, file = frame.index.to_numpy(np.int64), table.source.name
    x, y = frame[F.X_M].to_numpy(), frame[F.Y_M].to_numpy()
    return places.inside(x, y, lines, book.district, book.findings, file, refuse=refuse)


def _unique(frame: pd.DataFrame, keys: list[str], table: Table, findings: Findings) -> pd.DataFrame:
    """One row for each key: of two that are the same one is dropped and said, others are errors."""
    is_again = frame.duplicated(keys).to_numpy(bool)
    if not is_again.any():
        return frame

    first = frame.drop_duplicates(keys).reset_index().set_index(keys)
    rest = [column for column in frame.columns if column not in keys]
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(keys[0])}
    for line, row in frame[is_again].iterrows():
        other = first.loc[tuple(row[keys]) if len(keys) > 1 else row[keys[0]]]
        findings.add(
            "duplicate_row" if _are_same(row, other, rest) else "duplicate_site_id",
            line=int(str(line)),
            value=row[keys[0]],
            other=int(other["line"]),
            **where,
        )
    return frame[~is_again]


def _are_same(row: pd.Series[Any], other: pd.Series[Any], columns: list[str]) -> bool:
    """Whether two rows hold the same; two blanks (NaN) are the same."""
    pairs = ((row[column], other[column]) for column in columns)
    return all(mine == its or (mine != mine and its != its) for mine, its in pairs)


def _one_place_per_id(frame: pd.DataFrame, source: Source, findings: Findings) -> None:
    """An id with two places is an error; two ids within a metre are worth a word."""
    from scipy.spatial import cKDTree

    by_id = frame.groupby(F.SITE_ID)[[F.X_M, F.Y_M]]
    reach_m = (by_id.max() - by_id.min()).max(axis=1)
    where: dict[str, Any] = {"file": source.name, "column": F.SITE_ID}
    for site in reach_m.index[reach_m > _SAME_PLACE_M]:
        first, second = (int(line) for line in frame.index[frame[F.SITE_ID] == site][:2])
        findings.add("duplicate_site_id", line=second, value=site, other=first, **where)

    xy = frame.drop_duplicates(F.SITE_ID)[[F.X_M, F.Y_M]].to_numpy()
    pairs = cKDTree(xy).query_pairs(_SAME_PLACE_M) if len(xy) > 1 else ()
    if pairs:
        findings.add("duplicate_location", file=source.name, count=len(pairs))


def _geometry(
    frame: pd.DataFrame, book: Book, keys: list[str], columns: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """The columns of a part with a point each, sorted by keys."""
    import geopandas as gpd

    frame = frame.sort_values(keys, ignore_index=True)
    shape = gpd.points_from_xy(frame[F.X_M], frame[F.Y_M])
    return gpd.GeoDataFrame(frame[list(columns)], geometry=shape, crs=book.district.work_crs)


def _pointed(
    frame: pd.DataFrame,
    lon: FloatArray,
    lat: FloatArray,
    book: Book,
    keys: list[str],
    columns: tuple[str, ...],
) -> gpd.GeoDataFrame:
    """The same from degrees in WGS-84."""
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    return _geometry(frame, book, [*keys, F.X_M, F.Y_M], columns)
