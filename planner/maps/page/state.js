// What is shown now. Changes go through change(); those who show something listen.

/** @type {Record<string, any>} */
export const state = {
  plans: [], // the plan, and the one it is compared with
  plan: null,
  count: 0,
  network: -1, // -1 all
  level: 0,
  on: { candidates: false, wedges: true, servers: false, graticule: false, stations: true,
    gaps: true, holes: true, siting: false },
  layersOff: new Set(), // names of government layers that are hidden
  chosen: null, // {station} or {place: [gx, gy]}
  found: null, // [gx, gy] of a search
  compare: null, // {plan, count, at} the left side; at = divider, share of the width
  holes: null, // at the count, gathered when the slider rests
  playing: false,
  tab: "gaps",
};

const listeners = new Set();

export function listen(listener) {
  listeners.add(listener);
}

// `what` names the fields that changed
export function change(values) {
  const isNew = (name) => state[name] !== values[name] || typeof values[name] === "object";
  const what = new Set(Object.keys(values).filter(isNew));
  if (!what.size) return;
  Object.assign(state, values);
  listeners.forEach((listener) => listener(what));
}

// whether one of the fields is among those that changed
export function hasAny(what, fields) {
  return fields.some((field) => what.has(field));
}

export function setCount(count) {
  const plan = state.plan;
  change({ count: Math.min(Math.max(Math.round(count), plan.firstCount), plan.lastCount) });
}

export function shownNetworks() {
  return networksOf(state.plan, state.network);
}

// places of the networks that a choice means: one of them, -1 all, null none
export function networksOf(plan, network) {
  if (network === null) return [];
  return network < 0 ? plan.networks.map((_, k) => k) : [network];
}

// one late call after the last of many
export function later(delay, action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
}
