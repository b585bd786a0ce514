import assert from "node:assert/strict";
import test from "node:test";

import { Plane } from "../../planner/maps/page/plane.js";
import {
  MOST_CORNERS, crossesItself, insideRing, isRing, ringBox, ringFacts, sixDecimals,
} from "../../planner/maps/page/ring.js";

const PLANE = new Plane({
  west: 13358338, north: 3950000, step: 60, columns: 100, rows: 100, cell_m: 50,
});
const SQUARE = [[120.1, 33.3], [120.11, 33.3], [120.11, 33.31], [120.1, 33.31]];
const BOW = [[120.1, 33.3], [120.11, 33.31], [120.11, 33.3], [120.1, 33.31]];

test("a ring has three corners or more, on the earth, and no side that crosses another", () => {
  assert.ok(isRing(SQUARE));
  assert.ok(isRing(SQUARE.slice(1)));
  assert.ok(!isRing(SQUARE.slice(2)));
  assert.ok(!isRing(BOW));
  assert.ok(!isRing([[120, 33], [121, 33], [121, 91]]));
  assert.ok(!isRing([[120, 33], [121, 33], ["121", 34]]));
  assert.ok(!isRing([[120, 33], [121, 33], [121, 34, 0]]));
  assert.ok(!isRing("ring"));
  const circle = Array.from({ length: MOST_CORNERS + 1 },
    (_, i) => [120 + Math.cos(i / 32), 33 + Math.sin(i / 32)]);
  assert.ok(isRing(circle.slice(0, -1)));
  assert.ok(!isRing(circle));
});

test("sides that touch or run back count as crossing", () => {
  assert.ok(crossesItself([[0, 0], [2, 0], [1, 0]]), "runs back");
  assert.ok(crossesItself([[0, 0], [2, 0], [2, 0], [0, 2]]), "corner twice");
  assert.ok(crossesItself([[0, 0], [2, 0], [2, 2], [1, 0], [0, 2]]), "touches a side");
  assert.ok(!crossesItself([[0, 0], [1, 0], [2, 0], [2, 2]]), "goes straight on");
});

test("size and middle, whichever way round", () => {
  const { hectare, lon, lat } = ringFacts(PLANE, SQUARE);
  assert.ok(Math.abs(hectare - 103.27) < 0.1, hectare); // 931.3 m by 1109.1 m on the ellipsoid
  assert.deepEqual([lon, lat], [120.105, 33.305]);
  assert.deepEqual(ringFacts(PLANE, SQUARE.slice().reverse()), { hectare, lon, lat });
});

test("places inside", () => {
  // a bay from the east
  const corner = [[120.1, 33.3], [120.11, 33.3], [120.105, 33.305], [120.11, 33.31],
    [120.1, 33.31]];
  const positions = [[120.101, 33.301], [120.109, 33.305], [120.109, 33.3005], [120.2, 33.305]];
  const places = positions.map((one) => PLANE.place(...one));
  const columns = { gx: places.map(([x]) => x), gy: places.map(([, y]) => y) };
  assert.deepEqual(insideRing(PLANE, corner, columns), [0, 2]);
  assert.deepEqual(insideRing(PLANE, SQUARE, columns), [0, 1, 2]);
});

test("the box and six decimals", () => {
  const [w, n] = PLANE.place(120.1, 33.31);
  const [e, s] = PLANE.place(120.11, 33.3);
  assert.deepEqual(ringBox(PLANE, SQUARE), [w, n, e, s]);
  assert.deepEqual(sixDecimals([120.12345678, -0.00000049]), [120.123457, -0]);
});
