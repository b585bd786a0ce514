// Coverage as a picture of the grid: one pixel per cell, painted anew for each count.

function drawRaster(context, view, scene) {
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
  const key = [count, scene.network, scene.level, scene.station, state.on.servers].join();
  if (raster.key === key) return raster.canvas; // the inset shows the same as the map
  raster.key = key;
  const { full, part } = plan.picture(scene.network, scene.level);
  const pixels = raster.pixels;
  const { paintCell, paintSource } = plan;
  for (let i = 0; i < paintCell.length; i++) {
    const at = paintSource[i];
    const rank = full[at];
    pixels[paintCell[i]] = rank < count ? WORD.full : rank === NOT_WANTED ? WORD.land : part[at] < count ? WORD.part : 0;
  }
  if (state.on.servers) paintServers(plan, count, full, pixels);
  if (scene.station >= 0) paintStation(plan, scene, pixels);
  raster.context.putImageData(raster.image, 0, 0);
  return raster.canvas;
}

function rasterOf(plan) {
  if (plan.raster) return plan.raster;
  const canvas = document.createElement("canvas");
  canvas.width = plan.grid.columns;
  canvas.height = plan.grid.rows;
  const context = canvas.getContext("2d", { willReadFrequently: true }); // written by the processor at every step
  const image = context.createImageData(canvas.width, canvas.height);
  plan.raster = { canvas, context, image, pixels: new Uint32Array(image.data.buffer) };
  return plan.raster;
}

// neighbouring stations get different tints: which station was the first to serve a cell
const TINTS = ["#8ab6d3", "#a9c9b4", "#d9c79a", "#c3b4d6", "#9fc4c9", "#cdb9a8", "#b5c0a0"].map(word);

function paintServers(plan, count, full, pixels) {
  for (let i = 0; i < plan.paintCell.length; i++) {
    const rank = full[plan.paintSource[i]];
    if (rank < count) pixels[plan.paintCell[i]] = TINTS[(rank * 37) % TINTS.length];
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
