"""Texts and degrees that people wrote, as answers keep them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

DEGREE_PLACES: Final = 6
"""Decimals of longitude and latitude: a tenth of a metre."""
_UNPRINTABLE: Final = ("Cc", "Cs", "Cn", "Co")  # controls, surrogates, unassigned, private use
_ESCAPED_FORMULA: Final = re.compile(r"^'(?=[=+\-@＝＋－＠'])")


def clean(text: str) -> str:
    """Text in one line without controls.

    The apostrophe that keeps a spreadsheet from running a text as a formula goes too.
    """
    line = " ".join(text.split())
    kept = "".join(char for char in line if unicodedata.category(char) not in _UNPRINTABLE)
    return _ESCAPED_FORMULA.sub("", kept)


def letters(text: str) -> str:
    """Letters and digits alone: 选址困难，提变更 is known however its comma is written."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))
