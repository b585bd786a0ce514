"""How the stations that could stand in for another are said, the same wherever a plan is shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner import fields as F
from planner.words import Language

if TYPE_CHECKING:
    import pandas as pd

ROUNDING_SLACK = 1e-9


def whole_percent(share: float) -> int:
    """Whole per cent of a share (0-1), down: what does not bring back all is never shown as 100."""
    return math.floor(100 * share + ROUNDING_SLACK)


def doubt_texts(doubts: pd.Series[str], words: Language) -> list[str]:
    """What was left out of the lists about each station (``tables.STATIONS``), in words."""
    return [words.clauses(words("doubt", name) for name in text.split()) for text in doubts]


def replacement_texts(replacements: pd.DataFrame, words: Language) -> dict[str, list[str]]:
    """Those that could stand in for each ``station_id`` of a plan, in words, best first."""
    texts: dict[str, list[str]] = {}
    columns = [F.STATION_ID, F.REPLACEMENT_ID, F.DISTANCE_M, F.REGAINED]
    for station, other, metres, share in replacements[columns].itertuples(index=False, name=None):
        percent = str(whole_percent(share) or "<1")
        texts.setdefault(station, []).append(
            words("replacement", station=other, metres=metres, percent=percent)
        )
    return texts
