"""What is said of an answer that cannot be taken up, or only in part: code, severity, column, both languages, fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from planner.errors import Notice, Severity


class Kind(NamedTuple):
    """One kind of notice; texts are filled with the facts of the row."""

    severity: Severity
    column: str
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""


TERMS: Final[Mapping[str, tuple[str, str]]] = {
    "verdict": ("审核状态", "verdict"), "place": ("经纬度", "place"),
    "opened_on": ("开通日期", "opened"),
    "due_on": ("约定交付时间", "due"), "delivered_on": ("交付确认时间", "delivered"),
    "refuse": ("不通过", "refused"),
    "wait": ("待审核", "waiting"), "veto": ("否决", "veto"), "accept": ("同意", "accepted"),
}  # fmt: skip
"""What the ``term`` of a notice is called; the Chinese is also the head of the column in a returned list."""

KINDS: Final[dict[str, Kind]] = {
    "answers_known": Kind(
        "I", "", "{count} 行在以前的版本中已采纳，不再计入", "{count} rows were taken up before"
    ),
    "answers_silent": Kind(
        "I",
        "",
        "{count} 行没有意见（待审核或空白）",
        "{count} rows say nothing yet (待审核 or blank)",
    ),
    "double_row": Kind(
        "W",
        "规划编号",
        "与 {other} 相同，只计一次",
        "the same as {other}, counted once",
        "请删除重复行。",
        "Delete the double row.",
    ),
    "no_key": Kind(
        "E",
        "规划编号",
        "没有规划编号、镇街或坐标",
        "neither 规划编号 nor town nor place",
        "请补上规划编号，勿按名称匹配。",
        "Fill in the 规划编号; names are never matched.",
    ),
    "unknown_station": Kind(
        "E",
        "规划编号",
        "方案中没有这个规划编号{near}",
        "no such 规划编号{near}",
        "请按发出的清单核对。",
        "Compare with the list that was sent.",
    ),
    "unknown_town": Kind(
        "E",
        "镇（街道）",
        "没有这个镇（街道）{near}",
        "no such town{near}",
        "可用：{known}。",
        "Use one of: {known}.",
    ),
    "demand_elsewhere": Kind(
        "E",
        "需求经度",
        "需求经纬度与该规划编号的位置相距 {metres:.0f} 米，坐标系或编号有误",
        "the demanded place is {metres:.0f} m from that of the 规划编号: wrong datum or number",
        "请核对坐标系和规划编号。",
        "Check datum and 规划编号.",
    ),
    "offset_disagrees": Kind(
        "E",
        "经纬度偏移距离(米)",
        "填写的偏移 {stated:.0f} 米，按坐标为 {metres:.0f} 米",
        "the stated offset is {stated:.0f} m, the places are {metres:.0f} m apart",
        "请核对坐标系和坐标。",
        "Check datum and coordinates.",
    ),
    "contradictory_row": Kind(
        "E",
        "审核状态",
        "同一行既说开通又说{term}",
        "one row says both opened and {term}",
        "请改正审核状态或开通日期。",
        "Mend 审核状态 or 开通日期.",
    ),
    "contradictory_rows": Kind(
        "E",
        "规划编号",
        "与 {other} 矛盾（{term}），都不采纳",
        "contradicts {other} ({term}); none of them is taken up",
        "请协商后只留一行。",
        "Agree, and keep one row.",
    ),
    "town_contradicts": Kind(
        "E",
        "规划编号",
        "同意该站，但 {other} 否决了整个{town}；按否决处理",
        "accepted, but {other} refuses all of {town}, which holds",
        "请协商后只留一条意见。",
        "Agree, and keep one of the two.",
    ),
    "date_in_future": Kind(
        "E",
        "开通日期",
        "实际日期晚于资料截止日期 {as_of}；计划日期不作为实际日期",
        "a day of fact after {as_of}; a planned day never becomes an actual one",
        "请填实际日期，或提高 --as-of。",
        "Give the actual day, or a later --as-of.",
    ),
    "opening_without_date": Kind(
        "W",
        "开通日期",
        "已开通但没有开通日期，日期留空",
        "on air without 开通日期: the day stays blank",
        "请补上开通日期。",
        "Fill in 开通日期.",
    ),
    "standing_refused": Kind(
        "E",
        "审核状态",
        "该站已开通，不能否决",
        "the station is open and cannot be refused",
        "请核对规划编号。",
        "Check the 规划编号.",
    ),
    "standing_moved": Kind(
        "E",
        "经度",
        "该站址已建成，不能移位（{metres:.0f} 米）",
        "the site stands and cannot move ({metres:.0f} m)",
        "如坐标有误请改正站址表。",
        "If the place is wrong, mend the table of sites.",
    ),
    "in_keep_out": Kind(
        "E",
        "经度",
        "位于{name}，不能建站",
        "lies in {name}, where nothing may be built",
        "请另选位置。",
        "Choose another place.",
    ),
    "moved_far": Kind(
        "I",
        "经度",
        "移动 {metres:.0f} 米，超过允许偏离半径 {limit:.0f} 米：原站否决，新位置作为候选",
        "moved {metres:.0f} m, tolerance {limit:.0f} m: the old station is vetoed, the new place a "
        "candidate",
    ),
    "not_in_plan": Kind(
        "W",
        "规划编号",
        "该站是候选站，不在方案中，同意不产生锁定",
        "a candidate that is not in the plan: nothing to lock",
    ),
    "already_candidate": Kind(
        "I", "经度", "该位置已是站址 {site}", "the place is site {site} already"
    ),
    "due_later": Kind(
        "W",
        "约定交付时间",
        "交付 {due} 晚于“{phase}”，不早于“{new}”开通",
        "delivery on {due} is after {phase}; it opens in {new} at the earliest",
    ),
    "due_after_plan": Kind(
        "W",
        "约定交付时间",
        "交付 {due} 晚于末期，退出方案",
        "delivery on {due} is after the last phase; it leaves the plan",
    ),
    "earlier_replaced": Kind(
        "W", "审核状态", "取代以前的意见（{term}）", "replaces an earlier decision ({term})"
    ),
    "stations_stay": Kind(
        "I",
        "镇（街道）",
        "{town}有 {count} 个已开通或已改造的站，保留",
        "{count} stations of {town} stand already and stay",
    ),
}


def notice(
    code: str,
    file: str,
    line: int | None,
    *,
    column: str = "",
    value: str = "",
    term: str = "",
    **facts: Any,
) -> Notice:
    """A notice about a row.

    Parameters
    ----------
    code
        One of :data:`KINDS`.
    file, line, value
        Where it is, and which value.
    column
        One of :data:`TERMS`; by default the column of its kind.
    term
        One of :data:`TERMS`, for the text.
    facts
        What else the text of its kind asks for; lists are enumerated.
    """
    kind = KINDS[code]
    chinese, english = (
        {
            "term": TERMS[term][language] if term else "",
            **{
                name: comma.join(fact) if isinstance(fact, list) else fact
                for name, fact in facts.items()
            },
        }
        for language, comma in enumerate(("、", ", "))
    )
    zh, fix_zh = (text.format(**chinese) for text in (kind.zh, kind.fix_zh))
    en, fix_en = (text.format(**english) for text in (kind.en, kind.fix_en))
    where = TERMS[column][0] if column else kind.column
    return Notice(
        code, kind.severity, zh, en, fix_zh, fix_en, file=file, line=line, column=where, value=value
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """A remark that names the nearest of the known words, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.8)
    return f"（最接近 nearest: {close[0]}）" if close else ""
