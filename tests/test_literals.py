"""Codes inside, words at the edge: a room's code holds no Chinese, it is looked up in `words`.

Comments, docstrings and the texts of errors (which are in Chinese and English) may hold it; so may
the files named below, each for its reason. A file that no longer needs its place in the list loses
it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "planner"
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff，；：（）]")  # letters and punctuation
COMMENT = re.compile(
    r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", re.DOTALL
)
TEXTS = re.compile(r"(Error|Kind|Said)$")  # what is called so holds a text in both languages

ROOMS = (
    "console",
    "demand",
    "exports",
    "maps",
    "model",
    "plan",
    "radio",
    "report",
    "review",
    "rules",
    "service",
    "stations",
)

MAY = {
    "maps/page/coordinates.js": "positions as people write them",
    "report/word.py": "the wide space beside a page number, as GB/T 9704 sets it",
    "review/lists.py": "days as people write them",
    "review/marks.py": "what is wrong with a mark, put together in parts",
    "stations/decided.py": "the name of a site that reviewers proposed is an input of theirs",
    "stations/propose.py": "names of proposed sites are data in the case's language, like those of "
    "listed ones",
}
"""Files of these rooms that may hold Chinese, and why."""


def literals(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every string with Chinese that is no docstring and no text of an error."""
    tree = ast.parse(source)
    passed: set[int] = set()
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        name = (
            getattr(node.func, "id", getattr(node.func, "attr", ""))
            if isinstance(node, ast.Call)
            else ""
        )
        if is_text or isinstance(node, ast.Raise) or TEXTS.search(name):
            passed |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and id(node) not in passed
            and CHINESE.search(str(node.value))
        ):
            yield node.lineno, str(node.value)


def script_literals(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every line of a script that holds Chinese outside comments."""
    text = COMMENT.sub(lambda found: found[1] or "\n" * found[0].count("\n"), source)
    for number, line in enumerate(text.splitlines(), 1):
        if CHINESE.search(line):
            yield number, line.strip()


def rooms_with_chinese() -> dict[str, list[tuple[int, str]]]:
    found = {}
    for room in ROOMS:
        for path in sorted(one for one in (ROOT / room).rglob("*") if one.suffix in (".py", ".js")):
            read = literals if path.suffix == ".py" else script_literals
            lines = list(read(path.read_text(encoding="utf-8")))
            if lines:
                found[path.relative_to(ROOT).as_posix()] = lines
    return found


def test_no_room_holds_chinese_but_where_it_may() -> None:
    found = rooms_with_chinese()
    new = {path: lines for path, lines in found.items() if path not in MAY}
    assert not new, f"give these words a code in planner/words: {new}"
    assert sorted(found) == sorted(MAY), "a file that holds no Chinese any more leaves the list MAY"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('"""基站"""\nx = 1  # 基站', []),
        ('def f():\n    """基站"""\n    raise ScenarioError("no station", "没有基站")', []),
        ('error = errors.StorageError("full", f"磁盘已满：{x}")', []),
        ('raise ValueError("表头重复")', []),
        ('NOTICES = Catalogue({"a": Kind("E", "没有", "none")})', []),
        ('x = Notice("a", "E", "没有", "none")', [1]),
        ('x = {"a": "基站"}', [1]),
        ('x = 1\ny = f"{x}，"', [2]),
        ('x = "、".join(y)', [1]),
        ('def f(x="站"):\n    return x == "区域意见"', [1, 2]),
        ('if x:\n    print("基站")\n    raise ValueError("没有")', [2]),
        ('x = ("＝", "→", "·")', []),
    ],
)
def test_what_counts_as_a_literal(source: str, lines: list[int]) -> None:
    assert sorted(line for line, _ in literals(source)) == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("// 基站\nx = 1; // 站", []),
        ("/**\n * 基站\n */\nx = 1;", []),
        ('x = "基站";', [1]),
        ("/* 站\n站 */\nx = `${y}，`;", [3]),
        ('x = "http://a"; y = "、"; // 站', [1]),
        ("x = y.replace(/（.*/, '');", [1]),
    ],
)
def test_what_counts_as_a_literal_of_a_script(source: str, lines: list[int]) -> None:
    assert [line for line, _ in script_literals(source)] == lines
