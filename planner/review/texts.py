"""Texts and degrees that people wrote, as answers keep them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

DEGREE_PLACES: Final = 6
"""Decimals of longitude and latitude: a tenth of a metre."""
_UNPRINTABLE: Final = ("Cc", "Cs", "Cn", "Co")  # controls, surrogates, unassigned, private use


def clean(text: str) -> str:
    """Text in one line without controls."""
    line = " ".join(text.split())
    return "".join(char for char in line if unicodedata.category(char) not in _UNPRINTABLE)


def letters(text: str) -> str:
    """Letters and digits alone: 选址困难，提变更 is known however its comma is written."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))
