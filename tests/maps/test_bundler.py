"""The bundler puts modules together in order, and refuses another form with file and line."""

from __future__ import annotations

import pytest

from planner.maps.bundler import PageScriptError, put_together
from planner.maps.shell import START, page_script, page_sources

LOW = (
    "// low\n\nexport const low = [1, 2]; // why\n\nconst own = new Map();\n\n"
    "export function known() {\n  return own;\n}\n"
)
MAIN = (
    'import { low } from "./low.js";\nimport {\n  middle,\n} from "./middle.js";\n\n'
    "middle(low).then((value) => {\n  value();\n});\n"
)
MIDDLE = (
    'import { known, low } from "./low.js";\n\n/**\n * @returns {Promise<any>}\n */\n'
    "export async function middle(one) {\n  // a comment\n  return known(one, low);\n}\n"
)


def test_modules_stand_behind_what_they_import() -> None:
    assert put_together({"main.js": MAIN, "middle.js": MIDDLE, "low.js": LOW}, "main.js") == (
        "const low = [1, 2]; // why\nconst own = new Map();\nfunction known() {\n  return own;\n}\n"
        "async function middle(one) {\n  return known(one, low);\n}\n"
        "middle(low).then((value) => {\n  value();\n});"
    )


def test_what_nobody_imports_is_left_out() -> None:
    assert "secret" not in put_together(
        {"main.js": "start();\n", "other.js": "const secret = 1;\n"}, "main.js"
    )


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        pytest.param('import low from "./low.js";', 1, "neither", id="default-import"),
        pytest.param('import * as low from "./low.js";', 1, "neither", id="namespace"),
        pytest.param('import { low as deep } from "./low.js";', 1, "other form", id="renamed"),
        pytest.param('import "./low.js";', 1, "neither", id="for-its-effect"),
        pytest.param('import { low } from "low";', 1, "neither", id="not-beside"),
        pytest.param(
            'import { low } from "./none.js";\nconst a = low;',
            1,
            "there is no none.js",
            id="no-file",
        ),
        pytest.param(
            'import { high } from "./low.js";\nconst a = high;',
            1,
            "exports no high",
            id="unknown-name",
        ),
        pytest.param(
            'import { own } from "./low.js";\nconst a = own;',
            1,
            "exports no own",
            id="not-exported",
        ),
        pytest.param('import { low } from "./low.js";', 1, "not used", id="unused"),
        pytest.param(
            'import { low, low } from "./low.js";\nconst a = low;', 1, "twice", id="name-twice"
        ),
        pytest.param(
            'import { low } from "./low.js";\nimport { known } from "./low.js";',
            2,
            "twice",
            id="file-twice",
        ),
        pytest.param(
            'const a = 1;\nimport { low } from "./low.js";',
            2,
            "before everything",
            id="late-import",
        ),
        pytest.param(
            'import { low } from "./low.js";\nconst low = 1;',
            2,
            "twice",
            id="imported-and-declared",
        ),
        pytest.param("const a = 1;\n\nlet a = 2;", 3, "twice", id="declared-twice"),
        pytest.param("const own = 1;", 1, "declared in low.js too", id="declared-elsewhere"),
        pytest.param("export default 1;", 1, "neither", id="default-export"),
        pytest.param("const a = 1;\nexport { a };", 2, "neither", id="export-list"),
        pytest.param('export { low } from "./low.js";', 1, "neither", id="re-export"),
        pytest.param('export * from "./low.js";', 1, "neither", id="export-all"),
        pytest.param("export const [a, b] = [1, 2];", 1, "neither", id="taken-apart"),
        pytest.param("// words\nstart();", 2, "neither", id="statement"),
        pytest.param("if (a) {\n  start();\n}", 1, "neither", id="block"),
        pytest.param("const a = 1; start();", 1, "acts", id="second-statement"),
        pytest.param("const a = start();", 1, "acts", id="call"),
        pytest.param("const a = {\n  b: start(),\n};", 1, "acts", id="call-inside"),
        pytest.param("const a = new Thing();", 1, "acts", id="new"),
        pytest.param("const a = `${b}`;", 1, "acts", id="template"),
        pytest.param("let a = b = 1;", 1, "acts", id="assignment"),
        pytest.param("let a = b++;", 1, "acts", id="increment"),
        pytest.param('const a = import("./low.js");', 1, "acts", id="dynamic"),
        pytest.param("class A extends mixed(B) {\n}", 1, "neither", id="extends-a-call"),
        pytest.param("class A {\n  static a = start();\n}", 1, "methods only", id="static-field"),
        pytest.param(
            "class A {\n  static {\n    start();\n  }\n}", 1, "methods only", id="static-block"
        ),
        pytest.param("class A {\n  [start()]() {\n  }\n}", 1, "methods only", id="computed-method"),
        pytest.param(
            "const a = [\n  1,\n];\n  start();",
            4,
            "begins or ends nothing",
            id="indented-statement",
        ),
        pytest.param("function f() {\n  return 1;", 1, "without indent ends", id="never-ends"),
        pytest.param("function f() {\n}; start();\n", 1, "line of its own", id="behind-a-function"),
        pytest.param("const a = 1\nconst b = 2;", 2, "begins or ends nothing", id="no-semicolon"),
    ],
)
def test_another_form_is_refused(source: str, line: int, said: str) -> None:
    sources = {
        "main.js": 'import { low } from "./low.js";\nimport { a } from "./odd.js";\n\nstart(a, '
        "low);\n"
    }
    sources |= {"odd.js": source + "\n", "low.js": LOW}
    with pytest.raises(PageScriptError, match=said) as found:
        put_together(sources, "main.js")
    assert str(found.value).startswith(f"odd.js:{line}: "), found.value


def test_a_circle_is_named() -> None:
    sources = {
        "main.js": 'import { a } from "./a.js";\n\na();\n',
        "a.js": 'import { b } from "./b.js";\n\nexport function a() {\n  b();\n}\n',
        "b.js": 'import { a } from "./a.js";\n\nexport function b() {\n  a();\n}\n',
    }
    with pytest.raises(PageScriptError, match=r"^b\.js:1: circle a\.js -> b\.js -> a\.js$"):
        put_together(sources, "main.js")


def test_every_module_of_the_page_is_used() -> None:
    script = page_script()
    for name, source in page_sources().items():
        declared = [line for line in source.splitlines() if line.startswith("export ")]
        assert name == START or declared
        assert all(line.removeprefix("export ").split(" //")[0] in script for line in declared), (
            name
        )
