// What is said of phases, ranks, rules and verdicts.

import { clauses, label, metres, percent, t } from "./text.js";

export function phaseDate(phase) {
  const [year, month, day] = phase.date.split("-");
  if (month === "12" && day === "31") return t("year_end", { year });
  return `${year}-${month}`;
}

// the year alone where it tells the phases after the state apart
export function phaseYear(plan, phase) {
  const years = plan.phases.slice(1).map((one) => one.date.slice(0, 4));
  return new Set(years).size === years.length ? phase.date.slice(0, 4) : phaseDate(phase);
}

export function phaseText(plan, count) {
  const phase = plan.phases[plan.phaseAt(count)];
  return label(phase.label);
}

export function rankText(plan, rank) {
  return t("rank_value", { rank: rank + 1, phase: label(plan.phases[plan.phaseOf(rank)].label) });
}

// why a layer fails, in a few signs
export function failure(layer, verdict) {
  const limit = layer.rule.share;
  if (verdict.share < limit) {
    const missing = 100 * (limit - verdict.share);
    return t("failure.share", { number: (Math.ceil(missing * 10 - 1e-9) / 10).toFixed(1), unit: "%" });
  }
  if (layer.shape === "road") {
    const [number, unit] = metres(verdict.longest).split(" ");
    return t("failure.gap", { number, unit });
  }
  return t("failure.hole", { number: verdict.holes, unit: "" });
}

export function fromText(verdict) {
  return verdict.from > 0 ? t("from_count", { count: verdict.from }) : t("never_passes");
}

// a share that fails must not read as the limit itself
export function shareText(verdict, layer) {
  const rounded = percent(verdict.share);
  if (verdict.share < layer.rule.share && Number(rounded) >= 100 * layer.rule.share) return percent(verdict.share, 3);
  return rounded;
}

// the rules of all layers, each once
export function ruleText(plan) {
  return clauses([...new Set(plan.layers.map((layer) => label(layer.rule_text)))]);
}
