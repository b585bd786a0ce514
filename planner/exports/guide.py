"""The sheet 填写说明 of a list: what it is, what its columns mean, what was made up."""

from __future__ import annotations

from typing import Final

from planner.crs import Datum
from planner.exports.profile import ListColumn, Profile
from planner.exports.rows import DATUM_LABELS
from planner.model import Plan
from planner.sheets import Column, Sheet

_WORDS: Final = (
    ("基站", "一个网络在一个站址、一个频段的逻辑基站，是本清单的计数单位"),
    ("站址", "物理位置；一个站址可有多个网络、频段的基站"),
)
_SYNTHETIC: Final = "合成数据。站址、候选站址或人口分布等输入含按规则生成的数据，不是实测，不得作为已建设施的依据"


def guide_sheet(plan: Plan, form: Profile, network: str, phase: str, n_rows: int, datum: Datum) -> Sheet:
    """Explain a list to who fills it in and to who reads it."""
    scenario = plan.scenario
    facts = [
        ("清单", f"{scenario.district.name}{form.title}"),
        ("情景", scenario.name),
        ("网络", network),
        ("工程期别", phase),
        ("行数", str(n_rows)),
        ("坐标系", DATUM_LABELS[datum]),
        ("资料截止日期", scenario.as_of),
        ("编制单位", scenario.titles.compiled_by),
        ("数据性质", _SYNTHETIC if plan.layers.is_synthetic else "规划结果"),
        *_WORDS,
        ("各期", "；".join(f"{i} = {p.name}，累计{p.stations}站" for i, p in enumerate(scenario.phases))),
        ("空列", "没有可靠来源的内容（编码、名称、电话等）一律留空，由填报单位填写"),
        ("文字", "控制字符不写入；CSV中以=、+、-、@开头的文字前加半角撇号，防止被当作公式"),
    ]
    columns = [(f"列：{column.head}", text) for column in form.columns if (text := _meaning(column))]
    return Sheet("填写说明", (Column("项目"), Column("内容", widest=100)), [*facts, *columns])


def _meaning(column: ListColumn) -> str:
    """What a column holds; empty where its head says it all."""
    if not column.field:
        return column.note or "留空，由填报单位填写"
    words = dict.fromkeys(word for word in column.values.values() if word)
    return column.note or ("取值：" + "、".join(words) if words else "")
