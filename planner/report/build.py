"""The office's workbook and the report, as the content of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planner.errors import ScenarioError
from planner.files import read_bytes
from planner.model import Comparison, Plan
from planner.report.facts import Facts, key_line, report_title
from planner.report.figures import make_figures
from planner.report.paper import excerpts, make_pieces
from planner.report.pdf import pdf_bytes
from planner.report.source import make_blocks
from planner.report.story import story
from planner.report.tables import make_tables
from planner.report.texts import report_template
from planner.report.word import docx_bytes
from planner.sheets import Sheet, workbook_bytes
from planner.words import DEFAULT, Language
from planner.words import language as words_of


def tables_xlsx(plan: Plan, compare: Comparison | None = None, *, language: str = DEFAULT) -> bytes:
    """The tables of the report as a workbook, one sheet each.

    Parameters
    ----------
    plan
        The plan.
    compare
        What :func:`planner.compare` returns; adds the sheets that compare.
    language
        Code of the language, for example ``zh`` or ``en``.

    Raises
    ------
    ScenarioError
        When there is no such language.
    """
    words = words_of(language)
    return _workbook(make_tables(Facts(plan), words, compare), plan, words)


def make_report(
    plan: Plan,
    compare: Comparison | None = None,
    *,
    language: str = DEFAULT,
    template: str | Path | None = None,
) -> tuple[tuple[str, bytes], ...]:
    """``report.docx`` and ``report.pdf`` from one source, and ``tables.xlsx`` beside them.

    Parameters
    ----------
    plan
        The plan.
    compare
        What :func:`planner.compare` returns, the plan of the report first or among the others.
    language
        Code of the language, for example ``zh`` or ``en``; one without a text of its own takes that
        behind it.
    template
        Text of your own in the form of ``templates/report.zh.md``; the packaged one by default.

    Returns
    -------
    tuple of tuple of str and bytes
        File name and content: Word file, PDF, workbook.

    Raises
    ------
    ScenarioError
        When there is no such language, or the template cannot be used.
    StorageError
        When the template cannot be read or no Chinese font is found.
    """
    words, facts = words_of(language), Facts(plan)
    tables = make_tables(facts, words, compare)
    figures = make_figures(facts, words, compare)

    # Long tables are printed in part only; the workbook holds them whole.
    printed = tables | excerpts(facts, tables, words)
    text = report_template(words) if template is None else _read_template(template)
    values = story(facts, words, tables, compare)
    blocks = make_blocks(text, values, printed, figures)
    pieces = make_pieces(blocks, printed, figures, words)
    return (
        ("report.docx", docx_bytes(pieces, plan, words)),
        ("report.pdf", pdf_bytes(pieces, plan, words)),
        ("tables.xlsx", _workbook(tables, plan, words)),
    )


def _workbook(tables: Mapping[str, Sheet], plan: Plan, words: Language) -> bytes:
    title, keywords = report_title(plan.scenario, words), key_line(plan, words)
    created = plan.scenario.as_of
    return workbook_bytes(tables.values(), created=created, title=title, keywords=keywords)


def _read_template(path: str | Path) -> str:
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(
            f"the template {path} is not UTF-8", f"模板{path}不是UTF-8编码，请另存为UTF-8"
        ) from None
