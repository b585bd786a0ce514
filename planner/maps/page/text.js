// What is said, in the language that is chosen, and how figures are written.

import { NAMES, WORDS } from "./words.js";

const LANGUAGES = ["zh", "en"];
export let language = 0; // place in LANGUAGES

export function nextLanguage() {
  language = (language + 1) % LANGUAGES.length;
}

/**
 * A word of the page, its places {0}, {1} ... filled.
 * @param {string} key
 * @param {...any} values
 */
export function t(key, ...values) {
  return fill(unfilled(key), values);
}

/**
 * @param {string} key
 * @returns {string}
 */
export function unfilled(key) {
  return WORDS[key][language];
}

/**
 * @param {string} text
 * @param {any[]} values
 */
export function fill(text, values) {
  return text.replace(/\{(\d)\}/g, (_, place) => values[place]);
}

/**
 * A pair [Chinese, English] of the data; English may be blank.
 * @param {[string, string]} pair
 */
export function label(pair) {
  return pair[language] || pair[0];
}

/**
 * The name of a code of the data; a code that the table does not know stands for itself.
 * @param {string} table one of NAMES
 * @param {string} key
 */
export function named(table, key) {
  const names = NAMES[table];
  return Object.prototype.hasOwnProperty.call(names, key) ? names[key][language] : key;
}

/**
 * @param {number} share
 * @param {number} [digits]
 */
export function percent(share, digits = 1) {
  return (100 * share).toFixed(digits);
}

/** @param {number} value */
export function metres(value) {
  return value >= 10000 ? `${(value / 1000).toFixed(1)} km` : `${Math.round(value)} m`;
}

export function short(pair) {
  return label(pair).replace(/[（(].*$/, "").replace(/^China /, "").replace(/ and /, "-").replace("电信联通", "电联");
}

export function bracketed(text, inside) {
  return language ? `${text} (${inside})` : `${text}（${inside}）`;
}

/** @param {number} metre */
export function lengthText(metre) {
  return metre >= 1000 ? `${(metre / 1000).toFixed(2)} km` : `${Math.round(metre)} m`;
}

/** @param {number} value */
export function hectares(value) {
  return value.toFixed(value < 10 ? 2 : 1);
}

/** @param {number | null} value */
export function whole(value) {
  return value === null ? "–" : String(Math.round(value));
}

/**
 * A name without what stands in brackets behind it.
 * @param {string} name
 */
export function bare(name) {
  return name.replace(/\s*[（(].*$/, "");
}

export function lonLatText(lon, lat) {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)} CGCS2000/WGS-84`;
}
