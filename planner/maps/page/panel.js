// The panel at the right: figures, verdicts by layer, and the tabs.

import { el, replace } from "./elements.js";
import { kpiTexts } from "./kpis.js";
import { makeLayerTable } from "./layertable.js";
import { change, hasAny, later, listen, shownNetworks, state } from "./state.js";
import { t } from "./text.js";

/**
 * @param {HTMLElement} container
 * @param {Record<string, () => any[]>} tabs what builds each tab, by name
 */
export function makePanel(container, tabs) {
  container.append(makeKpis(), makeLayerTable(), makeTabs(tabs));
}

// the eight figures

// the chief figures in their order
const KPIS = [
  "stations", "sites", "per_10k", "cost", "layers_pass", "road_share", "longest", "holes",
];

function makeKpis() {
  const box = el("dl", { class: "kpis" });
  const [names, cells] = [{}, {}];
  for (const key of KPIS) {
    names[key] = el("dt", {});
    cells[key] = el("dd", { "data-kpi": key });
    box.append(el("div", {}, names[key], cells[key]));
  }
  const show = (kpi) => {
    const { key, name, value, unit, fails } = kpi;
    names[key].textContent = name;
    replace(cells[key], value, unit ? el("small", {}, unit) : null);
    cells[key].classList.toggle("fails", Boolean(fails));
  };
  listen((what) => {
    if (!hasAny(what, ["count", "network", "level", "plan", "language"])) return;
    kpiTexts(state.plan, state.count, shownNetworks(), state.level).forEach(show);
  });
  return box;
}

// tabs

const BUILDS_BODY = [
  "tab", "plan", "language", "chosen", "marks", "compare", "holes", "complete",
];

function makeTabs(tabs) {
  const list = el("div", { role: "tablist", class: "tabs" });
  const body = el("div", { role: "tabpanel", class: "tab-body", id: "tab-body", tabindex: "0" });
  const buildList = () => replace(list, tabNames(tabs).map(tabButton));
  const buildBody = () => {
    if (!state.plan.complete) return; // lists come after the first picture
    body.setAttribute("aria-labelledby", `tab-${state.tab}`);
    replace(body, tabs[state.tab]());
  };
  const buildLate = later(140, buildBody);
  list.addEventListener("keydown", (event) => moveTab(event, list, tabNames(tabs)));
  listen((what) => {
    if (what.has("tab") || what.has("compare") || what.has("language")) buildList();
    if (hasAny(what, BUILDS_BODY)) buildBody();
    else if (hasAny(what, ["count", "network", "level", "layersOff"])) buildLate();
  });
  return el("section", { class: "tab-section" }, list, body);
}

// the tab that compares is there while two sides are shown
function tabNames(tabs) {
  return Object.keys(tabs).filter((name) => name !== "compare" || state.compare);
}

function tabButton(name) {
  const chosen = state.tab === name;
  return el("button", {
    role: "tab", type: "button", id: `tab-${name}`, "aria-selected": String(chosen),
    "aria-controls": "tab-body", tabindex: chosen ? "0" : "-1", click: () => change({ tab: name }),
  }, t(`tab_${name}`));
}

function moveTab(event, list, names) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = names[(names.indexOf(state.tab) + step + names.length) % names.length];
  change({ tab: next });
  list.querySelector(`#tab-${next}`).focus();
  event.preventDefault();
}
