"""What is said of the files that ``planner check`` is given."""

from __future__ import annotations

from typing import Final

from planner.errors import Catalogue, Kind

NOTICES: Final = Catalogue({
    "files_passed_over": Kind("I",
        "未检查的附属文件或说明：{files}", "side files and texts that were not looked at: {files}"),
    "no_files": Kind("E",
        "文件夹中没有可检查的文件", "the folder holds no file to check",
        "请写明文件或情景。", "Name a file or a scenario."),
    "not_a_table": Kind("E",
        "只有表格可以写出标注副本", "only a table can be written with its bad cells marked",
        "请给出表格文件，或含表格的文件夹、情景。",
        "Name a file that is a table, or a folder or scenario that holds one."),
    "not_copied": Kind("I",
        "不是表格，不在标注副本中：{files}", "no tables, and so not in the marked copy: {files}"),
})  # fmt: skip
