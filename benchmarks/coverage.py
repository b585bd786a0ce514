"""Coverage against the k-d tree way: seconds, peak memory and the matrix itself.

The peer finds all pairs within the longest range with scipy's k-d tree, computes the terms of every
pair with numpy, compares, and builds the sparse matrix. Ours is the function the planner uses.
Each measurement is a process of its own; memory is its peak over what imports and inputs take. The
district is made: no real place.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from benchmarks.pairs import ROOT, Line, Measured, alternate, forget_peak, line, peak_mb
from planner import radio

Size = tuple[int, int]
"""Points and stations."""

SIZE = (60_000, 4_300)
CALLS = 3
FIGURES = {
    "seconds": ("s", 0.6),
    "one thread": ("s", None),
    "peak": ("MB", 0.5),
}
"""By figure: its unit and the most that the ratio may be."""

SIDES_M = [25_000, 40_000]
RADIO = radio.RadioParameters()
CLASSES = [
    radio.StationClass(radio.BANDS["n41"], RADIO.scenes["urban"], 25.0),
    radio.StationClass(radio.BANDS["n78"], RADIO.scenes["urban"], 25.0),
    radio.StationClass(radio.BANDS["n78"], RADIO.scenes["rural"], 35.0),
]
WALLS = ("none", "tr-low")


class District:
    """A made district: half of everything in towns, the rest spread; 1,007 km2."""

    def __init__(self, n_points: int, n_stations: int) -> None:
        random = np.random.default_rng(2020)
        towns = random.random((14, 2)) * SIDES_M

        def spread(count: int) -> np.ndarray:
            """Places in metres, (count, 2)."""
            town = towns[random.integers(0, len(towns), count)]
            in_town = town + random.normal(0, 1500, (count, 2))
            half = random.random((count, 1)) < 0.5
            return np.where(half, in_town, random.random((count, 2)) * SIDES_M)

        self.points, self.stations = spread(n_points), spread(n_stations)
        self.point_class = random.integers(0, len(WALLS), n_points)
        self.station_class = random.integers(0, len(CLASSES), n_stations)

        # Loss and range by class of point and of station, (2, 3).
        budgets = [
            [
                radio.link_budget(
                    RADIO, c.band, c.propagation, radio.wall_entry(wall, c.band.f_ghz)
                )
                for c in CLASSES
            ]
            for wall in WALLS
        ]
        self.max_loss = np.array([[b.max_loss_db for b in row] for row in budgets])
        self.longest_m = max(b.range_m for row in budgets for b in row)

        azimuth = random.random(n_stations)[:, None] * 360 + [0, 120, 240]
        self.sectors = radio.make_sectors(
            n_stations,
            np.repeat(np.arange(n_stations), 3),
            azimuth.ravel(),
            [CLASSES[0].band.antenna],
            electrical_tilt_deg=2.0,
        )
        self.transmitters = radio.Transmitters(
            self.stations, self.station_class, tuple(CLASSES), self.sectors, RADIO
        )


def by_sectors(d: District, threads: int | None = None) -> csr_matrix:
    return radio.sector_coverage(
        d.points, d.point_class, d.max_loss, d.transmitters, threads=threads
    )


def tree_pairs(d: District) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Point, station and distance in metres of every pair within the longest range."""
    pairs = cKDTree(d.points).sparse_distance_matrix(
        cKDTree(d.stations), d.longest_m, output_type="ndarray"
    )
    return pairs["i"], pairs["j"], pairs["v"]


def pair_loss(kind: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Path loss in dB of every pair by the class of its station, without line of sight."""
    loss = np.empty(len(distance))
    for number, c in enumerate(CLASSES):
        mine = kind == number
        loss[mine] = radio.path_loss(
            c.propagation.model,
            np.maximum(distance[mine], 10.0),
            c.band.f_ghz,
            los=False,
            h_bs_m=c.h_bs_m,
        )
    return loss


def matrix(d: District, row: np.ndarray, column: np.ndarray) -> csr_matrix:
    found = csr_matrix(
        (np.ones(len(row), dtype=bool), (row, column)), shape=(len(d.points), len(d.stations))
    )
    found.sort_indices()
    return found


def tree_by_sectors(d: District) -> csr_matrix:
    row, column, distance = tree_pairs(d)
    kind = d.station_class[column]
    loss = pair_loss(kind, distance)
    antenna = CLASSES[0].band.antenna
    front_to_back = antenna.front_to_back_db

    # The vertical cut is that of all sectors: they are tilted alike, by 2 degrees.
    drop = np.array([c.h_bs_m - RADIO.h_ut_m for c in CLASSES])[kind]
    down = np.degrees(np.arctan2(drop, np.maximum(distance, 10.0)))
    vertical = 12.0 * ((down - 2.0) / antenna.v_beamwidth_deg) ** 2
    vertical = np.minimum(vertical, antenna.side_lobe_db)

    bearing = radio.bearing_deg(d.stations[column], d.points[row])
    best = np.full(len(loss), -np.inf)
    for azimuth in d.sectors.azimuth.reshape(-1, 3)[column].T:
        off = np.abs(np.mod(bearing - azimuth + 180.0, 360.0) - 180.0)
        horizontal = np.minimum(12.0 * (off / antenna.h_beamwidth_deg) ** 2, front_to_back)
        best = np.maximum(best, -np.minimum(horizontal + vertical, front_to_back))

    served = loss - best <= d.max_loss[d.point_class[row], kind]
    return matrix(d, row[served], column[served])


WAYS: dict[str, tuple[Callable[[District], csr_matrix], ...]] = {
    "ours": (by_sectors, lambda d: by_sectors(d, 1)),
    "peer": (tree_by_sectors, tree_by_sectors),
}
"""With all threads and with one; the peer has only one."""


def measure(pairs: int, size: Size = SIZE) -> Iterator[Line]:
    """Seconds and memory of both, and whether their matrices are the same."""
    digests: set[str] = set()
    taken = alternate(
        lambda: in_a_process("ours", size, digests),
        lambda: in_a_process("peer", size, digests),
        pairs,
    )
    found = f"identical matrix ({digests.pop()})" if len(digests) == 1 else "DIFFERENT matrices"
    for name, (unit, target) in FIGURES.items():
        yield line(taken, name, f"coverage / k-d tree, {name}", unit, target, found)


def in_a_process(way: str, size: Size, digests: set[str]) -> Measured:
    """What one way takes in a new process; the digest of its matrix joins the others."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.coverage", way, *map(str, size)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    measured, digest = json.loads(done.stdout)
    digests.add(digest)
    return dict(measured)


def child(way: str, size: Size) -> tuple[Measured, str]:
    """Peak over what was held before the work (MB), seconds, and the digest of the matrix."""
    small, full = District(200, 50), District(*size)
    for call in WAYS[way]:
        call(small)  # compiled and imported before the measurement starts
    forget_peak()
    before = peak_mb()
    every, one = WAYS[way]
    found = every(full)
    measured = {"peak": peak_mb() - before}

    measured["seconds"] = seconds(lambda: every(full))
    measured["one thread"] = seconds(lambda: one(full)) if one is not every else measured["seconds"]
    return measured, digest_of(found)


def seconds(call: Callable[[], csr_matrix]) -> float:
    """The median of some calls."""
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def digest_of(found: csr_matrix) -> str:
    """How many entries, and a hash of where they stand."""
    parts = found.indptr.astype(np.int64).tobytes() + found.indices.astype(np.int32).tobytes()
    return f"{found.nnz:,} entries, {hashlib.sha256(parts).hexdigest()[:12]}"


if __name__ == "__main__":
    print(json.dumps(child(sys.argv[1], (int(sys.argv[2]), int(sys.argv[3])))))
