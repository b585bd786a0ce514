"""Plans against dated registers of real sites: ``python -m benchmarks.backtest FOLDER``.

FOLDER holds ``baseline.csv`` and for each region ``sites.csv`` and ``population.csv``; it is open
data that is not part of the package. From the state of a day the same number of sites is added as
was really added by the end of each year, and what a plan serves is compared with what the real
order serves: discs of one radius, cells of 1 km as 4 x 4 points, candidates are the sites with any
record dated up to that day. No row dated later reaches a plan: only the counts do.

The disc is no radio, and operators also build for cost, rent and crews: a plan serves more
residents at equal counts in this model, which does not say that it is the better one.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer
from scipy import sparse
from scipy.spatial import cKDTree

from planner.optimise import Problem, Result, cover_value, solve
from planner.optimise.serving import attached_value

RESULTS = Path(__file__).parent / "results" / "backtest.csv"
#: Residents that a site carries: fixed before anything was compared.
CAP = 4_000
#: Radii of the discs in metres; all stand in the baseline.
RADII = (300, 400, 560, 800, 1_200)
#: Worth of a resident in reach of some site beside one who is served: without it, plans that serve
#: as many but reach fewer would be as good.
REACHED = 0.2
#: Points of a cell along each side.
_SIDE = 4


@dataclass(frozen=True)
class Case:
    """A layer of an operator in a region: the day of the plan, and the ends of the years."""

    region: str
    operator: str
    tech: str
    band: int
    day: str
    ends: tuple[str, ...]

    @property
    def layer(self) -> str:
        """Name of the layer as the baseline has it."""
        return f"{self.tech}{self.band}"


_YEARS = ("2021-12-31", "2022-12-31", "2023-12-31")
CASES = (
    Case("hovedstaden", "TDC", "NR", 3500, "2020-12-31", _YEARS),
    Case("fyn", "TDC", "NR", 3500, "2020-12-31", _YEARS),
)


@dataclass(frozen=True)
class Register:
    """What a plan may know of a case, and the real order beside it.

    places : data frame of the sites known on the day, by site_id, with x and y in metres
    fixed : sites open on the day, in order
    counts : sites open by the end of each year
    real : sites in the real order, those of `fixed` first, with x and y of all
    """

    places: pd.DataFrame
    fixed: list[str]
    counts: list[int]
    real: pd.DataFrame


def read_register(sites: pd.DataFrame, case: Case) -> Register:
    """The state of a day, and what was added since, of a table of dated records."""
    own = sites[sites["operator"] == case.operator]
    is_layer = (own["tech"] == case.tech) & (own["band_mhz"] == case.band)
    first = own[is_layer].groupby("site_id")["date"].min().reset_index()
    first = first.sort_values(["date", "site_id"]).set_index("site_id")["date"]
    first = first[first <= case.ends[-1]]

    known = own[own["date"] <= case.day].drop_duplicates("site_id").sort_values("site_id")
    every = own.drop_duplicates("site_id").set_index("site_id")
    return Register(
        places=_metres(known.set_index("site_id")),
        fixed=first.index[first <= case.day].tolist(),
        counts=[int((first <= end).sum()) for end in case.ends],
        real=_metres(every.loc[first.index]),
    )


def _metres(table: pd.DataFrame) -> pd.DataFrame:
    project = Transformer.from_crs(4326, 25832, always_xy=True)
    x, y = project.transform(table["lon"].to_numpy(), table["lat"].to_numpy())
    return pd.DataFrame({"x": x, "y": y}, index=table.index)


def read_points(population: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points, (points, 2), and residents at each, of cells whose names hold their corner."""
    corner = population["cell_id"].str.extract(r"N(\d+)E(\d+)").astype(float).to_numpy()
    steps = (np.arange(_SIDE) + 0.5) * 1000 / _SIDE
    east, north = (part.ravel() for part in np.meshgrid(steps, steps))
    project = Transformer.from_crs(3035, 25832, always_xy=True)
    x, y = project.transform(
        (corner[:, 1][:, None] + east).ravel(), (corner[:, 0][:, None] + north).ravel()
    )
    people = np.repeat(population["pop_2021"].to_numpy(float) / _SIDE**2, _SIDE**2)
    return np.column_stack([x, y]), people


def problem_of(
    places: pd.DataFrame,
    fixed: list[str],
    counts: list[int],
    points: NDArray[np.float64],
    people: NDArray[np.float64],
    radius: float,
) -> tuple[Problem, NDArray[np.float64]]:
    """Discs over points as a problem without caps, and how near each column is to its rows."""
    tree, spots = cKDTree(points), places[["x", "y"]].to_numpy()
    near = tree.query_ball_point(spots, radius)
    column = np.repeat(np.arange(len(places)), [len(rows) for rows in near])
    row = np.concatenate([np.asarray(rows, dtype=np.int64) for rows in near])
    shape = points.shape[0], len(places)
    cover = sparse.csr_array((np.ones(row.size, dtype=bool), (row, column)), shape=shape)
    problem = Problem(
        weight=people,
        cover=cover,
        phases=[count for count in counts if count],
        fixed=places.index.get_indexer(fixed),
    )
    rows = np.repeat(np.arange(shape[0]), np.diff(problem.cover.indptr))
    distance = np.hypot(*(points[rows] - spots[problem.cover.indices]).T)
    return problem, -distance


def measure(case: Case, sites: pd.DataFrame, population: pd.DataFrame, radius: float) -> list[Any]:
    """Lines of a case at a radius: one for the end of each year."""
    register = read_register(sites, case)
    points, people = read_points(population)
    known = register.places, register.fixed, register.counts, points, people, radius
    plain, near = problem_of(*known)
    capped = _capped(plain)
    real, real_near = problem_of(
        register.real, register.fixed, register.counts, points, people, radius
    )
    real_order = np.arange(register.counts[-1])

    begin = time.process_time()
    ours = solve(plain)
    middle = time.process_time()
    ours_capped = solve(with_reach(capped))
    end = time.process_time()
    greedy, greedy_capped = (solve(each, effort="fast", prove=False) for each in (plain, capped))

    def share(problem: Problem, result: Result | NDArray[np.int64]) -> NDArray[np.float64]:
        order = result.order if isinstance(result, Result) else result
        return 100 * cover_value(problem, order) / people.sum()

    plain_lost = share(plain, ours) - share(plain, ours_capped)
    columns: dict[str, Any] = {
        "sites": register.counts,
        "real": share(real, real_order),
        "plain": share(plain, ours),
        "plain_greedy": share(plain, greedy),
        "plain_gap_percent": 100 * ours.objective_gap,
        "real_capped": share(_capped(real), real_order),
        "plain_capped": share(capped, ours),
        "capped": share(capped, ours_capped),
        "greedy_capped": share(capped, greedy_capped),
        "capped_gap_percent": 100 * ours_capped.objective_gap,
        "capped_covers": share(plain, ours_capped),
        "greedy_capped_covers": share(plain, greedy_capped),
        "coverage_lost": plain_lost,
        "real_nearest": _nearest(_capped(real), real_order, real_near),
        "plain_nearest": _nearest(capped, ours.order, near),
        "capped_nearest": _nearest(capped, ours_capped.order, near),
        "plain_cpu_s": middle - begin,
        "capped_cpu_s": end - middle,
    }
    table = pd.DataFrame(columns)
    head = {
        "region": case.region,
        "operator": case.operator,
        "layer": case.layer,
        "radius_m": radius,
        "cap": CAP,
        "year_end": case.ends,
    }
    for place, (name, value) in enumerate(head.items()):
        table.insert(place, name, value)
    lines: list[Any] = table.round(3).to_dict("records")
    return lines


def _capped(problem: Problem) -> Problem:
    """The same problem with sites that carry so many residents."""
    return problem.replace(load=problem.weight[0], cap=np.full(problem.shape[1], float(CAP)))


def with_reach(capped: Problem) -> Problem:
    """A problem with caps in which residents that are in reach of an open site count a little."""
    assert capped.load is not None
    weight = capped.weight[0]
    return capped.replace(
        weight=np.concatenate([weight, REACHED * weight]),
        cover=sparse.vstack([capped.cover, capped.cover]),
        load=np.concatenate([capped.load, np.zeros(weight.size)]),
        hard=None,
    )


def _nearest(
    problem: Problem, order: NDArray[np.int64], near: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Percent of residents served if each goes to the nearest open site."""
    return 100 * attached_value(problem, order, near) / problem.weight[0].sum()


def disagreements(lines: pd.DataFrame, baseline: pd.DataFrame) -> list[str]:
    """Where the real order or plain greedy at the last end differs from the baseline by 0.1."""
    found = []
    last = lines.groupby(["region", "operator", "layer", "radius_m"]).last()
    names = {"real": "real", "plain_greedy": "greedy_prior_sites"}
    for key, line in last.iterrows():
        region, operator, layer, radius = key
        of_case = baseline[
            (baseline["region"] == region)
            & (baseline["operator"] == operator)
            & (baseline["layer"] == layer)
            & (baseline["radius_m"].astype(str) == f"{radius:g}")
        ].set_index("method")["cov_100"]
        for ours, theirs in names.items():
            if ours == "real" and abs(line[ours] - of_case[theirs]) > 0.1:
                found.append(f"{key} {ours}: {line[ours]:.2f}, baseline {of_case[theirs]:.2f}")
            if ours == "plain_greedy" and line["plain"] < of_case[theirs] - 0.1:
                found.append(f"{key} plain: {line['plain']:.2f}, greedy {of_case[theirs]:.2f}")
    return found


def main() -> None:
    """Measure all cases and keep the lines."""
    parser = argparse.ArgumentParser(prog="backtest", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--region", choices=sorted({case.region for case in CASES}))
    parser.add_argument("--radius", type=float, action="append")
    given = parser.parse_args()
    lines = []
    for case in CASES:
        if given.region not in (None, case.region):
            continue
        sites = pd.read_csv(given.folder / case.region / "sites.csv", dtype={"commune": str})
        population = pd.read_csv(given.folder / case.region / "population.csv")
        for radius in given.radius or RADII:
            found = measure(case, sites, population, radius)
            lines += found
            print(pd.DataFrame(found).T.to_string(header=False), flush=True)
    table = pd.DataFrame(lines)
    for each in disagreements(table, pd.read_csv(given.folder / "baseline.csv")):
        print("differs:", each)
    if given.region is None and given.radius is None:
        table.to_csv(RESULTS, index=False, lineterminator="\n")
        print(f"kept in {RESULTS.name}")


if __name__ == "__main__":
    main()
