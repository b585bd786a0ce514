// The map: two canvases under Leaflet's hand (the ground, and what follows the slider with the
// names on it), and the ways to go about it. What else is drawn on it, and who else waits for a
// click, is handed in by main.js.

import { Canvases } from "./canvases.js";
import { el } from "./elements.js";
import { holesShown } from "./failures.js";
import { drawInset, inset, insetWidth, makeInset, updateInset } from "./inset.js";
import { drawLabels } from "./labels.js";
import { boundsOf } from "./outlines.js";
import { EARTH } from "./plane.js";
import { drawLive, drawRing, drawUnder, sceneNow } from "./scene.js";
import { drawGraticule, drawNorth, drawScaleBar } from "./sheetmarks.js";
import { blockedBoxes } from "./stage.js";
import { change, hasAny, later, listen, state } from "./state.js";
import { stationPlace, stationRadius, stationsInView } from "./stations.js";
import { makeView, toPx } from "./view.js";

export let map;
export let sheetLayer;

/**
 * @typedef {{drawCompared: (context: any, view: any) => void,
 *   overlays: ((context: any, view: any) => void)[],
 *   takers: ((place: [number, number]) => boolean)[], doubleClick: () => void}} Hooks
 */

// the layer that Leaflet moves and asks to draw
function makeSheetLayer(hooks) {
  const SheetLayer = L.Renderer.extend({
    options: { padding: 0.04 },

    _initContainer() {
      this._container = el("div", { class: "canvases" });
      this.canvases = new Canvases(this._container);
    },

    // Leaflet calls this whenever the map has moved
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      L.DomUtil.setPosition(this._container, this._bounds.min);
      const zoom = this._map.getZoom();
      const world = 256 * 2 ** zoom;
      const scale = world / (2 * Math.PI * EARTH);
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      const { west, north } = state.plan.grid;
      const ratio = window.devicePixelRatio || 1;
      const [tx, ty] = [west * scale + world / 2 - origin.x, world / 2 - north * scale - origin.y];
      this.view = makeView(size.x, size.y, scale, tx, ty, ratio, 1);
      this.canvases.resize(size.x, size.y, ratio);
      this.redraw();
    },

    redraw() {
      drawUnder(this.canvases.under, this.view, state.plan);
      this.redrawLive();
    },

    redrawLive() {
      if (state.compare) hooks.drawCompared(this.canvases.live, this.view);
      else drawLive(this.canvases.live, this.view, sceneNow());
      this.drawNames(this.canvases.live, this.view);
    },

    // left edge of the visible map within the canvas
    margin() {
      return this._map.latLngToLayerPoint(this._map.containerPointToLatLng([0, 0]))
        .subtract(this._bounds.min);
    },

    drawNames(context, view) {
      const margin = this.margin();
      if (state.on.graticule) drawGraticule(context, view, state.plan);
      drawLabels(context, view, state.plan,
        blockedBoxes(this._map.getContainer().getBoundingClientRect(), margin));
      hooks.overlays.forEach((draw) => draw(context, view));
      drawChosen(context, view);
      drawCorner(context, view, margin);
    },
  });
  return new SheetLayer();
}

function drawChosen(context, view) {
  const { chosen, plan, found } = state;
  if (found) drawRing(context, view, ...found);
  if (!chosen) return;
  const place = chosen.station === undefined
    ? chosen.place
    : stationPlace(plan, view, chosen.station);
  drawRing(context, view, ...place);
}

function drawCorner(context, view, margin) {
  const size = map.getSize();
  const taken = insetWidth();
  const right = margin.x + size.x - (taken ? taken + 34 : 26);
  const bottom = margin.y + size.y - 16;
  const middle = drawScaleBar(context, view, state.plan, right - 12, bottom,
    Math.min(190, size.x * 0.16));
  drawNorth(context, view, middle, bottom - 46);
}

/**
 * @param {any} own Leaflet's map
 * @param {Hooks} hooks how two plans are drawn, what is drawn over the map, and who takes a click
 *   before the map does
 */
export function makeMap(own, hooks) {
  map = own;
  sheetLayer = makeSheetLayer(hooks);
  // Leaflet measured its box before the page stood around it
  map.invalidateSize({ animate: false });
  goHome(false);
  map.addLayer(sheetLayer);
  map.on("click", (event) => clickMap(event.latlng, hooks.takers));
  map.on("dblclick", hooks.doubleClick);
  map.on("zoomend moveend", () => updateInset(map.getZoom()));
  map.on("dragstart", () => { map.moved = true; });
  map.on("move", () => { if (state.compare && !map._animatingZoom) sheetLayer.redrawLive(); });
  map.on("resize", () => { if (!map.moved) goHome(false); });
}

// after the first picture
export function openInset() {
  makeInset(map.getContainer().parentElement, zoomTo);
  updateInset(map.getZoom());
  sheetLayer.redrawLive(); // names keep clear of it
  new ResizeObserver(() => {
    if (inset.view && inset.view.width !== inset.box.clientWidth) updateInset(map.getZoom());
  }).observe(inset.box);
}

function latLngBounds(plan, [w, n, e, s]) {
  const [west, north] = plan.lonlat(w, n);
  const [east, south] = plan.lonlat(e, s);
  return L.latLngBounds([south, west], [north, east]);
}

export function goHome(animate = true) {
  const box = boundsOf(state.plan, state.plan.geometry.boundary);
  map.fitBounds(latLngBounds(state.plan, box),
    { paddingTopLeft: [14, 44], paddingBottomRight: [14, 14], animate });
  map.moved = false;
}

// bring a box of the grid's plane into view, never closer than zoom 15
export function zoomTo(box) {
  map.moved = true;
  map.fitBounds(latLngBounds(state.plan, box),
    { padding: [80, 80], maxZoom: 15, animate: !reducedMotion() });
}

export function zoomToPlace(gx, gy, zoom = 14.5) {
  const [lon, lat] = state.plan.lonlat(gx, gy);
  map.moved = true;
  map.setView([lat, lon], Math.max(map.getZoom(), zoom), { animate: !reducedMotion() });
}

function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// the place under a click: a station if one is near, else the ground

function clickMap(latlng, takers) {
  const place = state.plan.place(latlng.lng, latlng.lat);
  if (takers.some((take) => take(place))) return;
  const station = stationNear(place);
  change({ chosen: station >= 0 ? { station } : { place }, found: null, tab: "why" });
}

function stationNear([gx, gy]) {
  const { view } = sheetLayer;
  const radius = stationRadius(state.plan, view);
  const [px, py] = toPx(view, gx, gy);
  let best = -1;
  let nearest = Math.max(radius * 1.6, 9);
  for (const [i, x, y] of stationsInView(view, sceneNow(), radius)) {
    const distance = Math.hypot(x - px, y - py);
    if (distance < nearest) [best, nearest] = [i, distance];
  }
  return best;
}

// what a change asks to be drawn again

const DRAWN_UNDER = ["layersOff", "plan"];
const DRAWN_LIVE = [
  "count", "network", "level", "on", "holes", "compare", "playing", "chosen", "complete",
  "language", "found", "marks", "measure", "outline",
];

export function redrawOnChange() {
  listen((what) => {
    if (!sheetLayer || !sheetLayer.view) return;
    if (hasAny(what, DRAWN_UNDER)) sheetLayer.redraw();
    else if (hasAny(what, DRAWN_LIVE)) sheetLayer.redrawLive();
    // the legend has a new size
    if (hasAny(what, ["language", "compare"])) {
      requestAnimationFrame(() => sheetLayer.redrawLive());
    }
    if (hasAny(what, ["compare", "language", ...DRAWN_UNDER])) updateInset(map.getZoom());
    else if (hasAny(what, DRAWN_LIVE)) drawInset();
  });
}

// holes are gathered when the slider rests
export function gatherHolesLate() {
  const gather = later(140, () => change({ holes: holesShown(state.plan, state.count) }));
  listen((what) => {
    if (hasAny(what, ["count", "network", "level", "layersOff", "plan"])) {
      state.holes = null;
      gather();
    }
  });
}
