"""The terminal itself: nothing that people wrote, named or sent is obeyed by it.

Every text of the program goes to the terminal through this module.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

from planner.errors import visible

PIPED_WIDTH: Final = 160
"""Columns of a table that is not cut to the width of a terminal."""


def say(text: object, *, stderr: bool = False) -> None:
    """Print lines of text; of what a terminal would obey only the ends of lines are kept."""
    print(visible(str(text), keep="\n"), file=sys.stderr if stderr else sys.stdout)


def say_all(lines: Iterable[object]) -> None:
    """Print things, each on lines of its own."""
    for line in lines:
        say(line)


def terminal(*, stderr: bool = False) -> Console:
    """Where tables and progress are drawn; without colours when it is piped."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPED_WIDTH
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


def plain(text: object, style: str = "") -> Text:
    """A text for a table as it stands: brackets and colons of people are no markup."""
    return Text(visible(str(text)), style=style)
