// The plan as the page reads it: streams unpacked, places brought to the grid's own plane.
// That plane is Web Mercator metres from the grid's north-west corner, x east and y south.

const NEVER = 65535;
const NOT_WANTED = 65534;
const UNHEARD = 255;
const EARTH = 6378137;
const KINDS = { u8: Uint8Array, u16: Uint16Array, i16: Int16Array, i32: Int32Array };

async function inflate(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// parts by name; the bytes of wider numbers come as planes: all low bytes, then all second bytes ...
async function unbundle({ parts, zlib }) {
  const bytes = await inflate(zlib);
  const values = {};
  let at = 0;
  for (const [name, kind, length] of parts) {
    const own = bytes.subarray(at, at + length);
    values[name] = kind === "json" ? JSON.parse(new TextDecoder().decode(own)) : numbers(own, KINDS[kind]);
    at += length;
  }
  return values;
}

function numbers(bytes, Kind) {
  const width = Kind.BYTES_PER_ELEMENT;
  if (width === 1) return bytes;
  const mixed = new Uint8Array(bytes.length); // low byte first, as every browser's machine has it
  for (let plane = 0, at = 0; plane < width; plane++) {
    for (let i = plane; i < mixed.length; i += width) mixed[i] = bytes[at++];
  }
  return new Kind(mixed.buffer);
}

// columns whose names begin with a word
function columnsOf(values, word) {
  const names = Object.keys(values).filter((name) => name.startsWith(`${word}/`));
  return Object.fromEntries(names.map((name) => [name.slice(word.length + 1), values[name]]));
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

function readPlan(id) {
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
    const values = await unbundle(this.first);
    this.member = values.member;
    this.openCells(values.mask);
    this.openSamples(columnsOf(values, "sample"));
    this.figures = new Figures(this, values["measure/start"], values["measure/step"], values.covered);
    this.openStations(columnsOf(values, "station"));
    this.keepRanks(values);
  }

  // the rest, when the first picture stands
  async openLater() {
    const values = await unbundle(this.later);
    this.keepRanks(values);
    const { table, band } = columnsOf(values, "station");
    Object.assign(this.stations, table, { band });
    this.stations.azimuths = table.azimuths_deg ? azimuthsOf(table.azimuths_deg) : null;
    this.pointTown = values.town;
    this.rsrp = columnsOf(values, "rsrp"); // by network/phase, whole dB below 0 dBm
    const free = columnsOf(values, "free");
    this.free = { ...this.placesOf(summed(free.lon), summed(free.lat)), networks: free.networks, ...free.table, length: free.lon.length };
    this.complete = true;
  }

  keepRanks(values) {
    for (const [mode, ranks] of Object.entries(columnsOf(values, "rank"))) this.ranks.set(mode, ranks);
  }

  placesOf(lon, lat) {
    const gx = new Float64Array(lon.length);
    const gy = new Float64Array(lon.length);
    for (let i = 0; i < lon.length; i++) [gx[i], gy[i]] = this.place(lon[i] / 1e6, lat[i] / 1e6);
    return { lon, lat, gx, gy };
  }

  openCells(mask) {
    const cell = new Int32Array(this.member.length);
    let count = 0;
    for (let byte = 0; byte < mask.length; byte++) {
      for (let bits = mask[byte], bit = 0; bits; bits >>= 1, bit++) if (bits & 1) cell[count++] = 8 * byte + bit;
    }
    this.cell = cell.subarray(0, count);
    this.openRing();
  }

  // wanted cells jut over outlines or stop short of them: a ring of neighbours takes the rank of the cell beside it,
  // and the picture is clipped at the outline; cells of a row that follow each other are taken as one run
  openRing() {
    const { columns, rows } = this.grid;
    const { cell } = this;
    const known = new Uint8Array(columns * rows);
    for (let i = 0; i < cell.length; i++) known[cell[i]] = 1;
    const [ring, source] = [[], []];
    const take = (number, from) => {
      if (known[number] !== 0) return;
      known[number] = 1;
      ring.push(number);
      source.push(from);
    };
    for (let start = 0, end; start < cell.length; start = end) {
      for (end = start + 1; cell[end] === cell[end - 1] + 1; end++);
      for (const row of [-columns, 0, columns]) {
        take(cell[start] - 1 + row, start);
        if (row) for (let i = start; i < end; i++) take(cell[i] + row, i);
        take(cell[end - 1] + 1 + row, end - 1);
      }
    }
    this.paintCell = joined(cell, ring);
    this.paintSource = joined(cell.map((_, i) => i), source);
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
