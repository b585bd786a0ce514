"""From signal-to-noise ratio to rate: the truncated Shannon form of TR 36.942, Annex A.2.

Several streams to one terminal share the power; each is cut off at the standard's own ceiling.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from planner.errors import ValidityError
from planner.parameters import Part, parameter
from planner.radio.grid import FloatArray

THERMAL_NOISE_DBM_HZ = -174.0

_SOURCE = "3GPP TR 36.942 V17, Annex A.2, Table A.2; NR keeps the form (TR 38.803, 5.2.7)"
_CODE_RATE = 948 / 1024
_SYMBOLS_PER_CYCLE = 14 / 15
"""Symbols of a subcarrier in a second over its width in Hz, whatever the spacing."""
_DL_OVERHEAD = 0.14
"""Of the downlink below 24 GHz; above it is 0.18, which a scenario may write."""
_PEAK = "3GPP TS 38.306 V17, 4.1.2: 256QAM at rate 948/1024, overhead 14 %"


class LinkCurve(Part):
    """Share of Shannon's bound that a link reaches.

    ``min(alpha log2(1 + SINR), efficiency_max)``, and 0 below a floor.
    """

    alpha: float = parameter(
        0.6, unit="1", source=_SOURCE, doc="Share of Shannon's bound.", gt=0.0, le=1.0
    )
    sinr_min_db: float = parameter(
        -10.0, unit="dB", source=_SOURCE, doc="No rate below.", ge=-30.0, le=30.0
    )
    efficiency_max: float = parameter(
        8 * _CODE_RATE * _SYMBOLS_PER_CYCLE * (1 - _DL_OVERHEAD),
        unit="bit/s/Hz",
        source=f"downlink: {_PEAK}; uplink: TR 36.942 V17, Table A.2",
        doc="Largest spectral efficiency of one stream.",
        gt=0.0,
        le=30.0,
    )


DOWNLINK = LinkCurve()
UPLINK = LinkCurve(alpha=0.4, efficiency_max=2.0)


def spectral_efficiency(sinr_db: npt.ArrayLike, curve: LinkCurve) -> FloatArray:
    """Spectral efficiency of one stream.

    Parameters
    ----------
    sinr_db
        Signal to interference and noise, dB; any value, minus infinity gives 0.
    curve
        Attenuation, floor and ceiling.

    Returns
    -------
    numpy.ndarray
        bit/s/Hz, of the shape of ``sinr_db``; NaN stays NaN. No input is refused.

    Notes
    -----
    Source: 3GPP TR 36.942 V17, Annex A.2.
    """
    sinr = np.asarray(sinr_db, dtype=np.float64)
    reached = np.minimum(curve.alpha * np.log2(1.0 + 10.0 ** (sinr / 10.0)), curve.efficiency_max)
    return np.asarray(np.where(sinr < curve.sinr_min_db, 0.0, reached))[()]


def stream_efficiency(sinr_db: npt.ArrayLike, most: npt.ArrayLike, curve: LinkCurve) -> FloatArray:
    """Spectral efficiency of all streams to one terminal, as many as carry most.

    Parameters
    ----------
    sinr_db
        Signal to interference and noise were there one stream, dB.
    most
        Most streams, whole numbers from 1, of a shape that goes with that of ``sinr_db``.
    curve
        Attenuation, floor and ceiling of each stream.

    Returns
    -------
    numpy.ndarray
        bit/s/Hz; NaN stays NaN. No input is refused.

    Notes
    -----
    Judgement: the streams share the power evenly and do not disturb each other; what they do in the
    field is in the curve's share of Shannon's bound.
    """
    sinr, limit = np.asarray(sinr_db, dtype=np.float64), np.asarray(most)
    best = spectral_efficiency(sinr, curve)
    for streams in range(2, int(limit.max(initial=1)) + 1):
        each = spectral_efficiency(sinr - 10.0 * math.log10(streams), curve)
        best = np.where(limit >= streams, np.maximum(best, streams * each), best)
    return np.asarray(best)


def least_power(
    rate_mbps: float,
    share: float,
    n_prb: int,
    prb_hz: float,
    noise_figure_db: float,
    curve: LinkCurve,
) -> tuple[int, float, float]:
    """Fewest dBm at the receiver that still carry a rate, and how the sender should spread it.

    Parameters
    ----------
    rate_mbps
        Rate at the edge, Mbit/s, above 0.
    share
        Share of time given to this direction, above 0 to 1.
    n_prb, prb_hz
        Resource blocks to choose from, and the width of one in Hz.
    noise_figure_db
        Noise figure of the receiver, dB.
    curve
        The link's efficiency.

    Returns
    -------
    tuple
        Number of resource blocks, SNR over them in dB, and the received power in dBm.

    Raises
    ------
    planner.errors.ValidityError
        If no number of resource blocks carries the rate.
    """
    # every number of blocks is tried: wide and slow against narrow and fast
    blocks = np.arange(1, n_prb + 1, dtype=np.float64)
    efficiency = rate_mbps * 1e6 / (share * blocks * prb_hz)
    possible = efficiency <= curve.efficiency_max
    if not possible.any():
        most = share * n_prb * prb_hz * curve.efficiency_max / 1e6
        raise ValidityError(
            f"An edge rate of {rate_mbps:g} Mbit/s is beyond the carrier, which carries {most:.1f} "
            "Mbit/s.",
            f"边缘速率 {rate_mbps:g} Mbit/s 超过该载波的最大速率({most:.1f} Mbit/s)。",
            quantity="ul_mbps",
        )
    with np.errstate(over="ignore"):
        snr_db = np.maximum(
            10.0 * np.log10(np.exp2(efficiency / curve.alpha) - 1.0), curve.sinr_min_db
        )
    power = THERMAL_NOISE_DBM_HZ + 10.0 * np.log10(blocks * prb_hz) + noise_figure_db + snr_db
    best = int(np.argmin(np.where(possible, power, math.inf)))
    return best + 1, float(snr_db[best]), float(power[best])
