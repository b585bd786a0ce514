"""Parameters of neighbour lists, cell identities and root sequences."""

from __future__ import annotations

from planner.parameters import FARTHEST_M, Part, parameter

N_PCI = 1008
"""Number of physical cell identities of NR, TS 38.211, 7.4.2.1."""


class IdentityParameters(Part):
    """How long neighbour lists are, and how far away identities and root sequences come again."""

    most_neighbours: int = parameter(
        30,
        unit="cells",
        source="judgement: networks list 20 to 30 a cell; the standard has room for 32 in the list "
        "of a carrier (maxNrofCellMeas, TS 38.331, 6.4)",
        doc="Longest neighbour list of a cell, cells of other carriers included.",
        ge=6,
        le=256,
    )
    neighbour_window_db: float = parameter(
        15.0,
        unit="dB",
        source="judgement: 3 dB of a handover and twice 6 dB, by which the shadowing of two paths "
        "differs when each has 6 dB and half of it in common (TR 36.814, Table A.2.1.1-1)",
        doc="A cell is heard at a place where it is no weaker than the best of its carrier by more "
        "than this; cells that are heard at one place share it.",
        ge=0.0,
        le=40.0,
    )
    keep_m: float = parameter(
        3000.0,
        unit="m",
        source="judgement",
        doc="An identity or root sequence of an earlier version stays unless an equal one of the "
        "carrier lies this near, or among neighbours and their neighbours.",
        ge=0.0,
        le=FARTHEST_M,
    )
    reuse_m: float = parameter(
        6000.0,
        unit="m",
        source="judgement: twice keep_m",
        doc="Distance beyond which it no longer matters how far away an identity comes again; "
        "nearer than that, the farthest is taken.",
        gt=0.0,
        le=10_000.0,
    )
    delay_spread_us: float = parameter(
        2.6,
        unit="us",
        source="TS 38.104 V17, G.2.1.1 and 8.4.2: TDLC300, the channel of the random access tests, "
        "ends at 2.595 us",
        doc="Longest echo that a random access preamble must bear.",
        ge=0.0,
        le=20.0,
    )
    guard_samples: int = parameter(
        2,
        unit="samples",
        source="practice: with 2 the published radii of N_CS come out (13: 0.79 km, 46: 5.51 km at "
        "5.2 us)",
        doc="Samples of a random access sequence kept free for the receiver's filter.",
        ge=0,
        le=10,
    )
