// The table of layers in the panel: a switch, the name, and per network the share against its limit
// and the verdict.

import { el, replace, svg } from "./elements.js";
import { residentTexts } from "./kpis.js";
import { zoomTo } from "./map.js";
import { boundsOf } from "./outlines.js";
import { change, hasAny, listen, shownNetworks, state } from "./state.js";
import { INK, RED, networkColour } from "./style.js";
import { symbol } from "./swatches.js";
import { clauses, label, short, t } from "./text.js";
import { fitting, widthOf } from "./widths.js";
import { fromText, ruleText, shareText, statedText, verdictText } from "./wording.js";

const WITH_BARS = 2; // networks up to which there is room for bars
const PANEL_REM = 29.5; // width of the table at every size of the window, see page.css

export function makeLayerTable() {
  const title = el("h2", {});
  const rule = el("small", {});
  const table = el("table", { class: "layers" });
  const fails = el("p", { class: "fails-line" });
  const build = () => {
    replace(title, t("layer_table"), " · ",
      t(`level.${state.plan.levels[state.level]}`), " ", rule);
    rule.textContent = ruleText(state.plan);
    rule.title = statedText(state.plan);
    buildLayerTable(table);
    updateLayerTable(table, fails);
  };
  listen((what) => {
    if (hasAny(what, ["network", "level", "plan", "language", "layersOff"])) build();
    else if (what.has("count")) updateLayerTable(table, fails);
  });
  return el("section", { class: "layer-section" }, title, table, fails);
}

function buildLayerTable(table) {
  const { plan } = state;
  table.classList.toggle("many", plan.networks.length > WITH_BARS);
  const room = (PANEL_REM * (1 - namesShare(plan))) / plan.networks.length - 1.5;
  const heads = plan.networks.map((network, k) => {
    const title = label(network.label);
    const name = fitting(network.label, 0.86, room);
    return el("th", { scope: "col", colspan: 3, title }, networkMark(k), name);
  });
  const cells = (layer) => plan.networks.map((_, k) => [
    el("td", { class: "bar" }, barOf(layer)),
    el("td", { class: "share" }),
    el("td", { class: "verdict", "data-network": k }),
  ]);
  const rows = plan.layers.map((layer) => (
    el("tr", { "data-layer": layer.name }, layerHead(plan, layer), cells(layer))));
  replace(table, layerColumns(plan),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("layer")), heads)),
    el("tbody", {}, rows), el("tfoot", {}));
}

// residents of all layers who are served; no row where nobody is known to live
function residentRow(plan) {
  const { count, level } = state;
  const cells = plan.networks.map((_, k) => {
    const [people, share] = residentTexts(plan, count, [k], level);
    return people && [
      el("td", { class: "bar" }),
      el("td", { class: "share" }, `${share.value}${share.unit}`),
      el("td", { class: "verdict none" }, people.value),
    ];
  });
  if (!cells.every(Boolean)) return null;
  return el("tr", {}, el("th", { scope: "row" }, t("residents_in_layers")), cells);
}

// share of the width that the layers' names take
function namesShare(plan) {
  const boxed = plan.layers.map((layer) => widthOf(label(layer.label), 0.92) + 2.2);
  const widest = Math.max(...boxed, widthOf(t("residents_in_layers"), 0.92) + 0.4);
  return Math.min(widest / PANEL_REM, 0.32);
}

// per network a bar, the share at its widest, and what is left for the verdict
function layerColumns(plan) {
  const many = plan.networks.length > WITH_BARS;
  const name = 100 * namesShare(plan);
  const each = (100 - name) / plan.networks.length;
  const bar = many ? 0 : 0.16 * each;
  const share = (100 * (widthOf(shareText(1), many ? 0.82 : 0.92) + 0.2)) / PANEL_REM;
  const widths = [each - bar - share, bar, share];
  const three = () => [el("col", {}), el("col", {}), el("col", {})];
  const group = el("colgroup", {}, el("col", {}), plan.networks.map(three));
  Array.from(group.children).forEach((col, i) => {
    col.style.width = `${i ? widths[i % 3] : name}%`;
  });
  return group;
}

function layerHead(plan, layer) {
  const name = label(layer.label);
  const show = () => zoomTo(layerBounds(plan, layer));
  const shown = !state.layersOff.has(layer.name);
  const flip = () => {
    const off = new Set(state.layersOff);
    if (!off.delete(layer.name)) off.add(layer.name);
    change({ layersOff: off });
  };
  return el("th", { scope: "row" },
    el("input", { type: "checkbox", checked: shown, "aria-label": name, change: flip }),
    el("button", { type: "button", class: "link", click: show }, name));
}

function layerBounds(plan, layer) {
  const source = layer.shape === "area" ? plan.geometry.areas : plan.geometry.roads;
  const features = source.filter((feature) => feature.layer === layer.name);
  return boundsOf(plan, features.length ? features : plan.geometry.boundary);
}

function networkMark(network) {
  return svg("svg", { width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" },
    symbol(network, 6, 6, 4.4, { fill: networkColour(network) }));
}

function barOf(layer) {
  const box = {
    width: "100%", height: 12, viewBox: "0 0 100 12", preserveAspectRatio: "none",
    "aria-hidden": "true",
  };
  const limit = { stroke: INK, "vector-effect": "non-scaling-stroke" };
  return svg("svg", box,
    svg("rect", { class: "fill", x: 0, y: 3, height: 6, width: 0 }),
    svg("path", { d: `M${layer.rule.share * 100} 0V12`, ...limit }));
}

function updateLayerTable(table, fails) {
  const { plan, count, level } = state;
  const failing = [];
  for (const row of table.tBodies[0].rows) {
    const layer = plan.layers.find((one) => one.name === row.dataset.layer);
    plan.networks.forEach((network, k) => {
      const verdict = plan.figures.verdict(count, layer, network.name, plan.levels[level]);
      const [bar, share, text] = Array.from(row.cells).slice(1 + 3 * k, 4 + 3 * k);
      showVerdict(verdict, bar, share, text, state.network >= 0 && state.network !== k);
      if (!verdict || verdict.passes || !shownNetworks().includes(k)) return;
      failing.push(`${label(layer.label)}·${short(network.label)} ${fromText(verdict)}`);
    });
  }
  replace(table.tFoot, residentRow(plan));
  fails.textContent = clauses(failing);
}

function showVerdict(verdict, bar, share, text, dim) {
  const fill = bar.querySelector(".fill");
  fill.setAttribute("width", verdict ? 100 * verdict.share : 0);
  fill.setAttribute("fill", verdict && !verdict.passes ? RED : "#4a5864");
  share.textContent = verdict ? shareText(verdict.share) : "";
  text.textContent = verdictText(verdict);
  text.className = !verdict ? "verdict none" : verdict.passes ? "verdict passes" : "verdict fails";
  text.title = verdict && !verdict.passes ? fromText(verdict) : "";
  for (const cell of [bar, share, text]) cell.classList.toggle("dim", dim);
}
