"""One mechanism for notices; no code without a kind, no kind without a use, no fact amiss."""

from __future__ import annotations

import ast
import functools
import importlib
import operator
import string
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from planner.errors import Catalogue, Kind, Said

ROOT = Path(__file__).resolve().parents[1] / "planner"

PLACE = {"file", "sheet", "line", "column", "value", "at", "severity"}
"""What a call says of a notice that is no fact of its text."""

MAKERS = {"notice", "add", "enter", "enter_count", "Ended"}
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

    for path, source in sources.items():
        kinds = by_room[path.split("/")[0]]
        if not kinds or path in catalogues:
            continue

        uses, texts = uses_and_texts(path, source, kinds)
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

        # codes that a variable holds when the notice is made: some such call gives their facts
        given = [facts for _, code, facts in uses if code is None]
        for code in sorted(kinds.keys() & texts):
            used.add(code)
            wanted = asked(kinds[code])
            if wanted and not any(wanted <= facts for facts in given):
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
    # what the planner reads back from a saved plan is no new notice
    assert makers["Notice"] == {"errors.py", "model/plan.py"}
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
