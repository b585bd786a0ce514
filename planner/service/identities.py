"""Neighbour lists, cell identities and root sequences of a network's cells, carrier by carrier."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from planner import fields as F
from planner import radio
from planner.model import FloatArray, IntArray, tables
from planner.scenario import Scenario

NAMED: Final = 10
"""Pairs of cells that clash which are named, of each carrier."""


class NetworkCells(NamedTuple):
    """The cells of a network: first those of the district, then those beyond the border.

    Attributes
    ----------
    network
        Name of the network.
    transmitters
        All stations.
    n_own
        How many cells are the district's.
    name, site, band
        (cells,) what it is called, on which site it stands, on which band it is.
    listed
        (cells,) PCI that the site list gives, -1 for none.
    """

    network: str
    transmitters: radio.Transmitters
    n_own: int
    name: npt.NDArray[np.object_]
    site: npt.NDArray[np.object_]
    band: npt.NDArray[np.object_]
    listed: IntArray


class Before(NamedTuple):
    """What an earlier plan gave its cells.

    Attributes
    ----------
    cells
        Its ``tables.CELLS``.
    is_this
        Whether it is this very plan, worked out again: then all that it gave stands.
    """

    cells: pd.DataFrame
    is_this: bool = False


class Identified(NamedTuple):
    """What the cells of a network are given: columns of ``tables.CELLS``, and two tables.

    The tables are ``tables.NEIGHBOURS`` and ``tables.CARRIERS``.
    """

    columns: dict[str, npt.NDArray[np.generic]]
    neighbours: pd.DataFrame
    carriers: pd.DataFrame


class _Ground(NamedTuple):
    """Who is near whom, the same for identities and root sequences."""

    relations: radio.Relations
    near: csr_array
    places: radio.Places


class _Given(NamedTuple):
    """Codes of one kind, and what is wrong with them."""

    code: IntArray
    clashes: radio.Clashes


def identify_cells(
    scenario: Scenario,
    points: pd.DataFrame,
    cells: NetworkCells,
    served: radio.Signal,
    before: Before | None,
) -> Identified:
    """Give the cells of a network their neighbours, PCI and root sequences.

    Identities of the site list stay, those beyond the border too; of a cell beyond it whose
    identity is unknown there is nothing to avoid. What an earlier plan gave stays where it fits.

    Parameters
    ----------
    scenario
        Bands, thresholds, and the rules of ``scenario.identity``.
    points
        The places of demand.
    cells
        The cells that are on in the last phase.
    served
        What the points hear of them.
    before
        What an earlier plan gave; None without one.
    """
    sent = cells.transmitters
    kind = sent.station_class[sent.sectors.station]
    places = radio.Places(sent.xy, sent.sectors.station, sent.carriers[kind])
    relations = _relations(scenario, points, cells, served, places.carrier)
    ground = _Ground(relations, radio.near_pairs(relations, places), places)

    listed, ones = cells.listed >= 0, np.ones(len(kind), dtype=np.int64)
    identities = radio.Codes(radio.N_PCI * ones, ones, by_three=True)
    wanted = np.where(listed, cells.listed, _known(cells, before, F.PCI))
    pci = _give(scenario, cells, ground, identities, wanted, listed, before)

    # of cells beyond the border no root sequence is known
    access = _random_access(scenario, cells.transmitters, kind)
    sequences = radio.Codes(access[F.PRACH_LENGTH] - 1, access[F.ROOTS], by_three=False)
    wanted = _known(cells, before, F.ROOT_INDEX)
    root = _give(scenario, cells, ground, sequences, wanted, np.zeros_like(listed), before)

    columns = {name: values[: cells.n_own] for name, values in access.items()}
    own = {F.PCI: pci.code[: cells.n_own], F.ROOT_INDEX: root.code[: cells.n_own]}
    return Identified(
        columns | own,
        _relation_table(relations, cells),
        _carrier_table(cells, ground, pci, root, access),
    )


def _relations(
    scenario: Scenario,
    points: pd.DataFrame,
    cells: NetworkCells,
    served: radio.Signal,
    carrier: IntArray,
) -> radio.Relations:
    """Who is whose neighbour; how two cells beyond the border get on is not the district's."""
    rules, xy = scenario.identity, points[[F.X_M, F.Y_M]].to_numpy()
    heard = radio.heard_cells(
        xy,
        cells.transmitters,
        served,
        window_db=rules.neighbour_window_db,
        rsrp_dbm=scenario.levels.outdoor.rsrp_dbm,
    )
    ground = points[F.AREA_M2].fillna(points[F.LENGTH_M] * scenario.demand.cell_m).to_numpy()
    is_own = np.arange(len(carrier)) < cells.n_own
    found = radio.neighbours(
        heard,
        ground,
        pd.factorize(cells.site)[0],
        carrier,
        is_own | (cells.listed >= 0),
        most=rules.most_neighbours,
    )
    return found.among(is_own[found.one])


def _known(cells: NetworkCells, before: Before | None, column: str) -> IntArray:
    """What an earlier plan gave the cells, -1 for nothing."""
    known = np.full(len(cells.name), radio.NONE, dtype=np.int64)
    if before is not None and len(before.cells):
        given = before.cells.set_index(F.CELL_ID)[column]
        own = given.reindex(cells.name[: cells.n_own]).fillna(radio.NONE)
        known[: cells.n_own] = own.to_numpy(np.int64)
    return known


def _give(
    scenario: Scenario,
    cells: NetworkCells,
    ground: _Ground,
    codes: radio.Codes,
    wanted: IntArray,
    settled: npt.NDArray[np.bool_],
    before: Before | None,
) -> _Given:
    """Keep what fits of the codes that cells have, and give the others theirs."""
    rules = scenario.identity
    stays = settled | (before is not None and before.is_this)
    held = radio.kept_codes(wanted, stays, codes, ground.near, ground.places, rules.keep_m)
    code = radio.spread_codes(
        held,
        wanted,
        codes,
        *ground,
        own=cells.n_own,
        keep_m=rules.keep_m,
        reuse_m=rules.reuse_m,
    )
    return _Given(code, radio.find_clashes(code, codes, *ground))


def _random_access(
    scenario: Scenario, sent: radio.Transmitters, kind: IntArray
) -> dict[str, npt.NDArray[Any]]:
    """What random access needs in each cell, by column; ``kind`` is the class of its station.

    A cell's radius is the distance up to which the axis of its antenna reaches the outdoor
    threshold without shadow margin, so it does not change with what opens beside it.
    """
    rules, rsrp_dbm = scenario.identity, scenario.levels.outdoor.rsrp_dbm
    rows = []
    for station in sent.classes:
        radius_m = station.reach_m(station.reference_dbm - rsrp_dbm, sent.radio)
        need = radio.random_access(
            radius_m,
            station.band.prach_length,
            station.band.prach_scs_khz,
            rules.delay_spread_us,
            rules.guard_samples,
        )
        rows.append((radius_m, need.length, need.zone, need.n_cs, need.roots, need.reach_m))
    names = (F.RADIUS_M, F.PRACH_LENGTH, F.ZERO_CORRELATION_ZONE, F.N_CS, F.ROOTS, F.N_CS_REACH_M)
    types = (np.float64, np.int64, np.int64, np.int64, np.int64, np.float64)
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {
        name: np.array(values, dtype=dtype)[kind]
        for name, values, dtype in zip(names, columns, types, strict=True)
    }


def _relation_table(relations: radio.Relations, cells: NetworkCells) -> pd.DataFrame:
    """The neighbour lists of the district's cells, in each list those first that share most."""
    one, other = relations.both_ways()
    ground = np.concatenate((relations.shared_m2,) * 2)
    same = np.concatenate((relations.same_site,) * 2)
    order = np.lexsort((other, -ground, one))
    order = order[(one < cells.n_own)[order] & (other < cells.n_own)[order]]
    # the types hold for a network that opens nothing too
    return pd.DataFrame(
        {
            F.CELL_ID: cells.name[one[order]],
            F.NEIGHBOUR_ID: cells.name[other[order]],
            F.SHARED_M2: ground[order],
            F.SAME_SITE: same[order],
        }
    )


def _carrier_table(
    cells: NetworkCells,
    ground: _Ground,
    pci: _Given,
    root: _Given,
    access: dict[str, npt.NDArray[Any]],
) -> pd.DataFrame:
    """How good lists and codes are, a row a carrier; worked out from the codes alone."""
    carrier, relations = ground.places.carrier, ground.relations
    is_own = np.arange(len(carrier)) < cells.n_own
    listed = np.bincount(relations.both_ways()[0], minlength=len(carrier))
    a, b = relations.one, relations.other
    known = (carrier[a] == carrier[b]) & (pci.code[a] >= 0) & (pci.code[b] >= 0)

    rows = []
    for number in np.unique(carrier[is_own]):
        mine = is_own & (carrier == number)
        pairs = known & (carrier[a] == number)
        alike = [(pci.code[a] % m == pci.code[b] % m)[pairs].sum() for m in (3, 4, 30)]
        found = [
            [pair for pair in given if carrier[pair[0]] == number]
            for given in (*pci.clashes[:2], *root.clashes[:2])
        ]
        said = [
            f"{kind} {cells.name[x]} = {cells.name[y]}"
            for kind, pairs_of in zip(("PCI", "PCI", "root", "root"), found, strict=True)
            for x, y in pairs_of
        ]
        named = dict.fromkeys(said)
        rows.append(
            (
                cells.network,
                "/".join(dict.fromkeys(cells.band[mine])),
                int(mine.sum()),
                float(listed[mine].mean()),
                int(pairs.sum()),
                _least(pci.clashes.reuse_m[mine]),
                len(found[0]),
                len(found[1]),
                *map(int, alike),
                int(access[F.PRACH_LENGTH][mine][0]),
                int(access[F.ROOTS][mine].max()),
                _least(root.clashes.reuse_m[mine]),
                len(found[2]),
                len(found[3]),
                int((access[F.N_CS_REACH_M] < access[F.RADIUS_M])[mine].sum()),
                "; ".join([*list(named)[:NAMED], *["…"][: len(named) > NAMED]]),
            )
        )
    if not rows:
        return tables.CARRIERS.empty()
    return pd.DataFrame(rows, columns=list(tables.CARRIERS.columns))


def _least(reuse_m: FloatArray) -> float:
    """Least distance between equal codes, NaN where none comes again."""
    least = float(reuse_m.min(initial=np.inf))
    return least if np.isfinite(least) else np.nan
