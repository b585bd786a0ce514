"""WHAT IS THERE: one reader for each kind of input, checks and notices -> Layers.

Every rejected row is accounted for.
"""

from planner.layers.inputs import find_project, input_digests
from planner.layers.packaged import copy_case, packaged_case
from planner.layers.read import layers_in_use, look_at_layers, read_layers
from planner.layers.work_crs import with_crs_of

__all__ = [
    "copy_case", "find_project", "input_digests", "layers_in_use", "look_at_layers",
    "packaged_case", "read_layers", "with_crs_of",
]  # fmt: skip
