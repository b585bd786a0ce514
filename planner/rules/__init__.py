"""WHEN A LAYER PASSES: each pass rule one object, limit, figures and verdict. Arrays only.

A place is served from the count after its rank on: at count n it is dark when ``rank >= n``; one of
rank -1 is served at every count. From the ranks of a layer's places a rule says at every count at
once how much it fails by; a few go by what is heard instead (``heard.py``). A further rule is a
further module of this folder with an object ``RULE`` (CONTRIBUTING writes one out); its words stand
in each language's folder under ``rule``, ``rule_brief``, ``failure`` and ``measure``, its place in
a scenario file is made from it.
"""

from planner.rules.gap import LENGTH_SLACK_M
from planner.rules.ground import HECTARE_M2, Ground, area_ground, road_ground
from planner.rules.heard import reached_by
from planner.rules.judge import NEAR_COUNT, Asked, Judged, judge, opened_rank, reserve_db, turning
from planner.rules.pieces import failing_pieces
from planner.rules.registry import RULES, UNITS, asked, failing, limit_texts
from planner.rules.residents import served_people
from planner.rules.rule import Rule

__all__ = [
    "HECTARE_M2", "LENGTH_SLACK_M", "NEAR_COUNT", "RULES", "UNITS", "Asked", "Ground", "Judged",
    "Rule", "area_ground", "asked", "failing", "failing_pieces", "judge", "limit_texts",
    "opened_rank", "reached_by", "reserve_db", "road_ground", "served_people", "turning",
]  # fmt: skip
