"""The list of what a new case has and lacks, for the person who goes on with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.errors import visible
from planner.layers.files import Source


class Line:
    """A line of the list: which text, and what is filled in."""

    def __init__(self, text: str, **facts: Any) -> None:
        self.text = text
        self._facts = facts

    def said(self, texts: Mapping[str, Mapping[str, str]], code: str) -> str:
        """The line in one language."""
        joint = "、" if code == "zh" else ", "
        facts = {
            name: joint.join(fact) if isinstance(fact, list) else fact
            for name, fact in self._facts.items()
        }
        shown = {
            name: visible(fact) if isinstance(fact, str) else f"{fact:,}"
            for name, fact in facts.items()
        }
        return texts[self.text][code].format(**shown)


def write_list(
    texts: Mapping[str, Any],
    name: str,
    scenario: str,
    have: list[Line],
    lack: list[Line],
    invented: list[Line],
    raw: Mapping[str, Source],
) -> str:
    """The list as Markdown, Chinese first, then the same in English."""
    parts = []
    for code in ("zh", "en"):
        own = texts["list"]
        lines = [f"# {own['title'][code].format(name=visible(name))}", ""]
        lines += [own["begin"][code].format(file=scenario), ""]
        for heading, part in (("have", have), ("lack", lack), ("invented", invented)):
            if part:
                lines += [f"## {own[heading][code]}", ""]
                lines += [f"- {line.said(texts[heading], code)}" for line in part]
                lines.append("")
        lines += [f"## {own['raw'][code]}", ""]
        lines += [f"- {visible(file)}: sha256 {raw[file].sha256}" for file in sorted(raw)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
