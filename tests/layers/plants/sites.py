"""Lists of sites and candidates: antennas, cells, heights, places that are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tests.layers.plants.county import (
    SITES,
    as_file,
    candidates,
    cell,
    in_format,
    lines_of,
    listed,
    plant,
    points_of,
    put,
    rows_of,
)


@plant("duplicate_site_id", 3)
def id_of_another_place(folder: Path) -> None:
    first = lines_of(folder / "sites.csv")[1].split(",")
    cell(folder / "sites.csv", 3, 0, first[0])


@plant("duplicate_site_id", 14)
def id_twice_at_one_place_and_then_elsewhere(folder: Path) -> None:
    path = folder / "sites.csv"
    site_id, name, *_, lon, lat = lines_of(path)[1].split(",")
    here, elsewhere = f"{lon},{lat}", ",".join(lines_of(path)[2].split(",")[-2:])
    band = f"{site_id},{name},open,mobile,n28,{here}"
    moved = f"{site_id},{name},open,telecom-unicom,n78,{elsewhere}"
    put(path, [*lines_of(path), band, moved])


@plant("duplicate_location")
def two_ids_for_one_place(folder: Path) -> None:
    path = folder / "sites.csv"
    _, _, _, _, _, lon, lat = lines_of(path)[1].split(",")
    put(path, [*lines_of(path), f"SXX,另站,retrofitted,telecom-unicom,n78,{lon},{lat}"])


@plant("candidate_on_site")
def candidate_that_stands(folder: Path) -> dict[str, Any]:
    site = lines_of(folder / "sites.csv")[1].split(",")
    put(
        folder / "candidates.csv",
        [
            "site_id,site_type,lon,lat",
            f"{site[0]},roof,{site[5]},{site[6]}",
            "SB,roof,120.13,33.43",
        ],
    )
    return {"inputs": {"candidates": "candidates.csv"}}


def with_heights(folder: Path, height: str) -> None:
    path = folder / "sites.csv"
    lines = lines_of(path)
    put(
        path,
        [
            lines[0] + ",天线挂高(m)",
            *(f"{line},{height if i == 1 else ''}" for i, line in enumerate(lines[1:])),
        ],
    )


@plant("height_unusable", 3)
def height_of_zero(folder: Path) -> None:
    with_heights(folder, "-2")


def with_identities(folder: Path, identities: str) -> None:
    path = folder / "sites.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    put(
        path,
        [
            f"{lines[0]},PCI",
            *(f"{line},{identities if i == 1 else ''}" for i, line in enumerate(lines[1:])),
        ],
    )


@plant("pci_invalid", 3)
def two_identities(folder: Path) -> None:
    with_identities(folder, "5/6")


@plant("pci_invalid", 3)
def an_identity_above_the_last(folder: Path) -> None:
    with_identities(folder, "5/1007/1008")


def with_azimuths(folder: Path, azimuths: str, pci: str = "") -> None:
    path = folder / "sites.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [
        f"{line},{azimuths},{pci}" if i == 1 else f"{line},," for i, line in enumerate(lines[1:])
    ]
    put(path, [f"{lines[0]},方位角（度）,PCI", *cells])


@plant("azimuth_invalid", 3)
def azimuth_in_words(folder: Path) -> None:
    with_azimuths(folder, "0/东/240")


@plant("azimuth_invalid", 3)
def azimuth_past_a_turn(folder: Path) -> None:
    with_azimuths(folder, "0/120/361")


@plant("azimuth_invalid", 3)
def azimuth_that_a_workbook_made_a_date(folder: Path) -> None:
    with_azimuths(folder, "2012-10-11")


@plant("azimuth_repeated", 3)
def north_twice(folder: Path) -> None:
    with_azimuths(folder, "0/120/360")


@plant("sectors_too_many", 3)
def seven_sectors(folder: Path) -> None:
    with_azimuths(folder, "0/50/100/150/200/250/300", "1/2/3/4/5/6/7")


@plant("azimuths_unlike_pci", 3)
def two_azimuths_for_three_identities(folder: Path) -> None:
    with_azimuths(folder, "0/180", "5/6/7")


@plant("height_suspicious", 3)
def height_in_feet(folder: Path) -> None:
    with_heights(folder, "4")


@plant("band_of_other_network", 3)
def foreign_band(folder: Path) -> None:
    cell(folder / "sites.csv", 3, 4, "n41")


for height in ("-3", "0", "60.5", "1e4", "楼顶", "0.2千米"):
    listed("height_unusable", 2, f"{SITES},height_m", f"甲,open,n41,@1,{height}")
for tilt in ("60", "陡", "-40/2/2"):
    listed("tilt_out_of_range", 2, f"{SITES},下倾角", f"甲,open,n41,@1,{tilt}")
for tilts, turns in (("5/6", "0/120/240"), ("5/6/7", "0/90"), ("1/2", "")):
    row = f"甲,open,n41,@1,{tilts},{turns}"
    listed("tilts_unlike_azimuths", 2, f"{SITES},下倾角,方位角", row)
for tilts in ("6,2,12", "6,,", "3/4/5,1,9"):
    row = f"甲,open,n41,@1,0/120/240,{tilts}"
    listed("tilts_differ", 2, f"{SITES},方位角,机械下倾角,电子下倾角,总下倾角", row)
for turn in ("全向", "omni", "Omnidirectional"):
    listed("omni_antenna", 2, f"{SITES},方位角", f"甲,open,n41,@1,{turn}")
for word in ("抱杆", "美化天线", "景观塔"):
    listed("site_type_nearest", 2, f"{SITES},站址类型", f"甲,open,n41,@1,{word}")
for head in ("功率", "发射功率", "power_w"):
    listed("power_unused", None, f"{SITES},{head}", "甲,open,n41,@1,46")
listed("power_unused", 2, f"{SITES},发射功率(dBm)", "甲,open,n41,@1,46", "乙,open,n78,@2,53")
listed("power_unused", 3, f"{SITES},功率", "甲,open,n41,@1,200W", "乙,open,n78,@2,40 W")
for state in ("first", "open", "by_date"):
    default = {"defaults": {"state": state}}
    listed("default_taken", 2, "name,band,lon,lat", "甲,n41,@1", **default)
for word, head in (("n41", "频段"), ("2.6GHz", "频段"), ("504990", "SSB频点")):
    listed("network_by_band", 2, f"name,state,{head},lon,lat", f"甲,open,{word},@1")
for word, head in (("427000", "ARFCN"), ("2200", "频率"), ("700001", "中心频点")):
    listed("frequency_unknown", 2, f"name,state,{head},lon,lat", f"甲,open,{word},@1")
for word, head in (("627264", "频点"), ("154570", "NR-ARFCN"), ("3.5GHz", "频率")):
    row = f"甲,open,n41,@1,{word}"
    listed("channel_of_other_band", 2, f"name,state,band,lon,lat,{head}", row)
for word, head in (("LTE", "网络制式"), ("1650", "频点"), ("4G", "制式")):
    listed("no_5g_station", 2, f"name,state,{head},lon,lat", f"甲,open,{word},@1")
for day, head in (("2031-01-01", "开通日期"), ("2031年1月", "入网时间"), ("20310101", "open_date")):
    listed("open_before_its_day", 2, f"name,state,band,lon,lat,{head}", f"甲,open,n41,@1,{day}")
for field in ("siteid", "经度", "operator"):
    listed(
        "alias_unknown", None, "name,state,band,lon,lat", "甲,open,n41,@1", aliases={field: ["甲"]}
    )
for field, head in (("lon", "纬度"), ("name", "站址编号"), ("band", "网络制式")):
    listed(
        "alias_taken", None, "name,state,band,lon,lat", "甲,open,n41,@1", aliases={field: [head]}
    )
for word, head in (("一代", "网络制式"), ("6G", "RAT"), ("LTX", "制式")):
    listed("technology_unknown", 2, f"name,state,band,{head},lon,lat", f"甲,open,n41,{word},@1")
for word, head in (("LTE", "网络制式"), ("1650", "频点"), ("4G", "制式")):
    rows = (f"A1,甲,open,n41,@1,{word}", "A2,乙,open,n41,@1,")
    listed("site_of_today", None, f"site_id,name,state,band,lon,lat,{head}", *rows)
for head in ("小区标识", "cellId", "CGI"):
    cells = ("甲,open,n41,@1,0,1", "甲,open,n41,@1,120,2")
    listed("cells_grouped", None, f"{SITES},方位角,{head}", *cells)
    alike = ("甲,open,n41,@1,0,1", "甲,open,n41,@1,0,2")
    listed("cells_look_alike", 2, f"{SITES},方位角,{head}", *alike)
for head in ("基站标识", "gNBId", "ENODEBID"):
    apart = ("7,open,n41,@1,0", "7,open,n41,@2,0")
    listed("base_at_several_places", None, f"{head},state,band,lon,lat,方位角", *apart)
for turns in ((0, 120), (10, 200), (90, 270)):
    near = [f"7,open,n41,120.13,33.4200{i},{turn}" for i, turn in enumerate((*turns, 300))]
    listed("site_places_joined", None, "基站标识,state,band,lon,lat,方位角", *near[::2])
for head in ("name", "站名", "站点名称"):
    given = {"inputs": {"candidates": "places.csv"}}
    listed("site_type_by_ground", None, f"{head},lon,lat", "甲,@1", file="places.csv", **given)


candidates(
    "duplicate_site_id", 3, "site_id,site_type,lon,lat", "A,roof,@1", "A,roof,@2",
)  # fmt: skip
candidates(
    "duplicate_location", None, "site_id,site_type,lon,lat",
    "A,roof,120.130000,33.430000", "B,roof,120.130005,33.430000",
)  # fmt: skip


@plant("duplicate_location")
def another_id_half_a_metre_away(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites")
    again = rows.iloc[:1].assign(site_id="SXX", lat=f"{float(rows['lat'][0]) + 4e-6:.6f}")
    return in_format(folder, "sites", pd.concat([rows, again]), "xlsx")


@plant("candidate_on_site")
def all_sites_as_candidates(folder: Path) -> dict[str, Any]:
    changes = as_file(folder, "sites", points_of(folder, "sites"), "geojson")
    return {"inputs": {"candidates": changes["inputs"]["sites"]}}


@plant("candidate_on_site")
def candidates_in_a_workbook(folder: Path) -> dict[str, Any]:
    rows = rows_of(folder, "sites")[["site_id", "lon", "lat"]].assign(site_type="tower")
    return in_format(folder, "candidates", rows.iloc[2:4], "xlsx")


candidates("height_suspicious", 2, "site_id,lon,lat,挂高", "A,@1,3.5")
listed("height_suspicious", 3, f"{SITES},height_m", "甲,open,n41,@1,30", "乙,open,n41,@2,3米")
listed("pci_invalid", 2, f"{SITES},PCI", "甲,open,n41,@1,a/b/c")
listed("pci_invalid", 2, f"{SITES},PCI", "甲,open,n41,@1,7")
listed("azimuth_repeated", 2, f"{SITES},方位角", "甲,open,n41,@1,30/150/30")
listed("azimuth_repeated", 2, f"{SITES},azimuth", "甲,open,n41,@1,0/90/180/180")
listed("sectors_too_many", 2, f"{SITES},方位角", "甲,open,n41,@1,0/40/80/120/160/200/240/280")
listed(
    "sectors_too_many", 2, f"{SITES},azimuths_deg,height_m",
    "甲,open,n41,@1,5/15/25/35/45/55/65/75/85/95/105/115,30",
)  # fmt: skip
listed("azimuths_unlike_pci", 2, f"{SITES},方位角,PCI", "甲,open,n41,@1,0/120/240,5/6")
listed(
    "azimuths_unlike_pci", 2, f"{SITES},azimuth,phy_cell_id", "甲,open,n41,@1,0/90/180/270,5/6/7"
)
listed("band_of_other_network", 2, "name,state,运营商,频段,lon,lat", "甲,open,中国电信,n28,@1")
listed("band_of_other_network", 2, "name,state,network,frequency,lon,lat", "甲,open,mobile,3500,@1")
