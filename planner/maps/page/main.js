// The page is put together here, and the keys are wired.

import { drawOutline, endOutline, outlineKey, stopOutline, takeCorner } from "./area.js";
import {
  buildCompare, drawComparison, followSlider, makeDivider, startCompare, toggleCompare,
} from "./compare.js";
import { el, replace, sayTitle, translateAll } from "./elements.js";
import { buildGaps } from "./gaps.js";
import { makeLegend } from "./legend.js";
import { gatherHolesLate, goHome, makeMap, map, openInset, redrawOnChange } from "./map.js";
import {
  drawMeasure, endMeasure, measuring, startMeasure, stopMeasure, takeMeasured,
} from "./measure.js";
import { makePanel } from "./panel.js";
import { Plan } from "./plan.js";
import { makePrintDialog } from "./print.js";
import { buildReview, drawAreas, drawMarks, loadMarks, review, takeMarkPlace } from "./review.js";
import { makeSearch } from "./search.js";
import { buildSignal } from "./signal.js";
import { addCard, makeAnnouncement } from "./stage.js";
import { change, hasAny, listen, setCount, state } from "./state.js";
import { label, nextLanguage, nextName, openLanguages, t } from "./text.js";
import { makeSpoken, makeTimebar, togglePlay } from "./timebar.js";
import { buildTowns } from "./towns.js";
import { buildWhy } from "./why.js";
import { openWriting } from "./writing.js";

let openPrint;
let searchInput;

function readData(id) {
  const node = document.getElementById(id);
  return node && JSON.parse(node.textContent);
}

function makeHeader() {
  const title = el("h1", {});
  const path = el("span", { class: "path" });
  const tag = el("b", { class: "tag", word: "synthetic" });
  const other = el("button", { type: "button", class: "language", click: changeLanguage });
  const show = () => {
    title.textContent = label(state.plan.title);
    document.title = label(state.plan.title);
    path.textContent = `${state.plan.counts.join(" → ")} · ${state.plan.name}`;
    tag.hidden = !state.plan.synthetic;
    other.textContent = nextName();
  };
  listen((what) => { if (what.has("plan") || what.has("language")) show(); });
  const print = () => state.plan.complete && openPrint();
  return el("header", { class: "head" }, title, path, tag, el("span", { class: "space" }),
    networkSwitch(), levelSwitch(),
    el("button", { type: "button", class: "compare", word: "compare", click: toggleCompare }),
    el("button", { type: "button", class: "print", word: "sheet", click: print }),
    other);
}

// a row of buttons of which one is pressed
function segments(className, options, read, write) {
  const box = el("div", { class: `segments ${className}`, role: "group" });
  const button = ({ value, text }) => el("button", {
    type: "button", "aria-pressed": String(read() === value), "data-value": value,
    click: () => write(value),
  }, text);
  const build = () => replace(box, options().map(button));
  listen((what) => {
    if (hasAny(what, ["plan", "language", "network", "level", "complete"])) build();
  });
  return box;
}

// nothing to choose where there is one network
function networkSwitch() {
  const options = () => {
    const { networks } = state.plan;
    const each = networks.map((network, k) => ({ value: k, text: label(network.label) }));
    return networks.length < 2 ? [] : [{ value: -1, text: t("all_networks") }, ...each];
  };
  return segments("networks", options, () => state.network, (network) => change({ network }));
}

function levelSwitch() {
  const option = (level, place) => ({ value: place, text: t(`level.${level}`) });
  return segments("levels", () => state.plan.levels.map(option), () => state.level, setLevel);
}

// the ranks of the other level are unpacked after the first picture
function setLevel(level) {
  if (state.plan.complete) change({ level });
}

function changeLanguage() {
  nextLanguage();
  translateAll();
  change({ language: {} });
}

function makeZoom(container) {
  const button = (word, text, action) =>
    el("button", { type: "button", title_word: word, click: action, class: `tool-${word}` }, text);
  const box = el("div", { class: "zoom card" }, button("zoom_in", "＋", () => map.zoomIn(1)),
    button("zoom_out", "－", () => map.zoomOut(1)),
    button("home", "⌂", () => goHome()),
    button("measure", "⟷", () => (measuring ? stopMeasure() : measure())));
  addCard(container, box);
}

function measure() {
  stopOutline();
  startMeasure();
}

function makeNotice(container) {
  const box = el("div", { class: "notice card" });
  const show = () => {
    const { key, openstreetmap, synthetic } = state.plan;
    const shown = [synthetic ? t("synthetic") : null, t("internal"),
      openstreetmap ? t("osm_short") : null, `${t("plan_key")} ${key}`];
    replace(box, shown.filter(Boolean).join(" · "));
  };
  listen((what) => { if (what.has("plan") || what.has("language")) show(); });
  addCard(container, box);
}

function build() {
  redrawOnChange();
  gatherHolesLate();
  followSlider();
  const stage = el("main", { class: "stage", title_word: "map" });
  const mapElement = map_review.getContainer();
  mapElement.replaceWith(stage);
  stage.append(mapElement);
  sayTitle(mapElement, "map");
  const panel = el("aside", { class: "panel", id: "panel", tabindex: "-1" });
  const timebar = el("section", { class: "timebar" });
  document.body.append(el("a", { class: "skip", href: "#panel", word: "skip" }), makeHeader(),
    stage, panel, timebar);
  makeAnnouncement(stage);
  searchInput = makeSearch(stage);
  makeNotice(stage);
  makeZoom(stage);
  makeLegend(stage);
  makePanel(panel, { gaps: buildGaps, signal: buildSignal, towns: buildTowns, why: buildWhy, review: buildReview,
    compare: buildCompare });
  makeTimebar(timebar);
  makeDivider(stage);
  makeSpoken(document.body);
  openPrint = makePrintDialog(document.body);
  document.body.classList.add("ready");
}

// all of them, or the only one
function firstNetwork() {
  return state.plan.networks.length > 1 ? -1 : 0;
}

// counts of the phases before and behind the shown one
function countBefore({ counts, firstCount }) {
  return Math.max(...counts.filter((count) => count < state.count), firstCount);
}

function countBehind({ counts, lastCount }) {
  return Math.min(...counts.filter((count) => count > state.count), lastCount);
}

function nextNetwork({ networks }) {
  return state.network + 1 < networks.length ? state.network + 1 : firstNetwork();
}

const KEYS = {
  "[": () => setCount(countBefore(state.plan)),
  "]": () => setCount(countBehind(state.plan)),
  " ": togglePlay,
  n: () => change({ network: nextNetwork(state.plan) }),
  l: () => setLevel((state.level + 1) % state.plan.levels.length),
  c: toggleCompare,
  "/": () => searchInput.focus(),
};

function onKey(event) {
  if (event.key === "Escape") {
    stopOutline();
    stopMeasure();
    review.waiting = null;
  }
  if (outlineKey(event)) return;
  const { tagName, type } = event.target;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(tagName) && type !== "range"
    && type !== "checkbox";
  if (typing || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
  if (event.key === " " && /^(BUTTON|SUMMARY|INPUT)$/.test(tagName) && type !== "range") return;
  event.preventDefault();
  KEYS[event.key]();
}

// what is read where the page cannot run; gone once it runs
/** @returns {any} */
function fallback() {
  return document.getElementById("fallback");
}

async function start() {
  openLanguages(readData("words"));
  const data = readData("plan0");
  openWriting(data.writing);
  const plan = new Plan(data);
  state.plans = [plan];
  state.plan = plan;
  state.network = firstNetwork();
  state.count = plan.counts[Math.min(1, plan.counts.length - 1)];
  build();
  await plan.open();
  change({ plan, language: {} });
  makeMap(map_review, {
    drawCompared: drawComparison,
    overlays: [drawAreas, drawOutline, drawMarks, drawMeasure],
    takers: [takeCorner, takeMeasured, takeMarkPlace],
    doubleClick: () => { endMeasure(); endOutline(); },
  });
  document.addEventListener("keydown", onKey);
  fallback().remove();
  document.body.dataset.ready = "first";
  performance.mark("planner-first");
  requestAnimationFrame(() => setTimeout(finish)); // when the picture is on the screen
}

/** @returns {Promise<any>} */
function parsed() {
  return new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve);
    else resolve(null);
  });
}

// after the first picture: what clicks, lists and the other level need, and the other plan; it
// stands behind the script
async function finish() {
  loadMarks();
  await parsed();
  const { plans } = state;
  await plans[0].openLater(readData("later0"));
  const other = readData("plan1");
  if (other) {
    plans.push(new Plan(other));
    await plans[1].open();
    await plans[1].openLater(readData("later1"));
  }
  openInset();
  change({ complete: {} });
  if (other) startCompare();
  document.body.dataset.ready = "all";
}

start().catch((error) => {
  const box = fallback();
  document.body.classList.remove("ready");
  if (box) { box.hidden = false; box.append(` ${error}`); }
  throw error;
});
