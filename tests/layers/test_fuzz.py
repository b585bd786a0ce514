"""Damaged files: never a traceback, never a lost row, the same answer twice."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planner.errors import InputError, Notice, ScenarioError
from planner.layers import look_at_layers, read_layers
from planner.scenario import Scenario
from tests.toy import write_toy_county

ROUNDS = 12
FILES = (
    "sites.csv", "population.csv", "towns.csv", "areas.geojson", "roads.geojson",
    "boundary.geojson", "MANIFEST.csv",
    "scenario.yaml",
)  # fmt: skip
ODD = [
    "", "-1", "0", "1e308", "1e999", "nan", "Infinity", "null", "NULL", "NA", "=1+1", "{{7*7}}",
    "{0}", "%s", "'",
    '"', "''", "[", "]", "{", "}", ",", (","
                                        ","), "\n", "\r\n", "\x00", "\ufeff", "１２", "120°7′",
                                        "#REF!", "../x",
    "http://x", "/vsicurl/x", "9" * 400, "x" * 200_000, "[[[[", "true", "\udce9", "站", "\u202e",
    "120.1", "-99999",
]  # fmt: skip


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seed")
    write_toy_county(folder)
    return folder


def flip_bytes(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def splice(data: bytes, dice: random.Random) -> bytes:
    at, length = dice.randrange(len(data)), dice.randint(0, 40)
    return data[:at] + dice.choice(ODD).encode("utf-8", "surrogateescape") + data[at + length :]


def move_block(data: bytes, dice: random.Random) -> bytes:
    a, b = sorted(dice.randrange(len(data)) for _ in range(2))
    at = dice.randrange(len(data))
    return data[:at] + data[a : min(b, a + 300)] + data[at:]


def swap_words(data: bytes, dice: random.Random) -> bytes:
    parts = data.decode().split(",")
    a, b = (dice.randrange(len(parts)) for _ in range(2))
    parts[a], parts[b] = parts[b], dice.choice([parts[a], *ODD])
    return ",".join(parts).encode("utf-8", "surrogateescape")


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bytes,
    cut,
    splice,
    move_block,
    swap_words,
)


def damaged(seed: Path, folder: Path, dice: random.Random) -> Iterator[str]:
    """Copies of the county, each with one file damaged; yields the name of the file."""
    for _ in range(ROUNDS):
        shutil.copytree(seed, folder, dirs_exist_ok=True)
        name = dice.choice(FILES)
        mutate = dice.choice(MUTATIONS)
        (folder / name).write_bytes(mutate((seed / name).read_bytes(), dice))
        yield f"{mutate.__name__} of {name}"


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
    for what in damaged(seed, tmp_path / "case", random.Random(number)):
        for notice in answer(tmp_path / "case" / "scenario.yaml"):
            assert notice.zh, what
            assert notice.en, what
            assert len(notice.value) <= 80, what


def test_a_damaged_case_gets_the_same_answer_twice(seed: Path, tmp_path: Path) -> None:
    for what in damaged(seed, tmp_path / "case", random.Random(99)):
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
