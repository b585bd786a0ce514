"""Ids that a spreadsheet would run, or that begin with its apostrophe, come back as they went."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import planner
from planner import fields as F
from planner.exports import make_lists
from planner.model import Plan
from planner.review import decide, read_answers
from planner.sheets import Column, Sheet, workbook_bytes
from tests.review.returned import FAIL, PASS, write_marks
from tests.toy import write_contents, write_toy_county

IDS = ("=1+1", "+86", "-00123", "@x", "'q", "＝1+1", "－4", "\u200b=3", "007")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The toy county's plan, its first sites under such ids."""
    path = write_toy_county(tmp_path_factory.mktemp("ids"))
    sites = path.parent / "sites.csv"
    with sites.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    for row, name in zip(rows, IDS, strict=False):
        row[0] = name
    with sites.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    return planner.solve(planner.build(planner.Scenario.from_file(path)))


@pytest.fixture(scope="module")
def asked(named: Plan) -> dict[str, str]:
    """What is answered to each station at these sites that is still to be built."""
    chosen = named.stations.iloc[named.order]
    at_them = chosen[chosen[F.SITE_ID].isin(IDS) & (chosen[F.STATE] == "candidate")]
    ids = at_them[F.STATION_ID].tolist()
    assert len({name[0] for name in ids}) >= 5, ids
    return {name: (PASS, FAIL)[i % 2] for i, name in enumerate(ids)}


def test_the_plan_has_them_and_reads_them_back(named: Plan, tmp_path: Path) -> None:
    assert set(IDS) <= set(named.stations[F.SITE_ID])
    named.save(tmp_path)
    back = planner.load_plan(tmp_path)
    assert back.stations[F.STATION_ID].tolist() == named.stations[F.STATION_ID].tolist()
    assert back.key == named.key


@pytest.mark.parametrize("profile", ["operator", "tower_demand", "tower_stock"])
def test_every_list_is_verified_with_them(named: Plan, profile: str) -> None:
    assert len(make_lists(named, profile=profile)) == 2 * 4 * 3


def filled_csv(named: Plan, asked: dict[str, str], folder: Path) -> list[Path]:
    """The CSV lists as a program gives them back that reads and writes cells as they are."""
    paths = []
    for name, data in make_lists(named, formats=["csv"]):
        if "累计" in name:
            text = io.StringIO(data.decode("utf-8-sig"))
            table = pd.read_csv(text, dtype=str, keep_default_na=False)
            verdicts = {f"'{name}": verdict for name, verdict in asked.items()} | asked
            table["审核状态"] = table["规划编号"].map(verdicts).fillna("")
            paths.append(folder / name)
            table.to_csv(paths[-1], index=False, encoding="utf-8-sig")
    return paths


def filled_workbooks(named: Plan, asked: dict[str, str], folder: Path) -> list[Path]:
    """The workbooks with a column of verdicts at their end."""
    lists = [(name, data) for name, data in make_lists(named, formats=["xlsx"]) if "累计" in name]
    paths = write_contents(folder, lists)
    for path in paths:
        book = openpyxl.load_workbook(path)
        sheet = book["站址清单"]
        heads = [cell.value for cell in sheet[1]]
        last = len(heads) + 1
        sheet.cell(1, last, "审核状态")
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, last, asked.get(sheet.cell(row, heads.index("规划编号") + 1).value))
        book.save(path)
    return list(paths)


def csv_saved_as_workbooks(named: Plan, asked: dict[str, str], folder: Path) -> list[Path]:
    """The CSV lists, opened and saved as workbooks: the apostrophes are cells' text now."""
    paths = []
    for path in filled_csv(named, asked, folder):
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        sheet = Sheet("返回", tuple(map(Column, table)), table.to_numpy().tolist())
        paths.append(path.with_suffix(".xlsx"))
        paths[-1].write_bytes(workbook_bytes([sheet], created="2020-09-30", title=""))
    return paths


def marks_file(named: Plan, asked: dict[str, str], folder: Path) -> list[Path]:
    """Marks of the page."""
    kinds = {PASS: "accept", FAIL: "object"}
    marks = [{"kind": kinds[said], "station_id": name} for name, said in asked.items()]
    return [write_marks(folder / "marks.json", *marks)]


@pytest.mark.parametrize(
    "returned", [filled_csv, filled_workbooks, csv_saved_as_workbooks, marks_file]
)
def test_answers_to_them_are_taken_up(
    named: Plan, asked: dict[str, str], tmp_path: Path, returned: object
) -> None:
    assert callable(returned)
    paths = returned(named, asked, tmp_path)
    key = named.short_key
    answers = read_answers(paths, named.scenario, named.layers, plan_key=key)
    decisions = decide(named, answers.rows)
    notices = [*answers.notices, *decisions.notices]
    assert not [notice for notice in notices if notice.severity == "E"], notices
    assert "other_plan" not in {notice.code for notice in notices}
    refused = {name for name, said in asked.items() if said == FAIL}
    assert set(decisions.review.vetoed) == refused
    assert set(dict(decisions.review.locked)) == asked.keys() - refused
