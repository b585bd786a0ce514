// Colours, type and what else is one look for map, panel and sheet.

export const INK = "#14202b";
export const RED = "#b5121b";

export const COLOURS = {
  land: "#fdfdfb", outside: "#eceeec", full: "#8ab6d3", part: "#d5e5ef", road: "#3a454f",
  roadOutside: "#98a1a6",
  street: "#e2e5e5", water: "#9db9c9", chosen: "#e08a00", grey: "#5d6a75",
  beyond: "#868f96",
};

// the office has two; further ones are told by shape
const NETWORK_COLOURS = ["#0a4a8c", "#b45f06", "#4a5864", "#14202b"];

export function networkColour(network) {
  return NETWORK_COLOURS[Math.min(network, NETWORK_COLOURS.length - 1)];
}

export const LARGE = 14; // px; few sizes, because a browser looks for the font of each anew
export const SMALL = 11.6;
const CHINESE = '"Source Han Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC"';
export const SANS = CHINESE + ", sans-serif";
