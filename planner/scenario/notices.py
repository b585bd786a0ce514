"""What a scenario file says wrong: text that cannot be read, values, parts that contradict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from planner.errors import Catalogue, Kind, Said

NOTICES: Final = Catalogue({
    # the text of the file
    "yaml_syntax_error": Kind("E",
        "第 {row} 行第 {character} 列：YAML 无法解析", "line {row}, column {character}: {problem}"),
    # keys and values
    "unknown_key": Kind("E",
        "不认识的键 {key}{near}", "unknown key {key}{near}; known: {known}"),
    "unknown_key/network_share": Kind("E",
        "键 {key} 已移至 networks", "key {key} has moved to networks",
        "请删去该键，把份额写到 networks 下各网络的 share；不写则各网络平分。",
        ("Remove it and write each share into its network, as `share` under `networks`; "
         "without any they are even.")),
    "unknown_key/margin": Kind("E",
        "余量由概率和各自的标准差算出，不再用键 {key}",
        "margins follow from a probability and each deviation, without the key {key}",
        "请删去该键；概率写 radio.edge_probability，标准差写 radio.scenes 下各场景的 sigma_db。",
        ("Remove it; the probability is radio.edge_probability, a deviation is `sigma_db` of a "
         "scene under `radio.scenes`.")),
    "unknown_key/heights": Kind("E",
        "各种挂高都可计算，不再用键 {key}", "masts of every height plan, without the key {key}",
        "请删去该键；挂高超出模型范围的，另有提示。",
        "Remove it; a notice tells where a height lies outside its model."),
    "unknown_key/indoor_loss": Kind("E",
        "进入建筑的损耗由墙体类别和频率算出，不再用键 {key}",
        "the loss into buildings follows from a class of walls and the frequency, without the key "
        "{key}",
        "请删去该键；类别写各图层的 wall，自定损耗写 radio.walls 下的 loss_db 和 sigma_db。",
        ("Remove it; the class is `wall` of a layer, and a loss of your own is `loss_db` with "
         "`sigma_db` under `radio.walls`.")),
    "missing_key": Kind("E", "缺少键 {key}", "key {key} is missing"),
    "missing_key/band": Kind("E",
        "频段 {band} 不在已知之列，尚缺 {keys}",
        "the band {band} is not among the known ones and lacks {keys}",
        "请在 bands.{band} 下写明；已知频段：{known}。",
        "Give them under `bands.{band}`; known bands: {known}."),
    "wrong_type": Kind("E", "{place} 的值不可用：{reason}", "{reason}"),
    "wrong_type/empty": Kind("E",
        "{place} 没有值", "{place} has no value",
        "请写明数值；要用缺省值，请删去该键。缺省表中的项不能删去，不用的项不起作用。",
        ("Write a value, or leave the key out for the default. An entry of a default table cannot "
         "be taken away; one that nothing names does nothing.")),
    "value_out_of_range": Kind("E", "{place} 的值不可用：{reason}", "{reason}"),
    "conflicting_options/value": Kind("E", "{place} 的值不可用：{reason}", "{reason}"),
    "control_character": Kind("E",
        "含控制字符", "holds a control character",
        "请删除不可见字符。", "Delete it."),
    # phases
    "conflicting_options/counts": Kind("E",
        "各期累计站数须逐期增加：{counts}", "counts must grow from phase to phase: {counts}",
        column="phases"),
    "conflicting_options/dates": Kind("E",
        "各期日期须逐期推后", "dates must grow from phase to phase", column="phases"),
    # names
    "conflicting_options/names": Kind("E",
        "须各不相同：{names}", "must differ from each other: {names}"),
    "conflicting_options/kind_taken": Kind("E",
        "类别 {kind} 已属于图层 {layer}", "kind {kind} makes the layer {layer} already"),
    "conflicting_options/unknown_band": Kind("E",
        "频段 {name} 未定义{near}", "band {name} is not among {known}{near}",
        "请在 bands 下写明 {name}。",
        "Write `{name}:` and its values under `bands`, `{{}}` for a known one."),
    "conflicting_options/unknown_name": Kind("E",
        "{what} {name} 未定义{near}", "{what} {name} is not among {known}{near}"),
    # layers and scenes
    "conflicting_options/must_hold_from": Kind("E",
        "须为 1 至 {last}", "must be the number of a phase, 1 to {last}"),
    "conflicting_options/scene_missing": Kind("E",
        "缺少场景 {scene}", "the scene {scene} is missing"),
    "conflicting_options/unknown_wall": Kind("E",
        "没有墙体类别 {name}{near}；可选：{known}",
        "there is no wall {name}{near}; known: {known}",
        "请改用已有类别，或在 radio.walls 下写明其 loss_db 和 sigma_db。",
        "Use one of them, or give its loss_db and sigma_db under `radio.walls`."),
    "conflicting_options/wall_taken": Kind("E",
        "该墙体类别已有规定的损耗", "this wall has a loss of its own already",
        "请另取名称。", "Choose another name."),
    "conflicting_options/wall_band": Kind("E",
        "缺少频段 {bands} 的损耗", "no loss in {bands}",
        "请补充（dB）。", "Add it, in dB."),
    "conflicting_options/wall_in_open_land": Kind("E",
        "TR 38.901 第 7.4.3.1 节规定 {model} 场景只能用低损耗墙体",
        "by TR 38.901, 7.4.3.1, {model} knows the low-loss wall only",
        "请改用 tr-low 或其他类别，或改该图层的 scene。",
        "Use tr-low or another class, or give the layer another scene."),
    "conflicting_options/weight_shares": Kind("E",
        "各图层 weight_share 之和须为 1（有图层未写时须小于 1），现为 {total:g}",
        "the layers' weight_share values must sum to 1, or to less where a layer has none, "
        "not {total:g}",
        column="layers.weight_share"),
    "conflicting_options/shares_left": Kind("E",
        "已写 share 之和为 {total:g}，没有余下部分给 {blank}",
        "the shares given sum to {total:g} and leave nothing to {blank}",
        "请在 networks 下改正 share；未写 share 的网络平分余下部分。",
        "Correct `share` under `networks`; networks without one divide the rest evenly.",
        column="networks.share"),
    "conflicting_options/network_shares": Kind("E",
        "各网络 share 之和须为 1，现为 {total:g}",
        "the networks' shares must sum to 1, not {total:g}",
        "请在 networks 下改正 share；未写 share 的网络平分余下部分。",
        "Correct `share` under `networks`; networks without one divide the rest evenly.",
        column="networks.share"),
    # values for each phase
    "conflicting_options/length": Kind("E",
        "须为{each}各给一个值，共 {wanted} 个，现有 {given} 个",
        "needs one value for each {each}: {wanted}, not {given}"),
    "conflicting_options/all_zero": Kind("E", "不能全为 0", "cannot be 0 throughout"),
    # limits
    "conflicting_options/limit_without_end": Kind("E",
        "该限制没有写 least、most 或 budget", "the limit has no least, most or budget",
        "请至少写一项，或删去该限制。", "Give one of them, or leave the limit out."),
    "conflicting_options/limit_crossed": Kind("E",
        "“{phase}”下限 {least} 大于上限 {most}",
        "in {phase} the least, {least}, is above the most, {most}"),
    "conflicting_options/budget_unscaled": Kind("E",
        "有 siting.mean_cost_wan 时，单价要等方案排定后才知道，不能按预算求解",
        "with siting.mean_cost_wan the prices are known only when the plan is, so no budget can "
        "be held",
        ("请写明 siting.cost_scale（已有方案的 plan/provenance.json 中的 cost_scale），"
         "或删去 siting.mean_cost_wan。"),
        ("Give siting.cost_scale, which stands in plan/provenance.json of an earlier plan, or "
         "leave siting.mean_cost_wan out.")),
    # siting
    "conflicting_options/build_type_missing": Kind("E",
        "缺少建设方式 {name}", "the build type {name} is missing"),
    # review
    "conflicting_options/locked_phase": Kind("E",
        "{station} 的期须在 1 到 {last} 之间", "{station} must name a phase from 1 to {last}",
        column="review.locked"),
    "conflicting_options/vetoed_too": Kind("E",
        "{station} 既被否决又被锁定或已开通", "{station} is both vetoed and locked or opened",
        column="review.vetoed"),
    # references and inputs
    "conflicting_options/pace_years": Kind("E",
        "缺少年份 {years}", "the years {years} are missing",
        "请补齐或删去 references.pace。", "Add them or leave references.pace out.",
        column="references.pace.stations"),
    "conflicting_options/pace_growth": Kind("E",
        "{years} 年须增加", "must grow over the years {years}", column="references.pace.stations"),
    "conflicting_options/no_boundary": Kind("E",
        "区界不能为空", "the district needs its boundary",
        "请填写区界面文件（GeoJSON、GeoPackage 或 Shapefile）的路径。",
        "Name a file with the district's polygon (GeoJSON, GeoPackage or Shapefile).",
        column="inputs.boundary"),
})  # fmt: skip

TERMS: Final[Mapping[str, Said]] = {
    "build_type": Said("建设方式", "build type"),
    "network": Said("网络", "network"),
    "site_type": Said("站址类型", "type of site"),
    "road_class": Said("公路等级", "road class"),
    "scene": Said("场景", "scene"),
    "each_phase": Said("每期（含现状）", "phase, the state first"),
    "later_phase": Said("现状之后的每期", "phase after the state"),
    "scenario": Said("情景", "scenario"),
}
"""What notices of one kind are about."""

REASONS: Final[Mapping[str, str]] = {
    "float_type": "须为数",
    "int_type": "须为整数",
    "int_from_float": "须为整数",
    "bool_type": "须为 true 或 false",
    "string_type": "须为文字（数字请加引号）",
    "tuple_type": "须为列表，如 [a, b]",
    "list_type": "须为列表，如 [a, b]",
    "dict_type": "须为一组“键: 值”",
    "model_type": "须为一组“键: 值”",
    "mapping_type": "须为一组“键: 值”",
    "is_instance_of": "须为一组“键: 值”",
    "literal_error": "须为 {expected} 之一",
    "greater_than": "须大于 {gt:g}",
    "greater_than_equal": "不得小于 {ge:g}",
    "less_than": "须小于 {lt:g}",
    "less_than_equal": "不得大于 {le:g}",
    "finite_number": "须为有限的数",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "至多 {max_length} 个字",
    "work_crs_form": "须为 EPSG 代码，如 EPSG:4549；留空则采用以本区为中心的横轴墨卡托",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "date_invalid": "不是 YYYY-MM-DD 形式的日期",
}
"""Why a value cannot be used, by the type that pydantic gives; it knows English only."""

PATTERNS: Final[Mapping[str, Said]] = {
    r"^[\w-]+$": Said(
        "只能用文字、数字、_ 和 -，不能有空格", "letters, digits, _ and - only, without blanks"
    ),
    r"^(?:EPSG:[0-9]{4,6})?$": Said(
        "须为 EPSG 代码，如 EPSG:4549；文件自带坐标系时留空",
        "write an EPSG code such as EPSG:4549; leave it out where the file names its CRS",
    ),
    r"^[a-z][a-z0-9-]*$": Said(
        "须为小写英文字母、数字和 -，以字母开头，如 mobile；中文名称写在 label",
        "lower-case letters, digits and -, a letter first, such as mobile; `label` is shown",
    ),
    r"^[a-z][a-z0-9_]*$": Said(
        "须为小写英文字母、数字和 _，以字母开头，如 core；中文名称写在 label",
        "lower-case letters, digits and _, a letter first, such as core; `label` is shown",
    ),
    r"^[a-z][a-z0-9_-]*$": Said(
        "须为小写英文字母、数字、_ 和 -，以字母开头；中文名称写在 label",
        "lower-case letters, digits, _ and -, a letter first; `label` is shown",
    ),
    r"^[A-Z]$": Said("须为一个大写英文字母，如 M", "one capital letter, such as M"),
    r"^\d{4}$": Said("须为四位年份，如 2020", "a year of four digits, such as 2020"),
}
"""What a text must be like, by the pattern that it does not match."""
