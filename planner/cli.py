"""The command line: parses, calls the pipeline, prints.

Exit codes: 0 done, 2 bad input or infeasible, 70 a fault of our own, 74 disk full or not writable.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer

from planner.crs import DATUMS, Datum
from planner.errors import PlannerError, StorageError
from planner.words import DEFAULT, known_languages, language

app = typer.Typer(
    help="5G 基站分期建设规划 · plan the rollout of a 5G network in a district.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Out = Annotated[Path, typer.Argument(help="成果目录 run folder", metavar="OUT")]
ScenarioFile = Annotated[
    Path | None,
    typer.Argument(help="情景文件；缺省为内置亭湖案例 scenario file", metavar="[SCENARIO]"),
]
To = Annotated[Path | None, typer.Option("-o", "--output", help="写到何处 where to write")]


@app.command()
def run(
    scenario: ScenarioFile = None,
    output: To = None,
    effort: Annotated[str, typer.Option(help="fast, standard, long, exact")] = "",
) -> None:
    """规划一个情景：方案、地图、清单 · plan a scenario: plan, map and lists."""
    from planner import console as show
    from planner import pipeline

    question = _scenario(scenario)
    if effort:
        question = question.replace(search={"effort": effort})
    folder = output or Path("out") / question.name
    progress = _progress()
    plan = pipeline.run(question, folder, stage=progress.stage, progress=progress.search)

    for notice in pipeline.remarks(plan):
        typer.echo(str(notice))
    show.print_plan(_console(), plan)
    typer.echo(f"地图 map: {folder / 'map.html'}")
    typer.echo(f"清单 lists: {folder / 'lists'}")
    typer.echo(f"方案 plan: {folder / 'plan'}")


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="情景文件 scenario files", metavar="PATH...")
    ] = None,
) -> None:
    """检查情景及其全部输入 · check scenarios and every input they name."""
    from planner.groundwork import check as check_case
    from planner.layers import packaged_case

    errors = 0
    for path in paths or (None,):
        notices = check_case(path or packaged_case())
        for notice in notices:
            typer.echo(str(notice))

        found = sum(notice.severity == "E" for notice in notices)
        errors += found
        typer.echo(f"{path or 'tinghu'}: 错误 errors {found}，提示 notices {len(notices) - found}")
    if errors:
        raise typer.Exit(2)


@app.command("map")
def draw_map(out: Out, output: To = None) -> None:
    """重画地图 · draw the map of a run folder again."""
    from planner import pipeline
    from planner.model import Plan

    path = output or out / "map.html"
    size = pipeline.write_map(Plan.load(out), path)
    typer.echo(f"{path}  {size / 1e3:.0f} kB")


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
    from planner.exports import export_lists
    from planner.model import Plan

    plan = Plan.load(out)
    folder = output or out / "lists"
    for path in export_lists(plan, folder, datum=cast("Datum", datum), formats=formats or ()):
        typer.echo(str(path))


@app.command()
def compare(
    base: Out,
    other: Annotated[list[Path], typer.Argument(help="与之比较 others", metavar="OUT...")],
    output: To = None,
) -> None:
    """比较方案：差异表和对比页 · compare plans: a table, and a page for the first two."""
    from planner import pipeline
    from planner.model import Plan
    from planner.plan import compare as compare_plans

    plans = [Plan.load(path) for path in (base, *other)]
    typer.echo(str(compare_plans(*plans)))
    page = output or base / f"compare-{plans[1].scenario.name}.html"
    pipeline.write_map(plans[1], page, plans[0])  # the base on the left
    typer.echo(f"对比页 page: {page}")


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
    from planner.model import Plan

    # an unknown language is refused before anything is loaded
    language(in_language)
    progress = _progress()
    with progress.stage("report"):
        earlier = Plan.load(base) if base else None
        paths = pipeline.write_report(
            Plan.load(out), output or out / "report", earlier, cast("Any", in_language)
        )
    for path in paths:
        typer.echo(str(path))


@app.command()
def signal(out: Out, output: To = None) -> None:
    """导出信号栅格 GeoTIFF · write signal layers as GeoTIFF, per network and phase.

    SS-RSRP、最佳服务站、SINR、速率 · SS-RSRP, best server, SINR, rates.
    """
    from planner.model import Plan
    from planner.service import write_rasters

    progress = _progress()
    with progress.stage("signal"):
        paths = write_rasters(Plan.load(out), output or out / "signal")
    for path in paths:
        typer.echo(str(path))


@app.command()
def explain(
    out: Out, station: Annotated[str, typer.Argument(help="规划编号 station", metavar="规划编号")]
) -> None:
    """说明一个站的入选理由、否决影响和替代站 · say why a station is there.

    And what a veto does, and which station could stand in.
    """
    from planner import console as show
    from planner import pipeline
    from planner.model import Plan

    plan = Plan.load(out)
    explanation = pipeline.explain(plan, station)
    texts = [show.explanation_text(explanation, plan, language(code)) for code in ("zh", "en")]
    typer.echo("\n\n".join(texts))


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
    from planner.review import review as make_version

    progress = _progress()
    version = make_version(
        out, returned, output=output, as_of=as_of, stage=progress.stage, progress=progress.search
    )
    for notice in version.notices:
        typer.echo(str(notice))
    show.print_areas(_console(), version.answers)

    named = f"第 {version.number} 版 version {version.number}"
    if not version.is_new:
        typer.echo(f"没有变化 nothing changes: {version.folder}（{named}）")
        return
    assert version.changes is not None
    assert version.prices is not None
    show.print_review(_console(), version.plan, version.changes.counts, version.prices)
    typer.echo(f"{named}: {version.folder}")


@app.command()
def verify(out: Out) -> None:
    """重新验证方案的上界 · prove the bound of a plan again from its certificate."""
    from planner import pipeline
    from planner.model import Plan

    plan = Plan.load(out)
    value = sum(plan.provenance["value"])
    bound = pipeline.verify(plan)
    gap = 100 * (bound / value - 1)
    typer.echo(f"值 value {value:.6f}，上界 bound {bound:.6f}，差距 gap {gap:.2f} %")


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="新目录 new folder", metavar="FOLDER")],
) -> None:
    """复制内置案例以便修改 · copy the packaged case to edit."""
    from planner.layers import copy_case

    typer.echo(f"情景 scenario: {copy_case(folder)}")


@app.command()
def schema() -> None:
    """打印情景文件的 JSON Schema · print the JSON Schema of the scenario file."""
    from planner.scenario import Scenario

    typer.echo(json.dumps(Scenario.json_schema(), ensure_ascii=False, indent=2))


def _scenario(path: Path | None) -> Any:
    from planner.layers import packaged_case
    from planner.scenario import Scenario

    return Scenario.from_file(path or packaged_case())


def _progress() -> Any:
    from planner.console import Progress

    return Progress(_console(stderr=True))


def _console(*, stderr: bool = False) -> Any:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # piped output is not cut to a terminal's width
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else 160)


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    _use_utf8()
    # a Windows console of another code page must not stop a run
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")

    try:
        app(standalone_mode=True)
    except PlannerError as error:
        _leave(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _leave(
            f"无法读写 cannot read or write: {error.filename or ''} {error.strerror}",
            StorageError.exit_code,
        )
    except MemoryError:
        # what is asked was thought to fit: other programs have taken the memory since
        _leave(
            "内存不足：请关闭其他程序，或增大 demand.cell_m、demand.road_step_m 和图层的 spacing_m "
            "out of memory: close other programs, or make demand.cell_m, demand.road_step_m and "
            "the layers' spacing_m larger",
            StorageError.exit_code,
        )
    except KeyboardInterrupt:
        _leave("已中断 interrupted", 130)
    except Exception as error:  # noqa: BLE001 (the last stop: what is left is a fault of our own)
        import traceback

        traceback.print_exc()
        told = "程序内部错误（internal_error），请报告 a fault of our own, please report it"
        _leave(f"{told}: {error!r}", 70)
    sys.exit(0)


def _use_utf8() -> None:
    """Start again in UTF-8 where names of files may hold nothing but ASCII.

    Scenarios are UTF-8 and name files in Chinese; a bare server with ``LC_ALL=C`` can open them all
    the same.
    """
    if codecs.lookup(sys.getfilesystemencoding()).name == "ascii":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


def _leave(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)
