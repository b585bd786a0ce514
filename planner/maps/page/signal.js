// The tab of signal: SINR, rates, overlap and load of each layer at the phase that the count has
// reached, beside its verdict. They are worked out at the phases alone.

import { el, tableOf } from "./elements.js";
import { shownNetworks, state } from "./state.js";
import { label, short, t } from "./text.js";
import { statedText, verdictText } from "./wording.js";

export function buildSignal() {
  const { plan, count } = state;
  const number = plan.phaseAt(count);
  const { measures, rows } = plan.reception;
  const shown = rows.filter(([phase, , network]) => (
    phase === number && shownNetworks().includes(network)));
  const heads = [t("layer"), t("verdict_outdoors"),
    ...measures.map((code) => t(`signal_head.${code}`))];
  const stated = statedText(plan);
  return [
    el("p", { class: "tab-line" }, t("signal_line", {
      phase: label(plan.phases[number].label), count: plan.phases[number].count, load: plan.load })),
    shown.length
      ? tableOf("signal", heads, shown.map((row) => signalRow(plan, row)))
      : el("p", { class: "tab-line" }, t("signal_none")),
    stated ? el("p", { class: "tab-line" }, stated) : null,
  ];
}

function signalRow(plan, [phase, name, network, texts]) {
  const layer = plan.layers.find((one) => one.name === name);
  const verdict = plan.figures.verdict(
    plan.phases[phase].count, layer, plan.networks[network].name, plan.levels[0]);
  return el("tr", {},
    el("td", {}, `${label(layer.label)}·${short(plan.networks[network].label)}`),
    verdict.passes
      ? el("td", { class: "passes" }, el("span", { "aria-label": t("verdict.pass") }, "✓"))
      : el("td", { class: "fails" }, verdictText(verdict)),
    texts.map((text) => el("td", { class: "number" }, text || "–")));
}
