"""The loop of review on a district: objections of every kind, the next version, churn, seconds.

``python -m benchmarks.review OUT`` makes the answers for the run folder OUT (seeded), reviews it,
reads the same files a second time, and prints what came of it as Markdown.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from planner import fields as F
from planner.model import Plan
from planner.review import Version, review

OBJECTIONS = 40
REASONS = (
    "协调问题",
    "建设问题",
    "电磁环境顾虑",
    "产权或租金",
    "规划或景观冲突",
    "电力或传输",
    "其它问题",
)
HEADS = ("规划编号", "经度", "纬度", "审核状态", "不通过原因", "开通日期", "镇（街道）", "备注")
METRES_PER_DEGREE = 93_000.0  # east, at 33.4 degrees north


def write_answers(plan: Plan, folder: Path, seed: int = 7) -> list[Path]:
    """40 objections as marks; a list with moves, an early opening, bad rows and a refused town."""
    rng = np.random.default_rng(seed)
    stations = plan.stations.iloc[plan.order].reset_index(drop=True)
    planned = stations[stations[F.STATE] == "candidate"]
    town = (
        planned.loc[~planned[F.TOWN].isin([plan.scenario.district.urban_town]), F.TOWN]
        .value_counts()
        .index[-1]
    )
    chosen = planned[planned[F.TOWN] != town].sample(
        OBJECTIONS + 4, random_state=int(rng.integers(1 << 31))
    )
    marks = [
        {
            "id": f"甲#{i}",
            "kind": "object",
            "station_id": row[F.STATION_ID],
            "lon": row[F.LON],
            "lat": row[F.LAT],
            "reason": REASONS[i % len(REASONS)],
            "note": "",
            "reviewer": "评审甲",
            "plan": "",
            "count": 0,
        }
        for i, (_, row) in enumerate(chosen.iloc[:OBJECTIONS].iterrows(), start=1)
    ]
    near, far, double = (chosen.iloc[OBJECTIONS + i] for i in (0, 1, 2))
    early = planned[
        (planned[F.PHASE] == len(plan.scenario.phases) - 1) & (planned[F.TOWN] != town)
    ].iloc[5]
    rows = [
        {
            "规划编号": near[F.STATION_ID],
            "经度": near[F.LON] + 30 / METRES_PER_DEGREE,
            "纬度": near[F.LAT],
        },
        {
            "规划编号": far[F.STATION_ID],
            "经度": far[F.LON] + 700 / METRES_PER_DEGREE,
            "纬度": far[F.LAT],
        },
        {"规划编号": early[F.STATION_ID], "开通日期": "2020-11-15"},
        {"规划编号": "SZZZZZZZZZZ-M-N41", "审核状态": "站址筛查通过"},
        {"规划编号": double[F.STATION_ID], "审核状态": "站址筛查通过"},
        {"规划编号": double[F.STATION_ID], "审核状态": "站址筛查通过"},
        {"镇（街道）": town, "审核状态": "站址筛查不通过", "不通过原因": "整体不同意"},
    ]
    folder.mkdir(parents=True, exist_ok=True)
    page, returned = folder / "marks.json", folder / "returned_WGS84.csv"
    tree = {
        "format": "planner-review",
        "version": 1,
        "plan": "",
        "plan_name": "",
        "datum": "WGS-84",
        "marks": marks,
    }
    page.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    with returned.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, HEADS)
        writer.writeheader()
        writer.writerows(rows)
    return [page, returned]


def report(version: Version, again: Version, seconds: dict[str, float]) -> None:
    """Print what came of it."""
    assert version.changes is not None
    assert version.prices is not None
    counts, facts = version.changes.counts, version.plan.provenance
    print(
        f"\n{version.folder}, proven gap {100 * facts['gap']:.2f} %, second reading new: "
        f"{again.is_new}\n"
    )
    print("| figure | value |\n|---|---|")
    for name, value in {
        **counts,
        **{f"seconds {k}": round(v, 1) for k, v in seconds.items()},
    }.items():
        print(f"| {name} | {value:.4g} |")
    print()
    print(version.prices.round(5).to_string(index=False))
    for code in sorted({n.code for n in version.notices}):
        print(f"{code}: {sum(n.code == code for n in version.notices)}")


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
