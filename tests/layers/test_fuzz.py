"""Damaged files: never a traceback, never a lost row, the same answer twice."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError, Notice, ScenarioError
from planner.layers import look_at_layers, read_layers, reader
from planner.layers.formats import child
from planner.scenario import Scenario
from tests.damage import ODD, Seed, damaged, judge, write_seeds
from tests.toy import write_toy_county

ROUNDS = 12
FILES = (
    "sites.csv", "population.csv", "towns.csv", "areas.geojson", "roads.geojson",
    "boundary.geojson", "MANIFEST.csv",
    "scenario.yaml",
)  # fmt: skip


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seed")
    write_toy_county(folder)
    return folder


def damaged_cases(seed: Path, folder: Path, dice: random.Random) -> Iterator[str]:
    """Copies of the county, each with one file damaged; yields the name of the file."""
    for _ in range(ROUNDS):
        shutil.copytree(seed, folder, dirs_exist_ok=True)
        name = dice.choice(FILES)
        what, data = damaged((seed / name).read_bytes(), dice)
        (folder / name).write_bytes(data)
        yield f"{what} of {name}"


def answer(scenario: Path) -> tuple[Notice, ...]:
    """Every finding about a case, those about the scenario too; nothing else may be raised."""
    try:
        return look_at_layers(Scenario.from_file(scenario))[1].notices
    except ScenarioError as error:
        return error.notices or (Notice("refused", "E", error.zh, error.en),)


@pytest.mark.parametrize("number", range(4))
def test_a_damaged_case_is_read_or_refused_with_notices(
    seed: Path, tmp_path: Path, number: int
) -> None:
    for what in damaged_cases(seed, tmp_path / "case", random.Random(number)):
        for notice in answer(tmp_path / "case" / "scenario.yaml"):
            assert notice.zh, what
            assert notice.en, what
            assert len(notice.value) <= 80, what


def test_a_damaged_case_gets_the_same_answer_twice(seed: Path, tmp_path: Path) -> None:
    for what in damaged_cases(seed, tmp_path / "case", random.Random(99)):
        path = tmp_path / "case" / "scenario.yaml"
        assert answer(path) == answer(path), what


def test_every_row_of_a_table_is_kept_or_named(seed: Path, tmp_path: Path) -> None:
    """Whatever single cells are damaged: a row is in the layers, or a notice names its line."""
    dice = random.Random(5)
    for _ in range(ROUNDS):
        shutil.copytree(seed, tmp_path / "case", dirs_exist_ok=True)
        path = tmp_path / "case" / "population.csv"
        rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        for _ in range(dice.randint(1, 10)):
            row = dice.randrange(1, len(rows))
            rows[row][dice.randrange(4)] = dice.choice(
                [word for word in ODD if len(word) < 500 and "\udce9" not in word]
            )
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
        scenario = Scenario.from_file(tmp_path / "case" / "scenario.yaml")
        named = {
            notice.line
            for notice in look_at_layers(scenario)[1].notices
            if notice.file == "population.csv" and notice.severity != "I"
        }
        try:
            kept = len(read_layers(scenario).population)
        except InputError:
            assert named
            continue
        assert kept + len(named - {None}) >= len(rows) - 1


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Seed]]:
    """A file of every format for every kind that it can hold."""
    folder = tmp_path_factory.mktemp("seeds")
    return folder, write_seeds(folder)


def rounds(
    seeds: tuple[Path, list[Seed]], number: int, count: int, suffixes: tuple[str, ...] = ("",)
) -> Iterator[tuple[str, Path, Seed]]:
    """Damaged files, one after the other; each is whole again after its turn."""
    folder, every = seeds
    some = [seed for seed in every if seed.name.endswith(suffixes)]
    dice = random.Random(number)
    for _ in range(count):
        seed = dice.choice(some)
        path = folder / seed.name
        whole = path.read_bytes()
        what, data = damaged(whole, dice)
        path.write_bytes(data)
        yield f"{what} of {seed.name}", folder, seed
        path.write_bytes(whole)


def test_every_seed_is_read_as_it_is(seeds: tuple[Path, list[Seed]]) -> None:
    """Every format that another program here writes, for every kind: used, without an error."""
    refused = [seed.name for seed in seeds[1] if not judge(seeds[0], seed).is_used]
    assert refused == []


@pytest.mark.parametrize("number", range(4))
def test_a_damaged_file_of_any_format_ends_in_findings(
    seeds: tuple[Path, list[Seed]], number: int
) -> None:
    """50 rounds each, in the child that opens files; ``scripts/damage`` does thousands."""
    for what, folder, seed in rounds(seeds, number, 50):
        try:
            judge(folder, seed)
        except Exception as fault:
            raise AssertionError(what) from fault


TEXTS = (".csv", ".tsv", ".txt", ".json", ".geojson", ".geojsonl")


@pytest.mark.parametrize("number", range(2))
def test_a_damaged_text_ends_in_findings_in_this_process_too(
    seeds: tuple[Path, list[Seed]], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the child around it, so that nothing but the readers themselves is asked."""

    def ask(
        path: Path, file_format: str, _size: int, options: dict[str, Any]
    ) -> tuple[dict[str, Any], bytes]:
        request = {"path": str(path), "format": file_format, "options": options}
        message, data = child.answer(request)
        assert "fault" not in message, message
        return json.loads(json.dumps(message)), data

    monkeypatch.setattr(reader, "ask", ask)
    for what, folder, seed in rounds(seeds, 10 + number, 100, TEXTS):
        try:
            judge(folder, seed)
        except Exception as fault:
            raise AssertionError(what) from fault
