"""Why one station is in the plan, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.errors import visible
from planner.model import Explanation, Plan, replacement_texts
from planner.rules import failing
from planner.words import Language

SHOWN_PIECES: Final = 3
"""Of the gaps and of the holes that a station closes, how many are told."""

Row = dict[str, Any]
"""A row of a table by column."""


def explanation_text(explanation: Explanation, plan: Plan, words: Language) -> str:
    """An explanation line by line.

    Parameters
    ----------
    explanation
        Of :func:`planner.pipeline.explain`.
    plan
        The plan it was made from.
    words
        The language.
    """
    return "\n".join(map(visible, _lines(explanation, plan, words)))


def _lines(told: Explanation, plan: Plan, words: Language) -> Iterator[str]:
    station = told.station
    yield " · ".join(_head(station, plan, words))
    why = words("azimuth_reason", station[F.AZIMUTH_REASON])
    yield words("explanation.azimuths", azimuths=station[F.AZIMUTHS_DEG], why=why)

    yield _line("adds", (_added(row, plan, words) for row in _rows(told.adds)), words)
    for kind in ("gap", "hole"):
        closed = told.closes[told.closes[F.KIND] == kind].head(SHOWN_PIECES)
        yield from (_closed(row, plan, words) for row in _rows(closed))

    # a loss is told where the plan ends; what it opens on the way there is told at every phase
    last = told.loses[told.loses[F.COUNT] == plan.scenario.counts[-1]]
    yield _line("loses", (_lost(row, plan, words) for row in _rows(last)), words)
    yield _line("opens", (_opened(row, plan, words) for row in _rows(told.opens)), words)
    yield _line("stand_in", _stand_ins(told, words, is_missed=not last.empty), words)


def _line(key: str, parts: Iterable[str], words: Language) -> str:
    return words("explanation", key, parts=words.clauses(parts) or words("explanation.nothing"))


def _rows(frame: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _head(station: pd.Series, plan: Plan, words: Language) -> Iterator[str]:
    networks = {network.name: network for network in plan.scenario.networks}
    yield f"{station[F.STATION_ID]} {station[F.NAME]}"
    yield words.name(networks[station[F.NETWORK]])
    yield words("explanation.rank", rank=int(station[F.RANK]) + 1)
    yield _phase(station[F.PHASE], plan, words)
    yield str(station[F.TOWN])


def _phase(phase: Any, plan: Plan, words: Language) -> str:
    return words.name(plan.scenario.phases[int(phase)])


def _layer(row: Row, plan: Plan, words: Language) -> str:
    layer = plan.scenario.layer(row[F.LAYER])
    return words("layer_level", layer=words.name(layer), level=words("level_short", row[F.LEVEL]))


def _added(row: Row, plan: Plan, words: Language) -> str:
    return words("explanation.added", layer=_layer(row, plan, words), points=row[F.POINTS])


def _closed(row: Row, plan: Plan, words: Language) -> str:
    """A gap or hole that the station is the first to serve of."""
    where = {"layer": _layer(row, plan, words), "town": row[F.TOWN]}
    if row[F.KIND] == "hole":
        return words("explanation.hole", **where, before=row[F.BEFORE], after=row[F.AFTER])

    key = "gap_within" if row[F.OVER_LIMIT] else "gap"
    before, after = words.length(row[F.BEFORE]), words.length(row[F.AFTER])
    return words("explanation", key, **where, name=row[F.NAME], before=before, after=after)


def _lost(row: Row, plan: Plan, words: Language) -> str:
    """What a layer loses, and why it no longer passes where it did before."""
    loss = {"layer": _layer(row, plan, words), "points": row[F.POINTS]}
    fails_now = row[F.PASSES] and not row[F.PASSES_WITHOUT]
    if not fails_now:
        return words("explanation.lost", **loss)
    return words("explanation.lost_fails", **loss, reason=words.failures(failing(row)))


def _opened(row: Row, plan: Plan, words: Language) -> str:
    """A gap or hole that a veto opens or makes larger, and where."""
    phase, layer = _phase(row[F.PHASE], plan, words), _layer(row, plan, words)
    where = row[F.NAME] or row[F.TOWN]
    key = "grown" if row[F.BEFORE] else "opened"
    size = words("explanation", key, row[F.KIND], size=row[F.SIZE], before=row[F.BEFORE])
    return f"{phase} {layer} {where} {size}"


def _stand_ins(told: Explanation, words: Language, *, is_missed: bool) -> list[str]:
    """Who could stand in, or why nobody is named."""
    station = told.station
    if len(told.replacements):
        return replacement_texts(told.replacements, words)[station[F.STATION_ID]]
    if station[F.STATE] == "open":
        return [words("explanation.on_air")]
    return [words("explanation.none_regains" if is_missed else "explanation.nothing_lost")]
