"""Bands: what a station transmits and receives on, and what is known of each by its 3GPP name.

Gains, beams and streams follow from the kind of radio unit, each as long as nobody gives it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from pydantic import model_validator

from planner.parameters import Part, UnfitError, parameter
from planner.radio.antenna import Antenna
from planner.radio.prach import LONG, LONG_KHZ, SHORT

SUBCARRIERS = 12
"""Subcarriers of a resource block, TS 38.211, 4.4.4.1."""

PRB_TABLE = "TS 38.101-1 and TS 38.101-2, Tables 5.3.2-1"
MAX_PRB = 275

_BELOW: Final[Mapping[int, str]] = {
    15: "3:15 5:25 10:52 15:79 20:106 25:133 30:160 35:188 40:216 45:242 50:270",
    30: "5:11 10:24 15:38 20:51 25:65 30:78 35:92 40:106 45:119 50:133 60:162 70:189 80:217 90:245 "
    "100:273",
    60: "10:11 15:18 20:24 25:31 30:38 35:44 40:51 45:58 50:65 60:79 70:93 80:107 90:121 100:135",
}
_ABOVE: Final[Mapping[int, str]] = {
    60: "50:66 100:132 200:264",
    120: "50:32 100:66 200:132 400:264",
}
SPACINGS: Final = (tuple(_BELOW), tuple(_ABOVE))
"""Subcarrier spacings below and above 24 GHz, kHz."""


def is_above_24_ghz(f_ghz: float) -> bool:
    """Whether a carrier is of frequency range 2, which begins at 24.25 GHz (TS 38.104, 5.1)."""
    return f_ghz >= 24.25


def usual_spacing_khz(f_ghz: float) -> int:
    """Subcarrier spacing that bands of a frequency (GHz) use as a rule, kHz."""
    if is_above_24_ghz(f_ghz):
        return 120
    return 15 if f_ghz < 2.3 else 30


def blocks_of(f_ghz: Any, scs_khz: Any) -> dict[float, int]:
    """Resource blocks by channel bandwidth, MHz; none where there is no such spacing.

    Source: TS 38.101-1, Table 5.3.2-1, and TS 38.101-2, Table 5.3.2-1.
    """
    if not isinstance(f_ghz, int | float) or not isinstance(scs_khz, int):
        return {}
    row = (_ABOVE if is_above_24_ghz(f_ghz) else _BELOW).get(scs_khz, "")
    pairs = (entry.split(":") for entry in row.split())
    return {float(width): int(blocks) for width, blocks in pairs}


# Judgement: a panel sweeps its SSB beams over 105 degrees, in three layers of together 25 degrees;
# a passive one has 65 and 10. With one layer of 12 degrees, and no line of sight anywhere, indoor
# service would break off round the mast.
_PANEL: Final = Antenna(h_beamwidth_deg=105.0, v_beamwidth_deg=25.0)
_PASSIVE: Final = Antenna(h_beamwidth_deg=65.0, v_beamwidth_deg=10.0)

Unit = Literal["64T64R", "32T32R", "8T8R", "4T4R", "2T2R"]
_UNIT_FIGURES: Final = (
    "power_w", "beam_gain_dbi", "traffic_gain_dbi", "mean_gain_dbi", "ssb_beams", "streams",
    "antenna",
)  # fmt: skip
_UNITS: Final[Mapping[str, tuple[Any, ...]]] = {
    "64T64R": (200.0, 17.0, 24.0, 10.0, 8, 4, _PANEL),
    "32T32R": (200.0, 17.0, 23.0, 11.0, 8, 4, _PANEL),
    "8T8R": (240.0, 15.0, 21.0, 15.0, 1, 4, _PASSIVE),
    "4T4R": (160.0, 17.0, 17.0, 17.0, 1, 2, _PASSIVE),
    "2T2R": (80.0, 17.0, 17.0, 17.0, 1, 2, _PASSIVE),
}
_LOW_GAIN_DBI: Final = 15.0
"""Of an antenna of 4T4R or 2T2R below 1 GHz, where a mast bears no larger one."""

FOLLOWS_FROM_UNIT: Final = frozenset(_UNIT_FIGURES)
"""Keys of a band that follow from its unit where they are not given."""


def unit_figures(unit: str, f_ghz: float) -> dict[str, Any]:
    """What a kind of radio unit brings to a band of that frequency (GHz), by key."""
    figures = dict(zip(_UNIT_FIGURES, _UNITS[unit], strict=True))
    if unit in ("4T4R", "2T2R") and f_ghz < 1.0:
        figures |= {name: _LOW_GAIN_DBI for name in _UNIT_FIGURES if name.endswith("gain_dbi")}
    return figures


class Band(Part):
    """What a station transmits and receives on: one carrier with its power and antenna gain."""

    label_zh: str = parameter(
        ..., unit="-", source="-", doc="Chinese name shown to people.", min_length=1
    )
    label_en: str = parameter(
        ..., unit="-", source="-", doc="English name shown to people.", min_length=1
    )
    f_ghz: float = parameter(
        ...,
        unit="GHz",
        source="n28, n41, n78, n79: licences of the Chinese networks (press); others: middle of "
        "the downlink, TS 38.104, Tables 5.2-1 and 5.2-2",
        doc="Carrier frequency.",
        ge=0.5,
        le=30.0,
    )
    unit: Unit = parameter(
        ...,
        unit="-",
        source="operator practice: 64T64R at 2.6 and 3.5 GHz, 4T4R at 700 MHz; other bands: "
        "judgement",
        doc="Kind of radio unit, by its transmitters and receivers; power_w, beam_gain_dbi, "
        "traffic_gain_dbi, mean_gain_dbi, ssb_beams, streams and antenna follow from it where they "
        "are not given.",
    )
    power_w: float = parameter(
        ...,
        unit="W",
        source="operator practice: AAU 64T64R 200 W, 700 MHz RRU 240 W; 32T32R 200 W, 8T8R 240 W, "
        "4T4R 160 W, 2T2R 80 W, panels above 24 GHz 4 W: judgement",
        doc="Total transmit power of a sector.",
        gt=0.0,
        le=1000.0,
    )
    bandwidth_mhz: float | None = parameter(
        None,
        unit="MHz",
        source="licences of the Chinese networks (press); other bands: judgement",
        doc="Channel bandwidth; without it n_prb has to be given.",
        ge=3.0,
        le=400.0,
    )
    n_prb: int = parameter(
        ...,
        unit="PRB",
        source=PRB_TABLE,
        doc="Resource blocks of the carrier; without it, all that fit into bandwidth_mhz.",
        ge=11,
        le=275,
    )
    scs_khz: Literal[15, 30, 60, 120] = parameter(
        ...,
        unit="kHz",
        source="TS 38.104, Table 5.4.3.3-1: spacings of the SSB; without it by the "
        "frequency: 15 below 2.3 GHz, 120 above 24.25 GHz, else 30",
        doc="Subcarrier spacing.",
    )
    beam_gain_dbi: float = parameter(
        ...,
        unit="dBi",
        source="judgement: SSB beams of a 64T64R or 32T32R panel 17 dBi; broadcast beam of 8T8R 15 "
        "dBi; passive antenna of 4T4R or 2T2R 15 dBi below 1 GHz, 17 dBi above; panel above 24 GHz "
        "24 dBi",
        doc="Net gain of the SSB beams, cable and beam losses taken off.",
        ge=0.0,
        le=40.0,
    )
    traffic_gain_dbi: float = parameter(
        ...,
        unit="dBi",
        source="64T64R panel 24 dBi, 32T32R 23 dBi: vendors' classes of 24-25 and 21-24 dBi "
        "(press); 8T8R 21 dBi, four columns of 15 dBi; 4T4R and 2T2R as their SSB, what precoding "
        "adds is not counted; panel above 24 GHz 28 dBi: judgement",
        doc="Gain of a traffic beam: uplink reception, data and exposure.",
        ge=0.0,
        le=40.0,
    )
    mean_gain_dbi: float = parameter(
        ...,
        unit="dBi",
        source="judgement: power is kept, so that beams in all directions have on average the gain "
        "of one branch: three elements of 64T64R 10 dBi (5.15 + 10 lg 3), 32T32R 11 dBi, column of "
        "8T8R 15 dBi; 4T4R and 2T2R as their SSB; panel above 24 GHz 11 dBi, 10 lg(32400 / 105 / "
        "25)",
        doc="Mean gain of the traffic beams over the terminals that they follow: what terminals of "
        "other sectors hear of them.",
        ge=0.0,
        le=40.0,
    )
    ssb_beams: int = parameter(
        ...,
        unit="1",
        source="TS 38.213, 4.1: up to 8 SSBs in a half frame of unpaired spectrum below 6 GHz; all "
        "of them side by side on a panel, one on a passive antenna: judgement",
        doc="SSB beams side by side that sweep the width of the antenna.",
        ge=1,
        le=64,
    )
    dl_share: float = parameter(
        ...,
        unit="1",
        source="operator practice: n41 DDDDDDDSUU, S 6:4:4 (n38, n40 alike); n78 DDDSUDDSUU, "
        "S 10:2:2 (other TDD alike); FDD 1",
        doc="Share of time that carries downlink.",
        gt=0.0,
        le=1.0,
    )
    ul_share: float = parameter(
        ...,
        unit="1",
        source="as dl_share",
        doc="Share of time that carries uplink.",
        gt=0.0,
        le=1.0,
    )
    ue_power_dbm: float = parameter(
        ...,
        unit="dBm",
        source="TS 38.101-1, Table 6.2.1-1: class 3 23 dBm, class 2 26 dBm on n40, n41, n77 to "
        "n79; TS 38.101-2, Table 6.2.1.3-1: 22.4 dBm EIRP",
        doc="Transmit power of the terminal.",
        ge=0.0,
        le=35.0,
    )
    streams: int = parameter(
        ...,
        unit="1",
        source="TS 38.101-1 V17, 7.2: terminals have four receivers on n7, n38, n41, n48 and n77 "
        "to n79, else two at least; 4T4R and 2T2R 2 on every band: judgement",
        doc="Most streams of data to one terminal; several terminals at once are not counted.",
        ge=1,
        le=8,
    )
    prach_length: Literal[139, 839] = parameter(
        ...,
        unit="1",
        source="TS 38.211 V17, 6.3.3.1: above 24 GHz there are short ones alone; below judgement: "
        "long, since its format 0 of 1 ms fits paired spectrum and two uplink slots of 30 kHz in a "
        "row (DDDDDDDSUU, DDDSUDDSUU), while 138 short ones are enough for a few cells only",
        doc="Length of the random access sequences: long 839, short 139.",
    )
    antenna: Antenna = parameter(
        ...,
        unit="-",
        source="form: TR 38.901, Table 7.3-1; widths: judgement, see BANDS",
        doc="Pattern of a sector's SSB, the envelope of its beams.",
    )

    @model_validator(mode="before")
    @classmethod
    def _with_what_follows(cls, given: Any) -> Any:
        """Spacing by the frequency, blocks by bandwidth and spacing, and what the unit brings."""
        if not isinstance(given, dict):
            return given
        full = dict(given)
        f_ghz, width, unit = (full.get(name) for name in ("f_ghz", "bandwidth_mhz", "unit"))
        if isinstance(unit, str) and unit in _UNITS and isinstance(f_ghz, int | float):
            full = unit_figures(unit, f_ghz) | full
        if "scs_khz" not in full and isinstance(f_ghz, int | float):
            full["scs_khz"] = usual_spacing_khz(f_ghz)
        if "prach_length" not in full and isinstance(f_ghz, int | float):
            full["prach_length"] = SHORT if is_above_24_ghz(f_ghz) else LONG
        if "n_prb" not in full and isinstance(width, int | float):
            blocks = blocks_of(f_ghz, full.get("scs_khz")).get(float(width))
            # a width that is in no table is named by the check below
            full["n_prb"] = blocks or MAX_PRB
        return full

    @model_validator(mode="after")
    def _fits_the_tables(self) -> Self:
        fitting = blocks_of(self.f_ghz, self.scs_khz)
        if not fitting:
            spacings = ", ".join(str(khz) for khz in SPACINGS[is_above_24_ghz(self.f_ghz)])
            raise UnfitError(
                f"{self.f_ghz:g} GHz 的 scs_khz 须为 {spacings} 之一，不能是 {self.scs_khz}",
                f"at {self.f_ghz:g} GHz scs_khz is one of {spacings}, not {self.scs_khz}",
            )
        if self.prach_length == LONG and is_above_24_ghz(self.f_ghz):
            raise UnfitError(
                f"{self.f_ghz:g} GHz 只有短序列，prach_length 须为 {SHORT}",
                f"at {self.f_ghz:g} GHz there are short sequences alone: prach_length is {SHORT}",
            )
        if self.bandwidth_mhz is None:
            return self

        most = fitting.get(self.bandwidth_mhz)
        if most is None:
            widths = ", ".join(f"{width:g}" for width in fitting)
            raise UnfitError(
                f"{self.scs_khz} kHz 间隔没有 {self.bandwidth_mhz:g} MHz 带宽，可选 {widths} MHz",
                f"no channel of {self.bandwidth_mhz:g} MHz at {self.scs_khz} kHz: {widths} MHz",
            )
        if self.n_prb > most:
            raise UnfitError(
                f"{self.bandwidth_mhz:g} MHz、{self.scs_khz} kHz 至多 {most} 个资源块，"
                f"n_prb 为 {self.n_prb}",
                f"{self.bandwidth_mhz:g} MHz at {self.scs_khz} kHz hold {most} resource blocks, "
                f"not n_prb = {self.n_prb}",
            )
        return self

    @property
    def prb_hz(self) -> float:
        """Width of one resource block, Hz."""
        return SUBCARRIERS * self.scs_khz * 1e3

    @property
    def prach_scs_khz(self) -> float:
        """Subcarrier spacing of the random access, TS 38.211, Tables 6.3.3.1-1 and -2, kHz."""
        if self.prach_length == LONG:
            return LONG_KHZ
        # below 24 GHz short sequences have 15 or 30 kHz, whatever the data has
        return float(self.scs_khz if is_above_24_ghz(self.f_ghz) else min(self.scs_khz, 30))

    @property
    def bandwidth_hz(self) -> float:
        """Width of all resource blocks, Hz."""
        return self.n_prb * self.prb_hz

    @property
    def epre_dbm(self) -> float:
        """Transmit power per resource element, dBm, spread evenly over all subcarriers."""
        return 10.0 * math.log10(self.power_w * 1e3) - 10.0 * math.log10(self.n_prb * SUBCARRIERS)


def _aau(
    name: str,
    f_ghz: float,
    label: str,
    width_mhz: float = 100.0,
    *,
    like_n41: bool = False,
    **changes: Any,
) -> Band:
    """An active panel of 64 branches below 24 GHz."""
    shares = (0.74, 0.23) if like_n41 else (0.64, 0.33)
    figures = {"unit": "64T64R", "ue_power_dbm": 26.0, "scs_khz": 30}
    return _band(name, f_ghz, label, width_mhz, shares, {**figures, **changes})


def _rru(name: str, f_ghz: float, label: str, width_mhz: float = 20.0, **changes: Any) -> Band:
    """A remote unit of 4 branches on a passive antenna, on paired spectrum."""
    figures = {"unit": "4T4R", "ue_power_dbm": 23.0, "scs_khz": 15}
    return _band(name, f_ghz, label, width_mhz, (1.0, 1.0), {**figures, **changes})


def _high(name: str, f_ghz: float, label: str) -> Band:
    """A panel above 24 GHz with one carrier of 100 MHz."""
    figures = {
        "unit": "4T4R", "power_w": 4.0, "beam_gain_dbi": 24.0, "traffic_gain_dbi": 28.0,
        "mean_gain_dbi": 11.0, "ssb_beams": 8, "ue_power_dbm": 22.4, "antenna": _PANEL,
        "scs_khz": 120,
    }  # fmt: skip
    return _band(name, f_ghz, label, 100.0, (0.64, 0.33), figures)


def _band(
    name: str,
    f_ghz: float,
    label: str,
    width_mhz: float,
    shares: tuple[float, float],
    figures: Mapping[str, Any],
) -> Band:
    values = {
        "label_zh": label, "label_en": f"{label} ({name})", "f_ghz": f_ghz,
        "bandwidth_mhz": width_mhz, "dl_share": shares[0], "ul_share": shares[1],
    }  # fmt: skip
    return Band(**{**values, **figures})


BANDS: Final[dict[str, Band]] = {
    "n41": _aau("n41", 2.6, "2.6 GHz", like_n41=True),
    "n78": _aau("n78", 3.5, "3.5 GHz"),
    "n28": _rru("n28", 0.7, "700 MHz", 30.0, power_w=240.0),
}
"""The packaged bands: n41 and n78 with 100 MHz, n28 with 30 MHz."""

# Bands above 30 GHz are left out: the model of open land ends there.
KNOWN_BANDS: Final[dict[str, Band]] = {
    **BANDS,
    "n1": _rru("n1", 2.14, "2.1 GHz"),
    "n2": _rru("n2", 1.96, "1.9 GHz"),
    "n3": _rru("n3", 1.8425, "1.8 GHz"),
    "n5": _rru("n5", 0.8815, "850 MHz"),
    "n7": _rru("n7", 2.655, "2.6 GHz"),
    "n8": _rru("n8", 0.9425, "900 MHz"),
    "n12": _rru("n12", 0.7375, "700 MHz", 15.0),
    "n20": _rru("n20", 0.806, "800 MHz"),
    "n25": _rru("n25", 1.9625, "1.9 GHz"),
    "n66": _rru("n66", 2.155, "2.1 GHz"),
    "n71": _rru("n71", 0.6345, "600 MHz"),
    "n38": _aau("n38", 2.595, "2.6 GHz", 40.0, like_n41=True, ue_power_dbm=23.0),
    "n40": _aau("n40", 2.35, "2.3 GHz", like_n41=True),
    "n77": _aau("n77", 3.75, "3.7 GHz"),
    "n79": _aau("n79", 4.9, "4.9 GHz"),
    "n257": _high("n257", 28.0, "28 GHz"),
    "n258": _high("n258", 25.875, "26 GHz"),
    "n261": _high("n261", 27.925, "28 GHz"),
}
"""Bands that a scenario may name and leave at that; where it writes a value, that one holds."""
