// Many number arrays and JSON values in one compressed stream: what planner/maps/bundle.py packs.

const KINDS = { u8: Uint8Array, u16: Uint16Array, i16: Int16Array, i32: Int32Array };

/**
 * @param {string} base64
 * @param {number} length bytes when unpacked
 */
async function inflate(base64, length) {
  const text = atob(base64);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new DecompressionStream("deflate");
  // a Blob's own stream would take a way through another process
  const writer = stream.writable.getWriter();
  writer.write(packed);
  writer.close();
  const bytes = new Uint8Array(length);
  const reader = stream.readable.getReader();
  for (let at = 0, next; !(next = await reader.read()).done; at += next.value.length) {
    bytes.set(next.value, at);
  }
  return bytes;
}

// parts by name, each read when it is first asked for
export class Bundle {
  /**
   * @param {{parts: [string, string, number][], zlib: string}} packed
   * @returns {Promise<Bundle>}
   */
  static async open({ parts, zlib }) {
    return new Bundle(parts,
      await inflate(zlib, parts.reduce((sum, [, , length]) => sum + length, 0)));
  }

  /**
   * @param {[string, string, number][]} parts name, kind and bytes of each
   * @param {Uint8Array} bytes
   */
  constructor(parts, bytes) {
    /** @type {Map<string, any>} */
    this.values = new Map();
    /** @type {Map<string, [string, Uint8Array]>} */
    this.parts = new Map();
    let at = 0;
    for (const [name, kind, length] of parts) {
      this.parts.set(name, [kind, bytes.subarray(at, at + length)]);
      at += length;
    }
  }

  /**
   * @param {string} name
   * @returns {any}
   */
  get(name) {
    const part = this.parts.get(name);
    if (part && !this.values.has(name)) this.values.set(name, readPart(...part));
    return this.values.get(name);
  }

  /**
   * Parts whose names begin with a word.
   * @param {string} word
   * @returns {Record<string, any>}
   */
  columns(word) {
    const names = Array.from(this.parts.keys()).filter((name) => name.startsWith(`${word}/`));
    return Object.fromEntries(names.map((name) => [name.slice(word.length + 1), this.get(name)]));
  }
}

function readPart(kind, bytes) {
  return kind === "json"
    ? JSON.parse(new TextDecoder().decode(bytes))
    : numbers(bytes, KINDS[kind]);
}

/**
 * The bytes of wider numbers come as planes: all low bytes, then all second bytes ...
 * @param {Uint8Array} bytes
 * @param {any} Kind a typed array's class
 */
export function numbers(bytes, Kind) {
  const width = Kind.BYTES_PER_ELEMENT;
  if (width === 1) return bytes;
  const count = bytes.length / width;
  const values = new Kind(count);
  for (let i = 0; i < count; i++) values[i] = bytes[i] | (bytes[count + i] << 8);
  if (width === 4) {
    for (let i = 0; i < count; i++) {
      values[i] |= (bytes[2 * count + i] << 16) | (bytes[3 * count + i] << 24);
    }
  }
  return values;
}

/**
 * @param {ArrayLike<number>} first
 * @param {ArrayLike<number>} second
 */
export function joined(first, second) {
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/**
 * Values from their steps, in place.
 * @template {Int32Array | Int16Array} Steps
 * @param {Steps} steps
 * @returns {Steps}
 */
export function summed(steps) {
  for (let i = 1; i < steps.length; i++) steps[i] += steps[i - 1];
  return steps;
}
