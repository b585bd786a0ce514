"""The house: imports go downward and in no circle, rooms of a floor are apart, libraries come late.

Rooms are judged by their floors, modules by the circles they make: a module that imports the names
of its own room from the room's ``__init__`` makes one, also when it does so inside a function.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeGuard

import networkx as nx
import pytest

PACKAGE = "planner"
CHECKOUT = Path(__file__).resolve().parents[1]
ROOT = CHECKOUT / PACKAGE
PAGE = ROOT / "maps" / "page"

# One row a floor, from the ground up. Every room of the package stands on exactly one. The table in
# CONTRIBUTING says the same.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "errors parameters schema codes words compiled",
        "fields files sheets crs radio optimise rules",
        "scenario folder kept",
        "model",
        "layers estimate demand stations service plan problem maps report exports console",
        "groundwork",
        "pipeline inspection intake",
        "review verify",
        "cli __init__ __main__",
    )
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS, start=1) for room in rooms}

# Neighbours on a floor that know each other, in this direction only: `__main__` starts the command
# line, the command line uses the public names, a word that is missing is an error.
SAME_FLOOR = {("__main__", "cli"), ("cli", "__init__"), ("words", "errors")}

# Rooms of arrays: they stand on floor 2, so they see floor 1 only; they can be used, tested and
# replaced alone.
ARRAYS_ONLY = ("radio", "optimise", "rules")
GEOGRAPHY = frozenset({"geopandas", "shapely", "pandas", "pyogrio", "pyproj", "rasterio", "folium"})

# Rooms that compute hold codes and numbers; what these are called is said where they are shown.
WORDLESS = {
    "fields", "crs", "radio", "optimise", "rules", "scenario", "layers", "estimate", "demand",
    "stations", "service", "plan", "problem",
}  # fmt: skip

# What `import planner` must not load: who only reads a scenario would wait seconds for nothing.
LATE = (
    "folium", "branca", "matplotlib", "docx", "rasterio", "typst", "xlsxwriter", "python_calamine",
)  # fmt: skip
LATE_ROOMS = ("planner.maps", "planner.report", "planner.exports")


class Import(NamedTuple):
    """One import: the importing module, file and line, and the name that is imported."""

    importer: str
    place: str
    name: str


def module_name(path: Path) -> str:
    """Return the name of a module by its file below the package; an `__init__` is its folder."""
    parts = path.with_suffix("").parts
    return ".".join((PACKAGE, *(parts[:-1] if parts[-1] == "__init__" else parts)))


def modules_below(root: Path) -> dict[str, Path]:
    """Find every module of the package: its file below `root` by its name."""
    files = (path.relative_to(root) for path in sorted(root.rglob("*.py")))
    return {module_name(file): file for file in files}


def names_in(node: ast.AST, package: str) -> Iterator[str]:
    """Yield the absolute names that a node of the syntax tree may load."""
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
    """Read every import below `root`, inside functions and for type checkers too."""
    found = []
    for module, file in modules_below(root).items():
        package = ".".join((PACKAGE, *file.parts[:-1]))
        for node in ast.walk(ast.parse((root / file).read_text(encoding="utf-8"))):
            place = f"{file.as_posix()}:{getattr(node, 'lineno', 0)}"
            found += [Import(module, place, name) for name in names_in(node, package)]
    return found


def room_of(name: str) -> str | None:
    """Return the room that a name leads to, `__init__` for the public names, None for a library."""
    head, *rest = name.split(".")
    if head != PACKAGE:
        return None
    return rest[0] if rest and rest[0] in FLOOR_OF else "__init__"


def violations(imports: Iterable[Import]) -> list[str]:
    """Say which imports go up, go sideways, or bring geography into a room of arrays."""
    found = []
    for importer, place, name in imports:
        room = importer.split(".")[1] if "." in importer else "__init__"
        if room not in FLOOR_OF:
            found.append(f"{place}: room '{room}' stands on no floor; give it one in FLOORS")
            continue
        target = room_of(name)
        if target == "words" and room in WORDLESS:
            found.append(f"{place}: '{room}' computes and must not import words")
        elif target is None:
            if room in ARRAYS_ONLY and name.split(".")[0] in GEOGRAPHY:
                found.append(f"{place}: '{room}' takes arrays and must not import {name}")
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


def module_graph(root: Path) -> dict[str, dict[str, str]]:
    """Build the graph of modules: by importing and imported module the place of the import.

    A name leads to the longest module in it: `planner.radio.kernels` to that file, the function
    `planner.radio.path_loss` to the `__init__` of `radio`. A module that looks for the modules of
    its folder imports them all.
    """
    modules = modules_below(root)
    graph: dict[str, dict[str, str]] = {module: {} for module in modules}
    for importer, place, name in read_imports(root):
        parts = name.split(".")
        prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        target = next((prefix for prefix in prefixes if prefix in modules), None)
        if target is not None:
            graph[importer].setdefault(target, place)

    for module, file in modules.items():
        if "iter_modules" in (root / file).read_text(encoding="utf-8"):
            for sibling, path in modules.items():
                if path.parent == file.parent and path.stem != "__init__" and sibling != module:
                    graph[module].setdefault(sibling, f"{file.as_posix()}: iter_modules")
    return graph


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Find in each knot of modules that import each other one circle, its first name again last."""
    whole = nx.DiGraph({name: list(targets) for name, targets in graph.items()})
    knots = nx.strongly_connected_components(whole)
    found = []
    for knot in sorted(sorted(names) for names in knots):
        if len(knot) > 1 or whole.has_edge(knot[0], knot[0]):
            edges = nx.find_cycle(whole.subgraph(knot), knot[0])
            found.append([edges[0][0], *(imported for _, imported in edges)])
    return found


def module_circles(root: Path) -> list[str]:
    """Say which modules import each other in a circle, and where."""
    graph = module_graph(root)
    found = []
    for circle in circles(graph):
        places = [graph[importer][imported] for importer, imported in pairwise(circle)]
        found.append(f"circle: {' -> '.join(circle)} ({', '.join(places)})")
    return found


def plant(root: Path, sources: Mapping[str, str]) -> None:
    """Write modules into an empty package."""
    for file, source in sources.items():
        planted = root / file
        planted.parent.mkdir(parents=True, exist_ok=True)
        planted.write_text(source, encoding="utf-8")


def test_imports_go_only_downward() -> None:
    imports = read_imports(ROOT)
    assert imports, f"no source found below {ROOT}"
    found = violations(imports)
    assert not found, "the direction of imports is broken:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        pytest.param(
            "radio/signal.py", "import geopandas as gpd", "takes arrays", id="geography-in-radio"
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
    plant(tmp_path, {file: source})
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
        ("radio/signal.py", "from planner.errors import ValidityError\nimport numpy as np"),
        ("__main__.py", "from planner.cli import main"),
    ],
)
def test_a_proper_import_is_not_found(tmp_path: Path, file: str, source: str) -> None:
    plant(tmp_path, {file: source})
    assert violations(read_imports(tmp_path)) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    found = module_circles(ROOT)
    assert not found, "modules import each other in a circle:\n" + "\n".join(found)


HIDDEN = "def f():\n    from planner"


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        pytest.param(
            {
                "radio/loss.py": "from planner.radio import kernels",
                "radio/kernels.py": f"{HIDDEN}.radio.loss import REACH",
            },
            "planner.radio.kernels -> planner.radio.loss -> planner.radio.kernels"
            " (radio/kernels.py:2, radio/loss.py:1)",
            id="hidden-in-a-function",
        ),
        pytest.param(
            {
                "plan/a.py": "from planner.plan.b import B",
                "plan/b.py": "from planner.plan.c import C",
                "plan/c.py": "if TYPE_CHECKING:\n    from planner.plan import a",
            },
            "planner.plan.a -> planner.plan.b -> planner.plan.c -> planner.plan.a",
            id="for-the-type-checker",
        ),
        pytest.param(
            {
                "radio/__init__.py": "from planner.radio.loss import path_loss",
                "radio/loss.py": f"{HIDDEN}.radio import path_loss",
            },
            "planner.radio -> planner.radio.loss -> planner.radio",
            id="names-of-the-own-room",
        ),
        pytest.param(
            {
                "rules/registry.py": "pkgutil.iter_modules(__path__)",
                "rules/gap.py": "from planner.rules.registry import RULES",
            },
            "planner.rules.gap -> planner.rules.registry -> planner.rules.gap",
            id="found-by-being-there",
        ),
        pytest.param(
            {"__init__.py": f"{HIDDEN}.cli import main", "cli.py": "from planner import run"},
            "planner -> planner.cli -> planner",
            id="neighbours-of-a-floor",
        ),
        pytest.param(
            {"words.py": "import planner.errors", "errors.py": f"{HIDDEN} import words"},
            "planner.errors -> planner.words -> planner.errors",
            id="neighbours-of-the-ground",
        ),
    ],
)
def test_a_planted_circle_of_modules_is_found(
    tmp_path: Path, sources: dict[str, str], said: str
) -> None:
    plant(tmp_path, sources)
    (found,) = module_circles(tmp_path)
    assert found.startswith("circle: ")
    assert said in found


def test_modules_that_share_a_third_make_no_circle(tmp_path: Path) -> None:
    sources = {
        "__init__.py": "if TYPE_CHECKING:\n    from planner.radio import path_loss",
        "cli.py": "from planner import path_loss",
        "radio/__init__.py": "from planner.radio.loss import path_loss",
        "radio/loss.py": "from planner.radio import terms",
        "radio/kernels.py": "from planner.radio.loss import REACH\nfrom planner.radio import terms",
        "radio/terms.py": "import numpy.radio.kernels",
    }
    plant(tmp_path, sources)
    assert module_circles(tmp_path) == []


def test_every_knot_is_named(tmp_path: Path) -> None:
    pairs = (("plan/a.py", "plan/b.py"), ("maps/a.py", "maps/b.py"))
    for pair in pairs:
        for file, other in (pair, pair[::-1]):
            plant(tmp_path, {file: f"import {module_name(Path(other))}"})
    assert [found.split()[1] for found in module_circles(tmp_path)] == [
        "planner.maps.a",
        "planner.plan.a",
    ]


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
    """Say which modules of the page import in a circle, and which pure ones import others."""
    found = [
        f"{name}.js is pure and must not import {other}.js"
        for name in sorted(PURE & imports.keys())
        for other in imports[name]
        if other not in PURE
    ]
    found += [
        "circle: " + " -> ".join(f"{name}.js" for name in circle) for circle in circles(imports)
    ]
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
def test_a_planted_circle_of_the_page_is_found(
    tmp_path: Path, sources: dict[str, str], said: str
) -> None:
    for name, other in sources.items():
        line = f'import {{ one }} from "./{other}.js";\n' if other else ""
        source = f"// x\n\n{line}\nexport const {name} = 1;\n"
        plant(tmp_path, {f"{name}.js": source})
    assert page_violations(page_imports(tmp_path)) == [said]


# Where files are written: as bytes, by the run folder's journal, and what is kept between runs. The
# PDF's compiler reads files, so its room lays some into a folder of the system that goes at once.
WRITERS = ("files.py", "folder/", "kept.py")
TEMPORARY = ("report/pdf.py", "layers/formats/archives.py", "layers/formats/gdal.py")
WRITING = {
    "write_bytes", "write_text", "touch", "mkdir", "makedirs", "unlink", "rmdir", "rmtree", "copy2",
    "copyfile", "copytree", "symlink_to",
}  # fmt: skip
# Words that frames and texts have too: of files they are those of a module or a path.
SHARED = {"copy", "move", "rename", "replace"}
# These take a file or a buffer, so what they are given decides.
INTO = {
    "save", "savefig", "savez", "to_csv", "to_excel", "to_file", "to_json", "to_parquet",
    "to_pickle", "tofile", "Workbook",
}  # fmt: skip
BUFFERS = {"buffer", "out"}


def writes(source: str, file: str) -> list[str]:
    """Say where a module writes a file by itself."""
    return [
        f"{file}:{node.lineno} writes a file by itself: {ast.unparse(node)[:60]}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and is_writing(node)
    ]


def is_writing(call: ast.Call) -> bool:
    """Whether a call writes into the file system; what stays in memory is written into buffers."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    given = [*call.args, *(keywords[arg] for arg in ("path", "path_or_buf") if arg in keywords)]

    is_buffer = bool(given) and ast.unparse(given[0]) in BUFFERS
    if name in ("open", "ZipFile"):
        modes = [
            repr(value.value) for value in (*call.args[:2], *keywords.values()) if is_set(value)
        ]
        return not is_buffer and any(re.fullmatch("'[rbt]*[wax+][wbt+]*'", mode) for mode in modes)
    if name in INTO:
        return bool(given) and not is_buffer
    if owner == "files":
        # the writer itself is asked to
        return False
    if name in SHARED:
        return owner in ("os", "shutil") or owner.endswith(("path", "folder"))
    return name in WRITING


def is_set(value: ast.expr) -> TypeGuard[ast.Constant]:
    """Whether an argument is a value as it stands."""
    return isinstance(value, ast.Constant)


def test_files_are_written_in_one_place() -> None:
    found = [
        line
        for file in modules_below(ROOT).values()
        if not file.as_posix().startswith((*WRITERS, *TEMPORARY))
        for line in writes((ROOT / file).read_text(encoding="utf-8"), file.as_posix())
    ]
    assert not found, "give the content to planner.folder or planner.files:\n" + "\n".join(found)


def test_the_writers_are_seen_to_write() -> None:
    for file in (*(ROOT / "folder").glob("*.py"), ROOT / "files.py", ROOT / TEMPORARY[0]):
        source = file.read_text(encoding="utf-8")
        is_judge = file.name in ("__init__.py", "notices.py", "state.py")
        assert is_judge or writes(source, file.name), file


@pytest.mark.parametrize(
    "source",
    [
        "Path(name).write_bytes(data)",
        "path.write_text('x', encoding='utf-8')",
        "open(path, 'w')",
        "open(path, mode='ab')",
        "path.open('xb')",
        "path.open(mode='r+')",
        "gzip.open(path, 'wt')",
        "rasterio.open(path, 'w', **profile)",
        "frame.to_csv(path, index=False)",
        "frame.to_csv(path_or_buf=path)",
        "table.to_parquet(folder / 'a.parquet')",
        "figure.savefig('a.png')",
        "document.save(path)",
        "zipfile.ZipFile(path, 'w')",
        "path.rename(other)",
        "xlsxwriter.Workbook('a.xlsx')",
        "shutil.copytree(data, folder)",
        "os.replace(beside, path)",
        "folder.mkdir(parents=True)",
    ],
)
def test_a_planted_writing_is_found(source: str) -> None:
    assert writes(source, "maps/a.py"), source


@pytest.mark.parametrize(
    "source",
    [
        "path.open('rb')",
        "open(path, encoding='utf-8')",
        "frame.to_csv(index=False)",
        "frame.to_parquet(buffer)",
        "document.save(buffer)",
        "text.replace('a', 'b')",
        "dataclasses.replace(plan, layers=layers)",
        "memory.open(**profile)",
        "frame.copy()",
        "frame.rename(columns=names)",
        "zipfile.ZipFile(path)",
        "zipfile.ZipFile(out, 'w')",
    ],
)
def test_what_stays_in_memory_is_not_found(source: str) -> None:
    assert writes(source, "maps/a.py") == []


def test_importing_the_package_is_light() -> None:
    names = (*LATE, *LATE_ROOMS)
    code = f"import sys, planner; print(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", f"`import planner` loads {done.stdout.strip()}"


def test_the_rooms_of_arrays_run_without_geography() -> None:
    # A bare package stands for planner/__init__.py, which may bring in more than the rooms need.
    code = (
        "import sys, types\n"
        f"sys.modules.update(dict.fromkeys({sorted(GEOGRAPHY)!r}))\n"
        "house = sys.modules['planner'] = types.ModuleType('planner')\n"
        f"house.__path__ = [{str(ROOT)!r}]\n"
        + "".join(f"import planner.{room}\n" for room in ARRAYS_ONLY)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_contributing_draws_the_same_floors() -> None:
    contributing = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([`\w, ]+) \|$", contributing, re.MULTILINE)
    drawn = {int(floor): frozenset(re.findall(r"\w+", rooms)) for floor, rooms in rows}
    assert drawn == dict(enumerate(FLOORS, start=1))


def test_every_room_on_a_floor_is_there() -> None:
    rooms = {
        file.parts[0] if len(file.parts) > 1 else file.stem for file in modules_below(ROOT).values()
    }
    assert rooms == FLOOR_OF.keys()
