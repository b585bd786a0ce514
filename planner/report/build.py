"""Write the office's workbook and the report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planner.errors import ScenarioError
from planner.files import read_bytes, write_bytes
from planner.model import Plan
from planner.report.facts import Facts
from planner.report.figures import make_figures
from planner.report.paper import excerpts, make_pieces
from planner.report.pdf import pdf_bytes
from planner.report.sheet import Comparison
from planner.report.source import make_blocks
from planner.report.story import story
from planner.report.tables import make_tables
from planner.report.word import docx_bytes
from planner.report.words import Language, Words, template_text
from planner.sheets import Sheet, workbook_bytes


def write_tables(plan: Plan, path: str | Path, compare: Comparison | None = None, *, language: Language = "zh") -> Path:
    """Write the tables of the report as a workbook, one sheet each.

    Parameters
    ----------
    plan
        The plan.
    path
        The file, usually ``tables.xlsx``.
    compare
        What :func:`planner.compare` returns; adds the sheets 方案对比表 and 变更对照.
    language
        ``zh`` or ``en``.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    words = Words(plan.scenario, language)
    return _write_workbook(make_tables(Facts(plan), words, compare), path, words)


def _write_workbook(tables: Mapping[str, Sheet], path: str | Path, words: Words) -> Path:
    return write_bytes(path, workbook_bytes(tables.values(), created=words.scenario.as_of, title=words.title()))


def write_report(
    plan: Plan,
    folder: str | Path,
    compare: Comparison | None = None,
    *,
    language: Language = "zh",
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
        ``zh`` or ``en``.
    template
        Text of your own in the form of ``templates/report.zh.md``; the packaged one by default.

    Returns
    -------
    tuple of Path
        Word file, PDF, workbook.

    Raises
    ------
    ScenarioError
        When the template cannot be used.
    StorageError
        When a file cannot be written or no Chinese font is found.
    """
    words, facts = Words(plan.scenario, language), Facts(plan)
    tables = make_tables(facts, words, compare)
    printed = tables | excerpts(tables, words)
    figures = make_figures(facts, words, compare)
    text = template_text(f"report.{language}.md") if template is None else _read_template(template)
    blocks = make_blocks(text, story(facts, words, tables, compare), printed, figures)
    pieces = make_pieces(blocks, printed, figures, words)
    folder = Path(folder)
    return (
        write_bytes(folder / "report.docx", docx_bytes(pieces, words)),
        write_bytes(folder / "report.pdf", pdf_bytes(pieces, words)),
        _write_workbook(tables, folder / "tables.xlsx", words),
    )


def _read_template(path: str | Path) -> str:
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"the template {path} is not UTF-8", f"模板{path}不是UTF-8编码，请另存为UTF-8") from None
