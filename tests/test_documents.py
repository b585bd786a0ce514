"""What the documents point at is there, and both languages say the same commands."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from typer.main import get_command

from planner import pipeline
from planner.cli import app

CHECKOUT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md")
READMES = DOCUMENTS[:2]


def read(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def code_blocks(text: str) -> list[str]:
    """Code between fences, without comments: those are in the reader's language."""
    return [
        re.sub(r"\s*#.*", "", block)
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", read(name)) if "://" not in link]
    missing = [link for link in links if not (CHECKOUT / link).exists()]
    assert not missing, f"{name} points at what is not there: {missing}"


@pytest.mark.parametrize("name", DOCUMENTS[:3])
def test_files_that_are_named_are_there(name: str) -> None:
    # What a recipe writes, in its blocks and in bold above them, is not there yet.
    text = re.sub(r"^```.*?^```", "", read(name), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\*\*`[^`]+`\*\*", "", text)
    folders = "planner|tests|scripts|data|docs|benchmarks|requirements|notebooks"
    named = set(re.findall(rf"`((?:{folders})/[^`\s]*)", text))
    assert named
    missing = [path for path in named if not any(CHECKOUT.glob(re.sub(r"<\w+>", "*", path)))]
    assert not missing, f"{name} names what is not there: {sorted(missing)}"


def test_the_changelog_goes_back_day_by_day() -> None:
    heads = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
    days = [date.fromisoformat(head) for head in heads]
    assert days == sorted(set(days), reverse=True)


def test_both_readmes_show_the_same_code() -> None:
    english, chinese = map(code_blocks, map(read, READMES))
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_exactly_the_commands_there_are(name: str) -> None:
    named = set(re.findall(r"`planner ([a-z]+)", read(name)))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_the_readme_draws_the_way_that_the_pipeline_goes() -> None:
    (way,) = re.findall(r"``([^`]*->[^`]*)``", pipeline.__doc__ or "")
    way = " ".join(way.split())
    assert f"`{way.lower()}`" in read("README.md")
    (chinese,) = re.findall(r"`(情景 -> .*)`", read("README.zh.md"))
    assert chinese.count("->") == way.count("->")
