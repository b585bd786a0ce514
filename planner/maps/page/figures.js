// Every figure that is shown: looked up in the plan's table of measures at the count, never
// computed here.

/**
 * What is said of a layer: share of its ground, whether it passes, the rules that fail as [code,
 * form, size as the whole number from which it is written], the longest gap in m, holes, and the
 * count from which it passes, -1 for never, and what it hangs on as [code, figure].
 * @typedef {{share: number, passes: boolean, failing: [string, string, number][],
 *   longest: number | null, holes: number | null, from: number,
 *   hanging: [string, number][]}} Verdict
 */

export class Figures {
  /**
   * Per column of the table: its first value, and the steps from count to count.
   * @param {any} plan what is measured: measures, verdicts, rules, layers, networks and levels of
   *   the plan's data
   * @param {{get: (name: string) => any}} numbers
   */
  constructor(plan, numbers) {
    this.plan = plan;
    this.start = plan.measures.start;
    this.rows = plan.measures.counts;
    this.starts = numbers.get("measure/start");
    this.steps = numbers.get("measure/step");
    this.columns = new Map(plan.measures.columns.map((column, place) => {
      const [layer, network, level, measure, scale] = column;
      return [`${layer}/${network}/${level}/${measure}`, { place, scale, values: null }];
    }));
    this.covered = Float32Array.from(numbers.get("covered"), (value) => value / 60000);
    this.passing = new Map(
      plan.verdicts.map((row) => [`${row.layer}/${row.network}/${row.level}`, row]));
  }

  // a column is summed up when it is first asked for
  column(layer, network, level, measure) {
    const column = this.columns.get(`${layer}/${network}/${level}/${measure}`);
    if (column && !column.values) column.values = this.summed(column.place);
    return column;
  }

  summed(place) {
    const values = new Int32Array(this.rows);
    values[0] = this.starts[place];
    for (let i = 1, at = place * (this.rows - 1); i < this.rows; i++) {
      values[i] = values[i - 1] + this.steps[at++];
    }
    return values;
  }

  /**
   * Null where the table has no figure.
   * @param {number} count
   * @param {string} layer
   * @param {string} network
   * @param {string} level
   * @param {string} measure
   * @returns {number | null}
   */
  at(count, layer, network, level, measure) {
    const column = this.column(layer, network, level, measure);
    if (!column) return null;
    const value = column.values[Math.min(Math.max(count - this.start, 0), this.rows - 1)];
    return value < 0 ? null : value / column.scale;
  }

  /**
   * @param {string} layer
   * @param {string} network
   * @param {string} level
   * @param {string} measure
   */
  series(layer, network, level, measure) {
    const column = this.column(layer, network, level, measure);
    return column && Float32Array.from(column.values, (value) => value / column.scale);
  }

  district(count, measure) {
    return this.at(count, "", "", "", measure);
  }

  /**
   * Null where nothing is asked for at the level.
   * @param {number} count
   * @param {import("./plan.js").Layer} layer
   * @param {string} network
   * @param {string} level
   * @returns {Verdict | null}
   */
  verdict(count, layer, network, level) {
    const get = (measure) => this.at(count, layer.name, network, level, measure);
    const share = get("share");
    if (share === null) return null;
    const row = this.passing.get(`${layer.name}/${network}/${level}`);
    const passes = get("passes") === 1;
    return {
      share, passes, failing: this.failing(get), longest: get("longest_m"),
      holes: get("holes"), from: row?.passing_count,
      hanging: row ? this.turning(count, passes, row) : [],
    };
  }

  /**
   * As planner.rules.turning; between the phases the signal's reserve is not known.
   * @param {number} count
   * @param {boolean} passes
   * @param {any} row of the plan's verdicts
   * @returns {[string, number][]}
   */
  turning(count, passes, row) {
    const kind = passes ? "spare" : "short";
    const reserve = row.reserve_db[this.plan.phases.findIndex((phase) => phase.count === count)];
    const stations = passes ? count - row.passing_count : row.passing_count - count;
    const isNear = row.passing_count >= 0 && stations >= 0
      && stations < this.plan.near_count * count;
    /** @type {[string, number][]} */
    const found = [];
    if (typeof reserve === "number") found.push([`${kind}_db`, Math.abs(reserve)]);
    if (isNear && count > this.plan.phases[0].count) found.push([`${kind}_stations`, stations]);
    return found;
  }

  /**
   * As planner.rules.failing.
   * @param {(measure: string) => number | null} get
   * @returns {[string, string, number][]}
   */
  failing(get) {
    return Object.entries(this.plan.rules).flatMap(([code, form]) => {
      const size = get(`fail_${code}`) || 0;
      return size > 0 ? [[code, form, size]] : [];
    });
  }

  // verdicts of all layers and the networks shown, in the order of the table
  verdicts(count, networks, level) {
    return this.plan.layers.flatMap((layer) => networks.map((k) => ({
      layer, network: k,
      verdict: this.verdict(count, layer, this.plan.networks[k].name, this.plan.levels[level]),
    }))).filter((row) => row.verdict);
  }
}
