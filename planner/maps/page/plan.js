// The plan as the page reads it: streams unpacked, places brought to the grid's own plane.

import { Bundle, joined, summed } from "./bundle.js";
import { NARROW, NEVER, NOT_WANTED, OUTSIDE } from "./codes.js";
import { areaOf, gapsAt, holesAt, openedByDisc } from "./continuity.js";
import { Figures } from "./figures.js";
import { Plane } from "./plane.js";

// "0/120/240" per station, coded by distinct text
function azimuthsOf([texts, codes]) {
  const parsed = texts.map((text) => text.split("/").map(parseFloat).filter(Number.isFinite));
  return codes.map((code) => parsed[code]);
}

export function codedText([texts, codes], i) {
  return texts[codes[i]];
}

/**
 * Ranks as they compare with a count, whatever the width of their stream.
 * @param {Uint16Array | Int32Array} ranks
 * @returns {Int32Array}
 */
export function wideRanks(ranks) {
  if (ranks instanceof Int32Array) return ranks;
  const codes = [OUTSIDE, NOT_WANTED, NEVER]; // from NARROW on
  return Int32Array.from(ranks, (rank) => (rank < NARROW ? rank : codes[rank - NARROW]));
}

const LENGTH_PARTS = 1024; // of a metre

/**
 * What is asked of a layer, and the data of a plan as planner/maps/payload.py makes it; a label is
 * a text by language.
 * @typedef {{name: string, label: Record<string, string>, shape: "area" | "road", deep: boolean,
 *   rule_text: Record<string, string>, rule: {share: number, gap_m: number,
 *   hole_radius_m: number}}} Layer
 * @typedef {{name: string, label: Record<string, string>}} Network
 * @typedef {{label: Record<string, string>, date: string, count: number}} Phase
 * @typedef {Record<string, any> & {grid: import("./plane.js").Grid, layers: Layer[],
 *   networks: Network[], phases: Phase[], levels: string[]}} RawPlan
 */

export class Plan extends Plane {
  /** @param {RawPlan} raw */
  constructor(raw) {
    super(raw.grid);
    this.key = raw.key;
    this.name = raw.name;
    this.title = raw.title;
    this.titles = raw.titles;
    this.as_of = raw.as_of;
    this.crs = raw.crs;
    this.synthetic = raw.synthetic;
    this.notes = raw.notes; // what must be known of the inputs
    this.openstreetmap = raw.openstreetmap;
    this.phases = raw.phases;
    this.networks = raw.networks;
    this.bands = raw.bands;
    this.money = raw.money; // unit of every cost
    this.layers = raw.layers;
    this.levels = raw.levels;
    this.geometry = raw.geometry;
    this.roads = raw.roads;
    this.towns = raw.towns;
    // town, phase, network, level, people, served; see openLater()
    /** @type {[string, number, string, string, number, number][]} */
    this.residents = [];
    this.siteSpacing = raw.site_spacing_m;
    // beyond the border: neither counted nor planned
    this.neighbours = raw.neighbour_stations.map(([network, lon, lat]) => {
      const [gx, gy] = this.place(lon, lat);
      return { network, gx, gy };
    });
    this.verdicts = raw.verdicts;
    this.near_count = raw.near_count;
    this.rules = raw.rules;
    this.units = raw.units;
    this.measures = raw.measures;
    // phase, layer, network and the figures of the measures as texts
    /** @type {{measures: string[], rows: [number, string, number, string[]][]}} */
    this.reception = raw.reception;
    this.load = raw.load; // at which rates are stated, per cent
    this.stated = raw.stated_counts; // at which rules on what is heard are judged
    this.bound = raw.bound;
    this.sources = raw.sources;
    this.changes = raw.changes; // against the plan on the left; undefined where there is none
    this.first = raw.first;
    this.complete = false; // see openLater()
    this.counts = raw.phases.map((phase) => phase.count);
    this.firstCount = this.counts[0];
    this.lastCount = this.counts[this.counts.length - 1];
    /** @type {Map<string, Int32Array>} by "network/level", over all points */
    this.ranks = new Map();
    this.pictures = new Map(); // ranks by which the raster is painted, see picture()
    this.openings = new Map(); // see opening()
    /** @type {any} road samples, see openSamples() */
    this.samples = null;
    /** @type {any} by rank, see openStations() */
    this.stations = null;
    this.pointTown = null;
    /** @type {any} the first bundle, its figures and the runs of its cells, see open() */
    this.numbers = this.figures = this.runs = null;
  }

  // what the first picture needs
  async open() {
    const values = this.numbers = await Bundle.open(this.first);
    this.openCells(values.get("cell/skip"), values.get("cell/run"));
    this.openSamples(values.columns("sample"));
    this.figures = new Figures(this, values);
    this.openStations(values.columns("station"));
    this.keepRanks(values);
  }

  // the rest, when the first picture stands
  async openLater(bundle) {
    const values = await Bundle.open(bundle);
    this.keepRanks(values);
    const { table, band } = values.columns("station");
    Object.assign(this.stations, table, { band });
    this.stations.azimuths = azimuthsOf(table.azimuths_deg);
    this.pointTown = values.get("town");
    this.residents = values.get("residents");
    this.rsrp = values.columns("rsrp"); // by network/phase, whole dB below 0 dBm
    const free = values.columns("free");
    const places = this.placesOf(summed(free.lon), summed(free.lat));
    this.free = { ...places, networks: free.networks, ...free.table, length: free.lon.length };
    this.openRing();
    this.standIn = values.columns("stand_in");
    this.complete = true;
  }

  // bits of the layers that ask for service at a point
  get member() {
    return this.numbers.get("member");
  }

  keepRanks(values) {
    for (const [mode, ranks] of Object.entries(values.columns("rank"))) {
      this.ranks.set(mode, wideRanks(ranks));
    }
  }

  // wanted cells of the grid in ascending order, from runs and what lies between them
  openCells(skips, runs) {
    const cell = new Int32Array(runs.reduce((sum, run) => sum + run, 0));
    const starts = new Int32Array(runs.length);
    for (let k = 0, number = 0, count = 0; k < runs.length; k++) {
      number += skips[k];
      starts[k] = count;
      for (const end = count + runs[k]; count < end;) cell[count++] = number++;
    }
    this.cell = this.paintCell = cell;
    this.paintSource = cell.map((_, i) => i);
    this.runs = { starts, runs };
  }

  // wanted cells jut over outlines or stop short of them: a ring of neighbours takes the rank of
  // the cell beside it, and the picture is clipped at the outline
  openRing() {
    const { columns, rows } = this.grid;
    const { cell, runs: { starts, runs } } = this;
    const known = new Uint8Array(columns * rows);
    for (let i = 0; i < cell.length; i++) known[cell[i]] = 1;
    const ring = new Int32Array(6 * runs.length + 2 * cell.length);
    const source = new Int32Array(ring.length);
    let count = 0;
    for (let k = 0; k < runs.length; k++) {
      const [from, to] = [starts[k], starts[k] + runs[k] - 1];
      for (let row = -columns; row <= columns; row += columns) {
        const first = cell[from] + row - 1;
        const last = cell[to] + row + 1;
        const step = row ? 1 : last - first; // beside the run only its two ends
        for (let number = first; number <= last; number += step) {
          if (known[number] !== 0) continue; // also off the grid
          known[number] = 1;
          ring[count] = number;
          source[count++] = Math.min(Math.max(from + number - first - 1, from), to);
        }
      }
    }
    this.paintCell = joined(cell, ring.subarray(0, count));
    this.paintSource = joined(this.paintSource, source.subarray(0, count));
  }

  // road samples stand behind the cells among the points; `chains` are [first sample, the one
  // behind the last] by road
  openSamples(columns) {
    const { road, length: parts, lon, lat } = columns;
    const starts = [];
    for (let i = 0; i < road.length; i++) if (!i || road[i] !== road[i - 1]) starts.push(i);
    const chains =
      starts.map((start, i) => [start, i + 1 < starts.length ? starts[i + 1] : road.length]);
    const length = Float64Array.from(parts, (value) => value / LENGTH_PARTS);
    const places = this.placesOf(summed(lon), summed(lat));
    const [count, offset] = [road.length, this.cell.length];
    this.samples = { road, length, chains, ...places, count, offset };
  }

  openStations(columns) {
    const { lon, lat, network, state, site } = columns;
    this.stations = { ...this.placesOf(summed(lon), summed(lat)), network, state, site,
      length: lon.length };
    const seen = new Map(); // stations of one site stand side by side
    const beside = new Int8Array(lon.length);
    for (let i = 0; i < lon.length; i++) {
      const before = seen.get(site[i]) || 0;
      beside[i] = before;
      seen.set(site[i], before + 1);
    }
    this.stations.beside = beside;
  }

  /**
   * Ranks at which the points are first served by a network at a level.
   * @param {number} network
   * @param {number} level
   * @returns {any} an Int32Array; see codes.js
   */
  wanted(network, level) {
    return this.ranks.get(`${network}/${level}`);
  }

  // name of the layer that a road sample belongs to
  layerOfSample(i) {
    return this.roads[this.samples.road[i]].layer;
  }

  // gaps along the roads of all layers that a network leaves at a count, see continuity.js
  gaps(count, network, level) {
    const { chains, length, offset } = this.samples;
    const ranks = this.wanted(network, level).subarray(offset);
    return chains.flatMap((chain) => {
      const name = this.layerOfSample(chain[0]);
      const { rule } = this.layers.filter((one) => one.name === name)[0];
      return gapsAt(ranks, length, [chain], rule, count).map((gap) => ({ ...gap, network }));
    });
  }

  // holes of an area layer that a network leaves at a count: their cells, ha and middle
  holes(count, network, level, layerPlace) {
    const layer = this.layers[layerPlace];
    const known = this.figures.at(count, layer.name, this.networks[network].name,
      this.levels[level], "holes");
    if (!known) return []; // the table of measures says so: nothing to look for
    const { area, opened } = this.opening(network, level, layerPlace);
    const holes = holesAt(area, opened, count)
      .map((places) => this.holeOf(places.map((i) => area.cells[i])));
    return holes.map((hole) => ({ ...hole, network, layer }));
  }

  holeOf(cells) {
    const { columns, step } = this.grid;
    let [area, gx, gy] = [0, 0, 0];
    for (const cell of cells) {
      const row = Math.floor(cell / columns);
      area += this.cellArea(row) / 10000;
      gx += ((cell % columns) + 0.5) * step;
      gy += (row + 0.5) * step;
    }
    return { cells, area, gx: gx / cells.length, gy: gy / cells.length };
  }

  // the cells that a layer asks for, and the greatest count at which each lies in a hole
  opening(network, level, layerPlace) {
    const key = `${network}/${level}/${layerPlace}`;
    if (!this.openings.has(key)) {
      const ranks = this.wanted(network, level);
      const places = Array.from(this.cell.keys())
        .filter((i) => this.member[i] & (1 << layerPlace) && ranks[i] !== NOT_WANTED);
      const area = areaOf(places.map((i) => this.cell[i]), this.grid, this.layers[layerPlace].rule);
      this.openings.set(key,
        { area, opened: openedByDisc(area, places.map((i) => ranks[i]), this.firstCount) });
    }
    return this.openings.get(key);
  }

  // Ranks by which places are painted, for one network or all (-1): `full` from which a place is
  // served in full, `part` from which in part. NOT_WANTED where nothing is asked for.
  picture(network, level) {
    const key = `${network}/${level}`;
    if (!this.pictures.has(key)) this.pictures.set(key, this.combine(network, level));
    return this.pictures.get(key);
  }

  combine(network, level) {
    if (network >= 0) {
      const full = this.wanted(network, level);
      return { full, part: level ? this.wanted(network, 0) : full };
    }
    const all = this.networks.map((_, k) => this.wanted(k, level));
    const full = Int32Array.from(all[0]);
    const part = Int32Array.from(all[0]);
    for (const ranks of all.slice(1)) {
      for (let i = 0; i < ranks.length; i++) {
        if (full[i] === NOT_WANTED) full[i] = part[i] = ranks[i];
        else if (ranks[i] !== NOT_WANTED) {
          full[i] = Math.max(full[i], ranks[i]);
          part[i] = Math.min(part[i], ranks[i]);
        }
      }
    }
    return { full, part };
  }

  phaseOf(rank) {
    const at = this.counts.findIndex((count) => rank < count);
    return at < 0 ? this.counts.length - 1 : at;
  }

  // phase that a count belongs to: the first whose number it does not pass
  phaseAt(count) {
    return this.phaseOf(count - 1);
  }

  // the last phase whose number of stations a count has reached
  phaseReached(count) {
    return this.counts.filter((one) => one <= count).length - 1;
  }

  townName(point) {
    return this.pointTown ? this.towns.names[this.pointTown[point]] : "";
  }

  // wanted cells stand in ascending order
  pointOfCell(number) {
    let [low, high] = [0, this.cell.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cell[middle] < number) low = middle + 1;
      else high = middle;
    }
    return this.cell[low] === number ? low : -1;
  }

  pointAt(gx, gy) {
    const column = Math.floor(gx / this.grid.step);
    const row = Math.floor(gy / this.grid.step);
    return this.pointOfCell(row * this.grid.columns + column);
  }
}
