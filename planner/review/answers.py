"""What comes back from reviewers: marks of the page and lists of carriers and the tower company."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from planner.crs import project
from planner.errors import Notice
from planner.fields import WGS84
from planner.layers.files import Source, formats_of, open_source
from planner.layers.findings import Findings
from planner.layers.notices import NOTICES
from planner.layers.places import District
from planner.model import Layers
from planner.review.lists import read_list
from planner.review.marks import read_marks
from planner.review.notices import RETURNED
from planner.review.statements import Statement
from planner.scenario import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the files say, row by row.

    Attributes
    ----------
    rows
        A statement for each row of a list and each mark, by file name and line. A row that cannot
        be used is not in it, but in ``notices``.
    files
        ``(name, sha256)`` of each file that was read, sorted.
    unread
        Names of files of which nothing could be read; ``notices`` say why.
    notices
        Findings, errors included.
    """

    rows: tuple[Statement, ...]
    files: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    notices: tuple[Notice, ...]


def read_answers(
    paths: Iterable[str | Path],
    scenario: Scenario,
    layers: Layers,
    *,
    known: frozenset[str] = frozenset(),
    plan_key: str = "",
) -> Answers:
    """Read marks and returned lists; nothing is raised for what they hold.

    Parameters
    ----------
    paths
        Files, in any order: the result does not depend on it.
    scenario, layers
        Of the plan: the district, and the datum of files that do not tell their own.
    known
        SHA-256 of files that were read for an earlier version; they are passed over.
    plan_key
        方案编号 of the plan: answers to another one are used and named. Empty = not compared.
    """
    findings, district = Findings(NOTICES | RETURNED), _district(layers, scenario)
    opened = {Path(path): _open(Path(path), findings) for path in paths}
    sources = sorted(filter(None, opened.values()), key=lambda source: (source.name, source.sha256))

    seen = set(known)
    rows: list[Statement] = []
    files = []
    unread = [path.name for path, source in opened.items() if source is None]
    for source in sources:
        if source.sha256 in seen:
            findings.add("file_read_before", file=source.name)
            continue
        seen.add(source.sha256)
        files.append((source.name, source.sha256))
        if source.format in ("json", "geojson"):
            said = read_marks(source, district, plan_key, findings)
        else:
            datum = scenario.inputs.datum or "wgs84"
            said = read_list(source, datum, district, plan_key, findings)
        if said is None:
            unread.append(source.name)
        else:
            rows += said
    return Answers(tuple(rows), tuple(files), tuple(sorted(unread)), findings.notices)


def _open(path: Path, findings: Findings) -> Source | None:
    formats = (*formats_of("table"), "geojson")
    return open_source(path.parent, path.name, formats, findings)


def _district(layers: Layers, scenario: Scenario) -> District:
    """The boundary as the readers take it: its frame in degrees."""
    import shapely

    polygon, work_crs = layers.boundary.geometry.iloc[0], scenario.district.work_crs
    shapely.prepare(polygon)
    xy = shapely.get_coordinates(polygon)
    lon, lat = project(xy[:, 0], xy[:, 1], work_crs, WGS84)
    return District(polygon, (lon.min(), lat.min(), lon.max(), lat.max()), work_crs)
