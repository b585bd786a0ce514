// What lies on the map: cards that names keep clear of, and the line that says what to do next.

import { el } from "./elements.js";

/** @type {HTMLElement[]} */
const cards = []; // elements that lie on the map; names keep clear of them

/** @param {HTMLElement} card */
export function addCard(container, card) {
  container.append(card);
  cards.push(card);
}

// boxes of the cards in px of the canvas, whose `margin` reaches beyond the map's box `origin`
export function blockedBoxes(origin, margin) {
  return cards.filter((card) => !card.hidden).map((card) => {
    const box = card.getBoundingClientRect();
    const [x, y] = [margin.x - origin.left, margin.y - origin.top];
    return [box.left + x, box.top + y, box.right + x, box.bottom + y];
  });
}

let announceBox;

export function makeAnnouncement(container) {
  announceBox = el("div", { class: "announce", role: "status", hidden: true });
  container.append(announceBox);
}

export function announce(text) {
  announceBox.textContent = text;
  announceBox.hidden = !text;
}
