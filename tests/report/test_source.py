"""The template: an office may edit it freely, a value is only ever text, and a mistake is named."""

from __future__ import annotations

import pytest

from planner.errors import ScenarioError
from planner.report.source import Block, make_blocks

TABLES = ("指标表",)
FIGURES = ("覆盖图",)
ATTACKS = (
    "{{ 7 * 7 }}", "{% for x in range(9) %}", "# 标题", "- 项", "= 大标题", "[[table 指标表]]", "[[page]]", "a\n# b",
    "\u2028# c", "<script>", "#set page()", "$x$", "\ue000# d",
)  # fmt: skip


def blocks(template: str, **facts: object) -> list[Block]:
    return make_blocks(template, facts, TABLES, FIGURES)


def test_lines_become_heads_points_paragraphs_and_marks() -> None:
    found = blocks(
        "= 题\n# 一、甲\n## （一）乙\n### 1. 丙\n正文\n\n- 项\n[[table 指标表]]\n[[figure 覆盖图]]\n[[page]]\n~ 封面"
    )
    assert [block.kind for block in found] == [
        "title", "head1", "head2", "head3", "text", "point", "table", "figure", "page", "cover",
    ]  # fmt: skip
    assert [block.text for block in found][4:8] == ["正文", "项", "指标表", "覆盖图"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_is_one_line_of_text(attack: str) -> None:
    for template in ("{{ x }}", "前{{ x }}后", "  {{ x }}", "{% set y = x %}{{ y }}"):
        (block,) = blocks(template, x=attack)
        assert block.kind == "text"
        shown = " ".join(attack.splitlines()).replace("\ue000", "").strip()
        assert block.text.removeprefix("前").removesuffix("后").strip() == shown


def test_a_mark_that_may_be_missing_is_left_out() -> None:
    assert blocks("[[table ?方案对比表]]\n文") == [Block("text", "文")]
    assert blocks("[[table ? 指标表]]") == [Block("table", "指标表")]


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("[[table 没有的表]]", "没有的表"),
        ("[[figure 指标表]]", "指标表"),
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
