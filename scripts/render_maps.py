"""Pictures of the review page at each phase, and the page beside them.

    python scripts/render_maps.py [RUN_FOLDER] [-o maps] [--browser PATH]

Without a run folder the packaged case is planned first. Writes ``phase-<count>.png``,
``close.png``, ``compare.png`` and ``sheet.png`` (the A3 sheet), all from the page itself in
headless Chromium, and ``map.html``, which is not committed: it contains Leaflet.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageColor
from playwright.sync_api import sync_playwright

import planner
from planner import fields as F
from planner.maps import page_html
from planner.model import Plan

ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
COMMON = 128
"""Colours of a picture's palette that are its own."""

MEANINGFUL = ("#b5121b", "#0a4a8c", "#b45f06", "#e08a00", "#1d4f3f")
"""Failure, networks and choice on the page: rare colours that a palette would lose."""

SIZE: Any = {"width": 1440, "height": 810}


def pictures(plan: Plan, folder: Path, browser: str) -> None:
    """Write all pictures of a plan's page into a folder."""
    page_file = folder / "map.html"
    size = page_file.write_bytes(page_html(plan))
    print(f"{page_file}: {size / 1e3:.0f} kB")

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=list(FLAGS))
        page = chromium.new_context(viewport=SIZE, offline=True).new_page()
        page.goto(page_file.resolve().as_uri())
        page.wait_for_selector("body[data-ready=all]", state="attached")

        for phase in plan.scenario.phases:
            move_to(page, phase.stations)
            shoot(page, folder / f"phase-{phase.stations}.png")

        # The first phase that plans anything shows most: both sheets and the station come from it.
        move_to(page, plan.scenario.counts[1])
        page.click(".compare")
        page.wait_for_timeout(500)
        shoot(page, folder / "compare.png")
        page.click(".compare")

        make_sheet(page, folder)
        find(page, busiest_station(plan))
        shoot(page, folder / "close.png")
        chromium.close()


def move_to(page: Any, count: int) -> None:
    """Move the slider and wait until the lists have followed."""
    page.evaluate(
        "(count) => { const slider = document.querySelector('.slider'); slider.value = count;"
        " slider.dispatchEvent(new Event('input')); }",
        count,
    )
    page.wait_for_timeout(600)


def find(page: Any, station_id: str) -> None:
    """Search a station, so that it is chosen and in the middle."""
    page.fill(".search input", station_id)
    page.press(".search input", "Enter")
    page.wait_for_timeout(1500)
    page.fill(".search input", "")
    page.locator(".search input").blur()


def busiest_station(plan: Plan) -> str:
    """The station of the first phase after the state that adds most to the first layer outdoors."""
    chosen = plan.stations.iloc[plan.order[plan.scenario.counts[0] : plan.scenario.counts[1]]]
    gain = chosen[f"gain_{plan.scenario.layer_names[0]}_outdoor"].to_numpy()
    return str(chosen[F.STATION_ID].iloc[int(np.argmax(gain))])


def make_sheet(page: Any, folder: Path) -> None:
    """The A3 sheet as a picture, when poppler is there to draw the PDF."""
    if shutil.which("pdftoppm") is None:
        print("pdftoppm is missing: sheet.png was not made")
        return
    page.evaluate("window.print = () => {}")
    page.click(".print")
    page.click(".print-now")
    page.wait_for_timeout(1500)
    pdf = folder / "sheet.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True)
    subprocess.run(
        ["pdftoppm", "-png", "-r", "96", "-singlefile", pdf, pdf.with_suffix("")], check=True
    )
    pdf.unlink()
    shrink(folder / "sheet.png")


def shoot(page: Any, path: Path) -> None:
    """Take the picture of the page."""
    page.screenshot(path=path)
    shrink(path)


def shrink(path: Path) -> None:
    """Rewrite a picture with a palette: its common colours and those that mean something."""
    with Image.open(path) as image:
        picture = image.convert("RGB")
    common = picture.quantize(COMMON).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(common[: 3 * COMMON] + [part for colour in meaningful() for part in colour])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")


def meaningful() -> list[tuple[int, ...]]:
    """The colours that mean something, whole and faded into the ground they stand on."""
    faded = []
    for colour in MEANINGFUL:
        for ground in ("#ffffff", "#8ab6d3"):
            parts = list(zip(ImageColor.getrgb(colour), ImageColor.getrgb(ground), strict=True))
            faded += [
                tuple(round(own + (other - own) * step) for own, other in parts)
                for step in (0, 0.2, 0.4, 0.6, 0.8)
            ]
    return faded


def main() -> None:
    """Read the command line and render."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    run_help = "run folder; default: plan the packaged case"
    parser.add_argument("run", type=Path, nargs="?", help=run_help)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "maps")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    parser.add_argument("--browser", default=browser)
    choice = parser.parse_args()
    if choice.browser is None:
        parser.error("no Chromium found; name one with --browser")

    if choice.run is None:
        scenario = planner.Scenario.from_file(ROOT / "data" / "scenarios" / "tinghu.yaml")
        plan = planner.solve(planner.build(scenario))
    else:
        plan = Plan.load(choice.run)
    choice.output.mkdir(parents=True, exist_ok=True)
    pictures(plan, choice.output, choice.browser)


if __name__ == "__main__":
    main()
