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
from planner.errors import nearest
from planner.files import unguarded
from planner.layers import places
from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.places import BoolArray, District, FloatArray
from planner.layers.tables import Table, numbers, read_table, words
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


def read_towns(source: Source, book: Book) -> pd.DataFrame | None:
    """Township-level units, columns: ``tables.TOWNS``; a seat is optional."""
    table = read_table(
        source,
        book.findings,
        ("town_id", "name", "kind", "people"),
        ("seat_lon", "seat_lat", "basis", "source"),
    )
    if table is None:
        return None

    frame = _read_texts(table, ("town_id", "name"), source)
    frame[F.KIND] = words(table, "kind", book.findings, VALUES["town_kind"]).to_numpy()
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    lon = numbers(table, "seat_lon", book.findings, blank=True, degrees=True)
    lat = numbers(table, "seat_lat", book.findings, blank=True, degrees=True)
    lon, lat = _check_degrees(table, lon, lat, "seat_lon", book)
    frame["seat_lon"], frame["seat_lat"] = lon, lat

    # units without a seat keep NaN: only the seats are projected
    x = np.full(len(lon), np.nan)
    y = np.full(len(lon), np.nan)
    seated = np.isfinite(lon) & np.isfinite(lat)
    if seated.any():
        x[seated], y[seated] = places.to_work(lon[seated], lat[seated], book.district.work_crs)
    frame[F.X_M], frame[F.Y_M] = x, y

    frame = _drop_repeated(frame, ["town_id"], table, book.findings)
    return _whole_rows(frame, "towns").sort_values("town_id", ignore_index=True)


def read_landmarks(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Points to find one's way by, columns: ``tables.LANDMARKS``.

    Those outside the district stay: they are neighbours.
    """
    read = _read_points(source, book, ("name", "kind"), ("basis", "source"))
    if read is None:
        return None
    table, lon, lat = read
    frame = _read_texts(table, ("name", "kind"), source)
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    return _add_points(frame, book, ["name", "kind", F.X_M, F.Y_M], COLUMNS["landmarks"])


def read_population(source: Source, book: Book) -> pd.DataFrame | None:
    """Squares with people, columns: ``tables.POPULATION``.

    A square outside the district is left out and said.
    """
    read = _read_points(source, book, ("people", "cell_m"), ("basis",))
    if read is None:
        return None
    table, lon, lat = read
    frame = _read_texts(table, (), source)
    frame[F.PEOPLE] = numbers(table, "people", book.findings, low=0, high=1e9)
    frame["cell_m"] = numbers(table, "cell_m", book.findings, low=0, high=1e5)
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    kept: pd.DataFrame = frame[_mark_inside(frame, table, book)]
    return _whole_rows(kept, "population").sort_values([F.Y_M, F.X_M, F.PEOPLE], ignore_index=True)


def read_sites(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Stations of today, one a row, open or retrofitted; columns: ``tables.LISTED_SITES``.

    Those open within reach of the district are among them; :func:`split_neighbours` parts them.
    """
    read = _read_points(source, book, ("state", "network"), _SITE_MAY)
    if read is None:
        return None

    # what is out of reach is left out before its columns are looked at: it may be anything
    table, lon, lat = _within_reach(*read, book)
    findings = book.findings
    networks, types = _network_words(book.scenario), VALUES["site_type"]
    frame = _read_site_columns(table, lon, lat, source, book)
    frame[F.STATE] = words(table, "state", findings, VALUES["state"]).to_numpy()
    frame[F.NETWORK] = words(table, "network", findings, networks).to_numpy()
    frame[F.BAND] = _read_bands(table, frame[F.NETWORK].tolist(), book)
    frame[F.SITE_TYPE] = words(table, "site_type", findings, types, default="rebuilt").to_numpy()
    frame[F.AZIMUTHS_DEG] = _read_azimuths(table, findings)
    frame[F.PCIS] = _read_pcis(table, frame[F.AZIMUTHS_DEG], findings)

    keys = [F.SITE_ID, F.NETWORK, F.BAND]
    frame = _without_idle_neighbours(frame, table, book)
    frame = _drop_repeated(frame, keys, table, findings)
    _check_places(frame, source, findings)
    return _add_points(frame, book, keys, COLUMNS["sites"])


def read_candidates(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Places where something could be built, columns: ``tables.CANDIDATES``."""
    may = ("site_id", "name", "height_m", "basis", "source")
    read = _read_points(source, book, ("site_type",), may)
    if read is None:
        return None

    table, lon, lat = read
    frame = _read_site_columns(table, lon, lat, source, book)
    frame[F.SITE_TYPE] = words(table, "site_type", book.findings, VALUES["site_type"]).to_numpy()
    frame = frame[_mark_inside(frame, table, book)]
    frame = _drop_repeated(frame, [F.SITE_ID], table, book.findings)
    _check_places(frame, source, book.findings)
    return _add_points(frame, book, [F.SITE_ID], COLUMNS["candidates"])


def read_antennas(source: Source, book: Book) -> pd.DataFrame | None:
    """Measured antenna patterns: attenuation over angle, columns: ``tables.ANTENNAS``.

    A horizontal and a vertical cut for each band that is named.
    """
    findings = book.findings
    table = read_table(source, findings, COLUMNS["antennas"])
    if table is None:
        return None

    bands = {name.lower(): name for name in book.scenario.bands}
    frame = _read_texts(table, (), source)
    frame["band"] = words(table, "band", findings, bands).to_numpy()
    frame["cut"] = words(table, "cut", findings, VALUES["cut"]).to_numpy()
    frame["angle_deg"] = numbers(table, "angle_deg", findings, low=-360, high=360)
    frame["loss_db"] = numbers(table, "loss_db", findings, low=0, high=100)

    # -90 and 270 degrees are one angle: they are compared as one
    frame["angle_deg"] %= 360.0
    keys = ["band", "cut", "angle_deg"]
    frame = _drop_repeated(frame, keys, table, findings)
    return _whole_rows(frame, "antennas").sort_values(keys, ignore_index=True)


READERS: Final[dict[str, Callable[[Source, Book], Any]]] = {
    "towns": read_towns,
    "landmarks": read_landmarks,
    "population": read_population,
    "sites": read_sites,
    "candidates": read_candidates,
    "antennas": read_antennas,
}


def empty(part: str, work_crs: str) -> Any:
    """The part without rows, for an input that the case does not have."""
    import geopandas as gpd

    frame = TABLES[part].empty()
    return frame if part in _PLAIN else gpd.GeoDataFrame(frame, geometry=[], crs=work_crs)


def split_neighbours(
    listed: gpd.GeoDataFrame, file: str, book: Book
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The stations of a site list in the district, and those beyond its border.

    Parameters
    ----------
    listed
        From :func:`read_sites`.
    file
        The list, as a finding names it.
    book
        The district, and where the neighbours are said.
    """
    x, y = listed.geometry.x.to_numpy(), listed.geometry.y.to_numpy()
    is_inside = places.beyond_border(x, y, book.district) == 0
    if not is_inside.all():
        km = f"{book.scenario.district.neighbour_m / 1000:g}"
        count = int((~is_inside).sum())
        book.findings.add("neighbour_stations", file=file, count=count, km=km)
    sites, neighbours = listed[is_inside], listed[~is_inside]
    return sites.reset_index(drop=True), neighbours.reset_index(drop=True)


def without_sites(
    candidates: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, file: str, findings: Findings
) -> gpd.GeoDataFrame:
    """Candidates that are not sites of today by another row."""
    taken = candidates[F.SITE_ID].isin(set(sites[F.SITE_ID]))
    if taken.any():
        findings.add("candidate_on_site", file=file, count=int(taken.sum()))
    return candidates[~taken].reset_index(drop=True)


def _read_texts(table: Table, columns: tuple[str, ...], source: Source) -> pd.DataFrame:
    """Text columns of a table, by physical line; the manifest fills in basis and source."""
    import pandas as pd

    cells = {column: table.text(column) for column in columns}
    frame = pd.DataFrame(cells, index=table.frame.index)

    # the known words are codes and come in lower case; any other text is kept as written
    basis = table.text("basis", source.basis)
    frame[F.BASIS] = basis.map(lambda word: word.lower() if word.lower() in _BASES else word)
    frame[F.SOURCE] = table.text("source", source.record.get("source", ""))
    return frame


def _check_degrees(
    table: Table, lon: FloatArray, lat: FloatArray, column: str, book: Book
) -> tuple[FloatArray, FloatArray]:
    """Degrees in WGS-84, (rows,); NaN where they are no place, which is a finding."""
    source, findings = table.source, book.findings
    declared = places.datum_of(source, book.scenario.inputs.datum, findings, *table.frame.columns)

    lines = table.frame.index.to_numpy(np.int64)
    header = table.header(column)
    good = places.check_degrees(
        lon, lat, places.on_lines(lines), book.district, findings, source.name, header
    )
    lon = np.where(good, lon, np.nan)
    lat = np.where(good, lat, np.nan)

    # an unknown datum is an error by now: the degrees go on as they are, for the other findings
    if declared is None:
        return lon, lat
    return places.to_wgs84(lon, lat, declared)


def _drop_repeated(
    frame: pd.DataFrame, keys: list[str], table: Table, findings: Findings
) -> pd.DataFrame:
    """The first row of each key; every further one is a finding.

    It is a warning when it holds the same as the first, and an error when it does not.
    """
    # a value that could not be read is a finding already, and no key
    is_told = frame[keys].notna().all(axis=1).to_numpy(bool)
    is_again = frame.duplicated(keys).to_numpy(bool) & is_told
    if not is_again.any():
        return frame

    # rows are known by their physical line, which is the index
    lines = frame.index.to_series()
    first_line = lines.groupby([frame[key] for key in keys], dropna=False).transform("first")
    rest = [column for column in frame.columns if column not in keys]
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(keys[0])}
    for line in lines[is_again]:
        first = first_line[line]
        row = frame.loc[line]
        is_same = _are_same(row, frame.loc[first], rest)
        findings.add(
            "duplicate_row" if is_same else "duplicate_site_id",
            line=int(line),
            value=row[keys[0]],
            other=int(first),
            **where,
        )
    return frame[~is_again]


def _are_same(row: pd.Series[Any], other: pd.Series[Any], columns: list[str]) -> bool:
    """Whether two rows hold the same; two blanks (NaN) are the same."""
    pairs = ((row[column], other[column]) for column in columns)
    return all(mine == its or (mine != mine and its != its) for mine, its in pairs)


def _whole_rows(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    """The columns of the part, and the rows in which no value is missing that must be there.

    The other rows are findings by now.
    """
    table = TABLES[part]
    needed = [name for name in table.columns if name not in table.nullable]
    return frame[list(table.columns)].dropna(subset=needed)


def _read_points(
    source: Source, book: Book, need: tuple[str, ...], may: tuple[str, ...]
) -> tuple[Table, FloatArray, FloatArray] | None:
    """A table with its places in WGS-84, (rows,) each; rows without one are findings and go."""
    table = read_table(source, book.findings, ("lon", "lat", *need), may)
    if table is None:
        return None

    lon = numbers(table, "lon", book.findings, missing="missing_coordinate", degrees=True)
    lat = numbers(table, "lat", book.findings, missing="missing_coordinate", degrees=True)
    lon, lat = _check_degrees(table, lon, lat, "lon", book)

    good = np.isfinite(lon) & np.isfinite(lat)
    return table.without(table.frame.index[~good]), lon[good], lat[good]


def _add_points(
    frame: pd.DataFrame, book: Book, keys: list[str], columns: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """The columns of a part, rows sorted by keys, each with its point in the work CRS."""
    import geopandas as gpd

    frame = frame.sort_values(keys, ignore_index=True)
    shape = gpd.points_from_xy(frame[F.X_M], frame[F.Y_M])
    return gpd.GeoDataFrame(frame[list(columns)], geometry=shape, crs=book.district.work_crs)


def _mark_inside(frame: pd.DataFrame, table: Table, book: Book) -> BoolArray:
    """Which rows lie in the district, (rows,); see :func:`planner.layers.places.inside`."""
    lines, file = frame.index.to_numpy(np.int64), table.source.name
    x, y = frame[F.X_M].to_numpy(), frame[F.Y_M].to_numpy()
    return places.inside(x, y, lines, book.district, book.findings, file, refuse=False)


def _within_reach(
    table: Table, lon: FloatArray, lat: FloatArray, book: Book
) -> tuple[Table, FloatArray, FloatArray]:
    """The rows that may serve or disturb the district; the others are one finding."""
    away_m = places.beyond_border(*places.to_work(lon, lat, book.district.work_crs), book.district)
    reach_m = book.scenario.district.neighbour_m
    is_far = away_m > reach_m
    if is_far.any():
        book.findings.add(
            "beyond_reach",
            file=table.source.name,
            line=int(table.frame.index[int(is_far.argmax())]),
            count=int(is_far.sum()),
            km=f"{reach_m / 1000:g}",
            farthest=f"{away_m.max() / 1000:.2f}",
        )
    return table.without(table.frame.index[is_far]), lon[~is_far], lat[~is_far]


def _without_idle_neighbours(frame: pd.DataFrame, table: Table, book: Book) -> pd.DataFrame:
    """The rows without those beyond the border that are not on air, which are one finding."""
    x, y = frame[F.X_M].to_numpy(), frame[F.Y_M].to_numpy()
    is_beyond = places.beyond_border(x, y, book.district) > 0
    is_idle = is_beyond & (frame[F.STATE] != "open").to_numpy(bool)
    if is_idle.any():
        line = int(frame.index[int(is_idle.argmax())])
        book.findings.add(
            "neighbour_not_open", file=table.source.name, line=line, count=int(is_idle.sum())
        )
    return frame[~is_idle]


def _network_words(scenario: Scenario) -> dict[str, str]:
    """Every way to write a network: its name, its labels, its carriers."""
    spellings = {}
    for network in scenario.networks:
        for word in (network.name, network.label, network.label_en, *network.operators):
            if word:
                spellings[unicodedata.normalize("NFKC", word).lower()] = network.name
    return spellings


def _read_site_columns(
    table: Table, lon: FloatArray, lat: FloatArray, source: Source, book: Book
) -> pd.DataFrame:
    """What sites and candidates share: id, name, height and place."""
    frame = _read_texts(table, (), source)

    # a site without an id of its own is called by its place; in a list of ours that comes back an
    # apostrophe before a text is none of it
    made = ["S" + place_code(x, y) for x, y in zip(lon, lat, strict=True)]
    own, named = (table.text(field).map(unguarded) for field in ("site_id", "name"))
    frame[F.SITE_ID] = own.where(own != "", made)
    frame[F.NAME] = named.where(named != "", frame[F.SITE_ID])

    for line, site in zip(frame.index, frame[F.SITE_ID], strict=True):
        book.lines.setdefault(site, (source.name, int(line)))

    frame[F.HEIGHT_M] = _read_heights(table, book.findings)
    frame[F.LON], frame[F.LAT] = lon, lat
    frame[F.X_M], frame[F.Y_M] = places.to_work(lon, lat, book.district.work_crs)
    _say_coarse(table, source, book.findings)
    return frame


def _read_heights(table: Table, findings: Findings) -> FloatArray:
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


def _say_coarse(table: Table, source: Source, findings: Findings) -> None:
    """One finding for the places of which both coordinates have too few decimals."""
    lon, lat = (table.text(axis).str.fullmatch(_COARSE) for axis in ("lon", "lat"))
    is_coarse = (lon & lat).to_numpy(bool)
    if is_coarse.any():
        line = int(table.frame.index[int(is_coarse.argmax())])
        count = int(is_coarse.sum())
        findings.add("coordinate_precision_low", file=source.name, line=line, count=count)


def _read_bands(table: Table, networks: list[str], book: Book) -> list[str]:
    """Band of each row: its own, which its network must have, or the network's only one.

    It is blank where there is none, which is a finding.
    """
    findings = book.findings
    bands_of = {network.name: network.bands for network in book.scenario.networks}
    only_band = {name: bands[0] for name, bands in bands_of.items() if len(bands) == 1}
    spellings = _band_words(book.scenario)

    rows = zip(table.text("band"), networks, strict=True)
    written = [cell or only_band.get(network, "") for cell, network in rows]
    bands = [spellings.get(word.lower(), "") for word in written]

    column: dict[str, Any] = {"file": table.source.name, "column": table.header("band")}
    for line, word, band, network in zip(table.frame.index, written, bands, networks, strict=True):
        where: dict[str, Any] = {"line": int(line), "value": word, **column}
        # an unknown network, a finding by now, is blank and has no bands to compare with
        own = bands_of.get(network, ())

        if not word:
            findings.add("missing_value", **where)
        elif not band and word in own:
            # the network names a band that the scenario does not define: said once, elsewhere
            continue
        elif not band:
            near = nearest(word.lower(), spellings)
            allowed = ", ".join(book.scenario.bands)
            findings.add("enum_unknown", near=near, allowed=allowed, **where)
        elif network and band not in own:
            allowed = ", ".join(own)
            findings.add(
                "band_of_other_network", network=network, band=band, allowed=allowed, **where
            )
    return bands


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


def _read_azimuths(table: Table, findings: Findings) -> pd.Series[str]:
    """Azimuths of the sectors that stand, such as ``0/120/240`` as listed; blank where unknown."""
    import pandas as pd

    cells = table.text(F.AZIMUTHS_DEG)
    plain = [unicodedata.normalize("NFKC", cell) for cell in cells]
    where: dict[str, Any] = {"file": table.source.name, "column": table.header(F.AZIMUTHS_DEG)}
    widened = sum(text != cell for text, cell in zip(plain, cells, strict=True))
    if widened:
        findings.add("fullwidth_normalised", count=widened, **where)

    # a refused text goes on too: its count of sectors is what the identities are compared with
    read = [_plain_azimuths(text) if text else ("", "") for text in plain]
    for line, cell, (text, code) in zip(cells.index.tolist(), cells, read, strict=True):
        if code:
            count = _count_sectors(text)
            findings.add(code, line=int(line), value=cell, count=count, most=_MOST_SECTORS, **where)
    return pd.Series([text for text, _ in read], index=cells.index, dtype=object)


def _plain_azimuths(text: str) -> tuple[str, str]:
    """A cell such as ``0/120/240`` in its plain form and no code.

    When something is wrong it is the text as it stands and the code of that finding.
    """
    parts = re.split(r"\s*/\s*", text)
    turns = [float(part) for part in parts if _DEGREES.fullmatch(part) and float(part) <= 360.0]
    if len(turns) < len(parts):
        return text, "azimuth_invalid"
    if len({turn % 360.0 for turn in turns}) < len(turns):
        return text, "azimuth_repeated"
    if len(turns) > _MOST_SECTORS:
        return text, "sectors_too_many"
    return "/".join(np.format_float_positional(turn % 360.0, trim="-") for turn in turns), ""


def _count_sectors(text: str) -> int:
    """How many sectors a list such as ``0/120/240`` names."""
    return text.count("/") + 1


def _read_pcis(table: Table, azimuths: pd.Series[str], findings: Findings) -> pd.Series[str]:
    """PCIs on air, such as ``285/241/182``, in the order of azimuths; blank where unknown."""
    cells = table.text("pci")
    for line, cell, directions in zip(cells.index.tolist(), cells, azimuths, strict=True):
        if not cell:
            continue
        pcis = cell.split("/")
        count = _count_sectors(directions) if directions else _PROPOSED_SECTORS
        are_valid = all(map(_is_pci, pcis))
        are_as_many = len(pcis) == count

        # where azimuths are listed too, another number of PCIs may be the azimuths' fault
        where: dict[str, Any] = {"file": table.source.name, "line": int(line), "count": count}
        if not are_valid or not (are_as_many or directions):
            findings.add("pci_invalid", column=table.header("pci"), value=cell, **where)
        elif not are_as_many:
            header = table.header(F.AZIMUTHS_DEG)
            findings.add(
                "azimuths_unlike_pci", column=header, value=directions, other=len(pcis), **where
            )
    return cells


def _is_pci(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= _LAST_PCI


def _check_places(frame: pd.DataFrame, source: Source, findings: Findings) -> None:
    """An id with two places is an error; two ids within a metre are worth a word."""
    from scipy.spatial import cKDTree

    by_id = frame.groupby(F.SITE_ID)[[F.X_M, F.Y_M]]
    reach_m = (by_id.max() - by_id.min()).max(axis=1)
    where: dict[str, Any] = {"file": source.name, "column": F.SITE_ID}
    for site in reach_m.index[reach_m > _SAME_PLACE_M]:
        # named with the first row is the farthest from it: one between may repeat its place
        xy = frame.loc[frame[F.SITE_ID] == site, [F.X_M, F.Y_M]]
        away_m = (xy - xy.iloc[0]).abs().max(axis=1)
        first, second = int(xy.index[0]), int(away_m.idxmax())
        findings.add("duplicate_site_id", line=second, value=site, other=first, **where)

    xy = frame.drop_duplicates(F.SITE_ID)[[F.X_M, F.Y_M]].to_numpy()
    pairs = cKDTree(xy).query_pairs(_SAME_PLACE_M) if len(xy) > 1 else ()
    if pairs:
        findings.add("duplicate_location", file=source.name, count=len(pairs))
