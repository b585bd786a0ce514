"""Every language has its words in one folder; Chinese and English say the same codes."""

from __future__ import annotations

import re

import pytest

from planner.errors import ScenarioError
from planner.words import known_languages, language

BRACES = re.compile(r"\{(\w*)")


def test_chinese_and_english_have_the_same_codes() -> None:
    assert language("zh").keys() == language("en").keys()


@pytest.mark.parametrize("code", known_languages())
def test_a_language_knows_no_code_and_no_value_that_chinese_does_not(code: str) -> None:
    words, chinese = language(code), language("zh")
    assert words.chain[-1] == "zh"
    assert words.keys() <= chinese.keys()
    for key in words.keys() & chinese.keys():
        given, asked = (set(BRACES.findall(one.find(key) or "")) for one in (chinese, words))
        assert asked <= given, key


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(ScenarioError, match="unknown language 'xx'; known: zh"):
        language("xx")
