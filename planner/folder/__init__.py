"""THE ONE WRITER of run folders: a run replaces a run as a whole, or not at all.

Files are written beside, hashed in a manifest with the key of their plan, then moved by a journal.
Until the journal stands, a death leaves the earlier plan as it was; from then on every command on
the folder, a reading one too, first brings the moves to their end. What the planner did not write,
or what somebody changed since, is never lost.

``place`` opens a folder for writing and reads from one, ``change`` makes a change and brings it to
its end, ``state`` is what the folder says of itself in ``.planner/``. The room knows no plan: it
takes names, bytes and a key.
"""

from planner.folder.change import Change
from planner.folder.place import (
    SHORT_KEY,
    Place,
    check_suitable,
    into,
    opened,
    read_whole,
    recover,
    stale_files,
)
from planner.folder.state import STATE, Manifest

__all__ = [
    "SHORT_KEY", "STATE", "Change", "Manifest", "Place", "check_suitable", "into", "opened",
    "read_whole", "recover", "stale_files",
]  # fmt: skip
