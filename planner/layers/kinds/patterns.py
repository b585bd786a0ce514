"""Files of one antenna, as vendors and planning programs write them: two cuts of attenuation.

Two formats are read. Planet (``.msi``, ``.pln``) has a head with the gain, in dBd unless it says
dBi, and the cuts ``HORIZONTAL`` and ``VERTICAL``: angle and attenuation, the horizontal one
clockwise, the vertical one from the horizon downwards. Radio Mobile, version 3 (``.ant``) has 720
lines of one number, the gain over that on the axis: azimuths 0 to 359, then elevations from the
zenith over the horizon ahead, the nadir and the horizon behind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from planner import fields as F
from planner.errors import nearest
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.kinds.rows import Book
from planner.layers.places import FloatArray

if TYPE_CHECKING:
    import pandas as pd

DBD_IN_DBI: Final = 2.15
"""Gain of a half-wave dipole, dBi."""

CUTS: Final = ("horizontal", "vertical")
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_GAIN: Final = re.compile(r"([-+]?[0-9]+(?:[.,][0-9]+)?)\s*(dbd|dbi|db)?", re.IGNORECASE)
_FREQUENCY: Final = re.compile(
    r"([0-9]+(?:[.,][0-9]+)?)(?:\s*[-~–]\s*([0-9]+(?:[.,][0-9]+)?))?\s*(ghz|mhz)?", re.IGNORECASE
)
_TILTS: Final = ("TILT", "ELECTRICAL", "ELECTRICALTILT", "DOWNTILT")
_MOST_DB: Final = 100.0

# what is taken for one [judgement]
_SAME_DB: Final = 0.1
"""Attenuations no farther apart than this are the same."""
_FARTHEST_DEG: Final = 10.0
"""Between two rows of a cut no more may be missing."""
_SAME_TILT_DEG: Final = 1.0
"""A tilt that the head tells may be so far from that of the cut."""
_STEEPEST_DEG: Final = 20.0
"""An axis that points farther from the horizon counts its angles from elsewhere."""
_OFF_AXIS_DB: Final = 0.5
"""A horizontal axis that is so much stronger than the front is worth a word."""
_BEHIND_DB: Final = 20.0
"""An antenna that radiates so much less ahead than elsewhere counts azimuths from elsewhere."""
_LOSSES_DB: Final = (0.0, 3.0)
"""What cables and beams may take of the gain of an antenna."""
_SAME_AT_HORIZON_DB: Final = 1.0
"""Both cuts may differ by so much where they meet."""
_NEAR: Final = 0.1
"""A frequency so near to that of a band, as a share of it, may be meant for it."""

V3_ROWS: Final = 720
_TURN: Final = 360
_HORIZON: Final = (450, 630)
"""Places of the horizon ahead and behind in the elevations; its azimuths are 0 and 180."""


_Line = tuple[int, str, str]
"""A line of a head: its number, its first word, the rest."""


class _Cut(NamedTuple):
    """A cut as it stands in the file: lines, angles and attenuations of its rows, (rows,)."""

    name: str
    lines: npt.NDArray[np.int64]
    angle_deg: FloatArray
    loss_db: FloatArray


@dataclass(frozen=True, slots=True)
class _File:
    """The file of an antenna, and what is said of it."""

    source: Source
    findings: Findings

    def say(self, code: str, value: str, **said: Any) -> None:
        """Enter a finding about a value that stands in it."""
        self.findings.add(code, file=self.source.name, value=value, stated=value, **said)


def read_pattern(source: Source, book: Book) -> pd.DataFrame | None:
    """The pattern of one antenna: columns of ``tables.ANTENNAS``, by physical line.

    The axis of either cut has 0 dB, and the vertical one points at the horizon: an electrical tilt
    that it contains is taken out, since a station has one of its own.
    """
    import pandas as pd

    findings = book.findings
    read = source.read(findings)
    if read is None:
        return None

    errors = findings.errors_in(source.name)
    file = _File(source, findings)
    band = _band(source, book)
    head: list[_Line] = read[0].get("head", [])
    if source.format == "planet":
        cuts = _planet(read[0]["cuts"], file)
    else:
        cuts = _radio_mobile(read[0]["rows"], file)
    settled = [_pointed(_raised(cut, file), head, file) for cut in cuts if len(cut.lines)]
    _question_head(head, band, file, book)
    if findings.errors_in(source.name) > errors or not band:
        return None

    sizes = [len(cut.lines) for cut in settled]
    columns = {
        F.BAND: np.full(sum(sizes), band, dtype=object),
        F.CUT: np.repeat(np.array([cut.name for cut in settled], dtype=object), sizes),
        F.ANGLE_DEG: np.concatenate([cut.angle_deg for cut in settled]) % 360.0,
        F.LOSS_DB: np.concatenate([cut.loss_db for cut in settled]),
    }
    lines = np.concatenate([cut.lines for cut in settled])
    return pd.DataFrame(columns, index=pd.Index(lines, name="line"))


def _band(source: Source, book: Book) -> str:
    """The band that the scenario names beside the file; empty, with an error, without one."""
    asked, bands = source.entry.band, book.scenario.bands
    if not asked:
        book.findings.add("missing_value/pattern_band", file=source.name, column=F.BAND)
        return ""
    known = {name.lower(): name for name in bands}
    found = known.get(asked.strip().lower(), "")
    if not found:
        book.findings.add(
            "enum_unknown", file=source.name, column="inputs.antennas.band", value=asked,
            near=nearest(asked, bands), allowed=", ".join(bands),
        )  # fmt: skip
    return found


def _planet(cuts: list[dict[str, Any]], file: _File) -> list[_Cut]:
    """The cuts of a Planet file whose rows can all be used."""
    rows = (line for cut in cuts for line, _ in cut["rows"])
    file.findings.count_rows(file.source.name, rows, 0)
    for name in CUTS:
        found = [cut for cut in cuts if cut["name"] == name]
        if not found:
            file.say("pattern_refused/no_cut", name.upper())
        for again in found[1:]:
            first = found[0]["line"]
            file.say("pattern_refused/cut_again", name.upper(), line=again["line"], other=first)
    read = [_planet_cut(cut, file) for cut in cuts]
    return [cut for cut in read if cut is not None]


def _planet_cut(cut: dict[str, Any], file: _File) -> _Cut | None:
    """Angle and attenuation of each row of a cut, no angle twice; None where one is no such row."""
    column, rows = cut["name"].upper(), cut["rows"]
    if len(rows) != cut["count"]:
        facts = {"line": cut["line"], "column": column, "found": len(rows)}
        file.say("pattern_refused/count", str(cut["count"]), **facts)

    good: dict[float, tuple[int, float, float]] = {}
    is_whole = True
    for line, tokens in rows:
        angle, loss = [*_numbers(tokens), np.nan, np.nan][:2]
        if len(tokens) != 2 or not (abs(angle) <= 360.0 and 0.0 <= loss <= _MOST_DB):
            facts = {"line": line, "column": column, "most": f"{_MOST_DB:g}"}
            file.say("pattern_refused", " ".join(tokens), **facts)
            is_whole = False
            continue
        # 0 and 360 degrees are one: files of 361 rows repeat it
        first = good.setdefault(angle % 360.0, (line, angle % 360.0, loss))
        if abs(first[2] - loss) > _SAME_DB:
            facts = {"line": line, "column": column, "other": first[0]}
            file.say("pattern_refused/twice", " ".join(tokens), **facts)
            is_whole = False
    if not is_whole:
        return None
    read = _cut(cut["name"], list(good.values()))
    _look_for_gaps(read, file)
    return read


def _numbers(tokens: list[str]) -> list[float]:
    """What texts say in decimal points or commas; NaN where one is no number."""
    return [float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else np.nan for text in tokens]


def _cut(name: str, rows: list[tuple[int, float, float]]) -> _Cut:
    lines, angles, losses = zip(*rows, strict=True) if rows else ((), (), ())
    return _Cut(
        name,
        np.array(lines, dtype=np.int64),
        np.array(angles, dtype=np.float64),
        np.array(losses, dtype=np.float64),
    )


def _look_for_gaps(cut: _Cut, file: _File) -> None:
    """An error where a cut does not go all round."""
    angles = np.sort(cut.angle_deg) if len(cut.angle_deg) else np.zeros(1)
    steps = np.diff(angles, append=angles[0] + 360.0)
    widest = int(steps.argmax())
    if steps[widest] > _FARTHEST_DEG:
        facts = {"width": f"{steps[widest]:g}", "most": f"{_FARTHEST_DEG:g}"}
        file.say("pattern_refused/gap", f"{angles[widest]:g}", column=cut.name.upper(), **facts)


def _radio_mobile(rows: list[tuple[int, list[str]]], file: _File) -> list[_Cut]:
    """Both cuts of a Radio Mobile file."""
    file.findings.count_rows(file.source.name, (line for line, _ in rows), 0)
    if len(rows) != V3_ROWS:
        file.say("pattern_refused/rows", str(len(rows)), rows=V3_ROWS)
        return []
    gains = [_numbers(tokens)[0] if len(tokens) == 1 else np.nan for _, tokens in rows]
    bad = [i for i, gain in enumerate(gains) if not -_MOST_DB <= gain <= 0.0]
    for i in bad:
        line, tokens = rows[i]
        file.say("pattern_refused/gain", " ".join(tokens), line=line, least=f"{-_MOST_DB:g}")
    if bad:
        return []

    # both cuts pass through the horizon ahead and behind
    for azimuth, elevation in zip((0, _TURN // 2), _HORIZON, strict=True):
        apart = abs(gains[azimuth] - gains[elevation])
        if apart > _SAME_AT_HORIZON_DB:
            facts = {"line": rows[elevation][0], "other": rows[azimuth][0]}
            value, decibels = f"{gains[elevation]:g}", f"{apart:.1f}"
            file.say("pattern_doubt/cuts", value, decibels=decibels, **facts)
    halves = (slice(None, _TURN), slice(_TURN, None))
    lines, losses = [line for line, _ in rows], [-gain for gain in gains]
    turns = [float(turn) for turn in range(_TURN)]
    from_zenith = [turn - 90.0 for turn in turns]
    return [
        _cut(name, list(zip(lines[half], angles, losses[half], strict=True)))
        for name, half, angles in zip(CUTS, halves, (turns, from_zenith), strict=True)
    ]


def _raised(cut: _Cut, file: _File) -> _Cut:
    """The cut with 0 dB on its axis; how much it lay below is said.

    A horizontal cut at the horizon of a tilted antenna lies lower by what the vertical one loses
    there, which would count twice.
    """
    least = float(cut.loss_db.min())
    if least > _SAME_DB:
        file.say("pattern_read/raised", f"{least:g}", column=cut.name.upper())
    return cut._replace(loss_db=cut.loss_db - least)


def _pointed(cut: _Cut, head: list[_Line], file: _File) -> _Cut:
    """The cut counted from where it is to be: the vertical one from its axis."""
    if cut.name == "vertical":
        return cut._replace(angle_deg=cut.angle_deg - _tilt(cut, head, file))

    axis, ahead = _axis(cut)
    if ahead > _BEHIND_DB:
        file.say("pattern_refused/horizontal", f"{axis:g}", column=cut.name.upper())
    elif ahead > _OFF_AXIS_DB:
        file.say("pattern_read/off_axis", f"{axis:g}", column=cut.name.upper())
    return cut


def _axis(cut: _Cut) -> tuple[float, float]:
    """Angle of the axis, -180 to 180 degrees, and the attenuation at 0 degrees.

    An axis whose main beam is flat up to 0 degrees is there.
    """
    turned = (cut.angle_deg + 180.0) % 360.0 - 180.0
    order = np.argsort(turned, kind="stable")
    ahead = float(np.interp(0.0, turned[order], cut.loss_db[order], period=360.0))
    if ahead <= _SAME_DB:
        return 0.0, ahead
    # of several rows at the top those are meant that stand beside the one next to 0 degrees
    tops = np.sort(turned[cut.loss_db <= cut.loss_db.min() + 1e-9])
    near = tops[np.abs(tops - tops[np.abs(tops).argmin()]) <= _FARTHEST_DEG]
    return float(near.mean()), ahead


def _tilt(cut: _Cut, head: list[_Line], file: _File) -> float:
    """Electrical tilt that the vertical cut contains, degrees below the horizon; it is said.

    An error where the head tells another one, where the axis is nowhere near the horizon, or where
    it looks up and the head does not say that it should.
    """
    axis, _ = _axis(cut)
    line, told = _told_tilt(head)
    facts: dict[str, Any] = {"line": line, "column": cut.name.upper()}
    if abs(axis) > _STEEPEST_DEG:
        file.say("pattern_refused/vertical", f"{axis:g}", most=f"{_STEEPEST_DEG:g}", **facts)
    elif told is not None and abs(told - axis) > _SAME_TILT_DEG:
        file.say("pattern_refused/tilt", f"{axis:g}", told=f"{told:g}", **facts)
    elif told is None and axis < -_SAME_TILT_DEG:
        file.say("pattern_refused/upwards", f"{axis:g}", **facts)
    elif axis:
        file.say("pattern_read", f"{axis:g}", **facts)
    return axis


def tilt_in_rows(rows: pd.DataFrame, source: Source, findings: Findings) -> float:
    """Electrical tilt that the vertical cut of a band in a table contains, degrees; it is said.

    Parameters
    ----------
    rows
        ``angle_deg, loss_db`` by line.
    source, findings
        The table, and where that is said.
    """
    columns = (rows[name].to_numpy(np.float64) for name in (F.ANGLE_DEG, F.LOSS_DB))
    cut = _Cut(CUTS[1], rows.index.to_numpy(np.int64), *columns)
    return _tilt(cut, [], _File(source, findings))


def _told_tilt(head: list[_Line]) -> tuple[int | None, float | None]:
    """Line and degrees of an electrical tilt in the head, as far as it tells any.

    Such as ``TILT 4``, ``TILT ELECTRICAL 4`` and ``ELECTRICAL_TILT 4``.
    """
    for line, key, rest in head:
        words = [word for word in re.split(r"[\s=:_]+", f"{key} {rest}".upper()) if word]
        is_tilt = words[0] in _TILTS and any("TILT" in word for word in words)
        told = [number for number in _numbers(words) if number == number]
        if is_tilt and told and "MECHANICAL" not in words:
            return line, told[0]
    return None, None


def _question_head(head: list[_Line], band: str, file: _File, book: Book) -> None:
    """What the head says of gain and frequency, held against the band."""
    for line, key, rest in head:
        if key == "GAIN":
            _question_gain(line, rest, band, file, book)
        elif key == "FREQUENCY" and band:
            _question_frequency(line, rest, band, file, book)


def _question_frequency(line: int, rest: str, band: str, file: _File, book: Book) -> None:
    """The frequency of the file, or its range, and that of the band."""
    facts: dict[str, Any] = {"line": line, "column": "FREQUENCY"}
    stated = _FREQUENCY.fullmatch(rest)
    if stated is None:
        file.say("pattern_doubt/frequency_unknown", rest, **facts)
        return
    used_ghz = book.scenario.bands[band].f_ghz
    to_ghz = 1.0 if (stated[3] or "").lower() == "ghz" else 0.001
    low, high = (to_ghz * ghz for ghz in _numbers([stated[1], stated[2] or stated[1]]))
    if not low / (1.0 + _NEAR) <= used_ghz <= high * (1.0 + _NEAR):
        file.say("pattern_doubt/frequency", rest, band=band, ghz=f"{used_ghz:g}", **facts)


def _question_gain(line: int, rest: str, band: str, file: _File, book: Book) -> None:
    """The gain of the file, dBd unless it says dBi, and what the band is reckoned with."""
    facts: dict[str, Any] = {"line": line, "column": "GAIN"}
    gain = _GAIN.fullmatch(rest)
    if gain is None:
        file.say("pattern_doubt/gain_unknown", rest, **facts)
    elif band:
        is_dbi = (gain[2] or "").lower() == "dbi"
        dbi = _numbers([gain[1]])[0] + (0.0 if is_dbi else DBD_IN_DBI)
        net = book.scenario.bands[band].beam_gain_dbi
        low, high = _LOSSES_DB
        code = "pattern_read/gain" if low <= dbi - net <= high else "pattern_doubt"
        facts |= {"dbi": f"{dbi:.2f}", "net": f"{net:g}", "band": band}
        file.say(code, rest, apart=f"{dbi - net:+.2f}", **facts)
