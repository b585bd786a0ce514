"""What writing into a run folder comes to, and why it may be refused."""

from __future__ import annotations

from typing import Final

from planner.errors import Catalogue, Kind, Said

NOTICES: Final = Catalogue({
    # before the work
    "locked_by_other_run": Kind("E",
        "另一个命令正在写该文件夹：{holder}", "another command writes this folder: {holder}",
        "请等它结束后重试，或用 -o 另选文件夹。",
        "Run again when it has ended, or name another folder with -o."),
    "unsuitable_output/file": Kind("E",
        "此处需要文件夹，却是文件", "a folder is needed here, but this is a file",
        "请用 -o 另选位置，或移走该文件。",
        "Name another place with -o, or move the file away."),
    "unsuitable_output/folder": Kind("E",
        "此处需要文件，却是文件夹", "a file is needed here, but this is a folder",
        "请用 -o 给出文件名，或移走该文件夹。",
        "Name a file with -o, or move the folder away."),
    "unsuitable_output/link": Kind("E",
        "这是指向成果目录之外的链接", "this is a link that leads out of the run folder",
        "请移走该链接，或用 -o 直接给出目标文件夹。",
        "Move the link away, or name the folder it leads to with -o."),
    "unsuitable_output/denied": Kind("E",
        "没有写入权限", "no permission to write here",
        "请用 -o 另选文件夹，或请管理员开通写入权限。",
        "Name another folder with -o, or ask for permission to write."),
    "unsuitable_output/own": Kind("E",
        "这是成果目录自己的文件夹，不能写入其他内容",
        "this folder is a run folder's own, nothing else may be written into it",
        "请用 -o 另选位置。", "Name another place with -o."),
    "unsuitable_output/loop": Kind("E",
        "这是绕回自身的链接", "this is a link that leads back to itself",
        "请移走该链接，或用 -o 另选位置。",
        "Move the link away, or name another place with -o."),
    "other_plan": Kind("E",
        "该文件夹现为方案 {held}，而要写入的属于方案 {key}",
        "the folder holds plan {held}, but what is to be written belongs to plan {key}",
        "请用 -o 另选文件夹。", "Name another folder with -o."),
    "unfinished_change/held": Kind("E",
        "上一次运行有 {count} 个文件仍无法放到位：{names}",
        "{count} files of the last run cannot be put in place: {names}",
        "请关闭打开这些文件的程序后重试。",
        "Close the program that holds them open and run again."),
    "unfinished_change/read_only": Kind("E",
        "上一次运行未写完，但该文件夹不可写，无法补完：{reason}",
        "the last run was not written to its end, and the folder cannot be written now: {reason}",
        "请在可写处打开该文件夹，或把整个文件夹（含 .planner）复制到可写位置后重试。",
        "Open the folder where it can be written, or copy all of it, with .planner, to such a "
        "place."),
    # after it
    "run_finished": Kind("I",
        "上一次运行中途停止，现已补完：{count} 个文件放到位",
        "the last run was stopped on its way and is complete now: {count} files put in place"),
    "run_undone": Kind("I",
        "上一次运行未写完即停止，其残留已清除，原有成果未变",
        "the last run was stopped before it was written; its remains are gone, what was there is "
        "unchanged"),
    "files_removed": Kind("I",
        "已移除上一方案的 {count} 个文件", "{count} files of the earlier plan were removed"),
    "file_kept": Kind("W",
        "{count} 个文件写出后被改动或原非本程序所写，未覆盖，已移至：{names}",
        "{count} files were changed since they were written, or were not ours; they were moved to: "
        "{names}"),
    "foreign_files": Kind("I",
        "文件夹中另有 {count} 个非本方案的文件，原样保留：{names}",
        "{count} other files in the folder do not belong to the plan and stay: {names}"),
    "foreign_files/among": Kind("W",
        "成果中间夹有 {count} 个非本方案的文件：{names}",
        "{count} files that are not of this plan lie among its own: {names}",
        "原样保留；若是早先方案的清单，请移走，以免误发。",
        "They stay; move lists of an earlier plan away, lest they are sent out."),
    "file_in_use": Kind("W",
        "{count} 个文件正被其他程序打开，尚为旧内容：{names}",
        "{count} files are open in another program and still old: {names}",
        "新内容已保存；请关闭该程序，再运行任一 planner 命令（如 planner explain）即放到位。",
        "The new content is kept; close the program, the next planner command on this folder puts "
        "it in place."),
    "stale_file/other": Kind("W",
        "plan/ 是方案 {key}，文件夹中的地图、清单和报告属于方案 {held}",
        "plan/ is plan {key}, but map, lists and report in the folder belong to plan {held}",
        "请重新运行，或用 planner map、planner export 写到别处。",
        "Run the plan again, or write map and lists elsewhere."),
    "stale_file/changed": Kind("W",
        "{count} 个文件在写出后被改动或替换：{names}",
        "{count} files were changed or replaced after they were written: {names}",
        "若来自别的方案，请勿使用；重新运行会写出原内容，改动过的文件移至 kept/。",
        "Do not use them if they are of another plan; a run writes them anew and keeps the changed "
        "ones in kept/."),
})  # fmt: skip

UNTOUCHED: Final = Said("原有成果未变", "What was there before is unchanged")
NOTHING: Final = Said("未写出任何文件", "Nothing was written")
COMPLETED_NEXT: Final = Said(
    "新方案已完整保存，下一个 planner 命令会将其放到位",
    "The new plan is kept whole; the next planner command on this folder puts it in place",
)
WHOLE: Final = Said("新方案已完整写出", "The new plan is written whole")
