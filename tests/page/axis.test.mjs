import assert from "node:assert/strict";
import test from "node:test";

import {
  curvePath, leastOf, makeAxis, placedLabels, yearTicks,
} from "../../planner/maps/page/axis.js";
import { barLength, degreeText, graticuleStep } from "../../planner/maps/page/sheetmarks.js";

const AXIS = makeAxis({
  first: 230, last: 1840, left: 44, width: 805, height: 120, top: 12, bottom: 64,
});
const PHASES = [
  { date: "2020-06-30", count: 230 },
  { date: "2020-12-31", count: 654 },
  { date: "2023-12-31", count: 1840 },
];

test("counts and shares have their place", () => {
  assert.equal(AXIS.x(230), 44);
  assert.equal(AXIS.x(1840), 849);
  assert.equal(AXIS.x(1035), 446.5);
  assert.deepEqual([AXIS.y(0), AXIS.y(1), AXIS.y(0.5)], [64, 12, 38]);
  // one count only
  const point = makeAxis({ first: 5, last: 5, left: 9, width: 70, height: 9, top: 0, bottom: 9 });
  assert.equal(point.x(5), 9);
});

test("ends of years lie between the phases, evenly in time", () => {
  assert.deepEqual(yearTicks(PHASES), [{ year: 2021, count: 1049 }, { year: 2022, count: 1445 }]);
  assert.deepEqual(yearTicks(PHASES.slice(0, 2)), []);
  const two = [{ date: "2020-12-31", count: 0 }, { date: "2022-06-30", count: 546 }];
  assert.deepEqual(yearTicks(two), [{ year: 2021, count: 365 }]);
});

test("labels give way to main ones, never to lesser ones", () => {
  const labels = [{ count: 250, text: "2021", main: false },
    { count: 1400, text: "2022", main: false },
    { count: 230, text: "now 230", main: true }, { count: 240, text: "end 240", main: true }];
  assert.deepEqual(placedLabels(labels, AXIS.x).map((one) => one.text),
    ["now 230", "end 240", "2022"]);
});

test("a curve has about a point in 1.5 px", () => {
  const series = new Float32Array(1611).fill(0.5);
  const points = curvePath(AXIS, series, 230).slice(1).split("L");
  assert.equal(points.length, 537);
  assert.equal(points[0], "44.0 38.0");
  assert.equal(points[536], "848.0 38.0");
  assert.equal(curvePath(AXIS, [0, 1], 230), "M44.0 64.0L44.5 12.0");
});

test("the least of several series", () => {
  assert.equal(leastOf([]), null);
  assert.deepEqual(leastOf([Float32Array.of(1, 2, 3), Float32Array.of(2, 1, 3)]),
    Float32Array.of(1, 1, 3));
});

test("scale bar and graticule take round steps", () => {
  assert.equal(barLength(10, 190), 1000);
  assert.equal(barLength(10, 200), 2000);
  assert.equal(barLength(1000, 10), 10000);
  assert.equal(barLength(9, 1), 50); // never none
  assert.equal(graticuleStep(1), 10 / 60);
  assert.equal(graticuleStep(0.05), 0.5 / 60);
  assert.equal(graticuleStep(90), 2);
  assert.equal(degreeText(120.25, "E"), "120°15′E");
  assert.equal(degreeText(33.9999, "N"), "34°00′N");
});
