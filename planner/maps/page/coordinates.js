// Positions as people write them: degrees in text, and the datums of Chinese maps.

// the first two are one for our purpose
export const DATUMS = ["WGS-84", "CGCS2000", "GCJ-02", "BD-09"];

/**
 * "120.13, 33.38", "33.38 120.13" or degrees, minutes, seconds; the larger number is the longitude
 * (China lies 73-136 E, 3-54 N). Null where the text is no position.
 * @param {string} text
 * @returns {[number, number] | null}
 */
export function parseLonLat(text) {
  const parts = text.replace(/[，、;；/]/g, ",").split(/,|\s{1,}(?=[\d-])(?![^°]*[′'"″])/)
    .map((part) => part.trim()).filter(Boolean);
  if (parts.length !== 2) return null;
  const [one, other] = parts.map(parseDegrees);
  if (one === null || other === null) return null;
  const [lon, lat] = one > other ? [one, other] : [other, one];
  return lon >= 60 && lon <= 180 && lat >= -60 && lat <= 60 ? [lon, lat] : null;
}

/**
 * @param {string} text
 * @returns {number | null}
 */
function parseDegrees(text) {
  const degrees = /\s*(\d{1,3}(?:\.\d+)?)/.source;
  const minutes = /(?:(\d{1,2}(?:\.\d+)?)\s*[′'分]?\s*)?/.source;
  const seconds = /(?:(\d{1,2}(?:\.\d+)?)\s*[″"秒]?)?/.source;
  const parts = `${degrees}(?:\\s*[°度]\\s*${minutes}${seconds})?`;
  const found = new RegExp(`^[en东北]?${parts}\\s*[en]?$`, "i").exec(text);
  return found && Number(found[1]) + Number(found[2] || 0) / 60 + Number(found[3] || 0) / 3600;
}

// The published algorithm of GCJ-02 and BD-09, inverted by fixed point. The legal transform is not
// public.

const KRASOVSKY = 6378245;
const FLATTENING = 0.00669342162296594323;

function gcjShift(lon, lat) {
  const [x, y] = [lon - 105, lat - 35];
  const wave = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + wave;
  dLat += ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3;
  dLat += ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + wave;
  dLon += ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3;
  dLon += ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const angle = (lat * Math.PI) / 180;
  const magic = 1 - FLATTENING * Math.sin(angle) ** 2;
  return [(dLon * 180) / ((KRASOVSKY / Math.sqrt(magic)) * Math.cos(angle) * Math.PI),
    (dLat * 180) / (((KRASOVSKY * (1 - FLATTENING)) / (magic * Math.sqrt(magic))) * Math.PI)];
}

/**
 * @param {number} lon
 * @param {number} lat
 * @returns {[number, number]}
 */
export function bdFromGcj(lon, lat) {
  const turn = (Math.PI * 3000) / 180;
  const radius = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * turn);
  const angle = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * turn);
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006];
}

/**
 * @param {number} lon
 * @param {number} lat
 * @returns {[number, number]}
 */
export function gcjFromWgs(lon, lat) {
  const [dLon, dLat] = gcjShift(lon, lat);
  return [lon + dLon, lat + dLat];
}

/**
 * @param {(lon: number, lat: number) => [number, number]} forward
 * @param {number} lon
 * @param {number} lat
 * @returns {[number, number]}
 */
function inverted(forward, lon, lat) {
  let [x, y] = [lon, lat];
  for (let i = 0; i < 12; i++) {
    const [fx, fy] = forward(x, y);
    x += lon - fx;
    y += lat - fy;
  }
  return [x, y];
}

/**
 * @param {number} lon
 * @param {number} lat
 * @param {number} datum place in DATUMS
 * @returns {[number, number]}
 */
export function toWgs84(lon, lat, datum) {
  if (datum < 2) return [lon, lat];
  const [gcjLon, gcjLat] = datum === 3 ? inverted(bdFromGcj, lon, lat) : [lon, lat];
  return inverted(gcjFromWgs, gcjLon, gcjLat);
}
