// Stations on a canvas: one path per network and state, so that thousands cost a few fills.

import { PASS } from "./codes.js";
import { codedText } from "./plan.js";
import { state } from "./state.js";
import { COLOURS, INK, networkColour } from "./style.js";
import { metresPerPx, onScreen, toPx, zoomOf } from "./view.js";

const CLOSE_ZOOM = 13.6;
const MANY = 1500; // stations in view from which no wedges are drawn

// by the spacing of the last phase: the same size at every count
export function stationRadius(plan, view) {
  return Math.min(Math.max((0.26 * plan.siteSpacing) / metresPerPx(plan, view), view.pen),
    5 * view.pen);
}

export function drawStations(context, view, scene) {
  const radius = stationRadius(scene.plan, view);
  const seen = stationsInView(view, scene, radius);
  onScreen(context, view);
  drawNeighbours(context, view, scene, radius);
  if (state.on.wedges && zoomOf(view) >= CLOSE_ZOOM && seen.length < MANY) {
    drawWedges(context, view, scene, seen);
  }
  scene.plan.networks.forEach((_, network) => {
    drawNetwork(context, view, scene, seen, network, radius);
  });
  if (scene.newest > 0) drawNewest(context, view, scene, seen, radius);
  if (state.on.siting) drawFlags(context, view, scene, seen, radius);
}

// ranks below the count whose symbols touch the view, with their place in px
export function stationsInView(view, scene, radius) {
  const { gx, gy, network, beside, length } = scene.plan.stations;
  const seen = [];
  const shift = besideShift(view, radius);
  const last = Math.min(scene.count, length);
  for (let i = 0; i < last; i++) {
    if (scene.network >= 0 && network[i] !== scene.network) continue;
    if (scene.skip && scene.skip(i)) continue;
    const x = gx[i] * view.scale + view.tx + beside[i] * shift;
    const y = gy[i] * view.scale + view.ty;
    if (x > -40 && y > -40 && x < view.width + 40 && y < view.height + 40) seen.push([i, x, y]);
  }
  return seen;
}

function besideShift(view, radius) {
  return radius > 1.9 * view.pen ? 2 * radius : 0;
}

// where a station's symbol stands: beside the first one of its site
export function stationPlace(plan, view, i) {
  const { gx, gy, beside } = plan.stations;
  return [gx[i] + (beside[i] * besideShift(view, stationRadius(plan, view))) / view.scale, gy[i]];
}

function addSymbol(path, network, x, y, r) {
  // too small for a shape, and a rectangle costs less
  if (r < 1.2) path.rect(x - r, y - r, 2 * r, 2 * r);
  else if (network === 1) path.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r);
  else if (network > 1) {
    path.moveTo(x, y - 1.2 * r);
    path.lineTo(x + 1.1 * r, y + r);
    path.lineTo(x - 1.1 * r, y + r);
    path.closePath();
  } else {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
  }
}

function drawNetwork(context, view, scene, seen, network, radius) {
  const { state: states, network: networks } = scene.plan.stations;
  const paths = [0, 1, 2].map(() => new Path2D());
  const [casing, cores] = [new Path2D(), new Path2D()];
  const hollow = radius >= 1.9 * view.pen;
  const cored = radius >= 3 * view.pen;

  // one path a state: thousands of symbols are filled in one go
  for (const [i, x, y] of seen) {
    if (networks[i] !== network) continue;
    const now = states[i];
    const r = now === 0 ? radius * 1.25 : radius;
    addSymbol(paths[now], network, x, y, r);
    if (now === 0 || hollow) addSymbol(casing, network, x, y, r + view.pen);
    if (now === 1 && cored) addSymbol(cores, network, x, y, r * 0.45);
  }

  const colour = networkColour(network);
  context.fillStyle = "#ffffff";
  context.fill(casing);
  context.fillStyle = colour;
  context.fill(paths[0]);
  if (!hollow) {
    context.fill(paths[1]);
    context.fill(paths[2]);
    return;
  }

  // those that are not open yet are hollow where there is room for a rim
  context.fillStyle = "#ffffff";
  context.strokeStyle = colour;
  context.lineWidth = Math.max(radius * 0.36, 1.1 * view.pen);
  for (const path of [paths[1], paths[2]]) {
    context.fill(path);
    context.stroke(path);
  }
  context.fillStyle = colour;
  context.fill(cores);
}

// stations beyond the border, grey, in the shape of their network
function drawNeighbours(context, view, { plan, network: shown }, radius) {
  const [casing, symbols] = [new Path2D(), new Path2D()];
  const r = Math.max(radius, 2.2 * view.pen);
  for (const { network, gx, gy } of plan.neighbours) {
    if (shown >= 0 && network !== shown) continue;
    const [x, y] = toPx(view, gx, gy);
    addSymbol(casing, network, x, y, r + view.pen);
    addSymbol(symbols, network, x, y, r);
  }
  context.fillStyle = "#ffffff";
  context.fill(casing);
  context.fillStyle = COLOURS.beyond;
  context.fill(symbols);
}

// sectors where the plan has azimuths; degrees clockwise from north
function drawWedges(context, view, scene, seen) {
  const { azimuths, network, state: states } = scene.plan.stations;
  if (!azimuths) return; // not unpacked yet
  const reach = Math.min(Math.max(120 / metresPerPx(scene.plan, view), 17 * view.pen),
    34 * view.pen);

  // by network, and by whether the station is open, which shows darker
  const groups = new Map();
  for (const [i, x, y] of seen) {
    const key = network[i] * 2 + (states[i] === 0 ? 1 : 0);
    if (!groups.has(key)) groups.set(key, new Path2D());
    const path = groups.get(key);
    for (const azimuth of azimuths[i]) {
      const from = ((azimuth - 24 - 90) * Math.PI) / 180;
      path.moveTo(x, y);
      path.arc(x, y, reach, from, from + (48 * Math.PI) / 180);
      path.closePath();
    }
  }

  groups.forEach((path, key) => {
    const colour = networkColour(key >> 1);
    context.globalAlpha = key & 1 ? 0.34 : 0.1;
    context.fillStyle = colour;
    context.fill(path);
    context.globalAlpha = 1;
    context.strokeStyle = colour;
    context.lineWidth = view.pen;
    context.stroke(path);
  });
}

// while the plan is played, the last stations to open get a ring
function drawNewest(context, view, scene, seen, radius) {
  context.beginPath();
  for (const [i, x, y] of seen) {
    if (i < scene.count - scene.newest) continue;
    const r = Math.max(radius * 1.9, 4 * view.pen);
    context.moveTo(x + r, y);
    context.arc(x, y, r, 0, 2 * Math.PI);
  }
  context.strokeStyle = COLOURS.chosen;
  context.lineWidth = 1.8 * view.pen;
  context.stroke();
}

// stations whose siting check asks for something
function drawFlags(context, view, scene, seen, radius) {
  const verdict = scene.plan.stations.siting_verdict;
  if (!verdict) return; // not unpacked yet
  context.fillStyle = INK;
  context.font = `bold ${12 * view.pen}px sans-serif`;
  for (const [i, x, y] of seen) {
    if (codedText(verdict, i) !== PASS) context.fillText("!", x + radius, y - radius);
  }
}
