// The geometry of a rule: from the ranks at which places are first served, the gaps along roads and
// the holes in areas. At a count, a place is dark when its rank is not below it. The same as the
// plan's own check (planner/plan/continuity.py).

import { NOT_WANTED } from "./codes.js";

const LENGTH_SLACK = 0.5; // m: lengths are judged in whole metres
const SLACK = 1e-9; // a radius of whole cells must not miss a cell by its last bit
// rows and columns of what touches
const AROUND = [[0, -1], [0, 1], [-1, -1], [-1, 0], [-1, 1], [1, -1], [1, 0], [1, 1]];

/**
 * A run of samples `from` to `to`, its length in m, and whether that is over the rule's limit.
 * @typedef {{from: number, to: number, length: number, over: boolean}} Gap
 */

/**
 * Gaps at a count: dark samples that follow each other on one chain.
 * @param {ArrayLike<number>} ranks by sample, NOT_WANTED where nothing is asked for
 * @param {ArrayLike<number>} lengths m by sample
 * @param {[number, number][]} chains first sample of each, and the one behind its last
 * @param {{gap_m: number}} rule
 * @param {number} count
 * @returns {Gap[]}
 */
export function gapsAt(ranks, lengths, chains, rule, count) {
  const gaps = [];
  for (const [start, end] of chains) {
    let from = -1;
    let length = 0;
    for (let i = start; i <= end; i++) {
      if (i < end && ranks[i] >= count && ranks[i] !== NOT_WANTED) {
        if (from < 0) from = i;
        length += lengths[i];
      } else if (from >= 0) {
        gaps.push({ from, to: i - 1, length, over: length > rule.gap_m + LENGTH_SLACK });
        [from, length] = [-1, 0];
      }
    }
  }
  return gaps;
}

/**
 * The cells of an area layer in a box of their own, with a margin as wide as the rule's disc:
 * `spots` in that box, `disc` and `touching` as steps between its spots.
 * @typedef {{cells: ArrayLike<number>, spots: Int32Array, size: number, disc: number[],
 *   touching: number[]}} Area
 */

/**
 * @param {ArrayLike<number>} cells of the grid, of one layer
 * @param {{columns: number, cell_m: number}} grid
 * @param {{hole_radius_m: number}} rule
 * @returns {Area}
 */
export function areaOf(cells, { columns, cell_m: side }, { hole_radius_m: radius }) {
  const reach = Math.floor(radius / side + SLACK);
  const margin = Math.max(reach, 1);
  let [top, low, left, right] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < cells.length; i++) {
    const [row, column] = [Math.floor(cells[i] / columns), cells[i] % columns];
    [top, low] = [Math.min(top, row), Math.max(low, row)];
    [left, right] = [Math.min(left, column), Math.max(right, column)];
  }

  // the margin lets a disc at the border be looked at without asking where the box ends
  const width = right - left + 1 + 2 * margin;
  const spot = (cell) => (Math.floor(cell / columns) - top + margin) * width
    + (cell % columns) - left + margin;

  const disc = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if ((dx * dx + dy * dy) * side * side <= radius * radius * (1 + SLACK)) {
        disc.push(dy * width + dx);
      }
    }
  }

  return {
    cells,
    spots: Int32Array.from(cells, spot),
    size: cells.length ? (low - top + 1 + 2 * margin) * width : 0,
    disc: disc.sort((a, b) => Math.abs(b) - Math.abs(a)), // the far ones first: they fail soonest
    touching: AROUND.map(([dy, dx]) => dy * width + dx),
  };
}

/**
 * By spot of the box, the greatest count at which it lies in a disc without service inside the
 * layer; -1 for never.
 * @param {Area} area
 * @param {ArrayLike<number>} ranks by cell of the layer
 * @param {number} least the least count that is asked for; below it nothing is told apart
 */
export function openedByDisc({ spots, size, disc }, ranks, least) {
  const dark = new Int32Array(size).fill(-1);
  for (let i = 0; i < spots.length; i++) dark[spots[i]] = ranks[i];
  const opened = new Int32Array(size).fill(-1);
  for (const spot of spots) {
    const rank = leastAround(dark, spot, disc, Math.max(least, 0));
    if (rank < 0) continue;
    for (const step of disc) if (opened[spot + step] < rank) opened[spot + step] = rank;
  }
  return opened;
}

// least rank in the disc; -1 where it leaves the layer or is served at every count that is asked
// for
function leastAround(dark, spot, disc, floor) {
  let least = Infinity;
  for (const step of disc) {
    const rank = dark[spot + step];
    if (rank < floor) return -1;
    if (rank < least) least = rank;
  }
  return least;
}

/**
 * Holes at a count: cells that touch and lie in discs without service, as their places in the
 * layer.
 * @param {Area} area
 * @param {Int32Array} opened see openedByDisc()
 * @param {number} count
 * @returns {number[][]}
 */
export function holesAt({ spots, size, touching }, opened, count) {
  const placeOf = new Int32Array(size).fill(-1); // of dark cells that are in no hole yet
  spots.forEach((spot, place) => {
    if (opened[spot] >= count && opened[spot] >= 0) placeOf[spot] = place;
  });

  const holes = [];
  spots.forEach((spot, place) => {
    if (placeOf[spot] < 0) return;
    placeOf[spot] = -1;
    const hole = [place];
    for (const found of hole) { // grows while it is walked
      for (const step of touching) {
        const next = spots[found] + step;
        if (placeOf[next] >= 0) {
          hole.push(placeOf[next]);
          placeOf[next] = -1;
        }
      }
    }
    holes.push(hole);
  });
  return holes;
}
