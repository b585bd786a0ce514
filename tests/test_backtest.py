import pandas as pd

from benchmarks.backtest import CASES, problem_of, read_points, read_register
from planner.optimise import solve


def test_a_plan_of_a_day_reads_no_row_dated_later():
    """Rows dated after it only say how many sites are added."""
    spots = [(10.30 + 0.01 * i, 55.40 + 0.004 * i, f"S{i}") for i in range(8)]
    rows = [
        ("TDC", name, tech, band, lon, lat, date)
        for i, (lon, lat, name) in enumerate(spots)
        for tech, band, date in (
            ("LTE", 1800, "2015-01-01" if i < 6 else "2022-02-02"),
            ("NR", 3500, "2020-06-01" if i == 0 else f"202{1 + i % 3}-03-04"),
        )
    ]
    names = ["operator", "site_id", "tech", "band_mhz", "lon", "lat", "date"]
    sites = pd.DataFrame(rows, columns=names)
    cells = [f"CRS3035RES1000mN{n}E{e}" for n in (3585000, 3586000) for e in (4340000, 4341000)]
    points, people = read_points(pd.DataFrame({"cell_id": cells, "pop_2021": [90, 10, 70, 20]}))
    case = CASES[1]
    early = sites[sites["date"] <= case.day]

    def plan(table, counts):
        known = read_register(table, case)
        problem, _ = problem_of(known.places, known.fixed, counts, points, people, 1500.0)
        return known.places.index[solve(problem).order].tolist()

    counts = [2, 4, 5]
    assert plan(sites, counts) == plan(early, counts)
    assert read_register(sites, case).places.index.tolist() == [f"S{i}" for i in range(6)]
    assert read_register(sites, case).counts == [3, 6, 8]
