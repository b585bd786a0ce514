"""The review page against a bare Leaflet page with the same stations, in one headless browser.

The first picture is there when the frame that shows it is through; Leaflet's canvas draws its
circles in that frame only. A step moves the slider by one station, with drawing forced: ours draws
coverage, stations and figures anew, the bare page adds one circle. Also with 20,000 stations.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

from benchmarks.pairs import Line, Measured, alternate, line
from planner import fields as F
from planner.maps import page_html
from planner.maps.shell import leaflet_script, leaflet_style
from planner.model import Plan

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOADS = 3
STEPS = 60
MANY = 20_000
FIGURES = {"first picture": 2.0, "slider step": None}
"""By figure: the most that the ratio may be."""

# Marks the moment at which the frame that shows the first picture is through. A step does itself
# what waits for the next frame (``held``), so that no time is spent on waiting.
SCRIPT = """{
  const mark = performance.mark.bind(performance);
  const channel = new MessageChannel();
  channel.port1.onmessage = () => mark('shown');
  performance.mark = (name) => {
    mark(name);
    if (name === 'planner-first') requestAnimationFrame(() => channel.port2.postMessage(0));
  };
  const later = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => window.held ? window.held.push(call) : later(call);
}"""
SHOWN = "performance.getEntriesByName('shown').length"
SHOWN_AT = "performance.getEntriesByName('shown')[0].startTime"

# Moves the slider down by one station a step; reading a pixel back forces the drawing. One step of
# the bare page is shorter than the browser's clock can tell.
STEP_SCRIPT = """(steps) => {
  const slider = document.querySelector('.slider');
  const own = document.querySelectorAll('canvas.live');
  const live = Array.from(own.length ? own : document.querySelectorAll('canvas'));
  const start = Number(slider.value);
  window.held = [];
  const began = performance.now();
  for (let i = 1; i <= steps; i++) {
    slider.value = start - i;
    slider.dispatchEvent(new Event('input'));
    window.held.splice(0).forEach((call) => call(performance.now()));
    live.forEach((canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1));
  }
  return (performance.now() - began) / steps;
}"""

BARE_SCRIPT = """
const map = L.map('map', {preferCanvas: true}).fitBounds(places);
const circles = places.map((place) => L.circleMarker(place, {radius: 3}).addTo(map));
const slider = document.querySelector('.slider');
let shown = places.length;
slider.addEventListener('input', () => {
  while (shown > slider.value) circles[--shown].remove();
  while (shown < slider.value) circles[shown++].addTo(map);
});
performance.mark('planner-first');
document.body.dataset.ready = 'all';
"""


def measure(pairs: int, run_folder: Path, folder: Path) -> Iterator[Line]:
    """The page of a run and that of many stations; nothing, said aloud, without a browser."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        print(f"page: left out, there is none of {', '.join(BROWSERS)} on this machine")
        return
    plan = Plan.load(run_folder)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for shown in (plan, with_many(plan, MANY)):
            yield from compare(browser, shown, folder, pairs)
        browser.close()


def compare(browser: Any, plan: Plan, folder: Path, pairs: int) -> Iterator[Line]:
    """Bytes, first picture and slider steps of the review page and of the bare one."""
    ours, bare = folder / "page.html", folder / "bare.html"
    ours.write_bytes(page_html(plan))
    bare_page(plan, bare)

    name = f"page / bare Leaflet, {len(plan.order)} stations"
    size: list[tuple[Measured, Measured]] = [
        ({"size": ours.stat().st_size / 1e3}, {"size": bare.stat().st_size / 1e3})
    ]
    yield line(size, "size", f"{name}, size", "kB")

    taken = alternate(
        lambda: milliseconds(browser, ours), lambda: milliseconds(browser, bare), pairs
    )
    for figure, target in FIGURES.items():
        yield line(taken, figure, f"{name}, {figure}", "ms", target)


def milliseconds(browser: Any, path: Path) -> Measured:
    """The least of some loads, which is what a busy machine leaves of the truth; a mean step."""
    loads = []
    for _ in range(LOADS):
        with opened(browser, path) as page:
            page.wait_for_function(SHOWN)
            loads.append(page.evaluate(SHOWN_AT))

    with opened(browser, path) as page:
        page.wait_for_selector("body[data-ready=all]", state="attached")
        page.wait_for_timeout(400)
        step = page.evaluate(STEP_SCRIPT, STEPS)
    return {"first picture": min(loads), "slider step": step}


@contextmanager
def opened(browser: Any, path: Path) -> Iterator[Page]:
    """The page in a context of its own without network."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, offline=True)
    page = context.new_page()
    page.add_init_script(SCRIPT)
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]", state="attached")
    yield page
    context.close()


def bare_page(plan: Plan, path: Path) -> None:
    """A map that shows the stations of the last phase as Leaflet's own circles, and a slider."""
    places = plan.stations.iloc[plan.order][[F.LAT, F.LON]].to_numpy().round(6).tolist()
    count = len(places)
    path.write_text(
        "<!DOCTYPE html><meta charset='utf-8'><style>html,body,#map{height:100%;margin:0}"
        + leaflet_style()
        + f"</style><input class='slider' type='range' max='{count}' value='{count}'>"
        + f"<div id='map'></div><script>{leaflet_script()}</script>"
        + f"<script>const places = {json.dumps(places)};{BARE_SCRIPT}</script>",
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
    points = plan.points.assign(
        **{
            F.signal_column(name, count): plan.points[F.signal_column(name, len(own))]
            for name in plan.scenario.network_names
        }
    )
    stations = pd.concat([plan.stations, copies], ignore_index=True)
    index = pd.RangeIndex(plan.by_count.index[0], count + 1, name="count")
    phases = [phase.model_dump() for phase in plan.scenario.phases]
    phases[-1]["stations"] = count
    return dataclasses.replace(
        plan,
        scenario=plan.scenario.replace(phases=phases),
        stations=stations,
        points=points,
        by_count=plan.by_count.reindex(index, method="ffill"),
        curve=plan.curve.reindex(index, method="ffill"),
    )
