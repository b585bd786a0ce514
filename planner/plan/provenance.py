"""The record of how a plan came about, as plain values that JSON holds exactly."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from planner import fields as F
from planner.model import FORMAT_VERSION, IntArray, Model

_LIBRARIES = (
    "rollout-planner", "numpy", "scipy", "numba", "pandas", "geopandas", "shapely", "pyproj",
    "highspy", "pyarrow",
)  # fmt: skip


def make_provenance(
    model: Model, row_rank: IntArray, scale: float, search: Mapping[str, Any]
) -> dict[str, Any]:
    """Versions, input hashes, what could not be reached, and the optimiser's own facts.

    Parameters
    ----------
    model
        The model that was solved.
    row_rank
        (rows,) rank at which each demand row is first served by the extended order.
    scale
        Factor on ``siting.cost_wan``.
    search
        The optimiser's facts; a key of ours is not overwritten.
    """
    scenario = model.scenario
    has_no_candidate = np.diff(model.coverage.cover.indptr) == 0
    notices: Counter[str] = Counter()
    for notice in model.layers.notices:
        notices[notice.code] += 1 + notice.more
    facts = {
        "format_version": FORMAT_VERSION,
        "scenario": scenario.name,
        "effort": scenario.search.effort,
        "seed": scenario.search.seed,
        "versions": _versions(),
        "inputs": _inputs(model),
        "synthetic": model.layers.is_synthetic,
        "rows": len(model.demand.rows),
        "rows_without_candidate": int(has_no_candidate.sum()),
        "rows_never_served": int((row_rank == F.NEVER).sum()),
        "columns": len(model.stations.table),
        "places_within_10_m_of_a_mast": model.coverage.near_mast,
        "notices": dict(sorted(notices.items())),
        "cost_scale": scale,
    }
    return {key: to_plain(value) for key, value in {**search, **facts}.items()}


@cache
def _versions() -> dict[str, str]:
    versions = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in _LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # run from a checkout that is not installed
            continue
    return versions


def _inputs(model: Model) -> dict[str, str]:
    files = zip(model.layers.sources[F.FILE], model.layers.sources[F.SHA256], strict=True)
    return {str(file): str(digest) for file, digest in files}


def to_plain(value: Any) -> Any:
    """Mappings, lists, texts and numbers only, as JSON gives them back.

    Raises
    ------
    TypeError
        For a value that JSON has no word for; a NaN becomes ``None``.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return to_plain(value.tolist())
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} cannot be kept in a plan's provenance")
