"""Whose plan an answer is to: lists and marks carry the 方案编号 of theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from planner.folder import SHORT_KEY
from planner.layers.findings import Findings

_WRITTEN: Final = re.compile(f"[0-9a-f]{{{SHORT_KEY}}}")


def name_other_plans(written: Iterable[Any], own: str, file: str, findings: Findings) -> None:
    """A finding for each other plan to which answers of a file are.

    Parameters
    ----------
    written
        What stands beside each answer; anything but a 方案编号, such as the key that pages wrote
        before there was one, says nothing.
    own
        方案编号 of the plan that is reviewed; empty = not compared.
    file, findings
        The file, and the book of findings.
    """
    texts = (text.strip().lower() for text in written if isinstance(text, str))
    counts = Counter(text for text in texts if _WRITTEN.fullmatch(text) and text != own)
    for other, count in sorted(counts.items()) if own else ():
        findings.add("other_plan", file=file, count=count, other=other, own=own)
