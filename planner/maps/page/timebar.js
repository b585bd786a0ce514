// The time bar: the count, the coverage curve, and under it on the same axis the slider.

import { makeAxis, placedLabels, yearTicks } from "./axis.js";
import { widthOf } from "./canvases.js";
import { curveLines, curves, shareLines } from "./curves.js";
import { el, replace, svg } from "./elements.js";
import { kpiTexts } from "./kpis.js";
import { change, later, listen, setCount, shownNetworks, state } from "./state.js";
import { INK } from "./style.js";
import { t } from "./text.js";
import { phaseDate, phaseText } from "./wording.js";

const NAME_REM = 0.86; // size of their letters, see page.css
const PLAY_STEP = 10;
const PLAY_MS = 90;

export function makeTimebar(container) {
  const count = el("b", { class: "count" });
  const unit = el("span", { class: "count-unit" });
  const phase = el("div", { class: "count-phase" });
  const play = el("button", { type: "button", class: "play", click: togglePlay });
  const chart = el("div", { class: "chart" });
  container.append(el("div", { class: "count-block" }, el("div", { class: "count-line" }, count, unit), phase, play), chart);
  const parts = { chart, slider: makeSlider() };
  const fit = new ResizeObserver(() => {
    if (parts.width === chart.clientWidth) return;
    buildChart(parts);
    moveCursor(parts);
  });
  const update = () => {
    count.textContent = state.count;
    unit.textContent = t("unit_station");
    phase.textContent = phaseText(state.plan, state.count);
    play.textContent = t(state.playing ? "stop" : "play");
    if (parts.axis) moveCursor(parts);
  };
  listen((what) => {
    if (!parts.axis) fit.observe(chart); // built when it has been laid out: to ask for its size would lay out all twice
    else if (["network", "level", "plan", "language", "compare"].some((name) => what.has(name))) buildChart(parts);
    if (["count", "plan", "language", "playing", "network", "level", "compare"].some((name) => what.has(name))) update();
  });
}

function makeSlider() {
  const slider = el("input", { type: "range", class: "slider", step: 1, title_word: "slider" });
  slider.addEventListener("input", () => setCount(Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    const step = { PageUp: 50, PageDown: -50 }[event.key];
    if (!step) return;
    setCount(state.count + step);
    event.preventDefault();
  });
  return slider;
}

// px of a count along the axis
function axisOf(chart) {
  const { plan } = state;
  const left = 44;
  const right = Math.min(namesWidth(), 0.35 * chart.clientWidth);
  const width = Math.max(chart.clientWidth - left - right, 60);
  const height = Math.max(chart.clientHeight, 80);
  return makeAxis({ first: plan.firstCount, last: plan.lastCount, left, width, height, top: 12, bottom: height - 56 });
}

// px that the names at the right of the curve take
function namesWidth() {
  const names = [...curves().map((line) => line.name), t("curve_bound")].map((name) => widthOf(name, NAME_REM) * rem() + 40);
  return Math.max(...names, widthOf(t("year_pace"), NAME_REM) * rem() + 44) + 1.2 * rem();
}

function rem() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function buildChart(parts) {
  const { chart, slider } = parts;
  const axis = axisOf(chart);
  parts.axis = axis;
  parts.width = chart.clientWidth;
  parts.cursor = svg("g", { class: "cursor" });
  const picture = svg("svg", { width: chart.clientWidth, height: axis.height, "aria-hidden": "true" },
    shareLines(axis), curveLines(axis), axisLine(axis), parts.cursor);
  const { plan } = state;
  Object.assign(slider, { min: plan.firstCount, max: plan.lastCount, value: state.count });
  // the thumb is 18 px wide and stops half its width before the ends
  slider.style.left = `${axis.left - 9}px`;
  slider.style.width = `${axis.width + 18}px`;
  slider.style.top = `${axis.height - 50}px`;
  const focused = document.activeElement === slider;
  replace(chart, picture, slider, phaseButtons(axis), curveNames(axis), paceNote(axis));
  if (focused) slider.focus();
}

// names at the right of the curve, as a small legend
function curveNames(axis) {
  const names = curves().map((line) => el("div", { class: "curve-name" },
    svg("svg", { width: 22, height: 10, "aria-hidden": "true" },
      svg("path", { d: "M0 5H22", stroke: line.colour, "stroke-width": line.width, "stroke-dasharray": line.dash })), line.name));
  if (state.plan.bound.length) names.push(el("div", { class: "curve-name" },
    svg("svg", { width: 22, height: 10, "aria-hidden": "true" },
      svg("path", { d: "M0 5H22", stroke: "#4a5864", "stroke-width": 1.6, "stroke-dasharray": "3 2" })), t("curve_bound")));
  const box = el("div", { class: "curve-names" }, names);
  box.style.left = `${axis.left + axis.width + 14}px`;
  return box;
}

// what the years between the phases are
function paceNote(axis) {
  if (!yearTicks(state.plan.phases).length) return null;
  const note = el("small", { class: "pace" }, t("year_pace"));
  note.style.left = `${axis.left + axis.width + 44}px`;
  note.style.top = `${axis.height - 26}px`;
  return note;
}

function axisLine(axis) {
  const y = axis.height - 41;
  const years = yearTicks(state.plan.phases);
  return [svg("path", { d: `M${axis.left} ${y}h${axis.width}`, stroke: INK, "stroke-width": 2 }),
    ...state.plan.counts.map((count) => svg("path", { d: `M${axis.x(count)} ${y - 8}v16`, stroke: INK, "stroke-width": 2 })),
    ...years.map(({ count }) => svg("path", { d: `M${axis.x(count)} ${y - 4}v8`, stroke: INK }))];
}

function phaseButtons(axis) {
  const { plan } = state;
  const marks = [...plan.phases.map((phase) => ({ count: phase.count, text: `${phaseDate(phase)} ${phase.count}`, main: true })),
    ...yearTicks(plan.phases).map(({ year, count }) => ({ count, text: String(year), main: false }))];
  return placedLabels(marks, axis.x).map((mark) => {
    const [name, title] = mark.main ? ["tick-mark main", ""] : ["tick-mark", t("year_pace")];
    const button = el("button", { type: "button", class: name, title, click: () => setCount(mark.count) }, mark.text);
    button.style.left = `${mark.x}px`;
    button.style.top = `${axis.height - 27}px`;
    if (mark.count === plan.firstCount) button.classList.add("first");
    if (mark.count === plan.lastCount) button.classList.add("last");
    return button;
  });
}

function moveCursor(parts) {
  const { axis, cursor, slider } = parts;
  if (!axis) return;
  const x = axis.x(state.count);
  const spots = curves().slice(1).filter((_, i) => i % 2 === 0).map((line) => svg("circle", {
    cx: x, cy: axis.y(line.series[state.count - state.plan.firstCount]), r: 4.5, fill: line.colour, stroke: "#ffffff",
      "stroke-width": 1.5 }));
  replace(cursor, svg("path", { d: `M${x} ${axis.top - 8}V${axis.height - 41}`, stroke: INK, "stroke-width": 1.5 }), ...spots);
  slider.value = state.count;
  slider.setAttribute("aria-valuetext", `${state.count} ${t("unit_station")}${t("language.and_comma")}${phaseText(state.plan, state.count)}`);
}

// play: ten stations at a time, landing on each phase

let playTimer = 0;

export function togglePlay() {
  if (state.playing) return stopPlay();
  if (state.count >= state.plan.lastCount) setCount(state.plan.firstCount);
  change({ playing: true });
  playTimer = setInterval(playOn, PLAY_MS);
}

function stopPlay() {
  clearInterval(playTimer);
  change({ playing: false });
}

function playOn() {
  const { plan, count } = state;
  const phase = plan.counts.find((mark) => mark > count && mark <= count + PLAY_STEP);
  setCount(phase || count + PLAY_STEP);
  if (state.count >= plan.lastCount) stopPlay();
}

// what a screen reader hears when the slider rests
export function makeSpoken(container) {
  const region = el("div", { class: "spoken", "aria-live": "polite" });
  container.append(region);
  const speak = later(500, () => {
    const passing = kpiTexts(state.plan, state.count, shownNetworks(), state.level).filter((one) => one.key === "layers_pass")[0];
    region.textContent = t("spoken", { count: state.count, phase: phaseText(state.plan, state.count), passing: passing.value });
  });
  listen((what) => { if (["count", "network", "level"].some((name) => what.has(name))) speak(); });
}
