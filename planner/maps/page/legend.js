// The legend: its rows are the switches of what they explain.

import { el, replace, svg } from "./elements.js";
import { sheetLayer } from "./map.js";
import { addCard } from "./stage.js";
import { change, listen, shownNetworks, state } from "./state.js";
import { COLOURS, RED, networkColour } from "./style.js";
import {
  swatch, swatchBox, swatchCross, swatchGap, swatchGrid, swatchHatch, swatchLine, swatchRetrofit, swatchRing,
  swatchServers, swatchStations, swatchText, swatchWedge,
} from "./swatches.js";
import { bracketed, label, t } from "./text.js";

export function makeLegend(container) {
  const legend = el("section", { class: "legend card", title_word: "legend" });
  addCard(container, legend);
  const rows = el("div", { class: "legend-rows", id: "legend-rows" });
  const fold = el("button", { type: "button", class: "fold", word: "legend", "aria-controls": rows.id, "aria-expanded": "true" });
  fold.addEventListener("click", () => {
    rows.hidden = !rows.hidden;
    fold.setAttribute("aria-expanded", String(!rows.hidden));
    sheetLayer.redrawLive(); // names may stand where it stood
  });
  legend.append(el("h2", {}, fold), rows);
  listen((what) => {
    if (["network", "level", "on", "plan", "language", "compare", "complete"].some((name) => what.has(name))) {
      replace(rows, legendRows(state.plan).map(legendRow));
    }
  });
}

export function legendRows(plan) {
  const rows = [...coverageRows(plan),
    { swatch: swatchLine(COLOURS.road, 3), text: t("road_served") },
    { swatch: swatchGap(), text: t("gap_over"), toggle: "gaps" },
    { swatch: swatchLine(RED, 3.2), text: t("gap_within"), toggle: "gaps" },
    { swatch: swatchRing(), text: t("holes"), toggle: "holes" },
    ...(state.compare ? comparedRows() : stationRows(plan))];
  if (plan.stations.azimuths) rows.push({ swatch: swatchWedge(), text: t("wedges"), toggle: "wedges" });
  rows.push({ swatch: swatchServers(), text: t("first_server"), toggle: "servers" },
    { swatch: swatchCross(), text: t("candidates"), toggle: "candidates" });
  if (plan.stations.siting_verdict) rows.push({ swatch: swatchText("!"), text: t("siting_flag"), toggle: "siting" });
  rows.push({ swatch: swatchGrid(), text: t("graticule"), toggle: "graticule" });
  return rows;
}

function stationRows(plan) {
  return [
    ...shownNetworks().map((k) => ({ swatch: swatchStations(k), text: t("open_planned", { network: label(plan.networks[k].label) }), toggle: "stations" })),
    { swatch: swatchRetrofit(), text: t("retrofit_symbol"), toggle: "stations" }];
}

function comparedRows() {
  const cross = (k, x) => svg("path", { d: `M${x - 4} 3l8 8m0 -8l-8 8`, stroke: networkColour(k), "stroke-width": 1.8 });
  const ring = (k, x) => svg("path", { d: `M${x - 4.5} 7a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0M${x - 4.5} 7h9M${x} 2.5v9`,
    stroke: networkColour(k), "stroke-width": 1.8, fill: "none" });
  const both = (draw) => swatch(...shownNetworks().slice(0, 2).flatMap((k, i) => draw(k, 9 + 16 * i)));
  const diamond = (k, x) => [svg("path", { d: `M${x} 1.5l5.5 5.5l-5.5 5.5l-5.5 -5.5Z`, stroke: networkColour(k), "stroke-width": 1.8,
    fill: "#ffffff" }),
    svg("path", { d: `M${x} 1.5l-5.5 5.5l5.5 5.5Z`, fill: networkColour(k) })];
  const arrow = (k, x) => svg("path", { d: `M${x - 6} 7H${x + 6}m-4.5 -4l4.5 4l-4.5 4`, stroke: networkColour(k), "stroke-width": 1.8,
    fill: "none" });
  const twoPlans = [{ swatch: both(diamond), text: t("retimed_legend"), toggle: "stations" },
    { swatch: both(arrow), text: t("moved"), toggle: "stations" }];
  return [{ swatch: both(cross), text: t("only_left"), toggle: "stations" },
    { swatch: both(ring), text: t("only_right"), toggle: "stations" },
    ...(state.compare.plan === state.plan ? [] : twoPlans),
    { swatch: swatch(svg("rect", { x: 15.5, y: 5.5, width: 3, height: 3, fill: COLOURS.grey })), text: t("common"), toggle: "stations" }];
}

function coverageRows(plan) {
  const two = state.network < 0 && plan.networks.length > 1;
  const full = two ? "full_all" : state.level ? "full_deep" : "full_one";
  const rows = [{ swatch: swatchBox(COLOURS.full), text: two ? bracketed(t(full), t(`level.${plan.levels[state.level]}`)) : t(full) }];
  if (two || state.level) rows.push({ swatch: swatchBox(COLOURS.part), text: t(two ? "part_both" : "part_deep") });
  return [...rows, { swatch: swatchHatch(), text: t("unserved") }];
}

function legendRow({ swatch, text, toggle }) {
  if (!toggle) return el("div", { class: "legend-row" }, swatch, el("span", {}, text));
  const press = () => change({ on: { ...state.on, [toggle]: !state.on[toggle] } });
  return el("button", { class: "legend-row", type: "button", "aria-pressed": String(state.on[toggle]), "data-toggle": toggle,
    click: press },
    swatch, el("span", {}, text));
}
