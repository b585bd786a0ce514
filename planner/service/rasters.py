"""Signal layers as GeoTIFF: the whole district on the plan's own grid, tile by tile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely

from planner import fields as F
from planner.crs import transformer
from planner.model import FloatArray, Plan
from planner.service.cells import OpenNetwork, Ordered

MERCATOR = "EPSG:3857"
TILE_ROWS = 64
BANDS = (
    ("ss_rsrp_dbm", "SS-RSRP of the best server, dBm, outdoors at 1.5 m, without shadow margin"),
    ("best_server", "rank of the best server in the plan, 0 = first"),
    ("servers_6db", "sectors of its carrier within 6 dB of it, itself included"),
    ("ss_sinr_db", "SS-SINR, whatever the load, dB"),
    ("pdsch_sinr_db", "PDSCH-SINR at the scenario's load, dB"),
    ("dl_mbps", "downlink rate of one terminal on the whole carrier, Mbit/s"),
    ("ul_mbps", "uplink rate of one terminal on the whole carrier, Mbit/s"),
    ("limit", "link with less in hand: 0 downlink, 1 uplink"),
)


def make_rasters(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """A GeoTIFF per network and phase, one at a time.

    Parameters
    ----------
    plan
        A plan with sectors.

    Yields
    ------
    tuple of str and bytes
        ``<network>_<count>.tif`` and its content: float32, a band per entry of :data:`BANDS`, NaN
        outside the district and where nothing is heard; the same plan gives the same bytes.
    """
    stations = plan.stations.iloc[plan.order]
    order = Ordered(plan.scenario, plan.layers, stations, plan.neighbour_stations)
    for phase in plan.scenario.phases:
        for network in plan.scenario.network_names:
            opened = order.open_network(network, phase.stations)
            yield f"{network}_{phase.stations}.tif", _raster_bytes(plan, opened)


def _raster_bytes(plan: Plan, network: OpenNetwork) -> bytes:
    """One network's raster, made tile by tile."""
    import rasterio
    from rasterio.windows import Window

    # a block is as high as a tile, so that each is compressed and written just once
    grid = plan.grid
    profile = {
        "driver": "GTiff",
        "width": grid.columns,
        "height": grid.rows,
        "count": len(BANDS),
        "dtype": "float32",
        "crs": MERCATOR,
        "transform": rasterio.Affine(grid.step, 0.0, grid.west, 0.0, -grid.step, grid.north),
        "nodata": np.nan,
        "compress": "deflate",
        "predictor": 3,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": TILE_ROWS,
    }

    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as raster:
            for number, (name, meaning) in enumerate(BANDS, start=1):
                raster.set_band_description(number, name)
                raster.update_tags(number, meaning=meaning)
            synthetic, name = str(plan.layers.is_synthetic), plan.scenario.name
            raster.update_tags(synthetic=synthetic, scenario=name, plan_key=plan.short_key)
            if len(network.neighbours):
                raster.update_tags(2, neighbour_station=str(F.OUTSIDE))

            for row, tile in _tiles(plan, network):
                raster.write(tile, window=Window(0, row, grid.columns, tile.shape[1]))
        return bytes(memory.getbuffer())


def _tiles(plan: Plan, network: OpenNetwork) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """First row of each tile, and its bands, (bands, rows, columns)."""
    grid, scenario = plan.grid, plan.scenario
    to_work = transformer(MERCATOR, scenario.district.work_crs)
    district = plan.layers.boundary.geometry.iloc[0]
    shapely.prepare(district)

    for top in range(0, grid.rows, TILE_ROWS):
        height = min(TILE_ROWS, grid.rows - top)
        cells = np.arange(top * grid.columns, (top + height) * grid.columns)
        xy: FloatArray = np.column_stack(to_work.transform(*grid.centres(cells)))
        inside = np.flatnonzero(shapely.contains_xy(district, *xy.T))

        tile = np.full((len(BANDS), len(cells)), np.nan, dtype=np.float32)
        if len(inside):
            tile[:, inside] = _bands(network, xy[inside], plan)
        yield top, tile.reshape(len(BANDS), height, grid.columns)


def _bands(network: OpenNetwork, xy: FloatArray, plan: Plan) -> npt.NDArray[np.float32]:
    """The values at places, (bands, places); NaN where nothing is heard.

    The best server is -1 where it is a neighbour station.
    """
    signal = network.signal(xy, plan.scenario)
    heard = signal.station >= 0
    beyond = np.full(len(network.neighbours), float(F.OUTSIDE))
    # -1, none, reads the last
    ranks = np.concatenate([network.stations[F.RANK].to_numpy(np.float64), beyond, [np.nan]])
    rank = ranks[signal.station]
    layers = (
        signal.rsrp_dbm,
        rank,
        signal.servers,
        signal.ss_sinr_db,
        signal.pdsch_sinr_db,
        signal.dl_mbps,
        signal.ul_mbps,
        signal.limit,
    )
    # a tenth of a decibel or Mbit/s is more than the model knows, and packs three times as well
    return np.where(heard, np.round(np.stack(layers), 1), np.nan).astype(np.float32)
