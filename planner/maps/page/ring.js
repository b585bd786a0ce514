// The ring of an area: corners [lon, lat] (WGS-84, six decimals, not closed).

import { boxOf } from "./plane.js";

/** @typedef {import("./plane.js").Plane} Plane
 * @typedef {import("./plane.js").Place} Place
 * @typedef {import("./plane.js").LonLat} LonLat */

export const MOST_CORNERS = 200;
const ECCENTRICITY_2 = 0.00669438; // squared, WGS-84

/**
 * @param {LonLat} corner
 * @returns {LonLat}
 */
export function sixDecimals(corner) {
  const [lon, lat] = corner.map((degrees) => Math.round(degrees * 1e6) / 1e6);
  return [lon, lat];
}

/**
 * What may stand in a file: anyone can write one.
 * @param {any} ring
 * @returns {boolean}
 */
export function isRing(ring) {
  return Array.isArray(ring) && ring.length >= 3 && ring.length <= MOST_CORNERS
    && ring.every(isCorner) && !crossesItself(ring);
}

function isCorner(corner) {
  return Array.isArray(corner) && corner.length === 2 && corner.every(Number.isFinite)
    && Math.abs(corner[0]) <= 180 && Math.abs(corner[1]) < 86;
}

/**
 * Whether sides cross, touch or run back on each other, in whole millionths of a degree.
 * @param {LonLat[]} ring
 * @returns {boolean}
 */
export function crossesItself(ring) {
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
  return same(a, b) || same(b, c)
    || (turn(a, b, c) === 0 && (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0);
}

function sidesMeet(a, b, c, d) {
  const [atC, atD, atA, atB] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (atC !== atD && atA !== atB) return true;
  const within = (p, q, r, axis) => Math.min(p[axis], q[axis]) <= r[axis]
    && r[axis] <= Math.max(p[axis], q[axis]);
  const between = (p, q, r) => within(p, q, r, 0) && within(p, q, r, 1);
  return (atC === 0 && between(a, b, c)) || (atD === 0 && between(a, b, d))
    || (atA === 0 && between(c, d, a)) || (atB === 0 && between(c, d, b));
}

/**
 * @param {Plane} plane
 * @param {LonLat[]} ring
 */
function ringPlaces(plane, ring) {
  return ring.map((corner) => plane.place(...corner));
}

/**
 * Size and middle, by the grid's plane.
 * @param {Plane} plane
 * @param {LonLat[]} ring
 */
export function ringFacts(plane, ring) {
  const places = ringPlaces(plane, ring);
  const [ox, oy] = places[0];
  let [twice, gx, gy] = [0, 0, 0];
  places.forEach(([x, y], i) => {
    const [nx, ny] = places[(i + 1) % places.length];
    const part = (x - ox) * (ny - oy) - (nx - ox) * (y - oy);
    twice += part;
    gx += part * (x + nx - 2 * ox);
    gy += part * (y + ny - 2 * oy);
  });
  /** @type {Place} */
  const middle = twice ? [ox + gx / (3 * twice), oy + gy / (3 * twice)] : [ox, oy];
  const [lon, lat] = sixDecimals(plane.lonlat(...middle));
  return { hectare: ((Math.abs(twice) / 2) * groundPerPlane(lat)) / 10000, lon, lat };
}

// m2 of ground per m2 of the grid's plane: the ellipsoid's, so that the size is the one of the
// review loop's table
function groundPerPlane(lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return ((1 - sine * sine) * (1 - ECCENTRICITY_2)) / (1 - ECCENTRICITY_2 * sine * sine) ** 2;
}

/**
 * @param {Place[]} places
 * @param {number} x
 * @param {number} y
 */
function isInside(places, x, y) {
  let inside = false;
  places.forEach(([ax, ay], i) => {
    const [bx, by] = places[(i + 1) % places.length];
    if ((ay > y) !== (by > y) && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  });
  return inside;
}

/**
 * @param {Plane} plane
 * @param {LonLat[]} ring
 */
export function ringBox(plane, ring) {
  return boxOf(ringPlaces(plane, ring));
}

/**
 * Which of some places lie inside.
 * @param {Plane} plane
 * @param {LonLat[]} ring
 * @param {{gx: ArrayLike<number>, gy: ArrayLike<number>}} places
 * @returns {number[]}
 */
export function insideRing(plane, ring, { gx, gy }) {
  const corners = ringPlaces(plane, ring);
  const [w, n, e, s] = boxOf(corners);
  const found = [];
  for (let i = 0; i < gx.length; i++) {
    if (gx[i] >= w && gx[i] <= e && gy[i] >= n && gy[i] <= s && isInside(corners, gx[i], gy[i])) {
      found.push(i);
    }
  }
  return found;
}
