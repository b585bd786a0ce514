// Marks of the reviewers as data: what is one, and how files of several reviewers are merged. A
// mark: {id, kind, station_id, lon, lat, reason, note, reviewer, plan, count}, and for a comment on
// an area its ring `area`, in whose middle lon and lat lie. The id is made from reviewer and
// number, so that reading a file twice changes nothing.

import { isRing, sixDecimals } from "./ring.js";

/**
 * @typedef {{id: string, kind: string, station_id: string, lon: number, lat: number,
 *   reason: string, note: string, reviewer: string, plan: string, count: number,
 *   area?: [number, number][]}} Mark
 */

const MARK_KINDS = ["accept", "object", "propose", "comment"];
export const MARK_FORMAT = "planner-review";

function isText(value, longest) {
  return typeof value === "string" && value.length <= longest;
}

/**
 * Whether a value from a file or the browser's store is a mark.
 * @param {any} mark
 * @returns {boolean}
 */
export function isMark(mark) {
  return Boolean(mark) && typeof mark === "object" && MARK_KINDS.includes(mark.kind)
    && isText(mark.id, 200) && mark.id
    && Number.isFinite(mark.lon) && Number.isFinite(mark.lat)
    && Math.abs(mark.lon) <= 180 && Math.abs(mark.lat) < 86
    && isText(mark.station_id, 200) && isText(mark.reason, 200)
    && isText(mark.note, 2000) && isText(mark.reviewer, 100)
    && (!hasArea(mark) || (mark.kind === "comment" && isRing(mark.area)));
}

function hasArea(mark) {
  return mark.area !== undefined && mark.area !== null;
}

/**
 * The number after the last of the marks' own.
 * @param {Mark[]} marks
 */
export function nextNumber(marks) {
  return 1 + marks.reduce((most, mark) => Math.max(most, Number(mark.id.split("#").pop()) || 0), 0);
}

/**
 * The same mark read twice stays one; another reviewer's mark under the same id gets an id of its
 * own.
 * @param {Mark[]} own
 * @param {Mark[]} others
 */
export function merged(own, others) {
  const content = (mark) => JSON.stringify([
    mark.kind, mark.station_id, mark.lon, mark.lat, mark.reason, mark.note, mark.reviewer,
    mark.area,
  ]);
  const marks = own.slice();
  const seen = new Set(own.map(content));
  const ids = new Set(own.map((mark) => mark.id));
  let [added, known] = [0, 0];

  for (const other of others) {
    const { id, kind, station_id, lon, lat, reason, note, reviewer, area } = other;
    const [plan, count] = [String(other.plan || ""), Number(other.count) || 0];
    /** @type {Mark} */
    const mark = { id, kind, station_id, lon, lat, reason, note, reviewer, plan, count };
    if (area) mark.area = area.map(sixDecimals);
    if (seen.has(content(mark))) {
      known++;
      continue;
    }

    // two browsers number their marks by themselves: one of two gives way
    for (let k = 2; ids.has(mark.id); k++) mark.id = `${id}~${k}`;
    ids.add(mark.id);
    seen.add(content(mark));
    marks.push(mark);
    added++;
  }
  return { marks, added, known };
}
