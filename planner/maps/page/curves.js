// The curves of coverage over the count, for the time bar and the sheet.

import { curvePath, leastOf } from "./axis.js";
import { svg } from "./elements.js";
import { shownNetworks, state } from "./state.js";
import { INK, networkColour } from "./style.js";
import { language, short, t } from "./text.js";
import { percent } from "./writing.js";

export function shareLines(axis) {
  const limit = state.plan.layers[0].rule.share;
  const plain = { stroke: "#e4e7e9", "stroke-dasharray": "none" };
  const dashed = { stroke: INK, "stroke-dasharray": "1.5 3" };
  return [0, 0.5, limit].flatMap((share) => {
    const y = axis.y(share);
    const tick = { x: axis.left - 7, y: y + 4, "text-anchor": "end", class: "tick" };
    const line = share === limit ? dashed : plain;
    return [
      svg("path", { d: `M${axis.left} ${y}h${axis.width}`, ...line }),
      svg("text", tick, `${+percent(share)}%`),
    ];
  });
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
  const { covered } = plan.figures;
  const all = { series: covered, colour: "#9aa3a9", width: 1.6, dash: "none",
    name: t("curve_all") };
  const lines = [all];
  for (const k of shownNetworks()) {
    const network = short(plan.networks[k].label);
    const colour = networkColour(k);
    const [area, road] = ["area", "road"].map((shape) => worstShare(plan, shape, k, level));
    const [worst, onRoad] = [t("curve_worst", { network }), t("curve_road", { network })];
    lines.push({ series: area, colour, width: 2.2, dash: "none", name: worst });
    lines.push({ series: road, colour, width: 1.4, dash: "2 2.5", name: onRoad });
  }
  return lines.filter((line) => line.series);
}

export function curveLines(axis) {
  const lines = curves().map((line) => svg("path", {
    d: curvePath(axis, line.series, state.plan.firstCount), stroke: line.colour,
    "stroke-width": line.width, "stroke-dasharray": line.dash, fill: "none",
  }));
  const bounds = state.plan.bound.map(([count, share]) => svg("path", {
    d: `M${axis.x(count) - 9} ${axis.y(share)}h18`, stroke: "#4a5864",
    "stroke-width": 1.6, "stroke-dasharray": "3 2",
  }));
  return [...lines, ...bounds];
}

// lowest share of the layers of a shape at each count, for a network
function worstShare(plan, shape, network, level) {
  const [name, levelName] = [plan.networks[network].name, plan.levels[level]];
  const all = plan.layers.filter((layer) => layer.shape === shape)
    .map((layer) => plan.figures.series(layer.name, name, levelName, "share"));
  return leastOf(all.filter(Boolean));
}
