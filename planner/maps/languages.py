"""What the page says, in every language that there is a folder of words for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from planner.words import Language, known_languages, language

Said = TypeVar("Said")

GROUPS: Final = (
    "azimuth_reason", "basis", "borderline", "build_type", "failure", "from_count", "language",
    "level", "measure", "never_passes", "plan_key", "scene", "siting", "state", "unit", "verdict",
)  # fmt: skip
"""Codes that the page itself names; beside them it has the words of its own, ``page``."""


def every(say: Callable[[Language], Said]) -> dict[str, Said]:
    """A text of the data, or several, in every language, by the language's code."""
    return {code: say(language(code)) for code in known_languages()}


def page_words() -> dict[str, dict[str, str]]:
    """Texts by language and code, the office's own language first.

    ``page.`` is left off the codes of the page's own texts.
    """
    return {code: _texts(language(code)) for code in known_languages()}


def in_all(code: str) -> str:
    """A text in one language after the other, for whoever reads either."""
    return " ".join(dict.fromkeys(every(lambda words: words(code)).values()))


def _texts(words: Language) -> dict[str, str]:
    texts = sorted(words.under("page", *GROUPS).items())
    return {code.removeprefix("page."): text for code, text in texts}
