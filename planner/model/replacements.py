"""How the stations that could stand in for another are said, the same wherever a plan is shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner import fields as F

if TYPE_CHECKING:
    import pandas as pd

ROUNDING_SLACK = 1e-9


def whole_percent(share: float) -> int:
    """Whole per cent of a share (0-1), down: what does not bring back all is never shown as 100."""
    return math.floor(100 * share + ROUNDING_SLACK)


def replacement_texts(replacements: pd.DataFrame, *, english: bool = False) -> dict[str, list[str]]:
    """Per ``station_id`` of ``Plan.replacements`` those that could stand in for it, in words, best first."""
    form = "{0} at {1:.0f} m regains {2}%" if english else "{0} 距{1:.0f}米 补回{2}%"
    texts: dict[str, list[str]] = {}
    columns = [F.STATION_ID, "replacement_id", "distance_m", "regained"]
    for station, other, metres, share in replacements[columns].itertuples(index=False, name=None):
        percent = str(whole_percent(share) or "<1")
        texts.setdefault(station, []).append(form.format(other, metres, percent))
    return texts
