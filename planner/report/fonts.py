"""Chinese fonts: the office's own, else what the machine has, else a packaged one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from planner.errors import StorageError
from planner.report.texts import template_text

# By role, the office's name first (GB/T 9704), then what stands in for it.
_SERIF: Final = (
    "Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN",
    "SimSun", "Songti SC",
)  # fmt: skip
_SANS: Final = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "Microsoft YaHei", "PingFang SC",
)  # fmt: skip
FONTS: Final = {
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", *_SERIF),
    "body": ("FangSong_GB2312", "FangSong", "STFangsong", *_SERIF),
    "head": ("SimHei", "STHeiti", *_SANS),
    "kai": ("KaiTi_GB2312", "KaiTi", "STKaiti", *_SERIF),
    "song": ("SimSun", "Songti SC", *_SERIF),
}
PLOT_FONTS: Final = (*_SANS, "SimHei", "STHeiti", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei")


@cache
def office_fonts() -> Mapping[str, str]:
    """By role the name under which the office's word processor knows the font."""
    names: Mapping[str, str] = yaml.safe_load(template_text("fonts.yaml"))
    return names


@cache
def font_folders() -> tuple[Path, ...]:
    """Folder of the packaged fonts: Noto Sans SC and Noto Serif SC under the Open Font Licence."""
    import pylopdf_fonts_zh_cn

    return (Path(pylopdf_fonts_zh_cn.__file__).parent,)


@cache
def plot_fonts() -> tuple[str, ...]:
    """Families for maps and charts that this machine can draw Chinese with.

    Raises
    ------
    StorageError
        When there is none.
    """
    from matplotlib import font_manager

    for folder in font_folders():
        for path in sorted(folder.glob("*.[ot]tf")):
            font_manager.fontManager.addfont(str(path))

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    found = tuple(name for name in PLOT_FONTS if name in known)
    if not found:
        raise StorageError(
            "no Chinese font was found; install Noto Sans CJK SC (Debian: fonts-noto-cjk) or "
            "Microsoft YaHei",
            "未找到中文字体，请安装思源黑体（Noto Sans CJK SC）或微软雅黑",
        )
    return found
