import assert from "node:assert/strict";
import test from "node:test";

import { EARTH, Plane, boxOf, distance } from "../../planner/maps/page/plane.js";

const PLANE = new Plane({
  west: 13358338, north: 3950000, step: 60, columns: 100, rows: 100, cell_m: 50,
});

test("a place goes back to its position", () => {
  const [lon, lat] = PLANE.lonlat(...PLANE.place(120.123456, 33.345678));
  assert.ok(Math.abs(lon - 120.123456) < 1e-12 && Math.abs(lat - 33.345678) < 1e-12);
  const corner = PLANE.lonlat(0, 0);
  assert.ok(Math.abs(corner[0] - 120) < 1e-4 && Math.abs(corner[1] - 33.4) < 0.05, corner);
});

test("many places are those of one", () => {
  const { gx, gy } = PLANE.placesOf(Int32Array.of(120123456), Int32Array.of(33345678));
  const [x, y] = PLANE.place(120.123456, 33.345678);
  assert.ok(Math.abs(gx[0] - x) < 1e-6 && Math.abs(gy[0] - y) < 1e-6);
});

test("distances and cells are of the ground", () => {
  const degree = (Math.PI / 180) * EARTH;
  const metres = distance(PLANE, PLANE.place(120, 33), PLANE.place(120.01, 33));
  assert.ok(Math.abs(metres - 0.01 * degree * Math.cos((33 * Math.PI) / 180)) < 0.01, metres);
  const [, lat] = PLANE.lonlat(0, 50.5 * 60);
  assert.ok(Math.abs(PLANE.cellArea(50) - (60 * Math.cos((lat * Math.PI) / 180)) ** 2) < 1e-6);
});

test("the box of places", () => {
  assert.deepEqual(boxOf([[3, 1], [-1, 2], [0, 5]]), [-1, 1, 3, 5]);
  const many = Array.from({ length: 300000 }, (_, i) => [i, i]);
  assert.deepEqual(boxOf(many), [0, 0, 299999, 299999]);
});
