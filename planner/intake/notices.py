"""What can be wrong with what somebody has of a district."""

from __future__ import annotations

from typing import Final

from planner.errors import Catalogue, Kind

NOTICES: Final = Catalogue(
    {
        "border_missing": Kind(
            "E",
            "没有区界",
            "there is no border of the district",
            "请用 --boundary 给出区界文件，或用 --osm 给出含区界的 OSM 裁剪文件。",
            "Give --boundary FILE, or --osm EXTRACT that holds it.",
        ),
        "border_missing/no_area": Kind(
            "E",
            "没有面，只有 {found}，共 {count} 个",
            "it holds no polygon, only {found}, {count} in all",
            "各行若是区界的拐点或边线，请在 GIS 中按次序连成面。",
            "If they are corners or sides of the border, join them to a polygon in a GIS.",
        ),
        "border_unpicked": Kind(
            "E",
            "有 {count} 个区界，须选一个：{names}",
            "it holds {count} borders, one is to be picked: {names}",
            "请加 --pick 名称或代码。",
            "Add --pick with a name or a code.",
        ),
        "border_unknown": Kind(
            "E",
            "没有名称或代码为 {pick} 的区界。有：{names}",
            "no border has the name or code {pick}. There are: {names}",
            "请改 --pick。",
            "Change --pick.",
        ),
        "border_ambiguous": Kind(
            "E",
            "{pick} 合 {count} 个区界：{names}",
            "{pick} fits {count} borders: {names}",
            "请用代码，或写全名。",
            "Give the code or the whole name.",
        ),
        "border_unusable": Kind(
            "E",
            "区界 {name} 不能用：{reason}",
            "the border of {name} cannot be used: {reason}",
            "请换一个文件，或用 --boundary 另给区界。",
            "Take another file, or give --boundary.",
        ),
        "option_invalid": Kind(
            "E", "{option} 不能是 {given}：{why}", "{option} cannot be {given}: {why}"
        ),
        "sites_missing": Kind(
            "E",
            "现状 {count} 站已开通，却没有站址清单",
            "{count} stations are open, and no list says where",
            "请用 --sites 给出清单，或让 --counts 从 0 开始，或加 --synthetic 虚构并注明。",
            "Give --sites, begin --counts with 0, or invent them, marked, with --synthetic.",
        ),
        "folder_in_use": Kind(
            "E",
            "{folder} 不是空文件夹",
            "{folder} is not empty",
            "请另选一个。",
            "Name a new folder.",
        ),
    }
)
"""Every kind of notice of this room, by code."""
