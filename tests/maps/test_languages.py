"""The words of the page: data for every language with a folder, none known to the script."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from planner.maps import page_html, payload
from planner.maps.languages import in_all, page_words
from planner.maps.shell import page_sources
from planner.model import Plan
from planner.words import known_languages, language

WORDS = Path(__file__).parents[2] / "planner" / "words"
THIRD = "language: {name: Third, html: xx, fallback: en}\npage: {compare: COMPARE IN THE THIRD}\n"


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third language: one more folder with what it is called, one word, and English behind it."""
    folder = tmp_path / "words"
    for code in ("zh", "en"):
        shutil.copytree(WORDS / code, folder / code)
    (folder / "xx").mkdir()
    (folder / "xx" / "language.yaml").write_text(THIRD, encoding="utf-8")
    elsewhere = SimpleNamespace(files=lambda _: folder)
    monkeypatch.setattr(sys.modules["planner.words.language"], "resources", elsewhere)
    _forget()
    yield
    _forget()


def _forget() -> None:
    language.cache_clear()
    known_languages.cache_clear()


@pytest.mark.usefixtures("third")
def test_a_third_language_reaches_the_page_with_the_one_behind_it_filled_in(plan: Plan) -> None:
    words = page_words()
    assert list(words) == ["zh", "en", "xx"]
    own = {code for code, text in words["xx"].items() if text != words["en"][code]}
    assert own == {"compare", "language.name", "language.html", "language.fallback"}
    data = payload(plan)
    assert [list(layer["rule_text"]) for layer in data["layers"]] == [["zh", "en", "xx"]] * len(
        data["layers"]
    )
    assert data["money"]["xx"] == data["money"]["en"] == plan.scenario.references.money.label_en
    assert data["title"]["xx"] == data["title"]["en"]


@pytest.mark.browser
@pytest.mark.usefixtures("third")
def test_the_page_offers_a_third_language(
    plan: Plan, opened: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "map.html").write_bytes(page_html(plan))
    with opened(tmp_path / "map.html") as page:
        shown = {}
        for code, following in (("zh-CN", "English"), ("en", "Third"), ("xx", "中文")):
            assert page.evaluate("document.documentElement.lang") == code
            assert page.inner_text(".language") == following
            page.wait_for_timeout(250)
            shown[code] = page.inner_text("body").splitlines()
            page.click(".language")
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
    pairs = {(was, now) for was, now in zip(shown["en"], shown["xx"], strict=True) if was != now}
    assert pairs == {("Compare", "COMPARE IN THE THIRD"), ("Third", "中文")}
    assert shown["zh-CN"] != shown["en"]


def test_the_words_are_what_the_script_names() -> None:
    script = "\n".join(page_sources().values())
    begun = tuple(re.findall(r"`([\w.]+[._])\$\{", script))
    groups = tuple(f"{group}." for group in re.findall(r"named\(\"(\w+)\"", script))
    named = set(re.findall(r"\"([\w.]+)\"", script))
    own = set(page_words()["zh"])
    said = set(re.findall(r"(?:\bt\(|unfilled\(|word: )\"([\w.]+)\"", script))
    assert len(said) > 100
    assert not said - own, "the script names words that are not there"
    ours = {
        code.removeprefix("page.") for code in sorted(language().keys()) if code.startswith("page.")
    }
    unused = {code for code in ours - named if not code.startswith((*begun, *groups))}
    assert not unused, "nobody shows these words"


@pytest.mark.parametrize("code", known_languages())
def test_braces_are_names_that_the_script_can_fill(code: str) -> None:
    for key, text in page_words()[code].items():
        inside = re.findall(r"\{([^}]*)\}", text)
        assert all(re.fullmatch("[a-z]+", name) for name in inside), (key, text)
        assert sorted(inside) == sorted(re.findall(r"\{([^}]*)\}", page_words()["zh"][key])), (
            key,
            text,
        )


def test_the_document_says_what_it_needs_in_every_language() -> None:
    for key in ("document.needs", "document.print"):
        assert all(language(code)(key) in in_all(key) for code in known_languages())
