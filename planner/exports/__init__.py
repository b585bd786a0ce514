"""To carriers and the tower company: lists per network and phase.

Heads and their order are data, in ``profiles/``.
"""

from planner.exports.formats import list_formats
from planner.exports.lists import export_lists
from planner.exports.profile import Profile
from planner.exports.review_tables import answer_table, change_table, difficult_table

__all__ = [
    "Profile",
    "answer_table",
    "change_table",
    "difficult_table",
    "export_lists",
    "list_formats",
]
