"""The margin against shadowing: how far a signal must lie above its threshold."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from planner.errors import ValidityError


def shadow_margin(
    sigma_db: float,
    *,
    edge_probability: float | None = None,
    area_probability: float | None = None,
    exponent: float = 3.908,
) -> float:
    """Margin that keeps the signal above its threshold with a stated probability.

    The shadowing is log-normal.

    Parameters
    ----------
    sigma_db
        Standard deviation of the shadowing, dB, above 0. Independent parts add in squares.
    edge_probability
        Wanted probability at the cell edge, between 0 and 1 (exclusive).
    area_probability
        Or: wanted mean probability over a round cell. Give exactly one of the two.
    exponent
        Distance exponent of the path loss, for the area form only: 3.908 is UMa NLOS (39.08 dB per
        decade).

    Returns
    -------
    float
        Margin in dB; negative where the wanted probability is below what no margin gives.

    Raises
    ------
    planner.errors.ValidityError
        If not exactly one probability is given, or a value lies outside its range.

    Notes
    -----
    Source: W. C. Jakes, Microwave Mobile Communications (1974), section 2.5.3.
    """
    wanted = [share for share in (edge_probability, area_probability) if share is not None]
    is_one = len(wanted) == 1 and 0.0 < wanted[0] < 1.0
    if not is_one or not sigma_db > 0.0 or not exponent > 0.0:
        given = (
            f"sigma_db={sigma_db}, edge={edge_probability}, area={area_probability}, "
            f"exponent={exponent}"
        )
        raise ValidityError(
            "shadow_margin needs sigma_db > 0, exponent > 0 and exactly one probability between 0 "
            f"and 1, got {given}.",
            "阴影余量需要 sigma_db > 0、exponent > 0,且边缘概率与面积概率二者只给其一(0 到 1 之间);"
            f"实际为 {given}。",
        )

    if edge_probability is not None:
        return float(sigma_db * ndtri(edge_probability))

    # imported late: few scenarios give an area, and every import of radio would pay
    from scipy.optimize import brentq

    def missing(margin_db: float) -> float:
        return area_share(margin_db, sigma_db, exponent) - wanted[0]

    # the share has no inverse in closed form, but rises with the margin; 12 deviations bracket it
    return float(brentq(missing, -12 * sigma_db, 12 * sigma_db))


def area_share(margin_db: float, sigma_db: float, exponent: float) -> float:
    """Share of a round cell above the threshold when its edge has ``margin_db`` in hand.

    Units: dB, dB, and the distance exponent of the loss; the result lies in 0 to 1. No input is
    refused. Source: Jakes, 2.5-14.
    """
    b = 10.0 * exponent * math.log10(math.e) / sigma_db
    edge = float(ndtr(margin_db / sigma_db))
    far = math.exp(2.0 * margin_db / (sigma_db * b) + 2.0 / (b * b))
    return edge + far * float(ndtr(-margin_db / sigma_db - 2.0 / b))
