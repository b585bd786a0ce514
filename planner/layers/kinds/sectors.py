"""Sectors that stand: azimuths and PCIs of a station, in one order."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from planner import fields as F
from planner.layers.findings import Findings
from planner.layers.tables import Table

if TYPE_CHECKING:
    import pandas as pd

_LAST_PCI: Final = 1007  # TS 38.211, 7.4.2.1
_PROPOSED_SECTORS: Final = 3  # of a station whose azimuths are not known
_MOST_SECTORS: Final = 6
_DEGREES: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")


def read_azimuths(table: Table, findings: Findings) -> pd.Series[str]:
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


def read_pcis(table: Table, azimuths: pd.Series[str], findings: Findings) -> pd.Series[str]:
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
