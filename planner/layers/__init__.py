"""WHAT IS THERE: one reader for each kind of input, checks and notices -> Layers.

Every rejected row is accounted for. How a file is opened (:mod:`planner.layers.formats`, in a child
process with limits) stands apart from what it means.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from planner.layers.packaged import copy_case, packaged_case

if TYPE_CHECKING:
    from planner.layers.alone import KINDS, look_at_file, sheet_of
    from planner.layers.findings import Account
    from planner.layers.inputs import contents_of, find_project, input_digests
    from planner.layers.read import has_feature, layers_in_use, look_at_layers, read_layers
    from planner.layers.states import file_states
    from planner.layers.work_crs import with_crs_of

__all__ = [
    "KINDS", "Account", "contents_of", "copy_case", "file_states", "find_project", "has_feature",
    "input_digests", "layers_in_use", "look_at_file", "look_at_layers", "packaged_case",
    "read_layers", "sheet_of", "with_crs_of",
]  # fmt: skip

_WHERE = {
    "Account": "findings", "KINDS": "alone", "contents_of": "inputs", "file_states": "states",
    "find_project": "inputs",
    "input_digests": "inputs", "look_at_file": "alone", "sheet_of": "alone",
    "with_crs_of": "work_crs",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load the readers when they are first used: the child that opens files needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module 'planner.layers' has no attribute {name!r}")
    return getattr(import_module(f"planner.layers.{_WHERE.get(name, 'read')}"), name)
