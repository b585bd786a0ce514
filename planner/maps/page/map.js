// The map: two canvases under Leaflet's hand (the ground, and what follows the slider with the names on it), the inset, the
// legend.

let map;
let sheetLayer;
let inset;
const cards = []; // elements that lie on the map; names keep clear of them

function sceneNow() {
  return {
    plan: state.plan, count: state.count, network: state.network, level: state.level, holes: state.holes,
    station: state.chosen && state.chosen.station !== undefined ? state.chosen.station : -1,
    newest: state.playing ? 25 : 0,
  };
}

// two canvases of one size, one on the other
class Canvases {
  constructor(container) {
    [this.under, this.live] = ["under", "live"].map((name) => {
      const canvas = el("canvas", { class: name, "aria-hidden": "true" });
      container.append(canvas);
      return canvas.getContext("2d", { alpha: name === "live" });
    });
  }

  resize(width, height, ratio) {
    for (const context of [this.under, this.live]) {
      const canvas = context.canvas;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
  }
}

function clearCanvas(context, view) {
  onScreen(context, view);
  context.clearRect(0, 0, view.width, view.height);
}

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
    this.view = makeView(size.x, size.y, scale, west * scale + world / 2 - origin.x, world / 2 - north * scale - origin.y, ratio, 1);
    this.canvases.resize(size.x, size.y, ratio);
    this.redraw();
  },

  redraw() {
    drawUnder(this.canvases.under, this.view, state.plan);
    this.redrawLive();
  },

  redrawLive() {
    if (state.compare) drawComparison(this.canvases.live, this.view);
    else drawLive(this.canvases.live, this.view, sceneNow());
    this.drawNames(this.canvases.live, this.view);
  },

  // left edge of the visible map within the canvas
  margin() {
    return this._map.latLngToLayerPoint(this._map.containerPointToLatLng([0, 0])).subtract(this._bounds.min);
  },

  drawNames(context, view) {
    const margin = this.margin();
    if (state.on.graticule) drawGraticule(context, view, state.plan);
    drawLabels(context, view, state.plan, blockedBoxes(margin));
    drawAreas(context, view);
    drawMarks(context, view);
    drawMeasure(context, view);
    drawChosen(context, view);
    drawCorner(context, view, margin);
  },
});

// boxes of the cards in px of the canvas
function blockedBoxes(margin) {
  const origin = map.getContainer().getBoundingClientRect();
  return cards.filter((card) => !card.hidden).map((card) => {
    const box = card.getBoundingClientRect();
    const [x, y] = [margin.x - origin.left, margin.y - origin.top];
    return [box.left + x, box.top + y, box.right + x, box.bottom + y];
  });
}

function drawChosen(context, view) {
  const { chosen, plan, found } = state;
  if (found) drawRing(context, view, ...found);
  if (!chosen) return;
  if (chosen.station !== undefined) drawRing(context, view, ...stationPlace(plan, view, chosen.station));
  else drawRing(context, view, ...chosen.place);
}

// where a station's symbol stands: beside the first one of its site
function stationPlace(plan, view, i) {
  const { gx, gy, beside } = plan.stations;
  return [gx[i] + (beside[i] * besideShift(view, stationRadius(plan, view))) / view.scale, gy[i]];
}

function drawCorner(context, view, margin) {
  const size = map.getSize();
  const right = margin.x + size.x - (inset && !inset.box.hidden ? inset.box.offsetWidth + 34 : 26);
  const bottom = margin.y + size.y - 16;
  const middle = drawScaleBar(context, view, state.plan, right - 12, bottom, Math.min(190, size.x * 0.16));
  drawNorth(context, view, middle, bottom - 46);
}

function makeMap() {
  map = map_review;
  sheetLayer = new SheetLayer();
  map.invalidateSize({ animate: false }); // Leaflet measured its box before the page stood around it
  goHome(false);
  map.addLayer(sheetLayer);
  map.on("click", (event) => clickMap(event.latlng));
  map.on("dblclick", () => { endMeasure(); endOutline(); });
  map.on("zoomend moveend", () => updateInset());
  map.on("dragstart", () => { map.moved = true; });
  map.on("move", () => { if (state.compare && !map._animatingZoom) sheetLayer.redrawLive(); });
  map.on("resize", () => { if (!map.moved) goHome(false); });
}

// after the first picture
function openInset() {
  inset = makeInset();
  updateInset();
  sheetLayer.redrawLive(); // names keep clear of it
  new ResizeObserver(() => {
    if (inset.view && inset.view.width !== inset.box.clientWidth) updateInset();
  }).observe(inset.box);
}

function boundsOf(plan, features) {
  const points = features.flatMap((feature) => feature.lines.flatMap((line) => linePoints(plan, line)));
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function latLngBounds(plan, [w, n, e, s]) {
  const [west, north] = plan.lonlat(w, n);
  const [east, south] = plan.lonlat(e, s);
  return L.latLngBounds([south, west], [north, east]);
}

function goHome(animate = true) {
  const box = boundsOf(state.plan, state.plan.geometry.boundary);
  map.fitBounds(latLngBounds(state.plan, box), { paddingTopLeft: [14, 44], paddingBottomRight: [14, 14], animate });
  map.moved = false;
}

// bring a box of the grid's plane into view, never closer than zoom 15
function zoomTo(box) {
  map.moved = true;
  map.fitBounds(latLngBounds(state.plan, box), { padding: [80, 80], maxZoom: 15, animate: !reducedMotion() });
}

function zoomToPlace(gx, gy, zoom = 14.5) {
  const [lon, lat] = state.plan.lonlat(gx, gy);
  map.moved = true;
  map.setView([lat, lon], Math.max(map.getZoom(), zoom), { animate: !reducedMotion() });
}

function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// the place under a click: a station if one is near, else the ground

function clickMap(latlng) {
  const place = state.plan.place(latlng.lng, latlng.lat);
  if (takePlace(place)) return;
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

// the inset: where most stations stand, at a larger scale

function makeInset() {
  const box = el("button", { class: "inset card", type: "button", title_word: "inset" });
  const name = el("span", { class: "inset-name" });
  const layer = state.plan.layers.find((one) => one.shape === "area");
  const features = state.plan.geometry.areas.filter((area) => layer && area.layer === layer.name);
  const canvases = new Canvases(box);
  box.append(name);
  map.getContainer().parentElement.append(box);
  cards.push(box);
  const area = features.length ? boundsOf(state.plan, features) : null;
  box.addEventListener("click", () => zoomTo(area));
  return { box, name, canvases, area, layer };
}

function updateInset() {
  if (!inset) return;
  const was = inset.box.hidden;
  inset.box.hidden = !inset.area || map.getZoom() > 11.9 || Boolean(state.compare);
  if (inset.box.hidden) return;
  inset.name.textContent = label(inset.layer.label);
  const { clientWidth: width, clientHeight: height } = inset.box;
  if (was || !inset.view || inset.view.width !== width || inset.view.height !== height) fitInset(width, height);
  drawUnder(inset.canvases.under, inset.view, state.plan);
  drawInset();
}

function drawInset() {
  drawLive(inset.canvases.live, inset.view, sceneNow());
  drawLabels(inset.canvases.live, inset.view, state.plan, [[0, 0, 90, 30]]);
}

function fitInset(width, height) {
  const ratio = window.devicePixelRatio || 1;
  inset.view = fittedView(inset.area, width, height, ratio, 1, 4);
  inset.canvases.resize(width, height, ratio);
}

// a view that shows a box of the grid's plane whole
function fittedView([w, n, e, s], width, height, ratio, pen, margin) {
  const scale = Math.min((width - 2 * margin) / (e - w), (height - 2 * margin) / (s - n));
  return makeView(width, height, scale, width / 2 - ((w + e) / 2) * scale, height / 2 - ((n + s) / 2) * scale, ratio, pen);
}

// what a change asks to be drawn again

const DRAWN_UNDER = ["layersOff", "plan"];
const DRAWN_LIVE = [
  "count", "network", "level", "on", "holes", "compare", "playing", "chosen", "complete", "language", "found", "marks", "measure",
  "outline",
];

listen((what) => {
  if (!sheetLayer || !sheetLayer.view) return;
  const any = (names) => names.some((name) => what.has(name));
  if (any(DRAWN_UNDER)) sheetLayer.redraw();
  else if (any(DRAWN_LIVE)) sheetLayer.redrawLive();
  if (any(["language", "compare"])) requestAnimationFrame(() => sheetLayer.redrawLive()); // the legend has a new size
  if (what.has("compare") || any(DRAWN_UNDER)) updateInset();
  else if (any(DRAWN_LIVE) && inset && !inset.box.hidden) drawInset();
});

// holes are gathered when the slider rests

const gatherHoles = later(140, () => change({ holes: holesShown(state.plan, state.count) }));

function holesShown(plan, count) {
  return shownNetworks().flatMap((k) => plan.layers.flatMap((layer, place) => (
    layer.shape !== "area" || state.layersOff.has(layer.name) ? [] : layerHoles(plan, count, k, state.level, place))));
}

listen((what) => {
  if (["count", "network", "level", "layersOff", "plan"].some((name) => what.has(name))) {
    state.holes = null;
    gatherHoles();
  }
});

// legend: its rows are the switches of what they explain

function makeLegend(container) {
  const legend = el("section", { class: "legend card", title_word: "legend" });
  container.append(legend);
  cards.push(legend);
  const rows = el("div", { class: "legend-rows", id: "legend-rows" });
  const fold = el("button", { type: "button", class: "fold", word: "legend", "aria-controls": rows.id, "aria-expanded": "true" });
  fold.addEventListener("click", () => {
    rows.hidden = !rows.hidden;
    fold.setAttribute("aria-expanded", String(!rows.hidden));
    sheetLayer.redrawLive(); // names may stand where it stood
  });
  legend.append(el("h2", {}, fold), rows);
  listen((what) => {
    if (["network", "level", "on", "plan", "language", "compare", "complete"].some((name) => what.has(name))) {
      replace(rows, legendRows(state.plan).map(legendRow));
    }
  });
}

function legendRows(plan) {
  const rows = [...coverageRows(plan),
    { swatch: swatchLine(COLOURS.road, 3), text: t("road_served") },
    { swatch: swatchGap(6.6, true), text: t("gap_over"), toggle: "gaps" },
    { swatch: swatchLine(RED, 3.2), text: t("gap_within"), toggle: "gaps" },
    { swatch: swatchRing(), text: t("holes"), toggle: "holes" },
    ...(state.compare ? comparedRows(plan) : stationRows(plan))];
  if (plan.stations.azimuths) rows.push({ swatch: swatchWedge(), text: t("wedges"), toggle: "wedges" });
  rows.push({ swatch: swatchServers(), text: t("first_server"), toggle: "servers" },
    { swatch: swatchCross(), text: t("candidates"), toggle: "candidates" });
  if (plan.stations.siting_verdict) rows.push({ swatch: swatchText("!"), text: t("siting_flag"), toggle: "siting" });
  rows.push({ swatch: swatchGrid(), text: t("graticule"), toggle: "graticule" });
  return rows;
}

function stationRows(plan) {
  return [...shownNetworks().map((k) => ({ swatch: swatchStations(k), text: t("open_planned", language ? short(plan.networks[k].label) : label(plan.networks[k].label)), toggle: "stations" })),
    { swatch: swatchRetrofit(), text: t("retrofit_symbol"), toggle: "stations" }];
}

function comparedRows() {
  const cross = (k, x) => svg("path", { d: `M${x - 4} 3l8 8m0 -8l-8 8`, stroke: networkColour(k), "stroke-width": 1.8 });
  const ring = (k, x) => svg("path", { d: `M${x - 4.5} 7a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0M${x - 4.5} 7h9M${x} 2.5v9`, stroke: networkColour(k), "stroke-width": 1.8, fill: "none" });
  const both = (draw) => swatch(...shownNetworks().slice(0, 2).flatMap((k, i) => draw(k, 9 + 16 * i)));
  const diamond = (k, x) => [svg("path", { d: `M${x} 1.5l5.5 5.5l-5.5 5.5l-5.5 -5.5Z`, stroke: networkColour(k), "stroke-width": 1.8, fill: "#ffffff" }),
    svg("path", { d: `M${x} 1.5l-5.5 5.5l5.5 5.5Z`, fill: networkColour(k) })];
  const arrow = (k, x) => svg("path", { d: `M${x - 6} 7H${x + 6}m-4.5 -4l4.5 4l-4.5 4`, stroke: networkColour(k), "stroke-width": 1.8, fill: "none" });
  const twoPlans = [{ swatch: both(diamond), text: t("retimed_legend"), toggle: "stations" }, { swatch: both(arrow), text: t("moved"), toggle: "stations" }];
  return [{ swatch: both(cross), text: t("only_left"), toggle: "stations" }, { swatch: both(ring), text: t("only_right"), toggle: "stations" },
    ...(state.compare.plan === state.plan ? [] : twoPlans),
    { swatch: swatch(svg("rect", { x: 15.5, y: 5.5, width: 3, height: 3, fill: COLOURS.grey })), text: t("common"), toggle: "stations" }];
}

function coverageRows(plan) {
  const two = state.network < 0 && plan.networks.length > 1;
  const full = two ? (plan.networks.length === 2 ? "full_both" : "full_all") : state.level ? "full_deep" : "full_one";
  const rows = [{ swatch: swatchBox(COLOURS.full), text: two ? bracketed(t(full), t(plan.levels[state.level])) : t(full) }];
  if (two || state.level) rows.push({ swatch: swatchBox(COLOURS.part), text: t(two ? "part_both" : "part_deep") });
  return [...rows, { swatch: swatchHatch(), text: t("unserved") }];
}

function bracketed(text, inside) {
  return language ? `${text} (${inside})` : `${text}（${inside}）`;
}

function legendRow({ swatch, text, toggle }) {
  if (!toggle) return el("div", { class: "legend-row" }, swatch, el("span", {}, text));
  const press = () => change({ on: { ...state.on, [toggle]: !state.on[toggle] } });
  return el("button", { class: "legend-row", type: "button", "aria-pressed": String(state.on[toggle]), "data-toggle": toggle, click: press },
    swatch, el("span", {}, text));
}

function swatch(...shapes) {
  return svg("svg", { width: 34, height: 14, viewBox: "0 0 34 14", "aria-hidden": "true" }, ...shapes);
}

function swatchBox(fill) {
  return swatch(svg("rect", { x: 0.5, y: 0.5, width: 33, height: 13, fill, stroke: INK }));
}

function swatchHatch() {
  const lines = [-8, -2, 4, 10, 16, 22, 28].map((x) => svg("path", { d: clippedSlash(x), stroke: RED }));
  return swatch(svg("rect", { x: 0.5, y: 0.5, width: 33, height: 13, fill: "#ffffff", stroke: INK }), ...lines);
}

// a 45 degree line from (x, 13) upwards, kept inside the box
function clippedSlash(x) {
  const from = Math.max(x, 1);
  const to = Math.min(x + 12, 33);
  return `M${from} ${13 - (from - x)}L${to} ${13 - (to - x)}`;
}

function swatchLine(colour, width) {
  return swatch(svg("path", { d: "M0 7H34", stroke: colour, "stroke-width": width }));
}

function swatchGap() {
  return swatch(svg("path", { d: "M0 7H34", stroke: RED, "stroke-width": 6.6 }),
    svg("path", { d: "M3 7H34", stroke: "#ffffff", "stroke-width": 2, "stroke-dasharray": "4 4" }));
}

function swatchRing() {
  return swatch(svg("circle", { cx: 17, cy: 7, r: 5.5, fill: "none", stroke: RED, "stroke-width": 2 }));
}

function symbol(network, cx, cy, r, attributes) {
  if (network === 1) return svg("rect", { x: cx - r * 0.9, y: cy - r * 0.9, width: 1.8 * r, height: 1.8 * r, ...attributes });
  if (network > 1) return svg("path", { d: `M${cx} ${cy - 1.2 * r}L${cx + 1.1 * r} ${cy + r}H${cx - 1.1 * r}Z`, ...attributes });
  return svg("circle", { cx, cy, r, ...attributes });
}

function networkColour(network) {
  return NETWORK_COLOURS[Math.min(network, NETWORK_COLOURS.length - 1)];
}

function swatchStations(network) {
  const colour = networkColour(network);
  return swatch(symbol(network, 9, 7, 5.5, { fill: colour }),
    symbol(network, 25, 7, 4.4, { fill: "#ffffff", stroke: colour, "stroke-width": 1.7 }));
}

function swatchRetrofit() {
  return swatch(...state.plan.networks.slice(0, 2).flatMap((_, k) => [
    symbol(k, 9 + 16 * k, 7, 4.6, { fill: "#ffffff", stroke: networkColour(k), "stroke-width": 1.7 }),
    symbol(k, 9 + 16 * k, 7, 2, { fill: networkColour(k) })]));
}

function swatchWedge() {
  return swatch(svg("path", { d: "M17 13L10 2A13 13 0 0 1 24 2Z", fill: networkColour(0), "fill-opacity": 0.3, stroke: networkColour(0) }));
}

function swatchServers() {
  return swatch(...["#8ab6d3", "#a9c9b4", "#d9c79a"].map((fill, i) => svg("rect", { x: 1 + 11 * i, y: 1, width: 10, height: 12, fill })));
}

function swatchCross() {
  return swatch(svg("path", { d: "M12 7H22M17 2V12", stroke: COLOURS.grey, "stroke-width": 1.4 }));
}

function swatchGrid() {
  return swatch(svg("path", { d: "M0 4H34M0 10H34M10 0V14M24 0V14", stroke: "#8a949b", "stroke-width": 0.8 }));
}

function swatchText(text) {
  return swatch(svg("text", { x: 17, y: 12, "text-anchor": "middle", "font-weight": 700, "font-size": 13, fill: INK }, text));
}
