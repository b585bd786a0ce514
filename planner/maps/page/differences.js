// What differs between two plans, or two counts of one plan.

const pairsOf = new WeakMap(); // by the plan on the left: {right, pairs}

/**
 * Every station of two plans as [rank on the left or -1, rank on the right or -1, "moved",
 * "retimed" or ""].
 * @param {any} left
 * @param {any} right
 * @returns {[number, number, string][]}
 */
export function stationPairs(left, right) {
  const kept = pairsOf.get(left);
  if (kept && kept.right === right) return kept.pairs;
  const ids = right.stations.station_id;
  const rankOf = new Map(ids.map((id, rank) => [id, rank]));
  const kinds = left === right ? [] : ["moved", "retimed"];
  const told =
    new Map(kinds.flatMap((kind) => right.changes[kind].map(([a, b]) => [a, [b, kind]])));
  const taken = new Set(Array.from(told.values(), ([b]) => b));
  const pairs = left.stations.station_id.map((id, a) => {
    if (told.has(a)) return [a, ...told.get(a)];
    const b = rankOf.has(id) ? rankOf.get(id) : -1;
    taken.add(b);
    return [a, b, ""];
  });
  ids.forEach((_, b) => { if (!taken.has(b)) pairs.push([-1, b, ""]); });
  pairsOf.set(left, { right, pairs });
  return pairs;
}

/**
 * What differs at the shown counts, in the networks that the sides show (a place, -1 all, null
 * none). A station, or the pair of a moved one, is in one class only: `moved` and `retimed` as the
 * table of changes says that comes with the page, when a side shows it; `common` on both sides;
 * else `onlyLeft` or `onlyRight`. Two counts of one plan never move or re-time anything.
 * @param {{plan: any, count: number, network: number | null}} left
 * @param {{plan: any, count: number, network: number | null}} right
 */
export function differences(left, right) {
  /** @type {Record<string, any[]>} */
  const result = { moved: [], retimed: [], common: [], onlyLeft: [], onlyRight: [] };
  for (const [a, b, kind] of stationPairs(left.plan, right.plan)) {
    const [onLeft, onRight] = [a >= 0 && a < left.count, b >= 0 && b < right.count];
    if (!(onLeft || onRight) || !(a >= 0 ? shows(left, a) : shows(right, b))) continue;
    if (kind) result[kind].push([a, b]);
    else if (onLeft && onRight) result.common.push([a, b]);
    else if (onLeft) result.onlyLeft.push(a);
    else result.onlyRight.push(b);
  }
  return result;
}

function shows({ plan, network }, rank) {
  return network === -1 || plan.stations.network[rank] === network;
}
