// The panel at the right: figures, verdicts by layer, and the tabs.

const PANEL_ROWS = 200; // rows of a list that are shown at once

function phaseDate(phase) {
  const [year, month, day] = phase.date.split("-");
  if (month === "12" && day === "31") return language ? `end ${year}` : `${year}年底`;
  return `${year}-${month}`;
}

// the year alone where it tells the phases after the state apart
function phaseYear(plan, phase) {
  const years = plan.phases.slice(1).map((one) => one.date.slice(0, 4));
  return new Set(years).size === years.length ? phase.date.slice(0, 4) : phaseDate(phase);
}

function phaseText(plan, count) {
  const phase = plan.phases[plan.phaseAt(count)];
  return label(phase.label);
}

function makePanel(container) {
  container.append(makeKpis(), makeLayerTable(), makeTabs());
}

// the eight figures

function makeKpis() {
  const box = el("dl", { class: "kpis" });
  const cells = {};
  for (const key of ["stations", "sites", "per_10k", "cost", "layers_pass", "road_share", "longest", "holes"]) {
    cells[key] = el("dd", { "data-kpi": key });
    box.append(el("div", {}, el("dt", { word: key }), cells[key]));
  }
  const update = () => kpiTexts(state.plan, state.count, shownNetworks(), state.level).forEach(({ key, value, unit, fails }) => {
    replace(cells[key], value, unit ? el("small", {}, unit) : null);
    cells[key].classList.toggle("fails", Boolean(fails));
  });
  listen((what) => { if (["count", "network", "level", "plan", "language"].some((name) => what.has(name))) update(); });
  return box;
}

// the worse of the networks shown, where the figure is one per network
function kpiTexts(plan, count, networks, level) {
  const figures = plan.figures;
  const rows = figures.verdicts(count, networks, level);
  const roads = rows.filter((row) => row.layer.shape === "road");
  const worst = (list, pick, choose) => (list.length ? choose(...list.map(pick)) : null);
  const share = worst(roads, (row) => row.verdict.share, Math.min);
  const longest = worst(roads, (row) => row.verdict.longest, Math.max);
  const holes = Math.max(0, ...networks.map((k) => rows.filter((row) => row.network === k)
    .reduce((sum, row) => sum + (row.verdict.holes || 0), 0)));
  const passing = rows.filter((row) => row.verdict.passes).length;
  const yi = (figures.district(count, "cost_wan") || 0) / 10000;
  return [
    kpi("stations", stationCount(plan, count), 0, t("unit_station")),
    kpi("sites", figures.district(count, "sites"), 0, t("unit_site")),
    kpi("per_10k", figures.district(count, "per_10k"), 1, t("unit_station")),
    kpi("cost", yi, 2, t("unit_yi")),
    { ...kpi("layers_pass", passing, 0), value: `${passing}/${rows.length}`, fails: passing < rows.length },
    { ...kpi("road_share", share === null ? null : 100 * share, 1, "%"), fails: roads.some((row) => row.verdict.share < row.layer.rule.share) },
    { ...kpi("longest", longest, 0), ...lengthOf(longest), fails: roads.some((row) => row.verdict.gaps > 0) },
    { ...kpi("holes", holes, 0), fails: holes > 0 },
  ];
}

function kpi(key, figure, digits, unit = "") {
  return { key, figure, digits, value: figure === null ? "–" : figure.toFixed(digits), unit };
}

function lengthOf(metre) {
  const [value, unit] = metre === null ? ["–", ""] : metres(metre).split(" ");
  return { value, unit };
}

// of the networks shown
function stationCount(plan, count) {
  if (state.network < 0) return count;
  return plan.figures.at(count, "", plan.networks[state.network].name, "", "stations");
}

function whole(value) {
  return value === null ? "–" : String(Math.round(value));
}

// layers: switch, name, and per network the share against its limit and the verdict

function makeLayerTable() {
  const title = el("h2", {});
  const rule = el("small", {});
  const table = el("table", { class: "layers" });
  const fails = el("p", { class: "fails-line" });
  const build = () => {
    replace(title, t("layer_table"), " · ", t(state.plan.levels[state.level]), " ", rule);
    rule.textContent = ruleText(state.plan);
    buildLayerTable(table);
    updateLayerTable(table, fails);
  };
  listen((what) => {
    if (["network", "level", "plan", "language", "layersOff"].some((name) => what.has(name))) build();
    else if (what.has("count")) updateLayerTable(table, fails);
  });
  return el("section", { class: "layer-section" }, title, table, fails);
}

function buildLayerTable(table) {
  const { plan } = state;
  const heads = plan.networks.map((network, k) => el("th", { scope: "col", colspan: 3, title: label(network.label) }, networkMark(k), language ? short(network.label) : label(network.label)));
  const rows = plan.layers.map((layer) => el("tr", { "data-layer": layer.name }, layerHead(plan, layer),
    plan.networks.map((_, k) => [
      el("td", { class: "bar" }, barOf(layer)), el("td", { class: "share" }), el("td", { class: "verdict", "data-network": k })])));
  replace(table, layerColumns(plan), el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("layer")), heads)), el("tbody", {}, rows));
}

function layerColumns(plan) {
  const name = language ? 30 : 26;
  const each = (100 - name) / plan.networks.length;
  const group = el("colgroup", {}, el("col", {}), plan.networks.map(() => [el("col", {}), el("col", {}), el("col", {})]));
  Array.from(group.children).forEach((col, i) => { col.style.width = `${i ? each * [0.52, 0.19, 0.29][i % 3] : name}%`; });
  return group;
}

function layerHead(plan, layer) {
  const shown = !state.layersOff.has(layer.name);
  const flip = () => {
    const off = new Set(state.layersOff);
    if (!off.delete(layer.name)) off.add(layer.name);
    change({ layersOff: off });
  };
  return el("th", { scope: "row" },
    el("input", { type: "checkbox", checked: shown, "aria-label": label(layer.label), change: flip }),
    el("button", { type: "button", class: "link", click: () => zoomTo(layerBounds(plan, layer)) }, label(layer.label)));
}

function layerBounds(plan, layer) {
  const source = layer.shape === "area" ? plan.geometry.areas : plan.geometry.roads;
  const features = source.filter((feature) => feature.layer === layer.name);
  return boundsOf(plan, features.length ? features : plan.geometry.boundary);
}

function networkMark(network) {
  return svg("svg", { width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" }, symbol(network, 6, 6, 4.4, { fill: networkColour(network) }));
}

function barOf(layer) {
  return svg("svg", { width: "100%", height: 12, viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "fill", x: 0, y: 3, height: 6, width: 0 }),
    svg("rect", { x: layer.rule.share * 100 - 1, y: 0, width: 2, height: 12, fill: INK }));
}

function updateLayerTable(table, fails) {
  const { plan, count, level } = state;
  const failing = [];
  for (const row of table.tBodies[0].rows) {
    const layer = plan.layers.find((one) => one.name === row.dataset.layer);
    plan.networks.forEach((network, k) => {
      const verdict = plan.figures.verdict(count, layer, network.name, plan.levels[level]);
      const [bar, share, text] = Array.from(row.cells).slice(1 + 3 * k, 4 + 3 * k);
      showVerdict(layer, verdict, bar, share, text, state.network >= 0 && state.network !== k);
      if (verdict && !verdict.passes && shownNetworks().includes(k)) failing.push(`${label(layer.label)}·${short(network.label)} ${fromText(verdict)}`);
    });
  }
  fails.textContent = failing.join(language ? "; " : "；");
}

function fromText(verdict) {
  return verdict.from > 0 ? t("from_count", verdict.from) : t("never_passes");
}

function showVerdict(layer, verdict, bar, share, text, dim) {
  const fill = bar.querySelector(".fill");
  fill.setAttribute("width", verdict ? 100 * verdict.share : 0);
  fill.setAttribute("fill", verdict && !verdict.passes ? RED : "#4a5864");
  share.textContent = verdict ? `${shareText(verdict, layer)}%` : "";
  text.textContent = !verdict ? t("not_asked") : verdict.passes ? `✓ ${t("pass")}` : `✕ ${failure(layer, verdict)}`;
  text.className = !verdict ? "verdict none" : verdict.passes ? "verdict passes" : "verdict fails";
  text.title = verdict && !verdict.passes ? fromText(verdict) : "";
  for (const cell of [bar, share, text]) cell.classList.toggle("dim", dim);
}

// tabs

const TABS = ["gaps", "towns", "why", "review"];
const TAB_BUILDERS = { gaps: buildGaps, towns: buildTowns, why: buildWhy, review: buildReview, compare: buildCompare };

function makeTabs() {
  const list = el("div", { role: "tablist", class: "tabs" });
  const body = el("div", { role: "tabpanel", class: "tab-body", id: "tab-body", tabindex: "0" });
  const buildList = () => replace(list, tabNames().map((name) => tabButton(name)));
  const buildBody = () => {
    if (!state.plan.complete) return; // lists come after the first picture
    body.setAttribute("aria-labelledby", `tab-${state.tab}`);
    replace(body, TAB_BUILDERS[state.tab]());
  };
  const buildLate = later(140, buildBody);
  list.addEventListener("keydown", (event) => moveTab(event, list));
  listen((what) => {
    if (what.has("tab") || what.has("compare") || what.has("language")) buildList();
    if (["tab", "plan", "language", "chosen", "marks", "compare", "holes", "complete"].some((name) => what.has(name))) buildBody();
    else if (["count", "network", "level", "layersOff"].some((name) => what.has(name))) buildLate();
  });
  return el("section", { class: "tab-section" }, list, body);
}

function tabNames() {
  return state.compare ? [...TABS, "compare"] : TABS;
}

function tabButton(name) {
  const chosen = state.tab === name;
  return el("button", {
    role: "tab", type: "button", id: `tab-${name}`, "aria-selected": String(chosen), "aria-controls": "tab-body",
    tabindex: chosen ? "0" : "-1", click: () => change({ tab: name }),
  }, t(`tab_${name}`));
}

function moveTab(event, list) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const names = tabNames();
  const next = names[(names.indexOf(state.tab) + step + names.length) % names.length];
  change({ tab: next });
  list.querySelector(`#tab-${next}`).focus();
  event.preventDefault();
}

function tableOf(className, heads, rows) {
  return el("table", { class: `list ${className}` },
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows));
}

// a row that acts when clicked or on Enter
function actingRow(action, ...cells) {
  return el("tr", {
    tabindex: "0", class: "acting", click: action,
    keydown: (event) => { if (event.key === "Enter") action(); },
  }, cells);
}

// gaps and holes: only what breaks the rule, the longest first

function failuresShown(plan, count) {
  const gaps = gapsShown(plan, count, state.network, state.level).filter((gap) => gapOn(plan, gap));
  const over = gaps.filter((gap) => gap.over).sort((a, b) => b.length - a.length);
  const holes = (state.holes || []).slice().sort((a, b) => b.area - a.area);
  return { over, within: gaps.length - over.length, holes };
}

function gapOn(plan, gap) {
  return !state.layersOff.has(plan.roads[plan.samples.road[gap.from]].layer);
}

function buildGaps() {
  const { plan, count } = state;
  const { over, within, holes } = failuresShown(plan, count);
  const rows = [...over.map((gap) => gapRow(plan, gap)), ...holes.map((hole) => holeRow(plan, hole))];
  return [
    el("p", { class: "tab-line" }, t("gaps_line", over.length, within, holes.length)),
    rows.length ? tableOf("gaps", [t("kind"), t("place"), t("network"), t("size")], rows.slice(0, PANEL_ROWS)) : el("p", { class: "passes" }, t("none_over")),
    rows.length > PANEL_ROWS ? el("p", { class: "tab-line" }, t("more_rows", rows.length - PANEL_ROWS)) : null,
  ];
}

function gapPlace(plan, gap) {
  const { road, offset } = plan.samples;
  const chain = plan.roads[road[gap.from]];
  const town = plan.townName(offset + Math.floor((gap.from + gap.to) / 2));
  return t("section", chain.ref || chain.name, bare(town));
}

function gapRow(plan, gap) {
  const { gx, gy } = plan.samples;
  const xs = [gx[gap.from], gx[gap.to]];
  const ys = [gy[gap.from], gy[gap.to]];
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  return actingRow(() => zoomTo(box), el("td", {}, t("road_gap")), el("td", {}, gapPlace(plan, gap)),
    el("td", {}, short(plan.networks[gap.network].label)), el("td", { class: "number fails" }, metres(gap.length)));
}

function holeRow(plan, hole) {
  const point = plan.pointOfCell(hole.cells[hole.cells.length >> 1]);
  const box = [hole.gx - 900, hole.gy - 900, hole.gx + 900, hole.gy + 900];
  return actingRow(() => zoomTo(box), el("td", {}, t("hole")), el("td", {}, `${label(hole.layer.label)} ${bare(plan.townName(point))}`),
    el("td", {}, short(plan.networks[hole.network].label)), el("td", { class: "number fails" }, `${hole.area.toFixed(1)} ${t("hectare")}`));
}

// towns: what each has to build in each phase; the plan's task table, and the shown count beside it

function townTable(plan) {
  const towns = new Map();
  for (const row of plan.towns.rows) {
    if (!towns.has(row.town)) towns.set(row.town, new Map());
    towns.get(row.town).set(`${row.phase}/${row.network}`, row);
  }
  return towns;
}

function townFigures(plan, rows, count, name) {
  const get = (phase, network, field) => (rows.get(`${phase.label[0]}/${network.name}`) || {})[field] || 0;
  const total = (phase, field) => plan.networks.reduce((sum, network) => sum + get(phase, network, field), 0);
  const later = plan.phases.slice(1);
  return [total(plan.phases[0], "stations"),
    ...later.flatMap((phase) => [...plan.networks.map((network) => get(phase, network, "new")), total(phase, "stations")]),
    stationsOfTown(plan, name, count)];
}

function stationsOfTown(plan, name, count) {
  const [names, codes] = plan.stations.town;
  const code = names.indexOf(name);
  let sum = 0;
  for (let i = 0; i < count; i++) if (codes[i] === code) sum++;
  return sum;
}

function townRows(plan, count) {
  const rows = Array.from(townTable(plan), ([name, cells]) => ({ name, figures: townFigures(plan, cells, count, name) }));
  rows.sort((a, b) => b.figures[b.figures.length - 2] - a.figures[a.figures.length - 2]);
  const sums = rows.length ? rows[0].figures.map((_, i) => rows.reduce((sum, row) => sum + row.figures[i], 0)) : [];
  return { rows, sums };
}

function townHeads(plan) {
  const later = plan.phases.slice(1);
  return [t("now"), ...later.flatMap((phase) => [
    ...plan.networks.map((network) => `${phaseYear(plan, phase)} +\u2060${short(network.label)}`), `${phaseYear(plan, phase)} ${t("total")}`]),
  t("shown", state.count)];
}

function buildTowns() {
  const { plan, count } = state;
  const { rows, sums } = townRows(plan, count);
  const cells = (figures, tag = "td") => figures.map((figure) => el(tag, { class: "number" }, String(figure)));
  const body = rows.map((row) => el("tr", { "data-town": row.name }, el("th", { scope: "row" }, row.name), cells(row.figures)));
  body.push(el("tr", { class: "sum" }, el("th", { scope: "row" }, t("sum")), cells(sums)));
  return [plan.towns.estimated ? el("p", { class: "tab-line" }, t("town_estimate")) : null,
    tableOf("towns", [t("town"), ...townHeads(plan)], body)];
}
