"""The document: folium's map, Leaflet, the page's script and style, and the data, in one file.

Nothing from data passes through a template: folium renders an empty map, and the data is put beside
it afterwards as JSON in which ``<``, ``>`` and ``&`` are escaped. The content policy names the two
scripts and the style by hash and allows nothing else, so the page can ask no address for anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

import folium
from branca.element import Figure

from planner.maps.bundler import put_together
from planner.maps.languages import in_all, page_words
from planner.words import language

PAGE = files("planner.maps") / "page"
START = "main.js"
STYLES = ("page.css",)
MAX_ZOOM = 18


class PageFigure(Figure):
    """Root of the review page: renders folium's map and completes it to the one document."""

    def __init__(self, plans: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.plans = tuple(plans)

    def render(self, **kwargs: Any) -> str:
        """The whole document."""
        rendered = super().render(**kwargs)
        return _document(_map_div(rendered), _init_script(rendered), self.plans)


def page_map(plans: Sequence[Mapping[str, Any]]) -> folium.Map:
    """A folium map whose root is the review page of these payloads."""
    grid = plans[0]["grid"]
    shell = folium.Map(
        location=grid["centre"], zoom_start=10, tiles=None, zoom_control=False, zoom_snap=0
    )
    shell._id = "review"  # folium's own is random: two builds would differ
    shell.options["maxZoom"] = MAX_ZOOM  # the argument max_zoom reaches tile layers only
    # The page states its sources itself, on screen and on the sheet.
    shell.options["attributionControl"] = False
    shell.default_js, shell.default_css = [], []
    PageFigure(plans).add_child(shell)
    return shell


def _map_div(rendered: str) -> str:
    found = re.search(r'<div class="folium-map" id="map_review"\s*></div>', rendered)
    assert found, "folium's map element has changed"
    return found.group()


def _init_script(rendered: str) -> str:
    found = re.search(r"var map_review = L\.map\(.*?\n\s*\);", rendered, re.DOTALL)
    assert found, "folium's script has changed"
    return found.group()


@cache
def _leaflet(name: str) -> str:
    file = distribution("XStatic-Leaflet").locate_file(f"xstatic/pkg/leaflet/data/{name}")
    return Path(str(file)).read_text(encoding="utf-8")


@cache
def _part(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def page_sources() -> dict[str, str]:
    """Text of each module of the page's script by file name."""
    names = sorted(item.name for item in PAGE.iterdir() if item.name.endswith(".js"))
    return {name: _part(name) for name in names}


@cache
def page_script() -> str:
    """The page's own script: its modules put together."""
    return put_together(page_sources(), START)


def leaflet_script() -> str:
    """Leaflet's script without the address of its source map."""
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", _leaflet("leaflet.js")).strip()


def leaflet_style() -> str:
    """Leaflet's style without pictures, which are for markers and switches: no ``url()`` stays."""
    return re.sub(r"[\w-]+:\s*url\([^)]*\)[^;}]*;?", "", _leaflet("leaflet.css"))


def _style() -> str:
    return _ascii(_tidied(leaflet_style() + "\n" + "\n".join(map(_part, STYLES))), "\\{:x} ")


def _tidied(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def _script(init: str) -> str:
    # The text for browsers that cannot run this is put away before anything is laid out.
    away = 'document.getElementById("fallback").hidden = true;'
    # One script, not two: between two a browser lays the page out and draws it, half empty.
    own = f'(function () {{\n"use strict";\n{init}\n{page_script()}\n}})();'
    return _ascii(_tidied(f"{away}\n{leaflet_script()}\n{own}"), "\\u{:04x}")


def _ascii(text: str, escape: str) -> str:
    """The text with other letters escaped.

    A page of ASCII alone is half as large in a browser's memory, and faster.
    """
    return re.sub(r"[^\x00-\x7f]", lambda found: escape.format(ord(found.group())), text)


def _source_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def data_text(data: Any) -> str:
    """JSON that no HTML parser can read as markup."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _document(map_div: str, init: str, plans: Sequence[Mapping[str, Any]]) -> str:
    script, style = _script(init), _style()
    policy = (
        f"default-src 'none'; script-src {_source_hash(script)}; style-src {_source_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )

    # What the first picture needs stands before the script, the rest behind it.
    first, *rest = (block for i, plan in enumerate(plans) for block in _data_blocks(i, plan))
    return (
        f'<!DOCTYPE html>\n<html lang="{language()("language.html")}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{''.join(map(_key_tag, plans))}"
        f"<title>5G</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<p id="fallback">{_ascii(in_all("document.needs"), "&#{};")}</p>\n'
        f'<p id="print-hint">{_ascii(in_all("document.print"), "&#{};")}</p>\n'
        f"{map_div}\n{_data_block('words', page_words())}{first}"
        f"<script>{script}</script>\n{''.join(rest)}</body>\n</html>\n"
    )


def _key_tag(plan: Mapping[str, Any]) -> str:
    """Whose page it is, for programs; of two plans the page's own comes first."""
    return f'<meta name="plan-key" content="{plan["key"]}">\n'


def _data_blocks(i: int, plan: Mapping[str, Any]) -> tuple[str, str]:
    head = {name: value for name, value in plan.items() if name != "later"}
    return _data_block(f"plan{i}", head), _data_block(f"later{i}", plan["later"])


def _data_block(name: str, data: Any) -> str:
    return f'<script type="application/json" id="{name}">{data_text(data)}</script>\n'
