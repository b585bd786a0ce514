// Drawing the area that a comment is about, by mouse or keys: its ring grows corner by corner.

import { map, sheetLayer } from "./map.js";
import { stopMeasure } from "./measure.js";
import { MOST_CORNERS, insideRing, isRing, ringBox, ringFacts, sixDecimals } from "./ring.js";
import { announce } from "./stage.js";
import { change, state } from "./state.js";
import { INK } from "./style.js";
import { hectares, join, t } from "./text.js";
import { onScreen, toPx } from "./view.js";

const LISTED_STATIONS = 5;
const KEY_TARGETS = "button, input, select, textarea, a, summary";
/** @type {{ring: any, byKeys: boolean, done: any}} */
// `ring` while one is drawn, and who gets it when `done`
const outline = { ring: null, byKeys: false, done: null };

// size, and which stations of the plan it is about
export function areaText(plan, ring) {
  const inside = insideRing(plan, ring, plan.stations);
  const { hectare } = ringFacts(plan, ring);
  const size = t("area_size", { hectares: hectares(hectare), stations: inside.length });
  if (!inside.length || !plan.stations.station_id) return size;
  const ids = join(inside.slice(0, LISTED_STATIONS).map((i) => plan.stations.station_id[i]));
  return `${size}${t("language.colon")}${ids}${inside.length > LISTED_STATIONS ? " …" : ""}`;
}

// drawing one

// `done` gets the ring that is drawn
export function startOutline(done) {
  stopMeasure();
  Object.assign(outline, { ring: [], byKeys: false, done });
  map.doubleClickZoom.disable();
  map.getContainer().focus({ preventScroll: true }); // arrows pan, Enter presses no button
  announce(t("area_hint"));
  change({ outline: {} });
}

export function stopOutline() {
  if (!outline.ring) return;
  outline.ring = null;
  announce("");
  setTimeout(() => map.doubleClickZoom.enable(), 300);
  change({ outline: {} });
}

export function endOutline() {
  const { ring } = outline;
  if (!ring) return;
  if (!isRing(ring)) {
    announce(t(ring.length < 3 ? "area_few" : "area_crossed"));
    return;
  }
  stopOutline();
  outline.done(ring);
}

// whether the click was for the ring that is drawn
export function takeCorner(place) {
  if (!outline.ring) return false;
  addCorner(place);
  return true;
}

// a click on the last corner is half of a double click, one on the first closes the ring
function addCorner(place) {
  const { ring } = outline;
  const near = (corner, px) => {
    const [x, y] = toPx(sheetLayer.view, ...state.plan.place(...corner));
    const [atX, atY] = toPx(sheetLayer.view, ...place);
    return Math.hypot(x - atX, y - atY) < px;
  };
  if (ring.length && near(ring[ring.length - 1], 4)) return;
  if (ring.length >= 3 && near(ring[0], 8)) endOutline();
  else if (ring.length >= MOST_CORNERS) announce(t("area_most", { most: MOST_CORNERS }));
  else showOutline([...ring, sixDecimals(state.plan.lonlat(...place))]);
}

function showOutline(ring) {
  outline.ring = ring;
  const size = { corners: ring.length, hectares: hectares(ringFacts(state.plan, ring).hectare) };
  announce(ring.length < 3 ? t("area_hint") : t("area_so_far", size));
  change({ outline: {} });
}

// whether the key was for the ring that is drawn
export function outlineKey(event) {
  if (!outline.ring || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (event.target.closest(KEY_TARGETS)) return false;
  const act = {
    Enter: endOutline,
    Backspace: () => showOutline(outline.ring.slice(0, -1)),
    " ": addMiddle,
  }[event.key];
  if (event.key.startsWith("Arrow")) outline.byKeys = true;
  if (!act) return false;
  event.preventDefault();
  act();
  return true;
}

function addMiddle() {
  outline.byKeys = true;
  const { lng, lat } = map.getCenter();
  addCorner(state.plan.place(lng, lat));
}

function ringPath(view, ring, closed) {
  const path = new Path2D();
  ring.forEach((corner, i) => {
    const [x, y] = toPx(view, ...state.plan.place(...corner));
    path[i ? "lineTo" : "moveTo"](x, y);
  });
  if (closed) path.closePath();
  return path;
}

export function drawArea(context, view, ring) {
  const path = ringPath(view, ring, true);
  const [west, north, east, south] = ringBox(state.plan, ring);
  const [[w, n], [e, s]] = [toPx(view, west, north), toPx(view, east, south)];
  if (e < 0 || s < 0 || w > view.width || n > view.height) return;
  context.save();
  context.clip(path);
  drawBackHatch(context, Math.max(w, 0), Math.max(n, 0), Math.min(e, view.width),
    Math.min(s, view.height));
  context.restore();
  strokeCased(context, path, []);
}

// the other way than the hatch of what is not served, and wider
function drawBackHatch(context, left, top, right, bottom) {
  const step = 11;
  context.beginPath();
  for (let k = Math.floor((left - bottom) / step); k * step + top <= right; k++) {
    context.moveTo(k * step + top, top);
    context.lineTo(k * step + bottom, bottom);
  }
  context.strokeStyle = "rgba(20,32,43,.32)";
  context.lineWidth = 1;
  context.stroke();
}

function strokeCased(context, path, dash) {
  context.lineJoin = "round";
  context.strokeStyle = "#ffffff";
  context.lineWidth = 5.4;
  context.stroke(path);
  context.strokeStyle = INK;
  context.lineWidth = 2.2;
  context.setLineDash(dash);
  context.stroke(path);
  context.setLineDash([]);
}

export function drawOutline(context, view) {
  const { ring } = outline;
  if (!ring) return;
  onScreen(context, view);
  if (ring.length > 2) {
    strokeCased(context, ringPath(view, [ring[ring.length - 1], ring[0]], false), [2, 4]);
  }
  strokeCased(context, ringPath(view, ring, false), []);
  context.fillStyle = INK;
  for (const corner of ring) {
    const [x, y] = toPx(view, ...state.plan.place(...corner));
    context.fillRect(x - 3.5, y - 3.5, 7, 7);
  }
  if (!outline.byKeys) return;
  const { lng, lat } = map.getCenter();
  const [x, y] = toPx(view, ...state.plan.place(lng, lat));
  strokeCased(context, new Path2D(`M${x - 12} ${y}h24M${x} ${y - 12}v24`), []);
}
