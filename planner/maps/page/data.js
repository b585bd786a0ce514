// The plan as the page reads it: streams unpacked, places brought to the grid's own plane.
// That plane is Web Mercator metres from the grid's north-west corner, x east and y south.

const NEVER = 65535;
const NOT_WANTED = 65534;
const UNHEARD = 255;
const EARTH = 6378137;
const KINDS = { u8: Uint8Array, u16: Uint16Array, i16: Int16Array, i32: Int32Array };

async function inflate(base64, length) {
  const text = atob(base64);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter(); // a Blob's own stream would take a way through another process
  writer.write(packed);
  writer.close();
  const bytes = new Uint8Array(length);
  const reader = stream.readable.getReader();
  for (let at = 0, next; !(next = await reader.read()).done; at += next.value.length) bytes.set(next.value, at);
  return bytes;
}

// parts by name, each read when it is first asked for
class Bundle {
  static async open({ parts, zlib }) {
    return new Bundle(parts, await inflate(zlib, parts.reduce((sum, [, , length]) => sum + length, 0)));
  }

  constructor(parts, bytes) {
    this.values = new Map();
    this.parts = new Map();
    let at = 0;
    for (const [name, kind, length] of parts) {
      this.parts.set(name, [kind, bytes.subarray(at, at + length)]);
      at += length;
    }
  }

  get(name) {
    if (!this.values.has(name) && this.parts.has(name)) this.values.set(name, readPart(...this.parts.get(name)));
    return this.values.get(name);
  }

  // parts whose names begin with a word
  columns(word) {
    const names = Array.from(this.parts.keys()).filter((name) => name.startsWith(`${word}/`));
    return Object.fromEntries(names.map((name) => [name.slice(word.length + 1), this.get(name)]));
  }
}

function readPart(kind, bytes) {
  return kind === "json" ? JSON.parse(new TextDecoder().decode(bytes)) : numbers(bytes, KINDS[kind]);
}

// the bytes of wider numbers come as planes: all low bytes, then all second bytes ...
function numbers(bytes, Kind) {
  const width = Kind.BYTES_PER_ELEMENT;
  if (width === 1) return bytes;
  const count = bytes.length / width;
  const values = new Kind(count);
  for (let i = 0; i < count; i++) values[i] = bytes[i] | (bytes[count + i] << 8);
  if (width === 4) for (let i = 0; i < count; i++) values[i] |= (bytes[2 * count + i] << 16) | (bytes[3 * count + i] << 24);
  return values;
}

function joined(first, second) {
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function summed(steps) {
  for (let i = 1; i < steps.length; i++) steps[i] += steps[i - 1];
  return steps;
}

function readData(id) {
  const node = document.getElementById(id);
  return node && JSON.parse(node.textContent);
}

function mercator(lon, lat) {
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  return [(EARTH * lon * Math.PI) / 180, EARTH * y];
}

// "0/120/240" per station, coded by distinct text
function azimuthsOf([texts, codes]) {
  const parsed = texts.map((text) => text.split("/").map(parseFloat).filter(Number.isFinite));
  return codes.map((code) => parsed[code]);
}

class Plan {
  constructor(raw) {
    Object.assign(this, raw);
    this.counts = raw.phases.map((phase) => phase.count);
    this.firstCount = this.counts[0];
    this.lastCount = this.counts[this.counts.length - 1];
    this.ranks = new Map(); // "network/level" -> Uint16Array over all points
    this.pictures = new Map(); // ranks by which the raster is painted, see picture()
  }

  // place of a position in the grid's plane
  place(lon, lat) {
    const [x, y] = mercator(lon, lat);
    return [x - this.grid.west, this.grid.north - y];
  }

  lonlat(gx, gy) {
    const x = gx + this.grid.west;
    const y = this.grid.north - gy;
    return [(x / EARTH) * (180 / Math.PI), (2 * Math.atan(Math.exp(y / EARTH)) - Math.PI / 2) * (180 / Math.PI)];
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
    this.stations.azimuths = table.azimuths_deg ? azimuthsOf(table.azimuths_deg) : null;
    this.pointTown = values.get("town");
    this.rsrp = values.columns("rsrp"); // by network/phase, whole dB below 0 dBm
    const free = values.columns("free");
    this.free = { ...this.placesOf(summed(free.lon), summed(free.lat)), networks: free.networks, ...free.table, length: free.lon.length };
    this.openRing();
    this.standIn = values.columns("stand_in");
    this.complete = true;
  }

  // bits of the layers that ask for service at a point
  get member() {
    return this.numbers.get("member");
  }

  keepRanks(values) {
    for (const [mode, ranks] of Object.entries(values.columns("rank"))) this.ranks.set(mode, ranks);
  }

  placesOf(lon, lat) {
    const gx = new Float64Array(lon.length);
    const gy = new Float64Array(lon.length);
    const { west, north } = this.grid;
    const radian = Math.PI / 180e6;
    for (let i = 0; i < lon.length; i++) { // as place() does, without its pairs: thousands at the start
      gx[i] = EARTH * lon[i] * radian - west;
      gy[i] = north - EARTH * Math.log(Math.tan(Math.PI / 4 + (lat[i] * radian) / 2));
    }
    return { lon, lat, gx, gy };
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

  // wanted cells jut over outlines or stop short of them: a ring of neighbours takes the rank of the cell beside it,
  // and the picture is clipped at the outline
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
    this.raster = null;
  }

  openSamples({ road, length_dm: length, lon, lat }) {
    this.samples = { road, length, ...this.placesOf(summed(lon), summed(lat)), count: road.length, offset: this.cell.length };
    const starts = [0];
    for (let i = 1; i < road.length; i++) if (road[i] !== road[i - 1]) starts.push(i);
    this.samples.chains = starts.map((start, i) => [start, i + 1 < starts.length ? starts[i + 1] : road.length]);
    if (!road.length) this.samples.chains = [];
  }

  openStations({ lon, lat, network, state, site }) {
    this.stations = { ...this.placesOf(summed(lon), summed(lat)), network, state, site, length: lon.length };
    const seen = new Map(); // stations of one site stand side by side
    const beside = new Int8Array(lon.length);
    for (let i = 0; i < lon.length; i++) {
      const before = seen.get(site[i]) || 0;
      beside[i] = before;
      seen.set(site[i], before + 1);
    }
    this.stations.beside = beside;
  }

  wanted(network, level) {
    return this.ranks.get(`${network}/${level}`);
  }

  // Ranks by which places are painted, for one network or all (-1): `full` from which a place is served in full,
  // `part` from which in part. NOT_WANTED where nothing is asked for.
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
    const full = Uint16Array.from(all[0]);
    const part = Uint16Array.from(all[0]);
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
