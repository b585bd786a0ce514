"""What is kept between runs changes no result: the same bytes with it, without it, and damaged."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from scipy.sparse import csr_matrix

import planner
from planner import groundwork
from planner.errors import PlannerError
from planner.kept import PLACE, Store, code_digest, key_of
from planner.layers import contents_of
from planner.model import Coverage, Model
from planner.model.packed import pack, parts_of, unpack
from planner.scenario import NotGivenError, Scenario
from planner.service import build_coverage
from planner.verify import verify
from tests.toy import write_toy_county

Path_ = tuple[str | int, ...]

# cells as wide as the toy county bears: the county is built some sixty times
COARSE: dict[str, Any] = {"demand": {"cell_m": 100.0, "road_step_m": 100.0}}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_county(tmp_path_factory.mktemp("county"), **COARSE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what is kept, in use."""
    monkeypatch.setenv(PLACE, str(tmp_path / "kept"))
    return tmp_path / "kept"


MAKERS = ("look_at_layers", "build_demand", "complete_stations")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the stages before coverage that were worked out, in order."""
    calls: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        make = getattr(groundwork, name)

        def call(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            return make(*arguments, **options)

        return call

    for name in MAKERS:
        monkeypatch.setattr(groundwork, name, counted(name))
    return calls


def told_beside(scenario: Scenario, made: list[str]) -> Model | str:
    """The model beside what is kept, or what refuses it; it must be the one that is built afresh.

    What was worked out and not taken is so, and is not worked out again.
    """
    made.clear()
    try:
        model = planner.build(scenario)
    except PlannerError as error:
        said = refusal(error)
        assert said == told(scenario, afresh=True)
        return said
    if {*made} < {*MAKERS}:
        assert model_bytes(model) == told(scenario, afresh=True)
    else:
        parts = (model.scenario, model.layers, model.demand, model.stations)
        afresh = build_coverage(*parts)
        assert coverage_bytes(model.coverage) == coverage_bytes(afresh)
    return model


def told(scenario: Scenario, *, afresh: bool) -> dict[str, bytes] | str:
    """Every byte of a scenario's model by part, or what refuses it."""
    try:
        return model_bytes(planner.build(scenario, afresh=afresh))
    except PlannerError as error:
        return refusal(error)


def refusal(error: PlannerError) -> str:
    return "\n".join([str(error), *map(str, error.as_notices())])


def model_bytes(model: Model) -> dict[str, bytes]:
    return {
        "scenario": model.scenario.to_yaml().encode(),
        "layers": pack(parts_of(model.layers)),
        "demand": pack(parts_of(model.demand)),
        "stations": pack(parts_of(model.stations)),
        "coverage": coverage_bytes(model.coverage),
    }


def coverage_bytes(coverage: Coverage) -> bytes:
    parts = {name: getattr(coverage, name) for name in ("cover", "outside", "budget")}
    return pack({**parts, "near": coverage.near_mast})


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.kept"))


# Every parameter


def leaves(tree: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value of a scenario's tree that holds no other, with the way to it."""
    if isinstance(tree, dict | list) and tree:
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(value, (*path, key))
    else:
        yield path, tree


STATION = "SFBD2K750AG-M-N41"
OTHERS: dict[str, Any] = {
    "aliases": {"people": ["人头"]},
    "district.work_crs": "EPSG:4550",
    "references.indicators": {"cost": {"target": 3.0}},
    "references.pace": {
        "label": "省",
        "stations": {str(year): float(year) for year in range(2019, 2027)},
        "source": "x",
    },
    "radio.h_ut_m": 1.7,
    "radio.walls": {"brick": {"loss_db": {"n28": 9.0, "n41": 12.0, "n78": 13.0}, "sigma_db": 5.0}},
    "review.vetoed": [STATION],
    "review.refused_towns": ["东镇"],
    "review.opened": {STATION: "2020-09-30"},
    "review.locked": {STATION: 1},
    "review.moved": {STATION: {"lon": 120.1, "lat": 33.4, "from_lon": 120.1001, "from_lat": 33.4}},
    "review.proposed": [{"lon": 120.13, "lat": 33.43, "site_type": "tower"}],
    "review.due": {STATION: "2021-09-30"},
    "review.delivered": {STATION: "2021-09-30"},
    "inputs.antennas": "antennas.csv",
    "inputs.candidates": "candidates.csv",
    "inputs.town_areas": "town_areas.geojson",
}
"""Other values of what no general rule changes."""

CHOICES = (
    "gcj02", "cgcs2000", "open", "mobile", "roof", "los", "UMi", "RMa", "urban", "rural", "indoor",
    "vehicle", "none", "area", "road", "standard", "gain", "n28", "n41", "n78", "2020-10-01",
    "2021-01-01", "2026-01-01", "EPSG:4550", "B", "x",
    "8T8R", "64T64R", "light",
)  # fmt: skip


def others(path: Path_, value: Any) -> Iterator[Any]:
    """Values that a parameter might have instead."""
    name = ".".join(map(str, path))
    if name in OTHERS:
        yield OTHERS[name]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, 15 if value == 30 else 30, 139 if value == 839 else 839)
    elif isinstance(value, float):
        yield from (value * 0.9, value * 1.1, value - 1.0, 0.5, 1.0, 8.0)
    elif value is None:
        yield from (0.9, 1, 1.0, -95.0, 300.0, 30.0)
    elif isinstance(value, list):
        yield ["n28"]
    else:
        yield from (f"{value}x", *CHOICES)


def changed(tree: dict[str, Any], path: Path_, root: Path) -> dict[str, Any] | None:
    """The tree with another value of one parameter that a scenario may have; None without one."""
    value = dict(leaves(tree))[path]
    for other in (other for other in others(path, value) if other != value):
        again = replaced(tree, path, other)
        try:
            Scenario.from_tree(again, root=root)
        except PlannerError:
            continue
        return again
    return None


def replaced(tree: Any, path: Path_, value: Any) -> Any:
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = replaced(tree[path[0]], path[1:], value)
    return copy


# what cannot change alone: it is tied to another parameter, or to the shape of its layer; a limit
# is several keys at once, each of which tests/test_parameters.py changes
TIED = {
    "layers.shape", "layers.rule.gap_m", "layers.rule.hole_radius_m", "layers.rule.residents",
    "layers.wall",
    "bands.n28.bandwidth_mhz", "bands.n41.bandwidth_mhz", "bands.n78.bandwidth_mhz",
    "bands.n28.scs_khz", "bands.n41.scs_khz", "bands.n78.scs_khz", "limits",
}  # fmt: skip
# with any of these the county is refused, and all else of their part would go untried
REFUSED = re.compile(
    r"networks\.\d\.(name|bands)|layers\.3\.rule\.residents|layers\.\d\.kinds|phases\.0\.|radio\.scenes\.\S+\.(model|h_bs_m)|"
    r"defaults\.network|inputs\.|review\.(locked|opened|moved|due|delivered)"
)


def test_every_parameter_is_in_the_key_of_its_part(county: Path) -> None:
    base = planner.Scenario.from_file(county)
    tree = base.to_tree()
    untouched = set()
    for path, _ in leaves(tree):
        again = changed(tree, path, base.root)
        if again is None:
            names = [str(key) for key in path if not isinstance(key, int)]
            untouched.add(".".join(names))
            continue
        part = str(path[0])
        scenario = Scenario.from_tree(again, root=base.root)
        assert key_of(part, getattr(scenario, part)) != key_of(part, getattr(base, part)), path
    assert untouched <= TIED


def all_changed(tree: dict[str, Any], part: str, root: Path) -> dict[str, Any]:
    """The tree with another value of every parameter of a part that can change beside the rest."""
    for path, _ in leaves({part: tree[part]}):
        if path in dict(leaves(tree)) and not REFUSED.match(".".join(map(str, path))):
            tree = changed(tree, path, root) or tree
    return tree


@pytest.mark.slow
def test_a_change_of_any_part_is_no_wrong_hit(county: Path, folder: Path, made: list[str]) -> None:
    base = planner.Scenario.from_file(county)
    planner.build(base)
    kept = entries(folder)
    for part in base.to_tree():
        tree = all_changed(base.to_tree(), part, base.root)
        scenario = Scenario.from_tree(tree, root=base.root)
        # of inputs the files change, below
        assert isinstance(told_beside(scenario, made), Model), part
    assert set(kept) <= set(entries(folder))


FIELDS = {
    "search": {"seed": 7}, "references": {"money": {"label": "元"}},
    "capacity": {"overload": 0.5}, "review": {"churn_price": 0.5}, "titles": {"client": "x"},
}  # fmt: skip


def test_what_no_stage_reads_costs_nothing(county: Path, folder: Path) -> None:
    base = planner.Scenario.from_file(county)
    planner.build(base)
    kept = entries(folder)
    assert len(kept) == 5
    for part, change in FIELDS.items():
        planner.build(base.replace(**{part: change}))
        assert entries(folder) == kept, part


def test_counts_and_weights_keep_coverage(county: Path, folder: Path, made: list[str]) -> None:
    base = planner.Scenario.from_file(county)
    planner.build(base)
    kept = set(entries(folder))
    tree = base.to_tree()
    more = [{**phase, "stations": phase["stations"] + 2} for phase in tree["phases"][1:]]
    counts = base.replace(phases=[tree["phases"][0], *more])
    told_beside(counts, made)
    assert set(entries(folder)) == kept

    # new weights make demand and stations new, and what serves what stays
    planner.build(base.replace(demand={"deep_weight": [0.5, 1.0]}))
    new = set(entries(folder)) - kept
    assert len(new) == 2


# Every file


FILES = (
    "MANIFEST.csv", "boundary.geojson", "areas.geojson", "roads.geojson", "streets.geojson",
    "water.geojson", "towns.csv", "landmarks.csv", "population.csv", "sites.csv",
)  # fmt: skip


@pytest.mark.slow
def test_a_change_of_any_file_is_no_wrong_hit(
    county: Path, folder: Path, made: list[str], tmp_path: Path
) -> None:
    copy = tmp_path / "county"
    shutil.copytree(county.parent, copy)
    scenario = planner.Scenario.from_file(copy / county.name)
    planner.build(scenario)
    for name in FILES:
        path = copy / name
        before = path.read_bytes()
        # another digit in the last number, and of the same length: a size tells nothing
        place = max(before.rfind(digit) for digit in (b"1", b"2", b"3", b"4"))
        path.write_bytes(before[:place] + b"7" + before[place + 1 :])
        os.utime(path, ns=(0, 0))
        told_beside(scenario, made)
        path.write_bytes(before)


def test_files_beside_an_input_are_part_of_it(county: Path, tmp_path: Path) -> None:
    copy = tmp_path / "county"
    shutil.copytree(county.parent, copy)
    scenario = planner.Scenario.from_file(copy / county.name)
    before = contents_of(scenario)
    (copy / "areas.prj").write_text("x")
    assert set(contents_of(scenario)) - set(before) == {"areas.prj"}


# The store


def test_without_a_place_nothing_is_written(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv(PLACE, "off")
    planner.build(planner.Scenario.from_file(county))
    assert not (tmp_path / "cache").exists()
    monkeypatch.delenv(PLACE)
    found = Store.of_user().folder
    assert found is not None
    if sys.platform != "darwin":
        assert found == tmp_path / "cache" / "rollout-planner"


def test_a_damaged_entry_is_passed_over_and_written_again(county: Path, folder: Path) -> None:
    scenario = planner.Scenario.from_file(county)
    expected = told(scenario, afresh=False)
    whole = {path: path.read_bytes() for path in entries(folder)}
    for spoil in (lambda data: data[:-9], lambda data: b"", lambda data: data[:50] + data[51:]):
        for path, data in whole.items():
            path.write_bytes(spoil(data))
        assert told(scenario, afresh=False) == expected
        assert {path: path.read_bytes() for path in entries(folder)} == whole


def test_a_folder_that_cannot_be_written_stops_nothing(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(PLACE, str(tmp_path / "file"))
    assert planner.build(planner.Scenario.from_file(county)).stations.table.size


_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from planner.kept import Store, key_of

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
store, key = Store(Path(sys.argv[1])), key_of("test")
store.put(key, bytes(1_000_000))
assert store.get(key) is None
store.put(key, bytes(1_000))
assert store.get(key) == bytes(1_000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_disk_that_is_full_stops_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ON_A_FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [path.suffix for path in tmp_path.iterdir()] == [".kept"]


def test_settings_of_gdal_and_proj_are_in_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [key_of("test")]
    for setting in ("OGR_ENABLE_PARTIAL_REPROJECTION", "PROJ_NETWORK", "SHAPE_ENCODING"):
        monkeypatch.setenv(setting, "x")
        keys.append(key_of("test"))
    assert len(set(keys)) == len(keys)
    monkeypatch.setenv("HOMEPAGE", "x")
    assert key_of("test") == keys[-1]


def test_the_oldest_go_first_and_other_files_stay(tmp_path: Path) -> None:
    store = Store(tmp_path, limit_bytes=1000)
    (tmp_path / "mine.txt").write_bytes(bytes(5000))
    keys = [key_of("test", number) for number in range(4)]
    for age, key in enumerate(keys[:3]):
        store.put(key, bytes(250))
        os.utime(tmp_path / f"{key}.kept", ns=(age, age))
    # the first was used last
    assert store.get(keys[0]) == bytes(250)
    store.put(keys[3], bytes(250))
    assert [store.get(key) is not None for key in keys] == [True, False, True, True]
    # what would fill the folder alone is not kept
    store.put(keys[1], bytes(2000))
    assert store.get(keys[1]) is None
    assert (tmp_path / "mine.txt").exists()


def _write(folder: Path, start: Any, number: int) -> None:
    store = Store(folder, limit_bytes=20_000)
    start.wait()
    for turn in range(200):
        key = key_of("shared", turn % 20)
        data = store.get(key)
        assert data is None or data == bytes([turn % 20]) * 1500
        store.put(key, bytes([turn % 20]) * 1500)


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    both = [context.Process(target=_write, args=(tmp_path, start, n)) for n in range(2)]
    for process in both:
        process.start()
    start.set()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    # nothing half written is left, and the limit holds
    assert all(path.suffix == ".kept" for path in tmp_path.iterdir())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 20_000


def test_keys_tell_alike_things_apart() -> None:
    things: list[Any] = [
        (), (()), ((),), "", b"", None, 0, 0.0, False, "0", ("ab", "c"), ("a", "bc"), [0], (0,),
        {"a": 1}, np.zeros(2), np.zeros((2, 1)), np.zeros((1, 2)), np.zeros(2, np.int64),
        np.array([0.0, -0.0]), np.zeros(0), np.zeros((0, 2)),
    ]  # fmt: skip
    keys = [key_of("test", thing) for thing in things]
    assert len(set(keys)) == len(things) - 1  # () is (())
    with pytest.raises(TypeError, match="object"):
        key_of("test", object())


def test_code_is_part_of_every_key_and_what_is_compiled_of_none(tmp_path: Path) -> None:
    (tmp_path / "room" / "__pycache__").mkdir(parents=True)
    (tmp_path / "room" / "a.py").write_text("x = 1")
    before = code_digest(tmp_path)
    (tmp_path / "room" / "__pycache__" / "a.nbi").write_bytes(b"1")
    assert code_digest(tmp_path) == before
    (tmp_path / "room" / "a.py").write_text("x = 2")
    changed_code = code_digest(tmp_path)
    (tmp_path / "room" / "a.py").rename(tmp_path / "room" / "b.py")
    assert len({before, changed_code, code_digest(tmp_path)}) == 3


# What is kept comes back as it was


def test_a_model_comes_back_as_it_was(county: Path, folder: Path) -> None:
    scenario = planner.Scenario.from_file(county)
    fresh, first, again = (planner.build(scenario, afresh=turn == 0) for turn in range(3))
    for model in (first, again):
        for part in ("layers", "demand", "stations"):
            for name, expected in parts_of(getattr(fresh, part)).items():
                assert_same(parts_of(getattr(model, part))[name], expected)
        assert_same(model.coverage.cover, fresh.coverage.cover)


def assert_same(found: Any, expected: Any) -> None:
    assert type(found) is type(expected)
    if hasattr(expected, "geom_type"):
        assert_geodataframe_equal(found, expected, check_less_precise=False)
        assert found.geometry.to_wkb().equals(expected.geometry.to_wkb())
        found, expected = (
            pd.DataFrame(frame.drop(columns="geometry")) for frame in (found, expected)
        )
    if isinstance(expected, pd.DataFrame):
        assert_frame_equal(found, expected, check_exact=True, check_column_type="exact")
        assert type(found.index) is type(expected.index)
    elif isinstance(expected, csr_matrix):
        for array in ("data", "indices", "indptr"):
            assert_same(getattr(found, array), getattr(expected, array))
        assert found.has_sorted_indices == expected.has_sorted_indices
    elif isinstance(expected, np.ndarray):
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes()
        assert found.flags.f_contiguous == expected.flags.f_contiguous
    else:
        assert found == expected


def test_texts_that_were_objects_are_so_again() -> None:
    frame = pd.DataFrame({"town": np.array(["甲", ""], object), "name": ["a", "b"]})
    again = unpack(pack({"frame": frame}))["frame"]
    assert_frame_equal(again, frame, check_column_type="exact")
    assert type(again["town"].iloc[0]) is str


def test_a_stage_is_given_no_other_part(county: Path) -> None:
    scenario = planner.Scenario.from_file(county)
    part = scenario.only(["layers", "levels"])
    assert part.layer_names == scenario.layer_names
    with pytest.raises(NotGivenError, match="search"):
        _ = part.search
    with pytest.raises(NotGivenError, match="networks"):
        _ = part.network_shares
    with pytest.raises(AttributeError, match="no_such"):
        _ = part.no_such  # type: ignore[attr-defined]


def test_who_reads_more_than_it_was_given_is_not_kept(
    county: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.groundwork._DEMAND_GIVEN", (("demand", "layers"),))
    scenario = planner.Scenario.from_file(county)
    assert told(scenario, afresh=False) == told(scenario, afresh=True)
    # layers and the two tables of pairs
    assert len(entries(folder)) == 3


def test_verify_uses_nothing_that_was_kept(county: Path, folder: Path, tmp_path: Path) -> None:
    planner.run(planner.Scenario.from_file(county), tmp_path / "run")
    for path in entries(folder):
        path.unlink()
    assert verify(planner.load_plan(tmp_path / "run"), inputs=county.parent).holds
    assert entries(folder) == []
