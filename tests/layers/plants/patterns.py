"""Files of antennas with something wrong in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.layers.plants.county import PLANTS, put

HORIZONTAL = [min(12.0 * (min(turn, 360 - turn) / 65.0) ** 2, 30.0) for turn in range(360)]
VERTICAL = [min(12.0 * (min(turn, 360 - turn) / 10.0) ** 2, 30.0) for turn in range(360)]
"""Cuts of TR 38.901, Table 7.3-1, with 65 and 10 degrees, 30 dB at most."""


def planet(
    *head: str, horizontal: Sequence[float] = HORIZONTAL, vertical: Sequence[float] = VERTICAL
) -> list[str]:
    """The lines of a Planet file: ``HORIZONTAL 360`` stands behind the head."""
    cuts = (("HORIZONTAL", horizontal), ("VERTICAL", vertical))
    lines = [*head]
    for name, losses in cuts:
        lines.append(f"{name} {len(losses)}")
        lines += [f"{turn}.0 {loss:.2f}" for turn, loss in enumerate(losses)]
    return lines


def radio_mobile(
    horizontal: Sequence[float] = HORIZONTAL, vertical: Sequence[float] = VERTICAL
) -> list[str]:
    """The lines of a Radio Mobile file, version 3: elevations begin at the zenith."""
    return [f"{-loss:.2f}" for loss in (*horizontal, *vertical[270:], *vertical[:270])]


def turned(cut: Sequence[float], degrees: int) -> list[float]:
    """A cut with its axis elsewhere."""
    return [cut[(turn - degrees) % 360] for turn in range(360)]


def planted(
    code: str, line: int | None, lines: Sequence[str], name: str = "panel.msi", band: str = "n78"
) -> None:
    """Plant a file of an antenna."""

    def write(folder: Path) -> dict[str, Any]:
        put(folder / name, lines)
        return {"inputs": {"antennas": {"file": name, "band": band}}}

    write.__name__ = name
    PLANTS.append((code, line, write))


def changed(lines: Sequence[str], line: int, text: str | None) -> list[str]:
    """The lines with another text in one, or without it."""
    return [*lines[: line - 1], *([] if text is None else [text]), *lines[line:]]


HEAD = ("NAME panel", "FREQUENCY 3500", "GAIN 18.0 dBi", "TILT ELECTRICAL")
WHOLE = planet(*HEAD)  # HORIZONTAL in line 5, its rows from 6 to 365, VERTICAL in line 366
BARE = radio_mobile()
ANT = "panel.ant"

planted("missing_value", None, WHOLE, band="")
planted("enum_unknown", None, WHOLE, band="n99")

planted("pattern_refused", None, WHOLE[:365])
planted("pattern_refused", 727, [*WHOLE, *WHOLE[4:365]])
planted("pattern_refused", 366, WHOLE[:-7])
planted("pattern_refused", 40, changed(WHOLE, 40, "34.0 abc"))
planted("pattern_refused", 41, changed(WHOLE, 41, "35.0"))
planted("pattern_refused", 42, changed(WHOLE, 42, "36.0 -3.7"))
planted("pattern_refused", 43, changed(WHOLE, 43, "36.0 12.0"))
planted("pattern_refused", None, [*HEAD, "HORIZONTAL 2", "0 0", "180 30", *WHOLE[365:]])
planted("pattern_refused", None, planet(*HEAD, horizontal=turned(HORIZONTAL, 180)))
planted("pattern_refused", None, planet(*HEAD, vertical=turned(VERTICAL, 90)))
planted("pattern_refused", 1, planet("ELECTRICAL_TILT 6", vertical=turned(VERTICAL, 2)))
planted("pattern_refused", 1, planet("TILT ELECTRICAL 4", vertical=turned(VERTICAL, -4)))
planted("pattern_refused", None, planet(*HEAD, vertical=turned(VERTICAL, -6)))
planted("pattern_refused", None, BARE[:541], ANT)
planted("pattern_refused", 12, changed(BARE, 12, "6.2"), ANT)
planted("pattern_refused", 13, changed(BARE, 13, "-1.2 -3"), ANT)
planted("pattern_refused", None, ["0 0", "nothing"], ANT)

planted("pattern_read", None, planet(*HEAD, vertical=turned(VERTICAL, 6)))
planted("pattern_read", None, radio_mobile(vertical=turned(VERTICAL, 6)), ANT)
planted("pattern_read", None, planet(*HEAD, horizontal=turned(HORIZONTAL, 30)))
planted("pattern_read", None, planet(horizontal=[loss + 3.0 for loss in HORIZONTAL]))

planted("pattern_doubt", 3, planet(*HEAD[:2], "GAIN 12.0 dBi"))
planted("pattern_doubt", 1, planet("GAIN much"))
planted("pattern_doubt", 1, planet("FREQUENCY 900 MHz"))
planted("pattern_doubt", 1, planet("FREQUENCY 1.7 - 2.7 GHz"))
planted("pattern_doubt", 1, planet("FREQUENCY"))
planted("table_too_large", 20001, [*HEAD, *["0 0"] * 20_000])
planted("pattern_doubt", 631, changed(BARE, 631, "-3.0"), ANT)
