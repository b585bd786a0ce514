// Towns: what each has to build in each phase; the plan's task table, and the shown count beside
// it.

import { el, tableOf } from "./elements.js";
import { state } from "./state.js";
import { grouped, label, short, t } from "./text.js";
import { phaseYear } from "./wording.js";

function townTable(plan) {
  const towns = new Map();
  for (const row of plan.towns.rows) {
    if (!towns.has(row.town)) towns.set(row.town, new Map());
    towns.get(row.town).set(`${row.phase}/${row.network}`, row);
  }
  return towns;
}

function townFigures(plan, rows, count, name) {
  const { networks, phases } = plan;
  const get = (phase, network, field) => {
    const row = rows.get(`${phases.indexOf(phase)}/${network.name}`) || {};
    return row[field] || 0;
  };
  const total = (phase) =>
    networks.reduce((sum, network) => sum + get(phase, network, "stations"), 0);
  const added = (phase) => networks.map((network) => get(phase, network, "new"));
  return [
    total(phases[0]),
    ...phases.slice(1).flatMap((phase) => [...added(phase), total(phase)]),
    stationsOfTown(plan, name, count),
  ];
}

function stationsOfTown(plan, name, count) {
  const [names, codes] = plan.stations.town;
  const code = names.indexOf(name);
  let sum = 0;
  for (let i = 0; i < count; i++) if (codes[i] === code) sum++;
  return sum;
}

export function townRows(plan, count) {
  const rows = Array.from(townTable(plan),
    ([name, cells]) => ({ name, figures: townFigures(plan, cells, count, name) }));
  rows.sort((a, b) => b.figures[b.figures.length - 2] - a.figures[a.figures.length - 2]);
  return { rows, sums: sumsOf(rows) };
}

function sumsOf(rows) {
  return rows.length
    ? rows[0].figures.map((_, i) => rows.reduce((sum, row) => sum + row.figures[i], 0))
    : [];
}

export function townHeads(plan) {
  const later = plan.phases.slice(1);
  return [t("now"), ...later.flatMap((phase) => [
    ...plan.networks.map((network) => `${phaseYear(plan, phase)} +\u2060${short(network.label)}`),
    `${phaseYear(plan, phase)} ${t("total")}`]),
  t("shown", { count: state.count })];
}

export function buildTowns() {
  const { plan, count } = state;
  const { rows, sums } = townRows(plan, count);
  return [plan.towns.estimated ? el("p", { class: "tab-line" }, t("town_estimate")) : null,
    tableOf("towns", [t("town"), ...townHeads(plan)], bodyOf(rows, sums, String)),
    ...residentTable(plan)];
}

function bodyOf(rows, sums, write) {
  const cells = (figures) => figures.map((figure) => el("td", { class: "number" }, write(figure)));
  const body =
    rows.map((row) => el("tr", { "data-town": row.name }, el("th", { scope: "row" }, row.name),
      cells(row.figures)));
  return [...body, el("tr", { class: "sum" }, el("th", { scope: "row" }, t("sum")), cells(sums))];
}

/**
 * Residents of each town inside the layers and, by network, those who are served, at a phase and a
 * level; the most of them first, none for a town where nobody is known to live.
 * @param {import("./plan.js").Plan} plan
 * @param {number} phase
 * @param {string} level
 */
function residentRows(plan, phase, level) {
  const towns = new Map();
  for (const [town, at, network, of, people, served] of plan.residents) {
    if (at !== phase || of !== level) continue;
    if (!towns.has(town)) towns.set(town, { name: town, people, served: new Map() });
    towns.get(town).served.set(network, served);
  }
  const rows = Array.from(towns.values(), (town) => ({
    name: town.name,
    figures: [town.people, ...plan.networks.map(({ name }) => town.served.get(name))],
  }));
  return rows.sort((a, b) => b.figures[0] - a.figures[0]);
}

// known at the phases: the last one that the shown count has reached
function residentTable(plan) {
  const phase = plan.phaseReached(state.count);
  const level = plan.levels[state.level];
  const rows = residentRows(plan, phase, level);
  if (!rows.length) return [];
  // those served as the table of layers has them, not as the sum of what was rounded by town
  const count = plan.counts[phase];
  const served = ({ name }) => plan.figures.at(count, "", name, level, "residents");
  const sums = [sumsOf(rows)[0], ...plan.networks.map(served)];
  const residents = t("measure.residents");
  const names = plan.networks.map((network) => `${residents} ${short(network.label)}`);
  const heads = [t("town"), t("residents_in_layers"), ...names];
  const title = [residents, label(plan.phases[phase].label), t(`level.${level}`)].join(" · ");
  return [el("h3", { class: "tab-head" }, title),
    tableOf("towns residents", heads, bodyOf(rows, sums, grouped))];
}
