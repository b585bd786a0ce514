import assert from "node:assert/strict";
import test from "node:test";

import { isMark, merged, nextNumber } from "../../planner/maps/page/marks.js";

const MARK = {
  id: "张#1", kind: "object", station_id: "A", lon: 120.1, lat: 33.3, reason: "建设问题", note: "太近",
  reviewer: "张", plan: "k", count: 654,
};
const RING = [[120.1, 33.3], [120.11, 33.3], [120.11, 33.31]];

test("only what has every field in its kind is a mark", () => {
  assert.ok(isMark(MARK));
  assert.ok(isMark({ ...MARK, kind: "comment", area: RING }));
  assert.ok(isMark({ ...MARK, area: null }));
  const others = [
    null, "mark", {}, { ...MARK, kind: "delete" }, { ...MARK, id: "" }, { ...MARK, lon: "120" },
    { ...MARK, lat: NaN }, { ...MARK, lat: 89 },
    { ...MARK, note: "x".repeat(2001) }, { ...MARK, reviewer: 5 }, { ...MARK, area: RING },
    { ...MARK, kind: "comment", area: RING.slice(1) },
  ];
  for (const other of others) assert.ok(!isMark(other), JSON.stringify(other));
});

test("a file read twice adds nothing", () => {
  const first = merged([], [MARK]);
  assert.deepEqual(first, { marks: [MARK], added: 1, known: 0 });
  assert.deepEqual(merged(first.marks, [MARK]), { marks: [MARK], added: 0, known: 1 });
});

test("another mark under a known id gets an id of its own", () => {
  const other = { ...MARK, note: "好" };
  const { marks, added } = merged([MARK], [other, { ...other, note: "更好" }]);
  assert.equal(added, 2);
  assert.deepEqual(marks.map((mark) => mark.id), ["张#1", "张#1~2", "张#1~3"]);
});

test("only the fields of a mark are kept, its ring in six decimals", () => {
  const fine = [[120.12345678, 33], [121, 33], [121, 34]];
  const strange = { ...MARK, kind: "comment", evil: 1, plan: undefined, count: "x", area: fine };
  const { marks } = merged([], [strange]);
  const area = [[120.123457, 33], [121, 33], [121, 34]];
  assert.deepEqual(marks, [{ ...MARK, kind: "comment", plan: "", count: 0, area }]);
});

test("the next number follows the largest", () => {
  assert.equal(nextNumber([]), 1);
  assert.equal(nextNumber([MARK, { ...MARK, id: "李#7" }, { ...MARK, id: "odd" }]), 8);
});
