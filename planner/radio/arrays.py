"""What the compiled loops take: named tuples of arrays, which they unpack at their heads."""

from __future__ import annotations

from typing import NamedTuple

from planner.radio.grid import Buckets, FloatArray, IntArray


class Beams(NamedTuple):
    """Sectors of stations.

    Attributes
    ----------
    first
        (stations + 1,) first sector of each station.
    rows
        (sectors, 9) numbers of a sector, in the kernels' order of columns.
    cuts
        (tables, 2, 360) attenuation of measured patterns by whole degree, horizontal and vertical.
    """

    first: IntArray
    rows: FloatArray
    cuts: FloatArray


class Masts(NamedTuple):
    """Stations of all classes.

    Attributes
    ----------
    buckets
        The stations by place.
    links
        (classes, 11 and more) coefficients of a class, in the kernels' order of columns. Where a
        class takes the expected loss, its probability of line of sight by distance stands behind
        them, see :func:`planner.radio.pathloss.los_table`.
    beams
        The sectors of the stations.
    """

    buckets: Buckets
    links: FloatArray
    beams: Beams


class Rows(NamedTuple):
    """Demand rows, and how far and how well each class of station serves each class of row.

    Attributes
    ----------
    xy, kind
        (rows, 2) place, m, and (rows,) class.
    reach
        (row classes, station classes) distance beyond which no pair can be served, m; 0 = never.
    max_loss
        (row classes, station classes) largest path loss on the axis of an antenna, dB.
    rise
        (row classes, station classes, 91) by how much less it is on a path of so many degrees of
        elevation, dB; no degrees where no class knows of any.
    """

    xy: FloatArray
    kind: IntArray
    reach: FloatArray
    max_loss: FloatArray
    rise: FloatArray


class Ear(NamedTuple):
    """Points, and the stations that may be heard there.

    Attributes
    ----------
    xy
        (points, 2) place, m.
    reach
        (steps, classes) distance up to which stations are heard, m; never less in a later step.
    taken
        (classes,) what is taken off the levels, dB.
    since
        (stations,) step from which each is on.
    carrier
        (sectors,) number of the carrier.
    sweep
        (sectors, 3) how the beams of a sector are swept, in the kernels' order of columns.
    masts
        The stations.
    """

    xy: FloatArray
    reach: FloatArray
    taken: FloatArray
    since: IntArray
    carrier: IntArray
    sweep: FloatArray
    masts: Masts
