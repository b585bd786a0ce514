// What is said, in the language that is chosen.

// texts by language and code, see planner/maps/languages.py
/** @type {Record<string, Record<string, string>>} */
let known = {};
export let language = ""; // code of the language that is chosen

/**
 * @param {Record<string, Record<string, string>>} texts the office's own language first
 */
export function openLanguages(texts) {
  known = texts;
  language = Object.keys(texts)[0];
}

// the language that the switch leads to
function following() {
  const codes = Object.keys(known);
  return codes[(codes.indexOf(language) + 1) % codes.length];
}

export function nextLanguage() {
  language = following();
}

// its own name for itself
export function nextName() {
  return known[following()]["language.name"];
}

/**
 * What a code is called, its braces filled by name.
 * @param {string} code a word of the page, or for example "level.deep"
 * @param {Record<string, any>} [values]
 */
export function t(code, values = {}) {
  return fill(unfilled(code), values);
}

/**
 * @param {string} code
 * @returns {string}
 */
export function unfilled(code) {
  return known[language][code];
}

/**
 * @param {string} text
 * @param {Record<string, any>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/**
 * A text that the data gives in every language.
 * @param {Record<string, string>} texts
 */
export function label(texts) {
  return texts[language];
}

/**
 * The name of a code of the data; a code that has no name stands for itself.
 * @param {string} group
 * @param {string} code
 */
export function named(group, code) {
  const key = `${group}.${code}`;
  return Object.prototype.hasOwnProperty.call(known[language], key) ? t(key) : code;
}

/**
 * What a code is called in the office's own language, whoever reads the page: for what is handed
 * in.
 * @param {string} code
 */
export function officeText(code) {
  return Object.values(known)[0][code];
}

/**
 * An enumeration.
 * @param {string[]} parts
 */
export function join(parts) {
  return parts.join(t("language.comma"));
}

/**
 * Texts beside each other that are longer than the words of an enumeration.
 * @param {string[]} parts
 */
export function clauses(parts) {
  return parts.join(t("language.semicolon"));
}

/**
 * A whole number with its thousands apart.
 * @param {number} value
 */
export function grouped(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * The same without what stands in brackets.
 * @param {Record<string, string>} texts
 */
export function short(texts) {
  return bare(label(texts));
}

export function bracketed(text, inside) {
  return t("language.bracketed", { text, inside });
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
  return name.replace(/\s*[\uff08(].*$/, "");
}

export function lonLatText(lon, lat) {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)} CGCS2000/WGS-84`;
}
