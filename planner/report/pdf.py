"""The paper as PDF, set by typst.

The layout is ``templates/report.typ``; text and tables reach it as JSON only.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from planner.errors import StorageError
from planner.model import Plan
from planner.report.facts import key_line, report_title
from planner.report.fonts import FONTS, font_folders
from planner.report.paper import Picture, Piece, Table, runs
from planner.report.texts import template_text
from planner.words import Language


def pdf_bytes(pieces: Sequence[Piece], plan: Plan, words: Language) -> bytes:
    """Set the pieces on A4.

    Raises
    ------
    StorageError
        When no Chinese font was found, or the layout file has an error.
    """
    import typst

    scenario = plan.scenario
    folders: list[Any] = list(font_folders())
    paper: dict[str, Any] = {
        "title": report_title(scenario, words),
        "key": key_line(plan, words),
        "contents": words("report.contents"),
        "fonts": _fonts(typst.Fonts(font_paths=folders).families()),
        **_language(words),
        "size": float(words("report.paper.letter_pt")),
        "spacing": float(words("report.paper.spacing_pt")),
    }
    # the day of the scenario, not of the clock: the same plan gives the same bytes
    made = dt.datetime.combine(dt.date.fromisoformat(scenario.as_of), dt.time(), dt.UTC)

    # typst reads files: layout, text and pictures lie in one folder, which it cannot leave
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        layout = folder / "report.typ"
        paper["pieces"] = _together([_plain(folder, i, piece) for i, piece in enumerate(pieces)])
        text = json.dumps(paper, ensure_ascii=False)
        (folder / "paper.json").write_text(text, encoding="utf-8", newline="\n")
        layout.write_text(template_text("report.typ"), encoding="utf-8", newline="\n")

        options: dict[str, Any] = {"root": str(folder), "font_paths": folders, "timestamp": made}
        try:
            return bytes(typst.compile(str(layout), format="pdf", **options))
        except typst.TypstError as error:
            raise StorageError(
                f"the layout report.typ cannot be used: {error}",
                f"版式文件report.typ不可用：{error}",
            ) from None


def _fonts(families: Iterable[str]) -> dict[str, list[str]]:
    """By role the fonts that typst finds, the best first."""
    known = set(families)
    fonts = {role: [name for name in names if name in known] for role, names in FONTS.items()}
    if not all(fonts.values()):
        raise StorageError(
            "no Chinese font was found for the PDF; install Noto Sans CJK SC and Noto Serif CJK SC "
            "(fonts-noto-cjk)",
            "未找到排版用的中文字体，请安装思源宋体、思源黑体（fonts-noto-cjk）",
        )
    return fonts


def _language(words: Language) -> dict[str, str | None]:
    """The language as typst takes it, so that it breaks lines and names parts by its rules."""
    lang, _, region = words("language.html").lower().partition("-")
    return {"lang": lang, "region": region or None}


def _together(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Wide tables that follow each other share their pages across."""
    found: list[dict[str, Any]] = []
    for piece in pieces:
        if not piece.get("wide"):
            found.append(piece)
        elif found and found[-1]["kind"] == "across":
            found[-1]["tables"].append(piece)
        else:
            found.append({"kind": "across", "tables": [piece]})
    return found


def _plain(folder: Path, number: int, piece: Piece) -> dict[str, Any]:
    """A piece as JSON; a picture goes into the folder beside it."""
    if isinstance(piece, Picture):
        (folder / f"{number}.png").write_bytes(piece.png)
        return {"kind": "figure", "caption": piece.caption, "file": f"{number}.png"}
    if isinstance(piece, Table):
        return {
            "kind": "table",
            "caption": piece.caption,
            "heads": piece.heads,
            "groups": runs(piece.groups),
            "aligns": piece.aligns,
            "shares": piece.shares,
            "rows": piece.rows,
            "totals": piece.totals,
            "notes": piece.notes,
            "wide": piece.is_wide,
            "size": piece.size_pt,
        }
    return {"kind": piece.kind, "text": piece.text}
