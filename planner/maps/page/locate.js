// Search by name, 规划编号 or coordinates in a stated datum; measuring distance.

const DATUMS = ["WGS-84", "CGCS2000", "GCJ-02", "BD-09"]; // the first two are one for our purpose

function makeSearch(container) {
  const input = el("input", { type: "search", "aria-autocomplete": "list", "aria-controls": "found", autocomplete: "off", maxlength: 80 });
  const datum = el("select", { title_word: "datum" }, DATUMS.map((name, i) => el("option", { value: i }, name)));
  const list = el("ul", { class: "found", id: "found", role: "listbox" });
  const box = el("div", { class: "search card" }, el("div", { class: "search-line" }, input, datum), list);
  container.append(box);
  cards.push(box);
  const update = () => showFound(list, findAll(state.plan, input.value, Number(datum.value)), input.value);
  input.addEventListener("input", update);
  datum.addEventListener("change", update);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && list.firstElementChild && list.firstElementChild.click) list.firstElementChild.click();
    if (event.key === "Escape") { input.value = ""; update(); input.blur(); change({ found: null }); }
    if (event.key === "ArrowDown" && list.firstElementChild) { list.firstElementChild.focus(); event.preventDefault(); }
  });
  list.addEventListener("keydown", moveInList);
  listen((what) => {
    if (!what.has("language")) return;
    input.placeholder = t("search");
    input.setAttribute("aria-label", t("search"));
  });
  return input;
}

function moveInList(event) {
  const row = event.target;
  const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
  if (event.key === "Enter") row.click();
  if (next) { next.focus(); event.preventDefault(); }
}

function showFound(list, found, text) {
  replace(list, found.map((one) => el("li", {
    role: "option", tabindex: "-1", click: () => { one.go(); replace(list); },
  }, one.text)));
  if (!found.length && text.trim()) list.append(el("li", { class: "nothing" }, t("found_none")));
}

function findAll(plan, text, datum) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const place = parseLonLat(wanted);
  if (place) return [foundPlace(plan, place, datum)];
  return [...findNames(plan, wanted), ...findStations(plan, wanted)].slice(0, 12);
}

function findStations(plan, wanted) {
  const { station_id: ids, name } = plan.stations;
  const found = [];
  for (let i = 0; ids && i < ids.length && found.length < 8; i++) {
    if (ids[i].toLowerCase().includes(wanted) || name[i].toLowerCase().includes(wanted)) {
      found.push({ text: `${ids[i]} ${name[i]}`, go: () => goToStation(i) });
    }
  }
  return found;
}

function goToStation(i) {
  const { plan } = state;
  if (i >= state.count) setCount(i + 1);
  change({ chosen: { station: i }, tab: "why" });
  zoomToPlace(plan.stations.gx[i], plan.stations.gy[i]);
}

function findNames(plan, wanted) {
  const g = plan.geometry;
  const points = [...g.seats, ...g.landmarks].map((one) => ({ name: one.name, box: around(plan.place(one.lon, one.lat)) }));
  const shapes = [...g.areas, ...g.keep_outs, ...g.roads.filter((road) => road.name || road.ref)].map((one) => ({
    name: [one.ref, one.name].filter(Boolean).join(" "), shape: one }));
  const seen = new Set();
  return [...points, ...shapes].filter((one) => {
    const hit = one.name.toLowerCase().includes(wanted) && !seen.has(one.name);
    if (hit) seen.add(one.name);
    return hit;
  }).map((one) => ({ text: one.name, go: () => zoomTo(one.box || boundsOf(plan, [one.shape])) }));
}

function around([gx, gy], metre = 1500) {
  return [gx - metre, gy - metre, gx + metre, gy + metre];
}

function foundPlace(plan, [lon, lat], datum) {
  const [wLon, wLat] = toWgs84(lon, lat, datum);
  return {
    text: `${DATUMS[datum]} ${lon.toFixed(6)}, ${lat.toFixed(6)}` + (datum > 1 ? ` → WGS-84 ${wLon.toFixed(6)}, ${wLat.toFixed(6)}` : ""),
    go: () => {
      const place = plan.place(wLon, wLat);
      change({ found: place, chosen: { place }, tab: "why" });
      zoomToPlace(...place);
    },
  };
}

// "120.13, 33.38", "33.38 120.13" or degrees, minutes, seconds; the larger number is the longitude (China lies 73-136 E, 3-54 N)
function parseLonLat(text) {
  const parts = text.replace(/[，、;；/]/g, ",").split(/,|\s{1,}(?=[\d-])(?![^°]*[′'"″])/).map((part) => part.trim()).filter(Boolean);
  if (parts.length !== 2) return null;
  const values = parts.map(parseDegrees);
  if (values.some((value) => value === null)) return null;
  const [lon, lat] = values[0] > values[1] ? values : [values[1], values[0]];
  return lon >= 60 && lon <= 180 && lat >= -60 && lat <= 60 ? [lon, lat] : null;
}

function parseDegrees(text) {
  const found = /^[en东北]?\s*(\d{1,3}(?:\.\d+)?)(?:\s*[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'分]?\s*)?(?:(\d{1,2}(?:\.\d+)?)\s*[″"秒]?)?)?\s*[en]?$/i.exec(text);
  return found && Number(found[1]) + Number(found[2] || 0) / 60 + Number(found[3] || 0) / 3600;
}

// The published algorithm of GCJ-02 and BD-09, inverted by fixed point. The legal transform is not public.

const KRASOVSKY = 6378245;
const FLATTENING = 0.00669342162296594323;

function gcjShift(lon, lat) {
  const [x, y] = [lon - 105, lat - 35];
  const wave = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + wave;
  dLat += ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3;
  dLat += ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + wave;
  dLon += ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3;
  dLon += ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const angle = (lat * Math.PI) / 180;
  const magic = 1 - FLATTENING * Math.sin(angle) ** 2;
  return [(dLon * 180) / ((KRASOVSKY / Math.sqrt(magic)) * Math.cos(angle) * Math.PI),
    (dLat * 180) / (((KRASOVSKY * (1 - FLATTENING)) / (magic * Math.sqrt(magic))) * Math.PI)];
}

function bdFromGcj(lon, lat) {
  const turn = (Math.PI * 3000) / 180;
  const radius = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * turn);
  const angle = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * turn);
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006];
}

function gcjFromWgs(lon, lat) {
  const [dLon, dLat] = gcjShift(lon, lat);
  return [lon + dLon, lat + dLat];
}

function inverted(forward, lon, lat) {
  let [x, y] = [lon, lat];
  for (let i = 0; i < 12; i++) {
    const [fx, fy] = forward(x, y);
    x += lon - fx;
    y += lat - fy;
  }
  return [x, y];
}

function toWgs84(lon, lat, datum) {
  if (datum < 2) return [lon, lat];
  const gcj = datum === 3 ? inverted(bdFromGcj, lon, lat) : [lon, lat];
  return inverted(gcjFromWgs, ...gcj);
}

// distance along clicked points

let measuring = null; // array of places while measuring

function startMeasure() {
  stopOutline();
  measuring = [];
  map.doubleClickZoom.disable();
  announce(t("measure_hint"));
  change({ measure: [] });
}

function endMeasure() {
  if (!measuring) return;
  measuring = null;
  setTimeout(() => map.doubleClickZoom.enable(), 300);
}

// a click on the map goes to whoever waits for a place
function takePlace(place) {
  if (outline.ring) {
    addCorner(place);
    return true;
  }
  if (measuring) {
    const last = measuring[measuring.length - 1];
    if (!last || distance(state.plan, last, place) > 0) measuring = [...measuring, place];
    change({ measure: measuring });
    if (measuring.length > 1) announce(t("distance", lengthText(measuredLength(state.plan, measuring))));
    return true;
  }
  return takeMarkPlace(place);
}

function measuredLength(plan, places) {
  return places.slice(1).reduce((sum, place, i) => sum + distance(plan, places[i], place), 0);
}

function drawMeasure(context, view) {
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
  haloText(context, view, t("distance", lengthText(measuredLength(state.plan, places))), x + 9, y - 9, LARGE, 700);
}

function lengthText(metre) {
  return metre >= 1000 ? `${(metre / 1000).toFixed(2)} km` : `${Math.round(metre)} m`;
}
