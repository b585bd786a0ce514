// The inset: the first area layer at a larger scale, or a part of it that can be.

import { Canvases } from "./canvases.js";
import { el } from "./elements.js";
import { drawLabels } from "./labels.js";
import { boundsOf } from "./outlines.js";
import { drawLive, drawUnder, sceneNow } from "./scene.js";
import { addCard } from "./stage.js";
import { state } from "./state.js";
import { label } from "./text.js";
import { fittedView } from "./view.js";

const FARTHEST = 11.9; // zoom of the map from which it shows as much itself
const MOST_OF_MAP = 0.6; // side of a layer, of the map's: the inset would be no larger than the map

/** @type {any} {box, name, canvases, area, title, view} */
export let inset = null;

// a click on it goes to what it shows
export function makeInset(container, go) {
  const box = el("button", { class: "inset card", type: "button" });
  const name = el("span", { class: "inset-name" });
  const layer = state.plan.layers.find((one) => one.shape === "area");
  const features = state.plan.geometry.areas.filter((area) => layer && area.layer === layer.name);
  const canvases = new Canvases(box);
  box.append(name);
  addCard(container, box);
  const shown = shownPart(state.plan, features);
  const area = shown.length ? boundsOf(state.plan, shown) : null;
  const part = shown.length < features.length ? shown[0].name : "";
  const title = () => [label(layer.label), part].filter(Boolean).join(" · ");
  box.addEventListener("click", () => go(area));
  inset = { box, name, canvases, area, title, view: null };
}

// what it shows of a layer: all of it, or its largest polygon where all are as wide as the map
function shownPart(plan, features) {
  const side = (one) => sideOf(boundsOf(plan, one));
  if (side(features) < MOST_OF_MAP * side(plan.geometry.boundary)) return features;
  return [features.reduce((most, one) => (side([one]) > side([most]) ? one : most))];
}

function sideOf([left, top, right, bottom]) {
  return Math.max(right - left, bottom - top);
}

// px that it takes of the map's right edge
export function insetWidth() {
  return inset && !inset.box.hidden ? inset.box.offsetWidth : 0;
}

// `zoom` of the map
export function updateInset(zoom) {
  if (!inset) return;
  const was = inset.box.hidden;
  inset.box.hidden = !inset.area || zoom > FARTHEST || Boolean(state.compare);
  if (inset.box.hidden) return;
  inset.name.textContent = inset.title();
  const { clientWidth: width, clientHeight: height } = inset.box;
  if (was || !inset.view || inset.view.width !== width || inset.view.height !== height) {
    fitInset(width, height);
  }
  drawUnder(inset.canvases.under, inset.view, state.plan);
  drawInset();
}

export function drawInset() {
  if (!inset || inset.box.hidden) return;
  drawLive(inset.canvases.live, inset.view, sceneNow());
  drawLabels(inset.canvases.live, inset.view, state.plan, [[0, 0, 90, 30]]);
}

function fitInset(width, height) {
  const ratio = window.devicePixelRatio || 1;
  inset.view = fittedView(inset.area, width, height, ratio, 1, 4);
  inset.canvases.resize(width, height, ratio);
}
