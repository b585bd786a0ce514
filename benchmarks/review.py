"""The loop of review on a district: objections of every kind, the next version, what it costs.

    python -m benchmarks.review OUT

Makes the answers for the run folder OUT (seeded), reviews it, reads the same files a second time,
and prints changes, gap and seconds as Markdown.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner import fields as F
from planner.model import Plan
from planner.review import Version, review

OBJECTIONS = 40
REASONS = (
    "协调问题", "建设问题", "电磁环境顾虑", "产权或租金", "规划或景观冲突", "电力或传输",
    "其它问题",
)  # fmt: skip
HEADS = ("规划编号", "经度", "纬度", "审核状态", "不通过原因", "开通日期", "镇（街道）", "备注")
METRES_PER_DEGREE = 93_000.0  # east, at 33.4 degrees north


def write_answers(plan: Plan, folder: Path, seed: int = 7) -> list[Path]:
    """Objections as marks of the page, and a returned list with good rows, bad rows and a town."""
    rng = np.random.default_rng(seed)
    stations = plan.stations.iloc[plan.order].reset_index(drop=True)
    planned = stations[stations[F.STATE] == "candidate"]

    # The town that has the fewest planned stations is refused as a whole; the rest is asked apart.
    rural = planned[~planned[F.TOWN].isin([plan.scenario.district.urban_town])]
    town = rural[F.TOWN].value_counts().index[-1]
    elsewhere = planned[planned[F.TOWN] != town]
    chosen = elsewhere.sample(OBJECTIONS + 3, random_state=int(rng.integers(1 << 31)))
    near, far, double = (chosen.iloc[OBJECTIONS + place] for place in range(3))
    early = elsewhere[elsewhere[F.PHASE] == len(plan.scenario.phases) - 1].iloc[5]

    folder.mkdir(parents=True, exist_ok=True)
    page, returned = folder / "marks.json", folder / "returned_WGS84.csv"
    tree = {
        "format": "planner-review",
        "version": 1,
        "plan": "",
        "plan_name": "",
        "datum": "WGS-84",
        "marks": objections(chosen.iloc[:OBJECTIONS]),
    }
    page.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    with returned.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, HEADS)
        writer.writeheader()
        writer.writerows(
            [
                moved(near, 30.0),
                moved(far, 700.0),
                {"规划编号": early[F.STATION_ID], "开通日期": "2020-11-15"},
                {"规划编号": "SZZZZZZZZZZ-M-N41", "审核状态": "站址筛查通过"},
                {"规划编号": double[F.STATION_ID], "审核状态": "站址筛查通过"},
                {"规划编号": double[F.STATION_ID], "审核状态": "站址筛查通过"},
                {"镇（街道）": town, "审核状态": "站址筛查不通过", "不通过原因": "整体不同意"},
            ]
        )
    return [page, returned]


def objections(stations: pd.DataFrame) -> list[dict[str, Any]]:
    """A mark of the page against each station, the reasons in turn."""
    return [
        {
            "id": f"甲#{number}",
            "kind": "object",
            "station_id": row[F.STATION_ID],
            "lon": row[F.LON],
            "lat": row[F.LAT],
            "reason": REASONS[number % len(REASONS)],
            "note": "",
            "reviewer": "评审甲",
            "plan": "",
            "count": 0,
        }
        for number, (_, row) in enumerate(stations.iterrows(), start=1)
    ]


def moved(station: pd.Series, east_m: float) -> dict[str, Any]:
    """A row of the returned list that puts a station some metres farther east."""
    lon = station[F.LON] + east_m / METRES_PER_DEGREE
    return {"规划编号": station[F.STATION_ID], "经度": lon, "纬度": station[F.LAT]}


def report(version: Version, again: Version, seconds: dict[str, float]) -> None:
    """Print what came of it."""
    assert version.changes is not None
    assert version.prices is not None
    counts, facts = version.changes.counts, version.plan.provenance
    gap = f"proven gap {100 * facts['objective_gap']:.2f} %"
    print(f"\n{version.folder}, {gap}, second reading new: {again.is_new}\n")

    print("| figure | value |\n|---|---|")
    for name, value in counts.items():
        print(f"| {name} | {value:.4g} |")
    for name, value in seconds.items():
        print(f"| seconds {name} | {value:.1f} |")
    print()

    print(version.prices.round(5).to_string(index=False))
    codes = Counter(notice.code for notice in version.notices)
    for code, times in sorted(codes.items()):
        print(f"{code}: {times}")


def main() -> None:
    """Walk the loop once."""
    out = Path(sys.argv[1])
    seconds: dict[str, float] = {}

    @contextmanager
    def stage(name):  # type: ignore[no-untyped-def]
        start = time.perf_counter()
        yield
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start

    paths = write_answers(Plan.load(out), out / "answers")
    start = time.perf_counter()
    version = review(out, paths, stage=stage)
    seconds["in all"] = time.perf_counter() - start
    report(version, review(version.folder, paths), seconds)


if __name__ == "__main__":
    main()
