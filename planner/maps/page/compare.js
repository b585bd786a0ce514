// Two plans, or two counts of one plan, side by side: a divider over one map.

function sides() {
  const left = { plan: state.compare.plan, count: state.compare.count, network: state.network, level: state.level, station: -1, newest: 0 };
  const right = { ...sceneNow(), newest: 0 };
  return [left, right];
}

// what differs between the two sides, by 规划编号: a station is in a side when its rank is below the side's count
function differences() {
  const [left, right] = sides();
  const key = `${left.count}/${right.count}/${left.plan.key}/${right.plan.key}/${state.network}`;
  if (state.compare.cache && state.compare.cache.key === key) return state.compare.cache;
  const inside = (side) => new Map(side.plan.stations.station_id.slice(0, side.count).map((id, rank) => [id, rank])
    .filter(([, rank]) => state.network < 0 || side.plan.stations.network[rank] === state.network));
  const [a, b] = [inside(left), inside(right)];
  const result = { key, onlyLeft: [], onlyRight: [], common: [], retimed: [] };
  for (const [id, rank] of a) {
    if (!b.has(id)) result.onlyLeft.push(rank);
    else {
      result.common.push([rank, b.get(id)]);
      if (left.plan.phaseOf(rank) !== right.plan.phaseOf(b.get(id))) result.retimed.push([rank, b.get(id)]);
    }
  }
  for (const [id, rank] of b) if (!a.has(id)) result.onlyRight.push(rank);
  result.moved = movedPairs(left, right, result);
  state.compare.cache = result;
  return result;
}

// moved: only on the left, and the same network's new station of the right stands within 150 m
function movedPairs(left, right, { onlyLeft, onlyRight }) {
  const free = new Set(onlyRight);
  const pairs = [];
  for (const a of onlyLeft) {
    const here = [left.plan.stations.gx[a], left.plan.stations.gy[a]];
    let best = null;
    for (const b of free) {
      if (right.plan.stations.network[b] !== left.plan.stations.network[a]) continue;
      const metre = distance(right.plan, here, [right.plan.stations.gx[b], right.plan.stations.gy[b]]);
      if (metre <= 150 && (!best || metre < best.metre)) best = { b, metre };
    }
    if (best) {
      free.delete(best.b);
      pairs.push([a, best.b]);
    }
  }
  return pairs;
}

function drawComparison(context, view) {
  const [left, right] = sides();
  const change_ = differences();
  const origin = sheetLayer.margin();
  const x = origin.x + state.compare.at * map.getSize().x;
  clearCanvas(context, view);
  clipped(context, view, 0, x, () => {
    drawScene(context, view, { ...left, skip: () => true });
    drawSide(context, view, left.plan, change_.common.map(([a]) => a), change_.onlyLeft, false);
  });
  clipped(context, view, x, view.width, () => {
    drawScene(context, view, { ...right, skip: () => true });
    drawSide(context, view, right.plan, change_.common.map(([, b]) => b), change_.onlyRight, true);
  });
  drawMoved(context, view, left.plan, right.plan, change_.moved);
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
function drawSide(context, view, plan, common, only, added) {
  if (!state.on.stations) return;
  const { gx, gy, network } = plan.stations;
  onScreen(context, view);
  const dots = new Path2D();
  for (const i of common) {
    const [x, y] = toPx(view, gx[i], gy[i]);
    dots.rect(x - 1.5, y - 1.5, 3, 3);
  }
  context.fillStyle = COLOURS.grey;
  context.fill(dots);
  const r = Math.min(Math.max(stationRadius(plan, view), 3.2), 6);
  plan.networks.forEach((_, k) => {
    const path = new Path2D();
    for (const i of only) {
      if (network[i] !== k) continue;
      const [x, y] = toPx(view, gx[i], gy[i]);
      addDifference(path, x, y, r, added);
    }
    context.strokeStyle = "#ffffff";
    context.lineWidth = 3.6;
    context.stroke(path);
    context.strokeStyle = networkColour(k);
    context.lineWidth = 1.8;
    context.stroke(path);
  });
}

// from where a station stood to where it stands now
function drawMoved(context, view, left, right, moved) {
  if (!state.on.stations) return;
  onScreen(context, view);
  context.beginPath();
  for (const [a, b] of moved) {
    context.moveTo(...toPx(view, left.stations.gx[a], left.stations.gy[a]));
    context.lineTo(...toPx(view, right.stations.gx[b], right.stations.gy[b]));
  }
  context.strokeStyle = INK;
  context.lineWidth = 1.4;
  context.stroke();
}

function addDifference(path, x, y, r, added) {
  if (added) {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
    path.moveTo(x - r, y);
    path.lineTo(x + r, y);
    path.moveTo(x, y - r);
    path.lineTo(x, y + r);
  } else {
    path.moveTo(x - r, y - r);
    path.lineTo(x + r, y + r);
    path.moveTo(x + r, y - r);
    path.lineTo(x - r, y + r);
  }
}

// the divider, moved by mouse, touch or arrow keys

function makeDivider(container) {
  const bar = el("div", { class: "divider", role: "separator", tabindex: "0", "aria-orientation": "vertical", title_word: "swipe", hidden: true });
  const names = el("div", { class: "sides" });
  container.append(bar, names);
  const moveTo = (at) => change({ compare: { ...state.compare, at: Math.min(Math.max(at, 0.02), 0.98) } });
  bar.addEventListener("pointerdown", (event) => { bar.setPointerCapture(event.pointerId); event.preventDefault(); });
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
    if (!["compare", "count", "language", "network"].some((name) => what.has(name))) return;
    bar.hidden = names.hidden = !state.compare;
    if (!state.compare) return;
    bar.style.left = `${100 * state.compare.at}%`;
    bar.setAttribute("aria-valuenow", Math.round(100 * state.compare.at));
    showSideNames(names);
  });
}

function showSideNames(names) {
  const [left, right] = sides();
  replace(names, el("span", { class: "side-left" }, sideName(left)), el("span", { class: "side-right" }, sideName(right)));
  names.firstChild.style.right = `${100 - 100 * state.compare.at + 0.8}%`;
  names.lastChild.style.left = `${100 * state.compare.at + 0.8}%`;
}

function sideName(side) {
  return `${plans.length > 1 ? `${side.plan.name} · ` : ""}${side.count} ${t("unit_station")}`;
}

// with a second plan: that plan at the same count; else this plan at the phase before
function startCompare() {
  const { plan, count } = state;
  if (plans.length > 1) return compareWith(plans[1], null);
  const before = plan.counts.filter((mark) => mark < count).pop() || plan.firstCount;
  return compareWith(plan, before);
}

// a count of null follows the slider
function compareWith(plan, count) {
  change({ compare: { plan, follows: count === null, count: count === null ? state.count : count, at: 0.5 }, tab: "compare" });
}

function toggleCompare() {
  if (state.compare) change({ compare: null, tab: state.tab === "compare" ? "gaps" : state.tab });
  else if (state.plan.complete) startCompare();
}

// the left side of another plan follows the slider
listen((what) => {
  if (what.has("count") && state.compare && state.compare.follows) {
    const { plan } = state.compare;
    state.compare.count = Math.min(Math.max(state.count, plan.firstCount), plan.lastCount);
  }
});

// the tab: figures of both sides, and what is different

function buildCompare() {
  if (!state.compare) return [];
  const [left, right] = sides();
  const change_ = differences();
  const counts = [["only_left", change_.onlyLeft.length], ["only_right", change_.onlyRight.length], ["moved", change_.moved.length],
    ["retimed", change_.retimed.length], ["common", change_.common.length]];
  return [compareChoice(), figuresTable(left, right),
    el("dl", { class: "difference-counts" }, counts.map(([key, value]) => el("div", { "data-difference": key }, el("dt", {}, t(key)), el("dd", {}, String(value))))),
    tableOf("differences", [t("kind"), "规划编号", t("network"), t("place")], differenceRows(left, right, change_).slice(0, PANEL_ROWS)),
    el("button", { type: "button", click: toggleCompare }, t("compare_stop"))];
}

function compareChoice() {
  const choices = [...plans.slice(1).map((plan) => ({ text: plan.name, plan, count: null })),
    ...state.plan.counts.map((count) => ({ text: t("compare_count", count), plan: state.plan, count }))];
  const now = choices.findIndex((one) => one.plan === state.compare.plan && (state.compare.follows ? one.count === null : one.count === state.compare.count));
  const select = el("select", { "aria-label": t("compare_with") }, choices.map((one, i) => el("option", { value: i, selected: i === now }, one.text)));
  select.addEventListener("change", () => {
    const one = choices[Number(select.value)];
    compareWith(one.plan, one.count);
  });
  return el("label", { class: "compare-choice" }, t("left_side"), " ", select);
}

function figuresTable(left, right) {
  const texts = sides().map((side) => kpiTexts(side.plan, side.count, shownNetworks(), state.level));
  const rows = texts[0].map((kpi, i) => {
    const cells = [withUnit(kpi), withUnit(texts[1][i]), differenceText(kpi, texts[1][i])];
    return el("tr", {}, el("th", { scope: "row" }, t(kpi.key)), cells.map((text) => el("td", { class: "number" }, text)));
  });
  return tableOf("figures", [t("indicator"), sideName(left), sideName(right), t("difference")], rows);
}

function withUnit({ value, unit }) {
  return [value, unit].filter(Boolean).join(" ");
}

function differenceText(left, right) {
  if (left.figure === null || right.figure === null) return "";
  const step = right.figure - left.figure;
  if (left.key === "longest") return (step < 0 ? "−" : "+") + metres(Math.abs(step));
  return (step < 0 ? "−" : "+") + Math.abs(step).toFixed(left.digits);
}

function differenceRows(left, right, found) {
  const moved = new Set(found.moved.map(([a]) => a));
  const row = (plan, rank, word) => actingRow(() => zoomToPlace(plan.stations.gx[rank], plan.stations.gy[rank]),
    el("td", {}, t(word)), el("td", {}, plan.stations.station_id[rank]), el("td", {}, short(plan.networks[plan.stations.network[rank]].label)),
    el("td", {}, codedText(plan.stations.town, rank)));
  return [...found.onlyLeft.map((rank) => row(left.plan, rank, moved.has(rank) ? "moved" : "only_left")),
    ...found.onlyRight.map((rank) => row(right.plan, rank, "only_right")), ...found.retimed.map(([rank]) => row(left.plan, rank, "retimed"))];
}
