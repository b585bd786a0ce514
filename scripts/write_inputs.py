"""Write docs/inputs.md: every input, as readers and schema have it; a test compares.

python scripts/write_inputs.py

The columns of a kind are what its reader asks for while it reads the small case of
``inputs.yaml``.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
import typing
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from planner.layers import kinds, look_at_layers, tables, vectors  # noqa: E402
from planner.layers.aliases import HEADS, UNITS, VALUES  # noqa: E402
from planner.layers.files import FORMATS  # noqa: E402
from planner.layers.manifest import COLUMNS as MANIFEST  # noqa: E402
from planner.layers.read import formats_for  # noqa: E402
from planner.parameters import Part  # noqa: E402
from planner.radio import KNOWN_BANDS  # noqa: E402
from planner.scenario import PARTS, InputFile, Inputs, Scenario  # noqa: E402

SAID = yaml.safe_load((ROOT / "scripts" / "inputs.yaml").read_text(encoding="utf-8"))
ROWS = ("towns", "landmarks", "population", "sites", "candidates", "antennas")
SHAPES = ("boundary", "areas", "roads", "streets", "water", "town_areas")
SHAPE_OF = {
    "boundary": "polygons",
    "areas": "polygons, points with a radius",
    "town_areas": "polygons",
}
WORDS = {"kind": "town_kind"}
"""Kinds of words that go by another name than their column."""


def inputs_text() -> str:
    """The document."""
    asked = asked_columns()
    parts = [
        SAID["head"],
        _keys(),
        _formats(),
        _units(),
        _heading("Shapes", "面和线"),
        _shapes(),
        *(_rows(part, *asked[part]) for part in ROWS),
        _manifest(),
        _scenario(),
    ]
    return "\n".join(parts)


def write_case(folder: Path) -> Path:
    """Write the small case into a folder; returns its scenario file."""
    for name, text in SAID["examples"].items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / "scenario.yaml"


def asked_columns() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Columns that a reader of rows needs, and those that it takes, by key of the inputs."""
    with tempfile.TemporaryDirectory() as folder, _recorded() as asked:
        scenario = Scenario.from_file(write_case(Path(folder)))
        look_at_layers(scenario)
    files = {entry.file: part for part in ROWS for entry in scenario.inputs.files(part)}
    return {files[file]: columns for file, columns in asked.items() if file in files}


@contextmanager
def _recorded() -> Iterator[dict[str, Any]]:
    """Note what :func:`planner.layers.tables.read_table` is asked for, by file."""
    asked: dict[str, Any] = {}

    def read_table(source: Any, findings: Any, need: Any, may: Any = (), **more: Any) -> Any:
        asked[source.name] = (tuple(need), tuple(may))
        return tables.read_table(source, findings, need, may, **more)

    names = [f"{kinds.__name__}.{module.name}" for module in pkgutil.iter_modules(kinds.__path__)]
    modules = [importlib.import_module(name) for name in names]
    with ExitStack() as stack:
        for module in modules:
            if hasattr(module, "read_table"):
                stack.enter_context(mock.patch.object(module, "read_table", read_table))
        yield asked


def _said(name: str, **facts: str) -> str:
    text: str = SAID["said"][name].format(**facts)
    return f"\n{text}\n"


def _heading(english: str, chinese: str) -> str:
    return f"## {english} {chinese}\n"


def _table(heads: str, rows: Iterator[tuple[object, ...]] | list[tuple[object, ...]]) -> str:
    columns = heads.split("|")
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    for row in rows:
        cells = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _example(*names: str) -> str:
    """Files of the small case, as they stand."""
    kinds_of = {"geojson": "json", "yaml": "yaml", "csv": ""}
    return "".join(
        f"\n`{name}`:\n\n```{kinds_of[name.rsplit('.', 1)[1]]}\n{SAID['examples'][name]}```\n"
        for name in names
    )


def _keys() -> str:
    keys = [
        (f"`{part}`", Inputs.model_fields[part].description, ", ".join(_families(part)))
        for part in PARTS
    ]
    of_file = [
        (f"`{name}`", _unit(field), "yes" if field.is_required() else "", field.description)
        for name, field in InputFile.model_fields.items()
    ]
    return (
        _heading("Keys of `inputs`", "各键")
        + "\n"
        + _table("key 键|holds 内容|formats 格式", keys)
        + _said("keys")
        + _table("of a file|unit 单位|needed 必需|meaning 含义", of_file)
    )


def _families(part: str) -> list[str]:
    return list(dict.fromkeys(FORMATS[name].family for name in formats_for(part)))


def _formats() -> str:
    rows = [(name, form.family, " ".join(form.suffixes)) for name, form in FORMATS.items()]
    return (
        _heading("Formats", "格式")
        + _said("formats")
        + _table("format 格式|is a 种类|suffixes 后缀", rows)
    )


def _units() -> str:
    rows = [(f"`_{word}`", ", ".join(units)) for word, units in UNITS.items()]
    return (
        _heading("Units", "单位")
        + _said("units")
        + _table("columns in 列|may be in 可用单位", rows)
    )


def _shapes() -> str:
    keys = [
        (f"`{part}`", SHAPE_OF.get(part, "lines"), Inputs.model_fields[part].description)
        for part in SHAPES
    ]
    columns = [_column(name, False) for name in (*vectors.FIELDS, vectors.RADIUS)]
    return (
        _table("key 键|shapes 形状|holds 内容", keys)
        + _said("shapes")
        + _table(_COLUMN_HEADS, columns)
        + _example(*(f"{part}.geojson" for part in SHAPES), "schools.csv")
    )


_COLUMN_HEADS = "column 列|needed 必需|unit 单位|meaning 含义|known as 列名|words 取值"


def _rows(part: str, need: tuple[str, ...], may: tuple[str, ...]) -> str:
    columns = [_column(name, True, part) for name in need] + [
        _column(name, False, part) for name in may
    ]
    return (
        _heading(f"`{part}`", "")
        + f"\n{Inputs.model_fields[part].description}\n\n"
        + _table(_COLUMN_HEADS, columns)
        + _example(f"{part}.csv")
    )


def _column(name: str, is_needed: bool, part: str = "") -> tuple[object, ...]:
    unit, chinese, english = SAID["meanings"][name]
    known = ", ".join(str(head) for head in HEADS.get(name, (name,)))
    kind = WORDS.get(name, name) if part in ("towns", "") else name
    words = ", ".join(VALUES.get(kind, ())) if part else ""
    return f"`{name}`", "yes" if is_needed else "", unit, f"{chinese} {english}", known, words


def _manifest() -> str:
    columns = [_column(name, name == "file") for name in MANIFEST]
    return (
        _heading("`manifest`", "资料清单")
        + f"\n{Inputs.model_fields['manifest'].description} A CSV file.\n\n"
        + _table(_COLUMN_HEADS, columns)
        + _example("MANIFEST.csv")
    )


def _scenario() -> str:
    rows = [
        (
            f"`{path}`",
            _unit(field),
            _default(field),
            _limits(field),
            field.description,
            _source(field),
        )
        for path, field in parameters(Scenario)
    ]
    return (
        _heading("Scenario", "情景")
        + _said("scenario", bands=", ".join(KNOWN_BANDS))
        + _table("parameter 参数|unit 单位|default 缺省|range 范围|meaning 含义|source 来源", rows)
        + _example("scenario.yaml")
    )


def parameters(cls: type[Part], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and field of every parameter, the files of ``inputs`` left out."""
    for name, field in cls.model_fields.items():
        if cls is Inputs and name in PARTS:
            continue
        part, mark = _part_in(field.annotation)
        where = f"{path}{name}{mark}"
        if part is None:
            yield where, field
        else:
            yield from parameters(part, f"{where}.")


def _part_in(annotation: Any) -> tuple[type[Part] | None, str]:
    """The part that a field holds, and how its entries are named."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation, ""
    origin = typing.get_origin(annotation)
    is_table = isinstance(origin, type) and issubclass(origin, Mapping)
    mark = ".<...>" if is_table else "[]" if origin is tuple else ""
    for kind in typing.get_args(annotation):
        part, below = _part_in(kind)
        if part is not None:
            return part, mark + below
    return None, mark if is_table else ""


def _told(field: Any) -> Mapping[str, Any]:
    return field.json_schema_extra or {}


def _unit(field: Any) -> str:
    return str(_told(field).get("unit", "-"))


def _source(field: Any) -> str:
    return str(_told(field).get("source", ""))


def _default(field: Any) -> str:
    if field.is_required():
        return "needed 必需"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {part}" for name, part in value.items()) or "—"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "—"
    return "—" if value in (None, "") else str(value)


def _limits(field: Any) -> str:
    words = [text for text in typing.get_args(field.annotation) if isinstance(text, str) and text]
    if typing.get_origin(field.annotation) is typing.Literal:
        return ", ".join(map(str, typing.get_args(field.annotation)))
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [
        f"{sign} {getattr(rule, name):g}"
        for rule in field.metadata
        for name, sign in signs.items()
        if hasattr(rule, name) and getattr(rule, name) is not None
    ]
    return ", ".join(words or found)


if __name__ == "__main__":
    (ROOT / "docs" / "inputs.md").write_text(inputs_text(), encoding="utf-8", newline="\n")
