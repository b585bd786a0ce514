"""Whatever a file does to the child that opens it, the command goes on and says so."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from planner.errors import Notice
from planner.layers import files, look_at_layers, reader
from planner.layers.findings import Findings
from planner.layers.formats import archives, delimited, workbooks
from planner.layers.formats.features import unpacked
from planner.layers.notices import NOTICES
from planner.scenario import Scenario
from tests.toy import write_toy_county

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    yield
    reader.close()
    assert children() == []


def children() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.is_running() and any("formats.child" in word for word in child.cmdline())
    ]


def the_child() -> psutil.Process:
    (child,) = children()
    return child


def opened(path: Path) -> tuple[Any, tuple[Notice, ...]]:
    """What a file holds, and what is found."""
    findings = Findings(NOTICES)
    source = files.open_source(path.parent, path.name, files.FORMATS, findings)
    return None if source is None else source.read(findings), findings.notices


def codes(path: Path) -> list[str]:
    return [notice.code for notice in opened(path)[1]]


def write_workbook(path: Path, rows: str, place: str = "worksheets/sheet1.xml") -> None:
    """A workbook of one sheet, as small as it can be; ``rows`` is its XML."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    relation = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}"/></Types>',
        "_rels/.rels": f'{relation}Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{relation}Type="{OFFICE}/worksheet" Target="{place}"/>'
        "</Relationships>",
        f"xl/{place}": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)


def row(number: int, *cells: str) -> str:
    """A row of a sheet; a cell is its place and its text."""
    texts = (cell.split("=") for cell in cells)
    drawn = (f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in texts)
    return f'<row r="{number}">{"".join(drawn)}</row>'


# workbooks


@pytest.mark.parametrize(
    ("corner", "place"),
    [
        pytest.param("S1048576", "worksheets/sheet1.xml", id="a-gigabyte"),
        pytest.param("XFD1048576", "worksheets/sheet1.xml", id="abort"),
        pytest.param("XFD1048576", "other/sheet", id="a-sheet-kept-elsewhere"),
    ],
)
def test_two_cells_far_apart_are_named_and_take_no_memory(
    tmp_path: Path, corner: str, place: str
) -> None:
    # a child that has read other formats holds their libraries
    reader.close()
    path = tmp_path / "far.xlsx"
    write_workbook(path, row(1, "A1=x") + row(1_048_576, f"{corner}=y"), place)
    assert path.stat().st_size < 1500
    records, notices = opened(path)
    assert records is None
    assert [(notice.code, notice.column) for notice in notices] == [("table_too_large", corner)]
    assert the_child().memory_info().rss < 100e6


def test_a_sheet_that_hides_its_size_ends_the_child_and_not_the_command(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    far = row(1, "A1=x") + row(1_048_576, "XFD1048576=y")
    # a comment where nobody puts one: the look before the reading finds no cell
    write_workbook(path, far.replace("<c r=", '<c t="inlineStr" x=">" r='))
    records, (notice,) = opened(path)
    assert records is None
    assert notice.code == "reader_died"
    assert "signal 6" in notice.en or "exit" in notice.en
    write_workbook(path, row(1, "A1=x"))
    assert opened(path) == (([sheet_of("x")], b""), ())


def sheet_of(text: str) -> dict[str, Any]:
    return {
        "name": "a", "is_hidden": False, "lines": [1], "rows": [[text]], "blank_above": [0],
        "text_until": [1], "hidden": [], "unvalued": [], "merged": [],
    }  # fmt: skip


def test_formats_down_to_the_last_row_are_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "formatted.xlsx"
    write_workbook(path, row(1, "A1=x") + '<row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert opened(path) == (([sheet_of("x")], b""), ())


def test_rows_keep_their_numbers_below_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "gap.xlsx"
    write_workbook(path, row(3, "B3=x", "C3=y") + row(60_000, "C60000=z"))
    ((sheet,), _), notices = opened(path)
    assert notices == ()
    assert sheet["lines"] == [3, 60_000]
    assert sheet["rows"] == [["", "x", "y"], ["", "", "z"]]


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/workbook.xml", "w") as member,
    ):
        for _ in range(archives.MAX_UNPACKED // (1 << 20) + 1):
            member.write(b"\0" * (1 << 20))
    assert path.stat().st_size < 200_000
    assert codes(path) == ["archive_too_large"]
    assert the_child().memory_info().rss < 60e6


def test_a_table_of_too_many_cells_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from planner.layers.formats import Remarks

    for module in (delimited, workbooks):
        monkeypatch.setattr(module, "MAX_CELLS", 5)
    remarks = Remarks()
    (tmp_path / "long.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    assert delimited.read_text(tmp_path / "long.csv", remarks) is None
    write_workbook(tmp_path / "long.xlsx", row(3, "B3=x"))
    assert workbooks.read_workbook(tmp_path / "long.xlsx", remarks) is None
    assert remarks == [
        ("table_too_large", {"line": 3, "cells": 6, "limit": 5}),
        ("table_too_large", {"column": "B3", "cells": 6, "limit": 5}),
    ]


# vectors


def collection(*features: str) -> str:
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def line_feature(n_corners: int) -> str:
    corners = ",".join(["[120.1,33.4]"] * n_corners)
    shape = f'{{"type":"LineString","coordinates":[{corners}]}}'
    return f'{{"type":"Feature","properties":{{"name":"街"}},"geometry":{shape}}}'


def nested(depth: int, opening: str, closing: str) -> str:
    return opening * depth + closing * depth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"features":' + nested(100_000, "[", "]"), ["truncated_file"], id="list"),
        pytest.param(
            collection(f'{{"properties":{nested(5000, "[", "]")}}}'), ["truncated_file"], id="deep"
        ),
        pytest.param(
            collection(f'{{"properties":{{"name":{nested(700, "[", "]")}}}}}'), [], id="name"
        ),
        pytest.param(
            f'{{"crs":{nested(900, "[", "]")},{collection()[1:]}', ["crs_unknown"], id="crs"
        ),
        pytest.param(collection(f'{{"properties":{{"name":{"9" * 5000}}}}}'), ["truncated_file"]),
    ],
)
def test_deep_and_long_json_is_no_fault_of_ours(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    path = tmp_path / "streets.geojson"
    path.write_text(text, encoding="utf-8")
    assert codes(path) == expected


def test_a_line_of_many_corners_is_read(tmp_path: Path) -> None:
    path = tmp_path / "streets.geojson"
    path.write_text(collection(line_feature(200_000)), encoding="utf-8")
    (records, wkb), notices = opened(path)
    assert notices == ()
    ((line, texts, drawn),) = unpacked(records, wkb)
    assert (line, texts) == (None, {"name": "街"})
    assert isinstance(drawn, bytes)
    assert len(drawn) == 9 + 16 * 200_000


def kml_of(body: str) -> str:
    return f'<?xml version="1.0"?><kml><Document>{body}</Document></kml>'


def test_a_kml_of_a_folder_a_feature_ends_over_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "streets.kml"
    shape = "<LineString><coordinates>120.1,33.4 120.2,33.5</coordinates></LineString>"
    folder = f"<Folder><name>f</name><Placemark>{shape}</Placemark></Folder>"
    path.write_text(kml_of(folder * 10_000), encoding="utf-8")
    monkeypatch.setattr(reader, "MEMORY_BASE", 80_000_000)
    _, (notice,) = opened(path)
    assert notice.code == "reader_over_memory"
    assert f"{(80_000_000 + 10 * path.stat().st_size) / 1e6:.0f} MB" in notice.en
    assert children() == []


def write_endless_geopackage(path: Path) -> None:
    """A table that is a question without an end."""
    import geopandas as gpd
    from shapely.geometry import LineString

    shape = LineString([(120.1, 33.4), (120.2, 33.5)])
    frame = gpd.GeoDataFrame({"name": ["街"]}, geometry=[shape], crs="EPSG:4326")
    frame.to_file(path, layer="streets", driver="GPKG")
    base = sqlite3.connect(path)
    base.execute("alter table streets rename to kept")
    base.execute(
        "create view streets as with recursive n(i) as (select 1 union all select i + 1 from n) "
        "select kept.fid + n.i * 0 as fid, geom, name from kept, n where n.i < 0"
    )
    for table in ("gpkg_contents", "gpkg_geometry_columns"):
        base.execute(f"update {table} set table_name = 'streets' where table_name = 'kept'")
    base.commit()
    base.close()


def test_a_view_without_an_end_ends_over_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "streets.gpkg"
    write_endless_geopackage(path)
    monkeypatch.setattr(reader, "CPU_BASE_S", 1.0)
    started = time.monotonic()
    _, (notice,) = opened(path)
    assert notice.code == "reader_over_time"
    assert "1 s of processor" in notice.en
    assert time.monotonic() - started < 60
    assert children() == []


def test_a_shapefile_cut_short_is_a_notice(tmp_path: Path) -> None:
    import geopandas as gpd
    from shapely.geometry import LineString

    shapes = [LineString([(120.1, 33.4), (120.2, 33.5 + i / 100)]) for i in range(50)]
    frame = gpd.GeoDataFrame({"name": ["街"] * 50}, geometry=shapes, crs="EPSG:4326")
    path = tmp_path / "streets.shp"
    frame.to_file(path, driver="ESRI Shapefile")
    whole = path.read_bytes()
    for size in (90, 110, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        read, notices = opened(path)
        # a feature that is lost is one without a geometry, which is said where features are used
        assert notices or None in [drawn for _, _, drawn in unpacked(*read)]


# the child


def toy(tmp_path: Path) -> Path:
    write_toy_county(tmp_path)
    return tmp_path


def notices_of(folder: Path) -> tuple[Notice, ...]:
    return look_at_layers(Scenario.from_file(folder / "scenario.yaml"))[1].notices


def test_one_child_reads_every_input_of_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = toy(tmp_path)
    started = []
    real = subprocess.Popen

    def counted(*args: Any, **options: Any) -> Any:
        started.append(args)
        return real(*args, **options)

    monkeypatch.setattr(reader.subprocess, "Popen", counted)
    assert [notice for notice in notices_of(folder) if notice.severity == "E"] == []
    assert len(started) == 1


@pytest.mark.parametrize("name", ["sites.csv", "roads.geojson"])
def test_after_a_death_only_that_file_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = toy(tmp_path)
    real = reader._Child.ask

    def ask(child: Any, request: dict[str, Any], limits: reader.Limits) -> Any:
        if request["path"].endswith(name):
            child.process.kill()
        return real(child, request, limits)

    monkeypatch.setattr(reader._Child, "ask", ask)
    errors = [notice for notice in notices_of(folder) if notice.severity == "E"]
    assert [(notice.code, notice.file) for notice in errors] == [("reader_died", name)]
    assert "SIGKILL" in errors[0].en or "exit" in errors[0].en


def spoil(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Let the child do something else for a CSV, as a library may that a file has broken."""
    spoilt = f"""
import ctypes, faulthandler, os, re, sys, time
from planner.layers.formats import delimited
def read_text(path, remarks):
    {body}
delimited.read_text = read_text
main()"""
    program = reader._PROGRAM.removesuffix("main()") + spoilt
    monkeypatch.setattr(reader, "_PROGRAM", program)


NOISE = "os.write(1, b'noise'); os.write(2, b'noise'); print('noise', flush=True); return [], b''"
HOG = "held = [bytearray(b'x' * 10_000_000) for _ in range(2000)]"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        pytest.param("os.abort()", "reader_died", "signal 6 SIGABRT|exit", id="abort"),
        pytest.param("ctypes.string_at(0)", "reader_died", "signal 11 SIGSEGV|exit", id="crash"),
        pytest.param("os._exit(3)", "reader_died", "exit 0x3", id="exit"),
        pytest.param("os.close(3); time.sleep(9)", "reader_died", "no answer|exit", id="silence"),
        pytest.param("raise MemoryError", "reader_over_memory", "100 MB", id="no-memory"),
        pytest.param(HOG, "reader_over_memory", "100 MB", id="hog"),
        pytest.param("while True: pass", "reader_over_time", "1 s of", id="endless"),
        pytest.param("re.match('(a+)+$', 'a' * 50 + 'b')", "reader_over_time", "1 s", id="deaf"),
        pytest.param("time.sleep(99)", "reader_over_time", "did not come in 2 s", id="waiting"),
        pytest.param(NOISE, "", "", id="noise"),
    ],
)
def test_what_a_library_does_to_the_child_is_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any, body: str, code: str, said: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    monkeypatch.setattr(reader, "MEMORY_BASE", 100_000_000)
    monkeypatch.setattr(reader, "CPU_BASE_S", 1.0)
    monkeypatch.setattr(reader, "WALL_TIMES", 2 if "sleep(99)" in body else 20)
    with monkeypatch.context() as patched:
        spoil(patched, body)
        read, notices = opened(path)
    assert [notice.code for notice in notices] == ([code] if code else [])
    assert read == (None if code else ([], b""))
    assert not said or re.search(said, notices[0].en), notices[0].en
    assert capfd.readouterr() == ("", "")
    reader.close()
    assert opened(path)[1] == ()


def test_a_child_that_died_while_nobody_asked_is_started_again(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    first = opened(path)
    before = the_child()
    before.kill()
    before.wait()
    assert opened(path) == first
    assert the_child().pid != before.pid


def test_an_interrupted_reading_does_not_answer_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("a\n1\n", encoding="utf-8")
    two.write_text("b\n2\n", encoding="utf-8")

    def interrupt(_child: Any, _watch: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reader._Child, "_await", interrupt)
        with pytest.raises(KeyboardInterrupt):
            opened(one)
    assert children() == []
    (sheets, _), _ = opened(two)
    assert sheets[0]["rows"] == [["b"], ["2"]]


def test_a_child_that_cannot_be_started_is_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    monkeypatch.setattr(reader.sys, "executable", str(tmp_path / "no-python"))
    _, (notice,) = opened(path)
    assert notice.code == "reader_died"
    assert "no-python" in notice.en


def test_a_fault_of_ours_stays_one(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'spreadsheet'"):
        reader.ask(tmp_path, "spreadsheet", 1, {})


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    findings = Findings(NOTICES)
    source = files.open_source(tmp_path, path.name, files.TABLES, findings)
    assert source is not None
    with path.open("a", encoding="utf-8") as stream:
        stream.write("2\n")
    assert source.read(findings) is None
    assert [notice.code for notice in findings.notices] == ["file_changed"]


def test_a_file_that_cannot_be_read_in_the_child_is_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    with monkeypatch.context() as patched:
        spoil(patched, "raise OSError(5, 'Input/output error')")
        _, (notice,) = opened(tmp_path / "table.csv")
    assert (notice.code, "Input/output error" in notice.en) == ("unreadable_file", True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "table.csv")
    _, (notice,) = opened(tmp_path / "table.csv")
    assert notice.code == "unreadable_file"
    assert "no plain file" in notice.en


def test_closing_while_a_file_is_read_ends_that_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    spoil(monkeypatch, "time.sleep(60)")
    found: list[Notice] = []
    thread = threading.Thread(target=lambda: found.extend(opened(path)[1]))
    thread.start()
    while not children():
        time.sleep(0.01)
    started = time.monotonic()
    reader.close()
    thread.join()
    assert time.monotonic() - started < 30
    assert [notice.code for notice in found] == ["reader_died"]


def test_threads_share_one_child(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.csv" for i in range(20)]
    for i, path in enumerate(paths):
        path.write_text(f"a\n{i}\n", encoding="utf-8")
    read: dict[int, Any] = {}

    def read_one(i: int) -> None:
        read[i] = opened(paths[i])[0][0][0]["rows"]

    threads = [threading.Thread(target=read_one, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == {i: [["a"], [str(i)]] for i in range(20)}
    the_child()


# a process of its own

PROGRAM = """
import sys, time
from pathlib import Path
from planner.layers import reader
reader.ask(Path(sys.argv[1]), "csv", 1, {})
print(reader._READERS[__import__("os").getpid()]._child.process.pid, flush=True)
"""


def run_program(program: str, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    paths = os.pathsep.join((str(Path(__file__).parents[2]), *sys.path))
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": paths},
    )


def is_gone(pid: int, within_s: float) -> bool:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_nothing_is_left_of_a_command_that_ends(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    done = run_program(PROGRAM, str(tmp_path / "table.csv"))
    said, complained = done.communicate(timeout=60)
    assert (done.returncode, complained) == (0, "")
    assert is_gone(int(said), 5)


def test_a_child_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    with run_program(PROGRAM + "time.sleep(60)", str(tmp_path / "table.csv")) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        parent.kill()
        parent.communicate()
    assert is_gone(child, 5)


def test_a_child_that_hears_nothing_does_not_outlive_a_parent_that_is_killed(
    tmp_path: Path,
) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    # a library that keeps the interpreter to itself: no thread of the child sees the parent end
    program = """
import re, sys
from pathlib import Path
from planner.layers import reader
deaf = "import re; from planner.layers.formats import delimited; "
deaf += "delimited.read_text = lambda path, remarks: re.match('(a+)+$', 'a' * 60 + 'b'); main()"
reader._PROGRAM = reader._PROGRAM.removesuffix("main()") + deaf
reader._GRACE_S, reader.WALL_TIMES, reader.CPU_BASE_S = 0.0, 1, 5.0
child = reader._Child()
print(child.process.pid, flush=True)
child.ask({"path": sys.argv[1], "format": "csv", "options": {}}, reader.Limits.of(1))
"""
    with run_program(program, str(tmp_path / "table.csv")) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(1.5)
        parent.kill()
        parent.communicate()
    assert not is_gone(child, 0.5)
    assert is_gone(child, 20)


def test_modules_in_the_folder_of_a_project_are_not_run(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    for name in ("json", "csv", "faulthandler", "queue"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken over')", encoding="utf-8")
    path = json.dumps(sys.path)
    program = f"import sys; sys.path[:] = {path}\n{PROGRAM}"
    done = run_program(program, str(tmp_path / "table.csv"), cwd=tmp_path)
    said, complained = done.communicate(timeout=60)
    assert (done.returncode, complained) == (0, "")
    assert said
