"""The review page against a bare Leaflet page with the same stations, in one browser and one run.

    python -m benchmarks.page RUN_FOLDER [--browser PATH]

Prints bytes, milliseconds to ready of both pages and their ratio (the least of many loads is what a
busy machine leaves of the truth), milliseconds of a slider step with drawing forced (median and
worst of 60), and what 20,000 stations cost. Ready is measured twice, alike for both pages: when the
script has made the first picture, and when the frame that shows it is through; Leaflet's canvas
draws its circles in that frame only.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

from planner import fields as F
from planner.maps import page_html
from planner.maps.shell import leaflet_script, leaflet_style
from planner.model import Plan

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOADS = 15
STEPS = 60
MANY = 20_000

# Marks the moment at which the frame that shows the first picture is through.
SHOWN_SCRIPT = """{
  const mark = performance.mark.bind(performance);
  const channel = new MessageChannel();
  channel.port1.onmessage = () => mark('shown');
  performance.mark = (name) => {
    mark(name);
    if (name === 'planner-first') requestAnimationFrame(() => channel.port2.postMessage(0));
  };
}"""
READY_MARKS = {"planner-first": "made", "shown": "shown"}

# Moves the slider by one station a step; reading a pixel back forces the drawing.
STEP_SCRIPT = """(steps) => {
  const slider = document.querySelector('.slider');
  const live = Array.from(document.querySelectorAll('canvas.live'), (one) => one.getContext('2d'));
  const start = Number(slider.value);
  const took = [];
  for (let i = 1; i <= steps; i++) {
    const before = performance.now();
    slider.value = start + i;
    slider.dispatchEvent(new Event('input'));
    live.forEach((context) => context.getImageData(0, 0, 1, 1));
    took.push(performance.now() - before);
  }
  return took;
}"""


def bare_page(plan: Plan, path: Path) -> None:
    """A map that shows the stations of the last phase as Leaflet's own circles, nothing else."""
    places = plan.stations.iloc[plan.order][[F.LAT, F.LON]].to_numpy().round(6).tolist()
    path.write_text(
        "<!DOCTYPE html><meta charset='utf-8'><style>html,body,#map{height:100%;margin:0}"
        + leaflet_style()
        + "</style>"
        f"<div id='map'></div><script>{leaflet_script()}</script><script>const "
        f"places={json.dumps(places)};"
        "const map=L.map('map',{preferCanvas:true}).fitBounds(places);"
        "for(const place of places)L.circleMarker(place,{radius:3}).addTo(map);"
        "performance.mark('planner-first');document.body.dataset.ready='first';</script>",
        encoding="utf-8",
    )


def with_many(plan: Plan, count: int) -> Plan:
    """The plan with copies of its stations, moved a little, until the last phase has ``count``."""
    rng = np.random.default_rng(0)
    own = plan.stations.iloc[plan.order]
    copies = own.iloc[np.arange(count - len(own)) % len(own)].copy()
    for name in (F.LON, F.LAT):
        copies[name] += rng.normal(0, 0.01, len(copies))
    copies[F.STATION_ID] += [f"-{i}" for i in range(len(copies))]
    copies[F.SITE_ID] += [f"-{i}" for i in range(len(copies))]
    copies[F.RANK] = pd.array(np.arange(len(own), count), dtype="Int64")

    # What is known of the last count is said of every count above it.
    stations = pd.concat([plan.stations, copies], ignore_index=True)
    index = pd.RangeIndex(plan.by_count.index[0], count + 1, name="count")
    phases = [phase.model_dump() for phase in plan.scenario.phases]
    phases[-1]["stations"] = count
    return dataclasses.replace(
        plan,
        scenario=plan.scenario.replace(phases=phases),
        stations=stations,
        by_count=plan.by_count.reindex(index, method="ffill"),
        curve=plan.curve.reindex(index, method="ffill"),
    )


@contextmanager
def opened(browser: Any, path: Path, width: int = 1920, height: int = 1080) -> Iterator[Page]:
    """The page in a context of its own without network."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page = context.new_page()
    page.add_init_script(SHOWN_SCRIPT)
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]", state="attached")
    yield page
    context.close()


def ready_ms(browser: Any, paths: Sequence[Path]) -> dict[str, list[tuple[float, float]]]:
    """By mark: median and least milliseconds to ready of each page, loaded afresh in turn."""
    times: dict[str, list[list[float]]] = {mark: [[] for _ in paths] for mark in READY_MARKS}
    for _ in range(LOADS):
        for i, path in enumerate(paths):
            with opened(browser, path) as page:
                page.wait_for_function("performance.getEntriesByName('shown').length")
                for mark, taken in times.items():
                    entry = "(name) => performance.getEntriesByName(name)[0].startTime"
                    taken[i].append(page.evaluate(entry, mark))
    return {
        mark: [(statistics.median(loads), min(loads)) for loads in taken]
        for mark, taken in times.items()
    }


def step_ms(page: Page) -> tuple[float, float]:
    """Median and worst time of a slider step with drawing forced, milliseconds."""
    page.wait_for_selector("body[data-ready=all]", state="attached")
    page.wait_for_timeout(400)
    took = page.evaluate(STEP_SCRIPT, STEPS)
    return statistics.median(took), max(took)


def measure(browser: Any, plan: Plan, name: str, folder: Path) -> None:
    """Print the figures of one plan."""
    page_path, bare_path = folder / f"{name}.html", folder / f"{name}-bare.html"
    size = page_path.write_bytes(page_html(plan))
    bare_page(plan, bare_path)
    print(f"{name}: {len(plan.order)} stations, {size / 1e3:.0f} kB")

    times = ready_ms(browser, (page_path, bare_path))
    for mark, (ours, bare) in times.items():
        for what, mine, peer in zip(("median", "least"), ours, bare, strict=True):
            print(
                f"{name}: first picture {READY_MARKS[mark]}, {what} of {LOADS}: {mine:.0f} ms, "
                f"bare Leaflet {peer:.0f} ms, ratio {mine / peer:.2f}"
            )

    # The slider in the whole district, then close to one place of demand.
    with opened(browser, page_path) as page:
        print(f"{name}: step, whole district  median %.1f worst %.1f ms" % step_ms(page))
        place = plan.points.iloc[0]
        page.fill(".search input", f"{place[F.LON]:.5f}, {place[F.LAT]:.5f}")
        page.press(".search input", "Enter")
        page.wait_for_timeout(1500)
        print(f"{name}: step, close zoom      median %.1f worst %.1f ms" % step_ms(page))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    choice = parser.parse_args()
    plan = Plan.load(choice.run)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=choice.browser, args=list(FLAGS))
        measure(browser, plan, "case", Path(folder))
        measure(browser, with_many(plan, MANY), "many", Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
