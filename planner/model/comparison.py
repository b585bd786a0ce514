"""What two plans differ in: parameters, figures and stations, by codes and numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner import fields as F
from planner.codes import Change
from planner.errors import visible
from planner.model import tables
from planner.model.measures import CHIEF, MEASURES, unit_text
from planner.scenario import Layer, Money, Network, Phase
from planner.words import beside, language

if TYPE_CHECKING:
    import pandas as pd

# what of a comparison fits on a screen of 120 columns and 40 lines
_WIDTH = 120
_PHASE_WIDTH = 10
_FIGURE_WIDTH = 12
_SHOWN_PARAMETERS = 8
_SHOWN_FIGURES = 18
_SHOWN_PLANS = 4
_WITH_DIFFERENCES = 2  # so many plans leave room for columns of differences


# what a row of the table of all differences is about
_ABOUT = (
    "part", F.PARAMETER, F.PHASE, F.LAYER, F.NETWORK, F.LEVEL, F.MEASURE, F.UNIT, F.CHANGE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One base and other plans; prints as the office's table 方案对比表.

    Attributes
    ----------
    names
        Names of the plans, the base first; a name that comes again carries a number.
    parts
        The layers and networks of the scenarios by code, the base's first, so that a room that
        shows them can say what they are called.
    phases
        The phases by number: the base's, or another plan's where that has more.
    money
        What the base calls the unit of its costs.
    parameters
        ``parameter`` and one column per plan, as text: only the parameters that differ.
    indicators
        ``phase`` (number, -1 where a figure belongs to none), ``layer, network, level, measure,
        unit``, and one column of values per plan; for each other plan a column ``<name> - <base>``.
        A figure that a plan does not have is NaN.
    stations
        ``tables.CHANGED_STATIONS``: a row per plan and station that changed against the base.
    """

    names: tuple[str, ...]
    parts: Mapping[str, Layer | Network]
    phases: tuple[Phase, ...]
    money: Money
    parameters: pd.DataFrame
    indicators: pd.DataFrame
    stations: pd.DataFrame

    def __post_init__(self) -> None:
        tables.CHANGED_STATIONS.checked(self.stations)

    def difference(self, name: str) -> str:
        """Column of ``indicators`` with what a plan has more than the base."""
        return f"{name} - {self.names[0]}"

    def counts(self) -> pd.DataFrame:
        """How many stations changed in each way: index ``change``, a column per other plan."""
        import pandas as pd

        found = self.stations.groupby([F.PLAN, F.CHANGE]).size()
        counts = {
            name: [int(found.get((name, change), 0)) for change in Change]
            for name in self.names[1:]
        }
        changes = pd.Index([change.value for change in Change], name=F.CHANGE)
        return pd.DataFrame(counts, index=changes)

    def to_frame(self) -> pd.DataFrame:
        """The whole as one table by codes.

        The parameters that differ, every figure, and how many stations changed in which way.

        Returns
        -------
        DataFrame
            ``part`` (parameter, indicator, stations), ``parameter, phase, layer, network, level,
            measure, unit, change`` as far as they say what the row is about, then a column per plan
            and a difference per other plan.
        """
        import pandas as pd

        base, *others = self.names
        counts = self.counts().reset_index().assign(**{base: 0})
        frames = {"parameter": self.parameters, "indicator": self.indicators, "stations": counts}
        columns = [*_ABOUT, *self.names, *map(self.difference, others)]
        parts = [
            frame.assign(part=part).astype(object).reindex(columns=columns)
            for part, frame in frames.items()
        ]
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        """The plans and how much differs, in a line."""
        base, *others = self.names
        against = others[0] if len(others) == 1 else f"{len(others)} plans"
        return (
            f"Comparison({against} against {base}: {len(self.parameters)} parameters, "
            f"{len(self._differing())} figures and {len(self.stations)} stations differ)"
        )

    def __str__(self) -> str:
        """The chief differences as a table of a screen's size, and where to find all of them."""
        from rich.console import Console
        from rich.table import Table

        shown = self.names[:_SHOWN_PLANS]
        others = self.names[1:] if len(self.names) <= _WITH_DIFFERENCES else ()
        figures = (*shown, *map(self.difference, others))

        # what figures, phase and the lines between the columns leave is for the item
        lines = 3 * (len(figures) + 2) + 1
        room = _WIDTH - lines - _PHASE_WIDTH - _FIGURE_WIDTH * len(figures)
        table = Table(title=beside("compare.title"), title_justify="left")
        table.add_column(beside("compare.item"), no_wrap=True, max_width=room)
        table.add_column(beside("compare.phase"), no_wrap=True, max_width=_PHASE_WIDTH)
        for column in figures:
            table.add_column(column, justify="right", no_wrap=True, max_width=_FIGURE_WIDTH)
        for item, phase, values, differences in self._chief_rows():
            table.add_row(item, phase, *values[: len(shown)], *differences[: len(others)])

        buffer = io.StringIO()
        console = Console(
            file=buffer, width=_WIDTH, color_system=None, markup=False, highlight=False, emoji=False
        )
        console.print(table)
        return visible(buffer.getvalue() + self._rest(), keep="\n")

    def _chief_rows(self) -> Iterator[tuple[str, str, list[str], list[str]]]:
        """Rows of stations, parameters, figures.

        Each is an item, its phase, a value for each plan and a difference for each other plan.
        """
        for change, counts in self.counts().iterrows():
            yield beside("change", str(change)), "", ["0", *map(str, counts)], []

        parameters = self.parameters.head(_SHOWN_PARAMETERS)
        for name, *values in parameters.itertuples(index=False, name=None):
            yield name, "", values, []

        for figure in self._chief_figures().to_dict("records"):
            measure = MEASURES[figure[F.MEASURE]]
            number = figure[F.PHASE]
            phase = language().name(self.phases[number]) if number >= 0 else ""
            values = [measure.text(figure[name]) for name in self.names]
            differences = [
                measure.text(figure[self.difference(name)], signed=True) for name in self.names[1:]
            ]
            yield self._item(figure), phase, values, differences

    def _differing(self) -> pd.DataFrame:
        """Figures that differ, or that one plan does not have."""
        values = self.indicators[list(self.names)]
        differs = values.sub(values[self.names[0]], axis=0).fillna(0.0).ne(0.0).any(axis=1)
        return self.indicators[differs | (values.isna().any(axis=1) & values.notna().any(axis=1))]

    def _chief_figures(self) -> pd.DataFrame:
        """Of the figures that differ those that matter most, in the table's order."""
        table = self._differing()
        table = table[table[F.MEASURE].isin(CHIEF)]

        # by measure, then the largest difference first; what one plan does not have comes last
        columns = [self.difference(name) for name in self.names[1:]]
        size = table[columns].abs().max(axis=1).fillna(0.0)
        most = table.assign(
            _chief=table[F.MEASURE].map(CHIEF.index), _size=-size, _missing=size == 0
        )
        most = most.sort_values(["_missing", "_chief", "_size"], kind="stable")
        return table.loc[sorted(most.index[:_SHOWN_FIGURES])]

    def _item(self, figure: Mapping[Any, Any]) -> str:
        """What a figure is of: layer, network, level, measure and unit."""
        codes = [figure[key] for key in (F.LAYER, F.NETWORK) if figure[key]]
        parts = [language().name(self.parts[code]) for code in codes]
        level = beside("level_short", figure[F.LEVEL]) if figure[F.LEVEL] else ""

        measure = MEASURES[figure[F.MEASURE]]
        unit = unit_text(measure.shown_unit, self.money, language())
        name = f"{beside('measure', measure.code)} {unit}".strip()
        return " · ".join(filter(None, [*parts, level, name]))

    def _rest(self) -> str:
        """What the table leaves out, and where it stands."""
        left = {
            "parameters": max(0, len(self.parameters) - _SHOWN_PARAMETERS),
            "figures": len(self._differing()) - len(self._chief_figures()),
            "plans": max(0, len(self.names) - _SHOWN_PLANS),
        }
        if not any(left.values()):
            return ""
        return "".join(f"{language(code)('compare.rest', **left)}\n" for code in ("zh", "en"))
