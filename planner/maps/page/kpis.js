// The eight figures of a plan at a count, as texts.

import { state } from "./state.js";
import { bracketed, grouped, label, metres, t } from "./text.js";

// the worse of the networks shown, where the figure is one per network
export function kpiTexts(plan, count, networks, level) {
  const figures = plan.figures;
  const rows = figures.verdicts(count, networks, level);
  const roads = rows.filter((row) => row.layer.shape === "road");
  const worst = (list, pick, choose) => (list.length ? choose(...list.map(pick)) : null);
  const share = worst(roads, (row) => row.verdict.share, Math.min);
  const longest = worst(roads, (row) => row.verdict.longest, Math.max);
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
    { ...kpi("road_share", share === null ? null : 100 * share, 1, "%"),
      fails: roads.some((row) => row.verdict.share < row.layer.rule.share) },
    { ...kpi("longest", longest, 0), ...lengthOf(longest), fails: roads.some((row) => row.verdict.gaps > 0) },
    { ...kpi("holes", holes, 0), fails: holes > 0 },
  ];
}

function kpi(key, figure, digits, unit = "") {
  return { key, name: t(key), figure, digits, value: figure === null ? "–" : figure.toFixed(digits), unit };
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
