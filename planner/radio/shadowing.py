"""The margin against spread: how far a signal must lie above its threshold.

The shadowing of the path is normal in dB, the loss into a building or a vehicle has a spread of its
own. Both together are kept below a sum that is not exceeded with the wanted probability. A root of
the sum of squares gives that sum only where both are normal.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri

from planner.errors import ValidityError
from planner.radio.entry import OUTDOORS, Entry
from planner.radio.grid import FloatArray

_FARTHEST, _STEP = 9.0, 0.05
"""Of the standard normal number over which a loss is summed; finer steps move no margin."""


def joint_loss(
    entry: Entry,
    sigma_db: float,
    *,
    edge_probability: float | None = None,
    area_probability: float | None = None,
    elevation_deg: float = 0.0,
    exponent: float = 3.908,
) -> float:
    """Loss into a place and shadowing of the path, together at a wanted probability.

    Parameters
    ----------
    entry
        The loss into the place; ``OUTDOORS`` for none.
    sigma_db
        Standard deviation of the shadowing, dB, above 0. It does not depend on the entry.
    edge_probability
        Wanted probability at the cell edge that the sum is not exceeded, between 0 and 1
        (exclusive).
    area_probability
        Or: wanted mean probability over a round cell. Give exactly one of the two.
    elevation_deg
        Elevation of the path, degrees.
    exponent
        Distance exponent of the path loss, for the area form only: 3.908 is UMa NLOS (39.08 dB per
        decade).

    Returns
    -------
    float
        Sum in dB above the median path loss outdoors.

    Raises
    ------
    planner.errors.ValidityError
        If not exactly one probability is given, or a value lies outside its range.

    Notes
    -----
    At the edge ``P(entry + shadowing <= sum)`` is the mean of the normal distribution about the
    entry's quantiles. Over the area see W. C. Jakes, Microwave Mobile Communications (1974),
    section 2.5.3.
    """
    wanted = [share for share in (edge_probability, area_probability) if share is not None]
    is_one = len(wanted) == 1 and 0.0 < wanted[0] < 1.0
    if not is_one or not sigma_db > 0.0 or not exponent > 0.0:
        given = (
            f"sigma_db={sigma_db}, edge={edge_probability}, area={area_probability}, "
            f"exponent={exponent}"
        )
        raise ValidityError(
            "joint_loss needs sigma_db > 0, exponent > 0 and exactly one probability between 0 "
            f"and 1, got {given}.",
            "余量计算需要 sigma_db > 0、exponent > 0,且边缘概率与面积概率二者只给其一(0 到 1 之间);"
            f"实际为 {given}。",
        )

    # independent normal parts add in squares; anything else is summed over its own distribution
    centres, weights, spread = np.array([entry.median_db]), np.ones(1), sigma_db
    if entry.is_normal:
        centres = entry.at([0.0], elevation_deg)
        spread = math.hypot(sigma_db, entry.parts[0][1])
    else:
        z = np.arange(-_FARTHEST, _FARTHEST + _STEP / 2, _STEP)
        centres, weights = entry.at(z, elevation_deg), np.exp(-0.5 * z * z)
        weights /= weights.sum()

    if edge_probability is not None and len(centres) == 1:
        return float(centres[0] + spread * ndtri(edge_probability))

    def reached(loss_db: float) -> float:
        hand = loss_db - centres
        if edge_probability is not None:
            return float(weights @ ndtr(hand / spread))
        return float(weights @ area_share(hand, spread, exponent))

    return _solved(reached, wanted[0], centres, spread)


def shadow_margin(
    sigma_db: float,
    *,
    edge_probability: float | None = None,
    area_probability: float | None = None,
    exponent: float = 3.908,
) -> float:
    """Margin that keeps a signal outdoors above its threshold with a stated probability.

    Parameters and errors are those of :func:`joint_loss`. Independent deviations add in squares.

    Returns
    -------
    float
        Margin in dB; negative where the wanted probability is below what no margin gives.
    """
    return joint_loss(
        OUTDOORS,
        sigma_db,
        edge_probability=edge_probability,
        area_probability=area_probability,
        exponent=exponent,
    )


def area_share(margin_db: FloatArray | float, sigma_db: float, exponent: float) -> FloatArray:
    """Share of a round cell above the threshold when its edge has ``margin_db`` in hand.

    Units: dB, dB, and the distance exponent of the loss; the result has the shape of the margin and
    lies in 0 to 1. No input is refused. Source: Jakes, 2.5-14.
    """
    b = 10.0 * exponent * math.log10(math.e) / sigma_db
    edge = ndtr(np.asarray(margin_db) / sigma_db)
    far = np.exp(2.0 * np.asarray(margin_db) / (sigma_db * b) + 2.0 / (b * b))
    return np.asarray(edge + far * ndtr(-np.asarray(margin_db) / sigma_db - 2.0 / b))[()]


def _solved(
    reached: Callable[[float], float], wanted: float, centres: FloatArray, spread: float
) -> float:
    """The loss at which a share that rises with it is the wanted one, dB."""
    # imported late: few scenarios need it, and every import of radio would pay
    from scipy.optimize import brentq

    low, high = float(centres.min()) - 12.0 * spread, float(centres.max()) + 12.0 * spread
    return float(brentq(lambda loss_db: reached(loss_db) - wanted, low, high, xtol=1e-10))
