"""What is said of an answer that cannot be taken up, or only in part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from planner.errors import Catalogue, Kind, Notice, Said

TERMS: Final[Mapping[str, Said]] = {
    "verdict": Said("审核状态", "verdict"),
    "place": Said("经纬度", "place"),
    "opened_on": Said("开通日期", "opened"),
    "due_on": Said("约定交付时间", "due"),
    "delivered_on": Said("交付确认时间", "delivered"),
    "refuse": Said("不通过", "refused"),
    "wait": Said("待审核", "waiting"),
    "veto": Said("否决", "veto"),
    "accept": Said("同意", "accepted"),
}
"""What the ``term`` of a notice is called.

The Chinese is also the head of the column in a returned list.
"""

NOTICES: Final = Catalogue({
    "answers_known": Kind("I",
        "{count} 行在以前的版本中已采纳，不再计入", "{count} rows were taken up before"),
    "answers_silent": Kind("I",
        "{count} 行没有意见（待审核或空白）", "{count} rows say nothing yet (待审核 or blank)"),
    "double_row": Kind("W",
        "与 {other} 相同，只计一次", "the same as {other}, counted once",
        "请删除重复行。", "Delete the double row.", column="规划编号"),
    "no_key": Kind("E",
        "没有规划编号、镇街或坐标", "neither 规划编号 nor town nor place",
        "请补上规划编号，勿按名称匹配。", "Fill in the 规划编号; names are never matched.",
        column="规划编号"),
    "unknown_station": Kind("E",
        "方案中没有这个规划编号{near}", "no such 规划编号{near}",
        "请按发出的清单核对。", "Compare with the list that was sent.", column="规划编号"),
    "unknown_town": Kind("E",
        "没有这个镇（街道）{near}", "no such town{near}",
        "可用：{known}。", "Use one of: {known}.", column="镇（街道）"),
    "demand_elsewhere": Kind("E",
        "需求经纬度与该规划编号的位置相距 {metres:.0f} 米，坐标系或编号有误",
        "the demanded place is {metres:.0f} m from that of the 规划编号: wrong datum or number",
        "请核对坐标系和规划编号。", "Check datum and 规划编号.", column="需求经度"),
    "offset_disagrees": Kind("E",
        "填写的偏移 {stated:.0f} 米，按坐标为 {metres:.0f} 米",
        "the stated offset is {stated:.0f} m, the places are {metres:.0f} m apart",
        "请核对坐标系和坐标。", "Check datum and coordinates.", column="经纬度偏移距离(米)"),
    "contradictory_row": Kind("E",
        "同一行既说开通又说{term}", "one row says both opened and {term}",
        "请改正审核状态或开通日期。", "Mend 审核状态 or 开通日期.", column="审核状态"),
    "contradictory_rows": Kind("E",
        "与 {other} 矛盾（{term}），都不采纳",
        "contradicts {other} ({term}); none of them is taken up",
        "请协商后只留一行。", "Agree, and keep one row.", column="规划编号"),
    "town_contradicts": Kind("E",
        "同意该站，但 {other} 否决了整个{town}；按否决处理",
        "accepted, but {other} refuses all of {town}, which holds",
        "请协商后只留一条意见。", "Agree, and keep one of the two.", column="规划编号"),
    "date_in_future": Kind("E",
        "实际日期晚于资料截止日期 {as_of}；计划日期不作为实际日期",
        "a day of fact after {as_of}; a planned day never becomes an actual one",
        "请填实际日期，或提高 --as-of。", "Give the actual day, or a later --as-of.",
        column="开通日期"),
    "opening_without_date": Kind("W",
        "已开通但没有开通日期，日期留空", "on air without 开通日期: the day stays blank",
        "请补上开通日期。", "Fill in 开通日期.", column="开通日期"),
    "standing_refused": Kind("E",
        "该站已开通，不能否决", "the station is open and cannot be refused",
        "请核对规划编号。", "Check the 规划编号.", column="审核状态"),
    "standing_moved": Kind("E",
        "该站址已建成，不能移位（{metres:.0f} 米）",
        "the site stands and cannot move ({metres:.0f} m)",
        "如坐标有误请改正站址表。", "If the place is wrong, mend the table of sites.",
        column="经度"),
    "in_keep_out": Kind("E",
        "位于{name}，不能建站", "lies in {name}, where nothing may be built",
        "请另选位置。", "Choose another place.", column="经度"),
    "moved_far": Kind("I",
        "移动 {metres:.0f} 米，超过允许偏离半径 {limit:.0f} 米：原站否决，新位置作为候选",
        ("moved {metres:.0f} m, tolerance {limit:.0f} m: "
         "the old station is vetoed, the new place a candidate"), column="经度"),
    "not_in_plan": Kind("W",
        "该站是候选站，不在方案中，同意不产生锁定",
        "a candidate that is not in the plan: nothing to lock", column="规划编号"),
    "already_candidate": Kind("I",
        "该位置已是站址 {site}", "the place is site {site} already", column="经度"),
    "due_later": Kind("W",
        "交付 {due} 晚于“{phase}”，不早于“{new}”开通",
        "delivery on {due} is after {phase}; it opens in {new} at the earliest",
        column="约定交付时间"),
    "due_after_plan": Kind("W",
        "交付 {due} 晚于末期，退出方案",
        "delivery on {due} is after the last phase; it leaves the plan", column="约定交付时间"),
    "earlier_replaced": Kind("W",
        "取代以前的意见（{term}）", "replaces an earlier decision ({term})", column="审核状态"),
    "stations_stay": Kind("I",
        "{town}有 {count} 个已开通或已改造的站，保留",
        "{count} stations of {town} stand already and stay", column="镇（街道）"),
})  # fmt: skip

RETURNED: Final = Catalogue({
    "file_read_before": Kind("I",
        "内容与已读过的文件相同，不再计入",
        "the same content was read before and is not counted again"),
    "other_plan": Kind("W",
        "{count} 条意见针对另一方案 {other}，本方案为 {own}；按规划编号读取",
        "{count} answers are to another plan, {other}, and this one is {own}; read by 规划编号",
        "请核对成果目录和返回文件是否对应。", "Check whether run folder and file belong together.",
        column="方案编号"),
    "marks_unreadable": Kind("E",
        "不是审阅页保存的意见文件：{reason}", "not a file of marks from the review page: {reason}",
        "请在审阅页中重新保存意见文件。", "Save the marks again from the review page."),
    "mark_unusable": Kind("E",
        "第 {number} 条意见不可用：{reason}", "mark {number} cannot be used: {reason}",
        "请在审阅页中重新标注。", "Mark it again on the review page."),
    "mark_area_unusable": Kind("W",
        "第 {number} 条意见的区域不可用：{reason}；按地点意见读取",
        "the area of mark {number} cannot be used: {reason}; read as a comment on its place",
        "请在审阅页中重画区域：3 至 200 个角点，边界不自交。",
        "Draw it again on the review page: 3 to 200 corners, no side crossing another."),
    "date_invalid": Kind("E",
        "日期无法识别", "not a date",
        "请写成 2020-11-15 的形式。", "Write it as 2020-11-15."),
    "datum_contradicts": Kind("W",
        "坐标系列为 {own}，文件名或表头提到 {named}，按坐标系列读取",
        ("the datum column says {own}, file name or headers speak of {named}: "
         "read as the column says"),
        "请核对坐标系。", "Check the datum."),
    "datum_assumed": Kind("I",
        "文件名、表头和坐标系列都没有写明坐标系，按 {datum} 读取",
        "neither file name, headers nor a datum column tell the datum: read as {datum}",
        "请在文件名或坐标系列写明坐标系。", "State the datum in the file name or in a column."),
})  # fmt: skip
"""Notices about what comes back from reviewers, beside those about any table."""


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
        One of :data:`NOTICES`.
    file, line, value
        Where it is, and which value.
    column
        One of :data:`TERMS`; by default the column of its kind.
    term
        One of :data:`TERMS`, for the text.
    facts
        What else the text of its kind asks for; lists are enumerated.
    """
    if term:
        facts["term"] = TERMS[term]
    head = TERMS[column].zh if column else ""
    return NOTICES.notice(code, file=file, line=line, column=head, value=value, **facts)
