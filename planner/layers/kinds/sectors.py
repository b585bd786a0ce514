"""Sectors that stand: azimuths, identities and tilts of a station, in one order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.layers.aliases import VALUES
from planner.layers.kinds.optional import Optional

if TYPE_CHECKING:
    import pandas as pd

_LAST_PCI: Final = 1007  # TS 38.211, 7.4.2.1
_PROPOSED_SECTORS: Final = 3  # of a station whose azimuths are not known
MOST_SECTORS: Final = 6
_DEGREES: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")
_BETWEEN: Final = re.compile(r"\s*[/、,;|]\s*|\s+")
_TILTS: Final = (-15.0, 45.0)
_ROUNDED_DEG: Final = 1.0
"""A total tilt and its parts may differ by so much: lists hold rounded numbers [judgement]."""
OF_SECTORS: Final = (F.AZIMUTHS_DEG, F.PCIS, F.TILTS_DEG, F.MECHANICAL_TILTS_DEG)
"""Columns of a site list that hold a value for each sector."""


@dataclass(frozen=True, slots=True)
class Sectors:
    """What a row says of sectors, or several rows of one station.

    Attributes
    ----------
    azimuths
        Degrees, in the order of the row; none where they are not known.
    pcis, tilts, mechanical
        Of the same order and length, or none; the mechanical part of the tilts, where it is known.
    is_omni
        Whether one antenna serves all round.
    """

    azimuths: tuple[float, ...] = ()
    pcis: tuple[int, ...] = ()
    tilts: tuple[float, ...] = ()
    mechanical: tuple[float, ...] = ()
    is_omni: bool = False
    cell: str = field(default="", compare=False)
    """What the file calls the cell, where a row is one."""

    @property
    def is_cell(self) -> bool:
        """Whether a row may be one cell of a station: it says which, and names no further one."""
        count = max(len(self.azimuths), len(self.pcis), len(self.tilts))
        return count <= 1 and (bool(self.cell or self.azimuths or self.pcis) or self.is_omni)

    @property
    def count(self) -> int:
        """How many there are, as far as azimuths tell."""
        return _count(self.azimuths, self.is_omni)

    @property
    def signature(self) -> str:
        """What tells a cell from the others of its station."""
        return f"{self.azimuths} {self.pcis} {self.cell}"

    def texts(self) -> dict[str, str]:
        """The columns of a site list."""
        return {
            F.AZIMUTHS_DEG: _joined(self.azimuths),
            F.PCIS: "/".join(map(str, self.pcis)),
            F.TILTS_DEG: _joined(self.tilts),
            F.MECHANICAL_TILTS_DEG: _joined(self.mechanical),
        }


def read_sectors(cells: Optional) -> list[Sectors]:
    """The sectors of each row, (rows,); what cannot be used is left out, which is a finding."""
    table = cells.table
    omni, azimuths = _read_azimuths(cells)
    pcis = _read_pcis(cells, azimuths, omni)
    tilts = _read_tilts(cells, azimuths)
    names = table.text("cell_id") + " " + table.text("cell_name")
    columns = zip(azimuths, pcis, tilts, omni, names.str.strip(), strict=True)
    return [
        Sectors(turns, ids, *down, is_omni, name) for turns, ids, down, is_omni, name in columns
    ]


def joined(cells: Sequence[Sectors]) -> tuple[Sectors, set[str], int]:
    """The cells of a station as its sectors, by azimuth.

    Returns
    -------
    sectors
        All of them.
    marks
        Fields of which some cells say nothing: then nothing is known of the others either.
    twice
        How many cells look where another one does; they are one sector.
    """
    known = sorted((cell for cell in cells if cell.azimuths), key=_order)
    seen: dict[float, Sectors] = {}
    for cell in known:
        seen.setdefault(cell.azimuths[0], cell)
    sectors = [*seen.values()] or sorted(cells, key=_order)
    marks = {F.AZIMUTHS_DEG} if known and len(known) < len(cells) else set()
    if len(sectors) > MOST_SECTORS:
        return Sectors(), {F.AZIMUTHS_DEG}, 0

    pcis = tuple(pci for cell in sectors for pci in cell.pcis)
    tilts = tuple(tilt for cell in sectors for tilt in cell.tilts)
    is_omni = not known and any(cell.is_omni for cell in cells)
    has_pcis = len(pcis) == _count(seen, is_omni)
    if pcis and not has_pcis:
        marks.add(F.PCIS)
    mechanical = tuple(tilt for cell in sectors for tilt in cell.mechanical)
    if len(mechanical) != len(tilts):
        mechanical = ()
    if tilts and not (seen and len(tilts) == len(seen)):
        alike = len({*zip(tilts, mechanical or tilts, strict=True)}) == 1
        tilts, mechanical = (tilts[:1], mechanical[:1]) if alike else ((), ())
    whole = Sectors(tuple(seen), pcis if has_pcis else (), tilts, mechanical, is_omni)
    return whole, marks, len(known) - len(seen)


def _count(azimuths: Collection[float], is_omni: bool) -> int:
    return len(azimuths) or (1 if is_omni else _PROPOSED_SECTORS)


def _order(cell: Sectors) -> tuple[object, ...]:
    return (cell.azimuths, cell.pcis, cell.cell, cell.tilts)


def _joined(numbers: Iterable[float]) -> str:
    return "/".join(map(_shown, numbers))


def _shown(number: float) -> str:
    return np.format_float_positional(number, trim="-")


def _read_azimuths(cells: Optional) -> tuple[list[bool], list[tuple[float, ...]]]:
    """Whether each row is of an antenna that serves all round, and its azimuths."""
    texts = cells.text(F.AZIMUTHS_DEG, zero=True)
    plain = [unicodedata.normalize("NFKC", text).strip() for text in texts]
    where: dict[str, Any] = {
        "file": cells.table.source.name,
        "column": cells.table.header(F.AZIMUTHS_DEG),
    }
    widened = sum(text != cell for text, cell in zip(plain, texts, strict=True))
    if widened:
        cells.findings.add("fullwidth_normalised", count=widened, **where)

    omni = [text.lower() in VALUES["omni"] for text in plain]
    azimuths: list[tuple[float, ...]] = []
    for line, cell, text, is_omni in zip(texts.index, texts, plain, omni, strict=True):
        turns, code = ((), "") if is_omni or not text else _azimuths_of(text)
        if code:
            facts = {"count": len(_parts(text)), "most": MOST_SECTORS}
            cells.leave_out(code, F.AZIMUTHS_DEG, int(line), cell, **facts)
        azimuths.append(turns)
    if any(omni):
        lines, cell = texts.index[np.array(omni)], texts.iloc[omni.index(True)]
        where |= {"line": int(lines[0]), "lines": lines}
        cells.findings.add("omni_antenna", value=cell, count=sum(omni), **where)
        for mark in lines:
            cells.marks[int(mark)] |= {"omni"}
    return omni, azimuths


def _azimuths_of(text: str) -> tuple[tuple[float, ...], str]:
    """Azimuths such as ``0/120/240`` and no code; none and a code where something is wrong."""
    parts = _parts(text)
    turns = [float(part) for part in parts if _DEGREES.fullmatch(part) and float(part) <= 360.0]
    if len(turns) < len(parts):
        return (), "azimuth_invalid"
    if len({turn % 360.0 for turn in turns}) < len(turns):
        return (), "azimuth_repeated"
    if len(turns) > MOST_SECTORS:
        return (), "sectors_too_many"
    return tuple(turn % 360.0 for turn in turns), ""


def _parts(text: str) -> list[str]:
    """The numbers of a cell of degrees, with or without their sign: ``0°/120°`` or ``6度``."""
    return _BETWEEN.split(re.sub(r"(?<=[0-9])\s*[°º度]", "", text))


def _read_pcis(
    cells: Optional, azimuths: Iterable[tuple[float, ...]], omni: Iterable[bool]
) -> list[tuple[int, ...]]:
    """Identities on air such as ``285/241/182``, in the order of azimuths."""
    texts = cells.text("pci", zero=True)
    read: list[tuple[int, ...]] = []
    for line, cell, turns, is_omni in zip(texts.index, texts, azimuths, omni, strict=True):
        parts = _BETWEEN.split(unicodedata.normalize("NFKC", cell)) if cell else []
        count = _count(turns, is_omni)
        are_valid = all(map(_is_pci, parts))
        # one alone may be of a row that is a cell
        fits = len(parts) == count or (len(parts) == 1 and not turns)

        if parts and not are_valid:
            cells.leave_out("pci_invalid", "pci", int(line), cell, count=count)
        elif parts and not fits:
            code = "azimuths_unlike_pci" if turns else "pci_invalid"
            cells.leave_out(code, "pci", int(line), cell, count=count, other=len(parts))
        read.append(tuple(map(int, parts)) if are_valid and fits else ())
    return read


def _is_pci(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= _LAST_PCI


def _read_tilts(
    cells: Optional, azimuths: Sequence[tuple[float, ...]]
) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Down-tilt of each sector and its mechanical part, degrees, (rows,).

    The tilt is the total one, else electrical and mechanical together; its part is not known where
    the total one stands alone.
    """
    total, electrical, mechanical = (
        _tilts_in(cells, name, azimuths)
        for name in (F.TILTS_DEG, "electrical_tilt", "mechanical_tilt")
    )
    read: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    rows = zip(cells.table.frame.index, total, electrical, mechanical, azimuths, strict=True)
    for line, own, steered, built, turns in rows:
        tilts = own or _sum(steered, built)
        if built and not tilts:
            cells.leave_out("tilts_differ/alone", "mechanical_tilt", int(line), _joined(built))
        elif own and steered and built and not _agree(own, steered, built):
            _say_differ(cells, int(line), own, steered, built)
        part = _mechanical(tilts, steered, built)
        times = len(turns) or 1
        read.append((_spread(tilts, times), _spread(part, times)))
    return read


def _say_differ(
    cells: Optional,
    line: int,
    total: tuple[float, ...],
    steered: tuple[float, ...],
    built: tuple[float, ...],
) -> None:
    """The total tilt of a row is taken, though it is not the sum of its parts."""
    cells.findings.add(
        "tilts_differ",
        file=cells.table.source.name,
        line=line,
        column=cells.table.header(F.TILTS_DEG),
        value=_joined(total),
        electrical=_joined(steered),
        mechanical=_joined(built),
    )


def _agree(total: tuple[float, ...], steered: tuple[float, ...], built: tuple[float, ...]) -> bool:
    """Whether tilts are the sum of their parts, but for what rounding takes."""
    return bool(np.abs(np.subtract(total, _sum(steered, built))).max() <= _ROUNDED_DEG)


def _mechanical(
    tilts: tuple[float, ...], steered: tuple[float, ...], built: tuple[float, ...]
) -> tuple[float, ...]:
    """Mechanical part of tilts: as listed, else what is not electrical; none where not known."""
    if not tilts or built:
        return built if tilts else ()
    return tuple(np.subtract(tilts, steered).tolist()) if steered else ()


def _sum(steered: tuple[float, ...], built: tuple[float, ...]) -> tuple[float, ...]:
    """Electrical and mechanical tilts together; the electrical ones where no others are known."""
    return tuple(np.add(steered, built).tolist()) if steered and built else steered


def _spread(tilts: tuple[float, ...], times: int) -> tuple[float, ...]:
    """One tilt for each sector, where there is one for all."""
    return tilts * times if len(tilts) == 1 else tilts


def _tilts_in(
    cells: Optional, field: str, azimuths: Sequence[tuple[float, ...]]
) -> list[tuple[float, ...]]:
    """Tilts of a column, such as ``6`` or ``6/6/8``, (rows,): none, one or one for each azimuth."""
    texts: pd.Series[str] = cells.text(field, zero=True)
    low, high = _TILTS
    read: list[tuple[float, ...]] = []
    for line, cell, turns in zip(texts.index, texts, azimuths, strict=True):
        try:
            parts = _parts(unicodedata.normalize("NFKC", cell)) if cell else []
            tilts = tuple(float(part) for part in parts)
        except ValueError:
            tilts = (np.nan,)
        if not all(low <= tilt <= high for tilt in tilts):
            cells.leave_out("tilt_out_of_range", field, int(line), cell, low=low, high=high)
            cells.marks[int(line)].add(F.TILTS_DEG)
            tilts = ()
        elif len(tilts) > 1 and len(tilts) != len(turns):
            facts = {"count": len(turns), "other": len(tilts)}
            cells.leave_out("tilts_unlike_azimuths", field, int(line), cell, **facts)
            tilts = ()
        read.append(tilts)
    return read
