"""What is worth a word about a plan that was made."""

from __future__ import annotations

from typing import Final

from planner.errors import Catalogue, Kind

NOTICES: Final = Catalogue({
    "network_opens_nothing": Kind("W",
        "网络 {label}（{network}）没有新开基站的期：{phases}",
        "the network {network} opens no station in {phases}", column="networks"),
})  # fmt: skip
