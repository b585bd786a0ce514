import assert from "node:assert/strict";
import test from "node:test";

import { NEVER, NOT_WANTED, OUTSIDE } from "../../planner/maps/page/codes.js";
import { wideRanks } from "../../planner/maps/page/plan.js";

test("codes of 16 bits become those that compare with a count", () => {
  assert.deepEqual(wideRanks(Uint16Array.of(0, 65532, 65533, 65534, 65535)),
    Int32Array.of(0, 65532, OUTSIDE, NOT_WANTED, NEVER));
});

test("ranks of 32 bits stay, also those that are codes in 16", () => {
  const ranks = Int32Array.of(65532, 65533, 65534, 65535, 70000, OUTSIDE, NOT_WANTED, NEVER);
  assert.deepEqual(wideRanks(ranks), ranks);
});
