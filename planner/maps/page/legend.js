// The legend: its rows are the switches of what they explain.

import { el, replace, svg } from "./elements.js";
import { sheetLayer } from "./map.js";
import { addCard } from "./stage.js";
import { change, hasAny, listen, shownNetworks, state } from "./state.js";
import { COLOURS, RED, networkColour } from "./style.js";
import {
  swatch, swatchBox, swatchCross, swatchGap, swatchGrid, swatchHatch, swatchLine, swatchNeighbours,
  swatchRetrofit, swatchRing, swatchServers, swatchStations, swatchText, swatchWedge,
} from "./swatches.js";
import { bracketed, t } from "./text.js";
import { fitting } from "./widths.js";

const RETROFITTED = 1; // code of the state
const NAME_ROOM = 8; // rem for the name of a network

export function makeLegend(container) {
  const legend = el("section", { class: "legend card", title_word: "legend" });
  addCard(container, legend);
  const rows = el("div", { class: "legend-rows", id: "legend-rows" });
  const fold = el("button", { type: "button", class: "fold", word: "legend",
    "aria-controls": rows.id, "aria-expanded": "true" });
  fold.addEventListener("click", () => {
    rows.hidden = !rows.hidden;
    fold.setAttribute("aria-expanded", String(!rows.hidden));
    sheetLayer.redrawLive(); // names may stand where it stood
  });
  legend.append(el("h2", {}, fold), rows);
  listen((what) => {
    if (hasAny(what, ["network", "level", "on", "plan", "language", "compare", "complete"])) {
      replace(rows, legendRows(state.plan).map(legendRow));
    }
  });
}

export function legendRows(plan) {
  const rows = [...coverageRows(plan),
    ...(plan.roads.length ? roadRows() : []),
    { swatch: swatchRing(), text: t("holes"), toggle: "holes" },
    ...(state.compare ? comparedRows() : stationRows(plan))];
  if (plan.stations.azimuths) {
    rows.push({ swatch: swatchWedge(), text: t("wedges"), toggle: "wedges" });
  }
  rows.push({ swatch: swatchServers(), text: t("first_server"), toggle: "servers" },
    { swatch: swatchCross(), text: t("candidates"), toggle: "candidates" });
  if (plan.stations.siting_verdict) {
    rows.push({ swatch: swatchText("!"), text: t("siting_flag"), toggle: "siting" });
  }
  rows.push({ swatch: swatchGrid(), text: t("graticule"), toggle: "graticule" });
  return rows;
}

function roadRows() {
  return [{ swatch: swatchLine(COLOURS.road, 3), text: t("road_served") },
    { swatch: swatchGap(), text: t("gap_over"), toggle: "gaps" },
    { swatch: swatchLine(RED, 3.2), text: t("gap_within"), toggle: "gaps" }];
}

function stationRows(plan) {
  const name = (k) => fitting(plan.networks[k].label, 0.86, NAME_ROOM);
  const rows = [
    ...shownNetworks().map((k) => ({
      swatch: swatchStations(k), text: t("open_planned", { network: name(k) }), toggle: "stations",
    }))];
  if (plan.stations.state.includes(RETROFITTED)) {
    rows.push({ swatch: swatchRetrofit(), text: t("retrofit_symbol"), toggle: "stations" });
  }
  if (plan.neighbours.length) {
    rows.push({ swatch: swatchNeighbours(), text: t("neighbour_station"), toggle: "stations" });
  }
  return rows;
}

function comparedRows() {
  const line = (k, d, fill = "none") => (
    svg("path", { d, stroke: networkColour(k), "stroke-width": 1.8, fill }));
  const cross = (k, x) => line(k, `M${x - 4} 3l8 8m0 -8l-8 8`);
  const ring = (k, x) => (
    line(k, `M${x - 4.5} 7a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0M${x - 4.5} 7h9M${x} 2.5v9`));
  const arrow = (k, x) => line(k, `M${x - 6} 7H${x + 6}m-4.5 -4l4.5 4l-4.5 4`);
  const diamond = (k, x) => [
    line(k, `M${x} 1.5l5.5 5.5l-5.5 5.5l-5.5 -5.5Z`, "#ffffff"),
    svg("path", { d: `M${x} 1.5l-5.5 5.5l5.5 5.5Z`, fill: networkColour(k) }),
  ];
  const shown = shownNetworks().slice(0, 2);
  const both = (draw) => swatch(...shown.flatMap((k, i) => draw(k, 9 + 16 * i)));
  const dot = swatch(svg("rect", { x: 15.5, y: 5.5, width: 3, height: 3, fill: COLOURS.grey }));
  const twoPlans = [{ swatch: both(diamond), text: t("retimed_legend"), toggle: "stations" },
    { swatch: both(arrow), text: t("moved"), toggle: "stations" }];
  return [{ swatch: both(cross), text: t("only_left"), toggle: "stations" },
    { swatch: both(ring), text: t("only_right"), toggle: "stations" },
    ...(state.compare.plan === state.plan ? [] : twoPlans),
    { swatch: dot, text: t("common"), toggle: "stations" }];
}

function coverageRows(plan) {
  const two = state.network < 0 && plan.networks.length > 1;
  const full = two ? "full_all" : state.level ? "full_deep" : "full_one";
  const level = t(`level.${plan.levels[state.level]}`);
  const text = two ? bracketed(t(full), level) : t(full);
  const rows = [{ swatch: swatchBox(COLOURS.full), text }];
  if (two || state.level) {
    rows.push({ swatch: swatchBox(COLOURS.part), text: t(two ? "part_both" : "part_deep") });
  }
  return [...rows, { swatch: swatchHatch(), text: t("unserved") }];
}

function legendRow({ swatch, text, toggle }) {
  if (!toggle) return el("div", { class: "legend-row" }, swatch, el("span", {}, text));
  const press = () => change({ on: { ...state.on, [toggle]: !state.on[toggle] } });
  const attributes = {
    class: "legend-row", type: "button", "aria-pressed": String(state.on[toggle]),
    "data-toggle": toggle, click: press,
  };
  return el("button", attributes, swatch, el("span", {}, text));
}
