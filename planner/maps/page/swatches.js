// Small pictures of what is drawn on the map: for the legend, the panel and the sheet.

import { svg } from "./elements.js";
import { state } from "./state.js";
import { COLOURS, INK, RED, networkColour } from "./style.js";

export function swatch(...shapes) {
  return svg("svg",
    { width: 34, height: 14, viewBox: "0 0 34 14", "aria-hidden": "true" }, ...shapes);
}

export function swatchBox(fill) {
  return swatch(svg("rect", { x: 0.5, y: 0.5, width: 33, height: 13, fill, stroke: INK }));
}

export function swatchHatch() {
  const lines =
    [-8, -2, 4, 10, 16, 22, 28].map((x) => svg("path", { d: clippedSlash(x), stroke: RED }));
  return swatch(svg("rect",
    { x: 0.5, y: 0.5, width: 33, height: 13, fill: "#ffffff", stroke: INK }), ...lines);
}

// a 45 degree line from (x, 13) upwards, kept inside the box
function clippedSlash(x) {
  const from = Math.max(x, 1);
  const to = Math.min(x + 12, 33);
  return `M${from} ${13 - (from - x)}L${to} ${13 - (to - x)}`;
}

export function swatchLine(colour, width) {
  return swatch(svg("path", { d: "M0 7H34", stroke: colour, "stroke-width": width }));
}

export function swatchGap() {
  return swatch(svg("path", { d: "M0 7H34", stroke: RED, "stroke-width": 6.6 }),
    svg("path", { d: "M3 7H34", stroke: "#ffffff", "stroke-width": 2, "stroke-dasharray": "4 4" }));
}

export function swatchRing() {
  return swatch(svg("circle",
    { cx: 17, cy: 7, r: 5.5, fill: "none", stroke: RED, "stroke-width": 2 }));
}

export function symbol(network, cx, cy, r, attributes) {
  if (network === 1) {
    return svg("rect",
      { x: cx - r * 0.9, y: cy - r * 0.9, width: 1.8 * r, height: 1.8 * r, ...attributes });
  }
  if (network > 1) {
    return svg("path",
      { d: `M${cx} ${cy - 1.2 * r}L${cx + 1.1 * r} ${cy + r}H${cx - 1.1 * r}Z`, ...attributes });
  }
  return svg("circle", { cx, cy, r, ...attributes });
}

export function swatchStations(network) {
  const colour = networkColour(network);
  return swatch(symbol(network, 9, 7, 5.5, { fill: colour }),
    symbol(network, 25, 7, 4.4, { fill: "#ffffff", stroke: colour, "stroke-width": 1.7 }));
}

export function swatchRetrofit() {
  return swatch(...state.plan.networks.slice(0, 2).flatMap((_, k) => [
    symbol(k, 9 + 16 * k, 7, 4.6,
      { fill: "#ffffff", stroke: networkColour(k), "stroke-width": 1.7 }),
    symbol(k, 9 + 16 * k, 7, 2, { fill: networkColour(k) })]));
}

export function swatchNeighbours() {
  return swatch(...state.plan.networks.slice(0, 2).map((_, k) =>
    symbol(k, 9 + 16 * k, 7, 4.6, { fill: COLOURS.beyond })));
}

export function swatchWedge() {
  return swatch(svg("path", { d: "M17 13L10 2A13 13 0 0 1 24 2Z", fill: networkColour(0),
    "fill-opacity": 0.3, stroke: networkColour(0) }));
}

export function swatchServers() {
  return swatch(...["#8ab6d3", "#a9c9b4", "#d9c79a"].map((fill, i) =>
    svg("rect", { x: 1 + 11 * i, y: 1, width: 10, height: 12, fill })));
}

export function swatchCross() {
  return swatch(svg("path", { d: "M12 7H22M17 2V12", stroke: COLOURS.grey, "stroke-width": 1.4 }));
}

export function swatchGrid() {
  return swatch(svg("path",
    { d: "M0 4H34M0 10H34M10 0V14M24 0V14", stroke: "#8a949b", "stroke-width": 0.8 }));
}

export function swatchText(text) {
  return swatch(svg("text", { x: 17, y: 12, "text-anchor": "middle", "font-weight": 700,
    "font-size": 13, fill: INK }, text));
}
