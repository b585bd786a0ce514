// The inset: the first area layer at a larger scale.

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

/** @type {any} {box, name, canvases, area, layer, view} */
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
  const area = features.length ? boundsOf(state.plan, features) : null;
  box.addEventListener("click", () => go(area));
  inset = { box, name, canvases, area, layer, view: null };
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
  inset.name.textContent = label(inset.layer.label);
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
