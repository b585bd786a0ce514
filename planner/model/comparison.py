"""What two plans differ in: parameters, figures and stations, by codes and numbers."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner import fields as F
from planner.codes import Change
from planner.model import tables
from planner.model.measures import MEASURES
from planner.scenario import Layer, Network, Phase
from planner.words import Language, language

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One base and other plans; prints as the office's table 方案对比表.

    Attributes
    ----------
    names
        Names of the plans, the base first; a name that comes again carries a number.
    parts
        The layers and networks of the scenarios by code, the base's first, so that a room that shows them can say what
        they are called.
    phases
        The phases by number: the base's, or another plan's where that has more.
    parameters
        ``parameter`` and one column per plan, as text: only the parameters that differ.
    indicators
        ``phase`` (number, -1 where a figure belongs to none), ``layer, network, level, measure, unit``, and one
        column of values per plan; for each other plan a column ``<name> - <base>``. A figure that a plan does not have
        is NaN.
    stations
        ``tables.CHANGED_STATIONS``: a row per plan and station that changed against the base.
    """

    names: tuple[str, ...]
    parts: Mapping[str, Layer | Network]
    phases: tuple[Phase, ...]
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
        rows = {name: [int(found.get((name, change), 0)) for change in Change] for name in self.names[1:]}
        return pd.DataFrame(rows, index=pd.Index([change.value for change in Change], name=F.CHANGE))

    def to_frame(self) -> pd.DataFrame:
        """The whole as one table by codes: what differs in parameters, every figure, and how many stations changed.

        Returns
        -------
        DataFrame
            ``part`` (parameter, indicator, stations), ``parameter, phase, layer, network, level, measure, unit, change``
            as far as they say what the row is about, then a column per plan and a difference per other plan.
        """
        import pandas as pd

        base, *others = self.names
        counts = self.counts().reset_index().assign(**{base: 0})
        about = ["part", F.PARAMETER, F.PHASE, F.LAYER, F.NETWORK, F.LEVEL, F.MEASURE, F.UNIT, F.CHANGE]
        columns = [*about, *self.names, *map(self.difference, others)]
        frames = {"parameter": self.parameters, "indicator": self.indicators, "stations": counts}
        parts = [frame.assign(part=part).astype(object).reindex(columns=columns) for part, frame in frames.items()]
        return pd.concat(parts, ignore_index=True)

    def __str__(self) -> str:
        """The table as text: of the indicators only the chief ones that differ."""
        from rich.console import Console
        from rich.table import Table

        zh, en = language("zh"), language("en")
        base, *others = self.names
        heads = [f"{zh(f'compare.{key}')} {en(f'compare.{key}')}" for key in ("item", "phase", "title")]
        table = Table(*heads[:2], title=heads[2], title_justify="left")
        for column in (*self.names, *map(self.difference, others)):
            table.add_column(column, justify="right")
        for row in self.parameters.itertuples(index=False, name=None):
            table.add_row(row[0], "", *row[1:])
        for figure in self.indicators.to_dict("records"):
            values = [figure[name] for name in self.names]
            differences = [figure[self.difference(name)] for name in others]
            measure = MEASURES[figure[F.MEASURE]]
            if measure.is_chief and _differ(values, differences):
                shown = [measure.text(value) for value in values]
                signed = [measure.text(value, signed=True) for value in differences]
                table.add_row(self._item(figure, zh, en), self._phase(figure, zh), *shown, *signed)
        for change, row in self.counts().iterrows():
            table.add_row(f"{zh('change', str(change))} {en('change', str(change))}", "", "0", *map(str, row))
        buffer = io.StringIO()
        Console(file=buffer, width=200, color_system=None, markup=False, highlight=False, emoji=False).print(table)
        return buffer.getvalue()

    def _item(self, figure: Mapping[Any, Any], zh: Language, en: Language) -> str:
        named = [zh.name(self.parts[figure[key]]) for key in (F.LAYER, F.NETWORK) if figure[key]]
        level = [f"{one('level', figure[F.LEVEL])}" for one in (zh, en) if figure[F.LEVEL]]
        measure = MEASURES[figure[F.MEASURE]]
        what = " ".join([zh("measure", measure.code), en("measure", measure.code), en("unit", measure.shown_unit)])
        return " · ".join(filter(None, [*named, " ".join(level), what.strip()]))

    def _phase(self, figure: Mapping[Any, Any], words: Language) -> str:
        return words.name(self.phases[number]) if (number := figure[F.PHASE]) >= 0 else ""


def _differ(values: Sequence[Any], differences: Iterable[Any]) -> bool:
    """Whether a figure differs, or one plan has none."""
    missing = [value != value for value in values]
    return (any(missing) and not all(missing)) or any(value != 0 and value == value for value in differences)
