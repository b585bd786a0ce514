"""The template: an office may edit it freely, a value is only ever text, and a mistake is named."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import planner.report
from planner.errors import ScenarioError
from planner.radio import MODELS, PropagationModel
from planner.report.facts import Facts
from planner.report.figures import make_figures
from planner.report.paper import excerpts
from planner.report.source import Block, make_blocks
from planner.report.story import story
from planner.report.tables import make_tables
from planner.report.texts import report_template, template_text
from planner.words import Language, known_languages, language

CHINESE = re.compile("[\u3001-\u9fff\uff01-\uffee]")  # characters and marks, not the wide space
TABLES = ("indicators", "verdicts")
FIGURES = ("coverage",)
ATTACKS = (
    "{{ 7 * 7 }}", "{% for x in range(9) %}", "# 标题", "- 项", "= 大标题",
    "[[table indicators]]", "[[page]]",
    "a\n# b", "\u2028# c", "<script>", "#set page()", "$x$", "\ue000# d",
)  # fmt: skip


def blocks(template: str, **facts: object) -> list[Block]:
    return make_blocks(template, facts, TABLES, FIGURES)


def test_lines_become_heads_points_paragraphs_and_marks() -> None:
    found = blocks(
        "= 题\n# 一、甲\n## （一）乙\n### 1. 丙\n正文\n\n- 项\n"
        "[[table indicators]]\n[[figure coverage]]\n[[page]]\n~ 封面"
    )
    assert [block.kind for block in found] == [
        "title",
        "head1",
        "head2",
        "head3",
        "text",
        "point",
        "table",
        "figure",
        "page",
        "cover",
    ]
    assert [block.text for block in found][4:8] == ["正文", "项", "indicators", "coverage"]


@pytest.mark.parametrize("code", known_languages())
def test_a_head_of_the_packaged_text_begins_a_line(code: str) -> None:
    """A paragraph that ends in a tag swallows its line end, and with it the head that follows."""
    lines = report_template(language(code)).splitlines()
    for line, below in itertools.pairwise(lines):
        if line.endswith("%}") and not line.startswith("{%"):
            assert not below, f"a blank line is missing below: {line[-40:]}"


def test_a_language_without_a_text_of_its_own_takes_that_of_the_language_behind_it() -> None:
    german = cast("Language", SimpleNamespace(chain=("de", "en", "zh")))
    assert report_template(german) == template_text("report.en.md")


@pytest.mark.parametrize(
    ("code", "basis", "method"),
    [
        (
            "en",
            ": UMa (3GPP TR 38.901 V17, Table 7.4.1-1; ITU-R M.2135-1, Table A1-2); UMi (P.1411)",
            "A link budget over path loss (UMa, UMi) says",
        ),
        (
            "zh",
            "UMa，见3GPP TR 38.901 V17, Table 7.4.1-1; ITU-R M.2135-1, Table A1-2；UMi，见P.1411",
            "以链路预算和路径损耗（UMa、UMi）确定",
        ),
    ],
)
def test_the_packaged_text_names_the_models_that_the_stations_have(
    code: str, basis: str, method: str, plan: planner.Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan whose open land is computed by another model, which another paper describes."""
    other = dataclasses.replace(MODELS["UMi"], source="P.1411")
    monkeypatch.setitem(cast("dict[str, PropagationModel]", MODELS), "UMi", other)
    model = plan.stations["model"].replace("RMa", "UMi")
    changed = dataclasses.replace(plan, stations=plan.stations.assign(model=model))

    words, facts = language(code), Facts(changed)
    tables = make_tables(facts, words)
    codes = [*tables, *excerpts(facts, tables, words)]
    values, figures = story(facts, words, tables), make_figures(facts, words)
    made = make_blocks(report_template(words), values, codes, figures)
    said = [block.text for block in made]
    assert [text for text in said if basis in text]
    assert [text for text in said if method in text]
    assert not [text for text in said if "RMa" in text]


@pytest.mark.parametrize(
    ("code", "proposed", "no_keep_out"),
    [("zh", "处站址由程序按规则提出，未经勘察", "没有给出禁建区，未按禁建区避让。"),
     ("en", "of the sites by rule; nobody has surveyed them.", "No keep-out is given")],
)  # fmt: skip
def test_sites_that_nobody_named_and_keep_outs_that_nobody_gave_are_said(
    code: str, proposed: str, no_keep_out: str, plan: planner.Plan
) -> None:
    def told(changed: planner.Plan) -> str:
        words, facts = language(code), Facts(changed)
        tables = make_tables(facts, words)
        codes = [*tables, *excerpts(facts, tables, words)]
        values, figures = story(facts, words, tables), make_figures(facts, words)
        blocks = make_blocks(report_template(words), values, codes, figures)
        return "\n".join(block.text for block in blocks)

    assert proposed in told(plan)
    assert no_keep_out not in told(plan)
    layers = dataclasses.replace(plan.layers, keep_outs=plan.layers.keep_outs.iloc[:0])
    stations = plan.stations.assign(basis="evidence")
    bare = told(dataclasses.replace(plan, layers=layers, stations=stations))
    assert proposed not in bare
    assert no_keep_out in bare


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_is_one_line_of_text(attack: str) -> None:
    for template in ("{{ x }}", "前{{ x }}后", "  {{ x }}", "{% set y = x %}{{ y }}"):
        (block,) = blocks(template, x=attack)
        assert block.kind == "text"
        shown = " ".join(attack.splitlines()).replace("\ue000", "").strip()
        assert block.text.removeprefix("前").removesuffix("后").strip() == shown


def test_a_mark_that_may_be_missing_is_left_out() -> None:
    assert blocks("[[table ?comparison]]\n文") == [Block("text", "文")]
    assert blocks("[[table ? indicators]]") == [Block("table", "indicators")]


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("[[table 没有的表]]", "没有的表"),
        ("[[figure indicators]]", "coverage"),
        ("{{ nothing }}", "nothing"),
        ("正文\n{{ x", "line 2"),
        ("{{ x.__class__.__mro__ }}", "unsafe"),
        ("{{ x.append(1) }}", "append"),
        ("{% include '/etc/passwd' %}", "passwd"),
        ("{{ 1 + 'a' }}", "operand"),
        ("{{ 1 / 0 }}", "division"),
    ],
)
def test_a_mistake_in_a_template_is_named(template: str, word: str) -> None:
    with pytest.raises(ScenarioError, match=word):
        blocks(template, x=[1])


def test_an_unknown_table_is_answered_with_the_known_codes() -> None:
    with pytest.raises(ScenarioError) as found:
        blocks("[[table 判定表]]")
    assert str(found.value).splitlines() == [
        "报告模板引用的判定表不存在，可用：indicators、verdicts",
        "the report's template names table 判定表, which there is not; known: indicators, verdicts",
    ]


def test_no_code_of_the_room_holds_a_chinese_word() -> None:
    """Words stand in planner/words and in templates; only errors speak both languages."""
    folder = Path(inspect.getfile(planner.report)).parent
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(part) for node in ast.walk(tree) for part in spared(node)}
        found = [
            (node.lineno, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in said
            and CHINESE.search(node.value)
        ]
        assert not found, f"{path.name} {found}"


def spared(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, and what an error is raised with."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id.endswith("Error")
    ):
        for part in node.args:
            yield from ast.walk(part)
