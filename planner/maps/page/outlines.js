// Outlines of the plan's geometry as places and paths.

import { boxOf } from "./plane.js";
import { state } from "./state.js";

const pathsOf = new WeakMap(); // by plan

// a line of the data: steps of whole numbers of 1e-5 degree
export function linePoints(plan, line) {
  let [lon, lat] = [0, 0];
  const points = [];
  for (let i = 0; i < line.length; i += 2) {
    lon += line[i];
    lat += line[i + 1];
    points.push(plan.place(lon / 1e5, lat / 1e5));
  }
  return points;
}

export function boundsOf(plan, features) {
  const points =
    features.flatMap((feature) => feature.lines.flatMap((line) => linePoints(plan, line)));
  return boxOf(points);
}

function pathOf(plan, features, closed) {
  const path = new Path2D();
  for (const feature of features) {
    for (const line of feature.lines) addLine(plan, path, line, closed);
  }
  return path;
}

function addLine(plan, path, line, closed) {
  linePoints(plan, line).forEach(([gx, gy], i) => (i ? path.lineTo(gx, gy) : path.moveTo(gx, gy)));
  if (closed) path.closePath();
}

// outlines become paths once
export function groundPaths(plan) {
  if (!pathsOf.has(plan)) pathsOf.set(plan, makePaths(plan));
  return pathsOf.get(plan);
}

function makePaths(plan) {
  const g = plan.geometry;
  const areaLayers = plan.layers.filter((layer) => layer.shape === "area");
  const layered = (name) => pathOf(plan, g.areas.filter((area) => area.layer === name), true);
  return {
    boundary: pathOf(plan, g.boundary, true),
    areas: new Map(areaLayers.map((layer) => [layer.name, layered(layer.name)])),
    planned: layered(""),
    keepOuts: pathOf(plan, g.keep_outs, true),
    streets: pathOf(plan, g.streets, false),
    otherRoads: pathOf(plan, g.roads.filter((road) => !road.layer), false),
    water: pathOf(plan, g.water, false),
    townAreas: pathOf(plan, g.town_areas, true),
  };
}

export function areaLayersOn(plan) {
  return plan.layers.filter((layer) => layer.shape === "area" && !state.layersOff.has(layer.name));
}
