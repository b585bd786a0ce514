"""The decisions while they are made, begun from those of the earlier versions."""

from __future__ import annotations

from collections.abc import Sequence

from planner import fields as F
from planner.crs import place_code
from planner.review.minutes import Minutes
from planner.review.reviewed import Reviewed
from planner.review.statements import Statement
from planner.scenario import Move, Proposal, Review


class Draft:
    """Decisions about stations, towns and places; each method takes one and returns its code.

    The code is ``note`` where a statement changes nothing.

    Parameters
    ----------
    reviewed
        The plan, and the decisions so far in its scenario.
    minutes
        Told of what a decision replaces or cannot do.
    """

    def __init__(self, reviewed: Reviewed, minutes: Minutes) -> None:
        self._reviewed, self._minutes = reviewed, minutes
        before = reviewed.scenario.review
        self._before = before
        self._opened = dict(before.opened)
        self._locked = dict(before.locked)
        self._vetoed = set(before.vetoed)
        self._towns = set(before.refused_towns)
        self._moved = dict(before.moved)
        self._proposed = list(before.proposed)
        self._due = dict(before.due)
        self._delivered = dict(before.delivered)

    def review(self) -> Review:
        """All decisions, in an order that does not depend on how they came."""
        proposed = sorted(self._proposed, key=lambda proposal: (proposal.lon, proposal.lat))
        return Review(
            churn_price=self._before.churn_price,
            tolerance_m=dict(self._before.tolerance_m),
            opened=dict(sorted(self._opened.items())),
            locked=dict(sorted(self._locked.items())),
            vetoed=tuple(sorted(self._vetoed)),
            refused_towns=tuple(sorted(self._towns)),
            moved=dict(sorted(self._moved.items())),
            proposed=tuple(proposed),
            due=dict(sorted(self._due.items())),
            delivered=dict(sorted(self._delivered.items())),
        )

    # stations

    def open(self, station: str, group: Sequence[Statement]) -> str:
        """A station is on air: it opens right after the state, and its lock has done its work."""
        if self._reviewed.state(station) == "open" and station not in self._opened:
            return "note"

        day = max(statement.opened_on for statement in group) or self._opened.get(station, "")
        if not day:
            self._minutes.enter("opening_without_date", group[0])
        self._opened[station] = day
        self._lift_veto(station, group[0])
        self._locked.pop(station, None)
        return "open"

    def veto(self, station: str, statement: Statement) -> str:
        """A station may not be built."""
        self._lift_lock(station, statement)
        self._vetoed.add(station)
        return "veto"

    def lock(self, station: str, statement: Statement) -> str:
        """A station is accepted: it opens in its phase, or in that of its day of delivery."""
        self._lift_veto(station, statement)
        if self._reviewed.state(station) != "candidate":
            return "note"

        planned = self._reviewed.phase(station)
        if not planned:
            self._minutes.enter("not_in_plan", statement)
            return "note"

        phase = max(planned, self._due_phase(station))
        if phase >= len(self._reviewed.scenario.phases):
            return "note"
        self._locked[station] = phase
        return "lock"

    def move(self, station: str, statement: Statement) -> str:
        """A station moves; beyond its tolerance it is vetoed and the new place is a candidate."""
        metres, limit = self._reviewed.moved_m(statement), self._reviewed.tolerance_m(station)
        if metres > limit:
            self._minutes.enter("moved_far", statement, metres=metres, limit=limit)
            self.veto(station, statement)
            self.propose(statement, station)
            return "move_far"

        from_lon, from_lat = self._reviewed.place_planned(station)
        self._moved[station] = Move(
            lon=statement.lon, lat=statement.lat, from_lon=from_lon, from_lat=from_lat
        )
        return "move"

    def deliver(self, station: str, group: Sequence[Statement]) -> list[str]:
        """Agreed and confirmed days of delivery; a code for each that is told."""
        codes = []
        for name, days in (("due_on", self._due), ("delivered_on", self._delivered)):
            told = {getattr(statement, name) for statement in group} - {""}
            if told:
                days[station] = told.pop()
                codes.append("date")

        self._put_off(station, group)
        return codes

    def _put_off(self, station: str, group: Sequence[Statement]) -> None:
        """A candidate that is delivered after its phase opens later, or leaves the plan."""
        phases = self._reviewed.scenario.phases
        planned, earliest = self._reviewed.phase(station), self._due_phase(station)
        is_late = 0 < planned < earliest
        if not is_late or self._reviewed.state(station) != "candidate":
            return

        leaves = earliest >= len(phases)
        if leaves:
            self._locked.pop(station, None)
        elif station in self._locked:
            self._locked[station] = earliest

        # a day of an earlier version was told then
        statement = next((each for each in group if each.due_on), None)
        if statement is None:
            return
        if leaves:
            self._minutes.enter("due_after_plan", statement, due=statement.due_on)
        else:
            names = {"phase": phases[planned].name, "new": phases[earliest].name}
            self._minutes.enter("due_later", statement, due=statement.due_on, **names)

    def _due_phase(self, station: str) -> int:
        """Number of the phase in which the agreed day of delivery falls; 0 without one."""
        if station not in self._due:
            return 0
        return self._reviewed.scenario.phase_by(self._due[station])

    def _lift_veto(self, station: str, statement: Statement) -> None:
        """Give up an earlier veto that a statement replaces, and say so."""
        if station in self._vetoed:
            self._vetoed.discard(station)
            self._minutes.enter("earlier_replaced", statement, term="veto")

    def _lift_lock(self, station: str, statement: Statement) -> None:
        """Give up an earlier lock that a statement replaces, and say so."""
        if station in self._locked:
            del self._locked[station]
            self._minutes.enter("earlier_replaced", statement, term="accept")

    # places and towns

    def propose(self, statement: Statement, station: str = "") -> str:
        """A place is a candidate site, of the type of the station that it stands in for."""
        code = place_code(statement.lon, statement.lat)
        proposed = {place_code(proposal.lon, proposal.lat) for proposal in self._proposed}
        site = f"S{code}"
        if site in self._reviewed.sites or code in proposed:
            self._minutes.enter("already_candidate", statement, site=site)
            return "note"

        site_type = self._site_type(station) if station else ""
        proposal = {"lon": statement.lon, "lat": statement.lat, "site_type": site_type}
        self._proposed.append(Proposal.model_validate(proposal))
        return "propose"

    def _site_type(self, station: str) -> str:
        """Type of a station's site; a site that was rebuilt is stock again at another place."""
        return str(self._reviewed.stations.at[station, F.SITE_TYPE]).replace("rebuilt", "stock")

    def accept_town(self, statement: Statement) -> str:
        """Candidates of a town may be built again."""
        self._towns.discard(statement.town)
        return "accept_town"

    def refuse_town(self, statement: Statement) -> str:
        """No candidate of a town may be built; what stands there stays."""
        stations = self._reviewed.stations
        in_town = stations[F.TOWN] == statement.town
        is_candidate = stations[F.STATE] == "candidate"

        standing = int((in_town & ~is_candidate).sum())
        if standing:
            self._minutes.enter("stations_stay", statement, town=statement.town, count=standing)
        self._towns.add(statement.town)
        for station in stations.index[in_town & is_candidate]:
            self._locked.pop(station, None)
        return "refuse_town"
