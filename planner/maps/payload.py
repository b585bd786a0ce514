"""The data of the page: what a plan holds, as plain JSON values and bundles of numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import fields as F
from planner.crs import transformer
from planner.errors import Said
from planner.maps.bundle import bundle, narrowed
from planner.maps.geometry import outlines, point_columns
from planner.maps.languages import every
from planner.maps.stations import (
    candidate_columns,
    replacement_columns,
    site_spacing,
    station_columns,
)
from planner.model import STATED_COUNTS, input_notes, on_road
from planner.model.measures import MEASURES, PAGE_BESIDE
from planner.rules import NEAR_COUNT, RULES, asked, limit_texts
from planner.schema import COLUMNS
from planner.words import LENGTH_STEPS, LEVEL_STEPS, SHARE_STEPS, Language, shown_size

if TYPE_CHECKING:
    from planner.model import Plan
    from planner.model.measures import Measure
    from planner.scenario import Layer, Scenario

NOT_WANTED = F.NEVER - 1  # in the rank streams: nothing is asked for here
# Codes in streams of 16 bits, which hold ranks below all of them; see ``page/codes.js``.
NARROW = {F.OUTSIDE: 65533, NOT_WANTED: 65534, F.NEVER: 65535}
UNHEARD = 255
_CASE = (F.LAYER, F.NETWORK, F.LEVEL)
# Of a metre. The plan's check counts in these too: so the page finds the same gaps over the limit.
LENGTH_PARTS = 1024
COVERED_SCALE = 60_000


def payload(plan: Plan) -> dict[str, Any]:
    """Everything the page shows of a plan, as JSON-able values in a fixed order.

    Numbers come in two bundles: ``first`` is what the first picture needs, ``later`` the rest.
    """
    columns, measures = _measures(plan)
    first, later = _bundles(plan, measures)
    return {
        "key": plan.short_key,
        **_asked(plan),
        "grid": _grid(plan),
        "geometry": outlines(plan.layers),
        "roads": plan.roads[[F.NAME, F.REF, F.LAYER]].astype(str).to_dict("records"),
        "towns": _towns(plan),
        "site_spacing_m": site_spacing(plan),
        "neighbour_stations": _neighbour_stations(plan),
        "verdicts": _verdicts(plan),
        "rules": {code: rule.form for code, rule in RULES.items()},
        "writing": {
            "share_steps": SHARE_STEPS,
            "level_steps": LEVEL_STEPS,
            "length_steps": LENGTH_STEPS,
        },
        "near_count": NEAR_COUNT,
        "units": _units(),
        "measures": columns,
        "reception": _reception(plan),
        "load": round(100 * plan.scenario.demand.load),
        "stated_counts": _stated_counts(plan),
        "bound": _bound(plan),
        "sources": _records(plan.layers.sources, (F.FILE, F.SOURCE, F.LICENCE, F.BASIS)),
        "first": bundle(first),
        "later": bundle(later),
    }


def _verdicts(plan: Plan) -> list[dict[str, Any]]:
    """What is not said at every count of a case: where it passes first, its reserve by phase."""
    rows = _records(plan.verdicts[plan.verdicts[F.PHASE] == 0], (*_CASE, F.PASSING_COUNT))
    reserves = plan.verdicts.groupby(list(_CASE), sort=False)[F.RESERVE_DB]
    by_case = {case: [plain(value) for value in values] for case, values in reserves}
    return [{**row, F.RESERVE_DB: by_case[tuple(row[name] for name in _CASE)]} for row in rows]


def _bundles(
    plan: Plan, measures: dict[str, npt.NDArray[Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the first picture needs (outdoor service and places of stations), and the rest."""
    numbers, texts = station_columns(plan)
    free_numbers, free_texts = candidate_columns(plan)
    stand_ins = replacement_columns(plan, free_texts[F.SITE_ID])
    points = _points(plan)
    outdoor, deep = _ranks(plan)
    covered = plan.curve.loc[plan.by_count.index, F.COVERED].to_numpy(dtype=np.float64)

    # The first picture shows neither towns nor bands.
    town, band = points.pop("town"), numbers.pop(F.BAND)
    first = {
        **points,
        **outdoor,
        **measures,
        "covered": np.rint(covered * COVERED_SCALE).astype(np.uint16),
        **{f"station/{name}": values for name, values in numbers.items()},
    }
    later = {
        **deep,
        "town": town,
        **_signal(plan),
        "station/band": band,
        "station/table": texts,
        "residents": _residents(plan),
        **{f"free/{name}": values for name, values in free_numbers.items()},
        "free/table": free_texts,
        **{f"stand_in/{name}": values for name, values in stand_ins.items()},
    }
    return first, later


def _ranks(plan: Plan) -> tuple[dict[str, npt.NDArray[Any]], dict[str, npt.NDArray[Any]]]:
    """Rank of the first station that serves each point, by network: outdoors, and deep.

    In 16 bits with the codes of ``NARROW`` where the plan's ranks fit into them, else in 32.
    """
    ranks = np.where(plan.wanted, plan.first, np.int32(NOT_WANTED))
    if plan.scenario.counts[-1] <= min(NARROW.values()):
        ranks = np.select([ranks == code for code in NARROW], list(NARROW.values()), ranks)
        ranks = ranks.astype(np.uint16)
    networks, levels = range(ranks.shape[1]), range(ranks.shape[2])
    outdoor = {f"rank/{network}/{F.OUTDOOR}": ranks[:, network, F.OUTDOOR] for network in networks}
    deep = {
        f"rank/{network}/{level}": ranks[:, network, level]
        for network in networks
        for level in levels[1:]
    }
    return outdoor, deep


def _signal(plan: Plan) -> dict[str, npt.NDArray[np.uint8]]:
    """SS-RSRP by network and phase as whole dB below 0 dBm; 255 where nothing is heard."""
    found = {}
    for i, network in enumerate(plan.scenario.network_names):
        for number, count in enumerate(plan.scenario.counts):
            rsrp_dbm = plan.points[F.signal_column(network, count)].to_numpy()
            below = np.clip(-np.rint(rsrp_dbm), 0, UNHEARD - 1)
            found[f"rsrp/{i}/{number}"] = np.nan_to_num(below, nan=UNHEARD).astype(np.uint8)
    return found


def _asked(plan: Plan) -> dict[str, Any]:
    """What was asked, and what its parts are called in each language."""
    scenario = plan.scenario
    levels = scenario.levels
    licences = plan.layers.sources[F.LICENCE].astype(str)
    phases = [
        {"label": _names(phase), "date": phase.date, "count": phase.stations}
        for phase in scenario.phases
    ]
    networks = [{"name": network.name, "label": _names(network)} for network in scenario.networks]

    return {
        "format": 1,
        "name": scenario.name,
        "title": _names(scenario.titles),
        "titles": scenario.titles.model_dump(),
        "as_of": scenario.as_of,
        # of the CRS, only the datum is named on the sheet
        "crs": str(plan.layers.boundary.crs.name).partition("/")[0].strip(),
        "synthetic": plan.is_synthetic,
        "notes": [_said(note) for note in input_notes(plan.layers.notices)],
        "openstreetmap": bool(licences.str.contains("ODbL").any()),
        "phases": phases,
        "networks": networks,
        "bands": {name: _names(band) for name, band in scenario.bands.items()},
        "money": _names(scenario.references.money),
        "layers": [_layer(layer, scenario) for layer in scenario.layers],
        "levels": list(F.LEVELS),
        "rsrp_dbm": [levels.outdoor.rsrp_dbm, levels.deep.rsrp_dbm],
    }


def _names(part: Any) -> dict[str, str]:
    """What the scenario calls one of its parts, by language."""
    return every(lambda words: words.name(part))


def _said(note: Said) -> dict[str, str]:
    """A sentence by language."""
    return every(lambda words: words.said(note))


def _layer(layer: Layer, scenario: Scenario) -> dict[str, Any]:
    asked, own = limit_texts(layer.rule, layer.shape), scenario.own_thresholds(layer)

    def rule_text(words: Language) -> str:
        rules = words.rules(asked, layer.shape, brief=True)
        # on the page the rules of all layers stand in one line
        named = f"{words.name(layer)} {words.thresholds(own)}"
        return words.bracketed(rules, named) if own else rules

    return {
        "name": layer.name,
        "label": _names(layer),
        "shape": layer.shape,
        "deep": layer.deep,
        "rule": layer.rule.model_dump(),
        "rule_text": every(rule_text),
    }


def _grid(plan: Plan) -> dict[str, Any]:
    grid = plan.grid
    to_lonlat = transformer("EPSG:3857", F.WGS84)
    x = grid.west + grid.step * grid.columns / 2
    y = grid.north - grid.step * grid.rows / 2
    lon, lat = to_lonlat.transform(x, y)
    return {
        "west": grid.west,
        "north": grid.north,
        "step": grid.step,
        "columns": grid.columns,
        "rows": grid.rows,
        "cell_m": grid.cell_m,
        "centre": [round(lat, 5), round(lon, 5)],
    }


def _records(frame: pd.DataFrame, names: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = frame[list(names)].itertuples(index=False, name=None)
    return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in rows]


def plain(value: Any) -> Any:
    """A value that JSON can hold: missing becomes null, numpy scalars become Python's."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)


def _town_names(plan: Plan) -> list[str]:
    tables = (plan.stations, plan.points)
    return sorted({str(name) for table in tables for name in table[F.TOWN].unique()})


def _neighbour_stations(plan: Plan) -> list[list[Any]]:
    """Network, longitude and latitude of each station beyond the border."""
    table, names = plan.neighbour_stations, list(plan.scenario.network_names)
    places = table[[F.LON, F.LAT]].round(5).to_numpy(np.float64).tolist()
    return [
        [names.index(network), *place]
        for network, place in zip(table[F.NETWORK], places, strict=True)
    ]


def _towns(plan: Plan) -> dict[str, Any]:
    names = (F.TOWN, F.PHASE, F.NETWORK, F.STATIONS, F.NEW)
    return {
        "rows": _records(plan.towns, names),
        "names": _town_names(plan),
        "estimated": plan.layers.town_areas.empty,
    }


def _residents(plan: Plan) -> list[list[Any]]:
    """Town, phase, network, level, residents inside the layers, and how many of them are served.

    A town without residents has no row.
    """
    table = plan.residents[plan.residents[F.PEOPLE] > 0]
    columns = table[[F.TOWN, F.PHASE, F.NETWORK, F.LEVEL, F.PEOPLE, F.COVERED]]
    return [
        [*map(plain, key), shown_size("count", people), shown_size("count", covered)]
        for *key, people, covered in columns.itertuples(index=False, name=None)
    ]


def _units() -> dict[str, str]:
    """Code of the unit of each column and measure that is shown with one."""
    columns = {name: COLUMNS[name].unit for name in (F.HEIGHT_M, F.AIRPORT_CAP_M, F.GAIN_RESIDENTS)}
    measures = {code: MEASURES[code].shown_unit for code in ("share", "residents")}
    return {**columns, "reasons": COLUMNS[F.GAIN].unit, **measures}


def _points(plan: Plan) -> dict[str, npt.NDArray[Any]]:
    """Where demand is: runs of wanted cells of the grid, then the road samples.

    ``member`` and ``town`` are of every point; ``member`` has a bit per layer.
    """
    n_cells = int((~on_road(plan.points)).sum())
    skips, runs = _runs(plan.points[F.CELL].to_numpy()[:n_cells])
    samples = plan.points.iloc[n_cells:]

    member = np.zeros(len(plan.points), dtype=np.uint16)
    for layer in range(plan.share.shape[1]):
        member |= (plan.share[:, layer] > 0).astype(np.uint16) << layer
    places = {name: i for i, name in enumerate(_town_names(plan))}
    return {
        "cell/skip": skips,
        "cell/run": runs,
        "member": member,
        "town": plan.points[F.TOWN].astype(str).map(places).to_numpy(dtype=np.uint16),
        "sample/road": narrowed(samples[F.ROAD].to_numpy()),
        "sample/length": np.rint(samples[F.LENGTH_M].to_numpy() * LENGTH_PARTS).astype(np.int32),
        **{f"sample/{name}": values for name, values in point_columns(samples).items()},
    }


def _runs(
    cells: npt.NDArray[np.integer[Any]],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Ascending cell numbers as runs, (runs,): cells skipped before each run, and its length."""
    starts = np.flatnonzero(np.diff(cells, prepend=-2) != 1)
    lengths = np.diff(starts, append=len(cells))
    ends = np.concatenate([[0], cells[starts] + lengths])[: len(starts)]
    return (cells[starts] - ends).astype(np.int32), lengths.astype(np.int32)


def _measures(plan: Plan) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Columns of the table of measures, and their whole numbers; -1 for none.

    The numbers of a column are its first value, then the step from each count to the next.
    """
    limits, table = _limits(plan), plan.by_count
    shown: list[Any] = [column for column in table.columns if MEASURES[column[3]].page_scale]
    whole = np.stack(
        [_whole(table[column], MEASURES[column[3]], limits.get(column, 0.0)) for column in shown]
    )

    # Steps nearly always fit in two bytes.
    steps = np.diff(whole, axis=1).ravel()
    narrow = not steps.size or np.abs(steps).max() <= np.iinfo(np.int16).max
    numbers = {
        "measure/start": whole[:, 0],
        "measure/step": steps.astype(np.int16 if narrow else np.int32),
    }
    columns = {
        "start": int(table.index[0]),
        "counts": len(table),
        "columns": [[*column, MEASURES[column[3]].page_scale] for column in shown],
    }
    return columns, numbers


def _limits(plan: Plan) -> dict[tuple[str, str, str, str], float]:
    """The least that is asked of each share, by layer, network, level and measure."""
    return {
        (layer.name, network, level, measure): limit
        for layer in plan.scenario.layers
        for rule, limit in asked(layer.rule, layer.shape)
        for measure in rule.measures
        if MEASURES[measure].is_share
        for network in plan.scenario.network_names
        for level in F.LEVELS
    }


def _whole(values: pd.Series, measure: Measure, limit: float) -> npt.NDArray[np.int32]:
    """The page's whole number of each figure, (counts,)."""
    distinct, place = np.unique(values.to_numpy(dtype=np.float64), return_inverse=True)
    numbers = [measure.page_number(value, limit) for value in distinct.tolist()]
    return np.array(numbers, np.int32)[place]


def _reception(plan: Plan) -> dict[str, Any]:
    """What stands beside the verdicts: the measures, and their figures as texts.

    A row is phase, layer, network and the texts; there is none where the plan was not received.
    """
    codes, names = list(PAGE_BESIDE), list(plan.scenario.network_names)
    table = plan.measures[plan.measures[F.MEASURE].isin(codes)]
    rows = [
        [phase, layer, names.index(network), [""] * len(codes)]
        for phase, layer, network in dict.fromkeys(
            table[[F.PHASE, F.LAYER, F.NETWORK]].itertuples(index=False, name=None)
        )
    ]
    texts = {(phase, layer, network): cells for phase, layer, network, cells in rows}
    for phase, layer, network, code, value in table[
        [F.PHASE, F.LAYER, F.NETWORK, F.MEASURE, F.VALUE]
    ].itertuples(index=False, name=None):
        key = (phase, layer, names.index(network))
        texts[key][codes.index(code)] = MEASURES[code].brief(value)
    return {"measures": codes, "rows": rows}


def _stated_counts(plan: Plan) -> list[int]:
    """Counts within the plan at which what is heard was judged; none where no layer asks."""
    last = plan.scenario.counts[-1]
    return [count for count in plan.provenance.get(STATED_COUNTS, ()) if count <= last]


def _bound(plan: Plan) -> list[list[float]]:
    """Counts within the plan at which a bound of the covered share was proven."""
    proven = plan.curve.loc[plan.by_count.index, F.BOUND].dropna()
    counts, shares = proven.index.tolist(), proven.tolist()
    return [[count, share] for count, share in zip(counts, shares, strict=True)]
