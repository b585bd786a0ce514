"""重载小区清单: sectors above the limit of load at each phase, and what the plan itself does about them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

import pandas as pd

from planner import fields as F
from planner.report.facts import Facts
from planner.report.sheet import columns_of, make_sheet
from planner.report.words import Words
from planner.sheets import Sheet

GB_PER_MBPS: Final = 3600 / 8e3  # in one hour, decimal GB
Sites = dict[tuple[str, str], list[tuple[str, int]]]


def overload_list(facts: Facts, words: Words) -> Sheet:
    """Overloaded sectors, phase by phase, the fullest first; the lines below count every phase, empty ones too."""
    limit = 100 * facts.scenario.capacity.overload
    rows: list[list[Any]] = []
    sites = _sites(facts)
    for number, phase in enumerate(facts.scenario.phases):
        over = _overloaded(facts, number)
        for row in over.to_dict("records"):
            turn, offered = float(row["azimuth_deg"]), float(row[f"offered_mbps_{phase.stations}"])
            where = [words.phase(phase), words.network(row[F.NETWORK]), row["cell_id"], row[F.STATION_ID], row[F.NAME]]
            cell = [row[F.TOWN], _band(facts, words, row[F.BAND]), int(turn) if turn.is_integer() else turn, row["pci"]]
            load = [100 * row["load"], limit, offered, offered * GB_PER_MBPS]
            rows.append([*where, *cell, *load, *_relief(facts, words, row, number)])
            rows[-1].append(_second_carriers(facts, words, sites, row, number))
    heads = (
        "期 网络 小区 规划编号 名称 镇（街道） 频段 方位角(度):mixed PCI:integer 负荷(%):percent 门限(%):percent "
        "忙时业务量(Mbit/s):number 忙时流量(GB):number 缓解期 届时负荷(%):percent 同址异频站"
    )
    notes = (
        *load_lines(facts, words),
        words("负荷为忙时下行业务量与小区所能承载之比；业务量由居住和就业人口、人均流量和5G占比推算，不是网管实测。"),
        words("缓解期为方案内新开基站后负荷不再超过门限的一期；同址异频站为方案此后在同址新开的本网其他频段基站；"
              "此外的扩容由运营企业确定。"),
    )  # fmt: skip
    return make_sheet(words, "重载小区清单", columns_of(words, heads), rows, notes=notes)


def load_lines(facts: Facts, words: Words) -> tuple[str, ...]:
    """A line per phase: how many sectors are overloaded, and the highest load."""
    if facts.plan.cells.empty:
        return (words("方案没有小区，负荷未计算。"),)
    limit, lines = f"{100 * facts.scenario.capacity.overload:g}", []
    for number, phase in enumerate(facts.scenario.phases):
        loads = facts.plan.cells[f"load_{phase.stations}"].dropna()
        if loads.empty:
            lines.append(words("{phase}：没有已开通的小区。", phase=words.phase(phase)))
            continue
        over = len(_overloaded(facts, number))
        text = "{phase}：{n}个小区中{over}个负荷超过{limit}%，最高{top}%。" if over else (
            "{phase}：{n}个小区中没有负荷超过{limit}%的，最高{top}%。"
        )  # fmt: skip
        top = f"{100 * loads.max():.1f}"
        lines.append(words(text, phase=words.phase(phase), n=len(loads), over=over, limit=limit, top=top))
    return tuple(lines)


def _overloaded(facts: Facts, number: int) -> pd.DataFrame:
    """Cells above the limit at a phase, the fullest first, with ``load`` there and their station."""
    cells = facts.plan.cells
    if cells.empty:
        return cells
    loads = cells[f"load_{facts.scenario.counts[number]}"]
    over = cells.assign(load=loads)[loads > facts.scenario.capacity.overload]
    station = facts.stations[[F.STATION_ID, F.SITE_ID, F.NAME, F.TOWN, F.RANK]]
    over = over.merge(station, on=F.STATION_ID, how="left", validate="many_to_one")
    return over.sort_values(["load", "cell_id"], ascending=[False, True], kind="stable")


def _relief(facts: Facts, words: Words, row: dict[Hashable, Any], number: int) -> list[Any]:
    """Phase from which the load stays within the limit, and the load there."""
    counts = facts.scenario.counts
    later = [float(row[f"load_{count}"]) for count in counts[number + 1 :]]
    still = [i for i, load in enumerate(later) if load > facts.scenario.capacity.overload]
    first = still[-1] + 1 if still else 0
    if first == len(later):
        return [words("至末期未缓解"), None]
    return [words.phase(facts.scenario.phases[number + 1 + first]), 100 * later[first]]


def _second_carriers(facts: Facts, words: Words, sites: Sites, row: dict[Hashable, Any], number: int) -> str | None:
    """Stations of the network that the plan opens later at the same site, on another band."""
    named = [
        words("{station}（{phase}）", station=station, phase=words.phase(facts.scenario.phases[opened]))
        for station, opened in sites[row[F.SITE_ID], row[F.NETWORK]]
        if opened > number
    ]
    return words.join(named) or None


def _sites(facts: Facts) -> Sites:
    """Stations of each network at each site, with the number of the phase that opens them, by rank."""
    sites: Sites = {}
    columns = [F.SITE_ID, F.NETWORK, F.STATION_ID, "number"]
    for site, network, station, number in facts.stations[columns].itertuples(index=False, name=None):
        sites.setdefault((site, network), []).append((station, number))
    return sites


def _band(facts: Facts, words: Words, name: str) -> str:
    band = facts.scenario.bands[name]
    return band.label_zh if words.language == "zh" else band.label_en
