"""Pieces of ground that are dark together, at every count at once.

A place is dark at count c when its rank is c or greater. Dark road samples that follow each other
on one chain are a gap. Dark cells are a hole where a disc of the rule's radius fits, inside the
layer, with nothing served in it.

Both are the same question. Each place gets its *opened* rank: the greatest count at which it still
lies in a failing piece (a grey opening, along a road or by a disc). The pieces grow together while
the count falls, so that one pass gives every count.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from planner.compiled import compiled, inner
from planner.rules.ground import Array, FloatArray, Ground, IntArray


@compiled
def open_by_disc(rank: Array, raster: Array, spot: Array, disc: Array) -> Array:
    """(n,) int64, greatest count at which each cell lies in an empty disc, -1 for never.

    ``rank`` (n,) int64. ``raster`` (rows, columns) int32 and ``spot`` (n, 2) int64 as in a
    :class:`Ground`, but with a margin on every side as wide as the disc, -1 like all that lies
    outside the layer. ``disc`` (k, 2) int64 row and column offsets of its cells.
    """
    n_places, n_offsets = len(rank), len(disc)

    # greatest count at which the disc round each cell is empty; none that leaves the layer
    emptied = np.empty(n_places, np.int64)
    for place in range(n_places):
        least = rank[place]
        for j in range(n_offsets):
            other = raster[spot[place, 0] + disc[j, 0], spot[place, 1] + disc[j, 1]]
            if other < 0:
                least = -1
                break
            least = min(least, rank[other])
        emptied[place] = least

    # an empty disc opens all of its cells; it lies in the layer, so that each of them is a place
    opened = emptied.copy()
    for place in range(n_places):
        if emptied[place] >= 0:
            for j in range(n_offsets):
                other = raster[spot[place, 0] + disc[j, 0], spot[place, 1] + disc[j, 1]]
                opened[other] = max(opened[other], emptied[place])
    return opened


@compiled
def open_along(rank: Array, size: Array, follows: Array, limit: float) -> Array:
    """(n,) int64, greatest count at which each sample lies in a gap over the limit, -1 for never.

    ``rank`` (n,) int64, ``size`` (n,) float64 and ``limit`` in m, ``follows`` (n,) bool: whether
    the next sample is of the same chain.

    It is enough to look at the shortest run over the limit that starts at each sample, forward and
    backward: together they fill every gap over the limit. A sample so near to the end of its gap
    that no such run goes forward from it lies in the one that goes backward from that end.
    """
    n_samples = len(rank)
    opened = np.full(n_samples, -1, np.int64)
    for step in (1, -1):
        for start in range(n_samples):
            end, least = _shortest_run(rank, size, follows, limit, start, step)
            for place in range(min(start, end), max(start, end) + 1):
                opened[place] = max(opened[place], least)
    return opened


@inner
def _shortest_run(
    rank: Array, size: Array, follows: Array, limit: float, start: int, step: int
) -> tuple[int, int]:
    """Last sample of the shortest run over the limit, and the greatest count at which it is dark.

    The run starts at a sample and goes forward (step 1) or backward (-1). Where its chain ends too
    early the count is -1.
    """
    end = start
    length = size[start]
    least = rank[start]
    while length <= limit:
        # the link between two samples is kept at the earlier one
        link = end if step == 1 else end - 1
        if link < 0 or not follows[link]:
            return end, -1
        end += step
        length += size[end]
        least = min(least, rank[end])
    return end, least


def grow(
    rank: IntArray, neighbours: Array, size: FloatArray, limit: float, top: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pieces of dark places at every count.

    Parameters
    ----------
    rank
        (n,) a place is dark at a count when its rank is as great or greater.
    neighbours, size
        Of a :class:`Ground`.
    limit
        Size over which a piece is counted apart.
    top
        The greatest count.

    Returns
    -------
    tuple of arrays, (top + 1,)
        How many pieces, how many over the limit, size of the largest; index = count.
    """
    by_rank = np.argsort(-rank, kind="stable")
    pieces, over, largest = _grow(rank, by_rank, neighbours, size, limit, top).T
    return pieces, over, largest


@compiled
def _grow(
    rank: Array, by_rank: Array, neighbours: Array, size: Array, limit: float, top: int
) -> Array:
    """(top + 1, 3) float64 pieces of dark places at each count: number, over the limit, largest.

    ``rank`` (n,) int64, ``by_rank`` (n,) int64 the places, greatest rank first, ``neighbours``
    (n, k) int32 with -1 for none, ``size`` (n,) float64.
    """
    found = np.zeros((top + 1, 3))
    pieces = 0
    over = 0
    largest = 0.0

    # a piece is a tree of places: each points on to its parent, the root to itself
    parent = np.full(len(rank), -1, np.int64)  # -1 while a place is served
    total = size.copy()  # of a piece, true at its root

    # while the count falls places become dark, the latest served first; pieces only grow together
    head = 0
    for count in range(top, -1, -1):
        while head < len(by_rank) and rank[by_rank[head]] >= count:
            place = by_rank[head]
            head += 1

            # a place begins as a piece of its own, then joins the pieces that it touches
            parent[place] = place
            pieces += 1
            if total[place] > limit:
                over += 1
            for j in range(neighbours.shape[1]):
                other = neighbours[place, j]
                if other < 0 or parent[other] < 0:
                    continue
                mine = _root(parent, place)
                theirs = _root(parent, other)
                if mine == theirs:
                    continue

                # two pieces are counted out, the one made of them is counted in
                over -= int(total[mine] > limit) + int(total[theirs] > limit)
                parent[theirs] = mine
                total[mine] += total[theirs]
                pieces -= 1
                over += int(total[mine] > limit)
            largest = max(largest, total[_root(parent, place)])

        found[count, 0] = pieces
        found[count, 1] = over
        found[count, 2] = largest
    return found


@inner
def _root(parent: Array, place: int) -> int:
    """The place that stands for the piece of a place; shortens the way there."""
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


def failing_pieces(ground: Ground, opened: IntArray, count: int) -> list[IntArray]:
    """Failing pieces at one count, each (places,) numbers within the layer, the largest first."""
    failing = np.flatnonzero(opened >= count)

    # number of each place among the failing ones, -1 for the others
    number = np.full(len(opened), -1, np.int64)
    number[failing] = np.arange(len(failing))

    # a failing place is linked with each neighbour that fails too
    near = ground.neighbours[failing]
    is_link = near >= 0
    is_link[is_link] = number[near[is_link]] >= 0
    here, _ = np.nonzero(is_link)
    entries = (np.ones(len(here), np.int8), (here, number[near[is_link]]))
    links = coo_matrix(entries, shape=(len(failing), len(failing)))
    _, label = connected_components(links, directed=False)

    # rounded, so that the order does not hang on the last bits of a sum
    pieces = [failing[part] for part in _split(label.astype(np.int64))]
    size = [round(float(ground.size[piece].sum()), 3) for piece in pieces]
    order = sorted(range(len(pieces)), key=lambda i: (-size[i], int(pieces[i][0])))
    return [pieces[i] for i in order]


def _split(label: IntArray) -> list[IntArray]:
    """Places of each label, ascending within it."""
    if not len(label):
        return []
    by_label = np.argsort(label, kind="stable")
    return np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1)
