"""Why one station is in the plan, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.model import Plan, replacement_texts
from planner.rules import failing
from planner.words import Language

SHOWN_PIECES: Final = 3
"""Of the gaps and of the holes that a station closes, how many are told."""


def explanation_text(explanation: Any, plan: Plan, words: Language) -> str:
    """An explanation line by line.

    Parameters
    ----------
    explanation
        ``planner.plan.Explanation``.
    plan
        The plan it was made from.
    words
        The language.
    """
    return "\n".join(_lines(explanation, plan, words))


def _lines(told: Any, plan: Plan, words: Language) -> Iterator[str]:
    station = told.station
    yield " · ".join(_head(station, plan, words))
    why = words("azimuth_reason", station[F.AZIMUTH_REASON])
    yield words("explanation.azimuths", azimuths=station[F.AZIMUTHS_DEG], why=why)
    yield _line("adds", (_added(row, plan, words) for row in _rows(told.adds)), words)
    for kind in ("gap", "hole"):
        closed = told.closes[told.closes["kind"] == kind].head(SHOWN_PIECES)
        yield from (_closed(row, plan, words) for row in _rows(closed))
    last = told.loses[told.loses["count"] == plan.scenario.counts[-1]]
    yield _line("loses", (_lost(row, plan, words) for row in _rows(last)), words)
    yield _line("opens", (_opened(row, plan, words) for row in _rows(told.opens)), words)
    yield _line("stand_in", _stand_ins(told, words, is_missed=not last.empty), words)


def _line(key: str, parts: Iterable[str], words: Language) -> str:
    return words("explanation", key, parts=words.clauses(parts) or words("explanation.nothing"))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _head(station: pd.Series, plan: Plan, words: Language) -> Iterator[str]:
    network = next(one for one in plan.scenario.networks if one.name == station[F.NETWORK])
    yield f"{station[F.STATION_ID]} {station[F.NAME]}"
    yield words.name(network)
    yield words("explanation.rank", rank=int(station[F.RANK]) + 1)
    yield _phase(station[F.PHASE], plan, words)
    yield str(station[F.TOWN])


def _phase(phase: Any, plan: Plan, words: Language) -> str:
    return words.name(plan.scenario.phases[int(phase)])


def _layer(row: dict[str, Any], plan: Plan, words: Language) -> str:
    layer = plan.scenario.layer(row[F.LAYER])
    return words("layer_level", layer=words.name(layer), level=words("level_short", row[F.LEVEL]))


def _added(row: dict[str, Any], plan: Plan, words: Language) -> str:
    return words("explanation.added", layer=_layer(row, plan, words), points=row["points"])


def _closed(row: dict[str, Any], plan: Plan, words: Language) -> str:
    """A gap or hole that the station is the first to serve of."""
    what: dict[str, Any] = {"layer": _layer(row, plan, words), "town": row[F.TOWN]}
    if row["kind"] == "hole":
        return words("explanation.hole", **what, before=row["before"], after=row["after"])
    key = "gap_within" if row["over_limit"] else "gap"
    sizes = {name: words.length(row[name]) for name in ("before", "after")}
    return words("explanation", key, **what, name=row[F.NAME], **sizes)


def _lost(row: dict[str, Any], plan: Plan, words: Language) -> str:
    """What a layer loses, and why it no longer passes where it did before."""
    what = {"layer": _layer(row, plan, words), "points": row["points"]}
    if not row["passes"] or row["passes_without"]:
        return words("explanation.lost", **what)
    return words("explanation.lost_fails", **what, reason=_reason(row, words))


def _reason(row: dict[str, Any], words: Language) -> str:
    """Why a layer fails at a count."""
    return words.failures(failing(row))


def _opened(row: dict[str, Any], plan: Plan, words: Language) -> str:
    """A gap or hole that a veto opens or makes larger, and where."""
    key = "grown" if row["before"] else "opened"
    size = words("explanation", key, row["kind"], size=row["size"], before=row["before"])
    return f"{_phase(row[F.PHASE], plan, words)} {_layer(row, plan, words)} {row[F.NAME] or row[F.TOWN]} {size}"


def _stand_ins(told: Any, words: Language, *, is_missed: bool) -> list[str]:
    """Who could stand in, or why nobody is named."""
    station = told.station
    if len(told.replacements):
        texts = replacement_texts(told.replacements, words)
        return texts[station[F.STATION_ID]]
    if station[F.STATE] == "open":
        return [words("explanation.on_air")]
    return [words("explanation.none_regains" if is_missed else "explanation.nothing_lost")]
