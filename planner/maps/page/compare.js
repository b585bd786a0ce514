// Two plans, or two counts of one plan, side by side: a divider over one map.

import { clearCanvas } from "./canvases.js";
import { differences } from "./differences.js";
import { PANEL_ROWS, actingRow, el, replace, tableOf } from "./elements.js";
import { kpiTexts, residentTexts } from "./kpis.js";
import { map, sheetLayer, zoomToPlace } from "./map.js";
import { codedText } from "./plan.js";
import { distance } from "./plane.js";
import { drawOutlines, drawScene, sceneNow } from "./scene.js";
import { change, hasAny, listen, networksOf, state } from "./state.js";
import { stationRadius } from "./stations.js";
import { COLOURS, networkColour } from "./style.js";
import { label, short, t } from "./text.js";
import { onScreen, toPx } from "./view.js";
import { lengthText } from "./writing.js";

function sides() {
  const { plan, count } = state.compare;
  const network = networkIn(plan);
  const left = { plan, count, network, level: state.level, station: -1, newest: 0 };
  const right = { ...sceneNow(), newest: 0 };
  return [left, right];
}

// the chosen network as another plan has it: each has its networks in its own order, and they are
// known by name; where there is but one, nobody chose it
function networkIn(plan) {
  if (state.network < 0 || state.plan.networks.length < 2) return -1;
  const place = networkNames(plan).indexOf(networkNames(state.plan)[state.network]);
  return place < 0 ? null : place;
}

function networkNames(plan) {
  return plan.networks.map((network) => network.name);
}

// what differs between the sides, kept until one changes
function shownDifferences() {
  const [left, right] = sides();
  const key = `${left.count}/${right.count}/${left.plan.key}/${right.plan.key}/${state.network}`;
  const { cache } = state.compare;
  if (!cache || cache.key !== key) state.compare.cache = { key, found: differences(left, right) };
  return state.compare.cache.found;
}

export function drawComparison(context, view) {
  const [left, right] = sides();
  const found = shownDifferences();
  const origin = sheetLayer.margin();
  const x = origin.x + state.compare.at * map.getSize().x;
  clearCanvas(context, view);
  clipped(context, view, 0, x, () => {
    if (left.network === null) drawOutlines(context, view, left.plan);
    else drawScene(context, view, { ...left, skip: () => true });
    drawSide(context, view, left.plan, found.common.map(([a]) => a), found.onlyLeft, addCross);
  });
  clipped(context, view, x, view.width, () => {
    drawScene(context, view, { ...right, skip: () => true });
    drawSide(context, view, right.plan, found.common.map(([, b]) => b), found.onlyRight,
      addCrossedRing);
  });
  if (!state.on.stations) return;
  onScreen(context, view);
  drawRetimed(context, view, left.plan, right.plan, found.retimed);
  drawMoved(context, view, left.plan, right.plan, found.moved);
}

function clipped(context, view, from, to, draw) {
  context.save();
  onScreen(context, view);
  context.beginPath();
  context.rect(from, 0, Math.max(to - from, 0), view.height);
  context.clip();
  draw();
  context.restore();
}

// common stations small and grey; of one side only: cross (left) or crossed ring (right)
function drawSide(context, view, plan, common, only, addSign) {
  if (!state.on.stations) return;
  const { gx, gy } = plan.stations;
  onScreen(context, view);
  const dots = new Path2D();
  for (const i of common) {
    const [x, y] = toPx(view, gx[i], gy[i]);
    dots.rect(x - 1.5, y - 1.5, 3, 3);
  }
  context.fillStyle = COLOURS.grey;
  context.fill(dots);
  const r = signRadius(plan, view);
  strokeSigns(context, plan, only.map((i) => [
    plan.stations.network[i],
    (path) => addSign(path, ...toPx(view, gx[i], gy[i]), r),
  ]));
}

function signRadius(plan, view) {
  return Math.min(Math.max(stationRadius(plan, view), 3.2), 6);
}

// signs as [network, what adds it to a path]: white casing, then the colour of the network
function strokeSigns(context, plan, signs) {
  plan.networks.forEach((_, k) => {
    const path = new Path2D();
    for (const [network, add] of signs) if (network === k) add(path);
    context.lineJoin = context.lineCap = "round";
    context.strokeStyle = "#ffffff";
    context.lineWidth = 4.4;
    context.stroke(path);
    context.strokeStyle = colourIn(plan, k);
    context.lineWidth = 1.8;
    context.stroke(path);
  });
}

// as the plan on the right has it; networks of the other plan alone come behind
function colourIn(plan, network) {
  const names = new Set([...networkNames(state.plan), ...networkNames(plan)]);
  return networkColour(Array.from(names).indexOf(plan.networks[network].name));
}

// re-timed: a diamond, its half filled on the side where the station opens earlier
function drawRetimed(context, view, left, right, retimed) {
  const r = signRadius(right, view) + 1.5;
  const at = ([, b]) => toPx(view, right.stations.gx[b], right.stations.gy[b]);
  const network = ([, b]) => right.stations.network[b];
  strokeSigns(context, right, retimed.map((pair) => [
    network(pair),
    (path) => addDiamond(path, ...at(pair), r, r),
  ]));
  right.networks.forEach((_, k) => {
    const [white, half] = [new Path2D(), new Path2D()];
    for (const pair of retimed) {
      if (network(pair) !== k) continue;
      addDiamond(white, ...at(pair), r - 0.9, r - 0.9);
      const earlierLeft = left.phaseOf(pair[0]) < right.phaseOf(pair[1]);
      addDiamond(half, ...at(pair), earlierLeft ? r : 0, earlierLeft ? 0 : r);
    }
    context.fillStyle = "#ffffff";
    context.fill(white);
    context.fillStyle = networkColour(k);
    context.fill(half);
  });
}

// an arrow from where a station stood to where it stands, at least long enough to be seen
function drawMoved(context, view, left, right, moved) {
  const place = ({ stations }, rank) => toPx(view, stations.gx[rank], stations.gy[rank]);
  strokeSigns(context, right, moved.map(([a, b]) => [
    right.stations.network[b],
    (path) => addArrow(path, place(left, a), place(right, b)),
  ]));
}

function addCross(path, x, y, r) {
  path.moveTo(x - r, y - r);
  path.lineTo(x + r, y + r);
  path.moveTo(x + r, y - r);
  path.lineTo(x - r, y + r);
}

function addCrossedRing(path, x, y, r) {
  path.moveTo(x + r, y);
  path.arc(x, y, r, 0, 2 * Math.PI);
  path.moveTo(x - r, y);
  path.lineTo(x + r, y);
  path.moveTo(x, y - r);
  path.lineTo(x, y + r);
}

// `west` and `east` of the middle may differ: a half is a diamond without its other side
function addDiamond(path, x, y, west, east) {
  const r = Math.max(west, east);
  path.moveTo(x, y - r);
  path.lineTo(x + east, y);
  path.lineTo(x, y + r);
  path.lineTo(x - west, y);
  path.closePath();
}

const SHORTEST_ARROW = 15; // px
const ARROW_HEAD = 6;

function addArrow(path, [ax, ay], [bx, by]) {
  const length = Math.hypot(bx - ax, by - ay);
  const [ux, uy] = length > 0 ? [(bx - ax) / length, (by - ay) / length] : [1, 0];
  const half = Math.max(length, SHORTEST_ARROW) / 2;
  const [mx, my] = [(ax + bx) / 2, (ay + by) / 2];
  const [x, y] = [mx + half * ux, my + half * uy];
  path.moveTo(mx - half * ux, my - half * uy);
  path.lineTo(x, y);
  for (const side of [1, -1]) {
    path.moveTo(x, y);
    path.lineTo(x - ARROW_HEAD * (ux - side * 0.7 * uy), y - ARROW_HEAD * (uy + side * 0.7 * ux));
  }
}

// the divider, moved by mouse, touch or arrow keys

export function makeDivider(container) {
  const bar = el("div", {
    class: "divider", role: "separator", tabindex: "0", "aria-orientation": "vertical",
    title_word: "swipe", hidden: true,
  });
  const names = el("div", { class: "sides" });
  container.append(bar, names);

  // never to the very edge: a side that cannot be seen cannot be pulled back
  const moveTo = (at) =>
    change({ compare: { ...state.compare, at: Math.min(Math.max(at, 0.02), 0.98) } });
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  bar.addEventListener("pointermove", (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const box = container.getBoundingClientRect();
    moveTo((event.clientX - box.left) / box.width);
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (step) { moveTo(state.compare.at + step); event.preventDefault(); }
  });

  listen((what) => {
    if (!hasAny(what, ["compare", "count", "language", "network"])) return;
    bar.hidden = names.hidden = !state.compare;
    if (!state.compare) return;
    bar.style.left = `${100 * state.compare.at}%`;
    bar.setAttribute("aria-valuenow", Math.round(100 * state.compare.at));
    showSideNames(names);
  });
}

function showSideNames(names) {
  const [left, right] = sides();
  replace(names, el("span", { class: "side-left" }, sideName(left)),
    el("span", { class: "side-right" }, sideName(right)));
  names.firstChild.style.right = `${100 - 100 * state.compare.at + 0.8}%`;
  names.lastChild.style.left = `${100 * state.compare.at + 0.8}%`;
}

function sideName(side) {
  const name = state.plans.length > 1 ? `${side.plan.name} · ` : "";
  return `${name}${side.count} ${t("unit_station")}`;
}

// with a second plan: that plan at the same count; else this plan at the phase before
export function startCompare() {
  const { plan, count } = state;
  if (state.plans.length > 1) return compareWith(state.plans[1], null);
  const before = plan.counts.filter((mark) => mark < count).pop() || plan.firstCount;
  return compareWith(plan, before);
}

// a count of null follows the slider
function compareWith(plan, count) {
  const follows = count === null;
  const compare = { plan, follows, count: follows ? countOf(plan) : count, at: 0.5 };
  change({ compare, tab: "compare" });
}

export function toggleCompare() {
  if (state.compare) change({ compare: null, tab: state.tab === "compare" ? "gaps" : state.tab });
  else if (state.plan.complete) startCompare();
}

// the tab: figures of both sides, and what is different

export function buildCompare() {
  if (!state.compare) return [];
  const [left, right] = sides();
  const found = shownDifferences();
  const rows = differenceRows(left, right, found);
  const heads = [t("kind"), t("station_id"), t("network"), t("place")];
  const more = rows.length - PANEL_ROWS;
  return [
    compareChoice(),
    figuresTable(left, right),
    differenceCounts(found),
    left.plan === right.plan ? null : el("p", { class: "tab-line" }, movedRule(right.plan)),
    tableOf("differences", heads, rows.slice(0, PANEL_ROWS)),
    more > 0 ? el("p", { class: "tab-line" }, t("more_rows", { count: more })) : null,
    el("button", { type: "button", click: toggleCompare }, t("compare_stop")),
  ];
}

function differenceCounts(found) {
  const counts = [
    ["only_left", found.onlyLeft],
    ["only_right", found.onlyRight],
    ["moved", found.moved],
    ["retimed", found.retimed],
    ["common", found.common],
  ];
  return el("dl", { class: "difference-counts" }, counts.map(([key, list]) => (
    el("div", { "data-difference": key }, el("dt", {}, t(key)),
      el("dd", {}, String(list.length))))));
}

// what counts as moved
function movedRule({ changes }) {
  return changes.move_m === null ? t("moved_told") : t("moved_rule", { metres: changes.move_m });
}

function compareChoice() {
  const { plan } = state;
  const choices = [
    ...state.plans.slice(1).map((other) => ({ text: other.name, plan: other, count: null })),
    ...plan.counts.map((count) => ({ text: t("compare_count", { count }), plan, count })),
  ];
  const { plan: shown, follows, count: shownCount } = state.compare;
  const wanted = follows ? null : shownCount;
  const now = choices.findIndex((one) => one.plan === shown && one.count === wanted);
  const select = el("select", { "aria-label": t("compare_with") },
    choices.map((one, i) => el("option", { value: i, selected: i === now }, one.text)));
  select.addEventListener("change", () => {
    const one = choices[Number(select.value)];
    compareWith(one.plan, one.count);
  });
  return el("label", { class: "compare-choice" }, t("left_side"), " ", select);
}

function figuresTable(left, right) {
  const textsOf = ({ plan, count, network, level }) => (
    [kpiTexts, residentTexts].flatMap((texts) => (
      texts(plan, count, networksOf(plan, network), level))));
  const [before, after] = [left, right].map(textsOf);
  const rows = (before.length > after.length ? before : after).map(({ key, name }) => {
    const [was, is] = [before, after].map((side) => side.find((kpi) => kpi.key === key));
    const cells = [withUnit(was), withUnit(is), differenceText(was, is)];
    return el("tr", {}, el("th", { scope: "row" }, name),
      cells.map((text) => el("td", { class: "number" }, text)));
  });
  return tableOf("figures",
    [t("indicator"), sideName(left), sideName(right), t("difference")], rows);
}

function withUnit(kpi) {
  return kpi ? [kpi.value, kpi.unit].filter(Boolean).join(" ") : "–";
}

// none where a side has no figure
function differenceText(left, right) {
  if (!left || !right || left.figure === null || right.figure === null) return "";
  const step = right.figure - left.figure;
  return (step < 0 ? "−" : "+") + right.write(Math.abs(step));
}

// a station comes to the middle of the map: the divider gives way to the side that has it
function showPlace(plan, rank, onLeft) {
  const { at } = state.compare;
  change({ compare: { ...state.compare, at: onLeft ? Math.max(at, 0.65) : Math.min(at, 0.35) } });
  zoomToPlace(plan.stations.gx[rank], plan.stations.gy[rank]);
}

function differenceRows(left, right, { moved, retimed, onlyLeft, onlyRight }) {
  const [was, is] = [left.plan, right.plan];
  const own = (plan, rank) => plan.stations.station_id[rank];
  const phase = (plan, rank) => label(plan.phases[plan.phaseOf(rank)].label);
  /** @type {(plan: any, rank: number) => import("./plane.js").Place} */
  const place = ({ stations }, rank) => [stations.gx[rank], stations.gy[rank]];

  // a moved station keeps its id in some plans: the same one twice is said once
  const ids = (a, b) => [...new Set([own(was, a), own(is, b)])].join(" → ");
  const metres = (a, b) => lengthText(distance(is, place(was, a), place(is, b)));
  const phases = (a, b) => `${phase(was, a)} → ${phase(is, b)}`;
  return [
    ...moved.map(([a, b]) => differenceRow("moved", is, b, ids(a, b), metres(a, b))),
    ...retimed.map(([a, b]) => differenceRow("retimed", is, b, own(is, b), phases(a, b))),
    ...onlyLeft.map((a) => differenceRow("only_left", was, a, own(was, a))),
    ...onlyRight.map((b) => differenceRow("only_right", is, b, own(is, b)))];
}

function differenceRow(word, plan, rank, id, more = "") {
  const { network, town } = plan.stations;
  return actingRow(() => showPlace(plan, rank, word === "only_left"),
    el("td", {}, t(word)), el("td", {}, id),
    el("td", {}, short(plan.networks[network[rank]].label)),
    el("td", {}, [codedText(town, rank), more].filter(Boolean).join(" · ")));
}

// the left side of another plan follows the slider
export function followSlider() {
  listen((what) => {
    if (what.has("count") && state.compare && state.compare.follows) {
      state.compare.count = countOf(state.compare.plan);
    }
  });
}

// the shown count, as far as another plan goes
function countOf(plan) {
  return Math.min(Math.max(state.count, plan.firstCount), plan.lastCount);
}
