"""Neighbour lists from overlap of service, and physical cell identities (PCI).

No two neighbours are given one identity (a collision), and no two neighbours of one sector (a
confusion).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags_array

from planner.errors import InfeasibleError, ProblemError
from planner.radio.grid import FloatArray, IntArray

if TYPE_CHECKING:
    import networkx as nx

N_PCI = 1008
"""Number of physical cell identities of NR, TS 38.211, 7.4.2.1."""

MOST_NEIGHBOURS = 32


@dataclass(frozen=True, slots=True, eq=False)
class PciPlan:
    """Identities and what is still wrong with them.

    Attributes
    ----------
    pci
        (sectors,) identity, 0 to 1007.
    collisions
        Pairs of neighbours with one identity. Those among kept identities only can remain.
    confusions
        Pairs of sectors with one identity that share a neighbour.
    mod3_clashes
        Pairs of neighbours whose identities leave the same remainder by 3: their primary
        synchronisation signals are the same.
    neighbour_pairs
        All pairs of neighbours, to compare with.
    kept
        Number of identities that were given and kept.
    """

    pci: IntArray
    collisions: int
    confusions: int
    mod3_clashes: int
    neighbour_pairs: int
    kept: int


def neighbours(
    rivals: csr_matrix,
    weight: npt.ArrayLike,
    station: npt.ArrayLike,
    carrier: npt.ArrayLike,
    *,
    most: int = MOST_NEIGHBOURS,
) -> nx.Graph[int]:
    """Neighbour relations from the points where two sectors compete.

    Parameters
    ----------
    rivals
        (points, sectors) which sectors compete at a point, from :func:`planner.radio.rivals`.
    weight
        (points,) weight of each point, 0 or above: area or people.
    station, carrier
        (sectors,) station (or site) and carrier of each sector.
    most
        Longest list of one sector, 1 or above; the strongest overlaps stay [judgement].

    Returns
    -------
    networkx.Graph
        Nodes 0 .. sectors - 1. Edge attributes: ``weight``, the weight of the points shared, and
        ``same_site``. Sectors of one station on one carrier are always neighbours. Relations go
        both ways, so a list can be longer than ``most`` where others chose the sector.

    Raises
    ------
    planner.errors.ProblemError
        If shapes do not fit.
    """
    import networkx as nx

    n_points, count = rivals.shape
    load, owner, kind = np.asarray(weight, np.float64), np.asarray(station), np.asarray(carrier)
    by_sector = owner.shape == kind.shape == (count,)
    if load.shape != (n_points,) or not by_sector or most < 1:
        raise ProblemError(
            "neighbours needs a weight per point, a station and a carrier per sector, and most of "
            "at least 1.",
            "邻区计算需要每点一个权重、每扇区一个基站和载波,且 most 不小于 1。",
        )

    # weight of the points that two sectors share, (sectors, sectors)
    heard = rivals.astype(np.float64)
    shared = csr_matrix(heard.T @ diags_array(load) @ heard)
    shared.sort_indices()

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(count))
    sectors, others, values = _longest(shared, most)
    pairs = zip(sectors.tolist(), others.tolist(), values.tolist(), strict=True)
    graph.add_edges_from((a, b, {"weight": value, "same_site": False}) for a, b, value in pairs)

    _join_sites(graph, owner, kind)
    return graph


def _longest(shared: csr_matrix, most: int) -> tuple[IntArray, IntArray, FloatArray]:
    """The strongest overlaps of each sector, strongest first: sector, other sector and weight.

    A pair that both chose is told once, where the first of them chose it.
    """
    count = shared.shape[0]
    sectors = np.repeat(np.arange(count), np.diff(shared.indptr))
    others, values = shared.indices.astype(np.int64), shared.data
    useful = (others != sectors) & (values > 0)
    sectors, others, values = sectors[useful], others[useful], values[useful]

    # ties to the lowest sector
    order = np.lexsort((others, -values, sectors))
    sectors, others, values = sectors[order], others[order], values[order]
    start = np.searchsorted(sectors, np.arange(count))
    chosen = np.arange(len(sectors)) - start[sectors] < most
    sectors, others, values = sectors[chosen], others[chosen], values[chosen]

    pair = np.minimum(sectors, others) * count + np.maximum(sectors, others)
    first = np.sort(np.unique(pair, return_index=True)[1])
    return sectors[first], others[first], values[first]


def _join_sites(
    graph: nx.Graph[int], owner: npt.NDArray[np.generic], kind: npt.NDArray[np.generic]
) -> None:
    """Make the sectors of one station on one carrier neighbours of each other."""
    groups: dict[tuple[object, object], list[int]] = {}
    for sector, key in enumerate(zip(owner.tolist(), kind.tolist(), strict=True)):
        groups.setdefault(key, []).append(sector)
    for members in groups.values():
        for a, b in combinations(members, 2):
            shared = graph.edges[a, b]["weight"] if graph.has_edge(a, b) else 0.0
            graph.add_edge(a, b, weight=shared, same_site=True)


def assign_pci(graph: nx.Graph[int], existing: Mapping[int, int] | None = None) -> PciPlan:
    """Identities for all sectors: no two neighbours alike, no two neighbours of one sector alike.

    Sectors with most neighbours choose first. A sector takes the remainder by 3 that clashes least,
    first with its own site, then by shared weight; within it the identity used least so far, so
    that reuse lies far apart.

    Parameters
    ----------
    graph
        Neighbour relations from :func:`neighbours`.
    existing
        Identities of sectors on air, kept as they are even where they clash with each other.

    Returns
    -------
    PciPlan
        With the counts of what remains, over all sectors.

    Raises
    ------
    planner.errors.ProblemError
        If an existing identity is out of range or its sector unknown.
    planner.errors.InfeasibleError
        If a sector has no identity left: more than 1007 others within two steps.

    Notes
    -----
    Source: TS 38.211, 7.4.2.1 (1008 identities, PSS by remainder of 3); TS 38.300, 15.3.1 on
    neighbour relations.
    """
    pci = dict(existing or {})
    for sector, identity in pci.items():
        if sector not in graph or not 0 <= identity < N_PCI:
            raise ProblemError(
                f"Existing PCI {identity} of sector {sector}: the sector is unknown or the PCI not "
                f"0 to 1007.",
                f"扇区 {sector} 的既有 PCI {identity}:扇区不存在,或 PCI 不在 0 至 1007 之间。",
            )

    # identities that the neighbours of a sector have, and how often each is used
    near = dict(graph.adjacency())
    heard: dict[int, set[int]] = {sector: set() for sector in near}
    used = np.zeros(N_PCI, dtype=np.int64)

    def note(sector: int, identity: int) -> None:
        used[identity] += 1
        for other in near[sector]:
            heard[other].add(identity)

    for sector, identity in pci.items():
        note(sector, identity)
    for sector in sorted(set(near) - set(pci), key=lambda s: (-len(near[s]), s)):
        taken = heard[sector].union(*(heard[other] for other in near[sector]))
        pci[sector] = _choose(sector, near[sector], pci, taken, used)
        note(sector, pci[sector])
    return _checked_plan(graph, pci, kept=len(existing or {}))


def _choose(
    sector: int,
    near: Mapping[int, Mapping[str, Any]],
    pci: Mapping[int, int],
    taken: set[int],
    used: IntArray,
) -> int:
    """The identity of one sector; those within two steps are taken, `used` says how often each."""
    # by remainder how many of its site and what weight clash
    clash = [(0, 0.0)] * 3
    for other, edge in near.items():
        if other in pci:
            same, weight = clash[pci[other] % 3]
            clash[pci[other] % 3] = (same + edge["same_site"], weight + edge["weight"])

    nowhere = np.iinfo(np.int64).max
    left = used.copy()
    left[list(taken)] = nowhere
    for remainder in sorted(range(3), key=lambda r: (clash[r], r)):
        free = left[remainder::3]
        least = int(free.argmin())
        if free[least] < nowhere:
            return remainder + 3 * least
    raise InfeasibleError(
        f"Sector {sector} has no PCI left: {len(taken)} are taken within two neighbour steps; "
        f"shorten the lists.",
        f"扇区 {sector} 无可用 PCI:两跳邻区已占用 {len(taken)} 个;请缩短邻区表。",
    )


def _checked_plan(graph: nx.Graph[int], pci: Mapping[int, int], kept: int) -> PciPlan:
    """Count what is wrong, from the finished identities alone."""
    collisions = sum(pci[a] == pci[b] for a, b in graph.edges)
    clashes = sum(pci[a] % 3 == pci[b] % 3 for a, b in graph.edges)

    confused: set[tuple[int, ...]] = set()
    for _, near in graph.adjacency():
        by_identity: dict[int, list[int]] = {}
        for other in near:
            by_identity.setdefault(pci[other], []).append(other)
        for alike in by_identity.values():
            if len(alike) > 1:
                confused.update(combinations(sorted(alike), 2))

    identities = np.array([pci[s] for s in sorted(graph)], dtype=np.int64)
    return PciPlan(identities, collisions, len(confused), clashes, graph.number_of_edges(), kept)
