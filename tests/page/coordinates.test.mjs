import assert from "node:assert/strict";
import test from "node:test";

import {
  DATUMS, bdFromGcj, gcjFromWgs, parseLonLat, toWgs84,
} from "../../planner/maps/page/coordinates.js";

const near = ([x, y], [u, v], slack) => {
  assert.ok(Math.hypot(x - u, y - v) < slack, `${[x, y]} is not ${[u, v]}`);
};

test("positions are read in the forms people write", () => {
  const texts = [
    "120.13, 33.38", "33.38 120.13", "120.13，33.38", "120.13/33.38", "东120.13, 北33.38",
    "e120.13, n33.38", "33°22′48″, 120°7′48″", "120度7分48秒、33度22分48秒", "120°7.8′ 33°22.8′",
  ];
  for (const text of texts) {
    const found = parseLonLat(text.toLowerCase());
    assert.ok(found, text);
    near(found, [120.13, 33.38], 1e-9);
  }
});

test("what is no position here is none", () => {
  const texts = [
    "", "盐城", "120.13", "120.13, 33.38, 5", "S-0001 K2", "12, 33", "200, 33", "120.13, x",
  ];
  for (const text of texts) {
    assert.equal(parseLonLat(text), null, text);
  }
});

// found with coord-convert, an independent program
test("the datums are those of an independent program", () => {
  const [wgs, gcj, bd] = [[120.2, 33.4], [120.20483888837349, 33.39852588732468],
    [120.21138301792952, 33.40443444775376]];
  near(gcjFromWgs(...wgs), gcj, 1e-7);
  near(bdFromGcj(...gcj), bd, 1e-9);
  near(toWgs84(...gcj, DATUMS.indexOf("GCJ-02")), wgs, 1e-7);
  near(toWgs84(...bd, DATUMS.indexOf("BD-09")), wgs, 1e-7);
});

test("WGS-84 and CGCS2000 stay as they are", () => {
  assert.deepEqual(toWgs84(120.2, 33.4, DATUMS.indexOf("WGS-84")), [120.2, 33.4]);
  assert.deepEqual(toWgs84(120.2, 33.4, DATUMS.indexOf("CGCS2000")), [120.2, 33.4]);
});
