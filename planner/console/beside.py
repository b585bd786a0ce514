"""Two languages beside each other: whoever runs the planner may read either."""

from __future__ import annotations

from typing import Any, Final

from planner.words import language

OFFICE: Final = language("zh")
"""What is shown once is shown in the office's language."""

GUEST: Final = language("en")


def beside(*path: str, **values: Any) -> str:
    """What a code is called in Chinese and English: ``基站 stations``; once where they agree."""
    texts = (OFFICE(*path, **values), GUEST(*path, **values))
    return " ".join(dict.fromkeys(filter(None, texts)))
