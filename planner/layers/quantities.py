"""Numbers as people write them: with units, thousands parted, a decimal comma, degrees and minutes.

Pure functions of one text; whoever reads a column says what it may hold.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

import numpy as np

Way = Literal["plain", "unit", "parted", "comma", "dms"]
"""How a number was written: as a number, with a unit, thousands parted, or with a comma."""

PLAIN: Final = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
COMMA: Final = r"[+-]?[0-9]+,[0-9]+"
PARTED: Final = r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"
_AMOUNT: Final = re.compile(rf"({PARTED}|{PLAIN})\s*([^0-9\s.,+-].*)?")

# what NFKC leaves, or spoils: signs of minus, degree, minute and second
_SIGNS: Final = str.maketrans(
    {"\u2212": "-", "\u00ba": "°", "\u02da": "°", "\u2018": "'", "\u2019": "'", "\u2032": "'",
     "\u201c": '"', "\u201d": '"', "\u2033": '"', "\u00b4": "'"}
)  # fmt: skip
_HEMISPHERES: Final = {
    "E": (0, 1), "W": (0, -1), "N": (1, 1), "S": (1, -1),
    "东经": (0, 1), "西经": (0, -1), "北纬": (1, 1), "南纬": (1, -1),
    "东": (0, 1), "西": (0, -1), "北": (1, 1), "南": (1, -1),
}  # fmt: skip
"""Word -> axis, 0 longitude and 1 latitude, and sign."""
_SIDE: Final = "|".join(sorted(_HEMISPHERES, key=len, reverse=True))
_DMS: Final = re.compile(
    rf"""(?P<before>{_SIDE})?\s*[:]?\s*(?P<sign>[+-]?)\s*
    (?:
      (?P<d>\d{{1,3}})\s*[°度dD]\s*
        (?: (?P<m>\d{{1,2}}(?:\.\d+)?)\s*(?:['分mM]\s*
          (?: (?P<s>\d{{1,2}}(?:\.\d+)?)\s*(?:''|["秒sS])?\s* )? )? )?
      | (?P<d2>\d{{1,3}})(?P<by>[:\s-])(?P<m2>\d{{1,2}})(?P=by)(?P<s2>\d{{1,2}}(?:\.\d+)?)
      | (?P<whole>\d{{1,3}}(?:\.\d+)?)\s*[°度]?
    )
    \s*(?P<after>{_SIDE})?""",
    re.VERBOSE | re.ASCII,
)


class Number(NamedTuple):
    """A number and how it was written."""

    value: float
    way: Way


def plain(text: str) -> str:
    """A text in the width and with the signs that numbers have."""
    return unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).strip()


def read_amount(text: str, units: Mapping[str, float], *, comma: bool = False) -> Number | None:
    """The number of a :func:`plain` text; None where it is none.

    Parameters
    ----------
    text
        Such as ``35``, ``35m``, ``1.2万`` or ``3,400``.
    units
        Unit in lower case -> how many of the unit that is wanted it makes.
    comma
        Whether a comma is the sign of decimals; else it parts thousands.
    """
    if comma:
        # a point parts thousands then, and nothing else
        text = re.sub(r"(?<=\d)\.(?=\d{3}[.,])", "", text)
        if "." in text:
            return None
        text = text.replace(",", ".")
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    number, unit = match.groups()
    if unit and unit.strip().lower() not in units:
        return None
    value = float(number.replace(",", ""))
    if unit:
        return Number(float(times(value, units[unit.strip().lower()])), "unit")
    return Number(value, "comma" if comma else "parted" if "," in number else "plain")


def times(value: Any, factor: float) -> Any:
    """A product, or several, rounded where a unit has decimals: 1.1 x 10000 is 11000."""
    return value if factor == 1 else np.round(value * factor, 9)


def read_angle(text: str, axis: int, *, comma: bool = False) -> Number | None:
    """Decimal degrees of a :func:`plain` text; None where it is none.

    Parameters
    ----------
    text
        Such as ``120°07'50.1"E``, ``E120 07 50.1``, ``120度7.835分`` or ``120.13058°``.
    axis
        0 = longitude, 1 = latitude: a hemisphere of the other one refuses the text.
    comma
        Whether a comma is the sign of decimals.
    """
    text = text.replace(",", ".") if comma else text
    match = _DMS.fullmatch(text)
    if match is None:
        return None
    before, after, sign = match["before"], match["after"], match["sign"]
    if (before and after) or (sign and (before or after)):
        return None
    side_axis, direction = _HEMISPHERES[before or after] if before or after else (axis, 1)
    if side_axis != axis:
        return None

    if match["whole"]:
        value = float(match["whole"])
        way: Way = "unit" if text != match["whole"] else "comma" if comma else "plain"
    else:
        degrees, minutes, seconds = (
            float(match[part] or match[f"{part}2"] or 0) for part in ("d", "m", "s")
        )
        # only the last part has decimals
        if minutes >= 60 or seconds >= 60 or (match["s"] and not minutes.is_integer()):
            return None
        value, way = degrees + minutes / 60 + seconds / 3600, "dms"
    return Number(math.copysign(value, -1) if sign == "-" or direction < 0 else value, way)
