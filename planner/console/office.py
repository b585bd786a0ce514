"""The office's language: what is shown once is shown in it."""

from __future__ import annotations

from typing import Final

from planner.words import language

OFFICE: Final = language("zh")
