"""Residents inside the area layers, each once, and how many of them are served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.model import FloatArray, IntArray, Layers
from planner.plan.build import people_by_town, town_names
from planner.plan.grounds import levels_of
from planner.rules import Ground, served_people
from planner.scenario import Scenario

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Residents:
    """Who lives inside the area layers that are judged at a level, and when a network serves them.

    Attributes
    ----------
    network, level
        Their places in ``scenario.networks`` and ``fields.LEVELS``.
    places
        (n,) places in ``points`` of the cells in which somebody lives, each once.
    people
        (n,) residents of each.
    rank
        (n,) rank at which each is first served.
    """

    network: int
    level: int
    places: IntArray
    people: FloatArray
    rank: IntArray

    def key(self, scenario: Scenario) -> tuple[str, str, str]:
        """No layer's name, for all of them, and the names of network and level."""
        return "", scenario.network_names[self.network], F.LEVELS[self.level]

    def measures(self, top: int) -> dict[str, FloatArray]:
        """``residents, residents_share`` at every count up to `top`."""
        return served_people(self.people, self.rank, top)


def find_residents(
    scenario: Scenario, grounds: tuple[Ground, ...], first: Array
) -> tuple[Residents, ...]:
    """Residents by network and level; none of a level at which nobody lives.

    Parameters
    ----------
    scenario
        Says where depth is asked for.
    grounds
        The layers' grounds, in the scenario's order.
    first
        (points, networks, levels) rank at which each point is first served.
    """
    return tuple(_residents(scenario, grounds, first))


def _residents(
    scenario: Scenario, grounds: tuple[Ground, ...], first: Array
) -> Iterator[Residents]:
    # layers overlap: whoever lives in several is counted once
    inside = [np.zeros(len(first)) for _ in F.LEVELS]
    for layer, ground in zip(scenario.layers, grounds, strict=True):
        for level in levels_of(layer):
            known = inside[level][ground.places]
            inside[level][ground.places] = np.maximum(known, ground.people)

    for network in range(len(scenario.networks)):
        for level, people in enumerate(inside):
            places = np.flatnonzero(people)
            if len(places):
                rank = first[places, network, level].astype(np.int64)
                yield Residents(network, level, places, people[places], rank)


def resident_table(
    scenario: Scenario, layers: Layers, points: pd.DataFrame, residents: tuple[Residents, ...]
) -> pd.DataFrame:
    """Residents by town; see ``Plan.residents``.

    Parameters
    ----------
    scenario, layers
        Phases and towns; towns are named as in the task table.
    points
        Places of demand with their town.
    residents
        Of :func:`find_residents`.
    """
    town = town_names(points[F.TOWN], layers, scenario).to_numpy()
    known = list(people_by_town(layers, scenario).index)

    frames = []
    for group in residents:
        _, network, level = group.key(scenario)
        mine = town[group.places]

        # every town of the task table has its row, with nobody where no place of the group is in it
        names = [*known, *sorted(set(mine) - set(known))]
        number = pd.Index(names).get_indexer(pd.Index(mine))
        people = np.bincount(number, group.people, minlength=len(names))

        for phase, count in enumerate(scenario.counts):
            served = np.where(group.rank < count, group.people, 0.0)
            columns = {
                F.TOWN: names,
                F.PHASE: phase,
                F.NETWORK: network,
                F.LEVEL: level,
                F.PEOPLE: people,
                F.COVERED: np.bincount(number, served, minlength=len(names)),
            }
            frames.append(pd.DataFrame(columns))

    # the kinds are set, so that a table without rows has them too
    kinds = dict.fromkeys([F.TOWN, F.NETWORK, F.LEVEL], "str") | {F.PHASE: "int64"}
    kinds |= dict.fromkeys([F.PEOPLE, F.COVERED], "float64")
    names = [F.TOWN, F.PHASE, F.NETWORK, F.LEVEL, F.PEOPLE, F.COVERED]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names)
    return table.astype(kinds)
