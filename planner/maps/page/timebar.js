// The time bar: the count, the coverage curve, and under it on the same axis the slider.

import { makeAxis, placedLabels, yearTicks } from "./axis.js";
import { curveLines, curves, shareLines } from "./curves.js";
import { el, replace, svg } from "./elements.js";
import { kpiTexts } from "./kpis.js";
import { change, hasAny, later, listen, setCount, shownNetworks, state } from "./state.js";
import { INK } from "./style.js";
import { t } from "./text.js";
import { widthOf } from "./widths.js";
import { phaseDate, phaseText } from "./wording.js";

const NAME_REM = 0.86; // size of the letters of their names, see page.css
const NAMES_HIGH = 6; // of them one under the other, see page.css
const PLAY_STEP = 10; // stations at a time, more where a city would take too many steps
const PLAY_STEPS = 200;
const PLAY_MS = 90;

const BUILDS_CHART = ["network", "level", "plan", "language", "compare"];

export function makeTimebar(container) {
  const count = el("b", { class: "count" });
  const unit = el("span", { class: "count-unit" });
  const phase = el("div", { class: "count-phase" });
  const play = el("button", { type: "button", class: "play", click: togglePlay });
  const chart = el("div", { class: "chart" });
  container.append(el("div", { class: "count-block" },
    el("div", { class: "count-line" }, count, unit), phase, play), chart);

  // the curve is as wide as the window leaves it
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
    // built when it has been laid out: to ask for its size would lay out all twice
    if (!parts.axis) fit.observe(chart);
    else if (hasAny(what, BUILDS_CHART)) buildChart(parts);
    if (hasAny(what, ["count", "playing", ...BUILDS_CHART])) update();
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

function rem() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

// px of a count along the axis
function axisOf(chart) {
  const { plan } = state;
  const left = 44;
  const right = Math.min(namesWidth(), 0.5 * chart.clientWidth);
  const width = Math.max(chart.clientWidth - left - right, 60);
  const height = Math.max(chart.clientHeight, 80);
  return makeAxis({ first: plan.firstCount, last: plan.lastCount, left, width, height, top: 12,
    bottom: height - 56 });
}

// px that the names at the right of the curve take
function namesWidth() {
  const names = [...curves().map((line) => line.name), t("curve_bound")];
  const columns = Math.ceil(names.length / NAMES_HIGH);
  const column = Math.max(...names.map((name) => widthOf(name, NAME_REM))) * rem() + 40;
  return Math.max(columns * column, widthOf(t("year_pace"), NAME_REM) * rem() + 44) + 1.2 * rem();
}

function buildChart(parts) {
  const { chart, slider } = parts;
  const axis = axisOf(chart);
  parts.axis = axis;
  parts.width = chart.clientWidth;
  parts.cursor = svg("g", { class: "cursor" });
  const picture = svg("svg",
    { width: chart.clientWidth, height: axis.height, "aria-hidden": "true" },
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
  const row = (stroke, width, dash, name) => el("div", { class: "curve-name" },
    svg("svg", { width: 22, height: 10, "aria-hidden": "true" },
      svg("path", { d: "M0 5H22", stroke, "stroke-width": width, "stroke-dasharray": dash })),
      name);
  const names = curves().map(({ colour, width, dash, name }) => row(colour, width, dash, name));
  if (state.plan.bound.length) names.push(row("#4a5864", 1.6, "3 2", t("curve_bound")));
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
  const thick = { stroke: INK, "stroke-width": 2 };
  return [
    svg("path", { d: `M${axis.left} ${y}h${axis.width}`, ...thick }),
    ...state.plan.counts.map((count) =>
      svg("path", { d: `M${axis.x(count)} ${y - 8}v16`, ...thick })),
    ...years.map(({ count }) => svg("path", { d: `M${axis.x(count)} ${y - 4}v8`, stroke: INK })),
  ];
}

function phaseButtons(axis) {
  const { plan } = state;
  const phaseMark = (phase) => (
    { count: phase.count, text: `${phaseDate(phase)} ${phase.count}`, main: true });
  const yearMark = ({ year, count }) => ({ count, text: String(year), main: false });
  const marks = [...plan.phases.map(phaseMark), ...yearTicks(plan.phases).map(yearMark)];
  return placedLabels(marks, axis.x).map((mark) => {
    const [name, title] = mark.main ? ["tick-mark main", ""] : ["tick-mark", t("year_pace")];
    const click = () => setCount(mark.count);
    const button = el("button", { type: "button", class: name, title, click }, mark.text);
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
  const place = state.count - state.plan.firstCount;
  const spots = curves().slice(1).filter((_, i) => i % 2 === 0).map((line) => svg("circle", {
    cx: x, cy: axis.y(line.series[place]), r: 4.5, fill: line.colour, stroke: "#ffffff",
    "stroke-width": 1.5,
  }));
  const line = `M${x} ${axis.top - 8}V${axis.height - 41}`;
  replace(cursor, svg("path", { d: line, stroke: INK, "stroke-width": 1.5 }), ...spots);

  slider.value = state.count;
  const [count, phase] = [`${state.count} ${t("unit_station")}`,
    phaseText(state.plan, state.count)];
  slider.setAttribute("aria-valuetext", `${count}${t("language.and_comma")}${phase}`);
}

// play: some stations at a time, landing on each phase

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
  const step = Math.max(PLAY_STEP, Math.ceil((plan.lastCount - plan.firstCount) / PLAY_STEPS));
  const phase = plan.counts.find((mark) => mark > count && mark <= count + step);
  setCount(phase || count + step);
  if (state.count >= plan.lastCount) stopPlay();
}

// what a screen reader hears when the slider rests
export function makeSpoken(container) {
  const region = el("div", { class: "spoken", "aria-live": "polite" });
  container.append(region);
  const speak = later(500, () => {
    const { plan, count, level } = state;
    const kpis = kpiTexts(plan, count, shownNetworks(), level);
    const passing = kpis.filter((one) => one.key === "layers_pass")[0].value;
    region.textContent = t("spoken", { count, phase: phaseText(plan, count), passing });
  });
  listen((what) => { if (hasAny(what, ["count", "network", "level"])) speak(); });
}
