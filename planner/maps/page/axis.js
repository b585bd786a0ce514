// The axis of counts: where a count and a share lie, its years and labels, and curves along it.

/**
 * @typedef {{left: number, width: number, height: number, top: number, bottom: number,
 *   x: (count: number) => number, y: (share: number) => number}} Axis
 */

/**
 * An axis from `first` to `last` count over `width` px from `left` on; shares from 0 at `bottom` to
 * 1 at `top`.
 * @param {{first: number, last: number, left: number, width: number, height: number, top: number,
 *   bottom: number}} box
 * @returns {Axis}
 */
export function makeAxis({ first, last, left, width, height, top, bottom }) {
  const span = Math.max(last - first, 1);
  return {
    left, width, height, top, bottom,
    x: (count) => left + ((count - first) / span) * width,
    y: (share) => bottom - share * (bottom - top),
  };
}

/**
 * Ends of years between phases, spread evenly in time.
 * @param {{date: string, count: number}[]} phases
 */
export function yearTicks(phases) {
  const ticks = [];
  phases.slice(1).forEach((phase, i) => {
    const before = phases[i];
    const [from, to] = [Date.parse(before.date), Date.parse(phase.date)];
    const [first, last] = [before, phase].map(({ date }) => Number(date.slice(0, 4)));
    const step = phase.count - before.count;
    for (let year = first; year < last; year++) {
      const at = Date.parse(`${year}-12-31`);
      if (at <= from || at >= to) continue;
      ticks.push({ year, count: Math.round(before.count + (step * (at - from)) / (to - from)) });
    }
  });
  return ticks;
}

/**
 * Labels under the axis that do not overlap: all main ones, of the others those that have room.
 * @template {{count: number, text: string, main: boolean}} Label
 * @param {Label[]} labels
 * @param {(count: number) => number} x
 */
export function placedLabels(labels, x) {
  const kept = [];
  const mainFirst = (a, b) => Number(b.main) - Number(a.main) || a.count - b.count;
  for (const one of labels.slice().sort(mainFirst)) {
    const placed = { ...one, x: x(one.count), half: one.text.length * (one.main ? 4.6 : 4) + 6 };
    const isFree = (other) => Math.abs(other.x - placed.x) > other.half + placed.half;
    if (one.main || kept.every(isFree)) kept.push(placed);
  }
  return kept;
}

/**
 * A curve of shares from the count `first` on, as the `d` of a path: about one point in 1.5 px.
 * @param {Axis} axis
 * @param {ArrayLike<number>} series
 * @param {number} first
 */
export function curvePath(axis, series, first) {
  const step = Math.max(1, Math.floor((1.5 * series.length) / axis.width));
  const points = [];
  for (let i = 0; i < series.length; i += step) {
    points.push(`${axis.x(first + i).toFixed(1)} ${axis.y(series[i]).toFixed(1)}`);
  }
  return `M${points.join("L")}`;
}

/**
 * The least of several series at each place; null where there are none.
 * @param {Float32Array[]} all
 */
export function leastOf(all) {
  if (!all.length) return null;
  return all[0].map((value, i) => all.reduce((least, series) => Math.min(least, series[i]), value));
}
