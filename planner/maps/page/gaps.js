// The tab of gaps and holes: only what breaks the rule, the longest first.

import { PANEL_ROWS, actingRow, el, tableOf } from "./elements.js";
import { failuresShown } from "./failures.js";
import { zoomTo } from "./map.js";
import { boxOf } from "./plane.js";
import { state } from "./state.js";
import { bare, label, short, t } from "./text.js";
import { lengthText, rounded } from "./writing.js";

export function buildGaps() {
  const { plan, count } = state;
  const { over, within, holes } = failuresShown(plan, count);
  const heads = [t("kind"), t("place"), t("network"), t("size")];
  const rows = [...over.map((gap) => gapRow(plan, gap)),
    ...holes.map((hole) => holeRow(plan, hole))];
  const more = rows.length - PANEL_ROWS;
  return [
    el("p", { class: "tab-line" },
      t("gaps_line", { over: over.length, within, holes: holes.length })),
    rows.length
      ? tableOf("gaps", heads, rows.slice(0, PANEL_ROWS))
      : el("p", { class: "passes" }, t("none_over")),
    more > 0 ? el("p", { class: "tab-line" }, t("more_rows", { count: more })) : null,
  ];
}

export function gapPlace(plan, gap) {
  const { road, offset } = plan.samples;
  const chain = plan.roads[road[gap.from]];
  const town = plan.townName(offset + Math.floor((gap.from + gap.to) / 2));
  return t("section", { road: chain.ref || chain.name, town: bare(town) });
}

function gapRow(plan, gap) {
  const { gx, gy } = plan.samples;
  const box = boxOf([gap.from, gap.to].map((i) => [gx[i], gy[i]]));
  return actingRow(() => zoomTo(box), el("td", {}, t("road_gap")),
    el("td", {}, gapPlace(plan, gap)),
    el("td", {}, short(plan.networks[gap.network].label)),
    el("td", { class: "number fails" }, lengthText(gap.length)));
}

function holeRow(plan, hole) {
  const point = plan.pointOfCell(hole.cells[hole.cells.length >> 1]);
  const box = [hole.gx - 900, hole.gy - 900, hole.gx + 900, hole.gy + 900];
  return actingRow(() => zoomTo(box), el("td", {}, t("hole")),
    el("td", {}, `${label(hole.layer.label)} ${bare(plan.townName(point))}`),
    el("td", {}, short(plan.networks[hole.network].label)),
    el("td", { class: "number fails" }, `${rounded(hole.area, 1)} ${t("unit.ha")}`));
}
