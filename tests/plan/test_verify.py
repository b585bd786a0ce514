"""Whatever is stored in a plan and does not follow is named, also when its hashes were made again.

`Plan.save` seals what it writes: a plan with a changed part that is saved has the hashes and keys
of whoever changed it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import shapely

import planner
from planner import cli, files, optimise
from planner import fields as F
from planner.errors import Notice, ProblemError, StorageError
from planner.layers import find_project
from planner.model import CoveredWeight, Model, Plan, plan_frames
from planner.plan import differences
from planner.problem import make_problem, unpacked
from planner.verify import verify
from tests.toy import write_toy_county


class Case(NamedTuple):
    """A county, its plan as read back, and the same plan worked out from its inputs."""

    root: Path
    folder: Path
    plan: Plan
    again: Plan
    model: Model
    problem: optimise.Problem


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    scenario = planner.Scenario.from_file(write_toy_county(tmp_path_factory.mktemp("county")))
    folder = tmp_path_factory.mktemp("run")
    again = planner.run(scenario, folder)
    plan = planner.load_plan(folder)
    model = planner.build(plan.scenario, layers=plan.layers)
    problem = make_problem(model, CoveredWeight.of(model.demand, model.coverage))
    return Case(scenario.root, folder, plan, again, model, problem)


def named(found: Sequence[Notice]) -> set[str]:
    """Findings as file and column."""
    return {f"{Path(each.file).name} {each.column}" for each in found}


def sealed(plan: Plan, folder: Path) -> Plan:
    """A plan as it comes back, with the hashes and keys of what is in it."""
    plan.save(folder)
    return planner.load_plan(folder)


def command(*arguments: object) -> tuple[int, str]:
    """Exit code and all that the command line prints, in this process."""
    out = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        patch.setattr(sys, "argv", ["planner", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
    return int(left.value.code or 0), out.getvalue()


def with_facts(plan: Plan, **facts: Any) -> Plan:
    return dataclasses.replace(plan, provenance={**plan.provenance, **facts})


def with_cell(plan: Plan, table: str, row: int, column: str, change: Callable[[Any], Any]) -> Plan:
    frame = getattr(plan, table).copy()
    place = (row, frame.columns.get_loc(column))
    frame.iloc[place] = change(frame.iloc[place])
    return dataclasses.replace(plan, **{table: frame})


def with_layer(plan: Plan, part: str, column: str, change: Callable[[Any], Any]) -> Plan:
    frame = getattr(plan.layers, part).copy()
    frame[column] = frame[column].map(change)
    return dataclasses.replace(plan, layers=dataclasses.replace(plan.layers, **{part: frame}))


def with_ranks(plan: Plan, one: int, other: int) -> Plan:
    """Two ranks changed for each other, and nothing else."""
    stations, order = plan.stations.copy(), plan.order
    rank = stations.columns.get_loc(F.RANK)
    stations.iloc[order[one], rank], stations.iloc[order[other], rank] = other, one
    return dataclasses.replace(plan, stations=stations)


# a plan as it was written


def test_a_plan_as_it_was_written_holds(case: Case) -> None:
    found = verify(case.plan, inputs=case.root)
    assert found.findings == () and found.holds
    assert set(found.inputs.values()) == {"unchanged"} and len(found.inputs) == 9
    facts = case.plan.provenance
    assert (found.value, found.bound) == (sum(facts["value"]), facts["bound"])
    for name in THREE_NUMBERS:
        assert getattr(found, name) == pytest.approx(facts[name], rel=1e-12)
    assert (found.objective, found.objective_bound) == (
        facts["objective"],
        facts["objective_bound"],
    )
    assert found.objective_gap + found.sharing_price == pytest.approx(found.gap, abs=1e-15)


THREE_NUMBERS = ("objective_gap", "sharing_price", "gap")


def test_the_command_prints_what_it_worked_out_and_finds_the_inputs_where_it_is_given(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case.root)
    code, said = command("verify", case.folder)
    facts = case.plan.provenance
    assert code == 0
    assert f"{sum(facts['value']):.6f}" in said and f"{facts['bound']:.6f}" in said
    assert f"proven gap {100 * facts['objective_gap']:.2f} %" in said
    assert f"price of sharing {100 * facts['sharing_price']:z.2f} %" in said
    assert f"coverage gap {100 * facts['gap']:.2f} %" in said
    assert said.index("proven gap") < said.index("price of sharing") < said.index("coverage gap")
    assert "unchanged 9" in said


def test_what_is_dumped_is_checked_by_numpy_alone(case: Case, tmp_path: Path) -> None:
    """A program that knows nothing of the package comes to the same values and bounds."""
    dump = tmp_path / "proof.npz"
    code, said = command("verify", case.folder, "--dump", dump)
    assert code == 0 and str(dump) in said
    facts, found = case.plan.provenance, recheck(dump)
    scale = float(np.load(dump)["scale"][0])
    for name in ("objective_bound", "bound"):
        assert found[name] == int(facts[name] * scale)

    # weights are rounded up to whole numbers, so a sum of them is hardly larger
    for name, value in (("objective", facts["objective"]), ("value", sum(facts["value"]))):
        assert 0 <= found[name] - value * scale < case.problem.weight.size

    # other multipliers prove another bound, a plan that is none is refused
    arrays = dict(np.load(dump))
    half = {**arrays, "objective_multipliers": arrays["objective_multipliers"] // 2}
    np.savez(tmp_path / "half.npz", **half)
    assert recheck(tmp_path / "half.npz")["objective_bound"] > found["objective_bound"]
    arrays["classes"] = arrays["classes"][::-1]
    np.savez(tmp_path / "other.npz", **{**arrays, "budget": arrays["budget"] + 1})
    with pytest.raises(subprocess.CalledProcessError):
        recheck(tmp_path / "other.npz")


def recheck(path: Path) -> dict[str, int]:
    """What tests/recheck.py says of a file, run where the package cannot be imported."""
    program = Path(__file__).parents[1] / "recheck.py"
    done = subprocess.run(
        [sys.executable, "-I", program, path], capture_output=True, text=True, check=True
    )
    whole: dict[str, int] = json.loads(done.stdout)["whole"]
    return whole


def test_inputs_are_looked_for_by_what_they_hold(case: Case, tmp_path: Path) -> None:
    """A folder with files of the same names is not the plan's project."""
    sources = case.plan.layers.sources
    for name in sources[F.FILE]:
        (tmp_path / name).write_text("another case", encoding="utf-8")
    assert find_project((tmp_path, case.folder), sources) is None
    assert find_project((tmp_path, case.root), sources) == case.root


# what the optimiser said


def test_a_better_value_is_named_and_the_true_gap_printed(case: Case, tmp_path: Path) -> None:
    facts = case.plan.provenance
    better = [1.003 * value for value in facts["value"]]
    with_facts(case.plan, value=better).save(tmp_path)
    code, said = command("verify", tmp_path)
    assert code == 2
    assert f"`value[0]` is {better[0]!r}, worked out again {facts['value'][0]!r}" in said
    assert f"`value[1]` 为 {better[1]!r}，重新计算为 {facts['value'][1]!r}" in said
    assert f"proven gap {100 * facts['objective_gap']:.2f} %" in said


FOUND_BY_SEARCH = {"steps", "optimal", "interrupted", "versions"}


def numbers_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places of every plain value inside mappings and lists."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inner:
        if isinstance(item, dict | list):
            yield from numbers_in(item, (*path, key))
        else:
            yield (*path, key)


def other_value(value: Any) -> Any:
    """A value of the same kind that is not the same, by little."""
    if isinstance(value, bool | np.bool_):
        return not value
    if isinstance(value, int | np.integer):
        return value + 1
    if isinstance(value, float | np.floating):
        return 1.0 if np.isnan(value) else value * 1.0001 + 1e-4
    return f"{value}x"


def test_every_fact_of_the_provenance_is_held_against_the_plan(case: Case) -> None:
    facts = json.loads(json.dumps(dict(case.plan.provenance)))
    places = [
        path for path in numbers_in(facts) if path[0] not in {*FOUND_BY_SEARCH, "certificate"}
    ]
    tried = {path[0] for path in places}
    assert {"value", "bound", "phase_bound", "curve_bound", "inputs", "seed"} <= tried
    assert {"objective", "objective_bound", *THREE_NUMBERS} <= tried
    for path in places:
        holder = facts
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = other_value(holder[path[-1]])
    found = differences(dataclasses.replace(case.plan, provenance=facts), case.again)
    assert len(found) == len(places)
    for path, finding in zip(
        sorted(places, key=str), sorted(found, key=lambda n: n.column), strict=True
    ):
        assert finding.column.startswith(str(path[0])) and str(path[-1]) in finding.column
        assert finding.file == "plan/provenance.json" and finding.severity == "E"


def test_other_versions_are_said_and_refute_nothing(case: Case) -> None:
    versions = {**case.plan.provenance["versions"], "numpy": "1.0", "made-up": "2.0"}
    (found,) = differences(with_facts(case.plan, versions=versions), case.again)
    assert found.severity == "W" and "numpy 1.0 → " in found.en and "made-up 2.0 → —" in found.zh

    for nonsense in ("3.0", ["numpy"], None):
        (found,) = differences(with_facts(case.plan, versions=nonsense), case.again)
        assert found.severity == "W" and "numpy — → " in found.en


def test_options_that_were_not_taken_are_named(case: Case, tmp_path: Path) -> None:
    plan = sealed(with_facts(case.plan, options="none"), tmp_path)
    assert named(verify(plan).findings) == {"provenance.json options"}


CHANGED: dict[str, Callable[[Any], Any]] = {
    "prices": lambda prices: [price + 1 for price in prices],
    "multipliers": lambda packed: packed[:-8],
    "shape": lambda shape: shape[::-1],
}


@pytest.mark.parametrize("part", ["checksum", "digest"])
def test_each_sum_of_a_certificate_is_needed(case: Case, part: str) -> None:
    kept = case.plan.provenance["certificate"]
    assert optimise.appraise(case.problem, case.plan.order, unpacked(kept)).bound > 0
    less = {key: value for key, value in kept.items() if key != part}
    for other in ({**kept, part: "ab" * 32}, {**kept, part: None}, less):
        with pytest.raises(ProblemError):
            optimise.appraise(case.problem, case.plan.order, unpacked(other))


@pytest.mark.parametrize("numbers", ["objective", "coverage"])
@pytest.mark.parametrize("part", CHANGED)
def test_each_part_of_a_certificate_is_needed(case: Case, numbers: str, part: str) -> None:
    kept = case.plan.provenance["certificate"]
    mine = kept[numbers]
    less = {key: value for key, value in mine.items() if key != part}
    for other in ({**mine, part: CHANGED[part](mine[part])}, {**mine, part: None}, less):
        with pytest.raises(ProblemError):
            optimise.appraise(case.problem, case.plan.order, unpacked({**kept, numbers: other}))


def test_a_changed_certificate_proves_nothing(case: Case, tmp_path: Path) -> None:
    kept = dict(case.plan.provenance["certificate"])
    kept["coverage"] = {**kept["coverage"], "prices": [p + 1 for p in kept["coverage"]["prices"]]}
    found = verify(sealed(with_facts(case.plan, certificate=kept), tmp_path))
    assert named(found.findings) == {"provenance.json certificate"}
    assert np.isnan(found.bound) and np.isnan(found.gap) and not found.holds
    assert found.value == sum(case.plan.provenance["value"])


def test_another_certificate_proves_another_bound(case: Case, tmp_path: Path) -> None:
    """One that was made well, with its digest: the stored bound is not what it proves."""
    kept = dict(case.plan.provenance["certificate"])
    mine = unpacked(kept)
    weaker = mine.coverage._replace(prices=mine.coverage.prices + 10**9)
    made = optimise.Whole.of(case.problem).certify(mine.objective, weaker)
    kept["coverage"] = {**kept["coverage"], "prices": weaker.prices.tolist()}
    kept["digest"] = made.digest
    found = verify(sealed(with_facts(case.plan, certificate=kept), tmp_path))
    assert {"provenance.json bound", "provenance.json gap"} <= named(found.findings)
    assert found.bound > case.plan.provenance["bound"]
    assert found.objective_bound == case.plan.provenance["objective_bound"]


def test_the_proof_of_highs_is_said_to_have_no_certificate(case: Case) -> None:
    """Only where the optimum was asked for may a bound be lower than the certificate's."""
    facts = case.plan.provenance
    total = sum(facts["value"])
    bound = 0.5 * (total + facts["bound"])
    gap = bound / total - 1
    lower = with_facts(case.plan, bound=bound, gap=gap, sharing_price=gap - facts["objective_gap"])
    assert named(verify(lower).findings) == {
        "provenance.json bound",
        "provenance.json gap",
        "provenance.json sharing_price",
    }

    scenario = case.plan.scenario.replace(search={"effort": "exact"})
    exact = dataclasses.replace(with_facts(lower, effort="exact"), scenario=scenario)
    found = verify(exact)
    assert [each.code for each in found.findings] == ["bound_has_no_certificate"]
    assert found.holds and found.bound == facts["bound"]
    # below the plan's own value nothing is proven
    assert not verify(with_facts(exact, bound=0.9 * total)).holds


# the order


def test_two_ranks_changed_for_each_other_are_named(case: Case, tmp_path: Path) -> None:
    found = verify(sealed(with_ranks(case.plan, 12, 13), tmp_path))
    assert named(found.findings) == {"stations.parquet rank"}
    ids = case.plan.stations[F.STATION_ID].iloc[case.plan.order[[12, 13]]]
    assert any(station in found.findings[0].en for station in ids)


def test_so_are_two_that_change_their_phase(case: Case, tmp_path: Path) -> None:
    found = verify(sealed(with_ranks(case.plan, 12, 30), tmp_path))
    assert {
        "stations.parquet rank",
        "stations.parquet phase",
        "provenance.json value[0]",
    } <= named(found.findings)


def test_the_order_of_the_state_is_kept(case: Case, tmp_path: Path) -> None:
    found = verify(sealed(with_ranks(case.plan, 0, 1), tmp_path))
    assert found.findings[0].code == "order_not_allowed"
    assert "open first" in found.findings[0].en


def test_a_station_that_opens_too_early_is_named(case: Case, tmp_path: Path) -> None:
    """700 MHz opens in the second phase."""
    stations = case.plan.stations.iloc[case.plan.order]
    late = int(np.flatnonzero(stations[F.BAND] == "n28")[0])
    found = verify(sealed(with_ranks(case.plan, 12, late), tmp_path))
    (first, *_) = found.findings
    assert first.code == "order_not_allowed" and "before their first phase" in first.en
    assert stations[F.STATION_ID].iloc[late] in first.en


def test_decisions_that_the_order_does_not_keep_are_named(case: Case, tmp_path: Path) -> None:
    """A veto, a lock of a later station in the first phase and the other way round."""
    ids = case.plan.stations[F.STATION_ID].iloc[case.plan.order].tolist()
    decisions = {"vetoed": [ids[12]], "locked": {ids[30]: 1, ids[13]: 2}}
    scenario = case.plan.scenario.replace(review=decisions)
    found = verify(sealed(dataclasses.replace(case.plan, scenario=scenario), tmp_path))
    said = [each.en for each in found.findings if each.code == "order_not_allowed"]
    vetoed, early, missed = said
    assert ids[12] in vetoed and "may not be built" in vetoed
    assert ids[13] in early and "before their first phase" in early
    assert "locked stations: 1" in missed


def test_a_station_that_is_none_of_the_model_is_named(case: Case, tmp_path: Path) -> None:
    plan = with_cell(case.plan, "stations", int(case.plan.order[20]), F.STATION_ID, "{}x".format)
    found = verify(sealed(plan, tmp_path))
    (finding,) = found.findings
    assert finding.code == "not_of_the_model" and "x" in finding.en
    assert np.isnan(found.value) and not found.holds


def test_a_plan_of_another_length_is_named(case: Case, tmp_path: Path) -> None:
    stations = case.plan.stations.copy()
    stations.iloc[case.plan.order[-1], stations.columns.get_loc(F.RANK)] = pd.NA
    found = verify(sealed(dataclasses.replace(case.plan, stations=stations), tmp_path))
    assert found.findings[0].code == "order_of_other_length" and "39" in found.findings[0].en


# what follows


def test_a_verdict_a_measure_a_share_and_a_cost_are_each_named(case: Case, tmp_path: Path) -> None:
    plan, twenty = case.plan, int(case.plan.order[20])
    plan = with_cell(plan, "verdicts", 0, F.PASSES, other_value)
    plan = with_cell(plan, "measures", 5, F.VALUE, other_value)
    plan = with_cell(plan, "stations", twenty, F.COST_WAN, other_value)
    plan = with_cell(plan, "stations", 4, F.LON, lambda lon: lon + 1e-5)
    plan = with_array(plan, "share/core", int(np.argmax(plan.share[:, 0])))
    found = verify(sealed(plan, tmp_path))
    assert named(found.findings) == {
        "verdicts.csv passes",
        "measures.csv value",
        "stations.parquet cost_wan",
        "stations.parquet lon",
        "points.parquet share/core",
    }
    assert found.gap == pytest.approx(case.plan.provenance["gap"], rel=1e-12)


def test_a_finding_says_row_value_and_what_it_should_be(case: Case) -> None:
    plan = with_cell(case.plan, "measures", 5, F.VALUE, lambda value: value + 1)
    (found,) = differences(plan, case.again)
    row = case.plan.measures.iloc[5]
    assert found.line == 7 and found.file == "plan/measures.csv"
    for text in (found.zh, found.en):
        assert f"phase {row[F.PHASE]}" in text and f"measure {row[F.MEASURE]}" in text
        assert repr(float(row[F.VALUE])) in text and repr(float(row[F.VALUE]) + 1) in text


def test_every_column_of_every_table_is_held_against_what_follows(case: Case) -> None:
    """One value changed in every column of every file, on a row drawn by seed: each is named."""
    rng = np.random.default_rng(8)
    tables = {name: frame for name, frame in plan_frames(case.plan).items() if len(frame)}
    plan = case.plan
    for name, frame in tables.items():
        plan = with_other_values(plan, name, rng.integers(len(frame), size=frame.shape[1]))
    found = differences(plan, case.again)
    columns = [f"{Path(name).name} {column}" for name in tables for column in tables[name].columns]
    assert len(columns) > 250
    assert named(found) == set(columns)
    assert {each.file for each in found} == {f"plan/{name}" for name in tables}


def with_other_values(plan: Plan, name: str, rows: Sequence[int]) -> Plan:
    """A plan with another value in each column of one of its files, on a row for each."""
    part = Path(name).stem
    if part == "points":
        for row, column in zip(rows, plan_frames(plan)[name].columns, strict=True):
            plan = with_array(plan, column, row) if "/" in column else plan
    holder = plan.layers if name.startswith("layers/") else plan
    frame = getattr(holder, part).copy()
    for row, column in zip(rows, frame.columns, strict=False):
        values = frame[column].astype(object).to_list()
        values[row] = other_cell(values[row], frame[column].dtype.kind)
        if str(frame[column].dtype) == "geometry":
            frame = frame.set_geometry(values, crs=frame.crs)
        else:
            frame[column] = pd.Series(values, index=frame.index).astype(frame[column].dtype)
    if holder is plan:
        return dataclasses.replace(plan, **{part: frame})
    return dataclasses.replace(plan, layers=dataclasses.replace(plan.layers, **{part: frame}))


def other_cell(value: Any, kind: str) -> Any:
    if isinstance(value, shapely.Geometry):
        return shapely.transform(value, lambda xy: xy + 0.01)
    if pd.isna(value):
        return {"O": "x", "i": 1}.get(kind, 1.0)
    return other_value(value)


def with_array(plan: Plan, column: str, row: int) -> Plan:
    """A plan with another value in one of its arrays, named as its file's column."""
    name, *key = column.split("/")
    array = getattr(plan, name).copy()
    if name == "share":
        place: tuple[int, ...] = (row, plan.scenario.layer_names.index(key[0]))
    else:
        place = (row, plan.scenario.network_names.index(key[0]), F.LEVELS.index(key[1]))
    if array.dtype == np.bool_:
        array[place] = not array[place]
    else:
        array[place] = array[place] - 1 if array[place] > 0 else 1
    return dataclasses.replace(plan, **{name: array})


def test_a_row_that_is_gone_is_named(case: Case) -> None:
    tables = {
        name: Path(name).stem
        for name, frame in plan_frames(case.plan).items()
        if len(frame) and not name.startswith("layers/") and name != "points.parquet"
    }
    shorter = {part: getattr(case.plan, part).iloc[1:] for part in tables.values()}
    found = differences(dataclasses.replace(case.plan, **shorter), case.again)
    assert {each.file for each in found} == {f"plan/{name}" for name in tables}


# inputs, layers, scenario


def test_an_input_that_is_another_file_now_is_named(case: Case, tmp_path: Path) -> None:
    write_toy_county(tmp_path)
    with (tmp_path / "sites.csv").open("a") as file:
        file.write("\n")
    (tmp_path / "roads.geojson").unlink()
    found = verify(case.plan, inputs=tmp_path)
    (finding,) = found.findings
    assert finding.code == "input_changed" and finding.file == str(tmp_path / "sites.csv")
    assert files.digest((tmp_path / "sites.csv").read_bytes()) in finding.en
    states = dict(found.inputs)
    assert (states.pop("sites.csv"), states.pop("roads.geojson")) == ("changed", "missing")
    assert set(states.values()) == {"unchanged"}


def test_a_changed_hash_of_an_input_is_named(case: Case, tmp_path: Path) -> None:
    """In the provenance alone by the layers' own list, in both by the file itself."""
    hashes = {**case.plan.provenance["inputs"], "sites.csv": "ab" * 32}
    alone = sealed(with_facts(case.plan, inputs=hashes), tmp_path / "one")
    assert named(verify(alone).findings) == {"provenance.json inputs.sites.csv"}

    swapped = case.plan.provenance["inputs"]["sites.csv"]
    both = with_layer(
        alone, "sources", F.SHA256, lambda digest: "ab" * 32 if digest == swapped else digest
    )
    plan = sealed(both, tmp_path / "two")
    assert plan.key != case.plan.key
    found = verify(plan, inputs=case.root)
    assert named(found.findings) == {"sites.csv sha256"}


def test_layers_that_are_not_what_the_inputs_hold_are_named(case: Case, tmp_path: Path) -> None:
    """With the inputs by the very column, without them by what follows from it."""
    plan = sealed(with_layer(case.plan, "population", F.PEOPLE, lambda n: n + 1), tmp_path)
    found = verify(plan, inputs=case.root)
    assert named(found.findings) == {"population.parquet people"}
    found = verify(plan)
    assert "provenance.json certificate" in named(found.findings)

    # what nothing is worked out from is found with the inputs only
    named_river = with_layer(case.plan, "water", F.NAME, "{}x".format)
    found = verify(sealed(named_river, tmp_path / "river"), inputs=case.root)
    assert named(found.findings) == {"water.parquet name"}


def test_layers_that_no_reader_would_let_pass_are_no_fault_of_ours(
    case: Case, tmp_path: Path
) -> None:
    plan = sealed(with_layer(case.plan, "sites", F.AZIMUTHS_DEG, lambda _: "x"), tmp_path)
    (finding,) = verify(plan).findings
    assert finding.code == "no_model" and finding.file == "plan/layers"

    nowhere = case.plan.layers.boundary.set_crs(None, allow_override=True)
    layers = dataclasses.replace(case.plan.layers, boundary=nowhere)
    (finding,) = verify(sealed(dataclasses.replace(case.plan, layers=layers), tmp_path)).findings
    assert finding.code == "no_model"


def test_a_finding_about_the_inputs_cannot_be_left_out(case: Case, tmp_path: Path) -> None:
    assert case.plan.layers.notices
    silent = dataclasses.replace(case.plan.layers, notices=())
    plan = sealed(dataclasses.replace(case.plan, layers=silent), tmp_path)
    codes = {each.code for each in verify(plan, inputs=case.root).findings}
    assert "finding_left_out" in codes


def test_another_scenario_is_named(case: Case, tmp_path: Path) -> None:
    scenario = case.plan.scenario.replace(levels={"outdoor": {"rsrp_dbm": -95.0}})
    plan = sealed(dataclasses.replace(case.plan, scenario=scenario), tmp_path)
    found = verify(plan)
    assert {"provenance.json certificate", "provenance.json value[0]", "measures.csv value"} <= (
        named(found.findings)
    )


# files that hold no plan


def test_files_that_were_sealed_and_hold_no_plan_are_refused(case: Case, tmp_path: Path) -> None:
    """Each file with a column less, in turn, with its hash made again: never a fault of our own."""
    case.plan.save(tmp_path)
    record = tmp_path / "plan" / "provenance.json"
    whole = record.read_bytes()
    for name, frame in plan_frames(case.plan).items():
        path = tmp_path / "plan" / name
        before = path.read_bytes()
        less = frame[frame.columns[1:]]
        data = files.csv_bytes(less) if path.suffix == ".csv" else files.parquet_bytes(less)
        path.write_bytes(data)
        facts = json.loads(whole)
        facts["files"][name] = files.digest(data)
        record.write_bytes(files.json_bytes(facts))
        # the columns of an array may be fewer and its others still a plan
        with contextlib.suppress(StorageError):
            assert named(differences(planner.load_plan(tmp_path), case.again)), name
        path.write_bytes(before)


@pytest.mark.slow
def test_the_packaged_plan_holds(tmp_path: Path) -> None:
    planner.run(planner.Scenario.from_file(planner.packaged_case()), tmp_path)
    code, said = command("verify", tmp_path)
    assert code == 0 and "proven gap 0.36 %" in said and "unchanged 10" in said
