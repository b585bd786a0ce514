"""The page's modules put together as one script; what is not in one narrow form is refused.

A module is imports of names from files beside it, then functions, classes, constants and variables,
each from a line without indent to the line that ends it. Nothing happens while a module is read,
but in the one it all starts from: a value calls nothing. Put together all modules share one scope,
so no two may declare the same name. Names used but not imported are for the type checker to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Comments on lines of their own; others stay.
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:.|\n)*?\*/)$", re.MULTILINE)
TEXT = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//.*""")
IMPORT = re.compile(r'import \{([\w,\s]+)\} from "\./([\w-]+\.js)";')
DECLARATION = re.compile(
    r"(export )?(?:(?:async )?function (\w+)\(|class (\w+)(?: extends \w+)? \{"
    r"|(?:const|let) (\w+)(?: =|;))"
)
# What a value does while a module is read; an empty collection may be made, it does nothing.
ACTS = re.compile(r"[(`]|(?<![=!<>])=(?!=)|\+\+|--|;\s*\S|\b(?:await|delete|import|new)\b")
EMPTY = re.compile(r"\bnew (?:Map|Set|WeakMap)\(\)")
# A field of a class: its value would act.
FIELD = re.compile(r"^  (?:static )?(?:\[|\{|[#\w]+(?: =|;))", re.MULTILINE)
# Names that are used: not behind a dot, unless it is the last of three.
NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*|(?<=\.\.\.)\w+")


class PageScriptError(Exception):
    """A module of the page is not written in the form that is bundled."""


@dataclass
class Module:
    """What a module imports (file and line by name), declares (line by name), exports, and does."""

    imports: dict[str, tuple[str, int]] = field(default_factory=dict)
    declared: dict[str, int] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    code: list[str] = field(default_factory=list)


def put_together(sources: Mapping[str, str], start: str) -> str:
    """One script of a module and all it imports, each behind what it imports, without comments.

    Parameters
    ----------
    sources
        Text of each module by file name.
    start
        The module that may act while it is read; its imports are followed, depth first.

    Raises
    ------
    PageScriptError
        With file and line, where a module is not in the form above, imports what is not there or
        not used, imports in a circle, or declares a name of another.
    """
    modules: dict[str, Module] = {}
    _visit((start,), sources, modules)

    # Put together they share one scope, so a name may be declared in one module only.
    owner: dict[str, str] = {}
    for file, module in modules.items():
        for name, (other, line) in module.imports.items():
            if name not in modules[other].exported:
                raise PageScriptError(f"{file}:{line}: {other} exports no {name}")
        for name, line in module.declared.items():
            if owner.setdefault(name, file) != file:
                raise PageScriptError(f"{file}:{line}: {name} is declared in {owner[name]} too")
    return "\n".join(text for module in modules.values() for text in module.code)


def _visit(path: tuple[str, ...], sources: Mapping[str, str], done: dict[str, Module]) -> None:
    """Read the last module of a path of imports, behind everything that it imports."""
    file = path[-1]
    module = read_module(file, sources[file], may_act=len(path) == 1)
    for other, line in module.imports.values():
        if other in path:
            circle = " -> ".join((*path[path.index(other) :], other))
            raise PageScriptError(f"{file}:{line}: circle {circle}")
        if other not in sources:
            raise PageScriptError(f"{file}:{line}: there is no {other}")
        if other not in done:
            _visit((*path, other), sources, done)
    done[file] = module


def read_module(file: str, source: str, *, may_act: bool = False) -> Module:
    """Read one module, see :func:`put_together`."""
    module = Module()
    # Comments leave their line ends behind, so that errors name the right line.
    code = COMMENT.sub(lambda found: "\n" * found.group().count("\n"), source)
    for line, text in _pieces(file, code):
        place = f"{file}:{line}:"
        if imported := IMPORT.fullmatch(text):
            _add_import(module, imported, line, place)
        elif declaration := DECLARATION.match(text):
            _add_declaration(module, declaration, line, place, may_act=may_act)
        elif not may_act or re.match(r"(?:import|export)\b", text):
            first = text.splitlines()[0]
            raise PageScriptError(f"{place} neither import nor declaration in form: {first}")
        else:
            module.code.append(text)

    used = set(NAME.findall("\n".join(module.code)))
    for name, (_, line) in module.imports.items():
        if name not in used:
            raise PageScriptError(f"{file}:{line}: {name} is imported and not used")
    return module


def _pieces(file: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each import, declaration or statement."""
    piece: list[str] = []
    start = 0
    for number, line in enumerate(source.splitlines(), start=1):
        indented, closes = line[:1].isspace(), line[:1] in ("}", "]", ")")
        if not line.strip():
            continue
        if bool(piece) != (indented or closes):
            text = line.strip()
            raise PageScriptError(f"{file}:{number}: a line that begins or ends nothing: {text}")
        start = start if piece else number
        piece.append(line)
        # Further lines are indented until one closes; a piece of one line ends by itself.
        if closes or (len(piece) == 1 and TEXT.sub("", line).rstrip().endswith(";")):
            yield start, "\n".join(piece)
            piece = []
    if piece:
        raise PageScriptError(f"{file}:{start}: no line without indent ends it: {piece[0]}")


def _add_import(module: Module, found: re.Match[str], line: int, place: str) -> None:
    if module.code:
        raise PageScriptError(f"{place} imports stand before everything else")
    if found[2] in (other for other, _ in module.imports.values()):
        raise PageScriptError(f"{place} {found[2]} is imported twice")
    for name in re.split(r"\s*,\s*", found[1].strip(", \n")):
        if not name.isidentifier() or name in module.imports:
            form = "is imported twice or in another form than by its name"
            raise PageScriptError(f"{place} {name} {form}")
        module.imports[name] = (found[2], line)


def _add_declaration(
    module: Module, found: re.Match[str], line: int, place: str, *, may_act: bool
) -> None:
    """Enter a function, class or variable, which must end in form and do nothing when read."""
    export, function, class_, variable = found.groups()
    name = function or class_ or variable
    text = found.string
    if name in module.declared or name in module.imports:
        raise PageScriptError(f"{place} {name} is declared or imported twice")

    if variable:
        # what stands in texts and comments does not act
        value = EMPTY.sub("", TEXT.sub("", text[found.end() :])).rstrip()
        if not found[0].endswith(";") and not value.endswith(";"):
            raise PageScriptError(f"{place} {name} does not end with a semicolon")
        if not may_act and (act := ACTS.search(value)):
            acts = f"acts while the module is read: {act.group()}"
            raise PageScriptError(f"{place} the value of {name} {acts}")
    elif text.splitlines()[-1] != "}":
        raise PageScriptError(f"{place} {name} does not end with a bracket on a line of its own")
    elif class_ and (act := FIELD.search(text)):
        has = f"has a field or computed name, methods only: {act.group().strip()}"
        raise PageScriptError(f"{place} {name} {has}")

    module.declared[name] = line
    module.exported |= {name} if export else set()
    module.code.append(text.removeprefix("export "))
