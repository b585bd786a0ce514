"""The paper as PDF, set by typst. The layout is ``templates/report.typ``; text and tables reach it as JSON only."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from planner.errors import StorageError
from planner.report.facts import report_title
from planner.report.fonts import FONTS, font_folders
from planner.report.paper import Picture, Piece, Table
from planner.report.texts import template_text
from planner.scenario import Scenario
from planner.words import Language


def pdf_bytes(pieces: Sequence[Piece], scenario: Scenario, words: Language) -> bytes:
    """Set the pieces on A4.

    Raises
    ------
    StorageError
        When no Chinese font was found, or the layout file has an error.
    """
    import typst

    folders: list[Any] = list(font_folders())
    known = set(typst.Fonts(font_paths=folders).families())
    fonts = {role: [name for name in names if name in known] for role, names in FONTS.items()}
    if not all(fonts.values()):
        raise StorageError(
            "no Chinese font was found for the PDF; install Noto Sans CJK SC and Noto Serif CJK SC "
            "(fonts-noto-cjk)",
            "未找到排版用的中文字体，请安装思源宋体、思源黑体（fonts-noto-cjk）",
        )
    lang, _, region = words("language.html").lower().partition("-")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paper = {
            "title": report_title(scenario, words),
            "contents": words("report.contents"),
            "fonts": fonts,
            "lang": lang,
            "region": region or None,
            "size": float(words("report.paper.letter_pt")),
            "spacing": float(words("report.paper.spacing_pt")),
            "pieces": _together([_plain(folder, i, piece) for i, piece in enumerate(pieces)]),
        }
        (folder / "paper.json").write_text(
            json.dumps(paper, ensure_ascii=False), encoding="utf-8", newline="\n"
        )
        (folder / "report.typ").write_text(
            template_text("report.typ"), encoding="utf-8", newline="\n"
        )
        made = dt.datetime.combine(dt.date.fromisoformat(scenario.as_of), dt.time(), dt.UTC)
        try:
            data = typst.compile(
                str(folder / "report.typ"),
                root=str(folder),
                font_paths=folders,
                format="pdf",
                timestamp=made,
            )
        except typst.TypstError as error:
            raise StorageError(
                f"the layout report.typ cannot be used: {error}",
                f"版式文件report.typ不可用：{error}",
            ) from None
    return bytes(data)


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


def runs(groups: Sequence[str]) -> list[tuple[str, int]]:
    """Neighbours with the same text as (text, number of columns)."""
    found: list[tuple[str, int]] = []
    for group in groups:
        if found and found[-1][0] == group:
            found[-1] = (group, found[-1][1] + 1)
        else:
            found.append((group, 1))
    return found
