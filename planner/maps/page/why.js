// "Why here": a station with its reasons, or a piece of ground with what serves it.

import { NEVER, NOT_WANTED, OUTSIDE, UNHEARD } from "./codes.js";
import { el, facts } from "./elements.js";
import { zoomToPlace } from "./map.js";
import { codedText } from "./plan.js";
import { distance } from "./plane.js";
import { markButtons, placeButtons } from "./review.js";
import { change, state } from "./state.js";
import {
  clauses, fill, join, label, language, lonLatText, named, short, t, unfilled,
} from "./text.js";
import { rankText, ruleText } from "./wording.js";
import { lengthText } from "./writing.js";

export function buildWhy() {
  const { chosen, plan } = state;
  if (!chosen) return [el("p", { class: "tab-line" }, t("choose_station")), aboutData(plan)];
  return chosen.station !== undefined
    ? stationCard(plan, chosen.station)
    : groundCard(plan, chosen.place);
}

function stationCard(plan, i) {
  const s = plan.stations;
  const band = Object.entries(plan.bands)[s.band[i]];
  const rows = [
    [t("rank"), rankText(plan, i)],
    [t("network"), `${label(plan.networks[s.network[i]].label)} ${band ? label(band[1]) : ""}`],
    [t("state"), t(`state.${["open", "retrofitted", "candidate"][s.state[i]]}`)],
    [t("build"), named("build_type", codedText(s.build_type, i))],
    [t("scene"), named("scene", codedText(s.scene, i))],
    [t("town"), codedText(s.town, i)],
    [t("coordinates"), lonLatText(s.lon[i] / 1e6, s.lat[i] / 1e6)],
    [t("height"), figureText(plan, "height_m", i)],
    [t("station_cost"), s.cost_wan[i] === null ? "" : `${s.cost_wan[i]} ${label(plan.money)}`],
    [t("data_basis"), named("basis", codedText(s.basis, i))],
    [t("azimuths"), azimuthText(s, i)],
    [t("doubts"), codedText(s.doubts[language], i)],
    [t("siting"), sitingText(s, i)],
    [t("exposure"), exposureText(s, i)],
    [t("airport_cap"), figureText(plan, "airport_cap_m", i)],
    [t("residents_added"), figureText(plan, "gain_residents", i)],
  ];

  return [
    el("h3", { class: "chosen-id" }, s.station_id[i]),
    el("p", { class: "chosen-name" }, s.name[i]),
    facts(rows),
    ...reasonTable(plan, i),
    alternativesLine(plan, i),
    el("p", { class: "tab-line" }, t("serves_first")),
    markButtons(i),
  ];
}

function azimuthText({ azimuths, azimuth_reason: reason }, i) {
  const degrees = azimuths[i].map((azimuth) => `${azimuth}°`).join(" / ");
  return `${degrees} · ${named("azimuth_reason", codedText(reason, i))}`;
}

function sitingText({ siting_verdict: verdict, siting }, i) {
  const parts = [named("siting", codedText(verdict, i)), codedText(siting[language], i)];
  return parts.filter(Boolean).join(" · ");
}

function exposureText(stations, i) {
  return t("exposure_value", {
    metres: stations.compliance_m[i],
    bearing: stations.worst_bearing_deg[i],
    height: stations.worst_height_m[i],
    limit: stations.limit_w_m2[i],
    share: stations.ground_share[i],
  });
}

// a figure in the unit that its column is declared with; empty where there is none
function figureText({ stations, units }, column, i) {
  const figure = stations[column][i];
  return figure === null ? "" : `${figure} ${named("unit", units[column])}`;
}

// a column of reasons is stored by its rows that are not nought
function reasonOf(plan, name, i) {
  const column = plan.stations.reasons[name];
  if (!column) return 0;
  if (!column.byRow) column.byRow = new Map(column[0].map((row, place) => [row, column[1][place]]));
  return column.byRow.get(i) || 0;
}

function reasonTable(plan, i) {
  const columns = (layer, kind) => plan.levels.map((level) => `${kind}_${layer.name}_${level}`);
  const namesOf = (layer) => ["gain", "loss"].flatMap((kind) => columns(layer, kind));
  const figuresOf = (layer) => namesOf(layer).map((name) => reasonOf(plan, name, i));
  const rows = plan.layers.map((layer) => ({ layer, figures: figuresOf(layer) }))
    .filter((row) => row.figures.some(Boolean));

  const levels = plan.levels.map((level) => t(`level.${level}`));
  const heads = [t("layer"), ...levels, ...levels];
  const largest = Math.max(...rows.flatMap((row) => row.figures.slice(0, plan.levels.length)), 0);
  const groups = [t("gain_title"), t("loss_title")]
    .map((text) => el("th", { colspan: plan.levels.length }, text));
  return [
    el("table", { class: "list reasons" },
      el("thead", {}, el("tr", {}, el("th", {}), groups),
        el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, rows.length ? rows.map((row) => reasonRow(plan, row, largest))
        : el("tr", {}, el("td", { colspan: heads.length }, t("nothing"))))),
    roadLine(plan, i),
  ];
}

function reasonRow(plan, { layer, figures }, largest) {
  const unit = named("unit", plan.units.reasons);
  const cells = figures.map((figure, place) => {
    const isGain = place < plan.levels.length;
    const text = `${isGain ? "+" : "−"}${Math.abs(figure).toPrecision(2)}${unit}`;
    const cell = el("td", { class: "number" }, figure ? text : "·");
    if (isGain && figure > 0) {
      cell.classList.add("gain");
      cell.style.backgroundSize = `${(100 * figure) / largest}% 3px`;
    }
    return cell;
  });
  return el("tr", {}, el("th", { scope: "row" }, label(layer.label)), cells);
}

function roadLine(plan, i) {
  const road = reasonOf(plan, "gain_road_m", i);
  if (!road) return null;
  const length = t("road_added", { length: lengthText(road) });
  return el("p", { class: "tab-line" },
    clauses([length, t("closes", { roads: servedRoads(plan, i) })]));
}

// roads of which the station is the first to serve a piece, outdoors
function servedRoads(plan, i) {
  const ranks = plan.wanted(plan.stations.network[i], 0);
  const { road, offset, length } = plan.samples;
  const metresOf = new Map();
  road.forEach((chain, k) => {
    if (ranks[offset + k] === i) metresOf.set(chain, (metresOf.get(chain) || 0) + length[k]);
  });
  const name = ({ ref, name: full }) => ref || full;
  return join(Array.from(metresOf, ([k, m]) => `${name(plan.roads[k])} ${lengthText(m)}`));
}

// the candidates that bring back most of what is lost without the station, as the plan keeps them
function alternativesLine(plan, i) {
  const items = alternativesOf(plan, i).map(({ site, gx, gy, band, metres, percent }) => {
    const click = () => {
      change({ found: [gx, gy] });
      zoomToPlace(gx, gy);
    };
    return el("li", {}, el("button", { type: "button", class: "link", click }, `${site} ${band}`),
      " ", t("regains", { metres, percent: percent || "<1" }));
  });
  return el("div", { class: "alternatives" },
    el("b", { title: t("alternatives_help") }, t("alternatives")), " ",
    items.length ? el("ol", {}, items) : t(whyNobody(plan, i)));
}

function alternativesOf(plan, i) {
  const { site, band, metres, percent } = plan.standIn;
  const most = site.length / plan.stations.length;
  const bands = Object.values(plan.bands);
  const found = [];
  for (let k = most * i; k < most * (i + 1) && site[k] >= 0; k++) {
    found.push({ ...siteAt(plan, site[k]), band: label(bands[band[k]]), metres: metres[k],
      percent: percent[k] });
  }
  return found;
}

// free sites come first, then the plan's own by rank: one may hold another station
function siteAt({ free, stations }, place) {
  const rank = place - free.length;
  if (rank < 0) return { site: free.site_id[place], gx: free.gx[place], gy: free.gy[place] };
  return { site: stations.site_id[stations.site[rank]], gx: stations.gx[rank],
    gy: stations.gy[rank] };
}

function whyNobody(plan, i) {
  if (plan.stations.state[i] === 0) return "on_air"; // fields.STATES
  const lost = plan.layers.some((layer) =>
    plan.levels.some((level) => reasonOf(plan, `loss_${layer.name}_${level}`, i)));
  return lost ? "none_regains" : "nothing_lost";
}

// the ground

function groundCard(plan, place) {
  const [lon, lat] = plan.lonlat(...place);
  const point = groundPoint(plan, place);
  const rows = [[t("coordinates"), lonLatText(lon, lat)]];
  if (point < 0) {
    return [el("h3", {}, t("ground")), facts(rows), el("p", { class: "tab-line" }, t("no_demand")),
      placeButtons(place)];
  }
  rows.push([t("town"), plan.townName(point)], [t("belongs"), layersOfPoint(plan, point)]);
  plan.networks.forEach((network, k) => plan.levels.forEach((level, v) => {
    rows.push([`${short(network.label)} ${t(`level.${level}`)}`, servedText(plan, k, v, point)]);
  }));
  plan.networks.forEach((network, k) =>
    rows.push([`${short(network.label)} SS-RSRP`, signalText(plan, k, point)]));
  return [el("h3", {}, t("ground")), facts(rows), placeButtons(place)];
}

// the cell under the place, or the road sample within 60 m
function groundPoint(plan, place) {
  const { gx, gy, count, offset } = plan.samples;
  let best = -1;
  let nearest = 60;
  for (let i = 0; i < count; i++) {
    const metre = distance(plan, place, [gx[i], gy[i]]);
    if (metre < nearest) [best, nearest] = [offset + i, metre];
  }
  return best >= 0 ? best : plan.pointAt(...place);
}

// known at the phases: the last one that the shown count has reached
function signalText(plan, network, point) {
  const phase = plan.phaseReached(state.count);
  const values = plan.rsrp[`${network}/${phase}`];
  const count = plan.phases[phase].count;
  return values[point] === UNHEARD
    ? t("unheard", { count })
    : t("rsrp_at", { dbm: -values[point], count });
}

function layersOfPoint(plan, point) {
  return join(plan.layers.filter((_, j) => plan.member[point] & (1 << j))
    .map((layer) => label(layer.label)));
}

function servedText(plan, network, level, point) {
  const rank = plan.wanted(network, level)[point];
  if (rank === NOT_WANTED) return t("verdict.none");
  if (rank === NEVER) return el("span", { class: "fails" }, t("never_served"));
  if (rank === OUTSIDE) return t("served_by_neighbour");
  const click = () => change({ chosen: { station: rank } });
  const link = el("button", { type: "button", class: "link", click },
    plan.stations.station_id[rank]);
  const [before, after] = unfilled("served_from").split("{station}");
  return [fill(before, { rank: rank + 1 }), link, after];
}

// where the data comes from, and what the words mean

function aboutData(plan) {
  const rows = plan.sources.map(({ file, source, licence, basis }) => (
    el("tr", {},
      [file, source, licence, named("basis", basis)].map((text) => el("td", {}, text)))));
  // what must be known of the data is not left folded away
  const notes = plan.notes.map((note) => el("li", {}, label(note)));
  return el("details", { class: "about", open: notes.length > 0 },
    el("summary", {}, t("layers_and_data")), notes.length ? el("ul", {}, notes) : null,
    el("p", {}, t("defines")),
    plan.neighbours.length
      ? el("p", {}, t("with_neighbours", { count: plan.neighbours.length })) : null,
    el("p", {}, ruleText(plan)), el("p", {}, t("keys")),
    el("table", { class: "list" }, el("tbody", {}, rows)));
}
