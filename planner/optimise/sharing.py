"""Sites that several networks share: the small bonus once a site holds a second network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import inner
from planner.optimise.problem import IntArray, Problem


class Sites(NamedTuple):
    """Free columns by site and *seat*, a seat being one network at one site.

    Attributes
    ----------
    seat : int32 array, (columns,)
        Seat of each free column.
    seat_site : int32 array, (seats,)
        Site of each seat.
    seat_ptr, seat_list : arrays, (sites + 1,) and (seats,)
        Seats of each site.
    column_ptr, column_list : arrays, (sites + 1,) and (columns,)
        Free columns of each site.
    open_seat : int8 array, (seats,)
        1 where a fixed column already holds the seat.
    """

    seat: NDArray[np.int32]
    seat_site: NDArray[np.int32]
    seat_ptr: IntArray
    seat_list: NDArray[np.int32]
    column_ptr: IntArray
    column_list: NDArray[np.int32]
    open_seat: NDArray[np.int8]

    def of_columns(self) -> NDArray[np.int32]:
        """Site of each free column, (columns,)."""
        return self.seat_site[self.seat]

    def first_classes(self, never: int) -> NDArray[np.int8]:
        """Class from which each seat is held while no free column is open, (seats,)."""
        return np.where(self.open_seat > 0, 0, never).astype(np.int8)

    def shared_from(self, classes: NDArray[np.int8], never: int) -> NDArray[np.int8]:
        """Class from which each site of two seats or more is shared, (such sites,).

        `classes`, (columns,), is the class of each free column, `never` that of a closed one.
        """
        held = self.first_classes(never)
        np.minimum.at(held, self.seat, classes)

        # the second of the seats of a site that are held: they follow each other by class there
        by_class = held[np.lexsort((held, self.seat_site))]
        second: NDArray[np.int8] = by_class[self.seat_ptr[:-1][np.diff(self.seat_ptr) > 1] + 1]
        return second


def sites_of(problem: Problem, free: IntArray) -> Sites:
    """Sites and seats of the free columns; without labels each column is a site of its own."""
    columns = problem.shape[1]
    site = np.arange(columns) if problem.site is None else problem.site
    network = np.zeros(columns, dtype=np.int64) if problem.network is None else problem.network

    # the fixed columns count too: they may hold a seat at a free column's site
    usable = np.concatenate([free, problem.fixed])
    _, site_id = np.unique(site[usable], return_inverse=True)
    _, network_id = np.unique(network[usable], return_inverse=True)
    pairs, seat = np.unique(np.stack([site_id, network_id], axis=1), axis=0, return_inverse=True)
    seat = seat.reshape(-1)
    open_seat = np.zeros(len(pairs), dtype=np.int8)
    open_seat[seat[free.size :]] = 1

    sites = int(pairs[:, 0].max(initial=-1)) + 1
    seat_ptr, seat_list = _group(pairs[:, 0], sites)
    column_ptr, column_list = _group(site_id[: free.size], sites)
    return Sites(
        seat=seat[: free.size].astype(np.int32),
        seat_site=pairs[:, 0].astype(np.int32),
        seat_ptr=seat_ptr,
        seat_list=seat_list,
        column_ptr=column_ptr,
        column_list=column_list,
        open_seat=open_seat,
    )


def _group(labels: IntArray, size: int) -> tuple[IntArray, NDArray[np.int32]]:
    """Members of each of `size` labels as a compressed list, ascending."""
    counts = np.bincount(labels, minlength=size)
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return ptr, np.argsort(labels, kind="stable").astype(np.int32)


@inner
def share_gain(seat, cls, seat_class, seat_site, seat_ptr, seat_list, bonus):  # type: ignore[no-untyped-def]
    """Bonus gained when a column opens in class `cls` on `seat`; 0 where the seat is held by then.

    `seat_class`, (seats,): class from which each seat is held; `bonus`, (classes + 1,): worth of a
    shared site from each class on, in integer units. It is called for each candidate, so it takes
    arrays: reading them out of a tuple costs more than the sum.
    """
    if bonus[0] == 0 or seat_class[seat] <= cls:
        return np.int64(0)

    # the earliest two classes of the other seats; a site without them is shared never
    site = seat_site[seat]
    first = bonus.size - 1
    second = first
    for entry in range(seat_ptr[site], seat_ptr[site + 1]):
        other = seat_list[entry]
        if other == seat:
            continue
        held = seat_class[other]
        if held < first:
            second = first
            first = held
        elif held < second:
            second = held

    # a site is shared from the second earliest class on, this seat's among them
    before = min(second, max(first, seat_class[seat]))
    after = min(second, max(first, cls))
    return bonus[after] - bonus[before]
