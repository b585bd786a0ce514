// Coverage as a picture of the grid: one pixel per cell, painted anew for each count.

import { NOT_WANTED, OUTSIDE } from "./codes.js";
import { el } from "./elements.js";
import { areaLayersOn, groundPaths } from "./outlines.js";
import { state } from "./state.js";
import { COLOURS } from "./style.js";
import { onGround } from "./view.js";

// colours as the words of an ImageData, little-endian
export function word(hex) {
  const value = parseInt(hex.slice(1), 16);
  return (0xff000000 | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

const rasters = new WeakMap(); // by plan

export function drawRaster(context, view, scene) {
  const { plan } = scene;
  const image = paintRaster(scene);
  const size = plan.grid.step;
  const paths = groundPaths(plan);
  const clip = new Path2D();
  areaLayersOn(plan).forEach((layer) => clip.addPath(paths.areas.get(layer.name)));
  onGround(context, view);
  context.save();
  context.clip(clip, "nonzero");
  context.imageSmoothingEnabled = size * view.scale * view.ratio < 1.5;
  context.drawImage(image, 0, 0, plan.grid.columns * size, plan.grid.rows * size);
  context.restore();
}

// one pixel per cell of the grid; transparent where wanted and not served
function paintRaster(scene) {
  const { plan, count } = scene;
  const raster = rasterOf(plan);
  const { network, level, station } = scene;
  const key = [count, network, level, station, state.on.servers, plan.paintCell.length].join();
  if (raster.key === key) return raster.canvas; // the inset shows the same as the map
  raster.key = key;
  const { full, part } = plan.picture(scene.network, scene.level);
  const pixels = raster.pixels;
  const [served, partly, land] = [COLOURS.full, COLOURS.part, COLOURS.land].map(word);
  const { paintCell, paintSource } = plan;
  for (let i = 0; i < paintCell.length; i++) {
    const at = paintSource[i];
    const rank = full[at];
    if (rank < count) pixels[paintCell[i]] = served;
    else if (rank === NOT_WANTED) pixels[paintCell[i]] = land;
    else pixels[paintCell[i]] = part[at] < count ? partly : 0;
  }
  if (state.on.servers) paintServers(plan, count, full, pixels);
  if (scene.station >= 0) paintStation(plan, scene, pixels);
  raster.context.putImageData(raster.image, 0, 0);
  return raster.canvas;
}

function rasterOf(plan) {
  if (!rasters.has(plan)) rasters.set(plan, makeRaster(plan));
  return rasters.get(plan);
}

function makeRaster(plan) {
  const canvas = el("canvas", { width: plan.grid.columns, height: plan.grid.rows });
  // written by the processor at every step
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(canvas.width, canvas.height);
  return { key: "", canvas, context, image, pixels: new Uint32Array(image.data.buffer) };
}

// neighbouring stations get different tints: which station was the first to serve a cell
const TINTS = ["#8ab6d3", "#a9c9b4", "#d9c79a", "#c3b4d6", "#9fc4c9", "#cdb9a8", "#b5c0a0"];
const BEYOND = "#c3c8cc"; // a neighbour station

function paintServers(plan, count, full, pixels) {
  const [tints, beyond] = [TINTS.map(word), word(BEYOND)];
  for (let i = 0; i < plan.paintCell.length; i++) {
    const rank = full[plan.paintSource[i]];
    if (rank >= count) continue;
    pixels[plan.paintCell[i]] = rank === OUTSIDE ? beyond : tints[(rank * 37) % tints.length];
  }
}

// cells that the chosen station is the first to serve
function paintStation(plan, scene, pixels) {
  const ranks = plan.wanted(plan.stations.network[scene.station], scene.level);
  const colour = word("#f2c27a");
  plan.cell.forEach((cell, i) => {
    if (ranks[i] === scene.station) pixels[cell] = colour;
  });
}
