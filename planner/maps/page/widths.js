// How wide texts are, so that no room is set aside by language.

import { el } from "./elements.js";
import { LARGE, SANS } from "./style.js";
import { bare, label } from "./text.js";

/** @type {any} */
let pen = null;

/**
 * Width of a text in the unit of the size of its letters.
 * @param {string} text
 * @param {number} size
 */
export function widthOf(text, size) {
  pen = pen || el("canvas", {}).getContext("2d");
  pen.font = `${LARGE}px ${SANS}`;
  return (pen.measureText(text).width * size) / LARGE;
}

/**
 * A name, where there is no room for it without what stands in brackets.
 * @param {Record<string, string>} texts
 * @param {number} size
 * @param {number} room
 */
export function fitting(texts, size, room) {
  return widthOf(label(texts), size) <= room ? label(texts) : bare(label(texts));
}
