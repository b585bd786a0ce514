// What breaks the rules at a count, on what is shown.

import { networksOf, shownNetworks, state } from "./state.js";

export function gapsShown(plan, count, network, level) {
  return networksOf(plan, network).flatMap((k) => plan.gaps(count, k, level))
    .filter((gap) => gapOn(plan, gap));
}

export function holesShown(plan, count) {
  return shownNetworks().flatMap((k) => plan.layers.flatMap((layer, place) => (
    layer.shape !== "area" || state.layersOff.has(layer.name)
      ? []
      : plan.holes(count, k, state.level, place))));
}

// the longest gaps and largest holes first
export function failuresShown(plan, count) {
  const gaps = gapsShown(plan, count, state.network, state.level);
  const over = gaps.filter((gap) => gap.over).sort((a, b) => b.length - a.length);
  const holes = (state.holes || []).slice().sort((a, b) => b.area - a.area);
  return { over, within: gaps.length - over.length, holes };
}

function gapOn(plan, gap) {
  return !state.layersOff.has(plan.layerOfSample(gap.from));
}
