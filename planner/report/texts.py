"""Files of the folder ``templates``: the report's text by language, the layout, the fonts."""

from __future__ import annotations

from importlib import resources

from planner.words import Language


def template_text(name: str) -> str:
    """A file of the folder."""
    return (resources.files("planner.report") / "templates" / name).read_text(encoding="utf-8")


def report_template(words: Language) -> str:
    """The report's text in a language, or in the first of those behind it that has one."""
    folder = resources.files("planner.report") / "templates"
    names = (f"report.{code}.md" for code in words.chain)
    return template_text(next(name for name in names if (folder / name).is_file()))
