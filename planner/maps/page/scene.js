// How a plan is drawn on a canvas, the same way for the map, the inset and the sheet.
//
// A scene says what is shown: plan, count, network, level, and what is gathered or chosen.

import { el } from "./elements.js";
import { gapsShown } from "./failures.js";
import { areaLayersOn, groundPaths } from "./outlines.js";
import { drawRaster } from "./raster.js";
import { state } from "./state.js";
import { drawStations, stationRadius } from "./stations.js";
import { COLOURS, INK, RED } from "./style.js";
import { metresPerPx, onGround, onScreen, stroke, toPx, zoomOf } from "./view.js";

const FAR = 1300; // m: a hole of larger radius is told by its hatch, not by a ring

export function sceneNow() {
  return {
    plan: state.plan, count: state.count, network: state.network, level: state.level,
    holes: state.holes,
    station: state.chosen && state.chosen.station !== undefined ? state.chosen.station : -1,
    newest: state.playing ? 25 : 0,
  };
}

// 1: what lies under the coverage; where a layer is not served its white and hatch show through

export function drawUnder(context, view, plan) {
  const paths = groundPaths(plan);
  onScreen(context, view);
  context.fillStyle = COLOURS.outside;
  context.fillRect(0, 0, view.width, view.height);
  onGround(context, view);
  context.fillStyle = COLOURS.land;
  context.fill(paths.boundary, "evenodd");
  context.lineCap = context.lineJoin = "round";
  stroke(context, view, paths.streets, COLOURS.street, zoomOf(view) > 12 ? 1.4 : 0.8);
  stroke(context, view, paths.water, COLOURS.water, zoomOf(view) > 12 ? 3 : 1.8);
  stroke(context, view, paths.otherRoads, COLOURS.roadOutside, zoomOf(view) > 12 ? 2 : 1.1);
  for (const layer of areaLayersOn(plan)) {
    context.fillStyle = "#ffffff";
    context.fill(paths.areas.get(layer.name), "evenodd");
  }
  drawHatch(context, view, areaLayersOn(plan).map((layer) => paths.areas.get(layer.name)));
}

function drawHatch(context, view, paths) {
  context.fillStyle = hatchPattern(context, view);
  for (const path of paths) context.fill(path, "evenodd");
}

// 45 degree lines, 1 px every 4, as a tile of device pixels; the pattern is turned back from metres
// to pixels
function hatchPattern(context, view) {
  const side = Math.max(4, Math.round(4 * Math.SQRT2 * view.pen * view.ratio));
  const tile = el("canvas", { width: side, height: side });
  const pen = tile.getContext("2d");
  pen.strokeStyle = RED;
  pen.lineWidth = view.pen * view.ratio;
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 1, side + 1);
    pen.lineTo(shift + side + 1, -1);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / (view.scale * view.ratio)));
  return pattern;
}

// 2: what follows the slider

export function drawLive(context, view, scene) {
  onScreen(context, view);
  context.clearRect(0, 0, view.width, view.height);
  drawScene(context, view, scene);
}

export function drawScene(context, view, scene) {
  drawRaster(context, view, scene);
  drawOutlines(context, view, scene.plan);
  if (state.on.gaps) drawRoads(context, view, scene);
  if (scene.station >= 0) drawStationRoads(context, view, scene);
  if (state.on.holes && scene.holes) drawHoles(context, view, scene);
  if (state.on.candidates && scene.plan.complete) drawCandidates(context, view, scene);
  if (state.on.stations) drawStations(context, view, scene);
}

export function drawOutlines(context, view, plan) {
  const paths = groundPaths(plan);
  onGround(context, view);
  stroke(context, view, paths.townAreas, COLOURS.grey, 0.7, [2, 3]);
  stroke(context, view, paths.planned, INK, 0.9, [5, 4]);
  stroke(context, view, paths.keepOuts, INK, 1, [1, 3.5]);
  for (const layer of areaLayersOn(plan)) {
    stroke(context, view, paths.areas.get(layer.name), INK, 0.9);
  }
  stroke(context, view, paths.boundary, INK, 1.6, [12, 3.5, 1.6, 3.5]);
}

// trunk roads: served dark, not served red; over the limit wide with white dashes

function drawRoads(context, view, scene) {
  const zoom = zoomOf(view);
  const wide = zoom < 11 ? 0.74 : zoom > 13 ? 1.35 : 1;
  const { all, within, over } = roadPaths(scene);
  onGround(context, view);
  context.lineCap = "butt";
  context.lineJoin = "round";
  stroke(context, view, all, "#ffffff", 4.7 * wide);
  stroke(context, view, all, COLOURS.road, 2.7 * wide);
  stroke(context, view, within, "#ffffff", 4.7 * wide);
  stroke(context, view, within, RED, 3.2 * wide);
  stroke(context, view, over, "#ffffff", 8.6 * wide);
  stroke(context, view, over, RED, 6.6 * wide);
  stroke(context, view, over, "#ffffff", 2 * wide, [4 * wide, 4 * wide]);
}

function roadPaths(scene) {
  const { plan, count, level } = scene;
  const [all, within, over] = [new Path2D(), new Path2D(), new Path2D()];
  for (const chain of plan.samples.chains) {
    if (!state.layersOff.has(plan.layerOfSample(chain[0]))) {
      addPieces(plan, all, chain[0], chain[1] - 1);
    }
  }
  for (const gap of gapsShown(plan, count, scene.network, level)) {
    addPieces(plan, gap.over ? over : within, gap.from, gap.to);
  }
  return { all, within, over };
}

// samples are the middles of their pieces: a run reaches half a piece beyond its first and last
function addPieces(plan, path, from, to) {
  const { gx, gy, road } = plan.samples;
  const edge = (i, step) => {
    const next = i + step;
    if (next < 0 || next >= road.length || road[next] !== road[i]) return beyond(i, step);
    return [(gx[i] + gx[next]) / 2, (gy[i] + gy[next]) / 2];
  };
  const beyond = (i, step) => {
    const back = i - step;
    if (back < 0 || back >= road.length || road[back] !== road[i]) return [gx[i], gy[i]];
    return [gx[i] + (gx[i] - gx[back]) / 2, gy[i] + (gy[i] - gy[back]) / 2];
  };
  path.moveTo(...edge(from, -1));
  for (let i = from; i <= to; i++) path.lineTo(gx[i], gy[i]);
  path.lineTo(...edge(to, 1));
}

// road pieces that the chosen station is the first to serve
function drawStationRoads(context, view, { plan, station, level }) {
  const ranks = plan.wanted(plan.stations.network[station], level);
  const { count, offset } = plan.samples;
  const path = new Path2D();
  for (let i = 0; i < count; i++) if (ranks[offset + i] === station) addPieces(plan, path, i, i);
  onGround(context, view);
  stroke(context, view, path, COLOURS.chosen, 5);
}

function drawHoles(context, view, scene) {
  onScreen(context, view);
  const perMetre = 1 / metresPerPx(scene.plan, view);
  for (const hole of scene.holes) {
    const radius = Math.sqrt((hole.area * 10000) / Math.PI);
    if (radius > FAR) continue;
    const [x, y] = toPx(view, hole.gx, hole.gy);
    context.beginPath();
    context.arc(x, y, Math.max(radius * perMetre, 5 * view.pen), 0, 2 * Math.PI);
    context.strokeStyle = "#ffffff";
    context.lineWidth = 4 * view.pen;
    context.stroke();
    context.strokeStyle = RED;
    context.lineWidth = 2 * view.pen;
    context.stroke();
  }
}

function drawCandidates(context, view, { plan, network }) {
  const { gx, gy, length, networks } = plan.free;
  const r = Math.min(Math.max(stationRadius(plan, view) * 0.8, 0.8 * view.pen), 3 * view.pen);
  onScreen(context, view);
  context.beginPath();
  for (let i = 0; i < length; i++) {
    if (network >= 0 && !(networks[i] & (1 << network))) continue;
    const [x, y] = toPx(view, gx[i], gy[i]);
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    context.moveTo(x - r, y);
    context.lineTo(x + r, y);
    context.moveTo(x, y - r);
    context.lineTo(x, y + r);
  }
  context.strokeStyle = COLOURS.grey;
  context.lineWidth = view.pen;
  context.stroke();
}

// ring of what is chosen or found
export function drawRing(context, view, gx, gy) {
  const [x, y] = toPx(view, gx, gy);
  onScreen(context, view);
  context.beginPath();
  context.arc(x, y, 13 * view.pen, 0, 2 * Math.PI);
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    context.moveTo(x + 9 * dx * view.pen, y + 9 * dy * view.pen);
    context.lineTo(x + 19 * dx * view.pen, y + 19 * dy * view.pen);
  }
  context.strokeStyle = "#ffffff";
  context.lineWidth = 6 * view.pen;
  context.stroke();
  context.strokeStyle = COLOURS.chosen;
  context.lineWidth = 3 * view.pen;
  context.stroke();
}
