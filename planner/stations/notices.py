"""What stands in the way of a plan before coverage is worked out, and what is unusual."""

from __future__ import annotations

from typing import Final

from planner.errors import Catalogue, Kind

NOTICES: Final = Catalogue({
    # errors
    "band_of_other_network": Kind("E",
        "现有基站 {name}（{site}）的频段 {band} 不在网络 {network} 的频段之列",
        "the station of today {name} ({site}) is of band {band}, which its network {network} lacks",
        "请在情景的网络中加入该频段，现有：{known}。",
        "Add the band to the network, which has: {known}.", column="band"),
    "unknown_station": Kind("E",
        "review 中的规划编号 {station!r} 不存在{near}",
        "review names station {station!r}, which there is not{near}", column="review"),
    "unknown_town": Kind("E",
        "{key} 中的镇（街道）{town!r} 不存在{near}",
        "{key} names {town!r}, which there is not{near}",
        "可用：{known}。", "Use one of: {known}."),
    "veto_on_air": Kind("E",
        "{station} 已开通，不能否决", "{station} is on air and cannot be vetoed",
        "请从 review.vetoed 中删除。", "Take it out of review.vetoed.", column="review.vetoed"),
    "state_count": Kind("E",
        "“{phase}”为 {count} 站，而站址表中已开通 {found} 站",
        "phase {phase} counts {count} stations, but the site list holds {found} open ones",
        "请改正其一。", "Correct one of them.", column="phases"),
    "locks_over_count": Kind("E",
        "至“{phase}”已开通、已改造和锁定的共 {held} 站，超过该期的 {count} 站",
        "{held} stations are open, ready or locked by phase {phase}, which counts {count}",
        "请提高该期站数或解除锁定。", "Either raise its count or lift a lock.", column="phases"),
    "lock_excluded": Kind("E",
        "锁定的 {station} 不可建（禁建区、否决或首期限制）",
        ("the locked {station} may not be built: "
         "in a keep-out, refused, or its band comes too late"),
        "请解除锁定。", "Lift the lock.", column="review.locked"),
    "count_over_possible/at_all": Kind("E",
        "“{phase}”要求 {count} 站，可建站点只有 {possible} 个",
        "phase {phase} asks for {count} stations, but only {possible} can be built",
        "请减少站数或增加候选站址。", "Lower the count or add candidate sites.", column="phases"),
    "count_over_possible/by_date": Kind("E",
        "“{phase}”要求 {count} 站，到 {date} 只有 {possible} 个能建成",
        "phase {phase} asks for {count} stations, but only {possible} can be ready by {date}",
        "请减少站数、推后日期或核对 siting.lead_days 与 siting.bands 的首期。",
        ("Lower the count, move its date, "
         "or see siting.lead_days and the first phase of bands."),
        column="phases"),
    "outside_model/height": Kind("E",
        "{count} 处站址（首个 {first}，场景 {scene}，频段 {bands}）：{reason}",
        "{count} sites (first {first}, scene {scene}, band {bands}): {reason}",
        "请核实挂高，或为该场景另选传播模型。",
        "Check the height, or give the scene another model."),
    "outside_model/frequency": Kind("E",
        "{count} 处站址（首个 {first}，场景 {scene}，频段 {bands}）：{reason}",
        "{count} sites (first {first}, scene {scene}, band {bands}): {reason}",
        "请为该场景另选传播模型，或从网络中去掉该频段。",
        "Give the scene another model, or take the band from the network."),
    "outside_model/terminal": Kind("E",
        "{count} 处站址（首个 {first}，场景 {scene}，频段 {bands}）：{reason}",
        "{count} sites (first {first}, scene {scene}, band {bands}): {reason}",
        "请改正 radio.h_ut_m，或为该场景另选传播模型。",
        "Correct radio.h_ut_m, or give the scene another model.", column="radio.h_ut_m"),
    "outside_model/rate": Kind("E",
        "{count} 处站址（首个 {first}，场景 {scene}，频段 {bands}）：{reason}",
        "{count} sites (first {first}, scene {scene}, band {bands}): {reason}",
        "请降低 radio.ul_mbps，或从网络中去掉该频段。",
        "Lower radio.ul_mbps, or take the band from the network.", column="radio.ul_mbps"),
    "outside_model/exposure": Kind("E", "{reason}", "{reason}"),
    "antenna_unusable": Kind("E", "{reason}", "{reason}", column="band"),
    # unusual, and no error
    "nothing_on_air": Kind("W",
        "现状没有已开通的基站，从零开始规划", "no station is on air: the plan begins from nothing",
        column="inputs.sites"),
    "network_without_stations": Kind("W",
        "网络 {label}（{network}）没有任何可建站点，各期均为 0 站",
        "the network {network} has no station that may be built: it stays at 0 in every phase",
        "请核对频段的首期、站址类型和建设工期。",
        "See first phase and site types of its bands, and lead times.", column="networks"),
    "network_not_on_air": Kind("W",
        "网络 {label}（{network}）现状没有已开通的基站",
        "the network {network} has no station on air", column="networks"),
    "height_usual": Kind("I",
        "{count} 处站址所列挂高不可用，按场景 {scene} 取缺省 {height:g} m",
        "{count} sites whose height in the list is of no use take that of the scene {scene}: "
        "{height:g} m",
        column="height_m"),
    "height_term": Kind("I",
        ("{count} 处站址挂高 {heights} m：{model} 的路损按挂高计算（{source}）；"
         "两种来源在 {usual:g} m 处衔接，该处至多相差 {gap:.2f} dB"),
        ("{count} sites have antennas at {heights} m: the path loss of {model} follows the height "
         "({source}); the two sources are joined at {usual:g} m, where they differ by at most "
         "{gap:.2f} dB"),
        column="height_m"),
    "height_of_other_model": Kind("W",
        "{count} 处站址挂高 {heights} m，不属于其场景的模型 {scene}：路损按 {model} 计算",
        ("{count} sites have antennas at {heights} m, none for {scene}, the model of their scene: "
         "their path loss is that of {model}"),
        "如挂高有误请改正站址表。", "Mend the site list if a height is wrong.",
        column="height_m"),
    "height_extended": Kind("W",
        ("{count} 处站址挂高 {heights} m，{model} 的出处只适用于 {stated} m："
         "路损为外推，仅供参考"),
        ("{count} sites have antennas at {heights} m, the source of {model} is for "
         "{stated} m: their path loss is off the source and a rough one"),
        "如挂高有误请改正站址表。", "Mend the site list if a height is wrong.",
        column="height_m"),
    "height_outside_model": Kind("W",
        ("{count} 处站址的挂高（{heights} m）不在模型 {model} 的适用范围内："
         "路损按最近的 {taken} m 计算，电磁辐射、下倾角、选址和清单仍按实际挂高"),
        ("{count} sites have antennas at {heights} m, for which the model {model} is not stated: "
         "their path loss is taken at the nearest, {taken} m; exposure, tilt, siting and lists "
         "keep the height itself"),
        "如挂高有误请改正站址表；清单中逐站注明。",
        "Mend the site list if a height is wrong; the lists mark each station.",
        column="height_m"),
    "nobody_lives_here": Kind("W",
        "没有人口数据：需求只按面积和里程计权，每万人指标为空",
        ("no residents are given: demand is weighed by ground alone, "
         "figures per 10,000 people stay blank"),
        column="inputs.population"),
})  # fmt: skip
