import assert from "node:assert/strict";
import test from "node:test";

import { Figures } from "../../planner/maps/page/figures.js";

const LAYER = { name: "core", shape: "area", rule: { share: 0.95 } };
const NUMBERS = new Map([
  ["measure/start", Int32Array.of(900, 0, 3, 12, 50, 0)],
  ["measure/step", Int16Array.of(40, 20, 0, 1, -1, -2, 1, -20, -40, -10, 700, -300)],
  ["covered", Uint16Array.of(30000, 45000, 60000)],
]);
const PLAN = {
  layers: [LAYER, { ...LAYER, name: "park" }], networks: [{ name: "m" }], levels: ["outdoor"],
  rules: { share: "share", gap: "length", hole: "count" },
  measures: {
    start: 10, counts: 3,
    columns: [["core", "m", "outdoor", "share", 1000], ["core", "m", "outdoor", "passes", 1],
      ["core", "m", "outdoor", "holes", 1],
      ["", "", "", "cost_wan", 10], ["core", "m", "outdoor", "fail_share", 1],
      ["core", "m", "outdoor", "fail_gap", 1]],
  },
  verdicts: [{
    layer: "core", network: "m", level: "outdoor", passing_count: 12, reserve_db: [null, -0.3],
  }],
  phases: [{ count: 10 }, { count: 12 }], near_count: 0.1,
};
const figures = () => new Figures(PLAN, NUMBERS);

test("figures are looked up at the count, the table's ends beyond it", () => {
  const share = (count) => figures().at(count, "core", "m", "outdoor", "share");
  assert.deepEqual([9, 10, 11, 12, 13].map(share), [0.9, 0.9, 0.94, 0.96, 0.96]);
  assert.equal(figures().at(11, "core", "m", "deep", "share"), null);
  assert.equal(figures().district(11, "cost_wan"), 1.3);
  assert.equal(figures().district(12, "cost_wan"), null); // -7 stands for none
  assert.deepEqual(figures().covered, Float32Array.of(0.5, 0.75, 1));
});

test("a series is the whole column", () => {
  assert.deepEqual(figures().series("core", "m", "outdoor", "holes"), Float32Array.of(3, 2, 0));
  assert.equal(figures().series("park", "m", "outdoor", "holes"), undefined);
});

test("a verdict gathers its layer's figures and failing rules; without rules there is none", () => {
  const rows = figures().verdicts(11, [0], 0);
  assert.deepEqual(rows.map((row) => row.layer.name), ["core"]);
  assert.deepEqual(rows[0].verdict, {
    share: 0.94, passes: false, failing: [["share", "share", 10], ["gap", "length", 700]],
    longest: null, holes: 2, from: 12, hanging: [["short_stations", 1]] });
  assert.deepEqual(figures().verdict(10, LAYER, "m", "outdoor").hanging, []);
  const later = figures().verdict(12, LAYER, "m", "outdoor");
  assert.deepEqual(later.hanging, [["spare_db", 0.3], ["spare_stations", 0]]);
  assert.equal(later.passes, true);
  assert.deepEqual(later.failing, [["gap", "length", 400]]);
});
