"""To carriers and the tower company: lists per network and phase.

Heads and their order are data, in ``profiles/``.
"""

from planner.exports.formats import list_formats
from planner.exports.lists import make_lists
from planner.exports.profile import Profile

__all__ = ["Profile", "list_formats", "make_lists"]
