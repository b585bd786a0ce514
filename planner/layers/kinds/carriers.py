"""Network and band of a row: as it says them, else by its channel, frequency or 规划编号."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from planner.errors import nearest
from planner.layers.aliases import VALUES
from planner.layers.kinds.identities import Identity
from planner.layers.kinds.optional import is_unknown
from planner.layers.kinds.rows import Book
from planner.layers.tables import Table
from planner.radio import LAST_EARFCN, in_band, in_some_band, nr_frequency
from planner.scenario import InputFile, Scenario

_NUMBER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ghz|g|mhz|m)?")
_HIGHEST_GHZ: Final = 100.0
"""A number without a unit is GHz up to here; above it is MHz, or the number of a channel."""
_LEAST_MHZ: Final = 400.0
_NEAR: Final = 0.05
"""A band is meant by a frequency so near to its own, as a share of it."""
_WORDS: Final = re.compile(r"[\W_]+")
_BETWEEN: Final = re.compile(r"[、,;/+&|\s]+")


class Carrier(NamedTuple):
    """What a row transmits: codes of network and band; none where it is no station of 5G."""

    network: str = ""
    band: str = ""
    is_stock: bool = False
    taken_from: str = ""
    """Where the network is from when the row does not name it: ``band`` or ``default``."""
    band_by_default: bool = False
    channel_contradicts: bool = False


class _Said(NamedTuple):
    """The cells of a row that tell network and band."""

    network: str
    band: str
    technology: str
    arfcn: str
    frequency: str
    of_id: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What is wrong with a row: a code, the field that it is about, facts."""

    code: str
    field: str
    facts: dict[str, Any]


def read_carriers(table: Table, identities: Sequence[Identity], book: Book) -> list[Carrier]:
    """Network and band of each row, (rows,); an error where a row does not tell them.

    Rows of other radio generations are sites that could be used; how many is one finding.
    """
    findings = book.findings
    network, band, technology, arfcn, frequency = (
        table.text(name).map(_told) for name in _Said._fields[:5]
    )
    of_id = [(identity.network, identity.band) for identity in identities]
    rows = zip(network, band, technology, arfcn, frequency, of_id, strict=True)
    said = [_Said(*row) for row in rows]
    spellings = _Spellings(book.scenario, table.source.entry)
    _check_defaults(spellings, table, book)
    meant = {row: spellings.meaning(row) for row in dict.fromkeys(said)}

    for line, row in zip(table.frame.index.tolist(), said, strict=True):
        wrong = meant[row][1]
        if wrong is not None:
            findings.add(
                wrong.code,
                file=table.source.name,
                line=int(line),
                column=table.header(wrong.field),
                value=table.text(wrong.field).at[line],
                **wrong.facts,
            )

    unknown = [bool(row.technology) and not generation(row.technology) for row in said]
    if any(unknown):
        line = table.frame.index[unknown.index(True)]
        findings.add(
            "technology_unknown",
            file=table.source.name,
            line=int(line),
            column=table.header("technology"),
            value=table.text("technology").at[line],
            count=sum(unknown),
        )
    carriers = [meant[row][0] for row in said]
    _say_taken(table, carriers, book)
    return carriers


def _check_defaults(spellings: _Spellings, table: Table, book: Book) -> None:
    """An error where a default is no network or band, whether a row needs it or not."""
    scenario, entry = book.scenario, table.source.entry
    asked = (
        ("scenario", "defaults.network", scenario.defaults.network, spellings.networks),
        (table.source.name, "inputs.sites.network", entry.network, spellings.networks),
        (table.source.name, "inputs.sites.band", entry.band, spellings.bands),
    )
    for file, column, default, known in asked:
        is_network = known is spellings.networks
        found = spellings.network_of(_plain(default)) if is_network else known.get(_plain(default))
        if default and found is None:
            allowed = spellings.bands_of if is_network else scenario.bands
            book.findings.add(
                "enum_unknown",
                file=file,
                column=column,
                value=default,
                near=nearest(default, known),
                allowed=", ".join(allowed),
            )


def _say_taken(table: Table, carriers: Sequence[Carrier], book: Book) -> None:
    """One finding each for what band, file or scenario tell, and for other stations."""
    entry, file = table.source.entry, table.source.name
    network = entry.network or book.scenario.defaults.network
    kinds = {
        "network_by_band": ([carrier.taken_from == "band" for carrier in carriers], ""),
        "default_taken/network": (
            [carrier.taken_from == "default" for carrier in carriers], network
        ),
        "default_taken/band": ([carrier.band_by_default for carrier in carriers], entry.band),
        "channel_of_other_band": ([carrier.channel_contradicts for carrier in carriers], ""),
        "no_5g_station": ([carrier.is_stock for carrier in carriers], ""),
    }  # fmt: skip
    for code, (rows, default) in kinds.items():
        if any(rows):
            line = int(table.frame.index[rows.index(True)])
            book.findings.add(code, file=file, line=line, count=sum(rows), default=default)


def _told(cell: str) -> str:
    """A cell that tells something; blank where it is one of those that mean unknown."""
    return "" if is_unknown(cell) else _plain(cell)


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().lower()


class _Spellings:
    """Every way to write a network or a band of a scenario."""

    def __init__(self, scenario: Scenario, entry: InputFile) -> None:
        self.scenario = scenario
        self.default_network = _plain(entry.network or scenario.defaults.network)
        self.default_band = _plain(entry.band)
        self.networks = _network_words(scenario)
        self.bands = _band_words(scenario)
        self.bands_of = {network.name: network.bands for network in scenario.networks}

    def network_of(self, word: str) -> str | None:
        """The network of that name or carrier."""
        return self.networks.get(word) or self.networks.get(VALUES["operator"].get(word, ""))

    def only_network(self, band: str) -> str:
        """The network that alone has a band; blank where several do."""
        own = [name for name, bands in self.bands_of.items() if band in bands]
        return own[0] if len(own) == 1 else ""

    def meaning(self, said: _Said) -> tuple[Carrier, _Wrong | None]:
        """What a row means, or what is wrong with it."""
        network, technology = self._network(said)
        mhz, is_other = _channel(said, technology)
        if is_other:
            return Carrier(is_stock=True), None
        if network is None:
            allowed = ", ".join(self.bands_of)
            near = nearest(said.network, self.networks)
            return Carrier(), _Wrong("enum_unknown", "network", {"near": near, "allowed": allowed})

        network = network or said.of_id[0]
        asked = self.bands_of.get(network) or tuple(self.scenario.bands)
        band, wrong = self._band(said, asked, mhz)
        if wrong is not None:
            return Carrier(network), wrong
        taken_from = ""
        if not network and (network := self.only_network(band)):
            taken_from = "band"
        if not network and (network := self.network_of(self.default_network)):
            taken_from = "default"
        if not network:
            return Carrier(), _Wrong("missing_value/network", "network", {})

        own = self.bands_of[network]
        band = band or (own[0] if len(own) == 1 else "")
        by_default = not band and self.bands.get(self.default_band) in own
        if by_default:
            band = self.bands[self.default_band]
        if not band:
            return Carrier(network), _Wrong("missing_value", "band", {})
        if band not in own:
            facts = {"network": network, "band": band, "allowed": ", ".join(own)}
            return Carrier(network), _Wrong("band_of_other_network", "band", facts)
        contradicts = bool(said.band) and mhz is not None and not self._holds(band, mhz)
        return Carrier(network, band, False, taken_from, by_default, contradicts), None

    def _network(self, said: _Said) -> tuple[str | None, str]:
        """Network that a row names, blank for none and None for an unknown one; its generation."""
        technology = generation(said.technology)
        if said.network in VALUES["technology"] and said.network not in self.networks:
            return "", technology or VALUES["technology"][said.network]
        if not said.network:
            return "", technology
        # several carriers may share one network
        if (whole := self.network_of(said.network)) is not None:
            return whole, technology
        named = {self.network_of(word) for word in _BETWEEN.split(said.network) if word}
        return (named.pop() if len(named) == 1 else None), technology

    def _band(
        self, said: _Said, asked: Sequence[str], mhz: float | None
    ) -> tuple[str, _Wrong | None]:
        """Band that a row names, among those asked first; blank where it names none."""
        if said.band in self.bands:
            return self.bands[said.band], None
        # one that its network names and the scenario does not define is said once, elsewhere
        if said.band in asked:
            return said.band, None
        if said.band:
            named = _frequency(said.band)
            found = self._band_at(named, asked) if named else ""
            if found:
                return found, None
            near, allowed = nearest(said.band, self.bands), ", ".join(self.scenario.bands)
            return "", _Wrong("enum_unknown", "band", {"near": near, "allowed": allowed})
        if mhz is None:
            return said.of_id[1], None
        found = self._band_at(mhz, asked)
        if found:
            return found, None
        field = "arfcn" if said.arfcn else "frequency"
        allowed = ", ".join(self.scenario.bands)
        return "", _Wrong("frequency_unknown", field, {"mhz": f"{mhz:.2f}", "allowed": allowed})

    def _band_at(self, mhz: float, asked: Sequence[str]) -> str:
        """The band that holds a frequency; else the nearest one whose own is about the same."""
        bands = self.scenario.bands
        for names in (asked, tuple(bands)):
            own = [name for name in names if in_band(mhz, name)]
            if own:
                return own[0]
            away = {name: self._away(name, mhz) for name in names if name in bands}
            near = min(away, key=lambda name: away[name], default="")
            if near and away[near] <= _NEAR:
                return near
        return ""

    def _holds(self, band: str, mhz: float) -> bool:
        """Whether a frequency may be meant by a band."""
        return in_band(mhz, band) or self._away(band, mhz) <= _NEAR

    def _away(self, band: str, mhz: float) -> float:
        """How far the frequency of a band is from another, as a share of that."""
        return abs(self.scenario.bands[band].f_ghz * 1000 / mhz - 1)


def generation(text: str) -> str:
    """Radio generation of a cell: ``nr``, ``other``, blank where it is unknown.

    A cell may name several, such as ``4G+5G``; what has a station of 5G is one.
    """
    known = VALUES["technology"]
    words = [text, *_WORDS.split(text)]
    found = {known[word] for word in words if word in known}
    return "nr" if "nr" in found else found.pop() if found else ""


def _channel(said: _Said, technology: str) -> tuple[float | None, bool]:
    """Frequency of a row, MHz, as far as it says one; whether it is of another generation."""
    if technology == "other":
        return None, True
    if said.arfcn.isdecimal():
        number = int(said.arfcn)
        if number > LAST_EARFCN:
            return nr_frequency(number), False
        # a number of LTE, unless the row says that it is of 5G: then it is a frequency; so is a
        # low one, but only where a band has so many GHz: 99 is a channel of LTE at 2.1 GHz
        if technology != "nr" and (number > _HIGHEST_GHZ or not in_some_band(number * 1000.0)):
            return None, True
    return _frequency(said.arfcn) or _frequency(said.frequency), False


def _frequency(text: str) -> float | None:
    """A frequency such as ``2.6``, ``2.6GHz``, ``700M`` or ``3450``, MHz."""
    number = _NUMBER.fullmatch(text)
    if number is None:
        return None
    value, unit = float(number[1]), (number[2] or "")[:1]
    if unit == "g" or (not unit and value <= _HIGHEST_GHZ):
        value *= 1000
    return value if value >= _LEAST_MHZ else None


def _network_words(scenario: Scenario) -> dict[str, str]:
    """Every way to write a network: its name, its labels, its carriers."""
    spellings: dict[str, str] = {}
    for network in scenario.networks:
        for word in (network.name, network.label, network.label_en, *network.operators):
            if word:
                spellings[_plain(word)] = network.name
    return spellings


def _band_words(scenario: Scenario) -> dict[str, str]:
    """Every way to write a band: its name, and each label that is of no other band."""
    labels = {
        (_plain(label), name)
        for name, band in scenario.bands.items()
        for label in (band.label_zh, band.label_en)
    }
    times = Counter(label for label, _ in labels)
    own = {label: name for label, name in sorted(labels) if times[label] == 1}
    # a band that a network names and the scenario does not define is said there, once
    named = (name for network in scenario.networks for name in network.bands)
    return own | {_plain(name): name for name in (*scenario.bands, *named)}
