"""What is said of the size of a case before it is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from planner.errors import Catalogue, Kind, Said

NOTICES: Final = Catalogue({
    "work_estimated": Kind("I",
        ("估算：需求点 {points:,}，需求行 {rows:,}，站址 {sites:,}，基站最多 {stations:,}，"
         "覆盖关系 {pairs:,}；内存约 {memory_gb:.1f} GB，计算约 {seconds:,} 秒（单核）"),
        ("estimated: {points:,} places of demand, {rows:,} rows, {sites:,} sites, at most "
         "{stations:,} stations, {pairs:,} pairs of coverage; about {memory_gb:.1f} GB of memory "
         "and {seconds:,} s on one core")),
    "memory_short": Kind("E",
        "估计需要内存 {need_gb:.3g} GB，可用 {have_gb:.3g} GB，主要用于{what}",
        "needs about {need_gb:.3g} GB of memory, {have_gb:.3g} GB are free; most is for {what}",
        "请检查并改正 {keys}（步长、间距取大些），或换内存更大的机器。",
        "Look at {keys} (a longer step or spacing needs less), or use a machine with more memory."),
    "places_too_near": Kind("E",
        "候选间距远小于 siting.min_spacing_m：约有 {count:,} 对位置相距过近，最多 {most:,} 对",
        ("candidates are proposed far nearer than siting.min_spacing_m: about {count:,} pairs of "
         "places are too near to each other, at most {most:,} can be settled"),
        "请检查 {keys}。", "Look at {keys}."),
})  # fmt: skip

TERMS: Final[Mapping[str, Said]] = {
    "cells": Said("网格", "cells of the areas"),
    "samples": Said("道路采样点", "samples of the roads"),
    "population": Said("人口表", "squares of the population table"),
    "windows": Said("连续覆盖窗口", "windows of continuity"),
    "candidates": Said("候选站址", "candidate sites"),
    "pairs": Said("覆盖关系", "pairs of coverage"),
}
"""What memory is needed for."""
