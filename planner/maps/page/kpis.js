// The figures of a plan at a count, as texts.

import { state } from "./state.js";
import { bracketed, grouped, label, named, t } from "./text.js";
import { lengthText, percent, rounded } from "./writing.js";

/**
 * One figure: the code of its name, itself, decimals, and how it is written.
 * @typedef {{key: string, name: string, figure: number | null, digits: number, value: string, unit: string, fails?: boolean}} Kpi
 */

// the eight chief figures; the worse of the networks shown, where the figure is one per network
export function kpiTexts(plan, count, networks, level) {
  const figures = plan.figures;
  const rows = figures.verdicts(count, networks, level);
  const roads = rows.filter((row) => row.layer.shape === "road");
  const share = worst(roads.map((row) => row.verdict.share), Math.min);
  const longest = worst(roads.map((row) => row.verdict.longest), Math.max);
  const holes = Math.max(0, ...networks.map((k) => rows.filter((row) => row.network === k)
    .reduce((sum, row) => sum + (row.verdict.holes || 0), 0)));
  const passing = rows.filter((row) => row.verdict.passes).length;
  const cost = figures.district(count, "cost_wan") || 0;
  return [
    kpi("stations", stationCount(plan, count), 0, t("unit_station")),
    kpi("sites", figures.district(count, "sites"), 0, t("unit_site")),
    kpi("per_10k", figures.district(count, "per_10k"), 1, t("unit_station")),
    { ...kpi("cost", cost, 0), name: bracketed(t("cost"), label(plan.money)), value: grouped(cost) },
    { ...kpi("layers_pass", passing, 0), value: `${passing}/${rows.length}`, fails: passing < rows.length },
    { ...shareKpi(plan, "road_share", share), fails: failsBy(roads, "share") },
    { ...kpi("longest", longest, 0), ...lengthOf(longest), fails: failsBy(roads, "gap") },
    { ...kpi("holes", holes, 0), fails: failsBy(rows, "hole") },
  ];
}

/**
 * Residents inside the layers who are served, and their share; none where nobody is known to live.
 * @returns {Kpi[]}
 */
export function residentTexts(plan, count, networks, level) {
  const least = (measure) => worst(networks.map((k) => (
    plan.figures.at(count, "", plan.networks[k].name, plan.levels[level], measure))), Math.min);
  const share = least("residents_share");
  const people = least("residents");
  if (share === null) return [];
  return [{ ...kpi("measure.residents", people, 0, named("unit", plan.units.residents)), value: grouped(people) },
    shareKpi(plan, "measure.residents_share", share)];
}

// null where there are none
function worst(values, choose) {
  const known = values.filter((value) => value !== null);
  return known.length ? choose(...known) : null;
}

function failsBy(rows, rule) {
  return rows.some(({ verdict }) => verdict.failing.some(([code]) => code === rule));
}

/** @returns {Kpi} */
function kpi(key, figure, digits, unit = "") {
  return { key, name: t(key), figure, digits, value: figure === null ? "–" : rounded(figure, digits), unit };
}

function shareKpi(plan, key, share) {
  return kpi(key, share === null ? null : Number(percent(share)), 1, named("unit", plan.units.share));
}

function lengthOf(metre) {
  const [value, unit] = metre === null ? ["–", ""] : lengthText(metre).split(" ");
  return { value, unit };
}

// of the networks shown
function stationCount(plan, count) {
  if (state.network < 0) return count;
  return plan.figures.at(count, "", plan.networks[state.network].name, "", "stations");
}
