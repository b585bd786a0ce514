// Elements: attributes are set one by one, text comes only through textContent.

import { t } from "./text.js";

/** @returns {any} */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  append(node, children);
  return node;
}

/** @returns {any} */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(node, attributes);
  append(node, children);
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "word") sayWord(node, value);
    else if (name === "title_word") sayTitle(node, value);
    else if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== false) node.setAttribute(name, value);
  }
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) node.append(child);
  }
}

function sayWord(node, key) {
  node.dataset.word = key;
  node.textContent = t(key);
}

export function sayTitle(node, key) {
  node.dataset.titleWord = key;
  node.setAttribute("aria-label", t(key));
  if (node.tagName === "BUTTON") node.title = t(key);
}

export function translateAll() {
  document.documentElement.lang = t("language.html");
  document.querySelectorAll("[data-word]")
    .forEach((node) => sayWord(node, node.getAttribute("data-word")));
  document.querySelectorAll("[data-title-word]")
    .forEach((node) => sayTitle(node, node.getAttribute("data-title-word")));
}

export function replace(node, ...children) {
  node.textContent = "";
  append(node, children);
}

export const PANEL_ROWS = 200; // rows of a list that are shown at once

export function tableOf(className, heads, rows) {
  return el("table", { class: `list ${className}` },
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows));
}

// a row that acts when clicked or on Enter
export function actingRow(action, ...cells) {
  return el("tr", {
    tabindex: "0", class: "acting", click: action,
    keydown: (event) => { if (event.key === "Enter") action(); },
  }, cells);
}

// names and values in two columns, without those that have no value
export function facts(rows) {
  const known = rows.filter(([, value]) => value);
  return el("dl", { class: "facts" },
    known.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
