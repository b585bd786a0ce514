"""The measures of a plan, one entry each: unit, how a figure is written, where it is shown.

The pass rules bring their own measures (``planner.rules``), here only where something special is
said of them. A share's code ends in ``share``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from planner.rules import RULES
from planner.rules import UNITS as RULE_UNITS
from planner.scenario import Money
from planner.words import SHARE_STEPS, Form, Language, shown_share, shown_size

PASSING_COUNT: Final = "passing_count"
MONEY: Final = "money"
"""Unit of costs: the scenario says what it is."""

NEAR_DB: Final = 2.0
"""How many dB a verdict may hang on before it counts as safe."""

ROUNDING_SLACK: Final = 1e-6
"""Of a whole number: what float sums leave behind is not one less."""

RESIDENTS_SERVED: Final = ("covered_residents", "split_residents", "attached_residents")
"""Of networks at the phases, where the scenario says how many residents a station serves."""

_UNITS: Final = {
    **RULE_UNITS,
    PASSING_COUNT: "1", "residents": "people", "residents_share": "1", "stations": "1",
    "sites": "1", "cost_wan": MONEY, "per_10k": "1/10,000 people",
    # signal and load, at the phases only
    "rsrp_median_dbm": "dBm", "ss_sinr_median_db": "dB", "ss_sinr_share": "1",
    "pdsch_sinr_median_db": "dB", "dl_median_mbps": "Mbit/s", "ul_median_mbps": "Mbit/s",
    "overlap_share": "1", "load_share": "1",
    "carried_mbps": "Mbit/s", "carried_share": "1", "overloaded_sectors": "1",
    **dict.fromkeys(RESIDENTS_SERVED, "people"),
}  # fmt: skip

BESIDE_VERDICTS: Final = (
    "ss_sinr_median_db", "ss_sinr_share", "pdsch_sinr_median_db", "dl_median_mbps",
    "ul_median_mbps", "overlap_share", "load_share",
)  # fmt: skip
"""Of layers at the phases, outdoors: shown beside the verdicts, which they do not touch."""

PAGE_BESIDE: Final = tuple(code for code in BESIDE_VERDICTS if code != "ss_sinr_share")
"""Those for which the page has room."""

# how the page's whole numbers are made: by what a figure is multiplied, or the form in which it is
# written
_PAGE_SCALES: Final = {
    "passes": 1, "gaps": 1, "gaps_all": 1, "holes": 1, "stations": 1, "sites": 1, "per_10k": 100,
    "share": SHARE_STEPS, "residents_share": SHARE_STEPS,
}  # fmt: skip
_PAGE_FORMS: Final[Mapping[str, Form]] = {
    "longest_m": "length", "cost_wan": "count", "residents": "count",
    **{f"fail_{code}": rule.form for code, rule in RULES.items()},
}  # fmt: skip

CHIEF: Final = (
    "passes",
    "share",
    PASSING_COUNT,
    "longest_m",
    "holes",
    "residents",
    "cost_wan",
    "sites",
    "stations",
)
"""Those of which a printed comparison shows the differences, the most important first."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    Attributes
    ----------
    code
        Its name in the tables.
    unit
        Unit of the figure there: ``1`` for a bare number or a share.
    """

    code: str
    unit: str

    @property
    def is_share(self) -> bool:
        """Whether the figure lies between 0 and 1 and is written as per cent."""
        return self.code.endswith("share")

    @property
    def page_scale(self) -> int | None:
        """How many of the page's whole numbers make one of the figure's unit.

        None for a figure that the page does not show.
        """
        return 1 if self.code in _PAGE_FORMS else _PAGE_SCALES.get(self.code)

    def page_number(self, value: float, limit: float = 0.0) -> int:
        """The whole number from which the page writes a figure, -1 for none.

        Parameters
        ----------
        value
            The figure.
        limit
            The least that is asked of a share.
        """
        if value != value:
            return -1
        if self.code in _PAGE_FORMS:
            return shown_size(_PAGE_FORMS[self.code], value)
        if self.is_share:
            return shown_share(value, limit)
        # down: what is rounded again when it is written must not have been rounded up before
        return math.floor(value * _PAGE_SCALES[self.code] + ROUNDING_SLACK)

    @property
    def shown_unit(self) -> str:
        """Code of the unit as it is written behind a figure."""
        return "%" if self.is_share else self.unit

    def shown(self, value: float) -> float:
        """A figure in the unit in which it is written: a share in per cent, whole residents."""
        number = 100 * float(value) if self.is_share else float(value)
        return shown_size("count", number) if self.unit == "people" else number

    def brief(self, value: float) -> str:
        """A figure with one decimal, without unit; empty for none."""
        return "" if value != value else f"{self.shown(value):.1f}"

    def text(self, value: float, *, signed: bool = False) -> str:
        """A figure as it is written, without unit; empty for none."""
        if value != value:
            return ""
        if self.code == "passes" and not signed:
            return "✓" if value else "✕"
        number = self.shown(value)
        digits = 0 if number == round(number) or abs(number) >= 1000 else 2
        return f"{number:{'+' if signed else ''}.{digits}f}"


def unit_text(unit: str, money: Money, words: Language) -> str:
    """What a unit is called; that of money as the scenario calls its own."""
    return words.name(money) if unit == MONEY else words("unit", unit)


MEASURES: Final[Mapping[str, Measure]] = {
    code: Measure(code, unit) for code, unit in _UNITS.items()
}
"""Every measure by code."""
