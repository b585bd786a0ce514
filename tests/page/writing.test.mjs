import assert from "node:assert/strict";
import test from "node:test";

import {
  figureParts, lengthText, openWriting, percent, rounded,
} from "../../planner/maps/page/writing.js";

/** @type {[number | null, number, number, string][]} */
const STEPS = [[1000, 1, 0, "m"], [null, 1000, 1, "km"]];

test("numbers are rounded with halves up", () => {
  assert.deepEqual([0.05, 0.25, 0.349999, 2, -0.05].map((value) => rounded(value, 1)),
    ["0.1", "0.3", "0.3", "2.0", "0.0"]);
  assert.deepEqual([0.949, 0.95, 1].map(percent), ["94.9", "95.0", "100.0"]);
});

test("sizes are written by their form, lengths in the steps of the data", () => {
  openWriting({ share_steps: 1000, level_steps: 10, length_steps: STEPS });
  assert.deepEqual(figureParts("share", 188), ["18.8", "%"]);
  assert.deepEqual(figureParts("count", 3), ["3", ""]);
  assert.deepEqual(figureParts("level", 23), ["2.3", "dB"]);
  assert.deepEqual([999.4, 999.5, 1049.6, 1050, 10949].map(lengthText),
    ["999 m", "1.0 km", "1.1 km", "1.1 km", "10.9 km"]);
});
