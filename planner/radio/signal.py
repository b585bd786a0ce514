"""Signal layers: what a terminal hears from a set of open stations, and the rates that follow.

The caller passes the open stations of one network. Points may be demand points or raster cells, in
any number: each tile of rows is worked on its own, so memory is that of the results. Flat land
without buildings is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from planner.errors import ProblemError
from planner.radio.arrays import Ear
from planner.radio.budget import RSRP_DBM, RadioParameters, uplink_sensitivity
from planner.radio.coverage import sparse_bool
from planner.radio.grid import (
    FloatArray,
    IntArray,
    checked_classes,
    checked_points,
    over_rows,
)
from planner.radio.rate import THERMAL_NOISE_DBM_HZ, spectral_efficiency, stream_efficiency
from planner.radio.transmitters import StationClass, Transmitters

WINDOW_DB = 6.0
"""Sectors this near to the strongest count as overlapping (drive-test practice)."""

FLOOR_BELOW_NOISE_DB = 10.0
"""Sectors whose axis would be heard further below the noise than this are left out."""

SECTORS_HEARD = 16
"""Room that is made for the sectors of a place, to begin with."""
LEVEL_STEP_DB, LEVEL_STEPS = 5.0, 8
"""Levels of the best sector, from the threshold up, for which weaker ones are looked for apart."""

NO_LINK, DOWNLINK_LIMITS, UPLINK_LIMITS = -1, 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """What is heard at each point; arrays of one length, read-only.

    Attributes
    ----------
    rsrp_dbm
        SS-RSRP of the best server, dBm; minus infinity where nothing is heard.
    station, sector
        The best server, -1 where nothing is heard.
    servers
        Sectors of its carrier within 6 dB of it, itself included.
    ss_sinr_db
        SS-SINR, dB: in a synchronised network SSBs meet SSBs, whatever the load.
    pdsch_sinr_db
        SINR of data at the stated load, dB, were they sent in one stream.
    dl_mbps, ul_mbps
        Rate of one terminal that has the whole carrier, Mbit/s.
    limit
        Which link has less in hand against its threshold: -1 none, 0 downlink, 1 uplink.
    """

    rsrp_dbm: FloatArray
    station: IntArray
    sector: IntArray
    servers: IntArray
    ss_sinr_db: FloatArray
    pdsch_sinr_db: FloatArray
    dl_mbps: FloatArray
    ul_mbps: FloatArray
    limit: npt.NDArray[np.int8]

    def __post_init__(self) -> None:
        for name in self.__slots__:
            getattr(self, name).setflags(write=False)


def signal(
    points_xy: npt.ArrayLike,
    transmitters: Transmitters,
    *,
    load: float = 0.5,
    taken_db: npt.ArrayLike = 0.0,
    rsrp_dbm: float = RSRP_DBM,
    threads: int | None = None,
) -> Signal:
    """Signal of a network's open stations at points.

    Parameters
    ----------
    points_xy
        (points, 2) coordinates, m, in the CRS of the transmitters.
    transmitters
        The open stations.
    load
        Share of resource elements for data that every other sector of the carrier uses, 0 to 1.
    taken_db
        Margin and penetration taken off every level, dB; one value, or one per class. 0 shows the
        median outdoors.
    rsrp_dbm
        Threshold against which ``limit`` is judged, dBm.
    threads
        Number of threads; does not change the result.

    Returns
    -------
    Signal

    Raises
    ------
    planner.errors.ProblemError
        If a shape does not fit, or the load lies outside 0 to 1.
    planner.errors.ValidityError
        If a height or frequency lies outside its model.

    Notes
    -----
    SS-RSRP and SS-SINR: TS 38.215, 5.1.1 and 5.1.5, per resource element; interference is summed in
    mW. Judgement: all sectors sweep their SSB beams in step from one side to the other, so that a
    beam meets those of its own number. A traffic beam follows its terminal within the envelope of
    the SSB; of those of other sectors, which follow theirs, the mean is heard. Rates: TR 36.942,
    Annex A.2, over up to :attr:`planner.radio.Band.streams` streams. Sectors whose axis would be
    heard 10 dB below the noise, or beyond the model's longest valid distance, are left out; in the
    packaged district a floor 10 dB lower changed the SS-SINR of covered points by 0.008 dB on
    average and 0.9 dB at most, their PDSCH-SINR by 0.002 and 0.4 dB.
    """
    since = np.zeros(len(transmitters.xy), dtype=np.int64)
    return signals(
        points_xy,
        transmitters,
        since,
        load=load,
        taken_db=taken_db,
        rsrp_dbm=rsrp_dbm,
        threads=threads,
    )[0]


def signals(
    points_xy: npt.ArrayLike,
    transmitters: Transmitters,
    since: IntArray,
    steps: int = 1,
    *,
    load: float = 0.5,
    taken_db: npt.ArrayLike = 0.0,
    rsrp_dbm: float = RSRP_DBM,
    threads: int | None = None,
) -> tuple[Signal, ...]:
    """Signal of a network that grows, in each of its steps; each pair is worked out once.

    Parameters
    ----------
    points_xy, load, taken_db, rsrp_dbm, threads
        As in :func:`signal`.
    transmitters
        The stations of the last step.
    since
        (stations,) step from which each is on, from 0.
    steps
        Number of steps.

    Returns
    -------
    tuple of Signal
        One for each step, that of the stations which are on then, numbered as in the last.

    Raises
    ------
    planner.errors.ProblemError, planner.errors.ValidityError
        As in :func:`signal`.
    """
    if not 0.0 <= load <= 1.0:
        raise ProblemError(
            f"load must lie between 0 and 1, got {load}.", f"负荷须在 0 至 1 之间,实际为 {load}。"
        )
    classes, radio, sectors = transmitters.classes, transmitters.radio, transmitters.sectors
    floors = [_noise_dbm(c, radio) - FLOOR_BELOW_NOISE_DB for c in classes]
    ear = _ear(points_xy, transmitters, taken_db, np.array(floors), since, steps)
    count = len(ear.xy)
    if not len(sectors.station):
        return (_silence(count),) * steps

    from planner.radio.kernels import listen

    shape = steps, count
    rsrp, ssb, data = np.empty(shape), np.empty(shape), np.empty(shape)
    sector, servers = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    over_rows(count, partial(listen, ear, WINDOW_DB), (rsrp, sector, ssb, data, servers), threads)

    def heard(step: int) -> Signal:
        # where nothing is heard the figures of any class are worked out, and dropped
        found = sector[step] >= 0
        station = np.where(found, sectors.station[sector[step]], -1)
        kind = np.where(found, transmitters.station_class[station], 0)
        traffic_dbm = rsrp[step] + _traffic_db(classes)[kind]
        pdsch = _sinr(traffic_dbm, load * data[step], kind, transmitters)
        uplink = _uplink_dbm(rsrp[step], kind, classes)
        limit = _limit(rsrp[step] - rsrp_dbm, uplink, kind, transmitters)
        return Signal(
            rsrp[step],
            station,
            sector[step],
            servers[step],
            _sinr(rsrp[step], ssb[step], kind, transmitters),
            pdsch,
            np.where(found, _dl_rate(pdsch, kind, transmitters), 0.0),
            np.where(found, _ul_rate(uplink, kind, transmitters), 0.0),
            np.where(found, limit, np.int8(NO_LINK)),
        )

    return tuple(heard(step) for step in range(steps))


def heard_cells(
    points_xy: npt.ArrayLike,
    transmitters: Transmitters,
    served: Signal,
    *,
    window_db: float,
    rsrp_dbm: float = RSRP_DBM,
    threads: int | None = None,
) -> csr_matrix:
    """Which sectors are heard at each point, carrier by carrier.

    Parameters
    ----------
    points_xy, transmitters, threads
        As in :func:`signal`.
    served
        What :func:`signal` says of these points and transmitters, with nothing taken off.
    window_db
        A sector is heard where it is no weaker than the best of its carrier by more than this, dB.
    rsrp_dbm
        Of a carrier whose best sector is weaker nothing is heard, dBm.

    Returns
    -------
    scipy.sparse.csr_matrix
        (points, sectors) bool, sorted.
    """
    # a little lower, so that the rounding of a reach loses no sector
    weakest = rsrp_dbm - window_db - 0.01
    floor = np.full(len(transmitters.classes), weakest)
    ear = _ear(points_xy, transmitters, 0.0, floor, np.zeros(len(transmitters.xy), np.int64), 1)
    count, n_sectors = len(ear.xy), len(transmitters.sectors.station)
    if not n_sectors:
        return sparse_bool(np.zeros(count + 1, np.int64), np.zeros(0, np.int32), (count, 0))

    from planner.radio.kernels import list_heard

    # where the best of a carrier is strong, weak ones far away need no look
    loudest = float(transmitters.sectors.offset_db.max())
    levels = np.array([c.reference_dbm for c in transmitters.classes]) + loudest - weakest
    reach = np.array([transmitters.reach_m(levels - k * LEVEL_STEP_DB) for k in range(LEVEL_STEPS)])
    over = np.where(served.sector >= 0, served.rsrp_dbm - rsrp_dbm, 0.0)
    row = np.clip(over // LEVEL_STEP_DB, 0, LEVEL_STEPS - 1).astype(np.int64)
    own = np.where(served.sector >= 0, ear.carrier[served.sector], -1)
    of_class = transmitters.carriers

    counts = np.zeros(count, dtype=np.int64)
    pieces: dict[int, npt.NDArray[np.int32]] = {}

    def listen_on(lo: int, hi: int) -> None:
        while lo < hi:
            room = np.empty(n_sectors + SECTORS_HEARD * (hi - lo), dtype=np.int32)
            lists = ear, of_class, reach, row, own, window_db, rsrp_dbm
            done, used = list_heard(*lists, lo, hi, counts, room)
            pieces[lo] = room[:used].copy()
            lo = done

    over_rows(count, listen_on, (), threads)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    none = np.zeros(0, dtype=np.int32)
    indices = np.concatenate([none, *(pieces[lo] for lo in sorted(pieces))])
    return sparse_bool(indptr, indices, (count, n_sectors))


def _silence(count: int) -> Signal:
    """What places hear of a network that has no sector yet."""
    return Signal(
        rsrp_dbm=np.full(count, -np.inf),
        station=np.full(count, -1, dtype=np.int64),
        sector=np.full(count, -1, dtype=np.int64),
        servers=np.zeros(count, dtype=np.int64),
        ss_sinr_db=np.full(count, -np.inf),
        pdsch_sinr_db=np.full(count, -np.inf),
        dl_mbps=np.zeros(count),
        ul_mbps=np.zeros(count),
        limit=np.full(count, NO_LINK, dtype=np.int8),
    )


def _ear(
    points_xy: npt.ArrayLike,
    transmitters: Transmitters,
    taken_db: npt.ArrayLike,
    floor_dbm: FloatArray,
    since: IntArray,
    steps: int,
) -> Ear:
    """What the listening loops take; ``floor_dbm`` is (classes,).

    Sectors whose axis is heard below the floor are left out.
    """
    classes, sectors = transmitters.classes, transmitters.sectors
    points = checked_points("points_xy", points_xy)
    taken = np.array(np.broadcast_to(np.asarray(taken_db, dtype=np.float64), len(classes)))
    if not np.isfinite(taken).all():
        raise ProblemError("taken_db must be finite.", "taken_db 须为有限值。")

    on = checked_classes("since", since, len(transmitters.xy), steps)
    reference = np.array([c.reference_dbm for c in classes])
    of_sector = on[sectors.station]
    loudest = [float(sectors.offset_db[of_sector <= k].max(initial=0.0)) for k in range(steps)]
    reaches = {db: transmitters.reach_m(reference + db - taken - floor_dbm) for db in set(loudest)}
    reach = np.array([reaches[db] for db in loudest]).reshape(steps, len(classes))

    kind = transmitters.station_class[sectors.station]
    sweep, masts = _sweep(transmitters)[kind], transmitters.masts(reach[-1])
    # a measured pattern is that of one beam: it cannot be taken apart
    sweep[sectors.antennas.table[sectors.antenna] >= 0, 0] = 1
    return Ear(points, reach, taken, on, transmitters.carriers[kind], sweep, masts)


def _sweep(transmitters: Transmitters) -> FloatArray:
    """How each class sweeps its beams, (classes, 3), in the kernels' order of columns."""
    bands = [c.band for c in transmitters.classes]
    rows = [
        (b.ssb_beams, b.antenna.h_beamwidth_deg / b.ssb_beams, b.mean_gain_dbi - b.beam_gain_dbi)
        for b in bands
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _noise_dbm(station: StationClass, radio: RadioParameters) -> float:
    """Noise of the terminal in one resource element, dBm."""
    return (
        THERMAL_NOISE_DBM_HZ
        + 10.0 * float(np.log10(station.band.scs_khz * 1e3))
        + radio.ue_noise_figure_db
    )


def _traffic_db(classes: tuple[StationClass, ...]) -> FloatArray:
    """How far a traffic beam lies above the SSB, (classes,) dB."""
    return np.array([c.band.traffic_gain_dbi - c.band.beam_gain_dbi for c in classes])


def _sinr(
    level_dbm: FloatArray, others: FloatArray, kind: IntArray, transmitters: Transmitters
) -> FloatArray:
    """SINR of points served by class ``kind``, dB; ``others`` is in mW."""
    noise_dbm = [_noise_dbm(c, transmitters.radio) for c in transmitters.classes]
    noise = 10.0 ** (np.array(noise_dbm) / 10.0)
    return np.asarray(level_dbm - 10.0 * np.log10(others + noise[kind]))


def _uplink_dbm(rsrp: FloatArray, kind: IntArray, classes: tuple[StationClass, ...]) -> FloatArray:
    """Power of the terminal at its station, dBm: same path, with the uplink's powers."""
    swap = np.array(
        [c.band.ue_power_dbm + c.band.traffic_gain_dbi - c.reference_dbm for c in classes]
    )
    return np.asarray(rsrp + swap[kind])


def _dl_rate(sinr: FloatArray, kind: IntArray, transmitters: Transmitters) -> FloatArray:
    """Downlink rate of one terminal on the whole carrier, Mbit/s."""
    classes = transmitters.classes
    width = np.array([c.band.bandwidth_hz * c.band.dl_share for c in classes])
    streams = np.array([c.band.streams for c in classes])
    efficiency = stream_efficiency(sinr, streams[kind], transmitters.radio.downlink)
    return np.asarray((width / 1e6)[kind] * efficiency)


def _ul_rate(power_dbm: FloatArray, kind: IntArray, transmitters: Transmitters) -> FloatArray:
    """Uplink rate with as many resource blocks as keep the SNR above the curve's floor, Mbit/s."""
    classes, radio = transmitters.classes, transmitters.radio
    prb_hz = np.array([c.band.prb_hz for c in classes])[kind]
    most = np.array([c.band.n_prb for c in classes])[kind]
    share = np.array([c.band.ul_share for c in classes])[kind]
    floor_db = radio.uplink.sinr_min_db
    noise = (
        THERMAL_NOISE_DBM_HZ
        + radio.gnb_noise_figure_db
        + radio.ul_interference_db
        + 10.0 * np.log10(prb_hz)
    )

    # the rate of a fixed power grows with its width, down to the floor of the SNR
    carried = 10.0 ** ((power_dbm - noise - floor_db) / 10.0)
    blocks = np.maximum(np.floor(np.minimum(carried + 1e-9, most)), 1.0)

    # one block too many by rounding would read as no rate at all
    snr = power_dbm - noise - 10.0 * np.log10(blocks)
    snr = np.where((snr < floor_db) & (blocks > 1.0), floor_db, snr)
    return np.asarray(share * blocks * prb_hz * spectral_efficiency(snr, radio.uplink) / 1e6)


def _limit(
    down_in_hand: FloatArray, uplink_dbm: FloatArray, kind: IntArray, transmitters: Transmitters
) -> npt.NDArray[np.int8]:
    """Link with less in hand, as a code; the downlink's is given, dB."""
    radio = transmitters.radio
    need = np.array([uplink_sensitivity(radio, c.band)[2] for c in transmitters.classes])
    up_in_hand = uplink_dbm - need[kind]
    return np.where(up_in_hand < down_in_hand, UPLINK_LIMITS, DOWNLINK_LIMITS).astype(np.int8)
