"""Stations of today."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from planner import fields as F
from planner.errors import nearest
from planner.layers.aliases import VALUES
from planner.layers.files import Source
from planner.layers.kinds.neighbours import within_reach, without_idle
from planner.layers.kinds.rows import (
    COLUMNS,
    Book,
    add_points,
    drop_repeated,
    read_points,
)
from planner.layers.kinds.sectors import read_azimuths, read_pcis
from planner.layers.kinds.site_columns import check_places, read_columns
from planner.layers.tables import Table, words
from planner.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd

_MAY: Final = (
    "site_id", "name", "band", "site_type", "height_m", F.AZIMUTHS_DEG, "pci", "basis", "source",
)  # fmt: skip


def read_sites(source: Source, book: Book) -> gpd.GeoDataFrame | None:
    """Stations of today, one a row, open or retrofitted; columns: ``tables.LISTED_SITES``.

    Those that are open beyond the border, within reach of the district, are among them:
    :func:`planner.layers.kinds.neighbours.split_neighbours` parts them.
    """
    read = read_points(source, book, ("state", "network"), _MAY)
    if read is None:
        return None

    # what is out of reach is left out before its columns are looked at: it may be anything
    table, lon, lat = within_reach(*read, book)
    findings = book.findings
    networks, types = _network_words(book.scenario), VALUES["site_type"]
    frame = read_columns(table, lon, lat, source, book)
    frame[F.STATE] = words(table, "state", findings, VALUES["state"]).to_numpy()
    frame[F.NETWORK] = words(table, "network", findings, networks).to_numpy()
    frame[F.BAND] = _read_bands(table, frame[F.NETWORK].tolist(), book)
    frame[F.SITE_TYPE] = words(table, "site_type", findings, types, default="rebuilt").to_numpy()
    frame[F.AZIMUTHS_DEG] = read_azimuths(table, findings)
    frame[F.PCIS] = read_pcis(table, frame[F.AZIMUTHS_DEG], findings)

    keys = [F.SITE_ID, F.NETWORK, F.BAND]
    frame = without_idle(frame, table, book)
    frame = drop_repeated(frame, keys, table, findings)
    check_places(frame, source, findings)
    return add_points(frame, book, keys, COLUMNS["sites"])


def _network_words(scenario: Scenario) -> dict[str, str]:
    """Every way to write a network: its name, its labels, its carriers."""
    spellings = {}
    for network in scenario.networks:
        for word in (network.name, network.label, network.label_en, *network.operators):
            if word:
                spellings[unicodedata.normalize("NFKC", word).lower()] = network.name
    return spellings


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
