"""The border of the district: the one that is meant, whatever its neighbours are like."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyproj
import shapely

from planner.crs import local_crs, project
from planner.errors import InputError, Said
from planner.intake.given import Given, data_of
from planner.intake.notices import NOTICES
from planner.intake.raw import OSM, WGS84, Thing, open_raw, read_things, to_degrees
from planner.layers.files import VECTORS, Source
from planner.layers.findings import Findings
from planner.layers.formats.features import Unreadable
from planner.layers.notices import NOTICES as LAYERS
from planner.layers.notices import reason_of
from planner.layers.vectors import mend

_AREAS: Final = ("Polygon", "MultiPolygon")
_CODE: Final = re.compile(r"(?:156)?([1-9][0-9]{5})")
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """The district: its name and code, its ground in WGS-84 degrees, and the file it is of."""

    name: str
    name_en: str
    adcode: str
    ground: Any
    source: Source

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = (float(side) for side in self.ground.bounds)
        return west, south, east, north


class Work:
    """Metres about the middle of the district, and back to degrees."""

    def __init__(self, border: Border) -> None:
        west, south, east, north = border.frame
        self.crs = local_crs((west + east) / 2, (south + north) / 2)

    def metres(self, shape: Any) -> Any:
        """A shape of degrees in metres."""
        return shapely.transform(
            shape, lambda xy: np.column_stack(project(xy[:, 0], xy[:, 1], WGS84, self.crs))
        )

    def degrees(self, shape: Any) -> Any:
        """A shape of metres in degrees."""
        return to_degrees(shape, self.crs, "wgs84")


def find_border(given: Given, findings: Findings) -> Border:
    """The border that is meant.

    Raises
    ------
    InputError
        When there is none, when several fit, or when it cannot be used.
    """
    path = given.boundary or given.osm
    if path is None:
        raise InputError.found(NOTICES.notice("border_missing"))
    source = open_raw(path, VECTORS, findings)
    if source is None:
        findings.raise_errors()
    assert source is not None  # what is none is an error

    options = {"tags": data_of("tags.yaml")["border"][0]["tags"]}
    is_osm = source.format == OSM
    # of an extract all borders come, cut ones too: only what is wrong with the one matters
    book = Findings(LAYERS) if is_osm else findings
    things, crs = read_things(source, book, **(options if is_osm else {}))
    book.raise_errors()
    if is_osm:
        # parts of a border are drawn as lines with the same tags
        things = [thing for thing in things if _is_area(thing) or _is_relation(thing)]
    thing = _pick(things, given.pick, source)
    name = given.name or _name(thing)
    ground = _ground(thing, name, crs, given.datum or "wgs84", source)
    return Border(name, thing.properties.get("name:en", ""), _adcode(thing), ground, source)


def _pick(things: list[Thing], pick: str, source: Source) -> Thing:
    """The one that is meant."""
    where: dict[str, Any] = {"file": source.name}
    if not things:
        raise InputError.found(NOTICES.notice("border_missing", **where))
    types = {getattr(thing.shape, "geom_type", "") for thing in things}
    if not any(map(_is_cut, things)) and types.isdisjoint((*_AREAS, "")):
        facts: dict[str, Any] = {"found": sorted(types), "count": len(things)}
        raise InputError.found(NOTICES.notice("border_missing/no_area", **facts, **where))
    if not pick:
        usable = [thing for thing in things if _is_area(thing) and not _is_cut(thing)]
        if len(usable) == 1 and (len(things) == 1 or _is_relation(things[0])):
            return usable[0]
        names = _listed(usable or things)
        raise InputError.found(
            NOTICES.notice("border_unpicked", count=len(usable or things), names=names, **where)
        )

    wanted = _plain(pick)
    numbered = [thing for thing in things if wanted == f"#{thing.number}"]
    fitting = numbered or [
        thing for thing in things if wanted in map(_plain, thing.properties.values())
    ]
    if not fitting:
        ends = [thing for thing in things if _adcode(thing) == wanted]
        fitting = ends or [thing for thing in things if wanted in _plain(_name(thing))]
    # one that is whole stands before one that is cut off
    whole = [thing for thing in fitting if _is_area(thing) and not _is_cut(thing)]
    fitting = whole or fitting
    if not fitting:
        names = _listed(things)
        raise InputError.found(NOTICES.notice("border_unknown", pick=pick, names=names, **where))
    if len(fitting) > 1:
        names = _listed(fitting)
        raise InputError.found(
            NOTICES.notice("border_ambiguous", pick=pick, count=len(fitting), names=names, **where)
        )
    return fitting[0]


def _ground(thing: Thing, name: str, crs: str, datum: str, source: Source) -> Any:
    """The ground of a border in WGS-84 degrees."""
    shape = thing.shape
    reason: Said | None = None
    if isinstance(shape, Unreadable):
        reason = reason_of(shape.reason)
    elif _is_cut(thing):
        reason = Said("裁剪文件缺少它的一部分边线", "the extract lacks a part of its outline")
    elif shape is None or shape.is_empty or shape.geom_type not in _AREAS:
        found = "null" if shape is None else shape.geom_type
        reason = Said(f"不是面（{found}）", f"it is no polygon ({found})")
    elif not crs:
        reason = Said("没有坐标系", "no CRS")
    elif not np.isfinite(shapely.get_coordinates(shape)).all():
        reason = Said("坐标不是数字", "a coordinate is no number")
    if reason is not None:
        raise _unusable(name, reason, source)
    try:
        ground = to_degrees(shape, crs, datum)
    except pyproj.exceptions.ProjError as error:
        raise _unusable(name, Said(str(error)[:80], str(error)[:80]), source) from None
    degrees = shapely.get_coordinates(ground)
    if not np.isfinite(degrees).all() or (np.abs(degrees) > (180, 90)).any():
        raise _unusable(name, Said("坐标不是经纬度", "its places are no degrees"), source)
    # a small repair is made, and said, by whoever reads the case
    if not shapely.is_valid(ground) and mend(ground)[0] is None:
        raise _unusable(name, reason_of(str(shapely.is_valid_reason(ground))), source)
    return ground


def _unusable(name: str, reason: Said, source: Source) -> InputError:
    notice = NOTICES.notice("border_unusable", name=name, reason=reason, file=source.name)
    return InputError.found(notice)


def _is_area(thing: Thing) -> bool:
    return getattr(thing.shape, "geom_type", "") in _AREAS


def _is_relation(thing: Thing) -> bool:
    return thing.properties.get("osm_id", "").startswith("relation/")


def _is_cut(thing: Thing) -> bool:
    return "osm_incomplete" in thing.properties


def _name(thing: Thing) -> str:
    """What a border is called: under a head that says so, else its first text."""
    texts = {key.strip().lower(): text for key, text in thing.properties.items() if text}
    exact = [texts[key] for key in ("name:zh", "name", "名称", "县名", "区名") if key in texts]
    alike = [text for key, text in texts.items() if "name" in key or "名" in key]
    words = [text for text in texts.values() if not re.fullmatch(r"[\d.-]*", text)]
    return next(iter([*exact, *alike, *words]), "") or _adcode(thing) or f"#{thing.number}"


def _adcode(thing: Thing) -> str:
    """Six digits of a division, with or without the country before them; blank without any."""
    for text in thing.properties.values():
        if found := _CODE.fullmatch(text.strip()):
            return found[1]
    return ""


def _listed(things: list[Thing]) -> list[str]:
    """Names with their codes, or levels where they have none."""
    shown = []
    for thing in things:
        name, code = _name(thing), _adcode(thing) or thing.properties.get("admin_level", "")
        said = f"{name} ({code})" if code and code != name else name
        shown.append(f"{said} *" if _is_cut(thing) or not _is_area(thing) else said)
    listed = sorted(dict.fromkeys(shown))
    return [*listed[:_SHOWN], *(["…"] if len(listed) > _SHOWN else [])]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()
