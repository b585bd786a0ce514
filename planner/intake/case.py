"""The folder of a new case: tables, scenario, manifest and the list of what is missing."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import shapely
import yaml

from planner import files
from planner.errors import InputError, Notice, ScenarioError, StorageError
from planner.intake import invented
from planner.intake.borders import Border, find_border
from planner.intake.given import Given, data_of, networks_of, plan_of
from planner.intake.missing import Line, write_list
from planner.intake.notices import NOTICES as OWN
from planner.intake.openstreetmap import Feature, Mapped, map_extract
from planner.intake.raw import OSM, open_raw, plain_name
from planner.layers.files import FORMATS, VECTORS, Source
from planner.layers.findings import Findings
from planner.layers.formats.archives import is_packed, sidecars
from planner.layers.inputs import files_in
from planner.layers.notices import NOTICES as LAYERS

SCENARIO: Final = "scenario.yaml"
MANIFEST: Final = "MANIFEST.csv"
LIST: Final = "先看我.md"
_HEADS: Final = (
    "file", "source", "date", "licence", "accuracy", "datum", "basis", "sha256", "rows",
)  # fmt: skip
_LINE_WIDTH: Final = 110


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A case that was written.

    ``scenario`` is its file, ``list_file`` says what is missing, ``notices`` what was found in the
    raw files.
    """

    scenario: Path
    list_file: Path
    notices: tuple[Notice, ...]


@dataclass(slots=True)
class _Case:
    """What the folder is to hold, as far as it was found."""

    given: Given
    findings: Findings
    texts: Mapping[str, Any]
    border: Border
    counts: tuple[int, ...]
    dates: tuple[str, ...]
    networks: list[dict[str, Any]]
    contents: dict[str, bytes] = field(default_factory=dict)
    manifest: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Source] = field(default_factory=dict)
    have: list[Line] = field(default_factory=list)
    lack: list[Line] = field(default_factory=list)
    invented: list[Line] = field(default_factory=list)


def make_case(folder: Path, given: Given) -> Made:
    """Write a case from what somebody has.

    Parameters
    ----------
    folder
        New or empty.
    given
        Raw files and what is asked.

    Returns
    -------
    Made
        The scenario file, the list of what is missing, and notices.

    Raises
    ------
    ScenarioError
        When an option cannot be used.
    InputError
        When the border is not told, or a raw file cannot be read.
    StorageError
        When the folder holds something already, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StorageError.found(OWN.notice("folder_in_use", folder=str(folder)))
    counts, dates = plan_of(given)
    networks = networks_of(given)
    if counts[0] and not given.sites and not given.synthetic:
        raise ScenarioError.found(OWN.notice("sites_missing", count=counts[0]))

    findings = Findings(LAYERS | OWN)
    border = find_border(given, findings)
    case = _Case(given, findings, data_of("texts.yaml"), border, counts, dates, networks)
    _add_border(case)
    mapped = _add_map(case)
    _add_people(case, mapped)
    _add_sites(case, mapped)
    _add_remarks(case)
    findings.raise_errors()

    tree = _scenario_tree(case, folder, mapped)
    case.contents[SCENARIO] = _scenario_text(case.texts, tree).encode()
    case.contents[MANIFEST] = _csv(_HEADS, case.manifest)
    case.contents[LIST] = write_list(
        case.texts, border.name, SCENARIO, case.have, case.lack, case.invented, case.raw
    ).encode()
    files.write_together(folder, sorted(case.contents.items()))
    return Made(folder / SCENARIO, folder / LIST, findings.notices)


def _add_border(case: _Case) -> None:
    border = case.border
    properties = {"name": border.name, "adcode": border.adcode}
    said = {key: text for key, text in properties.items() if text}
    _add_features(case, "boundary", [(said, border.ground)], border.source)
    case.have.append(Line("border", name=border.name, file=border.source.name))


def _add_map(case: _Case) -> Mapped:
    """What the extract holds of the district, as files; nothing without one."""
    mapped = Mapped()
    source = None
    if case.given.osm is not None:
        source = open_raw(case.given.osm, VECTORS, case.findings)
        case.findings.raise_errors()
        assert source is not None  # what is none is an error
        if source.format != OSM:
            allowed = OSM
            raise InputError.found(
                LAYERS.notice(
                    "unsupported_format", file=source.name, found=source.format, allowed=allowed
                )
            )
        mapped = map_extract(source, case.border, case.findings)

    for part in ("areas", "roads", "streets", "water"):
        features: list[Feature] = getattr(mapped, part)
        if source is not None and features:
            _add_features(case, part, features, source)
            kinds = _counted(said["kind"] for said, _ in features)
            line = Line(part, count=len(features), kinds=kinds, file=source.name)
            case.have.append(line)
        else:
            has_roads = part == "areas" and bool(mapped.roads)
            case.lack.append(Line("areas_with_roads" if has_roads else part))
    if source is not None and mapped.landmarks:
        _add_table(case, "landmarks", mapped.landmarks, source)
        kinds = _counted(row["kind"] for row in mapped.landmarks)
        line = Line("landmarks", count=len(mapped.landmarks), kinds=kinds, file=source.name)
        case.have.append(line)
    else:
        case.lack.append(Line("landmarks"))
    if source is not None and mapped.towns:
        _add_table(case, "towns", mapped.towns, source)
        people = sum(int(row["people"]) for row in mapped.towns)
        line = Line("towns", count=len(mapped.towns), people=people, file=source.name)
        case.have.append(line)
    return mapped


def _counted(kinds: Iterable[str]) -> list[str]:
    """Each kind with how many there are of it."""
    return [f"{kind} {count}" for kind, count in sorted(Counter(kinds).items())]


def _add_people(case: _Case, mapped: Mapped) -> None:
    """Where people live, or people who are made up."""
    path = case.given.population
    if path is not None:
        _add_raw(case, "population", [path])
        case.have.append(Line("population", file=path.name))
    elif case.given.synthetic:
        people = invented.invent_people(case.border, mapped.areas)
        _add_table(case, "population", people, None)
        total = sum(row["people"] for row in people)
        case.invented.append(Line("people", people=total))
        if not mapped.towns:
            _add_table(case, "towns", invented.invent_town(case.border, people), None)
            case.invented.append(Line("town"))
    else:
        case.lack.append(Line("population_by_town" if mapped.towns else "population"))
    if "towns" not in case.inputs:
        unsaid = Line("towns_unsaid", count=mapped.n_places) if mapped.n_places else Line("towns")
        case.lack.append(unsaid)


def _add_sites(case: _Case, mapped: Mapped) -> None:
    """Stations of today, or ones that are made up."""
    given, count = case.given, case.counts[0]
    if given.sites:
        _add_raw(case, "sites", given.sites)
        names = [path.name for path in given.sites]
        case.have.append(Line("sites" if count else "sites_none_open", file=names, count=count))
        return
    if count:
        rows, spacing_m = invented.invent_sites(case.border, mapped.areas, count, case.networks)
        _add_table(case, "sites", rows, None)
        case.invented.append(Line("sites", count=count, spacing_m=f"{spacing_m:g}"))
    elif not given.synthetic:
        # made-up 4G sites can be retrofitted
        case.lack.append(Line("sites"))
    if given.synthetic:
        case.invented.append(Line("stock"))


def _add_remarks(case: _Case) -> None:
    """What is missing in every new case, and what was taken by default."""
    case.lack += [Line("candidates"), Line("heights"), Line("costs")]
    if not case.border.adcode:
        case.lack.append(Line("adcode"))
    stated = case.given.datum
    case.lack.append(Line("datum", datum=stated) if stated else Line("datum_open"))
    names = [str(network.get("label", "")) for network in case.networks]
    case.lack.append(Line("networks", networks=Path(case.given.networks).name, names=names))


def _add_raw(case: _Case, part: str, paths: Sequence[Path]) -> None:
    """Raw files as they are, with what belongs to them."""
    entries = []
    for path in paths:
        source = open_raw(path, tuple(FORMATS), case.findings)
        if source is None:
            continue
        _try(case, source)
        case.raw[source.path.name] = source
        name = _free_name(case, f"raw/{plain_name(source.path)}")
        for place, file in _copies(source, name):
            case.contents[place] = files.read_bytes(file)
        _record(
            case, name, source.name, "", "unstated", None,
            datum=case.given.datum, digest=source.sha256,
        )  # fmt: skip
        entries.append(name)
    case.inputs[part] = entries[0] if len(entries) == 1 else entries


def _try(case: _Case, source: Source) -> None:
    """Refuse a file that cannot be read at all; what else is wrong with it is told by a check."""
    book = Findings(LAYERS)
    options = {"frame": case.border.frame} if source.family == "raster" else {}
    if source.read(book, **options) is None:
        book.raise_errors()


def _copies(source: Source, name: str) -> list[tuple[str, Path]]:
    """Every file of a raw one and where its copy lies: those beside it, or in its folder."""
    if source.path.is_dir():
        return [(f"{name}/{file.name}", file) for file in files_in(source.path)]
    beside = {} if is_packed(source.path, source.format) else sidecars(source.path, source.format)
    others = [(str(Path(name).with_suffix(suffix)), file) for suffix, file in beside.items()]
    return [(name, source.path), *others]


def _free_name(case: _Case, name: str) -> str:
    """The name, with a number before it where it is taken."""
    folder, _, own = name.rpartition("/")
    number, free = 1, name
    while any(place == free or place.startswith(f"{free}/") for place in case.contents):
        number += 1
        free = f"{folder}/{number}-{own}"
    return free


def _add_features(case: _Case, part: str, features: list[Feature], source: Source) -> None:
    """A GeoJSON of one feature a line."""
    lines = []
    for said, shape in features:
        geometry = json.loads(str(shapely.to_geojson(shape)))
        feature = {"type": "Feature", "properties": said, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    name = f"{part}.geojson"
    case.contents[name] = text.encode()
    bases = sorted({said.get("basis", "unstated") for said, _ in features})
    _add_origin(case, name, source, ", ".join(bases), len(features))
    case.inputs[part] = name


def _add_table(case: _Case, part: str, rows: list[dict[str, Any]], source: Source | None) -> None:
    """A CSV; without a source its rows were made up."""
    name = f"{part}.csv"
    case.contents[name] = _csv(list(rows[0]), rows)
    if source is None:
        said = case.texts["sources"]["invented"]
        _record(case, name, said, "", "synthetic", len(rows))
    else:
        _add_origin(case, name, source, "evidence", len(rows))
    case.inputs[part] = name


def _add_origin(case: _Case, name: str, source: Source, basis: str, n_rows: int) -> None:
    """The row of the manifest of a file that was made from a raw one."""
    sources = case.texts["sources"]
    case.raw[source.path.name] = source
    is_osm = source.format == OSM
    said = f"{sources['osm']}, {source.path.name}" if is_osm else source.path.name
    if "estimate" in basis:
        said += f"; {sources['estimate']}"
    licence = sources["osm_licence"] if is_osm else ""
    _record(case, name, f"{said} (sha256 {source.sha256})", licence, basis, n_rows)
    if is_osm:
        case.contents["NOTICE"] = case.texts["notice"].encode()


def _record(
    case: _Case,
    name: str,
    source: str,
    licence: str,
    basis: str,
    n_rows: int | None,
    *,
    datum: str = "wgs84",
    digest: str = "",
) -> None:
    case.manifest.append({
        "file": name, "source": source, "date": "", "licence": licence, "accuracy": "",
        "datum": datum, "basis": basis, "sha256": digest or files.digest(case.contents[name]),
        "rows": "" if n_rows is None else n_rows,
    })  # fmt: skip


def _csv(heads: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A table; texts that a spreadsheet might run are guarded, numbers are bare."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        cells = (row.get(head, "") for head in heads)
        writer.writerow(files.guarded(cell) if isinstance(cell, str) else cell for cell in cells)
    return stream.getvalue().encode()


def _scenario_tree(case: _Case, folder: Path, mapped: Mapped) -> dict[str, Any]:
    """What the scenario says, and nothing that has its default."""
    border, texts = case.border, case.texts
    named = {"name": border.name, "name_en": border.name_en, "adcode": border.adcode}
    title, title_en = (texts["titles"][code] for code in ("zh", "en"))
    tree: dict[str, Any] = {
        "name": _short_name(folder),
        "as_of": case.given.as_of or case.dates[0],
        "district": {key: text for key, text in named.items() if text},
        "titles": {
            # a Latin word and the digit behind it are two
            "title": title.format(name=border.name + " " * border.name[-1:].isascii()),
            "title_en": title_en.format(name=border.name_en or border.name),
        },
        "phases": _phases(case),
        "networks": case.networks,
        "layers": _layers(mapped),
    }
    if case.given.synthetic:
        tree["siting"] = {"stock_spacing_m": texts["stock_spacing_m"]}
    tree["inputs"] = {"manifest": MANIFEST, **case.inputs}
    if case.given.datum:
        tree["inputs"]["datum"] = case.given.datum
    if case.given.sites:
        tree["defaults"] = {"state": "first"}
        if len(case.networks) == 1:
            tree["defaults"]["network"] = case.networks[0].get("name", "")
    return tree


def _short_name(folder: Path) -> str:
    """A name of a scenario after its folder."""
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in folder.name)
    return name.strip("-")[:80] or "district"


def _phases(case: _Case) -> list[dict[str, Any]]:
    phases = []
    for number, (date, count) in enumerate(zip(case.dates, case.counts, strict=True)):
        said = case.texts["phases"]["phase" if number else "state"]
        zh, en = (said[code].format(number=number, date=date) for code in ("zh", "en"))
        phases.append({"name": zh, "name_en": en, "date": date, "stations": count})
    return phases


def _layers(mapped: Mapped) -> list[dict[str, Any]]:
    """The layers of which there is a feature; every one where there is none at all."""
    features = [*mapped.areas, *mapped.roads]
    kinds = {said["kind"] for said, _ in features}
    every: list[dict[str, Any]] = data_of("layers.yaml")
    return [layer for layer in every if kinds.intersection(layer["kinds"])] or every


def _scenario_text(texts: Mapping[str, Any], tree: Mapping[str, Any]) -> str:
    """The scenario as YAML, each part below what it is."""
    said = texts["scenario"]
    lines = [f"# {said['top'][code]}" for code in ("zh", "en")]
    for key, value in tree.items():
        if key in said:
            lines += ["", f"# {said[key]['zh']} · {said[key]['en']}"]
        dumped = yaml.safe_dump(
            {key: value}, allow_unicode=True, sort_keys=False, width=_LINE_WIDTH,
            default_flow_style=None if key in ("phases", "networks", "layers") else False,
        )  # fmt: skip
        lines.append(dumped.rstrip("\n"))
    return "\n".join([*lines, ""])
