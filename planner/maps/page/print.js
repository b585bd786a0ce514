// The sheet: A3 or A4 landscape at a true scale, drawn anew for paper.

import { makeAxis } from "./axis.js";
import { curveLines, curves, shareLines } from "./curves.js";
import { el, replace, svg, tableOf } from "./elements.js";
import { failuresShown } from "./failures.js";
import { gapPlace } from "./gaps.js";
import { inset } from "./inset.js";
import { kpiTexts } from "./kpis.js";
import { drawLabels } from "./labels.js";
import { legendRows } from "./legend.js";
import { map } from "./map.js";
import { boundsOf, linePoints } from "./outlines.js";
import { drawScene, drawUnder, sceneNow } from "./scene.js";
import { drawGraticule, drawNorth, drawScaleBar } from "./sheetmarks.js";
import { shownNetworks, state } from "./state.js";
import { COLOURS, INK } from "./style.js";
import { swatch, swatchBox, swatchLine } from "./swatches.js";
import { bracketed, clauses, label, short, t, whole } from "./text.js";
import { townHeads, townRows } from "./towns.js";
import { centredView, toPx } from "./view.js";
import { widthOf } from "./widths.js";
import { phaseDate, ruleText, shareText, statedText, verdictText } from "./wording.js";
import { lengthText } from "./writing.js";

const PX_PER_MM = 96 / 25.4;

const PAPERS = {
  A3: { width: 420, height: 297, title: 17, side: 92, foot: 19, pen: 1,
    inset: [92, 106], ratio: 3 },
  A4: { width: 297, height: 210, title: 12.5, side: 67, foot: 14, pen: 0.72,
    inset: [62, 72], ratio: 4 },
};

const LEGEND_MM = 3.4; // size of its letters on A3
const SHEET_CURVE = 350; // width of the curve with its names, and what these take at most
const NAMES_ROOM = 150;
const SHEET_TICK = 12; // size of their letters, see page.css
const FRAME = 10; // mm of white round the sheet
const SCALES = [
  5000, 10000, 20000, 25000, 50000, 75000, 100000, 150000, 200000, 250000, 300000, 400000, 500000,
  750000, 1000000,
];

export function makePrintDialog(container) {
  const paper = el("select", { class: "paper", "aria-label": t("paper") },
    Object.keys(PAPERS).map((name) => el("option", {}, name)));
  const scale = el("select", { class: "scale", "aria-label": t("scale") });
  const area = el("select", { class: "area" });
  const dialog =
    el("div", { class: "print-dialog", role: "dialog", title_word: "print_title", hidden: true });

  // the scale that shows the whole area is chosen, the others may be
  const fitted = () => {
    const denominator = fittingScale(PAPERS[paper.value], area.value);
    const option = (one) => (
      el("option", { value: one, selected: one === denominator }, scaleText(one)));
    replace(scale, SCALES.map(option));
  };
  const open = () => {
    replace(area, el("option", { value: "all" }, t("home")),
      el("option", { value: "view" }, t("map")));
    fitted();
    dialog.hidden = false;
    paper.focus();
  };
  const close = () => { dialog.hidden = true; };

  paper.addEventListener("change", fitted);
  area.addEventListener("change", fitted);
  dialog.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

  dialog.append(el("h2", { word: "print_title" }),
    el("label", {}, el("span", { word: "paper" }), paper),
    el("label", {}, el("span", { word: "map" }), area),
    el("label", {}, el("span", { word: "scale" }), scale),
    el("div", {}, el("button", { type: "button", class: "print-now", word: "print_now",
      click: () => { close(); printSheet(paper.value, Number(scale.value), area.value); } }), " ",
      el("button", { type: "button", word: "close", click: close })));
  container.append(dialog);
  window.addEventListener("afterprint", removeSheet);
  return open;
}

function scaleText(denominator) {
  return `1 : ${String(denominator).replace(/\B(?=(\d{3})+$)/g, " ")}`;
}

/** @returns {[number, number]} mm */
function mapSize(paper) {
  return [paper.width - 2 * FRAME - paper.side,
    paper.height - 2 * FRAME - paper.title - paper.foot];
}

function printedBox(area) {
  if (area === "all") return boundsOf(state.plan, state.plan.geometry.boundary);
  const bounds = map.getBounds();
  const [w, n] = state.plan.place(bounds.getWest(), bounds.getNorth());
  const [e, s] = state.plan.place(bounds.getEast(), bounds.getSouth());
  return [w, n, e, s];
}

function middleCosine(plan, [w, n, e, s]) {
  const [, lat] = plan.lonlat((w + e) / 2, (n + s) / 2);
  return Math.cos((lat * Math.PI) / 180);
}

// the largest scale at which the box fits the paper
function fittingScale(paper, area) {
  const box = printedBox(area);
  return fitScale(box, mapSize(paper), 6);
}

function fitScale(box, [width, height], margin) {
  const ground = middleCosine(state.plan, box) * 1000;
  const need = Math.max(((box[2] - box[0]) * ground) / (width - 2 * margin),
    ((box[3] - box[1]) * ground) / (height - 2 * margin));
  return SCALES.find((one) => one >= need) || SCALES[SCALES.length - 1];
}

// a view of so many mm at 1 : denominator round the middle of a box
function scaledView(box, [width, height], denominator, paper) {
  const scale = (PX_PER_MM * 1000 * middleCosine(state.plan, box)) / denominator;
  const [w, h] = [width * PX_PER_MM, height * PX_PER_MM];
  return centredView(box, w, h, scale, paper.ratio, paper.pen);
}

let pageRule = -1;

async function printSheet(name, denominator, area) {
  const sheet = buildSheet(name, denominator, area);
  document.body.append(sheet);
  document.body.classList.add("with-sheet");
  setPage(name);
  await nextFrame();
  await nextFrame();
  window.print();
  return sheet;
}

function nextFrame() {
  return new Promise((done) => requestAnimationFrame(done));
}

// the policy forbids style elements, not rules
function setPage(name) {
  const style = document.styleSheets[0];
  pageRule = style.insertRule(`@page { size: ${name} landscape; margin: 0; }`,
    style.cssRules.length);
}

function removeSheet() {
  if (pageRule >= 0) document.styleSheets[0].deleteRule(pageRule);
  pageRule = -1;
  document.querySelectorAll(".sheet").forEach((sheet) => sheet.remove());
  document.body.classList.remove("with-sheet");
}

function buildSheet(name, denominator, area) {
  removeSheet();
  const paper = PAPERS[name];
  const sheet = el("section", { class: `sheet ${name.toLowerCase()}` });
  sheet.style.setProperty("--pen", paper.pen);
  for (const part of ["title", "side", "foot"]) {
    sheet.style.setProperty(`--${part}`, `${paper[part]}mm`);
  }
  sheet.append(el("div", { class: "sheet-frame" }, sheetTitle(), sheetMap(paper, denominator, area),
    sheetSide(), sheetFoot(denominator)));
  return sheet;
}

function sheetTitle() {
  const { plan, count } = state;
  const phase = plan.phases[plan.phaseAt(count)];
  const network = state.network < 0 ? t("all_networks") : label(plan.networks[state.network].label);
  const date = phase.count === count ? phaseDate(phase) : `${count} ${t("unit_station")}`;
  const nature = plan.synthetic ? t("synthetic") : null;
  const shown = [network, t(`level.${plan.levels[state.level]}`), nature];
  return el("header", { class: "sheet-title" },
    el("div", {}, `${t("sheet_number")} ${plan.name}-${count}`, el("br"),
      `${t("stations")} ${count} · ${t("sites")} ${whole(plan.figures.district(count, "sites"))}`),
    el("h1", {}, bracketed(label(plan.title), date)),
    el("div", {}, shown.filter(Boolean).join(" · "),
      el("br"), plan.openstreetmap ? t("osm") : ""));
}

function sheetMap(paper, denominator, area) {
  const size = mapSize(paper);
  const view = scaledView(printedBox(area), size, denominator, paper);
  const rows = sheetLegendRows();
  const small = sheetInset(paper, denominator);
  const taken = [];
  if (small) placeInCorner(view, small, paper.inset, taken);
  const legend = el("div", { class: "sheet-legend" }, el("h2", {}, t("legend")),
    rows.map((row) => el("div", { class: "legend-row" }, row.swatch, el("span", {}, row.text))));
  const longest = Math.max(...rows.map(({ text }) => widthOf(text, LEGEND_MM)));
  const [width, height] = [(longest + 10) * paper.pen + 8, (rows.length * 4.75 + 11) * paper.pen];
  placeInCorner(view, legend, [width, height], taken);
  const canvas = paperCanvas(view, (context) => drawSheetMap(context, view, paper, taken));
  return el("div", { class: "sheet-map" }, canvas, legend, small);
}

function drawSheetMap(context, view, paper, taken) {
  const mm = PX_PER_MM;
  drawUnder(context, view, state.plan);
  drawScene(context, view, { ...sceneNow(), newest: 0, station: -1 });
  drawGraticule(context, view, state.plan);
  drawLabels(context, view, state.plan, taken);
  const low = taken.find((box) => box[0] < view.width / 4 && box[3] > view.height * 0.9);
  const right = (low ? low[2] : 0) + 70 * mm * paper.pen;
  const middle = drawScaleBar(context, view, state.plan, right, view.height - 7 * mm,
    52 * mm * paper.pen);
  drawNorth(context, view, middle, view.height - 7 * mm - 40 * paper.pen);
}

// put a card of so many mm into the free corner that hides the least of the plan
function placeInCorner(view, card, [width, height], taken) {
  const [w, h, gap] = [width * PX_PER_MM, height * PX_PER_MM, 4 * PX_PER_MM];
  const boxes = [[0, 1], [0, 0], [1, 1], [1, 0]].map(([right, low]) => {
    const [x, y] = [right ? view.width - gap - w : gap, low ? view.height - gap - h : gap];
    return [x, y, x + w, y + h];
  });
  const meet = (one, other) => one[0] < other[2] && one[2] > other[0] && one[1] < other[3]
    && one[3] > other[1];
  const free = boxes.filter((box) => !taken.some((other) => meet(box, other)));
  const hidden = (box) => groundPoints(state.plan).filter(([gx, gy]) => {
    const [x, y] = toPx(view, gx, gy);
    return x > box[0] && x < box[2] && y > box[1] && y < box[3];
  }).length;
  const [{ box: best }] = (free.length ? free : boxes).map((box) => ({ box, hides: hidden(box) }))
    .sort((a, b) => a.hides - b.hides);
  // held by its corner, so that a card that turns out larger stays on the sheet
  card.style[best[0] === gap ? "left" : "right"] = "4mm";
  card.style[best[1] === gap ? "top" : "bottom"] = "4mm";
  taken.push(best);
}

// the boundary's corners and all stations: what a card should not hide
function groundPoints(plan) {
  const { gx, gy } = plan.stations;
  const corners =
    plan.geometry.boundary.flatMap((one) => one.lines.flatMap((line) => linePoints(plan, line)));
  return [...corners, ...Array.from(gx, (x, i) => [x, gy[i]])];
}

function paperCanvas(view, draw) {
  const canvas = el("canvas",
    { width: Math.round(view.width * view.ratio), height: Math.round(view.height * view.ratio) });
  canvas.style.width = `${view.width}px`;
  canvas.style.height = `${view.height}px`;
  draw(canvas.getContext("2d"));
  return canvas;
}

// the first area layer at a larger scale, where the sheet shows a smaller one
function sheetInset(paper, denominator) {
  if (!inset.area) return null;
  const scale = Math.max(fitScale(inset.area, paper.inset, 1), 10000);
  if (scale >= denominator) return null;
  const view = scaledView(inset.area, paper.inset, scale, paper);
  const canvas = paperCanvas(view, (context) => {
    drawUnder(context, view, state.plan);
    drawScene(context, view, { ...sceneNow(), newest: 0, station: -1 });
    drawLabels(context, view, state.plan, [[0, 0, 190 * paper.pen, 30 * paper.pen]]);
  });
  return el("div", { class: "sheet-inset" }, canvas,
    el("span", {}, `${inset.title()} ${scaleText(scale)}`));
}

function sheetLegendRows() {
  const rows = legendRows(state.plan).filter((row) => !row.toggle || state.on[row.toggle]);
  return [...rows.filter((row) => row.toggle !== "graticule"),
    { swatch: swatch(svg("path",
      { d: "M0 7H34", stroke: INK, "stroke-width": 1.6, "stroke-dasharray": "10 3 1.6 3" })),
      text: t("boundary") },
    { swatch: swatchBox("none"), text: t("layer_outline") },
    { swatch: swatch(svg("rect", { x: 0.5, y: 0.5, width: 33, height: 13, fill: "none", stroke: INK,
      "stroke-dasharray": "5 4" })),
      text: t("planned_park") },
    { swatch: swatch(svg("rect", { x: 0.5, y: 0.5, width: 33, height: 13, fill: "none", stroke: INK,
      "stroke-dasharray": "1 3" })),
      text: t("keep_out") },
    { swatch: swatchLine(COLOURS.roadOutside, 1.4), text: t("other_road") },
    { swatch: swatchLine(COLOURS.water, 2), text: t("water") }];
}

function sheetSide() {
  const { plan, count, level } = state;
  const kpis = kpiTexts(plan, count, shownNetworks(), level);
  const shownLevel = t(`level.${plan.levels[level]}`);
  const estimated = plan.towns.estimated ? ` ${t("town_estimate")}` : "";
  return el("aside", { class: "sheet-side" },
    el("h2", {}, t("main_figures")), el("dl", { class: "sheet-kpis" },
      kpis.map(({ name, value, unit, fails }) => el("div", {}, el("dt", {}, name),
        el("dd", { class: fails ? "fails" : "" }, `${value} ${unit || ""}`)))),
    el("h2", {}, `${t("layer_table")} · ${shownLevel}`, el("small", {}, ruleText(plan))),
    sheetVerdicts(plan, count, level),
    el("h2", {}, t("curve_title")), sheetCurve(),
    el("h2", {}, t("towns_title")), sheetTowns(plan, count),
    el("h2", {}, t("longest_gaps")), sheetGaps(plan, count),
    el("p", { class: "sheet-note" }, t("defines"), estimated, ` ${statedText(plan)}`,
      plan.notes.length ? ` ${clauses(plan.notes.map(label))}` : null));
}

function sheetVerdicts(plan, count, level) {
  const cell = (layer, network) => {
    const verdict = plan.figures.verdict(count, layer, network.name, plan.levels[level]);
    if (!verdict) return el("td", {}, verdictText(verdict));
    const text = `${shareText(verdict.share)} ${verdictText(verdict)}`;
    return el("td", { class: verdict.passes ? "passes" : "fails" }, text);
  };
  const rows = plan.layers.map((layer) => el("tr", {},
    el("th", { scope: "row" }, label(layer.label)),
    plan.networks.map((network) => cell(layer, network))));
  const heads = [t("layer"), ...plan.networks.map((network) => label(network.label))];
  return tableOf("sheet-table verdicts", heads, rows);
}

function sheetCurve() {
  const { plan, count } = state;
  const widths = curves().map((line) => widthOf(line.name, SHEET_TICK));
  const room = Math.min(Math.max(...widths), NAMES_ROOM);
  const width = SHEET_CURVE - 44 - room;
  const axis = makeAxis({
    first: plan.firstCount, last: plan.lastCount, left: 30, width, height: 110, top: 8, bottom: 92,
  });
  const tick = { y: 106, "text-anchor": "middle", class: "tick" };
  const ticks = plan.counts.map((n) => svg("text", { x: axis.x(n), ...tick }, String(n)));
  const names = curves().map((line, i) => {
    const squeezed = widths[i] > room ? { textLength: room, lengthAdjust: "spacingAndGlyphs" } : {};
    const place = { x: SHEET_CURVE - room, y: 14 + 13 * i, class: "tick" };
    const name = svg("text", { ...place, ...squeezed }, line.name);
    name.style.fill = line.colour;
    return name;
  });
  return svg("svg", { viewBox: `0 0 ${SHEET_CURVE} 110`, class: "sheet-curve" },
    shareLines(axis), curveLines(axis), ticks, names,
    svg("path", { d: `M${axis.x(count)} 4V94`, stroke: INK, "stroke-width": 1.2 }));
}

function sheetTowns(plan, count) {
  const { rows, sums } = townRows(plan, count);
  const cell = (figure) => el("td", { class: "number" }, String(figure));
  const row = (attributes, name, figures) => el("tr", attributes,
    el("th", { scope: "row" }, name), figures.slice(0, -1).map(cell));
  const body = [
    ...rows.map(({ name, figures }) => row({}, name, figures)),
    row({ class: "sum" }, t("sum"), sums),
  ];
  return tableOf("sheet-table towns", [t("town"), ...townHeads(plan).slice(0, -1)], body);
}

function sheetGaps(plan, count) {
  const { over } = failuresShown(plan, count);
  if (!over.length) return el("p", { class: "passes" }, t("none_over"));
  return tableOf("sheet-table", [t("place"), t("network"), t("size")],
    over.slice(0, 5).map((gap) => el("tr", {}, el("td", {}, gapPlace(plan, gap)),
    el("td", {}, short(plan.networks[gap.network].label)),
    el("td", { class: "number fails" }, lengthText(gap.length)))));
}

function sheetFoot(denominator) {
  const { plan } = state;
  const cells = [["compiled_by", plan.titles.compiled_by], ["compiled_on", plan.as_of],
    ["data_until", plan.phases[0].date],
    ["crs_scale", `${plan.crs} · ${scaleText(denominator)}`],
    ["data_nature", t(plan.synthetic ? "partly_synthetic" : "real_data")],
    ["plan_key", plan.key], ["secrecy", plan.titles.secrecy],
    ["review_number", plan.titles.review_number]];
  return el("footer", { class: "sheet-foot" },
    cells.map(([key, value]) => el("div", {}, el("small", {}, t(key)),
    el("span", {}, value || ""),
    key === "review_number" && !value ? el("small", { class: "internal" }, t("internal")) : null)));
}
