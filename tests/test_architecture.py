"""The house: imports go only downward, rooms of one floor are apart, heavy libraries come late."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "planner"
ROOT = Path(__file__).resolve().parents[1] / PACKAGE
PAGE = ROOT / "maps" / "page"

# One row a floor, from the ground up. Every room of the package stands on exactly one.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "errors parameters schema codes words",
        "fields files sheets crs radio optimise rules",
        "scenario",
        "model",
        "layers demand stations service plan problem maps report exports console",
        "groundwork",
        "pipeline",
        "review",
        "cli __init__ __main__",
    )
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS, start=1) for room in rooms}

# The entrance may use the command line and the command line the public names: `__main__` starts
# `cli`.
SAME_FLOOR = {("__main__", "cli"), ("cli", "__init__"), ("words", "errors")}

# Rooms of arrays: they stand on floor 2, so they see floor 1 only; they can be used, tested and
# replaced alone.
ARRAYS_ONLY = ("radio", "optimise", "rules")
GEOGRAPHY = frozenset({"geopandas", "shapely", "pandas", "pyogrio", "pyproj", "rasterio", "folium"})

# Rooms that compute hold codes and numbers; what these are called is said where they are shown.
WORDLESS = frozenset(
    [
        "fields",
        "crs",
        "radio",
        "optimise",
        "rules",
        "scenario",
        "layers",
        "demand",
        "stations",
        "service",
        "plan",
        "problem",
    ]
)

# What `import planner` must not load: seconds that a person who only reads a scenario would wait
# for nothing.
LATE = (
    "folium",
    "branca",
    "matplotlib",
    "docx",
    "rasterio",
    "typst",
    "xlsxwriter",
    "python_calamine",
)
LATE_ROOMS = ("planner.maps", "planner.report", "planner.exports")


class Import(NamedTuple):
    """One import statement: the importing room, where it stands, and the module it names."""

    room: str
    place: str
    module: str


def room_of(path: Path) -> str:
    """Return the room a source file belongs to: the folder or module right below the package."""
    return path.parts[0] if len(path.parts) > 1 else path.stem


def imported_modules(node: ast.AST, package: str) -> Iterator[str]:
    """Yield the absolute names that an import node may load."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")
        base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
        module = ".".join(part for part in (base, node.module) if part)
        # `from planner import scenario` names a room, `from planner.scenario import Scenario` a
        # thing in it.
        yield from (f"{module}.{alias.name}" for alias in node.names)


def read_imports(root: Path) -> list[Import]:
    """Read every import below `root`, also those inside functions and those for type checkers only."""
    found = []
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root)
        package = ".".join((PACKAGE, *inside.parts[:-1]))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{inside.as_posix()}:{getattr(node, 'lineno', 0)}"
            found += [
                Import(room_of(inside), place, module) for module in imported_modules(node, package)
            ]
    return found


def target_room(module: str) -> str | None:
    """Return the room a module name leads to, or None for a module that is not ours."""
    head, *rest = module.split(".")
    if head != PACKAGE:
        return None
    return rest[0] if rest and rest[0] in FLOOR_OF else "__init__"


def violations(imports: Iterable[Import]) -> list[str]:
    """Say which imports go up, go sideways, or bring geography into a room of arrays."""
    found = []
    for room, place, module in imports:
        if room not in FLOOR_OF:
            found.append(f"{place}: room '{room}' stands on no floor; give it one in FLOORS")
            continue
        target = target_room(module)
        if target == "words" and room in WORDLESS:
            found.append(f"{place}: '{room}' computes and must not import words")
        elif target is None:
            if room in ARRAYS_ONLY and module.split(".")[0] in GEOGRAPHY:
                found.append(f"{place}: '{room}' takes arrays and must not import {module}")
        elif target == room or (room, target) in SAME_FLOOR:
            continue
        elif FLOOR_OF[target] > FLOOR_OF[room]:
            floors = f"floor {FLOOR_OF[target]} from floor {FLOOR_OF[room]}"
            found.append(f"{place}: '{room}' imports '{target}' above it ({floors})")
        elif FLOOR_OF[target] == FLOOR_OF[room]:
            found.append(
                f"{place}: '{room}' imports '{target}' beside it; what they share belongs below"
            )
    return found


def test_imports_go_only_downward() -> None:
    imports = read_imports(ROOT)
    assert imports, f"no source found below {ROOT}"
    found = violations(imports)
    assert not found, "the direction of imports is broken:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        pytest.param(
            "radio/link.py", "import geopandas as gpd", "takes arrays", id="geography-in-radio"
        ),
        pytest.param(
            "optimise/a.py", "def f():\n    import pandas", "takes arrays", id="inside-a-function"
        ),
        pytest.param(
            "model.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from planner.plan import "
            "Plan",
            "above it",
            id="for-the-type-checker",
        ),
        pytest.param("maps/page.py", "from planner import report", "beside it", id="sideways"),
        pytest.param("maps/page.py", "from ..exports import lists", "beside it", id="relative"),
        pytest.param(
            "parameters.py", "from planner.errors import Notice", "beside it", id="ground-floor"
        ),
        pytest.param("demand/grid.py", "import planner", "above it", id="whole-package"),
        pytest.param("scenario.py", "from planner import Scenario", "above it", id="public-name"),
        pytest.param(
            "plan/a.py",
            "from planner.words import language",
            "must not import words",
            id="words-in-plan",
        ),
        pytest.param("attic/box.py", "import json", "stands on no floor", id="unknown-room"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, source: str, said: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(source, encoding="utf-8")
    found = violations(read_imports(tmp_path))
    assert len(found) == 1, found
    assert file in found[0]
    assert said in found[0]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        (
            "maps/page.py",
            "from planner import fields as F\nfrom planner.model import Plan\nimport folium",
        ),
        ("maps/page.py", "from planner.maps.style import COLOURS\nfrom .style import COLOURS"),
        ("pipeline.py", "def f():\n    from planner import maps, report"),
        ("radio/link.py", "from planner.errors import ValidityError\nimport numpy as np"),
        ("__main__.py", "from planner.cli import main"),
    ],
)
def test_a_proper_import_is_not_found(tmp_path: Path, file: str, source: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(source, encoding="utf-8")
    assert violations(read_imports(tmp_path)) == []


# Modules of the page that can be used and tested without a page: they know no document, no state
# and no words.
PURE = {
    "axis", "bundle", "codes", "continuity", "coordinates", "differences", "figures", "marks",
    "plan", "plane", "ring",
}  # fmt: skip


def page_imports(folder: Path) -> dict[str, list[str]]:
    """Read which modules of the page each of them imports."""
    sources = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.js"))}
    return {name: re.findall(r'from "\./([\w-]+)\.js"', source) for name, source in sources.items()}


def page_violations(imports: dict[str, list[str]]) -> list[str]:
    """Say which modules of the page import each other in a circle, and which pure ones import others."""
    found = [
        f"{name}.js is pure and must not import {other}.js"
        for name in sorted(PURE & imports.keys())
        for other in imports[name]
        if other not in PURE
    ]
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        found.append("circle: " + " -> ".join(f"{name}.js" for name in reversed(error.args[1])))
    return found


def test_the_page_imports_in_no_circle() -> None:
    imports = page_imports(PAGE)
    assert imports.keys() > PURE
    assert any(imports.values())
    assert page_violations(imports) == []


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (
            {"map": "review", "review": "area", "area": "map", "main": "map"},
            "circle: area.js -> map.js -> review.js -> area.js",
        ),
        ({"map": "map"}, "circle: map.js -> map.js"),
        (
            {"ring": "state", "state": "plane", "plane": ""},
            "ring.js is pure and must not import state.js",
        ),
    ],
)
def test_a_planted_circle_is_found(tmp_path: Path, sources: dict[str, str], said: str) -> None:
    for name, other in sources.items():
        line = f'import {{ one }} from "./{other}.js";\n' if other else ""
        (tmp_path / f"{name}.js").write_text(
            f"// x\n\n{line}\nexport const {name} = 1;\n", encoding="utf-8"
        )
    assert page_violations(page_imports(tmp_path)) == [said]


def test_importing_the_package_is_light() -> None:
    names = (*LATE, *LATE_ROOMS)
    code = f"import sys, planner; print(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", f"`import planner` loads {done.stdout.strip()}"


def test_the_rooms_of_arrays_run_without_geography() -> None:
    # A bare package stands for planner/__init__.py, which may bring in more than the two rooms
    # need.
    code = (
        "import sys, types\n"
        f"sys.modules.update(dict.fromkeys({sorted(GEOGRAPHY)!r}))\n"
        "house = sys.modules['planner'] = types.ModuleType('planner')\n"
        f"house.__path__ = [{str(ROOT)!r}]\n"
        + "".join(f"import planner.{room}\n" for room in ARRAYS_ONLY)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
