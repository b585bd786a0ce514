"""Capacity as a measure: busy-hour traffic per point, load per sector, share carried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from planner.errors import ProblemError
from planner.parameters import Part, parameter
from planner.radio.grid import FloatArray, IntArray, checked_classes

# no street block in the world holds more people
Density = Annotated[float, Field(ge=0.0, le=1e6)]


class CapacityParameters(Part):
    """What people ask of the network in the busy hour, and when a sector is overloaded."""

    gb_month: float = parameter(
        10.35,
        unit="GB",
        source="MIIT, communications industry 2020: mobile data per user and month",
        doc="Data of one person in a month.",
        gt=0.0,
        le=1000.0,
    )
    busy_hour_share: float = parameter(
        0.08,
        unit="1",
        source="judgement",
        doc="Share of a day's data in its busiest hour.",
        gt=0.0,
        le=1.0,
    )
    dl_share: float = parameter(
        0.9, unit="1", source="judgement", doc="Share of the data that goes down.", gt=0.0, le=1.0
    )
    workers_per_km2: dict[str, Density] = parameter(
        {
            "dense-urban": 6000.0,
            "urban": 3000.0,
            "township": 800.0,
            "industrial": 3000.0,
            "rural": 0.0,
        },
        unit="1/km2",
        source="judgement",
        doc="People at work by scene, counted beside the residents.",
    )
    overload: float = parameter(
        0.7,
        unit="1",
        source="judgement: expansion is usually planned from 70 % of resource blocks in use",
        doc="A sector above this load is listed as overloaded.",
        gt=0.0,
        le=10.0,
    )
    residents_per_station: float | None = parameter(
        None,
        unit="residents",
        source="off: no public figure says it, whoever asks for it judges",
        doc="Residents that a station serves at most, in the split that serves most; a resident "
        "counts for each network by its `networks.<...>.share`.",
        gt=0.0,
        le=1e7,
    )

    @property
    def mbps_per_person(self) -> float:
        """Mean downlink traffic of one person in the busy hour, Mbit/s (decimal GB, 30 days)."""
        return self.gb_month * 8e3 / 30.0 * self.busy_hour_share * self.dl_share / 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class SectorLoad:
    """Load of each sector in the busy hour.

    Attributes
    ----------
    offered_mbps
        (sectors,) traffic of the points it serves, Mbit/s.
    capacity_mbps
        (sectors,) what it could carry with the same spread of users, Mbit/s; NaN without traffic.
    load
        (sectors,) offered over capacity, 0 or above; above 1 it cannot carry all.
    carried_mbps
        (sectors,) traffic it carries, Mbit/s.
    carried_share
        Share of the traffic of all points that is carried; points without a server are not. NaN
        without traffic.
    """

    offered_mbps: FloatArray
    capacity_mbps: FloatArray
    load: FloatArray
    carried_mbps: FloatArray
    carried_share: float

    def overloaded(self, limit: float) -> IntArray:
        """Sectors with a load above ``limit``, the worst first, ties by number."""
        over = np.flatnonzero(self.load > limit)
        return over[np.argsort(-self.load[over], kind="stable")]


def busy_hour_traffic(
    people: npt.ArrayLike,
    area_m2: npt.ArrayLike,
    scene: npt.ArrayLike,
    parameters: CapacityParameters,
    *,
    share: float = 1.0,
) -> FloatArray:
    """Downlink traffic that each point offers to a network in the busy hour.

    Parameters
    ----------
    people
        (points,) residents, 0 or above.
    area_m2
        (points,) ground that the point stands for, m2; NaN (road samples) counts as none.
    scene
        (points,) scene of the point, a key of ``parameters.workers_per_km2``.
    parameters
        Data per person and workers per scene.
    share
        Share of that traffic on this network's 5G, 0 to 1: subscribers times terminals.

    Returns
    -------
    numpy.ndarray
        (points,) Mbit/s.

    Raises
    ------
    planner.errors.ProblemError
        If shapes differ, a value is negative, or a scene is unknown.
    """
    residents = np.asarray(people, dtype=np.float64)
    ground = np.nan_to_num(np.asarray(area_m2, dtype=np.float64))
    names, place = np.unique(np.asarray(scene, dtype=np.str_), return_inverse=True)
    known = parameters.workers_per_km2

    unknown = [name for name in names.tolist() if name not in known]
    one_shape = residents.shape == ground.shape == place.shape
    positive = bool((residents >= 0).all() and (ground >= 0).all())
    if unknown or not one_shape or not positive or not 0.0 <= share <= 1.0:
        raise ProblemError(
            f"Traffic needs as many people, areas and scenes, none negative, share 0 to 1; unknown "
            f"scenes: {unknown}.",
            f"业务量需要同样数目且非负的人数、面积和场景,占比在 0 至 1 之间;未知场景:{unknown}。",
        )

    density = np.array([known[name] for name in names.tolist()], dtype=np.float64)
    workers = density[place] * ground / 1e6
    return np.asarray((residents + workers) * parameters.mbps_per_person * share)


def sector_load(
    sector: npt.ArrayLike,
    dl_mbps: npt.ArrayLike,
    traffic_mbps: npt.ArrayLike,
    count: int,
) -> SectorLoad:
    """Load of each sector from the rates and the traffic of the points it serves.

    A point needs ``traffic / rate`` of its sector's time; the sum over the points is the load.

    Parameters
    ----------
    sector
        (points,) serving sector, -1 for none.
    dl_mbps
        (points,) downlink rate of one terminal on the whole carrier, Mbit/s, as in
        :class:`planner.radio.Signal`.
    traffic_mbps
        (points,) offered traffic, Mbit/s.
    count
        Number of sectors.

    Raises
    ------
    planner.errors.ProblemError
        If shapes differ, a sector is unknown or a value is negative.

    Notes
    -----
    Bandwidth, share of time, streams and spectral efficiency are in the rate; that several
    terminals can have the same resource blocks at once is not counted. A served point whose rate is
    0 is counted as offered to nobody and not carried.
    """
    rate = np.asarray(dl_mbps, dtype=np.float64)
    traffic = np.asarray(traffic_mbps, dtype=np.float64)
    # no server, -1, counts as class 0 while the numbers are checked
    server = checked_classes("sector + 1", np.asarray(sector) + 1, len(rate), count + 1) - 1
    positive = bool((traffic >= 0).all() and (rate >= 0).all())
    if traffic.shape != rate.shape or not positive:
        raise ProblemError(
            "Each point needs a rate and a traffic of at least 0.",
            "每个点须有非负的速率与业务量。",
        )

    heard = (server >= 0) & (rate > 0)
    mine = server[heard]
    offered = np.bincount(mine, traffic[heard], minlength=count).astype(np.float64)
    busy = traffic[heard] / rate[heard]
    load = np.bincount(mine, busy, minlength=count).astype(np.float64)

    # a sector without traffic has no capacity to state: 0 / 0
    with np.errstate(invalid="ignore", divide="ignore"):
        capacity = offered / load
        carried = np.where(load > 1.0, capacity, offered)
        share = float(np.divide(carried.sum(), traffic.sum()))
    return SectorLoad(offered, capacity, load, carried, share)
