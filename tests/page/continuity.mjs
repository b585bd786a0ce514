// Reads layers as JSON, finds the gaps and holes of each at its counts as the page does, and writes
// them as JSON.

import { readFileSync } from "node:fs";

import { areaOf, gapsAt, holesAt, openedByDisc } from "../../planner/maps/page/continuity.js";

function found({ shape, ranks, lengths, chains, cells, grid, rule, counts }) {
  if (shape === "road") return counts.map((count) => gapsAt(ranks, lengths, chains, rule, count));
  const area = areaOf(cells, grid, rule);
  const opened = openedByDisc(area, ranks, Math.min(...counts));
  return counts.map((count) => holesAt(area, opened, count));
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(found)));
