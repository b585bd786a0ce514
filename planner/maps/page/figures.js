// Every figure that is shown: looked up in the plan's table of measures at the count, never computed here.

class Figures {
  // per column of the table: its first value, and the steps from count to count
  constructor(plan, numbers) {
    this.plan = plan;
    this.start = plan.measures.start;
    this.rows = plan.measures.counts;
    this.starts = numbers.get("measure/start");
    this.steps = numbers.get("measure/step");
    this.columns = new Map(plan.measures.columns.map(([layer, network, level, measure, scale], place) => (
      [`${layer}/${network}/${level}/${measure}`, { place, scale, values: null }])));
    this.covered = Float32Array.from(numbers.get("covered"), (value) => value / 60000);
    this.passing = new Map(
      plan.verdicts.map((row) => [`${row.layer}/${row.network}/${row.level}`, row.passing_count]));
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
    for (let i = 1, at = place * (this.rows - 1); i < this.rows; i++) values[i] = values[i - 1] + this.steps[at++];
    return values;
  }

  // null where the table has no figure
  at(count, layer, network, level, measure) {
    const column = this.column(layer, network, level, measure);
    if (!column) return null;
    const value = column.values[Math.min(Math.max(count - this.start, 0), this.rows - 1)];
    return value < 0 ? null : value / column.scale;
  }

  series(layer, network, level, measure) {
    const column = this.column(layer, network, level, measure);
    return column && Float32Array.from(column.values, (value) => value / column.scale);
  }

  district(count, measure) {
    return this.at(count, "", "", "", measure);
  }

  // the verdict on a layer: null where nothing is asked for at the level
  verdict(count, layer, network, level) {
    const get = (measure) => this.at(count, layer.name, network, level, measure);
    const share = get("share");
    if (share === null) return null;
    return {
      share, passes: get("passes") === 1, gaps: get("gaps"), gapsAll: get("gaps_all"), longest: get("longest_m"),
      holes: get("holes"),
      from: this.passing.get(`${layer.name}/${network}/${level}`),
    };
  }

  // verdicts of all layers and the networks shown, in the order of the table
  verdicts(count, networks, level) {
    return this.plan.layers.flatMap((layer) => networks.map((k) => ({
      layer, network: k, verdict: this.verdict(count, layer, this.plan.networks[k].name, this.plan.levels[level]),
    }))).filter((row) => row.verdict);
  }
}

// why a layer fails, in a few signs
function failure(layer, verdict) {
  const limit = layer.rule.share;
  if (verdict.share < limit) {
    const missing = 100 * (limit - verdict.share);
    return t("short_share") + (Math.ceil(missing * 10 - 1e-9) / 10).toFixed(1) + "%";
  }
  if (layer.shape === "road") return t("short_gap") + metres(verdict.longest);
  return t("short_hole") + verdict.holes;
}

// a share that fails must not read as the limit itself
function shareText(verdict, layer) {
  const rounded = percent(verdict.share);
  if (verdict.share < layer.rule.share && Number(rounded) >= 100 * layer.rule.share) return percent(verdict.share, 3);
  return rounded;
}

function ruleText(plan) {
  const texts = [];
  const road = plan.layers.find((layer) => layer.shape === "road");
  const area = plan.layers.find((layer) => layer.shape === "area");
  if (road) texts.push(t("rule_road", +percent(road.rule.share), road.rule.gap_m));
  if (area) texts.push(t("rule_area", +percent(area.rule.share)));
  return texts.join(language ? "; " : "；");
}

// runs of road samples that a network does not serve at a count: [{network, chain, from, to, length, over}]
function roadGaps(plan, count, network, level) {
  const ranks = plan.wanted(network, level);
  const { chains, length, offset, road } = plan.samples;
  const gaps = [];
  for (const [start, end] of chains) {
    const layer = plan.layers.find((one) => one.name === plan.roads[road[start]].layer);
    let from = -1;
    let run = 0;
    for (let i = start; i <= end; i++) {
      const rank = i < end ? ranks[offset + i] : 0;
      if (i < end && rank !== NOT_WANTED && rank >= count) {
        if (from < 0) from = i;
        run += length[i];
      } else if (from >= 0) {
        gaps.push({ network, from, to: i - 1, length: run / 10, over: run / 10 > layer.rule.gap_m + 0.5 });
        from = -1;
        run = 0;
      }
    }
  }
  return gaps;
}

// Holes of a layer at a count: dark cells where a disc of the rule's radius fits inside the layer with nothing served.
// As in the plan's own check: give each cell the greatest count at which it lies in such a disc (opened rank), then
// gather touching cells. [{network, layer, cells, area, gx, gy}], area in ha.
function layerHoles(plan, count, network, level, layerPlace) {
  const known = plan.figures.at(count, plan.layers[layerPlace].name, plan.networks[network].name, plan.levels[level], "holes");
  if (known === 0) return []; // the table of measures says so: nothing to look for
  const opened = openedRanks(plan, network, level, layerPlace);
  const seen = new Set();
  const holes = [];
  for (const cell of opened.cells) {
    if (opened.rank[cell] >= count && !seen.has(cell)) holes.push(gatherHole(plan, opened.rank, cell, count, seen));
  }
  return holes.map((hole) => ({ ...hole, network, layer: plan.layers[layerPlace] }));
}

function gatherHole(plan, opened, start, count, seen) {
  const { columns, step, north } = plan.grid;
  const found = [start];
  seen.add(start);
  let [area, gx, gy] = [0, 0, 0];
  for (const cell of found) {
    const row = Math.floor(cell / columns);
    const scale = 1 / Math.cosh((north - (row + 0.5) * step) / EARTH); // cosine of the latitude
    area += (step * scale) ** 2 / 10000;
    gx += ((cell % columns) + 0.5) * step;
    gy += (row + 0.5) * step;
    for (const next of [-1, 1, -columns - 1, -columns, -columns + 1, columns - 1, columns, columns + 1]) {
      if (opened[cell + next] >= count && !seen.has(cell + next)) {
        seen.add(cell + next);
        found.push(cell + next);
      }
    }
  }
  return { cells: found, area, gx: gx / found.length, gy: gy / found.length };
}

function openedRanks(plan, network, level, layerPlace) {
  const key = `opened/${network}/${level}/${layerPlace}`;
  if (!plan.pictures.has(key)) plan.pictures.set(key, openByDisc(plan, plan.wanted(network, level), layerPlace));
  return plan.pictures.get(key);
}

// {cells of the layer, rank by cell of the grid}: the greatest count at which a cell lies in a disc without service
function openByDisc(plan, ranks, layerPlace) {
  const { columns, rows } = plan.grid;
  const dark = new Uint16Array(columns * rows); // 0 outside the layer, else the rank
  const cells = [];
  for (let i = 0; i < plan.cell.length; i++) {
    if (!(plan.member[i] & (1 << layerPlace)) || ranks[i] === NOT_WANTED) continue;
    dark[plan.cell[i]] = ranks[i];
    cells.push(plan.cell[i]);
  }
  const disc = discSteps(plan, plan.layers[layerPlace].rule.hole_radius_m);
  const rank = new Uint16Array(columns * rows);
  for (const cell of cells) {
    const least = leastAround(dark, cell, disc, plan.firstCount);
    if (!least) continue;
    for (const step of disc) if (rank[cell + step] < least) rank[cell + step] = least;
  }
  return { cells, rank };
}

// least rank in the disc, 0 where it leaves the layer or is served at every count that is shown
function leastAround(dark, cell, disc, floor) {
  let least = NEVER;
  for (const step of disc) {
    const rank = dark[cell + step];
    if (rank < floor || rank === undefined) return 0;
    if (rank < least) least = rank;
  }
  return least;
}

function discSteps(plan, radius) {
  const { cell_m: side, columns } = plan.grid;
  const reach = Math.floor(radius / side + 1e-9);
  const steps = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if ((dx * dx + dy * dy) * side * side <= radius * radius * (1 + 1e-9)) steps.push(dy * columns + dx);
    }
  }
  // the far ones first: they fail soonest
  return steps.sort((a, b) => Math.abs(b) - Math.abs(a));
}
