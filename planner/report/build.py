"""Write the office's workbook and the report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planner.errors import ScenarioError
from planner.files import read_bytes, write_bytes
from planner.model import Comparison, Plan
from planner.report.facts import Facts, report_title
from planner.report.figures import make_figures
from planner.report.paper import excerpts, make_pieces
from planner.report.pdf import pdf_bytes
from planner.report.source import make_blocks
from planner.report.story import story
from planner.report.tables import make_tables
from planner.report.texts import report_template
from planner.report.word import docx_bytes
from planner.scenario import Scenario
from planner.sheets import Sheet, workbook_bytes
from planner.words import DEFAULT, Language
from planner.words import language as words_of


def write_tables(
    plan: Plan, path: str | Path, compare: Comparison | None = None, *, language: str = DEFAULT
) -> Path:
    """Write the tables of the report as a workbook, one sheet each.

    Parameters
    ----------
    plan
        The plan.
    path
        The file, usually ``tables.xlsx``.
    compare
        What :func:`planner.compare` returns; adds the sheets that compare.
    language
        Code of the language, for example ``zh`` or ``en``.

    Raises
    ------
    ScenarioError
        When there is no such language.
    StorageError
        When the file cannot be written.
    """
    words = words_of(language)
    return _write_workbook(make_tables(Facts(plan), words, compare), path, plan.scenario, words)


def write_report(
    plan: Plan,
    folder: str | Path,
    compare: Comparison | None = None,
    *,
    language: str = DEFAULT,
    template: str | Path | None = None,
) -> tuple[Path, ...]:
    """Write ``report.docx`` and ``report.pdf`` from one source, and ``tables.xlsx`` beside them.

    Parameters
    ----------
    plan
        The plan.
    folder
        Where the files go; made if need be.
    compare
        What :func:`planner.compare` returns, the plan of the report first or among the others.
    language
        Code of the language, for example ``zh`` or ``en``; one without a text of its own takes that
        behind it.
    template
        Text of your own in the form of ``templates/report.zh.md``; the packaged one by default.

    Returns
    -------
    tuple of Path
        Word file, PDF, workbook.

    Raises
    ------
    ScenarioError
        When there is no such language, or the template cannot be used.
    StorageError
        When a file cannot be written or no Chinese font is found.
    """
    words, facts = words_of(language), Facts(plan)
    tables = make_tables(facts, words, compare)
    figures = make_figures(facts, words, compare)

    # Long tables are printed in part only; the workbook holds them whole.
    printed = tables | excerpts(tables, words)
    text = report_template(words) if template is None else _read_template(template)
    values = story(facts, words, tables, compare)
    blocks = make_blocks(text, values, printed, figures)
    pieces = make_pieces(blocks, printed, figures, words)

    folder = Path(folder)
    return (
        write_bytes(folder / "report.docx", docx_bytes(pieces, plan.scenario, words)),
        write_bytes(folder / "report.pdf", pdf_bytes(pieces, plan.scenario, words)),
        _write_workbook(tables, folder / "tables.xlsx", plan.scenario, words),
    )


def _write_workbook(
    tables: Mapping[str, Sheet], path: str | Path, scenario: Scenario, words: Language
) -> Path:
    title = report_title(scenario, words)
    return write_bytes(path, workbook_bytes(tables.values(), created=scenario.as_of, title=title))


def _read_template(path: str | Path) -> str:
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(
            f"the template {path} is not UTF-8", f"模板{path}不是UTF-8编码，请另存为UTF-8"
        ) from None
