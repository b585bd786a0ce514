"""Names and values of people are shown as they stand, and a terminal obeys none of them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook
from rich.console import Console

import planner
from planner import fields as F
from planner.console import say, terminal
from planner.console.terminal import plain
from planner.errors import visible
from tests.review.returned import row, write_list
from tests.test_check import COARSE
from tests.test_pipeline import command
from tests.toy import SCENARIO, write_toy_county

OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""What a terminal must never be given, but for the ends of lines."""

LAYERS = ("主城区[/老城]", "{x} %s", "<b>园</b>&amp;", "[bold red]景[/]", "$x$ #let *路* :smile:")
PHASES = ("现状[/]", "{{7*7}}期", "=1+1")
NETWORKS = ("移动[link=x]🗼", "电" * 400)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario whose labels look like markup of every output; returns its file."""
    folder = tmp_path_factory.mktemp("names") / "in"
    named = {
        "layers": [
            {**layer, "label": label, "label_en": f"{label} en"}
            for layer, label in zip(SCENARIO["layers"], LAYERS, strict=True)
        ],
        "phases": [
            {**phase, "name": name} for phase, name in zip(SCENARIO["phases"], PHASES, strict=True)
        ],
        "networks": [
            {**network, "label": label}
            for network, label in zip(SCENARIO["networks"], NETWORKS, strict=True)
        ],
        "district": {"name": "县[/县]\u202e倒", "urban_town": "城区[/]"},
    }
    path = write_toy_county(folder, **named, **COARSE)
    for table, name, hostile in (("towns", "东镇", "东镇[/b]"), ("sites", "站09", "站[09]\u202e")):
        file = folder / f"{table}.csv"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(name, hostile), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def said(county: Path) -> tuple[Path, str]:
    """The run folder, and what the run said."""
    folder = county.parent.parent / "out"
    done = command("run", county, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert not OBEYED.search(done.stdout + done.stderr)
    return folder, done.stdout


def test_the_run_shows_every_label_as_written(said: tuple[Path, str]) -> None:
    lines = " ".join(said[1].split())
    for label in (*LAYERS, *PHASES, NETWORKS[0], "县[/县]\\u202e倒"):
        assert label in lines, label


def test_every_command_shows_names_and_none_is_obeyed(
    said: tuple[Path, str], tmp_path: Path
) -> None:
    folder, _ = said
    plan = planner.load_plan(folder)
    stations = plan.stations.iloc[plan.order]
    named = stations[stations[F.NAME].str.startswith("站[09]")][F.STATION_ID].iloc[0]
    returned = write_list(
        tmp_path / "意见[b].csv",
        row(stations[F.STATION_ID].iloc[-1], 审核状态="选址困难，提变更", 备注="\u202e[/]"),
        row("没有\u202e[/]", 审核状态="选址困难，提变更"),
    )
    told = {}
    for order in (
        ("explain", folder, named),
        ("compare", folder, folder, "-o", tmp_path / "c.html"),
        ("export", folder, "-o", tmp_path / "lists[b]"),
        ("review", folder, returned, "-o", tmp_path / "v2"),
        ("map", folder, "-o", tmp_path / "m[b].html"),
    ):
        done = command(*order)
        assert done.returncode == 0, (order[0], done.stderr)
        told[order[0]] = done.stdout
        assert not OBEYED.search(done.stdout + done.stderr), order[0]
    assert "站[09]\\u202e" in told["explain"]
    assert "东镇[/b]" in told["explain"] or "城区[/]" in told["explain"]
    assert "没有\\u202e[/]" in told["review"]
    assert "m[b].html" in told["map"]


@pytest.mark.usefixtures("draft_figures")
def test_page_lists_and_tables_hold_every_label(said: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = said
    page = (folder / "map.html").read_text(encoding="utf-8")
    data = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    held = {text for block in data for text in texts_of(json.loads(block))}
    for label in (*LAYERS, *PHASES, *NETWORKS):
        assert any(label in text for text in held), label

    listed = {
        cell.removeprefix("'")
        for path in (folder / "lists").glob("*.csv")
        for cells in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        for cell in cells
    }
    assert any(NETWORKS[1] in cell for cell in listed)
    assert any(PHASES[2] in cell for cell in listed)

    assert command("report", folder, "-o", tmp_path).returncode == 0
    book = CalamineWorkbook.from_path(str(tmp_path / "tables.xlsx"))
    cells = [
        str(cell)
        for sheet in book.sheet_names
        for line in book.get_sheet_by_name(sheet).to_python()
        for cell in line
    ]
    with zipfile.ZipFile(tmp_path / "report.docx") as archive:
        root = ET.fromstring(archive.read("word/document.xml"))
    paragraphs = ["".join(part.itertext()) for part in root.iter() if part.tag.endswith("}p")]
    for label in (*LAYERS, *PHASES[1:]):
        assert any(label in cell for cell in cells), label
        assert any(label in paragraph for paragraph in paragraphs), label


def texts_of(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [text for part in parts for text in texts_of(part)]


@pytest.mark.parametrize("order", [("map", "没有\x1b[31m"), ("\x1b]0;x\x07",), ("run", "\u202ex")])
def test_what_is_typed_is_not_obeyed_either(order: tuple[str, ...]) -> None:
    done = command(*order)
    assert done.returncode in (2, 74)
    assert not OBEYED.search(done.stdout + done.stderr)
    assert "\\x1b" in done.stderr or "\\u202e" in done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("乡镇 ab，\u3000é🗼", "乡镇 ab，\u3000é🗼"),
        ("a\x1b[31m\x9b\x7f\r\b", "a\\x1b[31m\\x9b\\x7f\\r\\x08"),
        ("\u202e\u2066\u200b\ufeff\u2028", "\\u202e\\u2066\\u200b\\ufeff\\u2028"),
        ("\udcff", "\\udcff"),
        ("a\nb\tc", "a\\nb\\tc"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"


def test_lines_are_said_and_drawn_without_markup(capsys: pytest.CaptureFixture[str]) -> None:
    say("a[/b]\x1b\nc")
    terminal().print("[bold]d[/bold] :smile:")
    assert capsys.readouterr().out == "a[/b]\\x1b\nc\n[bold]d[/bold] :smile:\n"
    # also where somebody else made the console
    out = io.StringIO()
    Console(file=out, markup=True).print(plain("[/e] :smile:\x1b"))
    assert out.getvalue() == "[/e] :smile:\\x1b\n"


def test_a_control_character_in_the_scenario_is_an_error_that_names_the_key(
    tmp_path: Path,
) -> None:
    path = write_toy_county(tmp_path, district={"name": "县\x1b[31m"})
    done = command("check", path)
    assert done.returncode == 2
    assert "control_character scenario.yaml [district.name] = 县\\x1b[31m" in done.stdout
