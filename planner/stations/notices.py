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
        "review.refused_towns 中的镇（街道）{town!r} 不存在{near}",
        "review.refused_towns names {town!r}, which there is not{near}",
        "可用：{known}。", "Use one of: {known}.", column="review.refused_towns"),
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
        "请核实挂高和频率，或设 radio.extended_heights。",
        "Check height and frequency, or see radio.extended_heights."),
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
    "nobody_lives_here": Kind("W",
        "没有人口数据：需求只按面积和里程计权，每万人指标为空",
        ("no residents are given: demand is weighed by ground alone, "
         "figures per 10,000 people stay blank"),
        column="inputs.population"),
})  # fmt: skip
