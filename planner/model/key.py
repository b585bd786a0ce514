"""The key of a plan: one hash of all that makes it this plan, and one of what is said about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from planner import fields as F
from planner.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

OPTIONS: Final = "options"
STATED_COUNTS: Final = "stated_counts"
"""In the provenance: what changed the result and stands neither in the scenario nor in an input.

Whatever is put there is part of the key.
"""
WARM_START: Final = "warm_start"
"""Of the options: the key of the plan that the search started from; of a version, its parent's."""
REVIEW: Final = "review"
"""In the provenance: the state of a version, which is its number, its parent and its record."""
RECORD: Final = "review.json"
"""File of a version's record, beside the plan."""
# another way to make the key begins with another word, so that no two ways give the same
_KEY_FORM: Final = "planner plan key 1"
_STATE_FORM: Final = "planner plan state 1"


def plan_key(
    scenario: Scenario, sources: pd.DataFrame, order: Iterable[str], provenance: Mapping[str, Any]
) -> str:
    """SHA-256 of what a plan follows from and what came out; see :attr:`planner.Plan.key`.

    Parameters
    ----------
    scenario
        As resolved.
    sources
        ``tables.SOURCES``: the input files and their hashes.
    order
        The station_id of the plan's stations, by rank.
    provenance
        Its options and its certificate.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    certificate = provenance.get("certificate") or {}
    return _hash(
        form=_KEY_FORM,
        inputs=dict(zip(sources[F.FILE], sources[F.SHA256], strict=True)),
        scenario=scenario.question_tree(),
        options=provenance.get(OPTIONS, {}),
        order=list(order),
        certificate=certificate.get("digest", ""),
    )


def state_key(scenario: Scenario, provenance: Mapping[str, Any]) -> str:
    """SHA-256 of what is said about a plan; see :attr:`planner.Plan.state_key`."""
    return _hash(form=_STATE_FORM, titles=scenario.title_tree(), review=provenance.get(REVIEW, {}))


def _hash(**parts: Any) -> str:
    """SHA-256 of plain values, the same whatever the order of keys, the machine and the locale."""
    text = json.dumps(
        parts, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()
