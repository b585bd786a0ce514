import assert from "node:assert/strict";
import test from "node:test";

import { NEVER, NOT_WANTED } from "../../planner/maps/page/codes.js";
import { areaOf, gapsAt, holesAt, openedByDisc } from "../../planner/maps/page/continuity.js";

const GRID = { columns: 8, cell_m: 50 };
const holes = (cells, ranks, radius, count) => {
  const area = areaOf(cells, GRID, { hole_radius_m: radius });
  return holesAt(area, openedByDisc(area, ranks, 0), count)
    .map((hole) => hole.map((i) => cells[i]).sort((a, b) => a - b));
};
const block = (rows, columns) => rows.flatMap((row) => columns.map((column) => 8 * row + column));

test("ten samples of 50 m are not over 500 m, a metre more is", () => {
  const ranks = new Array(10).fill(NEVER);
  const gap = (lengths) => gapsAt(ranks, lengths, [[0, 10]], { gap_m: 500 }, 3);
  assert.deepEqual(gap(new Array(10).fill(50)), [{ from: 0, to: 9, length: 500, over: false }]);
  assert.equal(gap(new Array(10).fill(50.0625))[0].over, true);
});

test("a gap ends where a sample is served, another chain begins or nothing is asked for", () => {
  const ranks = [5, 9, 2, 7, 7, NOT_WANTED, 8, NEVER];
  const found = gapsAt(ranks, new Array(8).fill(50), [[0, 4], [4, 8]], { gap_m: 80 }, 5);
  assert.deepEqual(found, [
    { from: 0, to: 1, length: 100, over: true }, { from: 3, to: 3, length: 50, over: false },
    { from: 4, to: 4, length: 50, over: false }, { from: 6, to: 7, length: 100, over: true }]);
  // rank 0 is dark at 0
  assert.deepEqual(gapsAt(ranks, new Array(8).fill(50), [[0, 4]], { gap_m: 80 }, 0)
    .map((gap) => gap.to), [3]);
});

test("a hole is where a disc fits inside the layer, not along its edge", () => {
  const cells = block([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]);
  const dark = cells.map(() => NEVER);
  assert.deepEqual(holes(cells, dark, 50, 9),
    [cells.filter((cell) => ![0, 4, 32, 36].includes(cell))]);
  // a strip of two
  assert.deepEqual(holes(block([0, 1], [0, 1, 2, 3, 4]), dark.slice(0, 10), 50, 9), []);
});

test("the grid's edge is the layer's edge too, and rows do not run on behind it", () => {
  const cells = block([0, 1, 2], [6, 7]).concat(block([1, 2, 3], [0, 1])).sort((a, b) => a - b);
  assert.deepEqual(holes(cells, cells.map(() => NEVER), 50, 1), []);
});

test("a hole falls apart as ranks come", () => {
  const cells = block([0, 1, 2], [0, 1, 2, 3, 4, 5, 6]);
  const ranks = cells.map((cell) => (cell % 8 === 3 ? 4 : 9));
  const sizes = (count) => holes(cells, ranks, 50, count).map((hole) => hole.length);
  assert.deepEqual([3, 4, 5, 9, 10].map(sizes), [[17], [17], [5, 5], [5, 5], []]);
});

test("discs that touch by corners are one hole", () => {
  const cells = [1, 8, 9, 10, 17, 19, 26, 27, 28, 35]; // two crosses
  assert.deepEqual(holes(cells, cells.map(() => NEVER), 50, 1), [cells]);
});

test("an area without cells has no holes", () => {
  assert.deepEqual(holes([], [], 100, 0), []);
});
