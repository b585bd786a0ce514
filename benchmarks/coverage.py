"""Coverage against the k-d tree way: time, peak memory and the matrix itself, in one run.

``python -m benchmarks.coverage [points] [stations]``

The peer finds all pairs within the longest range with scipy's k-d tree, computes the terms of every
pair with numpy, compares, and builds the sparse matrix. Ours is the function the planner uses.
Times are medians of alternating repeats in one process; memory is the peak of a process of
its own over what imports and inputs take. The district is made: no real place.
"""

from __future__ import annotations

import hashlib
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from planner import radio

REPEATS = 7
SIDES_M = [25_000, 40_000]
RADIO = radio.RadioParameters()
CLASSES = [
    radio.StationClass(radio.BANDS["n41"], RADIO.scenes["urban"], 25.0),
    radio.StationClass(radio.BANDS["n78"], RADIO.scenes["urban"], 25.0),
    radio.StationClass(radio.BANDS["n78"], RADIO.scenes["rural"], 35.0),
]
PLACES = ("outdoor", "indoor")


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
        self.point_class = random.integers(0, len(PLACES), n_points)
        self.station_class = random.integers(0, len(CLASSES), n_stations)

        # Loss and range by class of point and of station, (2, 3).
        budgets = [
            [radio.link_budget(RADIO, c.band, c.propagation, place) for c in CLASSES]
            for place in PLACES
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


WAYS: dict[str, tuple[Callable[..., csr_matrix], Callable[[District], csr_matrix]]] = {
    "sectors": (by_sectors, tree_by_sectors),
}


def digest(found: csr_matrix) -> str:
    parts = found.indptr.astype(np.int64).tobytes() + found.indices.astype(np.int32).tobytes()
    return hashlib.sha256(parts).hexdigest()[:12]


def peak_mb(way: str, place: int, size: tuple[int, int]) -> float:
    """Peak of a child process over what it held before the work, MB."""
    argument = ["--child", way, str(place), *map(str, size)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.coverage", *argument],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def child(way: str, place: int, size: tuple[int, int]) -> None:
    small, full = District(200, 50), District(*size)
    WAYS[way][place](small)  # compiled and imported before the measurement starts
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    WAYS[way][place](full)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def seconds(call: Callable[[], csr_matrix]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def measure(way: str, d: District) -> str:
    """Times of one way and its peer, and whether the matrices are the same."""
    ours, peer = WAYS[way]
    mine, theirs = ours(d), peer(d)
    calls = (lambda: ours(d), lambda: ours(d, 1), lambda: peer(d))
    runs = [[seconds(call) for call in calls] for _ in range(REPEATS)]
    both, one, tree = (statistics.median(column) for column in zip(*runs, strict=True))

    same = "identical"
    if digest(mine) != digest(theirs):
        same = f"DIFFERENT in {(mine != theirs).nnz} entries"
    seconds_each = f"ours {both:.3f} s, one thread {one:.3f} s, k-d tree {tree:.3f} s"
    ratios = f"{both / tree:.2f} and {one / tree:.2f} of its time"
    return f"{mine.nnz:,} entries, {same}; {seconds_each}: {ratios}"


def main(size: tuple[int, int]) -> None:
    print(f"{size[0]:,} points, {size[1]:,} stations, medians of {REPEATS}")
    # Memory first: a child starts with the peak of the parent that forks it.
    memory = {way: (peak_mb(way, 0, size), peak_mb(way, 1, size)) for way in WAYS}
    d = District(*size)
    for way, (ours, peer) in memory.items():
        print(f"{way}: {measure(way, d)}; {ours:.0f} of {peer:.0f} MB, {ours / peer:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), (int(sys.argv[4]), int(sys.argv[5])))
    else:
        given = [int(a) for a in sys.argv[1:]]
        main((given[0], given[1]) if given else (60_000, 4_300))
