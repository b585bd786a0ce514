"""Which columns are near which site: those that share most demand with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inlined, inner
from planner.optimise.greedy import precedes
from planner.optimise.problem import IntArray
from planner.optimise.reduce import Cover
from planner.optimise.sharing import Sites

#: Most columns in the list of a site; shorter lists hurt the search, longer ones bring nothing.
NEAR = 120
#: Rows looked at, for each column, to find the sites near it: at least so many, if it has them, and
#: fewer than twice as many.
_SAMPLE = 96


def near_columns(sites: Sites, cover: Cover) -> tuple[IntArray, NDArray[np.int32]]:
    """For each site the columns at the sites that share most demand with it, nearest first.

    A compressed list of at most `NEAR` columns for each site, (sites + 1,) and (entries,). Sites
    are compared over all their columns, so a list holds every network and band of the places
    nearby.
    """
    lists, filled = _nearest(sites, sites.of_columns(), cover)
    ptr = np.concatenate([[0], np.cumsum(filled)]).astype(np.int64)
    return ptr, lists[np.arange(NEAR) < filled[:, None]]


@compiled
def _nearest(sites, site_of, cover):  # type: ignore[no-untyped-def]
    """Columns near each site, (sites, NEAR), and how many of them there are, (sites,).

    `site_of`, (columns,), is the site of each column.
    """
    size = sites.column_ptr.size - 1
    lists = np.empty((size, NEAR), dtype=np.int32)
    filled = np.empty(size, dtype=np.int64)
    shared = np.zeros(size)
    heap = np.empty(size, dtype=np.int32)
    place = np.empty(size, dtype=np.int32)
    for site in range(size):
        found = _sharing_sites(site, sites, site_of, cover, shared, heap, place)

        # its own columns come before those of any other site
        shared[site] = np.inf
        for start in range(found // 2 - 1, -1, -1):
            _sift_down(heap, place, shared, start, found)
        filled[site] = _list_columns(lists[site], found, sites, shared, heap, place)
    return lists, filled


@inlined
def _sharing_sites(site, sites, site_of, cover, shared, heap, place):  # type: ignore[no-untyped-def]
    """Put the sites that share rows with a site into a heap, in no order; how many they are.

    `shared`, (sites,), is brought from 0 to the rows shared with each, counted over an even sample.
    """
    column_ptr, column_list = sites.column_ptr, sites.column_list
    col_ptr, col_row, row_ptr, row_col = cover
    found = np.int64(0)
    for entry in range(column_ptr[site], column_ptr[site + 1]):
        column = column_list[entry]
        stride = max(1, (col_ptr[column + 1] - col_ptr[column]) // _SAMPLE)
        for sample in range(col_ptr[column], col_ptr[column + 1], stride):
            row = col_row[sample]
            for other in range(row_ptr[row], row_ptr[row + 1]):
                near = site_of[row_col[other]]
                if shared[near] == 0:
                    heap[found] = near
                    place[near] = found
                    found += 1
                shared[near] += stride
    return found


@inlined
def _list_columns(columns, found, sites, shared, heap, place):  # type: ignore[no-untyped-def]
    """Fill `columns`, (NEAR,), from the first of a heap of sites on; how many there are.

    The heap is emptied even where the list is full before: `shared` has to be 0 for the next site.
    """
    column_ptr, column_list = sites.column_ptr, sites.column_list
    filled = np.int64(0)
    while found > 0:
        near = np.int64(heap[0])
        for entry in range(column_ptr[near], column_ptr[near + 1]):
            if filled < NEAR:
                columns[filled] = column_list[entry]
                filled += 1
        shared[near] = 0.0

        # the last of the heap takes the place of the first and sinks
        found -= 1
        heap[0] = heap[found]
        place[heap[0]] = 0
        _sift_down(heap, place, shared, np.int64(0), found)
    return filled


@inner
def _sift_down(heap, place, key, index, size):  # type: ignore[no-untyped-def]
    """Let an entry of a heap (largest key first, then lowest index) sink to its place."""
    while True:
        best = index
        left = 2 * index + 1
        if left < size and precedes(heap[left], heap[best], key):
            best = left
        if left + 1 < size and precedes(heap[left + 1], heap[best], key):
            best = left + 1
        if best == index:
            return
        heap[index], heap[best] = heap[best], heap[index]
        place[heap[index]] = index
        place[heap[best]] = best
        index = best
