"""意见答复: every answer that was taken up, for the office."""

from __future__ import annotations

from typing import Final

import pandas as pd

_KIND_WORDS: Final = {"row": "清单", "accept": "同意", "object": "反对", "propose": "建议位置", "comment": "意见"}
_DECISION_WORDS: Final = {
    "open": "已开通", "veto": "否决", "lock": "锁定", "move": "移位", "move_far": "否决并另选新位置",
    "propose": "列为候选", "refuse_town": "全镇否决", "accept_town": "取消全镇否决", "date": "记入日期", "note": "记录",
}  # fmt: skip


def answer_list(statements: pd.DataFrame) -> pd.DataFrame:
    """The table 意见答复 under the office's heads.

    Parameters
    ----------
    statements
        Of :class:`planner.plan.decisions.Decisions`.

    Returns
    -------
    pandas.DataFrame
        An answer a row, with what it came to, and for a comment on an area its size in ha and the stations of the plan
        inside.
    """
    has_area = statements["area"] != ""
    return pd.DataFrame(
        {
            "文件": statements["file"],
            "行号": statements["line"],
            "提出方": statements["reviewer"],
            "类型": statements["kind"].map(_KIND_WORDS).where(~has_area, "区域意见"),
            "规划编号": statements["station_id"],
            "镇（街道）": statements["town"],
            "经度": statements["lon"].fillna(statements["mark_lon"]),
            "纬度": statements["lat"].fillna(statements["mark_lat"]),
            "区域（公顷）": statements["area_ha"],
            "区域内站数": statements["inside"].map(len).where(has_area).astype("Int64"),
            "区域内规划编号": statements["inside"].map("、".join),
            "处理": ["、".join(_DECISION_WORDS[code] for code in said.split("+")) for said in statements["decision"]],
            "原因": statements["reason"],
            "说明": statements["note"],
        }
    )
