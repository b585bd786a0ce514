"""What CONTRIBUTING tells is true: its blocks, pasted as it says, do what they are for.

They are pasted into a copy of the checkout and into the toy county, and looked at as a user would,
by the commands.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from python_calamine import CalamineWorkbook

from tests.toy import write_toy_county

CHECKOUT = Path(__file__).resolve().parents[1]
CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^\*\*`([^`\n]+)`\*\*[^\n]*:\n\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RECIPES = (
    "A layer", "A network", "A list format", "A pass rule", "A propagation model", "A language",
)  # fmt: skip
SCENARIO, AREAS = "trial/scenarios/tinghu.yaml", "trial/tinghu/osm/areas.geojson"

pytestmark = pytest.mark.slow  # the commands together


def blocks(recipe: str) -> dict[str, str]:
    """What the recipe says goes into which file."""
    (section,) = re.findall(rf"^## {recipe}\n(.*?)(?=^## )", CONTRIBUTING, re.DOTALL | re.MULTILINE)
    found = {path: text for path, _, text in BLOCK.findall(section)}
    named = len(re.findall(r"^```(?!bash)\w+$", section, re.MULTILINE))
    assert len(found) == named > 0, f"a block of '{recipe}' has no file above it"
    return found


def pasted(there: Any, added: Any) -> Any:
    """Two parts of a scenario as one: entries behind those of other names, keys into their part."""
    if isinstance(there, Mapping) and isinstance(added, Mapping):
        return {**there, **{key: pasted(there.get(key), value) for key, value in added.items()}}

    # A list of named entries is pasted by name, any other list stands for the one that is there.
    lists = isinstance(there, list) and isinstance(added, list)
    if lists and all(isinstance(entry, dict) for entry in added):
        old, new = ({entry["name"]: entry for entry in entries} for entries in (there, added))
        return list(pasted(old, new).values())
    return added


@dataclass(frozen=True)
class Trial:
    """The copy with all blocks in it, the run of the county, and what the commands printed."""

    root: Path
    out: Path
    said: Mapping[str, str]

    def table(self, name: str) -> pd.DataFrame:
        """A table of the plan as it lies in the run folder."""
        path = self.out / "plan" / name
        if path.suffix == ".csv":
            return pd.read_csv(path, keep_default_na=False)
        return pd.read_parquet(path)

    def page(self, block: str) -> Any:
        """A block of data of the page: ``plan0``, or ``words`` by language."""
        text = (self.out / "map.html").read_text(encoding="utf-8")
        (data,) = re.findall(rf'<script type="application/json" id="{block}">(.*?)</script>', text)
        return json.loads(data)

    def workbook(self, language: str) -> str:
        """All text of the report's tables in a language."""
        book = CalamineWorkbook.from_path(str(self.out / f"report-{language}" / "tables.xlsx"))
        sheets = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
        return "\n".join(str(cell) for sheet in sheets for row in sheet for cell in row)


def command(root: Path, *arguments: object) -> str:
    """What a command of the copy prints; it must do what it is asked."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("planner", "tests", "data"):  # with what is compiled: the files keep their times
        shutil.copytree(CHECKOUT / folder, root / folder)
    shutil.copy(CHECKOUT / "pyproject.toml", root)

    county, out = write_toy_county(root / "county"), root / "out"
    for recipe in RECIPES:
        for path, text in blocks(recipe).items():
            paste(root, county, path, text)

    orders: dict[str, tuple[object, ...]] = {
        "check": ("check", county),
        "run": ("run", county, "-o", out),
        "help": ("report", "--help"),
        "export": ("export", out, "--format", "jsonl", "-o", out / "jsonl"),
        "schema": ("schema",),
    }
    for language in ("zh", "fr"):
        orders[language] = ("report", out, "--language", language, "-o", out / f"report-{language}")
    asked = json.dumps({name: [*map(str, order)] for name, order in orders.items()})
    said = json.loads(command(root, "-c", COMMANDS, asked))
    return Trial(root, out, said)


COMMANDS = """
import contextlib, io, json, sys
from planner import cli, radio
from planner.report import frame

frame.DPI = 50  # nobody looks at the figures
said = {}
for name, order in json.loads(sys.argv[1]).items():
    sys.argv[1:] = order
    code = None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            cli.main()
        except SystemExit as left:
            code = left.code
    said[name] = printed.getvalue()
    assert not code, (order, said[name])

scene = radio.Propagation(model="UMa-optional", h_bs_m=25.0)
budget = radio.link_budget(radio.RadioParameters(), radio.BANDS["n78"], scene)
print(json.dumps({**said, "range_m": str(budget.range_m)}))
"""
"""Runs commands in one process of the copy, each of which must do what it is asked."""


def paste(root: Path, county: Path, path: str, text: str) -> None:
    """Put a block where CONTRIBUTING says; what is for the packaged case goes into the county."""
    if path == SCENARIO:
        tree = pasted(yaml.safe_load(county.read_text(encoding="utf-8")), yaml.safe_load(text))
        scenario = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
        county.write_text(scenario, encoding="utf-8")
    elif path == AREAS:
        areas = county.with_name("areas.geojson")
        first, rest = areas.read_text(encoding="utf-8").split("\n", 1)
        areas.write_text(f"{first}\n{text}{rest}", encoding="utf-8")
    else:
        file = root / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


def test_nothing_is_refused(trial: Trial) -> None:
    assert "错误 errors 0" in trial.said["check"]


def test_the_layer_is_planned_and_judged(trial: Trial) -> None:
    verdicts = trial.table("verdicts.csv")
    schools = verdicts[verdicts["layer"] == "schools"]
    assert len(schools) == 3 * 3 * 2  # phases, networks, levels
    assert not schools["passes"].all() and (schools.loc[~schools["passes"], "fail_share"] > 0).any()
    printed = [line.strip() for line in trial.said["run"].splitlines()]
    assert len([line for line in printed if line.startswith("学校")]) == 3 * 2
    assert "学校" in trial.workbook("zh") and "Schools" in trial.workbook("fr")
    label = trial.page("plan0")["layers"][-1]["label"]
    assert (label["zh"], label["en"], label["fr"]) == ("学校", "Schools", "Schools")


def test_the_network_opens_in_phase_1_and_not_before(trial: Trial) -> None:
    stations = trial.table("stations.parquet")
    built = stations[stations["network"] == "industry"].dropna(subset=["phase"])
    assert built["phase"].min() == 1
    assert set(built["band"]) == {"n79"}
    assert "network_not_on_air" in trial.said["check"]
    assert "network_opens_nothing" not in trial.said["run"]
    assert any("行业专网" in path.name for path in (trial.out / "lists").iterdir())
    assert trial.page("plan0")["networks"][-1]["label"]["zh"] == "行业专网"


def test_the_format_is_found_and_holds_every_station(trial: Trial) -> None:
    paths = [Path(line) for line in trial.said["export"].splitlines()]
    assert len(paths) == 3 * 4  # networks; phases and all together
    assert {path.suffix for path in paths} == {".jsonl"}
    cumulative = [path.read_text(encoding="utf-8") for path in paths if "累计" in path.name]
    rows = [json.loads(line) for text in cumulative for line in text.splitlines()]
    stations = trial.table("stations.parquet").dropna(subset=["rank"])
    assert sorted(row["规划编号"] for row in rows) == sorted(stations["station_id"])


def test_the_rule_is_judged_at_every_count(trial: Trial) -> None:
    by_count, points = trial.table("by_count.parquet"), trial.table("points.parquet")
    core = points[points["share/core"] > 0]
    for network in ("mobile", "telecom-unicom", "industry"):
        unserved = by_count[f"core/{network}/outdoor/unserved"]
        people, rank = core["people"].to_numpy(), core[f"first/{network}/outdoor"].to_numpy()
        counted = [people[rank >= count].sum() for count in by_count.index]
        assert np.allclose(unserved, counted, atol=0.5)
        over = by_count[f"core/{network}/outdoor/fail_unserved"]
        assert (over == np.ceil(np.maximum(unserved - 1000.0, 0.0))).all() and (over > 0).any()
        assert not by_count.loc[over > 0, f"core/{network}/outdoor/passes"].any()


def test_the_rule_is_told_in_both_languages(trial: Trial) -> None:
    verdicts = trial.table("verdicts.csv")
    row = verdicts[(verdicts["layer"] == "core") & (verdicts["fail_unserved"] > 0)].iloc[-1]
    assert f"超{row['fail_unserved']:.0f}人" in trial.said["run"]
    assert "，且未覆盖居民≤1000人" in trial.workbook("zh")
    assert " et at most 1000 residents unserved" in trial.workbook("fr")
    core = trial.page("plan0")["layers"][0]
    assert core["rule_text"]["zh"].endswith("未覆盖≤1000人")
    assert core["rule_text"]["en"].endswith("unserved ≤ 1000")
    words = trial.page("words")
    assert words["zh"]["failure.unserved"] == "超{number}人"
    for language in ("en", "fr"):
        assert words[language]["failure.unserved"] == "{number} people too many"


def test_the_model_is_used_where_the_scenario_names_it(trial: Trial) -> None:
    stations = trial.table("stations.parquet")
    urban = stations["scene"] == "urban"
    assert urban.any() and (stations["model"].eq("UMa-optional") == urban).all()
    # the axis meets the ground at the range of the model into buildings: 25 m above the street,
    # and cells no smaller than 2/3 of the distance of candidates
    tilt = round(math.degrees(math.atan2(23.5, max(float(trial.said["range_m"]), 200.0))))
    assert tilt in set(stations.loc[urban & (stations["band"] == "n78"), "tilt_deg"])
    names = json.loads(trial.said["schema"])["$defs"]["Propagation"]
    assert names["properties"]["model"]["enum"][-1] == "UMa-optional"


def test_the_language_says_its_own_words_and_english_behind_them(trial: Trial) -> None:
    table, page = trial.workbook("fr"), trial.page("words")["fr"]
    assert "Extérieur" in table and "insuffisant" in table and "Coverage and continuity" in table
    assert page["level.outdoor"] == "Extérieur"
    assert page["verdict.pass"] == "conforme"
    assert page["state.open"] == "open"
    assert re.search(r"language: zh, .*\bfr\b", trial.said["help"])


def test_the_pasted_tests_pass_and_the_house_asks_of_what_was_pasted(trial: Trial) -> None:
    pasted_tests = [
        path for recipe in RECIPES for path in blocks(recipe) if path.startswith("tests/")
    ]
    assert len(pasted_tests) == 3
    asked = ("tests/rules/test_registry.py", "tests/words", "tests/radio/test_models.py")
    command(trial.root, "-m", "pytest", "-q", "-p", "no:cacheprovider", *pasted_tests, *asked)


def test_the_pasted_code_is_in_style(trial: Trial) -> None:
    code = [path for recipe in RECIPES for path in blocks(recipe) if path.endswith(".py")]
    assert len(code) == 6
    command(trial.root, "-m", "ruff", "check", "--no-cache", *code)
    command(trial.root, "-m", "ruff", "format", "--no-cache", "--check", *code)
