"""The document and its data, without a browser."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pytest

from planner import fields as F
from planner.errors import ProblemError
from planner.maps import page, page_html, payload
from planner.maps.bundle import bundle
from planner.maps.payload import NOT_WANTED, _ranks
from planner.maps.shell import data_text
from planner.model import Plan, whole_percent
from planner.model.measures import MEASURES
from planner.rules import RULES, failing
from planner.words import SHARE_STEPS, percent, shown_size
from tests.toy import degrees

KINDS = {"u8": np.uint8, "u16": np.uint16, "i16": np.int16, "i32": np.int32}


def unbundle(packed: dict[str, Any]) -> dict[str, Any]:
    data, values, at = zlib.decompress(base64.b64decode(packed["zlib"])), {}, 0
    for name, kind, length in packed["parts"]:
        own = data[at : at + length]
        at += length
        values[name] = json.loads(own) if kind == "json" else numbers(own, np.dtype(KINDS[kind]))
    assert at == len(data)
    return values


def numbers(data: bytes, kind: np.dtype[Any]) -> Any:
    planes = np.frombuffer(data, np.uint8).reshape(kind.itemsize, -1)
    return np.ascontiguousarray(planes.T).view(kind.newbyteorder("<")).ravel()


@pytest.fixture(scope="module")
def data(plan: Plan) -> dict[str, Any]:
    """The payload with the parts of its bundles beside the rest."""
    one = payload(plan)
    return one | unbundle(one["first"]) | unbundle(one["later"])


@pytest.mark.parametrize("values", [[0, 1, 65535], [], [7] * 1000])
def test_streams_come_back(values: list[int]) -> None:
    parts = {
        "a": np.array(values, dtype=np.uint16),
        "b": {"文": values},
        "c": np.array(values, dtype=np.int32),
    }
    back = unbundle(bundle(parts))
    assert [back["a"].tolist(), back["b"], back["c"].tolist()] == [values, {"文": values}, values]


def test_ranks_on_the_page_are_the_plans(plan: Plan, data: dict[str, Any]) -> None:
    narrow = {F.OUTSIDE: 65533, NOT_WANTED: 65534, F.NEVER: 65535}
    for k in range(plan.first.shape[1]):
        for v in range(plan.first.shape[2]):
            ranks, wanted = data[f"rank/{k}/{v}"], plan.wanted[:, k, v]
            asked = [narrow.get(rank, rank) for rank in plan.first[wanted, k, v].tolist()]
            assert ranks.dtype == np.uint16
            assert ranks[wanted].tolist() == asked
            assert (ranks[~wanted] == narrow[NOT_WANTED]).all()


def test_ranks_beyond_16_bits_reach_the_page_and_come_back_from_the_files(
    plan: Plan, tmp_path: Path
) -> None:
    # as if 70,000 stations had opened before each that serves a place
    far = 70_000
    ours = (plan.first >= 0) & (plan.first < F.NEVER)
    first = np.where(ours, plan.first + far, plan.first).astype(np.int32)
    broken = np.where(plan.broken < F.NEVER, plan.broken + far, plan.broken).astype(np.int32)
    phases = [
        {**phase.model_dump(), "stations": phase.stations + far} for phase in plan.scenario.phases
    ]
    city = dataclasses.replace(
        plan, first=first, broken=broken, scenario=plan.scenario.replace(phases=phases)
    )
    assert ours.any() and first[ours].min() >= far

    outdoor, deep = _ranks(city)
    streams = bundle({**outdoor, **deep})
    for name, ranks in unbundle(streams).items():
        network, level = (int(place) for place in name.split("/")[1:])
        wanted = plan.wanted[:, network, level]
        assert ranks.dtype == np.int32
        assert (ranks[wanted] == first[wanted, network, level]).all()
        assert (ranks[~wanted] == NOT_WANTED).all()

    city.save(tmp_path)
    back = Plan.load(tmp_path)
    assert np.array_equal(back.first, first) and np.array_equal(back.broken, broken)


def table_on_page(plan: Plan) -> dict[tuple[str, ...], tuple[Any, int]]:
    """Values and scale of every column of the table of measures, as the page reads them."""
    data = payload(plan)
    numbers, measures = unbundle(data["first"]), data["measures"]
    start, columns = numbers["measure/start"].astype(np.int64), measures["columns"]
    steps = numbers["measure/step"].reshape(len(columns), measures["counts"] - 1).astype(np.int64)
    values = np.column_stack([start, start[:, None] + np.cumsum(steps, axis=1)])
    assert measures["start"] == plan.by_count.index[0]
    return {
        tuple(column): (row, scale) for (*column, scale), row in zip(columns, values, strict=True)
    }


def test_every_measure_at_every_count_is_on_the_page(plan: Plan) -> None:
    table = table_on_page(plan)
    shown = {column for column in plan.by_count.columns if MEASURES[column[3]].page_scale}
    assert set(table) == shown
    assert {f"fail_{rule}" for rule in ("share", "gap", "hole")} <= {column[3] for column in shown}
    for column, (values, scale) in table.items():
        expected = plan.by_count[column].to_numpy(dtype=np.float64)
        # Failing shares are whole numbers in the table too.
        unit = SHARE_STEPS if column[3] in ("fail_share", "fail_residents") else 1
        figures = np.where(values < 0, np.nan, values / scale / unit)
        np.testing.assert_allclose(
            figures, expected, atol=1.001 / scale / unit, err_msg=str(column)
        )


def test_a_share_below_the_limit_is_never_rounded_up_to_it(plan: Plan) -> None:
    column = ("core", "mobile", "outdoor", "share")
    for share, tenths in (
        (0.9499999, 949),
        (0.95, 950),
        (0.9496, 949),
        (0.9494, 949),
        (0.95049, 950),
        (0.9506, 951),
    ):
        table = plan.by_count.copy()
        table[column] = share
        values, _ = table_on_page(dataclasses.replace(plan, by_count=table))[column]
        assert values[0] == tenths
        assert percent(share, 0.95) == f"{tenths / 10:.1f}"


def test_rules_that_fail_at_any_count_are_on_the_page_as_they_are_written(plan: Plan) -> None:
    table = table_on_page(plan)
    several = 0
    for count, row in zip(plan.by_count.index, plan.by_count.to_dict("records"), strict=True):
        for case in dict.fromkeys(column[:3] for column in table if column[3] == "passes"):
            values = {measure: row[*case, measure] for *key, measure in row if tuple(key) == case}
            on_page = [
                (
                    code,
                    rule.form,
                    int(table[*case, f"fail_{code}"][0][count - plan.by_count.index[0]]),
                )
                for code, rule in RULES.items()
                if (*case, f"fail_{code}") in table
            ]
            found = [(code, form, shown_size(form, size)) for code, form, size in failing(values)]
            assert [one for one in on_page if one[2]] == found
            several += len(found) > 1
    assert several


def test_stations_stand_by_rank_at_their_places(plan: Plan, data: dict[str, Any]) -> None:
    frame = plan.stations.iloc[plan.order]
    table = data["station/table"]
    assert table[F.STATION_ID] == frame[F.STATION_ID].tolist()
    for name in (F.LON, F.LAT):
        np.testing.assert_allclose(
            np.cumsum(data[f"station/{name}"]) / 1e6, frame[name], atol=5.1e-7
        )
    rows, values = table["reasons"]["gain_road_m"]
    expected = frame["gain_road_m"].to_numpy()
    assert rows == np.flatnonzero(expected > 0).tolist()
    np.testing.assert_allclose(values, expected[rows], rtol=1e-3)


def test_seats_of_towns_stand_where_the_list_puts_them(data: dict[str, Any]) -> None:
    seats = {
        seat["name"]: (seat["kind"], seat["lon"], seat["lat"]) for seat in data["geometry"]["seats"]
    }
    assert seats == {  # 城南街道 has none in the county's list
        "城中街道": ("urban", *degrees(3.0, 3.5)),
        "东镇": ("town", *degrees(6.6, 1.4)),
    }


def test_candidates_are_sites_that_are_free_for_a_network(plan: Plan, data: dict[str, Any]) -> None:
    table = data["free/table"]
    bits = data["free/networks"]
    names = plan.scenario.network_names
    chosen = plan.stations.iloc[plan.order]
    for site, bit in zip(table[F.SITE_ID], bits, strict=True):
        for k, network in enumerate(names):
            taken = ((chosen[F.SITE_ID] == site) & (chosen[F.NETWORK] == network)).any()
            assert not (bit >> k & 1 and taken), (site, network)
    excluded = plan.stations[plan.stations["excluded"].to_numpy(dtype=bool)][F.SITE_ID]
    possible = plan.stations[~plan.stations["excluded"].to_numpy(dtype=bool)][F.SITE_ID]
    assert not set(table[F.SITE_ID]) & (set(excluded) - set(possible))


def test_who_could_stand_in_is_on_the_page(plan: Plan, data: dict[str, Any]) -> None:
    planned, free = plan.stations.iloc[plan.order], data["free/table"][F.SITE_ID]
    names = [*free, *planned[F.SITE_ID]]
    parts = {
        name: data[f"stand_in/{name}"].reshape(len(planned), -1)
        for name in ("site", "band", "metres", "percent")
    }
    bands = list(plan.scenario.bands)
    kept = dict(iter(plan.replacements.groupby(F.STATION_ID)))
    assert kept
    for i, station in enumerate(planned[F.STATION_ID]):
        here = parts["site"][i] >= 0
        rows = kept.get(station, plan.replacements.iloc[:0])
        assert [names[place] for place in parts["site"][i][here]] == rows[F.SITE_ID].tolist()
        assert [bands[band] for band in parts["band"][i][here]] == rows[F.BAND].tolist()
        assert parts["metres"][i][here].tolist() == rows["distance_m"].round().tolist()
        assert parts["percent"][i][here].tolist() == [
            whole_percent(share) for share in rows["regained"]
        ]


def test_a_plan_without_replacements_has_a_page(plan: Plan) -> None:
    none = unbundle(
        payload(dataclasses.replace(plan, replacements=plan.replacements.iloc[:0]))["later"]
    )
    assert (none["stand_in/site"] == -1).all()
    assert len(none["stand_in/site"]) == len(plan.order)


def test_the_same_plan_gives_the_same_bytes(plan: Plan, page_file: Path) -> None:
    assert page_html(plan) == page_file.read_bytes()


def test_the_page_says_whose_it_is(plan: Plan, page_file: Path, data: dict[str, Any]) -> None:
    tag = '<meta name="plan-key" content="{}">'
    assert data["key"] == plan.key[:12]
    assert page_file.read_text(encoding="utf-8").count(tag.format(plan.key[:12])) == 1


def test_a_page_of_two_plans_names_its_own_first(
    plan: Plan, other: Plan, compare_file: Path
) -> None:
    found = re.findall(r'name="plan-key" content="(\w+)"', compare_file.read_text(encoding="utf-8"))
    assert found == [plan.key[:12], other.key[:12]]
    assert plan.key != other.key


def test_it_is_a_folium_map_whose_root_renders_the_document(plan: Plan, page_file: Path) -> None:
    shown = page(plan)
    assert isinstance(shown, folium.Map)
    assert shown.get_root().render().encode() == page_file.read_bytes()


class Parts(HTMLParser):
    """Scripts, styles and addresses of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "data": []}
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.current = ""
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.addresses += [
            values[name] or ""
            for name in ("src", "href", "srcset", "action", "style")
            if name in values
        ]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"] or ""
        self.current = {"script": "data" if values.get("type") else "script", "style": "style"}.get(
            tag, ""
        )
        if self.current:
            self.texts[self.current].append("")

    def handle_endtag(self, tag: str) -> None:
        self.current = ""

    def handle_data(self, data: str) -> None:
        if self.current:
            self.texts[self.current][-1] += data


@pytest.fixture(scope="module")
def parts(page_file: Path) -> Parts:
    parser = Parts()
    parser.feed(page_file.read_text(encoding="utf-8"))
    return parser


def test_the_policy_names_each_script_and_style_by_hash(parts: Parts) -> None:
    assert parts.policy.startswith("default-src 'none'; ")
    named = re.findall(r"'sha256-([^']+)'", parts.policy)
    texts = parts.texts["script"] + parts.texts["style"]
    assert len(parts.texts["script"]) == 1
    assert len(parts.texts["style"]) == 1
    assert named == [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts
    ]
    assert "unsafe" not in parts.policy
    assert "http" not in parts.policy


def test_nothing_in_the_document_has_an_address(parts: Parts) -> None:
    assert not parts.addresses
    assert not {"link", "img", "iframe", "object", "base"} & set(parts.tags)
    assert "url(" not in parts.texts["style"][0]
    assert not re.search(
        r"sourceMappingURL|@import", "".join(parts.texts["script"] + parts.texts["style"])
    )


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "{{7*7}}{% raw %}",
        "a&b\u2028c",
        "${x}`",
    ],
)
def test_hostile_json_stays_json(text: str) -> None:
    written = data_text({"x": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"x": text}


def test_synthetic_is_said_of_an_input_and_of_proposed_sites(
    plan: Plan, data: dict[str, Any]
) -> None:
    assert data["synthetic"] is plan.layers.is_synthetic is True
    read = dataclasses.replace(plan.layers, sources=plan.layers.sources.assign(basis="evidence"))
    surveyed = plan.stations.assign(basis="evidence")
    assert not payload(dataclasses.replace(plan, layers=read, stations=surveyed))["synthetic"]

    # what the plan does not use marks nothing
    proposed = plan.stations.assign(basis="evidence")
    unused = proposed[F.RANK].isna()
    proposed.loc[unused, F.BASIS] = "synthetic"
    assert not payload(dataclasses.replace(plan, layers=read, stations=proposed))["synthetic"]
    proposed.loc[proposed.index[plan.order[-1]], F.BASIS] = "synthetic"
    assert payload(dataclasses.replace(plan, layers=read, stations=proposed))["synthetic"]


def test_plans_on_two_grids_are_refused(plan: Plan) -> None:
    moved = dataclasses.replace(plan, grid=dataclasses.replace(plan.grid, west=plan.grid.west + 1))
    with pytest.raises(ProblemError, match="网格"):
        page(plan, moved)


def test_the_page_says_a_threshold_of_a_layer_with_its_rule(plan: Plan) -> None:
    layers = plan.scenario.to_tree()["layers"]
    layers[0]["levels"]["deep"]["rsrp_dbm"] = -110.0
    strict = dataclasses.replace(plan, scenario=plan.scenario.replace(layers=layers))
    mine, theirs = payload(strict)["layers"], payload(plan)["layers"]
    assert mine[1:] == theirs[1:]
    text, before = mine[0]["rule_text"], theirs[0]["rule_text"]
    assert text["zh"] == f"{before['zh']}（主城区 SS-RSRP深度≥-110 dBm）"
    assert text["en"] == f"{before['en']} (主城区 SS-RSRP deep ≥ -110 dBm)"
