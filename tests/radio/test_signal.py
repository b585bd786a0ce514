"""Coverage by sectors and signal layers against a plain re-computation, pair by pair."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import radio
from planner.errors import PlannerError, ProblemError

RADIO = radio.RadioParameters()
CLASSES = [
    radio.StationClass(radio.BANDS["n41"], RADIO.scenes["urban"], 25.0),
    radio.StationClass(radio.BANDS["n28"], RADIO.scenes["rural"], 45.0),
    radio.StationClass(
        radio.BANDS["n41"], radio.Propagation(model="UMi", visibility="expected", h_bs_m=10.0), 10.0
    ),
    radio.StationClass(
        radio.BANDS["n41"], radio.Propagation(model="RMa", visibility="los", h_bs_m=35.0), 35.0
    ),
    # a mast whose loss is taken at another height: it looks down from where it is
    radio.StationClass(radio.BANDS["n41"], RADIO.scenes["rural"], 6.0),
    radio.StationClass(
        radio.BANDS["n41"],
        radio.Propagation(model="UMa", h_bs_m=25.0, street_width_m=12.0, building_height_m=35.0),
        45.0,
    ),
    radio.StationClass(radio.BANDS["n41"], RADIO.scenes["urban"], 8.0),
]
TILT = 3.0


def network(seed, n=40, m=14, extent=2500.0):
    random = np.random.default_rng(seed)
    stations = random.random((m, 2)) * extent
    kind = random.integers(0, len(CLASSES), m)
    owner = np.repeat(np.arange(m), random.integers(0, 4, m))
    azimuth = random.random(len(owner)) * 360
    sectors = radio.make_sectors(
        m,
        owner,
        azimuth,
        [radio.BANDS["n41"].antenna, radio.BANDS["n28"].antenna],
        antenna=random.integers(0, 2, len(owner)),
        electrical_tilt_deg=TILT,
        # in half of the networks no panel is turned: their loops have a way of their own
        mechanical_tilt_deg=random.choice([0.0, 2.0 * (seed % 2)], len(owner)),
        offset_db=random.choice([0.0, -3.0, 2.0], len(owner)),
    )
    return random.random((n, 2)) * extent, transmitters(stations, kind, sectors)


def transmitters(stations, kind, sectors, classes=CLASSES):
    return radio.Transmitters(stations, kind, classes, sectors, RADIO)


def pair_loss(c, d):
    d = max(d, 10.0)
    p = c.propagation
    around = {
        "h_bs_m": p.h_bs_m,
        "street_width_m": p.street_width_m,
        "building_height_m": p.building_height_m,
    }
    if p.visibility == "expected":
        return radio.expected_path_loss(p.model, d, c.band.f_ghz, **around)
    return radio.path_loss(p.model, d, c.band.f_ghz, los=p.visibility == "los", **around)


def pair_gain(sectors, s, c, point, station):
    """Pattern plus offset of a sector towards a point, from the public pattern."""
    d = math.dist(point, station)
    kinds = [radio.BANDS["n41"].antenna, radio.BANDS["n28"].antenna]
    return sectors.offset_db[s] + radio.attenuation(
        kinds[sectors.antenna[s]],
        radio.bearing_deg(station, point) - sectors.azimuth[s],
        math.degrees(math.atan2(c.h_bs_m - 1.5, max(d, 10.0))),
        electrical_tilt_deg=sectors.electrical_tilt[s],
        mechanical_tilt_deg=sectors.mechanical_tilt[s],
    )


def levels(points, sent):
    """(points, sectors) SS-RSRP, one pair at a time."""
    stations, kind, sectors = sent.xy, sent.station_class, sent.sectors
    table = np.full((len(points), len(sectors.station)), -np.inf)
    for i, point in enumerate(points):
        for s, j in enumerate(sectors.station):
            c = CLASSES[kind[j]]
            loss = pair_loss(c, math.dist(point, stations[j]))
            table[i, s] = (
                c.band.epre_dbm
                + c.band.beam_gain_dbi
                + pair_gain(sectors, s, c, point, stations[j])
                - loss
            )
    return table


def missed(point, sent, server, others):
    """By how many dB the beams of other sectors that are on with the server's pass a point by."""

    def aside(s):
        bearing = radio.bearing_deg(sent.xy[sent.sectors.station[s]], point)
        return (bearing - sent.sectors.azimuth[s] + 180) % 360 - 180

    def beams(s):
        band = CLASSES[sent.station_class[sent.sectors.station[s]]].band
        width = band.antenna.h_beamwidth_deg / band.ssb_beams
        return width, (np.arange(band.ssb_beams) - (band.ssb_beams - 1) / 2) * width

    number = np.abs(beams(server)[1] - aside(server)).argmin()
    found = []
    for s in others:
        width, axes = beams(s)
        narrow = 12 * ((aside(s) - axes[number % len(axes)]) / width) ** 2
        form = (radio.BANDS["n41"], radio.BANDS["n28"])[sent.sectors.antenna[s]].antenna
        wide = 12 * (aside(s) / form.h_beamwidth_deg) ** 2
        found.append(max(min(narrow, 30) - min(wide, 30), 0) if len(axes) > 1 else 0.0)
    return np.array(found)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_coverage_is_the_best_sector_against_the_budget(seed):
    points, sent = network(seed)
    stations, kind, sectors = sent.xy, sent.station_class, sent.sectors
    places = np.random.default_rng(seed).integers(0, 3, len(points))
    entries = (radio.OUTDOORS, radio.wall_entry("p2109-traditional", 2.6), RADIO.vehicle_entry())
    budgets = [
        [radio.link_budget(RADIO, c.band, c.propagation, e) for c in CLASSES] for e in entries
    ]
    loss = np.array([[budget.max_loss_db for budget in row] for row in budgets])
    loss[1, 1] = -np.inf
    rise = np.zeros((*loss.shape, 91))
    rise[1] = [budget.rise_db for budget in budgets[1]]
    cover = radio.sector_coverage(points, places, loss, sent, rise)
    cover.check_format(full_check=True)
    hand = np.full(cover.shape, -np.inf)
    for i, point in enumerate(points):
        for j, station in enumerate(stations):
            c = CLASSES[kind[j]]
            gains = [
                pair_gain(sectors, s, c, point, station)
                for s in range(sectors.start[j], sectors.start[j + 1])
            ]
            if gains:
                distance = math.dist(point, station)
                elevation = math.degrees(math.atan2(c.h_bs_m - 1.5, max(distance, 10.0)))
                steeper = np.interp(elevation, np.arange(91), rise[places[i], kind[j]])
                lost = pair_loss(c, distance) - max(gains)
                hand[i, j] = loss[places[i], kind[j]] - steeper - lost
    assert (cover.toarray() == (hand >= 0)).all()

    # the best of those that are on, close to 0 to the last digit, farther off on its side of 2 dB
    since = np.random.default_rng(seed + 1).integers(0, 2, len(stations))
    ask = {"since": since, "steps": 2, "within_db": 2.0}
    best = radio.coverage_reserve(points, places, loss, sent, rise, **ask)
    for step in (0, 1):
        expected = hand[:, since <= step].max(axis=1, initial=-np.inf)
        near = abs(expected) < 2.0
        np.testing.assert_allclose(best[step, near], expected[near], atol=1e-9)
        assert (best[step, expected >= 2.0] >= 2.0).all()
        assert (best[step, expected <= -2.0] <= -2.0).all()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_signal_and_rates_recomputed(seed, load):
    points, sent = network(seed)
    kind, sectors = sent.station_class, sent.sectors
    ours = radio.signal(points, sent, load=load)
    if not len(sectors.station):
        assert (ours.sector == -1).all()
        return
    level = levels(points, sent)
    best = level.argmax(axis=1)
    assert (ours.sector == best).all()
    assert (ours.station == sectors.station[best]).all()
    np.testing.assert_allclose(ours.rsrp_dbm, level.max(axis=1), atol=1e-9)
    f = np.array([CLASSES[k].band.f_ghz for k in kind[sectors.station]])
    for i in range(len(points)):
        band = CLASSES[kind[ours.station[i]]].band
        same = f == f[best[i]]
        assert ours.servers[i] == (same & (level[i] >= level[i, best[i]] - 6)).sum()
        noise = 10 ** ((-174 + 10 * math.log10(band.scs_khz * 1e3) + 9) / 10)
        others = np.flatnonzero(same & (np.arange(len(f)) != best[i]))

        # SSBs meet those of their own number, at full power; the load is that of data alone
        met = 10 ** ((level[i, others] - missed(points[i], sent, best[i], others)) / 10)
        ss_sinr = 10 ** (level[i, best[i]] / 10) / (met.sum() + noise)
        assert ours.ss_sinr_db[i] == pytest.approx(10 * math.log10(ss_sinr), abs=1e-6)
        bands = [CLASSES[kind[sectors.station[s]]].band for s in others]
        spread = np.array([b.mean_gain_dbi - b.beam_gain_dbi for b in bands])
        data = 10 ** ((level[i, others] + spread) / 10)
        wanted = 10 ** ((level[i, best[i]] + band.traffic_gain_dbi - band.beam_gain_dbi) / 10)
        sinr = wanted / (load * data.sum() + noise)
        assert ours.pdsch_sinr_db[i] == pytest.approx(10 * math.log10(sinr), abs=1e-6)

        rate = max(
            n * min(0.6 * math.log2(1 + sinr / n), 5.94475) if sinr / n >= 0.1 else 0.0
            for n in range(1, band.streams + 1)
        )
        width = band.n_prb * 12 * band.scs_khz / 1e3
        assert ours.dl_mbps[i] == pytest.approx(rate * width * band.dl_share, rel=1e-6, abs=1e-6)
        # uplink: the best of every number of resource blocks
        at_station = (
            band.ue_power_dbm
            + band.traffic_gain_dbi
            + level[i, best[i]]
            - band.epre_dbm
            - band.beam_gain_dbi
        )
        blocks = np.arange(1, band.n_prb + 1)
        snr = at_station - (-174 + 6.5 + 10 * np.log10(blocks * 12 * band.scs_khz * 1e3))
        rates = (
            np.where(snr >= -10, np.minimum(0.4 * np.log2(1 + 10 ** (snr / 10)), 2.0), 0) * blocks
        )
        assert ours.ul_mbps[i] == pytest.approx(
            rates.max() * 0.012 * band.scs_khz * band.ul_share, rel=0.01, abs=1e-9
        )
        need = radio.uplink_sensitivity(RADIO, band)[2]
        assert ours.limit[i] == int(at_station - need < ours.rsrp_dbm[i] + 105)


def test_cells_are_heard_where_they_come_near_the_best_of_their_carrier():
    """On each carrier apart; those of the server's carrier within 6 dB are its counted servers."""
    points, sent = network(5, n=60)
    ours = radio.signal(points, sent)
    carrier = sent.carriers[sent.station_class[sent.sectors.station]]
    assert len(np.unique(carrier)) > 1

    narrow = radio.heard_cells(points, sent, ours, window_db=6.0, rsrp_dbm=-200.0).toarray()
    assert all(narrow[i, ours.sector[i]] for i in range(len(points)))
    beside = narrow & (carrier[None] == carrier[ours.sector][:, None])
    assert (beside.sum(axis=1) == ours.servers).all()

    level = levels(points, sent)
    best = np.stack([level[:, carrier == c].max(axis=1) for c in np.unique(carrier)], axis=1)
    for window_db, least in ((15.0, -105.0), (3.0, -80.0)):
        wanted = (level >= best[:, carrier] - window_db) & (best[:, carrier] >= least)
        found = radio.heard_cells(points, sent, ours, window_db=window_db, rsrp_dbm=least)
        assert 0 < wanted.sum() < wanted.size and (found.toarray() == wanted).all()


def test_each_step_of_a_growing_network_is_heard_as_if_it_were_alone():
    """Louder sectors join late: they reach farther than those of any step before."""
    points, sent = network(7, n=300)
    ends = (4, 9, 14)
    kept = sent.sectors.start[list(ends)]
    offset = sent.sectors.offset_db + np.repeat([0.0, 0.0, 6.0], np.diff([0, *kept]))
    sectors = sent.sectors._replace(offset_db=offset)
    since = np.repeat(np.arange(3), np.diff([0, *ends]))

    steps = radio.signals(points, replace(sent, sectors=sectors), since, 3)
    for step, end, last in zip(steps, ends, kept, strict=True):
        parts = sectors._asdict()
        start, antennas = parts.pop("start"), parts.pop("antennas")
        each = {name: values[:last] for name, values in parts.items()}
        head = radio.Sectors(start=start[: end + 1], antennas=antennas, **each)
        alone = radio.signal(points, transmitters(sent.xy[:end], sent.station_class[:end], head))
        assert (step.sector == alone.sector).all() and (step.servers == alone.servers).all()
        assert (step.rsrp_dbm == alone.rsrp_dbm).all()
        for sinr in ("ss_sinr_db", "pdsch_sinr_db"):
            ours, theirs = getattr(step, sinr), getattr(alone, sinr)
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
    assert steps[0].sector.tolist() != steps[1].sector.tolist() != steps[2].sector.tolist()


def test_tiles_and_threads_give_the_same_bytes(monkeypatch):
    points, sent = network(9, n=900)
    whole = radio.signal(points, sent, threads=1)
    monkeypatch.setattr("planner.radio.grid.TILE_ROWS", 61)
    tiled = radio.signal(points, sent, threads=4)
    for name in whole.__slots__:
        assert getattr(whole, name).tobytes() == getattr(tiled, name).tobytes()
    with pytest.raises(ValueError, match="read-only"):
        whole.rsrp_dbm[0] = 0.0


def test_load_lowers_the_sinr_of_data_alone_and_margin_lowers_everything():
    points, sent = network(3)
    idle = radio.signal(points, sent, load=0.0)
    busy = radio.signal(points, sent, load=1.0)
    inside = radio.signal(points, sent, load=0.0, taken_db=18.0)
    assert (busy.pdsch_sinr_db <= idle.pdsch_sinr_db).all()
    assert (busy.pdsch_sinr_db < idle.pdsch_sinr_db - 3).any()
    assert (busy.ss_sinr_db == idle.ss_sinr_db).all()
    assert (busy.rsrp_dbm == idle.rsrp_dbm).all()
    np.testing.assert_allclose(inside.rsrp_dbm, idle.rsrp_dbm - 18, atol=1e-9)
    assert (inside.ul_mbps <= idle.ul_mbps).all()


def test_nothing_open_and_nothing_near():
    none = radio.signal(
        [[0.0, 0.0]],
        transmitters(np.empty((0, 2)), np.empty(0, int), radio.make_sectors(0, [], [], [])),
    )
    unasked = radio.signal(
        [[0.0, 0.0]],
        transmitters(np.empty((0, 2)), [], radio.make_sectors(0, [], [], []), classes=()),
    )
    far = radio.signal(
        [[0.0, 0.0]],
        transmitters([[60_000.0, 0.0]], [0], radio.make_sectors(1, [0], [0.0], [radio.Antenna()])),
    )
    for heard in (none, unasked, far):
        assert heard.station.tolist() == heard.sector.tolist() == heard.limit.tolist() == [-1]
        assert heard.rsrp_dbm[0] == heard.ss_sinr_db[0] == heard.pdsch_sinr_db[0] == -np.inf
        assert heard.dl_mbps[0] == heard.ul_mbps[0] == heard.servers[0] == 0
        for name in heard.__slots__:  # of one kind, so that places can be put together
            assert getattr(heard, name).dtype == getattr(far, name).dtype, name


def test_what_does_not_fit_is_refused():
    points, sent = network(3)
    with pytest.raises(ProblemError):
        radio.signal(points, sent, load=1.5)
    with pytest.raises(ProblemError):
        radio.signal(points, sent, taken_db=np.nan)
    low = radio.BANDS["n41"].model_copy(update={"f_ghz": 0.4})
    below = [radio.StationClass(low, RADIO.scenes["urban"], 45.0)]
    one_class = np.zeros(len(sent.xy), int)
    with pytest.raises(PlannerError, match=r"0\.4"):
        radio.signal(points, transmitters(sent.xy, one_class, sent.sectors, below))


def test_shannon_form():
    curve = radio.LinkCurve()
    assert radio.spectral_efficiency([-10.001, -10.0, 0.0, 60.0], curve) == pytest.approx(
        [0, 0.6 * math.log2(1.1), 0.6, 5.94475]
    )
    # the fourth stream pays where three are full; the floor holds for each of them
    two_each = 2 * 0.6 * math.log2(1 + 0.5 * 10**0.5)
    assert radio.stream_efficiency([5.0, 5.0, -8.0], [1, 2, 4], curve) == pytest.approx(
        [0.6 * math.log2(1 + 10**0.5), two_each, 0.6 * math.log2(1 + 10**-0.8)]
    )


# 3GPP TS 38.306, 4.1.2, worked out from its own terms: layers, bits, code rate, subcarriers,
# symbols per second, overhead; less the share of time that is downlink
PEAKS = [
    ("n78", 4 * 8 * (948 / 1024) * (273 * 12) * (14 * 2 * 1000) * 0.86 * 0.64, 1495.7),
    ("n41", 4 * 8 * (948 / 1024) * (273 * 12) * (14 * 2 * 1000) * 0.86 * 0.74, 1729.4),
    ("n28", 2 * 8 * (948 / 1024) * (160 * 12) * (14 * 1 * 1000) * 0.86, 342.4),
]


@pytest.mark.parametrize(("name", "peak_bps", "shown_mbps"), PEAKS)
def test_below_the_mast_a_terminal_has_the_peak_rate_of_the_standard(name, peak_bps, shown_mbps):
    band = radio.BANDS[name]
    kind = radio.StationClass(band, RADIO.scenes["urban"], 25.0)
    sectors = radio.make_sectors(1, [0], [90.0], [band.antenna], electrical_tilt_deg=20.0)
    alone = transmitters([[0.0, 0.0]], [0], sectors, [kind])
    heard = radio.signal([[60.0, 0.0], [3000.0, 0.0]], alone, load=1.0)
    assert heard.dl_mbps[0] == pytest.approx(peak_bps / 1e6, rel=1e-9)
    assert heard.dl_mbps[0] == pytest.approx(shown_mbps, abs=0.05)
    assert heard.dl_mbps[1] < heard.dl_mbps[0]
