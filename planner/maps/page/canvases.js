// Two canvases of one size, one on the other: the ground, and what follows the slider.

import { el } from "./elements.js";
import { LARGE, SANS } from "./style.js";
import { onScreen } from "./view.js";

export class Canvases {
  constructor(container) {
    const [under, live] = ["under", "live"].map((name) => {
      const canvas = el("canvas", { class: name, "aria-hidden": "true" });
      container.append(canvas);
      return canvas.getContext("2d", { alpha: name === "live" });
    });
    this.under = under;
    this.live = live;
  }

  resize(width, height, ratio) {
    for (const context of [this.under, this.live]) {
      const canvas = context.canvas;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
  }
}

export function clearCanvas(context, view) {
  onScreen(context, view);
  context.clearRect(0, 0, view.width, view.height);
}

/** @type {any} */
let pen = null;

// of a text in letters of so large a size, in the unit of the size
export function widthOf(text, size) {
  pen = pen || el("canvas", {}).getContext("2d");
  pen.font = `${LARGE}px ${SANS}`;
  return (pen.measureText(text).width * size) / LARGE;
}
