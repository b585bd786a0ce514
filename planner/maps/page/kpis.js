// The figures of a plan at a count, as texts.

import { bracketed, grouped, label, named, t, whole } from "./text.js";
import { lengthText, percent, rounded } from "./writing.js";

/**
 * One figure: the code of its name, itself, how such a figure is written, and how this one is.
 * @typedef {{key: string, name: string, figure: number | null, write: (figure: number) => string,
 *   value: string, unit: string, fails?: boolean}} Kpi
 */

// the eight chief figures; the worse of the networks shown, where the figure is one per network,
// and none without networks
export function kpiTexts(plan, count, networks, level) {
  const figures = plan.figures;
  const rows = figures.verdicts(count, networks, level);
  const roads = rows.filter((row) => row.layer.shape === "road");
  const share = worst(roads.map((row) => row.verdict.share), Math.min);
  const longest = worst(roads.map((row) => row.verdict.longest), Math.max);
  const holes = worst(networks.map((k) => rows.filter((row) => row.network === k)
    .reduce((sum, row) => sum + (row.verdict.holes || 0), 0)), Math.max);
  const passing = networks.length ? rows.filter((row) => row.verdict.passes).length : null;
  const cost = figures.district(count, "cost_wan") || 0;
  return [
    kpi("stations", stationCount(plan, count, networks), whole, t("unit_station")),
    kpi("sites", figures.district(count, "sites"), whole, t("unit_site")),
    kpi("per_10k", figures.district(count, "per_10k"), tenths, t("unit_station")),
    { ...kpi("cost", cost, grouped), name: bracketed(t("cost"), label(plan.money)) },
    {
      ...kpi("layers_pass", passing, whole),
      ...passing !== null && { value: `${passing}/${rows.length}`, fails: passing < rows.length },
    },
    { ...shareKpi(plan, "road_share", share), fails: failsBy(roads, "share") },
    { ...kpi("longest", longest, lengthText), ...lengthOf(longest), fails: failsBy(roads, "gap") },
    { ...kpi("holes", holes, whole), fails: failsBy(rows, "hole") },
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
  return [kpi("measure.residents", people, grouped, named("unit", plan.units.residents)),
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
function kpi(key, figure, write, unit = "") {
  return { key, name: t(key), figure, write, value: figure === null ? "–" : write(figure),
    unit: figure === null ? "" : unit };
}

function tenths(figure) {
  return rounded(figure, 1);
}

function shareKpi(plan, key, share) {
  return kpi(key, share === null ? null : Number(percent(share)), tenths,
    named("unit", plan.units.share));
}

function lengthOf(metre) {
  const [value, unit] = metre === null ? ["–", ""] : lengthText(metre).split(" ");
  return { value, unit };
}

// of all networks, or of one
function stationCount(plan, count, networks) {
  if (networks.length === plan.networks.length) return count;
  return networks.length
    ? plan.figures.at(count, "", plan.networks[networks[0]].name, "", "stations")
    : null;
}
