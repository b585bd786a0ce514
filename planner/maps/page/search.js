// Search by name, 规划编号 or coordinates in a stated datum.

import { DATUMS, parseLonLat, toWgs84 } from "./coordinates.js";
import { el, replace } from "./elements.js";
import { zoomTo, zoomToPlace } from "./map.js";
import { boundsOf } from "./outlines.js";
import { addCard } from "./stage.js";
import { change, listen, setCount, state } from "./state.js";
import { t } from "./text.js";

export function makeSearch(container) {
  const input = el("input", { type: "search", "aria-autocomplete": "list", "aria-controls": "found",
    autocomplete: "off", maxlength: 80 });
  const datum = el("select", { title_word: "datum" },
    DATUMS.map((name, i) => el("option", { value: i }, name)));
  const list = el("ul", { class: "found", id: "found", role: "listbox" });
  const box = el("div", { class: "search card" },
    el("div", { class: "search-line" }, input, datum), list);
  addCard(container, box);

  const update = () =>
    showFound(list, findAll(state.plan, input.value, Number(datum.value)), input.value);
  input.addEventListener("input", update);
  datum.addEventListener("change", update);

  // all by keys: enter takes the first, the arrow goes into the list
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && list.firstElementChild && list.firstElementChild.click) {
      list.firstElementChild.click();
    }
    if (event.key === "Escape") {
      input.value = "";
      update();
      input.blur();
      change({ found: null });
    }
    if (event.key === "ArrowDown" && list.firstElementChild) {
      list.firstElementChild.focus();
      event.preventDefault();
    }
  });
  list.addEventListener("keydown", moveInList);

  listen((what) => {
    if (!what.has("language")) return;
    input.placeholder = t("search");
    input.setAttribute("aria-label", t("search"));
  });
  return input;
}

function moveInList(event) {
  const row = event.target;
  const { nextElementSibling, previousElementSibling } = row;
  const next = { ArrowDown: nextElementSibling, ArrowUp: previousElementSibling }[event.key];
  if (event.key === "Enter") row.click();
  if (next) { next.focus(); event.preventDefault(); }
}

function showFound(list, found, text) {
  replace(list, found.map((one) => el("li", {
    role: "option", tabindex: "-1", click: () => { one.go(); replace(list); },
  }, one.text)));
  if (!found.length && text.trim()) list.append(el("li", { class: "nothing" }, t("found_none")));
}

function findAll(plan, text, datum) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const place = parseLonLat(wanted);
  if (place) return [foundPlace(plan, place, datum)];
  return [...findNames(plan, wanted), ...findStations(plan, wanted)].slice(0, 12);
}

function findStations(plan, wanted) {
  const { station_id: ids, name } = plan.stations;
  const found = [];
  for (let i = 0; ids && i < ids.length && found.length < 8; i++) {
    if (ids[i].toLowerCase().includes(wanted) || name[i].toLowerCase().includes(wanted)) {
      found.push({ text: `${ids[i]} ${name[i]}`, go: () => goToStation(i) });
    }
  }
  return found;
}

function goToStation(i) {
  const { plan } = state;
  if (i >= state.count) setCount(i + 1);
  change({ chosen: { station: i }, tab: "why" });
  zoomToPlace(plan.stations.gx[i], plan.stations.gy[i]);
}

function findNames(plan, wanted) {
  const g = plan.geometry;
  const points = [...g.seats, ...g.landmarks].map((one) => ({
    name: one.name, box: () => around(plan.place(one.lon, one.lat)),
  }));
  const roads = g.roads.filter((road) => road.name || road.ref);
  const shapes = [...g.areas, ...g.keep_outs, ...roads].map((one) => ({
    name: [one.ref, one.name].filter(Boolean).join(" "), box: () => boundsOf(plan, [one]),
  }));
  const seen = new Set();
  return [...points, ...shapes].filter((one) => {
    const hit = one.name.toLowerCase().includes(wanted) && !seen.has(one.name);
    if (hit) seen.add(one.name);
    return hit;
  }).map((one) => ({ text: one.name, go: () => zoomTo(one.box()) }));
}

function around([gx, gy], metre = 1500) {
  return [gx - metre, gy - metre, gx + metre, gy + metre];
}

function foundPlace(plan, [lon, lat], datum) {
  const [wLon, wLat] = toWgs84(lon, lat, datum);
  const degrees = (x, y) => `${x.toFixed(6)}, ${y.toFixed(6)}`;
  const given = `${DATUMS[datum]} ${degrees(lon, lat)}`;
  return {
    text: datum > 1 ? `${given} → WGS-84 ${degrees(wLon, wLat)}` : given,
    go: () => {
      const place = plan.place(wLon, wLat);
      change({ found: place, chosen: { place }, tab: "why" });
      zoomToPlace(...place);
    },
  };
}
