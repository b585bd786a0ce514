// The time bar: the count, the coverage curve, and under it on the same axis the slider.

const PLAY_STEP = 10;
const PLAY_MS = 90;

function makeTimebar(container) {
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
  const [left, right] = [44, (language ? 15 : 11) * rem()];
  const width = Math.max(chart.clientWidth - left - right, 60);
  const height = Math.max(chart.clientHeight, 80);
  const span = Math.max(plan.lastCount - plan.firstCount, 1);
  const x = (count) => left + ((count - plan.firstCount) / span) * width;
  const top = 12;
  const bottom = height - 56;
  return { left, width, height, top, bottom, x, y: (share) => bottom - share * (bottom - top) };
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

function shareLines(axis) {
  const limit = state.plan.layers[0].rule.share;
  return [0, 0.5, limit].flatMap((share) => [
    svg("path", { d: `M${axis.left} ${axis.y(share)}h${axis.width}`, stroke: share === limit ? INK : "#e4e7e9", "stroke-dasharray": share === limit ? "1.5 3" : "none" }),
    svg("text", { x: axis.left - 7, y: axis.y(share) + 4, "text-anchor": "end", class: "tick" }, `${+percent(share)}%`)]);
}

// lowest share of the layers of a shape at each count, for a network
function worstShare(plan, shape, network, level) {
  const all = plan.layers.filter((layer) => layer.shape === shape)
    .map((layer) => plan.figures.series(layer.name, plan.networks[network].name, plan.levels[level], "share")).filter(Boolean);
  if (!all.length) return null;
  const worst = all[0];
  for (const series of all.slice(1)) series.forEach((share, i) => { if (share < worst[i]) worst[i] = share; });
  return worst;
}

// kept until network, level or language change: the cursor asks at every step
function curves() {
  const { plan, level } = state;
  const key = [plan.key, state.network, level, language].join();
  if (curves.key !== key) [curves.key, curves.lines] = [key, makeCurves(plan, level)];
  return curves.lines;
}

function makeCurves(plan, level) {
  const lines = [{ series: plan.figures.covered, colour: "#9aa3a9", width: 1.6, dash: "none", name: t("curve_all") }];
  for (const k of shownNetworks()) {
    const name = short(plan.networks[k].label);
    lines.push({ series: worstShare(plan, "area", k, level), colour: networkColour(k), width: 2.2, dash: "none", name: t("curve_worst", name) });
    lines.push({ series: worstShare(plan, "road", k, level), colour: networkColour(k), width: 1.4, dash: "2 2.5", name: t("curve_road", name) });
  }
  return lines.filter((line) => line.series);
}

function curvePath(axis, series) {
  const { firstCount } = state.plan;
  const step = Math.max(1, Math.floor((1.5 * series.length) / axis.width));
  const points = [];
  for (let i = 0; i < series.length; i += step) points.push(`${axis.x(firstCount + i).toFixed(1)} ${axis.y(series[i]).toFixed(1)}`);
  return `M${points.join("L")}`;
}

function curveLines(axis) {
  const lines = curves().map((line) => svg("path", {
    d: curvePath(axis, line.series), stroke: line.colour, "stroke-width": line.width, "stroke-dasharray": line.dash, fill: "none" }));
  const bounds = state.plan.bound.map(([count, share]) => svg("path", {
    d: `M${axis.x(count) - 9} ${axis.y(share)}h18`, stroke: "#4a5864", "stroke-width": 1.6, "stroke-dasharray": "3 2" }));
  return [...lines, ...bounds];
}

// names at the right of the curve, as a small legend
function curveNames(axis) {
  const names = curves().map((line) => el("div", { class: "curve-name" },
    svg("svg", { width: 22, height: 10, "aria-hidden": "true" }, svg("path", { d: "M0 5H22", stroke: line.colour, "stroke-width": line.width, "stroke-dasharray": line.dash })), line.name));
  if (state.plan.bound.length) names.push(el("div", { class: "curve-name" },
    svg("svg", { width: 22, height: 10, "aria-hidden": "true" }, svg("path", { d: "M0 5H22", stroke: "#4a5864", "stroke-width": 1.6, "stroke-dasharray": "3 2" })), t("curve_bound")));
  const box = el("div", { class: "curve-names" }, names);
  box.style.left = `${axis.left + axis.width + 14}px`;
  return box;
}

// what the years between the phases are
function paceNote(axis) {
  if (!yearTicks(state.plan).length) return null;
  const note = el("small", { class: "pace" }, t("year_pace"));
  note.style.left = `${axis.left + axis.width + 44}px`;
  note.style.top = `${axis.height - 26}px`;
  return note;
}

function axisLine(axis) {
  const y = axis.height - 41;
  const years = yearTicks(state.plan);
  return [svg("path", { d: `M${axis.left} ${y}h${axis.width}`, stroke: INK, "stroke-width": 2 }),
    ...state.plan.counts.map((count) => svg("path", { d: `M${axis.x(count)} ${y - 8}v16`, stroke: INK, "stroke-width": 2 })),
    ...years.map(({ count }) => svg("path", { d: `M${axis.x(count)} ${y - 4}v8`, stroke: INK }))];
}

// ends of years between phases, spread evenly in time
function yearTicks(plan) {
  const ticks = [];
  plan.phases.slice(1).forEach((phase, i) => {
    const before = plan.phases[i];
    const [from, to] = [Date.parse(before.date), Date.parse(phase.date)];
    for (let year = Number(before.date.slice(0, 4)); year < Number(phase.date.slice(0, 4)); year++) {
      const at = Date.parse(`${year}-12-31`);
      if (at > from && at < to) ticks.push({ year, count: Math.round(before.count + ((phase.count - before.count) * (at - from)) / (to - from)) });
    }
  });
  return ticks;
}

function phaseButtons(axis) {
  const { plan } = state;
  const marks = [...plan.phases.map((phase) => ({ count: phase.count, text: `${phaseDate(phase)} ${phase.count}`, main: true })),
    ...yearTicks(plan).map(({ year, count }) => ({ count, text: String(year), main: false }))];
  let right = -Infinity;
  const kept = [];
  for (const mark of marks.sort((a, b) => b.main - a.main || a.count - b.count)) {
    const x = axis.x(mark.count);
    const half = mark.text.length * (mark.main ? 4.6 : 4) + 6;
    if (kept.every((other) => Math.abs(other.x - x) > other.half + half) || mark.main) kept.push({ ...mark, x, half });
    right = Math.max(right, x);
  }
  return kept.map((mark) => {
    const button = el("button", { type: "button", class: mark.main ? "tick-mark main" : "tick-mark", title: mark.main ? "" : t("year_pace"), click: () => setCount(mark.count) }, mark.text);
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
    cx: x, cy: axis.y(line.series[state.count - state.plan.firstCount]), r: 4.5, fill: line.colour, stroke: "#ffffff", "stroke-width": 1.5 }));
  replace(cursor, svg("path", { d: `M${x} ${axis.top - 8}V${axis.height - 41}`, stroke: INK, "stroke-width": 1.5 }), ...spots);
  slider.value = state.count;
  slider.setAttribute("aria-valuetext", `${state.count} ${t("unit_station")}${language ? ", " : "，"}${phaseText(state.plan, state.count)}`);
}

// play: ten stations at a time, landing on each phase

let playTimer = 0;

function togglePlay() {
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
function makeSpoken(container) {
  const region = el("div", { class: "spoken", "aria-live": "polite" });
  container.append(region);
  const speak = later(500, () => {
    const passing = kpiTexts(state.plan, state.count, shownNetworks(), state.level).find((kpi) => kpi.key === "layers_pass");
    region.textContent = t("spoken", state.count, phaseText(state.plan, state.count), passing.value);
  });
  listen((what) => { if (["count", "network", "level"].some((name) => what.has(name))) speak(); });
}
