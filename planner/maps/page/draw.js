// How a plan is drawn on a canvas, the same way for the map, the inset and the sheet.
//
// A view says which piece of the grid's plane a canvas shows: px = gx * scale + tx, with `ratio` device pixels per px
// and `pen` px of line per px of design. A scene says what is shown: plan, count, network, level.

const INK = "#14202b";
const RED = "#b5121b";
const COLOURS = {
  land: "#fdfdfb", outside: "#eceeec", full: "#8ab6d3", part: "#d5e5ef", road: "#3a454f", roadOutside: "#98a1a6",
  street: "#e2e5e5", water: "#9db9c9", chosen: "#e08a00", grey: "#5d6a75",
};
const NETWORK_COLOURS = ["#0a4a8c", "#b45f06", "#4a5864", "#14202b"]; // the office has two; further ones are told by shape
const FAR = 1300; // m: a hole of larger radius is told by its hatch, not by a ring
const CLOSE_ZOOM = 13.6;
const MANY = 1500; // stations in view from which no wedges are drawn

// colours as the words of an ImageData, little-endian
function word(hex) {
  const value = parseInt(hex.slice(1), 16);
  return (0xff000000 | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}
const WORD = { full: word(COLOURS.full), part: word(COLOURS.part), land: word(COLOURS.land) };

function makeView(width, height, scale, tx, ty, ratio, pen) {
  return { width, height, scale, tx, ty, ratio, pen };
}

// zoom of a web map at this scale
function zoomOf(view) {
  return Math.log2((view.scale / view.pen) * 2 * Math.PI * EARTH / 256);
}

function toPx(view, gx, gy) {
  return [gx * view.scale + view.tx, gy * view.scale + view.ty];
}

function metresPerPx(plan, view) {
  const [, lat] = plan.lonlat((view.width / 2 - view.tx) / view.scale, (view.height / 2 - view.ty) / view.scale);
  return Math.cos((lat * Math.PI) / 180) / view.scale;
}

function onScreen(context, view) {
  context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
}

// draw in metres of the grid's plane
function onGround(context, view) {
  const k = view.ratio * view.scale;
  context.setTransform(k, 0, 0, k, view.tx * view.ratio, view.ty * view.ratio);
}

function stroke(context, view, path, colour, width, dash = []) {
  const unit = view.pen / view.scale;
  context.strokeStyle = colour;
  context.lineWidth = width * unit;
  context.setLineDash(dash.map((length) => length * unit));
  context.stroke(path);
  context.setLineDash([]);
}

// outlines become paths once; steps of whole numbers of 1e-5 degree

function pathOf(plan, features, closed) {
  const path = new Path2D();
  for (const feature of features) {
    for (const line of feature.lines) addLine(plan, path, line, closed);
  }
  return path;
}

function addLine(plan, path, line, closed) {
  let [lon, lat] = [0, 0];
  for (let i = 0; i < line.length; i += 2) {
    lon += line[i];
    lat += line[i + 1];
    const [gx, gy] = plan.place(lon / 1e5, lat / 1e5);
    if (i) path.lineTo(gx, gy);
    else path.moveTo(gx, gy);
  }
  if (closed) path.closePath();
}

function groundPaths(plan) {
  if (plan.paths) return plan.paths;
  const g = plan.geometry;
  const layered = (name) => pathOf(plan, g.areas.filter((area) => area.layer === name), true);
  plan.paths = {
    boundary: pathOf(plan, g.boundary, true),
    areas: new Map(plan.layers.filter((layer) => layer.shape === "area").map((layer) => [layer.name, layered(layer.name)])),
    planned: layered(""),
    keepOuts: pathOf(plan, g.keep_outs, true),
    streets: pathOf(plan, g.streets, false),
    otherRoads: pathOf(plan, g.roads.filter((road) => !road.layer), false),
    water: pathOf(plan, g.water, false),
    townAreas: pathOf(plan, g.town_areas, true),
  };
  return plan.paths;
}

function areaLayersOn(plan) {
  return plan.layers.filter((layer) => layer.shape === "area" && !state.layersOff.has(layer.name));
}

// 1: what lies under the coverage; where a layer is not served its white and hatch show through

function drawUnder(context, view, plan) {
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

// 45 degree lines, 1 px every 4, as a tile of device pixels; the pattern is turned back from metres to pixels
function hatchPattern(context, view) {
  const side = Math.max(4, Math.round(4 * Math.SQRT2 * view.pen * view.ratio));
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
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

function drawLive(context, view, scene) {
  onScreen(context, view);
  context.clearRect(0, 0, view.width, view.height);
  drawScene(context, view, scene);
}

function drawScene(context, view, scene) {
  drawRaster(context, view, scene);
  drawOutlines(context, view, scene.plan);
  if (state.on.gaps) drawRoads(context, view, scene);
  if (scene.station >= 0) drawStationRoads(context, view, scene);
  if (state.on.holes && scene.holes) drawHoles(context, view, scene);
  if (state.on.candidates && scene.plan.complete) drawCandidates(context, view, scene.plan);
  if (state.on.stations) drawStations(context, view, scene);
}

function drawOutlines(context, view, plan) {
  const paths = groundPaths(plan);
  onGround(context, view);
  stroke(context, view, paths.townAreas, COLOURS.grey, 0.7, [2, 3]);
  stroke(context, view, paths.planned, INK, 0.9, [5, 4]);
  stroke(context, view, paths.keepOuts, INK, 1, [1, 3.5]);
  for (const layer of areaLayersOn(plan)) stroke(context, view, paths.areas.get(layer.name), INK, 0.9);
  stroke(context, view, paths.boundary, INK, 1.6, [12, 3.5, 1.6, 3.5]);
}

// trunk roads: served dark, not served red; over the limit wide with white dashes

function drawRoads(context, view, scene) {
  const { plan } = scene;
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
  const off = new Set(plan.layers.filter((layer) => state.layersOff.has(layer.name)).map((layer) => layer.name));
  const [all, within, over] = [new Path2D(), new Path2D(), new Path2D()];
  const { chains, road } = plan.samples;
  for (const [start, end] of chains) {
    if (!off.has(plan.roads[road[start]].layer)) addPieces(plan, all, start, end - 1);
  }
  for (const gap of gapsShown(plan, count, scene.network, level)) {
    if (!off.has(plan.roads[road[gap.from]].layer)) addPieces(plan, gap.over ? over : within, gap.from, gap.to);
  }
  return { all, within, over };
}

function gapsShown(plan, count, network, level) {
  const networks = network < 0 ? plan.networks.map((_, k) => k) : [network];
  return networks.flatMap((k) => roadGaps(plan, count, k, level));
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

function drawCandidates(context, view, plan) {
  const { gx, gy, length, networks } = plan.free;
  const r = Math.min(Math.max(stationRadius(plan, view) * 0.8, 0.8 * view.pen), 3 * view.pen);
  onScreen(context, view);
  context.beginPath();
  for (let i = 0; i < length; i++) {
    if (state.network >= 0 && !(networks[i] & (1 << state.network))) continue;
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

// stations: one path per network and state, so that thousands cost a few fills

const SITE_SPACING = 258; // m, spacing of the last phase: the same size at every count

function stationRadius(plan, view) {
  return Math.min(Math.max((0.26 * SITE_SPACING) / metresPerPx(plan, view), view.pen), 5 * view.pen);
}

function drawStations(context, view, scene) {
  const radius = stationRadius(scene.plan, view);
  const seen = stationsInView(view, scene, radius);
  onScreen(context, view);
  if (state.on.wedges && zoomOf(view) >= CLOSE_ZOOM && seen.length < MANY) drawWedges(context, view, scene, seen);
  scene.plan.networks.forEach((_, network) => drawNetwork(context, view, scene, seen, network, radius));
  if (scene.newest > 0) drawNewest(context, view, scene, seen, radius);
  if (state.on.siting) drawFlags(context, view, scene, seen, radius);
}

// ranks below the count whose symbols touch the view, with their place in px
function stationsInView(view, scene, radius) {
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

function addSymbol(path, network, x, y, r) {
  if (r < 1.2) path.rect(x - r, y - r, 2 * r, 2 * r); // too small for a shape, and a rectangle costs less
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
  for (const [i, x, y] of seen) {
    if (networks[i] !== network) continue;
    const now = states[i];
    const r = now === 0 ? radius * 1.25 : radius;
    addSymbol(paths[now], network, x, y, r);
    if (now === 0 || hollow) addSymbol(casing, network, x, y, r + view.pen);
    if (now === 1 && cored) addSymbol(cores, network, x, y, r * 0.45);
  }
  const colour = NETWORK_COLOURS[Math.min(network, NETWORK_COLOURS.length - 1)];
  context.fillStyle = "#ffffff";
  context.fill(casing);
  context.fillStyle = colour;
  context.fill(paths[0]);
  if (!hollow) {
    context.fill(paths[1]);
    context.fill(paths[2]);
    return;
  }
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

// sectors where the plan has azimuths; degrees clockwise from north
function drawWedges(context, view, scene, seen) {
  const { azimuths, network, state: states } = scene.plan.stations;
  if (!azimuths) return;
  const reach = Math.min(Math.max(120 / metresPerPx(scene.plan, view), 17 * view.pen), 34 * view.pen);
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
    const colour = NETWORK_COLOURS[Math.min(key >> 1, NETWORK_COLOURS.length - 1)];
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
  if (!verdict) return;
  context.fillStyle = INK;
  context.font = `bold ${12 * view.pen}px sans-serif`;
  for (const [i, x, y] of seen) {
    if (needsCare(verdict, i)) context.fillText("!", x + radius, y - radius);
  }
}

function needsCare([texts, codes], i) {
  const text = texts[codes[i]];
  return text !== "" && text !== "通过";
}

// ring of what is chosen or found
function drawRing(context, view, gx, gy) {
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
