// Names on the map: towns before road shields before others, none overlapping, none under a card of
// the page.

import { linePoints } from "./outlines.js";
import { boxOf } from "./plane.js";
import { COLOURS, INK, LARGE, SANS, SMALL } from "./style.js";
import { bare } from "./text.js";
import { onScreen, toPx, zoomOf } from "./view.js";

const labelsByPlan = new WeakMap();

export function drawLabels(context, view, plan, blocked) {
  onScreen(context, view);
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.lineJoin = "round";
  const taken = blocked.slice();
  for (const one of labelsOf(plan, view)) {
    const place = one.shield
      ? shieldPlace(context, view, one, taken)
      : namePlace(context, view, one, taken);
    if (place) drawLabel(context, view, one, place);
  }
}

function labelsOf(plan, view) {
  if (!labelsByPlan.has(plan)) labelsByPlan.set(plan, collectLabels(plan));
  const zoom = zoomOf(view);
  return labelsByPlan.get(plan).filter((one) => zoom >= one.from);
}

function collectLabels(plan) {
  const g = plan.geometry;
  const towns = g.seats.filter((seat) => seat.kind !== "urban").map((seat) => ({
    text: bare(seat.name), at: plan.place(seat.lon, seat.lat), size: LARGE,
    weight: 700, from: 0 }));
  const areas = g.areas.filter((area) => area.layer).map((area) => areaLabel(plan, area));
  const fresh = areas.filter((area) => !towns.some((town) => area.text.startsWith(town.text)));
  const reserves = g.keep_outs.map((area) => ({
    ...areaLabel(plan, area), size: SMALL, colour: COLOURS.grey, from: 10,
  }));
  const marks = g.landmarks.filter((mark) => !/town|old_centre/.test(mark.kind)).map((mark) => ({
    text: bare(mark.name), at: plan.place(mark.lon, mark.lat), size: SMALL, weight: 400, from: 12,
    colour: "#4a5864", dot: true }));
  const around = g.landmarks.filter((mark) => /neighbour/.test(mark.kind)).map((mark) => ({
    text: bare(mark.name), at: plan.place(mark.lon, mark.lat), size: LARGE, weight: 400, from: 0,
    colour: COLOURS.grey }));
  const big = fresh.filter((area) => area.big);
  const all = [...towns, ...big, ...shieldLabels(plan), ...fresh.filter((area) => !area.big),
    ...around, ...reserves, ...marks];
  return all.filter((one, i) => all.findIndex((other) => other.text === one.text) === i);
}

// at the middle of the outline's box
function areaLabel(plan, area) {
  const box = boxOf(linePoints(plan, area.lines[0] || []));
  const [w, n, e, s] = box;
  const big = (e - w) * (s - n) > 3e7;
  const [size, weight] = big ? [LARGE, 700] : [SMALL, 400];
  return { text: bare(area.name), at: [(w + e) / 2, (n + s) / 2], size, weight, from: 0, big, box };
}

// one shield per road number, tried at five places of its longest line
function shieldLabels(plan) {
  const longest = new Map();
  for (const road of plan.geometry.roads) {
    for (const line of road.layer && road.ref ? road.lines : []) {
      if (!longest.has(road.ref) || longest.get(road.ref).length < line.length) {
        longest.set(road.ref, line);
      }
    }
  }
  return Array.from(longest, ([ref, line]) => {
    const points = linePoints(plan, line);
    const places =
      [0.5, 0.3, 0.7, 0.15, 0.85].map((part) => points[Math.floor(part * (points.length - 1))]);
    return { text: ref, places, at: places[0], size: SMALL, weight: 700, from: 0, shield: true };
  });
}

function labelBox(context, view, one, x, y) {
  const w = textWidth(context, view, one) / 2 + (one.shield ? 6 : 2) * view.pen;
  const h = (one.size / 2 + (one.shield ? 4 : 2)) * view.pen;
  return [x - w, y - h, x + w, y + h];
}

// at one px of pen; measured once
function textWidth(context, view, one) {
  if (!one.width) {
    context.font = fontOf(view, one);
    one.width = context.measureText(one.text).width / view.pen;
  }
  return one.width * view.pen;
}

function fontOf(view, one) {
  return `${one.weight} ${one.size * view.pen}px ${SANS}`;
}

function isFree(view, box, taken) {
  if (box[0] < 0 || box[1] < 0 || box[2] > view.width || box[3] > view.height) return false;
  const [left, top, right, bottom] = box;
  return !taken.some((other) => (
    left < other[2] && right > other[0] && top < other[3] && bottom > other[1]));
}

function namePlace(context, view, one, taken) {
  const [x, y] = toPx(view, ...one.at);
  const lift = (one.size * 0.9 + 5) * view.pen;
  for (const shift of one.dot ? [-lift, lift] : [0, -lift, lift, -2 * lift, 2 * lift]) {
    const box = labelBox(context, view, one, x, y + shift);
    if (isFree(view, box, taken)) {
      taken.push(box);
      return { x, y: y + shift, dot: one.dot ? [x, y] : null };
    }
  }
  return null;
}

function shieldPlace(context, view, one, taken) {
  for (const place of one.places) {
    const [x, y] = toPx(view, ...place);
    const box = labelBox(context, view, one, x, y);
    if (isFree(view, box, taken)) {
      taken.push(box);
      return { x, y, box };
    }
  }
  return null;
}

function drawLabel(context, view, one, place) {
  context.font = fontOf(view, one);
  if (place.box) drawShield(context, view, place.box);
  else {
    context.strokeStyle = "rgba(255,255,255,.92)";
    context.lineWidth = 3.5 * view.pen;
    context.strokeText(one.text, place.x, place.y);
  }
  if (place.dot) {
    context.fillStyle = INK;
    context.fillRect(place.dot[0] - 1.5 * view.pen, place.dot[1] - 1.5 * view.pen, 3 * view.pen,
      3 * view.pen);
  }
  context.fillStyle = one.colour || INK;
  context.fillText(one.text, place.x, place.y);
}

function drawShield(context, view, [w, n, e, s]) {
  context.fillStyle = "#ffffff";
  context.strokeStyle = INK;
  context.lineWidth = view.pen;
  context.fillRect(w, n, e - w, s - n);
  context.strokeRect(w, n, e - w, s - n);
}
