"""The catalogue of what can be wrong with an input: code, severity, what it says, how it is mended."""

from __future__ import annotations

from typing import Final, NamedTuple

from planner.errors import Severity


class Kind(NamedTuple):
    """One kind of finding: severity, what it says and how it is mended, in Chinese and English."""

    severity: Severity
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""


CATALOGUE: Final[dict[str, Kind]] = {
    # file
    "unreadable_file": Kind(
        "E",
        "无法读取文件：{reason}",
        "cannot read the file: {reason}",
        "请检查情景文件 inputs 中的路径。",
        "Check its path under `inputs` in the scenario.",
    ),
    "path_outside_project": Kind(
        "E",
        "路径在项目文件夹之外",
        "the path lies outside the project folder",
        "请把文件复制到项目文件夹内并用相对路径。",
        "Copy the file into the project; use a relative path.",
    ),
    "remote_reference": Kind(
        "E",
        "引用了远程地址或虚拟文件：{what}",
        "refers to a remote address or virtual file: {what}",
        "请下载后用本地文件。",
        "Download it and name the local file.",
    ),
    "unsupported_format": Kind(
        "E",
        "不支持的格式（识别为 {found}）",
        "format not supported (found {found})",
        "可用格式：{allowed}。",
        "Use one of: {allowed}.",
    ),
    "forbidden_driver": Kind(
        "E",
        "内容是 {found}，会间接打开别的文件，拒绝",
        "the content is {found}, which opens other files",
        "请导出为 GeoJSON 或 GeoPackage。",
        "Export it as GeoJSON or GeoPackage.",
    ),
    "extension_mismatch": Kind(
        "W",
        "扩展名与内容不符：内容是 {found}，按内容读取",
        "named as another format: read as {found}",
        "请改正扩展名。",
        "Rename the file.",
    ),
    "file_too_large": Kind(
        "E",
        "文件 {size} 字节，上限 {limit}",
        "{size} bytes, the limit is {limit}",
        "请按区县裁剪。",
        "Clip it to the district.",
    ),
    "archive_too_large": Kind(
        "E",
        "压缩包解开后过大：{what}",
        "the archive unpacks to too much: {what}",
        "请另存为 CSV。",
        "Save it as CSV.",
    ),
    "truncated_file": Kind(
        "E",
        "文件不完整或语法错误，第 {offset} 字节：{reason}",
        "cut short or malformed at byte {offset}: {reason}",
        "请重新导出。",
        "Export it again.",
    ),
    "encrypted_workbook": Kind(
        "E",
        "工作簿已加密或损坏：{reason}",
        "the workbook is encrypted or damaged: {reason}",
        "请取消密码后另存。",
        "Save it without a password.",
    ),
    "empty_file": Kind("E", "文件是空的", "the file is empty", "请重新导出。", "Export it again."),
    "no_data_rows": Kind(
        "E", "没有可用的数据行", "no usable row", "请检查文件内容。", "Check what the file holds."
    ),
    "sidecar_missing": Kind(
        "E",
        "缺少同名文件 {what}",
        "the file {what} beside it is missing",
        "请把 Shapefile 的各文件放在一起。",
        "Keep the files of a shapefile together.",
    ),
    "multiple_layers": Kind(
        "W",
        "有 {count} 个图层，只读第一个：{chosen}",
        "{count} layers, read the first: {chosen}",
        "请每个文件只留一个图层。",
        "Keep one layer a file.",
    ),
    "multiple_sheets": Kind(
        "W",
        "有 {count} 个有数据的工作表，只读第一个",
        "{count} sheets hold data, read the first",
        "请每个文件只留一个工作表。",
        "Keep one sheet a file.",
    ),
    "manifest_missing": Kind(
        "W",
        "清单中没有这个文件，来源与依据不明",
        "not in the manifest: source and basis unknown",
        "请在清单中加一行。",
        "Add a row to the manifest.",
    ),
    "manifest_mismatch": Kind(
        "I",
        "文件在写入清单后改过",
        "changed since the manifest was written",
        "请更新清单中的 sha256 与来源。",
        "Update sha256 and source in the manifest.",
    ),
    # encoding and table
    "encoding_guessed": Kind(
        "W",
        "编码按 {guess} 读取，例如 {sample}",
        "read as {guess}, not UTF-8, for example {sample}",
        "请确认文字无乱码，或另存为带 BOM 的 UTF-8。",
        "See that the words are right, or save it as UTF-8 with a BOM.",
    ),
    "encoding_error": Kind(
        "E",
        "第 {offset} 字节无法解码：{bytes}",
        "byte {offset} cannot be decoded: {bytes}",
        "请另存为 UTF-8。",
        "Save it as UTF-8.",
    ),
    "delimiter_guessed": Kind("I", "分隔符为 {what}", "the delimiter is {what}"),
    "missing_required_column": Kind(
        "E",
        "缺少列 {need}{near}；现有：{have}",
        "no column {need}{near}; there are: {have}",
        "可用列名：{accepted}。",
        "Accepted names: {accepted}.",
    ),
    "duplicate_column": Kind(
        "E",
        "列名重复",
        "the column name stands twice",
        "请改名或删除一列。",
        "Rename or delete one.",
    ),
    "ambiguous_column": Kind(
        "E",
        "{need} 有多列可用：{have}",
        "several columns could be {need}: {have}",
        "请只留一列。",
        "Keep one.",
    ),
    "invalid_row_length": Kind(
        "E",
        "本行 {got} 个字段，表头 {expected} 个",
        "{got} fields, the header has {expected}",
        "请检查逗号与引号。",
        "Check commas and quotes.",
    ),
    "trailing_delimiter": Kind(
        "W",
        "每行末尾多一个分隔符，已忽略",
        "every row ends in a delimiter too many, ignored",
        "请删除行末的分隔符。",
        "Delete the delimiter at the end of the rows.",
    ),
    "unterminated_quote": Kind(
        "E", "引号未闭合", "a quote is not closed", "请补上引号。", "Close it."
    ),
    "control_character": Kind(
        "E", "含控制字符", "holds a control character", "请删除不可见字符。", "Delete it."
    ),
    "fullwidth_normalised": Kind(
        "I", "全角数字已转为半角，共 {count} 处", "{count} full-width numbers read as plain ones"
    ),
    "whitespace_trimmed": Kind(
        "I", "已去除首尾空白，共 {count} 处", "blanks around {count} values removed"
    ),
    "leading_zero_lost": Kind(
        "W",
        "编号列在表格中是数字，前导零可能已丢失",
        "ids are numbers here: leading zeros may be lost",
        "请把该列设为文本格式。",
        "Format the column as text.",
    ),
    "scientific_notation_id": Kind(
        "E",
        "编号变成了科学计数法",
        "an id in scientific notation has lost digits",
        "请把该列设为文本后重新导出。",
        "Format the column as text and export again.",
    ),
    "excel_error_value": Kind(
        "E",
        "单元格是错误值",
        "the cell is a spreadsheet error",
        "请改正公式。",
        "Mend the formula.",
    ),
    "missing_value": Kind("E", "缺少值", "the value is missing", "请补上。", "Fill it in."),
    "duplicate_site_id": Kind(
        "E",
        "编号重复而内容不同（另见第 {other} 行）",
        "the id stands twice with different data (line {other})",
        "请给不同站址不同编号。",
        "Give each site an id of its own.",
    ),
    "duplicate_row": Kind(
        "W",
        "与第 {other} 行完全相同，只留一行",
        "the same as line {other}, kept once",
        "请删除重复行。",
        "Delete the double row.",
    ),
    "duplicate_location": Kind(
        "W",
        "{count} 处站址与另一编号相距不到 1 米",
        "{count} sites stand within 1 m of another id",
        "请确认是否同一站址。",
        "See whether they are one site.",
    ),
    "candidate_on_site": Kind(
        "W",
        "{count} 个候选站址就是现有站址，已略去",
        "{count} candidates are sites of today, left out",
        "请从候选表中删除。",
        "Delete them from the candidates.",
    ),
    # coordinates
    "invalid_number": Kind(
        "E",
        "不是数字",
        "not a number",
        "请填小数，如 120.13058。",
        "Write a decimal such as 120.13058.",
    ),
    "missing_coordinate": Kind(
        "E",
        "缺少坐标",
        "the coordinate is missing",
        "请补上或删除本行。",
        "Fill it in or delete the row.",
    ),
    "non_finite_coordinate": Kind(
        "E", "坐标不是有限数", "the coordinate is not finite", "请改正。", "Mend it."
    ),
    "coordinate_out_of_range": Kind(
        "E",
        "坐标超出经纬度范围",
        "beyond the range of longitudes and latitudes",
        "请检查单位与坐标系。",
        "Check unit and datum.",
    ),
    "projected_without_crs": Kind(
        "E",
        "坐标像是投影米制（{guess}），但文件没有坐标系",
        "looks like metres ({guess}) but names no CRS",
        "请导出为经纬度，或写明坐标系。",
        "Export degrees, or state the CRS.",
    ),
    "swapped_lon_lat": Kind(
        "E",
        "经纬度似乎颠倒",
        "longitude and latitude look swapped",
        "请对调两列。",
        "Swap the two.",
    ),
    "swapped_lon_lat_file": Kind(
        "E",
        "{count} 行经纬度似乎全部颠倒",
        "longitude and latitude look swapped in {count} rows",
        "请对调两列的列名。",
        "Swap the two headers.",
    ),
    "near_origin": Kind(
        "E",
        "坐标接近 (0, 0)",
        "the place is near (0, 0)",
        "请补上真实坐标。",
        "Fill in the true place.",
    ),
    "outside_study_area": Kind(
        "W",
        "在区界外 {km} 千米，已略去",
        "{km} km outside the district, left out",
        "请检查坐标或区界。",
        "Check the place or the boundary.",
    ),
    "coordinate_precision_low": Kind(
        "W",
        "{count} 行坐标不足 4 位小数（约 10 米）",
        "{count} rows with fewer than 4 decimals (10 m)",
        "请提供更精确的坐标。",
        "Give more exact coordinates.",
    ),
    "datum_suspected": Kind(
        "W",
        "列名或文件名提到 {found}，清单写的是 {declared}",
        "names speak of {found}, declared is {declared}",
        "请在清单的 datum 列写明坐标系。",
        "State the datum in the manifest.",
    ),
    "datum_unknown": Kind(
        "E",
        "不认识的坐标系 {found}",
        "unknown datum {found}",
        "可用：wgs84, cgcs2000, gcj02, bd09。",
        "Use wgs84, cgcs2000, gcj02 or bd09.",
    ),
    "crs_missing": Kind(
        "E",
        "没有坐标系",
        "no CRS",
        "请补上 .prj 或在导出时写入坐标系。",
        "Add the .prj, or export with a CRS.",
    ),
    "crs_unknown": Kind(
        "E", "无法识别坐标系", "the CRS cannot be read", "请用 EPSG 代码。", "Use an EPSG code."
    ),
    "dms_parsed": Kind(
        "I",
        "度分秒已转为小数，共 {count} 处",
        "{count} values in degrees, minutes and seconds made decimal",
    ),
    # geometry
    "null_geometry": Kind(
        "W", "没有几何，已略去", "no geometry, left out", "请补画或删除。", "Draw or delete it."
    ),
    "wrong_geometry_type": Kind(
        "E",
        "几何类型是 {found}，应为 {need}",
        "the geometry is {found}, not {need}",
        "请改用正确类型。",
        "Use the right type.",
    ),
    "invalid_ring": Kind(
        "E",
        "多边形无效：{reason}",
        "the polygon is invalid: {reason}",
        "请在 GIS 中修复。",
        "Mend it in a GIS.",
    ),
    "repaired_ring": Kind(
        "W",
        "多边形无效：{reason}；已修复，面积变化 {change}%",
        "invalid: {reason}; mended, area changed by {change} %",
        "请在 GIS 中修复。",
        "Mend it in a GIS.",
    ),
    "duplicate_feature": Kind(
        "W",
        "与第 {other} 个要素相同，只留一个",
        "the same as feature {other}, kept once",
        "请删除重复要素。",
        "Delete the double feature.",
    ),
    "clipped_to_boundary": Kind(
        "I",
        "{count} 个要素超出区界，已裁剪或略去",
        "{count} features reach over the boundary and were clipped",
    ),
    "layer_empty": Kind(
        "E",
        "图层 {layer} 没有要素（kind 为 {kinds}）",
        "layer {layer} has no feature (kind {kinds})",
        "请检查 kind 列或删去该图层。",
        "Check the kind column, or drop the layer.",
    ),
    "layer_left_out": Kind(
        "W",
        "没有给出文件，图层 {label}（{layer}）不参与规划",
        "no file is named: the layer {layer} is left out of the plan",
        "如需规划，请填写文件路径。",
        "Name a file to have it planned.",
    ),
    "work_crs_unusable": Kind(
        "E",
        "不是以米为单位的投影坐标系",
        "not a projected CRS in metres",
        "请用当地的 3 度带坐标系，如 EPSG:4549。",
        "Use the zone of the place, such as EPSG:4549.",
    ),
    # values
    "enum_unknown": Kind(
        "E",
        "不认识的值{near}",
        "unknown value{near}",
        "可用：{allowed}。",
        "Use one of: {allowed}.",
    ),
    "kind_unused": Kind(
        "I", "没有图层使用 kind {found}，只用于显示", "no layer asks for kind {found}; drawn only"
    ),
    "value_out_of_range": Kind(
        "E", "值超出范围 {low} 到 {high}", "out of range {low} to {high}", "请改正。", "Mend it."
    ),
    "pci_invalid": Kind(
        "E",
        "PCI 不可用，应为 {count} 个",
        "not {count} identities",
        "请按方位角顺序写 {count} 个 0 至 1007 的数，以 / 分隔，如 285/241/182。",
        "Write {count} numbers from 0 to 1007 in the order of azimuths, parted by /, such as "
        "285/241/182.",
    ),
    "azimuth_invalid": Kind(
        "E",
        "方位角不是 0 至 360 的数",
        "not azimuths from 0 to 360",
        "请写正北为 0、顺时针的度数，以 / 分隔，如 0/120/240；未知则留空；"
        "电子表格中请设为文本格式。",
        "Write degrees clockwise from true north as text, parted by /, such as 0/120/240; blank = "
        "unknown.",
    ),
    "azimuth_repeated": Kind(
        "E",
        "同一基站的方位角重复",
        "an azimuth stands twice at one station",
        "请每个扇区写一个不同的方位角（0 与 360 相同）。",
        "Give every sector its own azimuth (0 and 360 are the same).",
    ),
    "sectors_too_many": Kind(
        "E",
        "方位角有 {count} 个，最多 {most} 个",
        "{count} azimuths, at most {most} are possible",
        "请每个基站一行，每个扇区写一个方位角。",
        "Give each station a row of its own, with one azimuth for each sector.",
    ),
    "azimuths_unlike_pci": Kind(
        "E",
        "方位角 {count} 个，PCI {other} 个",
        "{count} azimuths, but {other} PCIs",
        "请使方位角与 PCI 一一对应。",
        "Write one azimuth for each PCI, in the same order.",
    ),
    "height_impossible": Kind(
        "E",
        "挂高不可能",
        "an impossible height",
        "单位是米，应在 0 到 700 之间。",
        "Metres, above 0 and up to 700.",
    ),
    "height_suspicious": Kind(
        "W",
        "挂高可疑",
        "a doubtful height",
        "请核实（常见 5 到 120 米）。",
        "Usual are 5 to 120 m.",
    ),
    "band_of_other_network": Kind(
        "E",
        "网络 {network} 没有频段 {band}",
        "network {network} has no band {band}",
        "可用：{allowed}。",
        "Use one of: {allowed}.",
    ),
    "more_findings": Kind(
        "I", "另有 {count} 条未列出", "{count} more findings are counted but not listed"
    ),
}

RETURNED: Final[dict[str, Kind]] = {
    # what comes back from reviewers
    "header_row_guessed": Kind(
        "I",
        "表头不在第一行，其上各行已略去",
        "the header is not the first row; the rows above it were skipped",
    ),
    "file_read_before": Kind(
        "I",
        "内容与已读过的文件相同，不再计入",
        "the same content was read before and is not counted again",
    ),
    "marks_unreadable": Kind(
        "E",
        "不是审阅页保存的意见文件：{reason}",
        "not a file of marks from the review page: {reason}",
        "请在审阅页中重新保存意见文件。",
        "Save the marks again from the review page.",
    ),
    "mark_unusable": Kind(
        "E",
        "第 {number} 条意见不可用：{reason}",
        "mark {number} cannot be used: {reason}",
        "请在审阅页中重新标注。",
        "Mark it again on the review page.",
    ),
    "mark_area_unusable": Kind(
        "W",
        "第 {number} 条意见的区域不可用：{reason}；按地点意见读取",
        "the area of mark {number} cannot be used: {reason}; read as a comment on its place",
        "请在审阅页中重画区域：3 至 200 个角点，边界不自交。",
        "Draw it again on the review page: 3 to 200 corners, no side crossing another.",
    ),
    "date_invalid": Kind(
        "E", "日期无法识别", "not a date", "请写成 2020-11-15 的形式。", "Write it as 2020-11-15."
    ),
    "datum_contradicts": Kind(
        "W",
        "坐标系列为 {own}，文件名或表头提到 {named}，按坐标系列读取",
        "the datum column says {own}, file name or headers speak of {named}: read as the column "
        "says",
        "请核对坐标系。",
        "Check the datum.",
    ),
    "datum_assumed": Kind(
        "I",
        "文件名、表头和坐标系列都没有写明坐标系，按 {datum} 读取",
        "neither file name, headers nor a datum column tell the datum: read as {datum}",
        "请在文件名或坐标系列写明坐标系。",
        "State the datum in the file name or in a column.",
    ),
}
"""Kinds of findings about what comes back from reviewers."""
