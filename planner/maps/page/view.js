// A view says which piece of the grid's plane a canvas shows: px = gx * scale + tx, with `ratio`
// device pixels per px and `pen` px of line per px of design.

import { EARTH } from "./plane.js";

/**
 * @typedef {{width: number, height: number, scale: number, tx: number, ty: number, ratio: number,
 *   pen: number}} View
 */

/** @returns {View} */
export function makeView(width, height, scale, tx, ty, ratio, pen) {
  return { width, height, scale, tx, ty, ratio, pen };
}

// zoom of a web map at this scale
export function zoomOf(view) {
  return Math.log2((view.scale / view.pen) * 2 * Math.PI * EARTH / 256);
}

/** @returns {[number, number]} px */
export function toPx(view, gx, gy) {
  return [gx * view.scale + view.tx, gy * view.scale + view.ty];
}

export function metresPerPx(plan, view) {
  const [, lat] = plan.lonlat((view.width / 2 - view.tx) / view.scale,
    (view.height / 2 - view.ty) / view.scale);
  return Math.cos((lat * Math.PI) / 180) / view.scale;
}

// a view that shows a box of the grid's plane whole
export function fittedView([w, n, e, s], width, height, ratio, pen, margin) {
  const scale = Math.min((width - 2 * margin) / (e - w), (height - 2 * margin) / (s - n));
  return centredView([w, n, e, s], width, height, scale, ratio, pen);
}

// a view with the middle of a box in its middle
export function centredView([w, n, e, s], width, height, scale, ratio, pen) {
  return makeView(width, height, scale, width / 2 - ((w + e) / 2) * scale,
    height / 2 - ((n + s) / 2) * scale, ratio, pen);
}

export function onScreen(context, view) {
  context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
}

// draw in metres of the grid's plane
export function onGround(context, view) {
  const k = view.ratio * view.scale;
  context.setTransform(k, 0, 0, k, view.tx * view.ratio, view.ty * view.ratio);
}

export function stroke(context, view, path, colour, width, dash = []) {
  const unit = view.pen / view.scale;
  context.strokeStyle = colour;
  context.lineWidth = width * unit;
  context.setLineDash(dash.map((length) => length * unit));
  context.stroke(path);
  context.setLineDash([]);
}
