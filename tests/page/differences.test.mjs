import assert from "node:assert/strict";
import test from "node:test";

import { differences, stationPairs } from "../../planner/maps/page/differences.js";

const plan = (station_id, network, changes) => ({ stations: { station_id, network }, changes });

test("stations pair by id, but as the table of changes tells where it tells", () => {
  const left = plan(["a", "b", "c", "d"], [0, 1, 0, 0]);
  const right = plan(["b", "a", "x", "e"], [1, 0, 0, 1], { moved: [[2, 2]], retimed: [[0, 1]] });
  assert.deepEqual(stationPairs(left, right),
    [[0, 1, "retimed"], [1, 0, ""], [2, 2, "moved"], [3, -1, ""], [-1, 3, ""]]);
  assert.deepEqual(differences({ plan: left, count: 4, network: -1 },
    { plan: right, count: 4, network: -1 }), {
    moved: [[2, 2]], retimed: [[0, 1]], common: [[1, 0]], onlyLeft: [3], onlyRight: [3] });
});

test("what neither side shows yet differs in nothing, and one network is seen alone", () => {
  const left = plan(["a", "b"], [0, 1]);
  const right = plan(["b", "a"], [1, 0], { moved: [], retimed: [] });
  assert.deepEqual(differences({ plan: left, count: 1, network: -1 },
    { plan: right, count: 1, network: -1 }), {
    moved: [], retimed: [], common: [], onlyLeft: [0], onlyRight: [0] });
  const ofOne = [left, right].map((plan) => ({ plan, count: 2, network: 1 }));
  assert.deepEqual(differences(...ofOne).common, [[1, 0]]);
});

test("two counts of one plan only add", () => {
  const one = plan(["a", "b", "c"], [0, 0, 0], { moved: [[0, 1]], retimed: [] });
  assert.deepEqual(differences({ plan: one, count: 1, network: -1 },
    { plan: one, count: 3, network: -1 }), {
    moved: [], retimed: [], common: [[0, 0]], onlyLeft: [], onlyRight: [1, 2] });
});

test("each side has its networks in its own order, or lacks the one that is shown", () => {
  const left = plan(["a", "b", "c"], [1, 0, 0]);
  const right = plan(["a", "b", "d"], [0, 1, 0], { moved: [], retimed: [] });
  const at = (network) => differences({ plan: left, count: 3, network },
    { plan: right, count: 3, network: 0 });
  assert.deepEqual(at(1),
    { moved: [], retimed: [], common: [[0, 0]], onlyLeft: [], onlyRight: [2] });
  assert.deepEqual(at(null), { moved: [], retimed: [], common: [], onlyLeft: [], onlyRight: [2] });
});
