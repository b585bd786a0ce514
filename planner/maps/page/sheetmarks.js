// Scale bar, north arrow and graticule, drawn alike on the screen and on the sheet.

import { INK, SANS, SMALL } from "./style.js";
import { t } from "./text.js";
import { metresPerPx, onScreen, toPx } from "./view.js";

const NICE = [50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000];
const MINUTES = [0.5, 1, 2, 5, 10, 15, 30, 60];

export function drawScaleBar(context, view, plan, right, bottom, longest) {
  const perPx = metresPerPx(plan, view);
  const length = barLength(perPx, longest);
  const width = length / perPx;
  const [x, y, h] = [right - width, bottom, 4 * view.pen];
  onScreen(context, view);
  context.fillStyle = "#ffffff";
  context.fillRect(x - 2 * view.pen, y - h - 2 * view.pen, width + 4 * view.pen, h + 4 * view.pen);
  context.fillStyle = INK;
  context.fillRect(x, y - h, width, h);
  context.fillStyle = "#ffffff";
  for (const part of [1, 3]) {
    context.fillRect(x + (part * width) / 4, y - h + view.pen, width / 4, h - 2 * view.pen);
  }
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const [unit, name] = length >= 1000 ? [1000, "km"] : [1, "m"];
  haloText(context, view, "0", x, y - h - 5 * view.pen);
  haloText(context, view, `${length / 2 / unit}`, x + width / 2, y - h - 5 * view.pen);
  haloText(context, view, `${length / unit} ${name}`, x + width, y - h - 5 * view.pen);
  return x + width / 2;
}

/**
 * The longest round length of a scale bar, m.
 * @param {number} perPx m in a px
 * @param {number} longest px
 */
export function barLength(perPx, longest) {
  return NICE.filter((metre) => metre / perPx <= longest).pop() || NICE[0];
}

export function haloText(context, view, text, x, y, size = SMALL, weight = 400) {
  context.font = `${weight} ${size * view.pen}px ${SANS}`;
  context.lineJoin = "round";
  context.strokeStyle = "rgba(255,255,255,.9)";
  context.lineWidth = 3 * view.pen;
  context.strokeText(text, x, y);
  context.fillStyle = INK;
  context.fillText(text, x, y);
}

export function drawNorth(context, view, x, y) {
  const p = view.pen;
  onScreen(context, view);
  context.beginPath();
  context.moveTo(x, y - 22 * p);
  context.lineTo(x + 7 * p, y);
  context.lineTo(x, y - 5 * p);
  context.lineTo(x - 7 * p, y);
  context.closePath();
  context.fillStyle = INK;
  context.fill();
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  haloText(context, view, t("north"), x, y + 13 * p, SMALL, 700);
}

// meridians and parallels every so many minutes, with their degrees at the edge
export function drawGraticule(context, view, plan) {
  const [west, north] = plan.lonlat(-view.tx / view.scale, -view.ty / view.scale);
  const [east, south] = plan.lonlat((view.width - view.tx) / view.scale,
    (view.height - view.ty) / view.scale);
  const step = graticuleStep(east - west);
  onScreen(context, view);
  context.textBaseline = "alphabetic";
  for (let k = Math.ceil(west / step); k * step < east; k++) {
    const [x] = toPx(view, ...plan.place(k * step, north));
    rule(context, view, x, 0, x, view.height);
    context.textAlign = "left";
    haloText(context, view, degreeText(k * step, "E"), x + 3 * view.pen,
      view.height - 5 * view.pen);
  }
  for (let k = Math.ceil(south / step); k * step < north; k++) {
    const [, y] = toPx(view, ...plan.place(west, k * step));
    rule(context, view, 0, y, view.width, y);
    context.textAlign = "left";
    haloText(context, view, degreeText(k * step, "N"), 4 * view.pen, y - 3 * view.pen);
  }
}

/**
 * Degrees between meridians: at most nine in the width.
 * @param {number} degrees of the width
 */
export function graticuleStep(degrees) {
  const minutes = MINUTES.find((step) => (degrees * 60) / step <= 9) || 120;
  return minutes / 60;
}

function rule(context, view, x0, y0, x1, y1) {
  context.beginPath();
  context.strokeStyle = "rgba(20,32,43,.28)";
  context.lineWidth = 0.7 * view.pen;
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/**
 * @param {number} value degrees
 * @param {string} side N or E
 */
export function degreeText(value, side) {
  const minutes = Math.round(value * 120) / 2;
  const rest = minutes - 60 * Math.floor(minutes / 60);
  return `${Math.floor(minutes / 60)}°${String(rest).padStart(2, "0")}′${side}`;
}
