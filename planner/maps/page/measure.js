// Measuring distance along clicked points.

import { map } from "./map.js";
import { distance } from "./plane.js";
import { haloText } from "./sheetmarks.js";
import { announce } from "./stage.js";
import { change, state } from "./state.js";
import { INK, LARGE } from "./style.js";
import { t } from "./text.js";
import { onScreen, toPx } from "./view.js";

/** @type {any} */
export let measuring = null; // array of places while measuring

export function startMeasure() {
  measuring = [];
  map.doubleClickZoom.disable();
  announce(t("measure_hint"));
  change({ measure: [] });
}

export function endMeasure() {
  if (!measuring) return;
  measuring = null;
  setTimeout(() => map.doubleClickZoom.enable(), 300);
}

export function stopMeasure() {
  endMeasure();
  announce("");
  change({ measure: [] });
}

// whether the click was for measuring
export function takeMeasured(place) {
  if (!measuring) return false;
  const last = measuring[measuring.length - 1];
  if (!last || distance(state.plan, last, place) > 0) measuring = [...measuring, place];
  change({ measure: measuring });
  if (measuring.length > 1) {
    announce(t("distance", { length: finerLength(measuredLength(state.plan, measuring)) }));
  }
  return true;
}

function measuredLength(plan, places) {
  return places.slice(1).reduce((sum, place, i) => sum + distance(plan, places[i], place), 0);
}

export function drawMeasure(context, view) {
  const places = state.measure || [];
  if (!places.length) return;
  const points = places.map((place) => toPx(view, ...place));
  onScreen(context, view);
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.strokeStyle = "#ffffff";
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = INK;
  context.lineWidth = 2;
  context.setLineDash([7, 3]);
  context.stroke();
  context.setLineDash([]);
  for (const [x, y] of points) {
    context.fillStyle = INK;
    context.fillRect(x - 3, y - 3, 6, 6);
  }
  const [x, y] = points[points.length - 1];
  context.textAlign = "left";
  context.textBaseline = "middle";
  const length = finerLength(measuredLength(state.plan, places));
  haloText(context, view, t("distance", { length }), x + 9, y - 9, LARGE, 700);
}

// to 10 m: what is measured by hand is held against other measurements
function finerLength(metre) {
  return metre >= 1000 ? `${(metre / 1000).toFixed(2)} km` : `${Math.round(metre)} m`;
}
