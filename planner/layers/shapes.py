"""Features of a vector file: which are meant, where each stands, and in which CRS they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from planner.crs import project, system_of
from planner.errors import Spot, nearest
from planner.layers.aliases import HEADS, plain_head
from planner.layers.files import Source
from planner.layers.findings import Findings
from planner.layers.formats.features import Drawn, unpacked

if TYPE_CHECKING:
    from pyproj import CRS

Names = Mapping[str, tuple[str, ...]]
"""Our field -> its heads, as :func:`~planner.layers.aliases.plain_head` has them."""

_OWN_DATUM: Final = (4326, None)
"""Degrees that may be in any datum: what is called WGS-84 often is not."""
_CGCS2000: Final = 4490
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature with all its properties, as its file has them.

    ``spot`` has its number and, where that tells something, its line.
    """

    spot: Spot
    properties: Mapping[str, str]
    drawn: Drawn


@dataclass(frozen=True, slots=True)
class Shapes:
    """The features of a file that are meant, and the CRS that the file or the scenario names.

    ``crs`` is blank where neither does.
    """

    features: list[Feature]
    crs: str


def plain_names(fields: Iterable[str], aliases: Mapping[str, Sequence[str]]) -> Names:
    """Every head of each field, as :func:`~planner.layers.aliases.plain_head` has it."""
    return {
        field: tuple(map(plain_head, (*HEADS.get(field, (field,)), *aliases.get(field, ()))))
        for field in fields
    }


def read_shapes(source: Source, called: Names, findings: Findings) -> Shapes | None:
    """Read a vector file; None, with a finding, when it cannot be used.

    A feature is called by the first of the fields ``called`` that it has.
    """
    read = source.read(findings, layer=source.entry.layer)
    if read is None:
        return None
    records, wkb = read
    features = []
    for number, (line, properties, drawn) in enumerate(unpacked(records, wkb), start=1):
        name = next(filter(None, texts_in(properties, called).values()), "")
        features.append(Feature(Spot(line, number, name), properties, drawn))
    for column, wanted in source.entry.where.items():
        features = _meant(features, column, wanted, source, findings)
    return Shapes(features, _crs_of(records["crs"], source, findings))


def texts_in(properties: Mapping[str, str], names: Names) -> dict[str, str]:
    """The text of each field under the first of its heads that stands in a feature; else blank."""
    heads = {plain_head(name): text for name, text in properties.items()}
    return {
        field: next((heads[name] for name in known if name in heads), "")
        for field, known in names.items()
    }


def known_crs(shapes: Shapes, source: Source, findings: Findings) -> CRS | None:
    """The CRS in which places can be told; None, with a finding, without one."""
    if not shapes.crs:
        findings.add("crs_missing", file=source.name)
        return None
    system = system_of(shapes.crs)
    if system is None:
        findings.add("crs_unknown", file=source.name, value=shapes.crs)
        return None
    if not (system.is_geographic or system.is_projected):
        findings.add("crs_missing", file=source.name, value=system.name)
        return None
    return system


def names_datum(crs: CRS) -> bool:
    """Whether a CRS names the datum of its degrees itself, so that none is to be declared."""
    return not (crs.is_geographic and crs.to_epsg() in _OWN_DATUM)


def degrees_of(xy: npt.NDArray[Any], crs: CRS) -> npt.NDArray[Any]:
    """Longitude and latitude of coordinates, (corners, 2).

    Those of WGS-84, unless the CRS leaves their datum open.
    """
    if not names_datum(crs) or crs.to_epsg() == _CGCS2000:
        return xy
    return np.column_stack(project(xy[:, 0], xy[:, 1], crs.to_wkt(), "EPSG:4326"))


def _meant(
    features: Sequence[Feature],
    column: str,
    wanted: Sequence[str],
    source: Source,
    findings: Findings,
) -> list[Feature]:
    """The features that have one of these texts in a column; none, with a finding, where none."""
    plain = plain_head(column)
    texts = [
        next((text for name, text in one.properties.items() if plain_head(name) == plain), None)
        for one in features
    ]
    kept = [one for one, text in zip(features, texts, strict=True) if text in wanted]
    if kept or not features:
        return kept

    where: dict[str, Any] = {"file": source.name, "column": column}
    there = list(dict.fromkeys(text for text in texts if text))
    names = list(dict.fromkeys(name for one in features for name in one.properties))
    if there:
        near, have = nearest(wanted[0], there), ", ".join(there[:_SHOWN])[:200]
        findings.add("where_unknown", near=near, have=have, value=", ".join(wanted), **where)
    else:
        near, have = nearest(column, names), ", ".join(names)[:200]
        findings.add("where_unknown/column", near=near, have=have, **where)
    return []


def _crs_of(named: str, source: Source, findings: Findings) -> str:
    """The CRS that the scenario declares, else that of the file; a contradiction is a finding."""
    import pyproj

    declared = source.entry.crs
    if not (declared and named):
        return declared or named
    try:
        is_same = pyproj.CRS.from_user_input(named).equals(declared, ignore_axis_order=True)
    except pyproj.exceptions.CRSError:
        is_same = False
    if not is_same:
        findings.add("crs_mismatch", file=source.name, value=declared, found=named[:80])
    return declared
