"""What somebody has of a district, checked as far as it can be without opening a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from planner.crs import DATUMS
from planner.errors import Notice, Said, ScenarioError, raise_together
from planner.intake.notices import NOTICES
from planner.scenario.reading import read_yaml

_NUMBER: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Given:
    """Raw files of a district, and what is asked.

    Attributes
    ----------
    boundary, osm, population, sites
        Files, as they are.
    pick
        Name or code of the district among the borders.
    counts, dates
        Cumulative stations, the state first, and the day of each (``YYYY-MM-DD``).
    networks
        ``one``, ``two`` or the path of a YAML file with a list ``networks``.
    name
        Name of the district; by default that of the border.
    as_of
        Date of every file; by default the first date.
    datum
        Datum of every file that does not say its own; empty = the lists are told by their places,
        or it is asked for, and shapes are in what their format says.
    synthetic
        Whether people, stations and 4G sites that nobody knows are made up, marked.
    """

    boundary: Path | None = None
    pick: str = ""
    osm: Path | None = None
    population: Path | None = None
    sites: tuple[Path, ...] = ()
    counts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    networks: str = "two"
    name: str = ""
    as_of: str = ""
    datum: str = ""
    synthetic: bool = False


def data_of(file: str) -> Any:
    """A YAML file of this room."""
    text = (resources.files("planner.intake") / file).read_text(encoding="utf-8")
    return yaml.safe_load(text)


def plan_of(given: Given) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Counts and days of the phases.

    Without dates the later phases end with the years after ``as_of``.

    Raises
    ------
    ScenarioError
        With a notice for each value that cannot be used.
    """
    found = list(_amiss(given))
    if found:
        raise_together([ScenarioError.found(notice) for notice in found])

    counts = tuple(map(int, given.counts))
    if given.dates:
        return counts, given.dates
    first = dt.date.fromisoformat(given.as_of)
    ends = [f"{first.year + i}-12-31" for i in range(len(counts))]
    # a year that has ended by then holds no phase
    later = [day for day in ends if day > given.as_of][: len(counts) - 1]
    if len(later) < len(counts) - 1:
        later = [f"{first.year + i}-12-31" for i in range(1, len(counts))]
    return counts, (given.as_of, *later)


def networks_of(given: Given) -> list[dict[str, Any]]:
    """The networks that are meant, as a scenario writes them.

    Raises
    ------
    ScenarioError
        When the file cannot be read, or holds none or what is none.
    """
    known = data_of("networks.yaml")
    if given.networks in known:
        own: list[dict[str, Any]] = known[given.networks]
        return own
    tree = read_yaml(Path(given.networks))
    listed = tree.get("networks")
    if not isinstance(listed, list) or not listed:
        why = Said("文件里没有 networks 列表", "the file has no list `networks`")
        raise ScenarioError.found(_invalid("--networks", given.networks, why))
    for number, network in enumerate(listed, start=1):
        if not _is_network(network):
            why = Said(
                f"第 {number} 张网须写明 name、label（文字）和 bands（列表，如 [n41]）",
                f"network {number} is to have `name`, `label` (texts) and `bands` (a list: [n41])",
            )
            raise ScenarioError.found(_invalid("--networks", given.networks, why))
    return listed


def _is_network(network: Any) -> bool:
    """Whether what is made up can be of it; the scenario judges the rest."""
    if not isinstance(network, dict):
        return False
    texts = [network.get("name"), network.get("label")]
    bands = network.get("bands")
    if isinstance(bands, list):
        texts += bands
    return isinstance(bands, list) and bool(bands) and all(isinstance(t, str) and t for t in texts)


def _amiss(given: Given) -> Iterator[Notice]:
    """A notice for each option that cannot be used."""
    is_count = [bool(_NUMBER.fullmatch(text)) for text in given.counts]
    counts = [int(text) for text, fits in zip(given.counts, is_count, strict=True) if fits]
    if len(given.counts) < 2 or not all(is_count):
        why = Said("须为两个以上的整数，如 0,60,150", "two or more whole numbers, such as 0,60,150")
        yield _invalid("--counts", ",".join(given.counts), why)
    elif counts != sorted(set(counts)):
        why = Said("须逐期增加", "each is to be more than the one before")
        yield _invalid("--counts", ",".join(given.counts), why)
    if not given.dates and not given.as_of:
        why = Said("请给 --dates 或 --as-of", "give --dates or --as-of")
        yield _invalid("--dates", "", why)
    for option, days in (("--dates", given.dates), ("--as-of", (given.as_of,))):
        for day in filter(None, days):
            if not _is_day(day):
                why = Said("须为 YYYY-MM-DD 的日期", "a day such as 2023-12-31")
                yield _invalid(option, day, why)
    if given.dates and len(given.dates) != len(given.counts):
        why = Said(
            f"--counts 有 {len(given.counts)} 个数", f"--counts has {len(given.counts)} numbers"
        )
        yield _invalid("--dates", ",".join(given.dates), why)
    if all(map(_is_day, given.dates)) and list(given.dates) != sorted(set(given.dates)):
        why = Said("须逐期推后", "each is to be later than the one before")
        yield _invalid("--dates", ",".join(given.dates), why)
    if given.datum and given.datum not in DATUMS:
        known = ", ".join(DATUMS)
        yield _invalid("--datum", given.datum, Said(f"可用 {known}", f"use one of {known}"))


def _invalid(option: str, given: str, why: Said) -> Notice:
    return NOTICES.notice("option_invalid", option=option, given=given or '""', why=why)


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
