// The area that a comment is about: a ring of corners [lon, lat] (WGS-84, six decimals, not closed), drawn by mouse or keys.

const MOST_CORNERS = 200;
const LISTED_STATIONS = 5;
const ECCENTRICITY_2 = 0.00669438; // squared, WGS-84
const KEY_TARGETS = "button, input, select, textarea, a, summary";

const outline = { ring: null, byKeys: false }; // `ring` while one is drawn

function sixDecimals(corner) {
  return corner.map((degrees) => Math.round(degrees * 1e6) / 1e6);
}

// what may stand in a file: anyone can write one
function isRing(ring) {
  return Array.isArray(ring) && ring.length >= 3 && ring.length <= MOST_CORNERS && ring.every(isCorner) && !crossesItself(ring);
}

function isCorner(corner) {
  return Array.isArray(corner) && corner.length === 2 && corner.every(Number.isFinite) && Math.abs(corner[0]) <= 180 && Math.abs(corner[1]) < 86;
}

// whether sides cross, touch or run back on each other, in whole millionths of a degree
function crossesItself(ring) {
  const points = ring.map((corner) => corner.map((degrees) => Math.round(degrees * 1e6)));
  const side = (i) => [points[i], points[(i + 1) % points.length]];
  return points.some((_, i) => points.some((__, j) => {
    if (j <= i) return false;
    if (j === i + 1) return runsBack(...side(i), side(j)[1]);
    if (i === 0 && j === points.length - 1) return runsBack(...side(j), side(i)[1]);
    return sidesMeet(...side(i), ...side(j));
  }));
}

function turn([ax, ay], [bx, by], [cx, cy]) {
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}

function runsBack(a, b, c) {
  const same = (p, q) => p[0] === q[0] && p[1] === q[1];
  return same(a, b) || same(b, c) || (turn(a, b, c) === 0 && (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0);
}

function sidesMeet(a, b, c, d) {
  const [atC, atD, atA, atB] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (atC !== atD && atA !== atB) return true;
  const between = (p, q, r) => Math.min(p[0], q[0]) <= r[0] && r[0] <= Math.max(p[0], q[0]) && Math.min(p[1], q[1]) <= r[1] && r[1] <= Math.max(p[1], q[1]);
  return [[atC, a, b, c], [atD, a, b, d], [atA, c, d, a], [atB, c, d, b]].some(([where, p, q, r]) => where === 0 && between(p, q, r));
}

// size and middle, by the grid's plane: {hectare, lon, lat}
function ringFacts(plan, ring) {
  const places = ring.map((corner) => plan.place(...corner));
  const [ox, oy] = places[0];
  let [twice, gx, gy] = [0, 0, 0];
  places.forEach(([x, y], i) => {
    const [nx, ny] = places[(i + 1) % places.length];
    const part = (x - ox) * (ny - oy) - (nx - ox) * (y - oy);
    twice += part;
    gx += part * (x + nx - 2 * ox);
    gy += part * (y + ny - 2 * oy);
  });
  const middle = twice ? [ox + gx / (3 * twice), oy + gy / (3 * twice)] : [ox, oy];
  const [lon, lat] = sixDecimals(plan.lonlat(...middle));
  return { hectare: ((Math.abs(twice) / 2) * groundPerPlane(lat)) / 10000, lon, lat };
}

// m2 of ground per m2 of the grid's plane: the ellipsoid's, so that the size is the one of the review loop's table
function groundPerPlane(lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return ((1 - sine * sine) * (1 - ECCENTRICITY_2)) / (1 - ECCENTRICITY_2 * sine * sine) ** 2;
}

function ringBox(plan, ring) {
  const places = ring.map((corner) => plan.place(...corner));
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

// ranks of the plan's stations inside
function stationsInRing(plan, ring) {
  const [w, n, e, s] = ringBox(plan, ring);
  const places = ring.map((corner) => plan.place(...corner));
  const { gx, gy, length } = plan.stations;
  const found = [];
  for (let i = 0; i < length; i++) {
    if (gx[i] >= w && gx[i] <= e && gy[i] >= n && gy[i] <= s && isInside(places, gx[i], gy[i])) found.push(i);
  }
  return found;
}

function isInside(places, x, y) {
  let inside = false;
  places.forEach(([ax, ay], i) => {
    const [bx, by] = places[(i + 1) % places.length];
    if ((ay > y) !== (by > y) && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  });
  return inside;
}

// size, and which stations of the plan it is about
function areaText(plan, ring) {
  const inside = stationsInRing(plan, ring);
  const size = t("area_size", hectares(ringFacts(plan, ring).hectare), inside.length);
  if (!inside.length || !plan.stations.station_id) return size;
  const named = inside.slice(0, LISTED_STATIONS).map((i) => plan.stations.station_id[i]).join(language ? ", " : "、");
  return `${size}${language ? ": " : "："}${named}${inside.length > LISTED_STATIONS ? " …" : ""}`;
}

function hectares(value) {
  return value.toFixed(value < 10 ? 2 : 1);
}

// drawing one

function startOutline() {
  stopMeasure();
  review.waiting = null;
  Object.assign(outline, { ring: [], byKeys: false });
  map.doubleClickZoom.disable();
  map.getContainer().focus({ preventScroll: true }); // arrows pan, Enter presses no button
  announce(t("area_hint"));
  change({ outline: {} });
}

function stopOutline() {
  if (!outline.ring) return;
  outline.ring = null;
  announce("");
  setTimeout(() => map.doubleClickZoom.enable(), 300);
  change({ outline: {} });
}

function endOutline() {
  const { ring } = outline;
  if (!ring) return;
  if (!isRing(ring)) {
    announce(t(ring.length < 3 ? "area_few" : "area_crossed"));
    return;
  }
  stopOutline();
  const { lon, lat } = ringFacts(state.plan, ring);
  openDraft({ kind: "comment", lon, lat, area: ring });
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
  else if (ring.length >= MOST_CORNERS) announce(t("area_most", MOST_CORNERS));
  else showOutline([...ring, sixDecimals(state.plan.lonlat(...place))]);
}

function showOutline(ring) {
  outline.ring = ring;
  announce(ring.length < 3 ? t("area_hint") : t("area_so_far", ring.length, hectares(ringFacts(state.plan, ring).hectare)));
  change({ outline: {} });
}

// whether the key was for the ring that is drawn
function outlineKey(event) {
  if (!outline.ring || event.ctrlKey || event.altKey || event.metaKey || event.target.closest(KEY_TARGETS)) return false;
  const act = { Enter: endOutline, Backspace: () => showOutline(outline.ring.slice(0, -1)), " ": addMiddle }[event.key];
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

// on the map

function drawAreas(context, view) {
  onScreen(context, view);
  for (const { area } of [...review.marks, review.draft || {}]) if (area) drawArea(context, view, area);
  if (outline.ring) drawOutline(context, view);
}

function ringPath(view, ring, closed) {
  const path = new Path2D();
  ring.forEach((corner, i) => path[i ? "lineTo" : "moveTo"](...toPx(view, ...state.plan.place(...corner))));
  if (closed) path.closePath();
  return path;
}

function drawArea(context, view, ring) {
  const path = ringPath(view, ring, true);
  const [w, n] = toPx(view, ...ringBox(state.plan, ring));
  const [e, s] = toPx(view, ...ringBox(state.plan, ring).slice(2));
  if (e < 0 || s < 0 || w > view.width || n > view.height) return;
  context.save();
  context.clip(path);
  drawBackHatch(context, Math.max(w, 0), Math.max(n, 0), Math.min(e, view.width), Math.min(s, view.height));
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

function drawOutline(context, view) {
  const { ring } = outline;
  if (ring.length > 2) strokeCased(context, ringPath(view, [ring[ring.length - 1], ring[0]], false), [2, 4]);
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
