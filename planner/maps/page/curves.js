// The curves of coverage over the count, for the time bar and the sheet.

import { curvePath, leastOf } from "./axis.js";
import { svg } from "./elements.js";
import { shownNetworks, state } from "./state.js";
import { INK, networkColour } from "./style.js";
import { language, short, t } from "./text.js";
import { percent } from "./writing.js";

export function shareLines(axis) {
  const limit = state.plan.layers[0].rule.share;
  const [plain, dashed] = [{ stroke: "#e4e7e9", "stroke-dasharray": "none" }, { stroke: INK, "stroke-dasharray": "1.5 3" }];
  return [0, 0.5, limit].flatMap((share) => [
    svg("path", { d: `M${axis.left} ${axis.y(share)}h${axis.width}`, ...(share === limit ? dashed : plain) }),
    svg("text", { x: axis.left - 7, y: axis.y(share) + 4, "text-anchor": "end", class: "tick" }, `${+percent(share)}%`)]);
}

/** @type {{key: string, lines: any[]}} */
const kept = { key: "", lines: [] };

// kept until network, level or language change: the cursor asks at every step
export function curves() {
  const { plan, level } = state;
  const key = [plan.key, state.network, level, language].join();
  if (kept.key !== key) Object.assign(kept, { key, lines: makeCurves(plan, level) });
  return kept.lines;
}

function makeCurves(plan, level) {
  const lines = [{ series: plan.figures.covered, colour: "#9aa3a9", width: 1.6, dash: "none", name: t("curve_all") }];
  for (const k of shownNetworks()) {
    const network = short(plan.networks[k].label);
    const colour = networkColour(k);
    lines.push({ series: worstShare(plan, "area", k, level), colour, width: 2.2, dash: "none", name: t("curve_worst", { network }) });
    lines.push({ series: worstShare(plan, "road", k, level), colour, width: 1.4, dash: "2 2.5", name: t("curve_road", { network }) });
  }
  return lines.filter((line) => line.series);
}

export function curveLines(axis) {
  const lines = curves().map((line) => svg("path", {
    d: curvePath(axis, line.series, state.plan.firstCount), stroke: line.colour, "stroke-width": line.width, "stroke-dasharray": line.dash,
      fill: "none" }));
  const bounds = state.plan.bound.map(([count, share]) => svg("path", {
    d: `M${axis.x(count) - 9} ${axis.y(share)}h18`, stroke: "#4a5864", "stroke-width": 1.6, "stroke-dasharray": "3 2" }));
  return [...lines, ...bounds];
}

// lowest share of the layers of a shape at each count, for a network
function worstShare(plan, shape, network, level) {
  const [name, levelName] = [plan.networks[network].name, plan.levels[level]];
  const all = plan.layers.filter((layer) => layer.shape === shape)
    .map((layer) => plan.figures.series(layer.name, name, levelName, "share"));
  return leastOf(all.filter(Boolean));
}
