"""One mechanism for notices; no code without a kind, no kind without a use, no fact amiss."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import operator
import string
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from planner import cli
from planner.errors import (
    Catalogue,
    InputError,
    Kind,
    Notice,
    Said,
    Severity,
    Spot,
    all_in,
    grouped,
    raise_together,
)

ROOT = Path(__file__).resolve().parents[1] / "planner"

PLACE = {"file", "sheet", "line", "lines", "column", "value", "at", "severity", "left_out"}
"""What a call says of a notice that is no fact of its text."""

ANY = frozenset({"*"})
"""Facts that a call only passes on."""

MAKERS = {"notice", "add", "enter", "enter_count", "leave_out", "Ended"}
"""What makes a notice: of a catalogue, a book of findings, the review's minutes, a reader's end."""


# the mechanism


def test_a_notice_is_told_in_both_languages() -> None:
    kinds = Catalogue({
        "odd": Kind("W", "{names}：{metres:.0f} 米，{why}", "{names}: {metres:.0f} m, {why}",
                    "请看 {names}。", "See {names}.", column="name"),
    })  # fmt: skip
    made = kinds.notice(
        "odd", file="a.csv", line=3, value=7, names=["a", "b"], metres=4.6, why=Said("太远", "far")
    )
    assert (made.zh, made.en) == ("a、b：5 米，太远", "a, b: 5 m, far")
    assert (made.fix_zh, made.fix_en) == ("请看 a、b。", "See a, b.")
    assert (made.code, made.severity, made.place) == ("odd", "W", "a.csv:3 [name] = 7")


def test_a_call_may_say_column_and_severity() -> None:
    kinds = Catalogue({"odd": Kind("W", "怪", "odd", column="name")})
    made = kinds.notice("odd", column="id", severity="E")
    assert (made.column, made.severity) == ("id", "E")


def test_kinds_may_share_a_code() -> None:
    kinds = Catalogue({"odd/a": Kind("I", "甲", "a"), "odd/b": Kind("I", "乙", "b")})
    assert [kinds.notice(code).code for code in kinds] == ["odd", "odd"]
    assert [kinds.notice(code).en for code in kinds] == ["a", "b"]


def test_a_value_is_never_followed() -> None:
    kinds = Catalogue({"odd": Kind("I", "{name}", "{name}")})
    assert kinds.notice("odd", name="{0.__class__} {name}").en == "{0.__class__} {name}"


def test_a_missing_fact_or_kind_is_a_fault_of_ours() -> None:
    kinds = Catalogue({"odd": Kind("I", "{name}", "odd")}) | Catalogue({"even": Kind("I", "", "")})
    assert set(kinds) == {"odd", "even"}
    with pytest.raises(KeyError, match="name"):
        kinds.notice("odd")
    with pytest.raises(KeyError, match="uneven"):
        kinds.notice("uneven")


# what people read of them


def many(
    severity: Severity = "W", number: int = 601, text: str = "远 {i}", **said: Any
) -> list[Notice]:
    kinds = Catalogue({"odd": Kind(severity, text, text, "请改。", "Mend it.", column="lon")})
    return [
        kinds.notice("odd", file="a.csv", line=i + 2, value=f"x{i}", i=i, **said)
        for i in range(number)
    ]


def test_many_of_a_kind_are_one_line_in_each_language() -> None:
    zh, en = grouped(many(text="远"), all_in("n.csv"))
    assert zh == (
        "W odd ×601 a.csv:2 [lon] = x0、:3 = x1、:4 = x2: 远。请改。另有 598 处，全部见 n.csv"
    )
    assert en == "  远. Mend it. 598 more, all in n.csv"


def test_what_each_of_a_kind_says_is_told_of_its_examples() -> None:
    zh, en = grouped(many(number=3), all_in("n.csv"))
    assert zh == "W odd ×3 a.csv:2 [lon] = x0: 远 0；:3 = x1: 远 1；:4 = x2: 远 2。请改。"
    assert en == "  远 0; 远 1; 远 2. Mend it."


def test_errors_are_told_first_and_ten_of_a_kind() -> None:
    same, differing = many("E", text="远"), many("E")
    lines = grouped([*many("I", 1), *many("W", 2), *same])
    assert [line[0] for line in lines if line[0] != " "] == ["E", "W", "I"]
    assert lines[0].count(" = x") == 10
    assert "另有 591 处" in lines[0] and "planner check" in lines[0]

    # each of them must be mended, so each has lines of its own
    lines = grouped(differing)
    assert len(lines) == 2 * 10 + 2
    assert lines[:2] == str(differing[0]).splitlines()
    assert lines[-1].startswith("  591 more")


def test_one_more_is_told_and_not_counted() -> None:
    (zh, _) = grouped(many(number=4, text="远"))
    assert "x3" in zh and "另有" not in zh


def test_what_was_counted_only_is_counted_here() -> None:
    kept = many(number=1000)
    kept[-1] = dataclasses.replace(kept[-1], more=4000)
    zh, en = grouped(kept, all_in("n.csv"))
    assert "×5000" in zh
    assert zh.endswith("另有 4997 处，全部见 n.csv，只列前 1000 处")
    assert en.endswith("4997 more, all in n.csv, listed are the first 1000")


def test_one_notice_reads_as_ever() -> None:
    (one,) = many(number=1)
    assert grouped([one]) == str(one).splitlines()


def test_errors_raised_together_do_not_drown() -> None:
    with pytest.raises(InputError) as caught:
        raise_together([InputError.found(notice) for notice in many("E", text="远")])
    assert len(caught.value.notices) == 601
    assert str(caught.value).startswith(
        "有 601 处问题，无法规划\n601 findings stop the plan\nE odd ×601"
    )
    assert len(str(caught.value).splitlines()) == 4


def test_a_notice_points_to_a_feature() -> None:
    kinds = Catalogue({"odd": Kind("W", "怪", "odd")})
    spot = Spot(7, 2, "乙县", 120.32, 33.38)
    made = kinds.notice("odd", file="a.geojson", at=spot, column="kind", value="x")
    assert made.place == "a.geojson:7 要素 feature 2 乙县 (120.32000, 33.38000) [kind] = x"


def test_nothing_in_a_notice_or_an_error_is_obeyed_by_a_terminal() -> None:
    hostile = "a\x1b[31m\u202e\r\ud800"
    kinds = Catalogue(
        {"odd": Kind("E", "{name}", "{name} {both}", "{names}", "{name}", column="c")}
    )
    made = kinds.notice(
        "odd", file=hostile, sheet=hostile, column=hostile, value=hostile, name=hostile,
        names=[hostile], both=Said(hostile, hostile), at=Spot(1, 2, hostile),
    )  # fmt: skip
    for text in (str(made), str(InputError.found(made)), str(InputError(hostile, hostile))):
        assert text.replace("\n", "").isprintable()
        assert "\\x1b" in text and "\\u202e" in text


def test_a_notice_of_an_earlier_plan_is_still_read() -> None:
    old = {
        "code": "odd", "severity": "W", "zh": "怪", "en": "odd", "fix_zh": "", "fix_en": "",
        "file": "a.csv", "sheet": "", "line": 3, "column": "", "value": "",
    }  # fmt: skip
    assert Notice(**old).place == "a.csv:3"


# the source


class Use(NamedTuple):
    """A call that makes a notice: its code, or none where a variable holds it, and its facts."""

    place: str
    code: str | None
    facts: frozenset[str]


def is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def keys_of(node: ast.AST | None) -> set[str]:
    """Texts that are keys of a mapping written out."""
    return {key.value for key in node.keys if is_text(key)} if isinstance(node, ast.Dict) else set()


def facts_of(call: ast.Call, function: ast.AST) -> frozenset[str] | None:
    """Facts that a call gives; None when it passes on what is written elsewhere."""
    mappings = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    given: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg is not None:
            given.add(keyword.arg)
        elif getattr(keyword.value, "id", "") in mappings:
            given |= keys_of(mappings[keyword.value.id])
        else:
            return None
    return frozenset(given - PLACE)


def uses_and_texts(
    path: str, source: str, codes: Collection[str]
) -> tuple[list[Use], frozenset[str]]:
    """Calls of a module that make notices, and the texts that stand elsewhere in it.

    A code and its facts may also stand together as ``"code", {"fact": ...}``, to be said later.
    """
    tree = ast.parse(source)
    found: dict[int, tuple[ast.expr, frozenset[str]]] = {}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                facts = facts_of(node, function)
                is_set = not node.keywords and not is_text(node.args[0])  # set.add(element)
                # what a call passes on is known where that call is made
                facts = ANY if facts is None and not is_text(node.args[0]) else facts
                if name in MAKERS and facts is not None and not is_set:
                    found[id(node)] = node.args[0], facts
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
                code, facts_later = node.elts
                if getattr(code, "value", None) in codes and isinstance(facts_later, ast.Dict):
                    found[id(node)] = code, frozenset(keys_of(facts_later) - PLACE)

    uses = [
        Use(f"{path}:{code.lineno}", code.value if is_text(code) else None, facts)
        for code, facts in found.values()
    ]
    direct = {id(code) for code, _ in found.values()}
    texts = (node.value for node in ast.walk(tree) if is_text(node) and id(node) not in direct)
    return uses, frozenset(texts)


def asked(kind: Kind) -> set[str]:
    """Facts that the four texts of a kind ask for."""
    parts = (part for text in kind[1:5] for part in string.Formatter().parse(text))
    return {name for _, name, _, _ in parts if name}


def faults(sources: Mapping[str, str], catalogues: Mapping[str, Catalogue]) -> list[str]:
    """What is amiss between modules and the catalogues that their rooms hold or import.

    Parameters
    ----------
    sources
        By path inside the package.
    catalogues
        By path of the module that holds them.
    """
    found = []
    used: set[str] = set()
    by_room: defaultdict[str, dict[str, Kind]] = defaultdict(dict)
    for path, source in sources.items():
        room = path.split("/")[0]
        for home, catalogue in catalogues.items():
            module = "planner." + home.removesuffix(".py").replace("/", ".")
            if home.split("/")[0] == room or f"from {module} import" in source:
                by_room[room] |= catalogue

    found_in = {
        path: uses_and_texts(path, source, by_room[path.split("/")[0]])
        for path, source in sources.items()
    }
    for path in sources:
        kinds = by_room[path.split("/")[0]]
        if not kinds or path in catalogues:
            continue

        uses, texts = found_in[path]
        for place, code, facts in uses:
            if code is None:
                continue
            if code not in kinds:
                found.append(f"{place}: there is no kind {code}")
                continue
            used.add(code)
            if missing := asked(kinds[code]) - facts:
                found.append(f"{place}: {code} lacks {', '.join(sorted(missing))}")
            if idle := facts - asked(kinds[code]):
                found.append(f"{place}: no text of {code} has {', '.join(sorted(idle))}")

        # codes that a variable holds when the notice is made: some such call of the room gives
        # their facts
        given = [
            facts
            for other, (others, _) in found_in.items()
            if other.split("/")[0] == path.split("/")[0]
            for _, code, facts in others
            if code is None
        ]
        for code in sorted(kinds.keys() & texts):
            used.add(code)
            wanted = asked(kinds[code])
            if wanted and not any(facts is ANY or wanted <= facts for facts in given):
                found.append(f"{path}: no call gives {code} its {', '.join(sorted(wanted))}")

    for home, catalogue in catalogues.items():
        found += [f"{home}: {code} is used nowhere" for code in sorted(catalogue.keys() - used)]
    return found


def packaged_sources() -> dict[str, str]:
    paths = sorted(ROOT.rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def packaged_catalogues() -> dict[str, Catalogue]:
    found = {}
    for path in sorted(ROOT.rglob("*notices.py")):
        inside = path.relative_to(ROOT)
        module = importlib.import_module(".".join(("planner", *inside.with_suffix("").parts)))
        held = [value for value in vars(module).values() if isinstance(value, Catalogue)]
        found[inside.as_posix()] = functools.reduce(operator.or_, held)
    return found


def test_every_code_has_a_kind_every_kind_a_use_and_every_text_its_facts() -> None:
    catalogues = packaged_catalogues()
    assert {"layers/notices.py", "scenario/notices.py", "stations/notices.py"} <= catalogues.keys()
    assert faults(packaged_sources(), catalogues) == []


def test_notices_are_made_by_catalogues_alone() -> None:
    makers = {
        name: {path for path, source in packaged_sources().items() if calls(source, name)}
        for name in ("Notice", "Kind")
    }
    # what the planner reads back from a saved plan, or from what it kept, is no new notice
    assert makers["Notice"] == {"errors.py", "model/packed.py", "model/plan.py"}
    assert makers["Kind"] == packaged_catalogues().keys()


def calls(source: str, name: str) -> bool:
    nodes = ast.walk(ast.parse(source))
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") == name for node in nodes
    )


PLANTED = Catalogue({
    "far": Kind("W", "{metres} 米", "{metres} m", "请看 {town}。", "See {town}."),
    "near": Kind("I", "近", "near"),
})  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('x.notice("far", line=1, metres=2, town="a"); x.notice("near")', []),
        ('x.notice("far", metres=2, town="a", name="b"); x.notice("near")', ["no text of far has"]),
        ('x.notice("far", metres=2); x.notice("near")', ["far lacks town"]),
        ('x.notice("far", metres=2, town="a"); x.add("nears")', ["no kind nears", "near is used"]),
        ('x.notice("near")', ["far is used nowhere"]),
        ('w = {"file": 1, "town": 2}\n    x.notice("far", metres=2, **w); x.add("near")', []),
        ('w = {"file": 1}\n    x.notice("far", metres=2, **w); x.add("near")', ["lacks town"]),
        ('x.add("far" if y else "near", metres=1, town=2)', []),
        ('c = "far" if y else "near"\n    x.add(c, metres=1)', ["no call gives far its metres"]),
        ('c = "far", {"metres": 1, "town": 2}\n    x.enter(c[0], **c[1]); y("near")', []),
        ('c = "far", {"metres": 1}\n    x.enter(c[0], **c[1]); y("near")', ["far lacks town"]),
        ('seen.add(y); x.notice("far", metres=2, town="a"); x.notice("near")', []),
    ],
)
def test_a_planted_fault_is_found(body: str, said: list[str]) -> None:
    sources = {"room/a.py": f"def f(x, y, seen):\n    {body}\n"}
    found = faults(sources, {"room/notices.py": PLANTED})
    assert len(found) == len(said), found
    assert all(part in line for part, line in zip(said, found, strict=True)), found


def test_a_catalogue_holds_where_it_is_imported_and_not_elsewhere() -> None:
    source = 'def f(x):\n    x.notice("far", metres=1, town=2); x.notice("near")\n'
    imported = f"from planner.room.notices import NOTICES\n{source}"
    assert faults({"other/a.py": imported}, {"room/notices.py": PLANTED}) == []
    assert len(faults({"other/a.py": source}, {"room/notices.py": PLANTED})) == 2


def test_what_is_said_of_a_run_folder_leads_to_no_list_of_check(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli._say_notices(many("E"))
    said = capsys.readouterr().out
    assert "591 more" in said
    assert "planner check" not in said
