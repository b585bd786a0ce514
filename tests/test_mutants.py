"""What scripts/mutants puts into the code, what it leaves alone, and what it says of the tests."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXTS_ALONE = b'''"""A docstring with 1 < 2."""
from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numbers import Number

__all__ = ["rise"]
LIMIT: tuple[int, ...] | None


@given(max_examples=3, deadline=None)
def rise(steps: int | None) -> list[int] | None:
    """Another one."""
    assert steps > 0 and not steps % 2
    logger.info("steps %d", steps + 1)
    print(f"{steps + 1} steps")
'''
CODE = b"""def part(values, low, high):
    kept = [v for v in values if low <= v < high and not v % 2]
    total = 0
    for value in kept[1:]:
        total += min(value, 0.5)
        if total > 9:
            break
    if total is None:
        raise ValueError("not " + "a number")
    return sorted(kept, key=abs), "text"
"""


@pytest.fixture(scope="module")
def mutants() -> Iterator[Any]:
    loader = SourceFileLoader("mutants", str(ROOT / "scripts" / "mutants"))
    spec = spec_from_loader("mutants", loader)
    assert spec
    module = module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "mutants", module)
        patch.setattr(sys, "dont_write_bytecode", True)
        loader.exec_module(module)
        yield module


def test_every_kind_of_change_and_nothing_in_texts_types_or_assertions(mutants: Any) -> None:
    said = [(c.operator, c.before, c.after) for c in mutants.changes(TEXTS_ALONE)]
    assert said == [("remove", 'print(f"{steps + 1} steps")', "pass")]

    found = {(c.line, c.operator, c.before, c.after) for c in mutants.changes(CODE)}
    assert found >= {
        (2, "comparison", "low <= v < high", "(low < v < high)"),
        (2, "comparison", "low <= v < high", "(low <= v >= high)"),
        (2, "and-or", "low <= v < high and not v % 2", "(low <= v < high or not v % 2)"),
        (2, "not", "not v % 2", "(v % 2)"),
        (3, "constant", "0", "(-1)"),
        (4, "slice", "1:", "(:)"),
        (5, "arithmetic", "total += min(value, 0.5)", "total -= min(value, 0.5)"),
        (5, "remove", "total += min(value, 0.5)", "pass"),
        (5, "function", "min(value, 0.5)", "(max(value, 0.5))"),
        (5, "constant", "0.5", "(1.0)"),
        (7, "break-continue", "break", "continue"),
        (8, "comparison", "total is None", "(total is not None)"),
        (9, "remove", 'raise ValueError("not " + "a number")', "pass"),
        (10, "keyword", "sorted(kept, key=abs)", "(sorted(kept))"),
        (10, "return", 'return sorted(kept, key=abs), "text"', "return None"),
    }
    assert not [c for c in mutants.changes(CODE) if c.operator == "arithmetic" and c.line == 9]


def test_a_draw_is_the_same_again_and_a_longer_one_begins_with_it(mutants: Any) -> None:
    ten, five = (list(islice(mutants.drawn(["exports"], 3), n)) for n in (10, 5))
    assert ten[:5] == five != list(islice(mutants.drawn(["exports"], 4), 5))
    assert len({(file, change.line) for file, change in ten}) == 10
    for file, change in ten:
        source = (ROOT / file).read_bytes()
        changed = change.applied(source)
        assert mutants.compiles(changed) and changed != source
        assert change.before in source.decode() and file.startswith("planner/exports/")


def test_what_the_tests_notice_is_killed_and_what_they_do_not_survives(
    mutants: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkout, table = tmp_path / "checkout", tmp_path / "table.csv"
    code = {
        "planner/__init__.py": "",
        "planner/exports/__init__.py": "",
        "planner/exports/tested.py": "def rise(x):\n    return x + 1\n",
        "planner/exports/untested.py": "def fall(x):\n    return x - 1\n",
        "tests/exports/test_rise.py": (
            "from planner.exports.tested import rise\n\n\n"
            "def test_rise():\n    assert rise(2) == 3\n"
        ),
    }
    for name, text in code.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(checkout)], check=True)

    monkeypatch.setattr(mutants, "ROOT", checkout)
    command = ["mutants", "--rooms", "exports", "--output", str(table)]
    monkeypatch.setattr(sys, "argv", command)
    mutants.main()
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert {(row["file"], row["outcome"], row["killed_by"]) for row in rows} == {
        ("planner/exports/tested.py", "killed", "tests/exports/test_rise.py::test_rise"),
        ("planner/exports/untested.py", "survived", ""),
    }
    assert "all: 2 mutants, killed 1, timeout 0, survived 1" in capsys.readouterr().out
    for name, text in code.items():
        assert (checkout / name).read_text(encoding="utf-8") == text

    # the same again runs nothing, another seed goes into a table of its own
    before = table.read_bytes()
    mutants.main()
    assert table.read_bytes() == before
    monkeypatch.setattr(sys, "argv", [*command, "--seed", "2"])
    with pytest.raises(SystemExit, match="another seed"):
        mutants.main()


def test_what_is_argued_still_stands_in_the_code() -> None:
    text = (ROOT / "tests" / "mutants.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        source = " ".join((ROOT / row["file"]).read_text(encoding="utf-8").split())
        assert row["before"] in source, row
        assert len(row["why"]) > 20, row
