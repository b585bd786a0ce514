"""The office's tables: tasks, coverage, verdicts, phases and money.

The 合计 rows tie to the counts of the plan.
"""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd

from planner import fields as F
from planner.codes import Build, Level, Scene
from planner.model import Comparison, limit_uses
from planner.model.measures import MEASURES
from planner.report import lists
from planner.report.facts import Facts, Verdict, sharing_rate
from planner.report.identities import identity_table
from planner.report.indicators import indicator_sheet, indicator_source
from planner.report.loads import overload_list
from planner.report.reception import reception_table, stated_notes
from planner.report.residents import resident_table
from planner.report.sheet import begun, columns_of, head_text, make_sheet, with_unit
from planner.rules import RULES, failing
from planner.scenario import Layer, Network, Pace
from planner.schema import member
from planner.sheets import Column, Sheet
from planner.words import Language

# Figures of the table of coverage with their heads; people only where they are known.
_COVERAGE_FIGURES: Final = {
    "share": "share(%):percent",
    "gaps": "gaps:integer",
    "longest_m": "longest_m(m):integer",
    "largest_ha": "largest_ha(ha):number",
}
_RESIDENT_FIGURES: Final = {
    "residents": "residents(people):integer",
    "residents_share": "residents_share(%):percent",
}
_FAILS = tuple(member(F.FAIL, rule=code) for code in RULES)


def make_tables(
    facts: Facts, words: Language, compare: Comparison | None = None
) -> dict[str, Sheet]:
    """Every table of the report by its code, in the order of the workbook."""
    # a table of which the plan knows nothing is left out; the order is that of the workbook
    tables = {
        "indicators": indicator_sheet(facts, words),
        "tasks_by_town": _tasks(facts, words, F.TOWN),
        "tasks_by_scene": _tasks(facts, words, F.SCENE),
        "coverage": _coverage(facts, words),
        **({} if facts.plan.residents.empty else {"residents": resident_table(facts, words)}),
        "verdicts": verdict_table(facts, words),
        **({} if facts.plan.cells.empty else {"reception": reception_table(facts, words)}),
        "failures": lists.failure_list(facts, words),
        "overloads": overload_list(facts, words),
        **({} if facts.plan.carriers.empty else {"identities": identity_table(facts, words)}),
        "phases": _phases(facts, words),
        "costs": _costs(facts, words),
        **({"limits": _limits(facts, words)} if facts.scenario.limits else {}),
    }

    if facts.scenario.references.pace is not None:
        tables["pace"] = _pace(facts, words, facts.scenario.references.pace)
    tables |= {
        "difficult": lists.difficult_list(facts, words),
        "public": lists.public_list(facts, words),
        "checks": lists.check_list(facts, words),
        "sources": lists.source_list(facts, words),
    }

    if compare is not None:
        tables["comparison"] = lists.comparison_list(compare, words)
        tables["changes"] = lists.change_list(compare, words)
    return tables


def _tasks(facts: Facts, words: Language, key: str) -> Sheet:
    """What each town or scene is to build: stations of today, new ones by phase, and how."""
    stations = facts.stations
    if key == F.TOWN:
        labels = {name: name for name in dict.fromkeys(facts.plan.towns[F.TOWN])}
    else:
        present = [scene for scene in Scene if (stations[key] == scene).any()]
        labels = {scene: begun(words("scene", scene)) for scene in present}

    rows = [
        _task_row(facts, number, label, stations[stations[key] == name])
        for number, (name, label) in enumerate(labels.items(), start=1)
    ]
    rows.append(_task_row(facts, None, head_text(words, "total"), stations))
    totals = frozenset({len(rows) - 1})
    notes = tuple(words("report.note", note) for note in ("tasks_built", "tasks_sites"))
    columns = _task_columns(facts, words, key)
    return make_sheet(words, f"tasks_by_{key}", columns, rows, totals=totals, notes=notes)


def _task_columns(facts: Facts, words: Language, key: str) -> list[Column]:
    names = [words.name(network) for network in facts.scenario.networks]
    heads = [words("report.head.new_of", network=name) for name in names]
    heads.append(head_text(words, "so_far"))
    phases = [words.name(phase) for phase in facts.scenario.phases[1:]]
    return [
        *columns_of(words, "number:integer", key, "open_today:integer"),
        *(Column(head, "integer", phase) for phase in phases for head in heads),
        *columns_of(words, "existing_sites:integer", "new_builds:integer", "site_count:integer"),
        *columns_of(words, "sharing:percent"),
        _cost_column(facts, words),
        *columns_of(words, "responsible"),
    ]


def _task_row(facts: Facts, number: int | None, label: str, own: pd.DataFrame) -> list[Any]:
    row: list[Any] = [number, label, int((own[F.PHASE] == 0).sum())]
    for phase in range(1, len(facts.scenario.phases)):
        new = own[own[F.PHASE] == phase]
        row += [int((new[F.NETWORK] == network).sum()) for network in facts.networks]
        row.append(int((own[F.PHASE] <= phase).sum()))

    later = own[own[F.PHASE] > 0]
    is_new = later[F.IS_NEW]
    row += [int((~is_new).sum()), int(is_new.sum()), int(own[F.FIRST_HERE].sum())]
    return [*row, sharing_rate(later), float(later[F.COST_WAN].sum()), None]


def _cost_column(facts: Facts, words: Language) -> Column:
    money = words.name(facts.scenario.references.money)
    return Column(with_unit(words, head_text(words, "cost_wan"), money), "number")


def _coverage(facts: Facts, words: Language) -> Sheet:
    """Coverage and continuity of each layer by network, level and phase."""
    figures = dict(_COVERAGE_FIGURES)
    if not facts.plan.residents.empty:
        figures |= _RESIDENT_FIGURES

    rows = [
        _coverage_row(facts, words, layer, network, level, number, tuple(figures))
        for layer in facts.scenario.layers
        for level, network in product(layer.judged_at, facts.scenario.networks)
        for number in range(len(facts.scenario.phases))
    ]
    where = ("layer", "name", "network", "level", "phase")
    columns = columns_of(words, *where, *figures.values(), "passes", "fails_by")
    notes = (words("report.note.coverage"), *stated_notes(facts, words))
    return make_sheet(words, "coverage", columns, rows, notes=notes)


def _coverage_row(
    facts: Facts,
    words: Language,
    layer: Layer,
    network: Network,
    level: str,
    number: int,
    figures: tuple[str, ...],
) -> list[Any]:
    key = (layer.name, network.name, level)
    fails = {fail: facts.value(number, fail, *key) for fail in _FAILS}
    passes = facts.value(number, "passes", *key)
    return [
        words.name(layer),
        words("report.cell.all"),
        words.name(network),
        words("level", level),
        words.name(facts.scenario.phases[number]),
        *(_figure(facts.value(number, measure, *key), measure) for measure in figures),
        words("report.cell", "holds" if passes else "fails"),
        words.failures(failing(fails)) or None,
    ]


def _figure(value: float, measure: str) -> float | None:
    """A figure as it is written; none where the layer has none of the kind."""
    return None if np.isnan(value) else MEASURES[measure].shown(value)


def verdict_table(facts: Facts, words: Language, *, brief: bool = False) -> Sheet:
    """A row per layer and level: whether all networks pass at each phase, and the count needed.

    The brief one only marks what is borderline, without the figures that decide.
    """
    text = _brief_verdict if brief else _verdict_text
    numbers = range(len(facts.scenario.phases))
    rows = []
    for layer, level in facts.pairs:
        verdicts = [facts.verdict(number, layer, level) for number in numbers]
        count = verdicts[-1].passing_count
        needed = words("never_passes") if count < 0 else count
        cells = [text(facts, words, verdict) for verdict in verdicts]
        rule = facts.rule_text(layer, words, deep=level != Level.OUTDOOR)
        rows.append((words("level", level), words.name(facts.layers[layer]), *cells, needed, rule))

    phases = [Column(words.name(phase)) for phase in facts.scenario.phases]
    columns = [
        *columns_of(words, "level", "layer"),
        *phases,
        *columns_of(words, "passing_count:mixed", "rule"),
    ]
    near = any(facts.verdict(number, *pair).hanging for number in numbers for pair in facts.pairs)
    said = (words("report.note", "borderline_brief" if brief else "borderline"),) if near else ()
    notes = (*said, *stated_notes(facts, words))
    return make_sheet(words, "verdicts", columns, rows, notes=notes)


def _verdict_text(facts: Facts, words: Language, verdict: Verdict) -> str:
    """Short: networks are named only where some pass and some fail, or that one is borderline."""
    near = dict(verdict.hanging)
    named = {name: words.name(facts.networks[name]) for name in facts.networks}
    hangs = {
        name: words.bracketed(named[name], words.borderline(found)) for name, found in near.items()
    }
    if verdict.passes:
        return words.clauses([words("verdict.pass"), *hangs.values()])
    fails = words("verdict.fail")
    if not near and len(verdict.failing) == len(facts.networks):
        return fails
    names = words.join(hangs.get(name, named[name]) for name in verdict.failing)
    return words("language.colon").join([fails, names])


def _brief_verdict(facts: Facts, words: Language, verdict: Verdict) -> str:
    """Shorter: borderline where it hangs on a network that decides it."""
    said = words("verdict.pass" if verdict.passes else "verdict.fail")
    if not verdict.passes and len(verdict.failing) < len(facts.networks):
        names = words.join(words.name(facts.networks[name]) for name in verdict.failing)
        said = words("language.colon").join([said, names])
    return words.bracketed(said, words("borderline.mark")) if verdict.hanging else said


def _phases(facts: Facts, words: Language) -> Sheet:
    """Stations, sites and money by phase."""
    rows: list[list[Any]] = []
    for number, phase in enumerate(facts.scenario.phases):
        new = facts.of_phase(number)
        by_network = [int((new[F.NETWORK] == network).sum()) for network in facts.networks]
        counts = [phase.stations, len(new), *by_network, int(new[F.FIRST_HERE].sum())]
        rows.append([words.name(phase), phase.date, *counts, float(new[F.COST_WAN].sum())])
    # The stations so far are no sum: their cell of the total stays empty.
    sums = [sum(row[i] for row in rows) for i in range(3, len(rows[0]))]
    rows.append([head_text(words, "total"), None, None, *sums])

    of_these = words("report.head.of_these")
    columns = [
        *columns_of(words, "phase", "ends", "stations_so_far:integer", "new_stations:integer"),
        *(Column(words.name(network), "integer", of_these) for network in facts.scenario.networks),
        *columns_of(words, "new_sites:integer"),
        _cost_column(facts, words),
    ]
    return make_sheet(words, "phases", columns, rows, totals=frozenset({len(rows) - 1}))


def _costs(facts: Facts, words: Language) -> Sheet:
    """Money of the phases after the state by build type."""
    rows: list[list[Any]] = []
    for build_type in Build:
        row: list[Any] = [begun(words("build_type", build_type))]
        for number in range(1, len(facts.scenario.phases)):
            new = facts.of_phase(number)
            new = new[new[F.BUILD_TYPE] == build_type]
            row += [len(new), float(new[F.COST_WAN].sum())]
        # Counts and money take turns behind the label.
        rows.append([*row, sum(row[1::2]), float(sum(row[2::2]))])
    total = head_text(words, "total")
    rows.append([total, *(sum(row[i] for row in rows) for i in range(1, len(rows[0])))])
    totals = frozenset({len(rows) - 1})

    count, money = head_text(words, "stations"), words.name(facts.scenario.references.money)
    columns = columns_of(words, "build_type")
    for group in (*(words.name(phase) for phase in facts.scenario.phases[1:]), total):
        columns += [Column(count, "integer", group), Column(money, "number", group)]
    source = indicator_source(facts, words, "cost")
    notes = (begun(words("report.note.costs", source=source)),)
    return make_sheet(words, "costs", columns, rows, totals=totals, notes=notes)


def _limits(facts: Facts, words: Language) -> Sheet:
    """What the plan comes to under each limit, with the ends of each phase after the state."""
    units = (words("measure.stations"), words.name(facts.scenario.references.money))
    rows = [
        [words.name(use.limit), units[use.is_money], words.name(phase), least, most, found]
        for use in limit_uses(facts.plan)
        for phase, least, most, found in zip(
            facts.scenario.phases[1:], use.least, use.most, use.found, strict=True
        )
    ]
    columns = columns_of(
        words, "limit", "unit", "phase", "least:mixed", "most:mixed", "found:mixed"
    )
    notes = (words("report.note.limits"),)
    return make_sheet(words, "limits", columns, rows, notes=notes)


def _pace(facts: Facts, words: Language, pace: Pace) -> Sheet:
    """Year ends between the last two phases: evenly, and at the pace of the wider area."""
    years = list(map(str, facts.scenario.years))
    start, end = facts.scenario.counts[-2:]

    # Shares of the way from the last phase but one to the last, 0-1.
    wider = np.array([pace.stations[year] for year in years], dtype=np.float64)
    even = np.linspace(0.0, 1.0, len(years))
    grown = (wider - wider[0]) / (wider[-1] - wider[0]) if len(years) > 1 else even
    counts = [np.rint(start + part * (end - start)).astype(int).tolist() for part in (even, grown)]

    own = Column(words("report.head.pace_of", name=words.name(pace)), "integer")
    columns = [*columns_of(words, "year_end", "even_pace:integer"), own]
    rows = list(zip(years, *counts, strict=True))
    return make_sheet(words, "pace", columns, rows, notes=(words.name(pace, "source"),))
