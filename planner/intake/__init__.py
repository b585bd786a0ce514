"""FROM WHAT ONE HAS TO A CASE: raw files of a district -> a folder that can be planned.

``given`` is what somebody has, ``borders`` finds the district in it, ``openstreetmap`` maps an
extract by ``tags.yaml``, ``invented`` makes up what is asked to be made up, ``case`` writes the
folder, ``missing`` the list of what was not there. Files are opened by :mod:`planner.layers`, in
its child.
"""

from planner.intake.case import Made, make_case
from planner.intake.given import Given

__all__ = ["Given", "Made", "make_case"]
