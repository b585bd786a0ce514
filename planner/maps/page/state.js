// What is shown now. Changes go through change(); those who show something listen.

const state = {
  plan: null,
  count: 0,
  network: -1, // -1 all
  level: 0,
  on: { candidates: false, wedges: true, servers: false, graticule: false, stations: true, gaps: true, holes: true, siting: false },
  layersOff: new Set(), // names of government layers that are hidden
  chosen: null, // {station} or {place: [gx, gy]}
  found: null, // [gx, gy] of a search
  compare: null, // {plan, count, at} the left side; at = divider, share of the width
  playing: false,
  tab: "gaps",
};
const listeners = new Set();

function listen(listener) {
  listeners.add(listener);
}

// `what` names the fields that changed
function change(values) {
  const what = new Set(Object.keys(values).filter((name) => state[name] !== values[name] || typeof values[name] === "object"));
  if (!what.size) return;
  Object.assign(state, values);
  listeners.forEach((listener) => listener(what));
}

function setCount(count) {
  const plan = state.plan;
  change({ count: Math.min(Math.max(Math.round(count), plan.firstCount), plan.lastCount) });
}

function shownNetworks() {
  return state.network < 0 ? state.plan.networks.map((_, k) => k) : [state.network];
}

// one late call after the last of many
function later(delay, action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
}
