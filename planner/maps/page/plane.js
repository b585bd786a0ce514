// The grid's own plane: Web Mercator metres from the grid's north-west corner, x east and y south.

export const EARTH = 6378137;

/**
 * A place in the plane, a box [west, north, east, south] in it, and a position [longitude,
 * latitude] in degrees.
 * @typedef {[number, number]} Place
 * @typedef {[number, number, number, number]} Box
 * @typedef {[number, number]} LonLat
 */

/**
 * Cells of `step` plane metres, `cell_m` metres of ground in the district's middle.
 * @typedef {{west: number, north: number, step: number, columns: number, rows: number,
 *   cell_m: number}} Grid
 */

export class Plane {
  /** @param {Grid} grid */
  constructor(grid) {
    this.grid = grid;
  }

  /**
   * @param {number} lon
   * @param {number} lat
   * @returns {Place}
   */
  place(lon, lat) {
    const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
    return [(EARTH * lon * Math.PI) / 180 - this.grid.west, this.grid.north - EARTH * y];
  }

  /**
   * @param {number} gx
   * @param {number} gy
   * @returns {LonLat}
   */
  lonlat(gx, gy) {
    const x = gx + this.grid.west;
    const y = this.grid.north - gy;
    return [(x / EARTH) * (180 / Math.PI),
      (2 * Math.atan(Math.exp(y / EARTH)) - Math.PI / 2) * (180 / Math.PI)];
  }

  /**
   * Places of positions in whole millionths of a degree.
   * @param {Int32Array} lon
   * @param {Int32Array} lat
   */
  placesOf(lon, lat) {
    const gx = new Float64Array(lon.length);
    const gy = new Float64Array(lon.length);
    const { west, north } = this.grid;
    const radian = Math.PI / 180e6;
    // as place() does, without its pairs: thousands at the start
    for (let i = 0; i < lon.length; i++) {
      gx[i] = EARTH * lon[i] * radian - west;
      gy[i] = north - EARTH * Math.log(Math.tan(Math.PI / 4 + (lat[i] * radian) / 2));
    }
    return { lon, lat, gx, gy };
  }

  /**
   * m2 of ground in a cell of a row: Mercator stretches by the cosine of the latitude.
   * @param {number} row
   */
  cellArea(row) {
    const { step, north } = this.grid;
    const scale = 1 / Math.cosh((north - (row + 0.5) * step) / EARTH);
    return (step * scale) ** 2;
  }
}

/**
 * Metres of ground between two places.
 * @param {Plane} plane
 * @param {Place} from
 * @param {Place} to
 */
export function distance(plane, [ax, ay], [bx, by]) {
  const [, lat] = plane.lonlat((ax + bx) / 2, (ay + by) / 2);
  return Math.hypot(bx - ax, by - ay) * Math.cos((lat * Math.PI) / 180);
}

/**
 * @param {Place[]} places
 * @returns {Box}
 */
export function boxOf(places) {
  // one by one: a call takes no hundred thousand arguments
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of places) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return [left, top, right, bottom];
}
