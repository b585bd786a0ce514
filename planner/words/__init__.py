"""WHAT IT IS CALLED: the words of every code, and how figures are written.

Words are data: a folder for each language, ``zh/``, ``en/``, of YAML files whose nested keys are
codes. A further language is a further folder; what it does not say is said in the language that it
names as its ``fallback``. Rooms that compute hold codes and never import this one.
"""

from planner.words.figures import (
    LENGTH_STEPS,
    LEVEL_STEPS,
    SHARE_STEPS,
    Form,
    figure_parts,
    percent,
    rounded,
    shown_share,
    shown_size,
)
from planner.words.language import DEFAULT, Language, beside, known_languages, language

__all__ = [
    "DEFAULT", "LENGTH_STEPS", "LEVEL_STEPS", "SHARE_STEPS", "Form", "Language", "beside",
    "figure_parts", "known_languages", "language", "percent", "rounded", "shown_share",
    "shown_size",
]  # fmt: skip
