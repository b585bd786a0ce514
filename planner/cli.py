"""The command line: parses, calls the pipeline, prints.

Exit codes: 0 done, 2 bad input or infeasible, 70 a fault of our own, 74 disk full or not writable,
130 and 143 stopped by Ctrl-C or by a request to end.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import signal as signals
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer

from planner.crs import DATUMS, Datum
from planner.errors import (
    ALL_BY_CHECK,
    Notice,
    PlannerError,
    Said,
    ScenarioError,
    StorageError,
    all_in,
    grouped,
    n_findings,
    nearest,
    visible,
)
from planner.words import DEFAULT, known_languages, language

if TYPE_CHECKING:
    from planner.folder import Change
    from planner.inspection import Inspection
    from planner.model import Plan

app = typer.Typer(
    help="5G 基站分期建设规划 · plan the rollout of a 5G network in a district.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _path(text: str) -> Path:
    """A path that somebody named: nothing is not the folder where one happens to stand."""
    if not text.strip():
        raise typer.BadParameter("路径为空，请写明位置 the path is empty; name a place")
    return Path(text)


Out = Annotated[Path, typer.Argument(help="成果目录 run folder", metavar="OUT", parser=_path)]
ScenarioFile = Annotated[
    Path | None,
    typer.Argument(help="情景文件；缺省为内置亭湖案例 scenario file", metavar="[SCENARIO]"),
]
# the base of what the command line refuses; typer names only this one
_UsageError: Any = typer.BadParameter.__mro__[2]

To = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="写到何处 where to write", metavar="PATH", parser=_path),
]


@app.command()
def run(
    scenario: ScenarioFile = None,
    output: To = None,
    effort: Annotated[str, typer.Option(help="fast, standard, long, exact")] = "",
    start: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="从已有方案起步，尽量沿用 start from the plan of a run folder and stay near it",
            metavar="OUT",
            parser=_path,
        ),
    ] = None,
    verdicts: Annotated[
        bool,
        typer.Option(
            "--verdicts",
            help="只求次序和判定，不写文件 order and verdicts alone; nothing is written",
        ),
    ] = False,
    without_refused_rows: Annotated[
        bool,
        typer.Option(
            "--without-refused-rows",
            help="略去不可用的行后继续 go on without rows that cannot be used",
        ),
    ] = False,
) -> None:
    """规划一个情景：方案、地图、清单 · plan a scenario: plan, map and lists."""
    from planner import console as show
    from planner import pipeline
    from planner.model import NOTICES_NAME, PLAN_FOLDER

    if verdicts and output:
        raise typer.BadParameter("--verdicts 不写文件，请去掉 -o it writes nothing; leave out -o")
    question = _scenario(scenario)
    if effort:
        question = question.replace(search={"effort": effort})
    folder = output or Path("out") / question.name
    # the folder that is started from may be the one that is written
    known = None if start is None else _plan(start)
    progress = _progress()
    said: list[Notice] = []
    if verdicts:
        model = pipeline.build(
            question, stage=progress.stage, without_refused_rows=without_refused_rows
        )
        plan = pipeline.outline(
            model, start=known, stage=progress.stage, progress=progress.search, tell=said.append
        )
        show.say_all(grouped(pipeline.remarks(plan)))
        show.print_plan(show.terminal(), plan)
        _say_notices(said)
        return
    plan = pipeline.run(
        question,
        folder,
        start=known,
        stage=progress.stage,
        progress=progress.search,
        tell=said.append,
        without_refused_rows=without_refused_rows,
    )

    every = all_in(folder / PLAN_FOLDER / NOTICES_NAME)
    show.say_all(grouped(pipeline.remarks(plan), every))
    show.print_plan(show.terminal(), plan)
    _say(f"地图 map: {folder / 'map.html'}")
    _say(f"清单 lists: {folder / 'lists'}")
    _say(f"方案 plan: {folder / 'plan'}")
    _say_notices(said)


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="情景、文件或文件夹 scenarios, files, folders", metavar="PATH..."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="全部提示写入 CSV all notices as CSV",
            metavar="PATH",
            parser=_path,
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="文件是什么；缺省按内容判断 what a file is; told by its content")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="每个文件的行数与提示 rows and notices of each file")
    ] = False,
    marked: Annotated[
        Path | None,
        typer.Option(
            help="标出问题单元格的 XLSX 副本 a copy with the bad cells marked",
            metavar="FILE",
            parser=_path,
        ),
    ] = None,
) -> None:
    """检查情景及其输入，或单个文件、文件夹 · check scenarios, or files by themselves."""
    from planner import files, folder, inspection
    from planner.console import say_all
    from planner.layers import packaged_case
    from planner.model import PLAN_FOLDER, notices_csv

    if kind and kind not in inspection.CHECKED:
        allowed = ", ".join(inspection.CHECKED)
        raise typer.BadParameter(f"不认识的类型 unknown kind: {kind}; {allowed}")
    for written in filter(None, (output, marked)):
        folder.check_suitable(written.parent, (written.name,), PLAN_FOLDER)

    looked = [inspection.inspect(path or packaged_case(), kind) for path in paths or (None,)]
    found = [notice for one in looked for notice in one.notices]
    checks = [check for one in looked for check in one.files]
    if marked:
        data, notices = inspection.marked_copy(checks)
        found += notices
        if data:
            files.write_bytes(marked, data)
        for line in grouped(notices):
            # what is printed for a program stays what it can read
            _say(line, stderr=as_json)
    if output:
        files.write_bytes(output, notices_csv(found))

    if as_json:
        tree = {"files": [check.as_json() for check in checks]}
        _say(json.dumps(tree, ensure_ascii=False, indent=2))
    else:
        for path, one in zip(paths or (None,), looked, strict=True):
            say_all(grouped(one.notices, all_in(output) if output else ALL_BY_CHECK))
            _say_checked(one, str(path or "tinghu"))
    if any(notice.severity == "E" for notice in found):
        raise typer.Exit(2)


@app.command("map")
def draw_map(out: Out, output: To = None) -> None:
    """重画地图 · draw the map of a run folder again."""
    from planner import pipeline

    _say_written(pipeline.write_map(_plan(out), output or out / "map.html"))


@app.command()
def export(
    out: Out,
    output: To = None,
    datum: Annotated[
        str, typer.Option(help=f"坐标系 datum of the lists: {', '.join(DATUMS)}")
    ] = "wgs84",
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="格式，可多次给出；缺省为全部 format, may be given again"),
    ] = None,
) -> None:
    """导出各网络站址清单 · export the site lists, per network and phase."""
    from planner import pipeline

    folder, chosen = output or out / "lists", cast("Datum", datum)
    _say_written(pipeline.write_lists(_plan(out), folder, chosen, formats=formats or ()))


@app.command()
def compare(
    base: Out,
    other: Annotated[list[Path], typer.Argument(help="与之比较 others", metavar="OUT...")],
    output: To = None,
) -> None:
    """比较方案：差异表和对比页 · compare plans: a table, and a page for the first two."""
    from planner import pipeline
    from planner.plan import compare as compare_plans

    plans = [_plan(path) for path in (base, *other)]
    _say(compare_plans(*plans))
    page = output or base / f"compare-{plans[1].scenario.name}.html"
    # the base on the left
    change = pipeline.write_map(plans[1], page, plans[0])
    _say(f"对比页 page: {page}")
    _say_notices(change.notices())


@app.command()
def report(
    out: Out,
    base: Annotated[
        Path | None, typer.Option("--compare", help="与之比较的上一版 an earlier plan")
    ] = None,
    output: To = None,
    in_language: Annotated[
        str, typer.Option("--language", help=f"语言 language: {', '.join(known_languages())}")
    ] = DEFAULT,
) -> None:
    """生成报告（Word、PDF）和表格（Excel） · write report and tables."""
    from planner import pipeline

    # an unknown language is refused before anything is loaded
    language(in_language)
    progress = _progress()
    with progress.stage("report"):
        earlier = _plan(base) if base else None
        change = pipeline.write_report(
            _plan(out), output or out / "report", earlier, cast("Any", in_language)
        )
    _say_written(change)


@app.command()
def signal(out: Out, output: To = None) -> None:
    """导出信号栅格 GeoTIFF · write signal layers as GeoTIFF, per network and phase.

    SS-RSRP、最佳服务站、SINR、速率 · SS-RSRP, best server, SINR, rates.
    """
    from planner import pipeline

    progress = _progress()
    with progress.stage("signal"):
        change = pipeline.write_signal(_plan(out), output or out / "signal")
    _say_written(change)


@app.command()
def explain(
    out: Out, station: Annotated[str, typer.Argument(help="规划编号 station", metavar="规划编号")]
) -> None:
    """说明一个站的入选理由、否决影响和替代站 · say why a station is there.

    And what a veto does, and which station could stand in.
    """
    from planner import console as show
    from planner import pipeline

    plan = _plan(out)
    explanation = pipeline.explain(plan, station)
    texts = [show.explanation_text(explanation, plan, language(code)) for code in ("zh", "en")]
    _say("\n\n".join(texts))


@app.command()
def review(
    out: Out,
    returned: Annotated[
        list[Path], typer.Argument(help="审阅意见和返回清单 marks and lists", metavar="FILE...")
    ],
    output: To = None,
    as_of: Annotated[
        str, typer.Option(help="新版资料截止日期 day of the new version, YYYY-MM-DD")
    ] = "",
) -> None:
    """按反馈意见生成新版方案 · make the next version of a plan from what reviewers sent back."""
    from planner import console as show
    from planner.model import NOTICES_NAME
    from planner.review import review as make_version
    from planner.review.version import FOLDER

    progress = _progress()
    version = make_version(
        out, returned, output=output, as_of=as_of, stage=progress.stage, progress=progress.search
    )
    # where nothing is new, no folder holds them
    every = all_in(version.folder / FOLDER / NOTICES_NAME) if version.is_new else Said("", "")
    show.say_all(grouped(version.notices, every))
    show.print_areas(show.terminal(), version.answers)

    named = f"第 {version.number} 版 version {version.number}"
    if not version.is_new:
        _say(f"没有变化 nothing changes: {version.folder}（{named}）")
        return
    assert version.changes is not None
    assert version.prices is not None
    show.print_review(show.terminal(), version.plan, version.changes.counts, version.prices)
    _say(f"{named}: {version.folder}")


@app.command()
def verify(
    out: Out,
    inputs: Annotated[
        Path | None,
        typer.Option(help="输入文件所在目录；缺省为自动查找 folder of the input files"),
    ] = None,
    dump: Annotated[
        Path | None,
        typer.Option(help="写出整数化的问题、方案和证书 .npz with problem, plan and certificate"),
    ] = None,
) -> None:
    """重新计算方案并与所存核对 · work a plan out again and hold it against what is stored.

    值、上界、差距、次序、各表 · values, bounds, gaps, order, every table.
    """
    from planner import console as show
    from planner import files
    from planner.layers import find_project, packaged_case
    from planner.verify import proof_bytes
    from planner.verify import verify as verify_plan
    from planner.words import beside

    plan = _plan(out)
    # a plan does not say where on a machine its inputs lie
    likely = (Path.cwd(), *out.resolve().parents[:2], packaged_case().parents[1])
    project = inputs or find_project(likely, plan.layers.sources)
    found = verify_plan(plan, inputs=project, stage=_progress().stage)
    _say_notices(found.findings)
    _say(show.verification_text(found))
    if dump is not None and found.proof:
        files.write_bytes(dump, proof_bytes(found))
        _say(f"{beside('console.proof')}: {dump}")
    if not found.holds:
        raise typer.Exit(2)


@app.command()
def new(
    folder: Annotated[
        Path, typer.Argument(help="新目录 new folder", metavar="FOLDER", parser=_path)
    ],
    boundary: Annotated[
        Path | None, typer.Option(help="区界，任何矢量格式 border, any vector file", parser=_path)
    ] = None,
    pick: Annotated[str, typer.Option(help="其中一个：名称或代码 one of them: name or code")] = "",
    osm: Annotated[
        Path | None, typer.Option(help="OSM 裁剪文件 extract, .osm.pbf or .osm", parser=_path)
    ] = None,
    population: Annotated[
        Path | None, typer.Option(help="人口：栅格或表 people: raster or table", parser=_path)
    ] = None,
    sites: Annotated[
        list[Path] | None,
        typer.Option(help="站址清单，可多次给出 site list, may be given again", parser=_path),
    ] = None,
    counts: Annotated[
        str, typer.Option(help="累计站数，现状在前 cumulative counts, such as 0,60,150")
    ] = "",
    dates: Annotated[
        str, typer.Option(help="各期日期 day of each, such as 2020-12-31,2021-12-31,2023-12-31")
    ] = "",
    networks: Annotated[str, typer.Option(help="一张网、两张网或文件 one, two or a file")] = "two",
    name: Annotated[str, typer.Option(help="区名；缺省取自区界 name of the district")] = "",
    as_of: Annotated[str, typer.Option(help="资料截止日期 day of the files, YYYY-MM-DD")] = "",
    datum: Annotated[
        str,
        typer.Option(
            help=f"未写坐标系的文件的坐标系 datum of files that name none: {', '.join(DATUMS)}"
        ),
    ] = "",
    synthetic: Annotated[
        bool,
        typer.Option("--synthetic", help="虚构没有的人口和站址并注明 make up people and sites"),
    ] = False,
) -> None:
    """用已有的文件建立一个区的情景；不给文件则复制内置案例 · make a case from what one has.

    Without files the packaged case is copied, to be edited.
    """
    from planner import console as show
    from planner.intake import Given, make_case
    from planner.layers import copy_case

    if not (boundary or osm or population or sites or counts or dates):
        _say(f"情景 scenario: {copy_case(folder)}")
        return
    given = Given(
        boundary=boundary,
        pick=pick,
        osm=osm,
        population=population,
        sites=tuple(sites or ()),
        counts=_listed(counts),
        dates=_listed(dates),
        networks=networks,
        name=name,
        as_of=as_of,
        datum=datum,
        synthetic=synthetic,
    )
    made = make_case(folder, given)
    show.say_all(grouped(made.notices, ALL_BY_CHECK))
    _say(f"情景 scenario: {made.scenario}")
    _say(f"缺什么 what is missing: {made.list_file}")
    check([made.scenario])


def _listed(text: str) -> tuple[str, ...]:
    """The parts of a text between commas, also full-width ones."""
    parts = text.replace("，", ",").split(",")
    return tuple(part.strip() for part in parts if part.strip())


@app.command()
def show(
    scenario: ScenarioFile = None,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="只看键名含这些词的参数，如 bands only keys that hold these words",
            metavar="[WORD...]",
        ),
    ] = None,
) -> None:
    """列出情景的全部取值、单位、缺省与来源 · print a scenario as it was resolved.

    取值、单位、来自文件还是缺省，以及输入文件 · value, unit, default or set, source, and its files.
    """
    from planner import console as show_on
    from planner.layers import file_states
    from planner.scenario import settings

    question, wanted = _scenario(scenario), [word.lower() for word in words or ()]
    rows = [row for row in settings(question) if _names(row.path, wanted)]
    files, findings = file_states(question)
    states = [file for file in files if _names(f"inputs.{file.part}", wanted)]
    if not rows and not states:
        near = nearest(
            wanted[0], {part for row in settings(question) for part in row.path.split(".")}
        )
        raise ScenarioError(
            f"no parameter is called {' or '.join(wanted)}{near}",
            f"没有键名含 {'、'.join(wanted)} 的参数{near}",
        )
    show_on.print_settings(show_on.terminal(), question, rows)
    if states:
        show_on.print_inputs(show_on.terminal(), states)
        named = {state.entry.file for state in states}
        _say_notices(notice for notice in findings.notices if notice.file in named)


def _names(path: str, words: list[str]) -> bool:
    return not words or any(word in path.lower() for word in words)


@app.command()
def schema() -> None:
    """打印情景文件的 JSON Schema · print the JSON Schema of the scenario file."""
    from planner.scenario import Scenario

    _say(json.dumps(Scenario.json_schema(), ensure_ascii=False, indent=2))


def _say_checked(looked: Inspection, name: str) -> None:
    """What became of the rows of files, and how much was found."""
    for file in looked.files:
        rows = file.account
        # of a scenario only the inputs that lost rows
        if rows.rows_in and (looked.is_of_files or rows.rejected):
            _say(
                f"{visible(file.path)}: {file.kind} 行 rows {rows.rows_in} = "
                f"可用 accepted {rows.accepted} + 拒绝 rejected {rows.rejected} + "
                f"空行 blank {rows.blank}"
            )
    errors = n_findings(notice for notice in looked.notices if notice.severity == "E")
    others = n_findings(looked.notices) - errors
    # the end of a line in a name would let it speak for us
    _say(f"{visible(name)}: 错误 errors {errors}，提示 notices {others}")


def _plan(out: Path) -> Plan:
    """The plan of a run folder; says first what was mended there, then what is not of the plan."""
    from planner import folder
    from planner.model import PLAN_FOLDER, Plan

    _say_notices(folder.recover(out, PLAN_FOLDER))
    plan = Plan.load(out)
    _say_notices(folder.stale_files(out, plan.edition))
    return plan


def _say_written(change: Change) -> None:
    for path in change.paths:
        _say(path)
    _say_notices(change.notices())


def _say_notices(notices: Iterable[Notice]) -> None:
    from planner.console import say_all

    # what is said of a run folder stands in no list, least of all in that of check
    say_all(grouped(notices, Said("", "")))


def _scenario(path: Path | None) -> Any:
    from planner.layers import packaged_case
    from planner.scenario import Scenario

    return Scenario.from_file(path or packaged_case())


def _say(text: object, *, stderr: bool = False) -> None:
    from planner.console import say

    say(text, stderr=stderr)


def _progress() -> Any:
    from planner.console import Progress, terminal

    return Progress(terminal(stderr=True))


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    _use_utf8()
    # a Windows console of another code page must not stop a run
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")

    # what a library warns of may hold data
    warnings.showwarning = lambda message, *_: _say(f"{message}", stderr=True)

    code = 0
    try:
        with _stopped_by_signals():
            code = app(standalone_mode=False) or 0
    except _Stopped as stop:
        kept = getattr(stop, "__notes__", ["没有正在写出的文件\nNo file was being written"])
        _leave("\n".join([f"已中断 interrupted: {stop}", *kept]), 128 + stop.signal)
    except _UsageError as error:
        usage = io.StringIO()
        error.show(usage)
        _leave(usage.getvalue().removesuffix("\n"), error.exit_code)
    except PlannerError as error:
        _leave(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 (the last stop: what is left is a fault of our own)
        if _is_out_of_memory(error):
            # what is asked was thought to fit: other programs have taken the memory since
            _leave(
                "内存不足：请关闭其他程序，或增大 demand.cell_m、demand.road_step_m 和图层的 "
                "spacing_m out of memory: close other programs, or make demand.cell_m, "
                "demand.road_step_m and the layers' spacing_m larger",
                StorageError.exit_code,
            )
        if isinstance(error, OSError):
            told = f"{error.filename or ''} {error.strerror or error}"
            _leave(f"无法读写 cannot read or write: {told}", StorageError.exit_code)

        import traceback

        told = "程序内部错误（internal_error），请报告 a fault of our own, please report it"
        _leave(f"{traceback.format_exc()}{told}: {error!r}", 70)
    sys.exit(code)


def _is_out_of_memory(error: Exception) -> bool:
    """Whether memory is what a step, or a library that was to be loaded for it, did not get."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    # a library that cannot be mapped says so in words only
    words = ("failed to map segment", "annot allocate memory", "load shared object")
    is_library = isinstance(error, ImportError | OSError)
    return is_library and any(word in str(error) for word in words)


class _Stopped(BaseException):
    """A signal that asks the program to stop; on its way out every room puts things in order."""

    def __init__(self, signal: signals.Signals) -> None:
        super().__init__(signal.name)
        self.signal = signal


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let Ctrl-C and a request to end raise :class:`_Stopped`."""

    def stop(number: int, _frame: object) -> NoReturn:
        raise _Stopped(signals.Signals(number))

    before = {number: signals.signal(number, stop) for number in (signals.SIGINT, signals.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signals.signal(number, handler)


def _use_utf8() -> None:
    """Start again in UTF-8 where names of files may hold nothing but ASCII.

    Scenarios are UTF-8 and name files in Chinese; a bare server with ``LC_ALL=C`` can open them all
    the same.
    """
    if codecs.lookup(sys.getfilesystemencoding()).name == "ascii":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


def _leave(message: str, code: int) -> NoReturn:
    # without the console, which may be what the memory had no room for
    print(visible(message, keep="\n"), file=sys.stderr)
    sys.exit(code)
