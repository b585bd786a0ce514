"""Answers of reviewers against a plan: every row is taken up or said to be unusable, and what remains are decisions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from planner import fields as F
from planner.crs import place_code, project
from planner.errors import Notice
from planner.files import digest
from planner.model import Plan, tables
from planner.review.notices import nearest, notice
from planner.rules import HECTARE_M2
from planner.scenario import Move, Proposal, Review

IN_PLACE_M: Final = 1.0  # what a 规划编号 can tell apart
SAME_DEMAND_M: Final = 5.0  # an echoed place, rounded and converted there and back
OFFSET_SLACK, OFFSET_SLACK_M = 0.1, 10.0  # offsets are paced out or read from a map
DATES: Final = ("opened_on", "due_on", "delivered_on")
_CONTENT: Final = (
    "reviewer",
    "station_id",
    "town",
    "verdict",
    "is_open",
    "lon",
    "lat",
    *DATES,
    "reason",
    "note",
)


class Statement(NamedTuple):
    """One answer: a row of a list or a mark; the columns of ``planner.review.Answers.rows``."""

    file: str
    line: int
    reviewer: str
    kind: str
    station_id: str
    town: str
    verdict: str
    is_open: bool
    lon: float
    lat: float
    demand_lon: float
    demand_lat: float
    offset_m: float
    opened_on: str
    due_on: str
    delivered_on: str
    reason: str
    note: str
    mark_lon: float
    mark_lat: float
    area: str

    @property
    def key(self) -> str:
        """Hash of what is said, wherever it stands: the same answer read again has the same key."""
        content = [
            None if value != value else value
            for value in (getattr(self, name) for name in _CONTENT)
        ]
        content += (
            [self.area] if self.area else []
        )  # statements of earlier versions have the keys they had
        return digest(json.dumps(content, ensure_ascii=False).encode())[:32]

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.file}:{self.line}"

    @property
    def subject(self) -> str:
        """What it is about: a 规划编号; a town; a place, alone with itself."""
        if self.station_id:
            return self.station_id
        return f" {self.town}" if self.names_town else f"  {self.place}"

    @property
    def has_place(self) -> bool:
        """Whether it names a place."""
        return math.isfinite(self.lon)

    @property
    def names_town(self) -> bool:
        """Whether it is about a whole town."""
        return bool(self.town) and not self.station_id and not self.has_place

    @property
    def says_open(self) -> bool:
        """Whether it says that the station is on air."""
        return self.is_open or bool(self.opened_on)

    @property
    def is_silent(self) -> bool:
        """Whether it leaves everything as it is."""
        dated = any(getattr(self, name) for name in DATES)
        return (
            self.kind == "row" and self.verdict in ("", "wait") and not dated and not self.is_open
        )


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What the answers come to.

    Attributes
    ----------
    review
        Every decision so far, this reading's included.
    statements
        The answers that were taken up, by station, with ``decision`` (open, veto, lock, move,
        move_far, propose, refuse_town, date, note, joined by +), ``metres`` from the planned place
        and ``key``; for a comment on an area ``area_ha`` and ``inside``, the 规划编号 of the plan's
        stations in it, by rank.
    notices
        One for each row that was not taken up, and remarks on those that were.
    as_of
        Latest day that a taken-up row reports as a fact; not before the plan's.
    """

    review: Review
    statements: pd.DataFrame
    notices: tuple[Notice, ...]
    as_of: str


def decide(
    plan: Plan, rows: pd.DataFrame, *, known: frozenset[str] = frozenset(), as_of: str = ""
) -> Decisions:
    """Weigh answers against a plan.

    Parameters
    ----------
    plan
        The version that was reviewed, or an earlier one's successor: 规划编号 are stable.
    rows
        ``planner.review.Answers.rows``.
    known
        Keys of the statements that earlier versions took up; they are passed over.
    as_of
        No actual day may lie after it; empty = not checked.
    """
    desk = _Desk(plan, as_of)
    statements = [
        Statement(*row) for row in rows[list(Statement._fields)].itertuples(index=False, name=None)
    ]
    sound = [one for one in desk.fresh(statements, known) if desk.is_sound(one)]
    agreeing = desk.without_contradictions(sound)
    draft = _Draft(plan, desk)
    for _, group in _by_subject(agreeing):
        draft.settle(group)
    facts = [day for one in draft.taken for day in (one.opened_on, one.delivered_on) if day]
    last = as_of or max([plan.scenario.as_of, *facts])
    return Decisions(draft.review(), draft.table(), tuple(desk.notices), last)


def _by_subject(statements: Iterable[Statement]) -> list[tuple[str, list[Statement]]]:
    """The statements about each station, town or place, in a fixed order."""
    ordered = sorted(statements, key=lambda one: (one.subject, one.file, one.line))
    return [
        (subject, list(group)) for subject, group in groupby(ordered, key=lambda one: one.subject)
    ]


class _Desk:
    """The plan as answers are checked against it, and the notices so far."""

    def __init__(self, plan: Plan, as_of: str) -> None:
        self.plan, self.scenario, self.as_of = plan, plan.scenario, as_of
        self.table = plan.stations.set_index(F.STATION_ID)
        self.towns = sorted({*self.table[F.TOWN].astype(str)})
        self.sites = set(self.table[F.SITE_ID])
        self.notices: list[Notice] = []

    def say(self, code: str, one: Statement, value: str = "", **facts: Any) -> None:
        """Enter a notice about a statement."""
        shown = value or one.station_id or (one.town if one.names_town else f"{one.lon}, {one.lat}")
        self.notices.append(notice(code, one.file, one.line, value=shown, **facts))

    def fresh(self, statements: Sequence[Statement], known: frozenset[str]) -> list[Statement]:
        """The statements that are new, each once, and say something."""
        first: dict[str, Statement] = {}
        passed: dict[tuple[str, str], int] = {}
        for one in statements:
            key = one.key
            moves = one.has_place and (not one.station_id or self._metres(one) > IN_PLACE_M)
            nothing = (
                one.is_silent
                and not moves
                and (one.station_id in self.table.index or bool(one.town))
            )
            if key in known or nothing:
                code = "answers_known" if key in known else "answers_silent"
                passed[code, one.file] = passed.get((code, one.file), 0) + 1
            elif key in first:
                self.say("double_row", one, other=first[key].place)
            else:
                first[key] = one
        for (code, file), count in sorted(passed.items()):
            self.notices.append(notice(code, file, None, count=count))
        return list(first.values())

    def is_sound(self, one: Statement) -> bool:
        """Whether a statement can be used by itself; says why not."""
        fault = self._key_fault(one) or (self._station_fault(one) if one.station_id else ())
        fault = fault or self._place_fault(one)
        if fault:
            self.say(fault[0], one, **fault[1])
        return not fault

    def _key_fault(self, one: Statement) -> tuple[Any, ...]:
        if one.station_id:
            if one.station_id in self.table.index:
                return ()
            return "unknown_station", {"near": nearest(one.station_id, self.table.index)}
        if one.has_place or one.kind == "comment":
            return ()
        if not one.town:
            return "no_key", {}
        if one.town not in self.towns:
            return "unknown_town", {"near": nearest(one.town, self.towns), "known": self.towns}
        return ()

    def _station_fault(self, one: Statement) -> tuple[Any, ...]:
        station, demand = one.station_id, (one.demand_lon, one.demand_lat)
        metres, state = self._metres(one), self.table.at[station, F.STATE]
        now = float(self.table.at[station, F.LON]), float(self.table.at[station, F.LAT])
        away = min(self._apart(self.planned(station), demand), self._apart(now, demand))
        if away > SAME_DEMAND_M:
            return "demand_elsewhere", {"metres": away}
        stated, offset = one.offset_m, self._apart(demand, (one.lon, one.lat))
        if abs(stated - offset) > OFFSET_SLACK_M + OFFSET_SLACK * offset:
            return "offset_disagrees", {"stated": stated, "metres": offset}
        if one.says_open and one.verdict in ("refuse", "wait"):
            return "contradictory_row", {"term": one.verdict}
        for name in ("opened_on", "delivered_on"):
            if self.as_of and (day := getattr(one, name)) > self.as_of:
                return "date_in_future", {"as_of": self.as_of, "column": name, "value": day}
        if state == "open" and one.verdict == "refuse":
            return "standing_refused", {}
        if state != "candidate" and metres > IN_PLACE_M:
            return "standing_moved", {"metres": metres}
        return ()

    def _place_fault(self, one: Statement) -> tuple[Any, ...]:
        if not one.has_place or (one.station_id and self._metres(one) <= IN_PLACE_M):
            return ()
        x, y = project([one.lon], [one.lat], F.WGS84, self.scenario.district.work_crs)
        keep_outs = self.plan.layers.keep_outs
        inside = (
            shapely.intersects_xy(keep_outs.geometry.to_numpy(), x[0], y[0])
            if len(keep_outs)
            else []
        )
        hit = np.flatnonzero(inside)
        return ("in_keep_out", {"name": str(keep_outs[F.NAME].iloc[hit[0]])}) if len(hit) else ()

    def planned(self, station: str) -> tuple[float, float]:
        """Where a station was planned, before it was moved."""
        move = self.scenario.review.moved.get(station)
        if move is not None:
            return move.from_lon, move.from_lat
        return float(self.table.at[station, F.LON]), float(self.table.at[station, F.LAT])

    def _metres(self, one: Statement) -> float:
        """Distance from the planned place; NaN when no place or no known station is named."""
        if not one.has_place or one.station_id not in self.table.index:
            return math.nan
        return self._apart(self.planned(one.station_id), (one.lon, one.lat))

    def _apart(self, here: tuple[float, float], there: tuple[float, float]) -> float:
        """Metres between two places, NaN when one of them is not told."""
        if not (math.isfinite(here[0]) and math.isfinite(there[0])):
            return math.nan
        x, y = project(
            [here[0], there[0]], [here[1], there[1]], F.WGS84, self.scenario.district.work_crs
        )
        return float(np.hypot(x[1] - x[0], y[1] - y[0]))

    def without_contradictions(self, sound: Sequence[Statement]) -> list[Statement]:
        """Statements that nothing of this reading speaks against; all others are said and left out."""
        kept: list[Statement] = []
        for _, group in _by_subject(sound):
            term = self._conflict(group)
            if not term:
                kept += group
                continue
            for one in group:
                others = ", ".join(other.place for other in group if other is not one)
                self.say("contradictory_rows", one, other=others, term=term)
        refused = {one.town: one for one in kept if one.names_town and one.verdict == "refuse"}
        return [one for one in kept if not self._overruled(one, refused)]

    def _conflict(self, group: Sequence[Statement]) -> str:
        """What the statements about one station or town disagree in, a term of notices; empty when they agree."""
        verdicts = {one.verdict for one in group}
        opened = any(one.says_open for one in group)
        if "refuse" in verdicts and ("accept" in verdicts or opened):
            return "verdict"
        placed = [one for one in group if one.has_place and self._metres(one) > IN_PLACE_M]
        if len({(one.lon, one.lat) for one in placed}) > 1:
            return "place"
        return next(
            (name for name in DATES if len({getattr(one, name) for one in group} - {""}) > 1), ""
        )

    def _overruled(self, one: Statement, refused: Mapping[str, Statement]) -> bool:
        """Whether an accepted candidate lies in a town that is refused as a whole."""
        if one.verdict != "accept" or not one.station_id or one.says_open:
            return False
        town = str(self.table.at[one.station_id, F.TOWN])
        if town not in refused:
            return False
        self.say("town_contradicts", one, other=refused[town].place, town=town)
        return True

    def metres(self, one: Statement) -> float:
        """Distance of a named place from the planned one, NaN when it is the same or none is named."""
        metres = self._metres(one)
        return metres if metres > IN_PLACE_M else math.nan

    def area_facts(self, one: Statement) -> dict[str, Any]:
        """Size of the area that a comment is about, ha, and the stations of the plan in it."""
        if not one.area:
            return {"area_ha": math.nan, "inside": ()}
        ring = shapely.from_wkt(one.area)
        lon, lat = shapely.get_coordinates(ring).T
        x, y = project(lon, lat, F.WGS84, self.scenario.district.work_crs)
        ranked = self.plan.stations.iloc[self.plan.order]
        hit = shapely.contains_xy(ring, ranked[F.LON].to_numpy(), ranked[F.LAT].to_numpy())
        area_ha = shapely.Polygon(np.column_stack([x, y])).area / HECTARE_M2
        return {
            "area_ha": round(area_ha, 2),
            "inside": tuple(ranked[F.STATION_ID][hit].astype(str)),
        }

    def tolerance(self, station: str) -> float:
        """允许偏离半径 of a station, m: that of its scene, 0 where the scenario gives none."""
        return float(
            self.scenario.review.tolerance_m.get(str(self.table.at[station, F.SCENE]), 0.0)
        )

    def phase(self, station: str) -> int:
        """Number of the phase it opens in; 0 for the state and for stations that are not in the plan."""
        phase = self.table.at[station, F.PHASE]
        return 0 if pd.isna(phase) else int(phase)


class _Draft:
    """The decisions while they are made, begun from those of the earlier versions."""

    def __init__(self, plan: Plan, desk: _Desk) -> None:
        before = plan.scenario.review
        self.desk, self.before = desk, before
        self.opened, self.locked, self.due = (
            dict(before.opened),
            dict(before.locked),
            dict(before.due),
        )
        self.delivered, self.moved = dict(before.delivered), dict(before.moved)
        self.vetoed, self.towns = set(before.vetoed), set(before.refused_towns)
        self.proposed = list(before.proposed)
        self.taken: list[Statement] = []
        self._rows: list[dict[str, Any]] = []

    def settle(self, group: Sequence[Statement]) -> None:
        """Take up the statements about one station, town or place."""
        one = group[0]
        if one.station_id:
            self._record(group, self._station(one.station_id, group))
        elif one.names_town and {"accept", "refuse"} & {other.verdict for other in group}:
            self._record(
                group, [self._town(next(o for o in group if o.verdict in ("accept", "refuse")))]
            )
        elif one.has_place and one.kind != "comment":
            self._record(group, [self._propose(one, "")])
        else:
            self._record(group, ["note"])

    def _station(self, station: str, group: Sequence[Statement]) -> list[str]:
        done = [*self._dates(station, group)]
        verdicts = {one.verdict for one in group}
        placed = next(
            (one for one in group if one.kind != "comment" and self.desk.metres(one) > 0), None
        )
        if any(one.says_open for one in group):
            return [*done, self._open(station, group)]
        if "refuse" in verdicts:
            done.append(self._veto(station, next(one for one in group if one.verdict == "refuse")))
            return [*done, self._propose(placed, station)] if placed is not None else done
        if placed is not None:
            done.append(self._move(station, placed))
        if "accept" in verdicts and "move_far" not in done:
            done.append(self._lock(station, next(one for one in group if one.verdict == "accept")))
        return done or ["note"]

    def _open(self, station: str, group: Sequence[Statement]) -> str:
        day = max(one.opened_on for one in group)
        if self.desk.table.at[station, F.STATE] == "open" and station not in self.opened:
            return "note"
        if not day and not self.opened.get(station):
            self.desk.say("opening_without_date", group[0])
        self.opened[station] = day or self.opened.get(station, "")
        self._lift(station, group[0], veto=True, lock=False)
        self.locked.pop(station, None)
        return "open"

    def _veto(self, station: str, one: Statement) -> str:
        self._lift(station, one, veto=False, lock=True)
        self.vetoed.add(station)
        return "veto"

    def _lock(self, station: str, one: Statement) -> str:
        self._lift(station, one, veto=True, lock=False)
        if self.desk.table.at[station, F.STATE] != "candidate":
            return "note"
        if not self.desk.phase(station):
            self.desk.say("not_in_plan", one)
            return "note"
        phase = max(self.desk.phase(station), self._due_phase(station))
        if phase >= len(self.desk.scenario.phases):
            return "note"
        self.locked[station] = phase
        return "lock"

    def _move(self, station: str, one: Statement) -> str:
        metres, limit = self.desk.metres(one), self.desk.tolerance(station)
        if metres > limit:
            self.desk.say("moved_far", one, metres=metres, limit=limit)
            self._veto(station, one)
            self._propose(one, station)
            return "move_far"
        lon, lat = self.desk.planned(station)
        self.moved[station] = Move(lon=one.lon, lat=one.lat, from_lon=lon, from_lat=lat)
        return "move"

    def _propose(self, one: Statement, station: str) -> str:
        code = place_code(one.lon, one.lat)
        if f"S{code}" in self.desk.sites or code in {
            place_code(p.lon, p.lat) for p in self.proposed
        }:
            self.desk.say("already_candidate", one, site=f"S{code}")
            return "note"
        kind = (
            str(self.desk.table.at[station, F.SITE_TYPE]).replace("rebuilt", "stock")
            if station
            else ""
        )
        self.proposed.append(Proposal(lon=one.lon, lat=one.lat, site_type=kind))  # type: ignore[arg-type]
        return "propose"

    def _town(self, one: Statement) -> str:
        if one.verdict == "accept":
            self.towns.discard(one.town)
            return "accept_town"
        table = self.desk.table
        standing = int(((table[F.TOWN] == one.town) & (table[F.STATE] != "candidate")).sum())
        if standing:
            self.desk.say("stations_stay", one, town=one.town, count=standing)
        self.towns.add(one.town)
        mine = table.index[(table[F.TOWN] == one.town) & (table[F.STATE] == "candidate")]
        for station in mine:
            self.locked.pop(station, None)
        return "refuse_town"

    def _dates(self, station: str, group: Sequence[Statement]) -> Iterable[str]:
        for name, kept in (("due_on", self.due), ("delivered_on", self.delivered)):
            days = {getattr(one, name) for one in group} - {""}
            if days:
                kept[station] = days.pop()
                yield "date"
        phase, earliest = self.desk.phase(station), self._due_phase(station)
        phases = self.desk.scenario.phases
        if not 0 < phase < earliest or self.desk.table.at[station, F.STATE] != "candidate":
            return
        one = next((one for one in group if one.due_on), None)
        if earliest >= len(phases):
            self.locked.pop(station, None)
        elif station in self.locked:
            self.locked[station] = earliest
        if one is not None and earliest >= len(phases):
            self.desk.say("due_after_plan", one, due=one.due_on)
        elif one is not None:
            self.desk.say(
                "due_later",
                one,
                due=one.due_on,
                phase=phases[phase].name,
                new=phases[earliest].name,
            )

    def _due_phase(self, station: str) -> int:
        """Number of the phase in which the agreed day of delivery falls; 0 without one."""
        return self.desk.scenario.phase_by(self.due[station]) if station in self.due else 0

    def _lift(self, station: str, one: Statement, *, veto: bool, lock: bool) -> None:
        """Give up the earlier decision that this one replaces, and say so."""
        if veto and station in self.vetoed:
            self.vetoed.discard(station)
            self.desk.say("earlier_replaced", one, term="veto")
        if lock and station in self.locked:
            del self.locked[station]
            self.desk.say("earlier_replaced", one, term="accept")

    def _record(self, group: Sequence[Statement], done: Sequence[str]) -> None:
        code = "+".join(dict.fromkeys(done))
        for one in group:
            self.taken.append(one)
            known = {"decision": code, "metres": self.desk.metres(one), "key": one.key}
            self._rows.append({**one._asdict(), **known, **self.desk.area_facts(one)})

    def table(self) -> pd.DataFrame:
        """The statements that were taken up."""
        columns = [*Statement._fields, F.DECISION, F.METRES, F.KEY, F.AREA_HA, F.INSIDE]
        return tables.STATEMENTS.checked(pd.DataFrame(self._rows, columns=columns))

    def review(self) -> Review:
        """All decisions, in an order that does not depend on how they came."""
        proposed = sorted(self.proposed, key=lambda one: (one.lon, one.lat))
        return Review(
            churn_price=self.before.churn_price,
            tolerance_m=dict(self.before.tolerance_m),
            opened=dict(sorted(self.opened.items())),
            locked=dict(sorted(self.locked.items())),
            vetoed=tuple(sorted(self.vetoed)),
            refused_towns=tuple(sorted(self.towns)),
            moved=dict(sorted(self.moved.items())),
            proposed=tuple(proposed),
            due=dict(sorted(self.due.items())),
            delivered=dict(sorted(self.delivered.items())),
        )
