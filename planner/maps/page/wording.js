// What is said of phases, ranks, rules and verdicts.

import { label, language, metres, percent, t } from "./text.js";

export function phaseDate(phase) {
  const [year, month, day] = phase.date.split("-");
  if (month === "12" && day === "31") return language ? `end ${year}` : `${year}年底`;
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
  return t("rank_value", rank + 1, label(plan.phases[plan.phaseOf(rank)].label));
}

// why a layer fails, in a few signs
export function failure(layer, verdict) {
  const limit = layer.rule.share;
  if (verdict.share < limit) {
    const missing = 100 * (limit - verdict.share);
    return t("short_share") + (Math.ceil(missing * 10 - 1e-9) / 10).toFixed(1) + "%";
  }
  if (layer.shape === "road") return t("short_gap") + metres(verdict.longest);
  return t("short_hole") + verdict.holes;
}

export function fromText(verdict) {
  return verdict.from > 0 ? t("from_count", verdict.from) : t("never_passes");
}

// a share that fails must not read as the limit itself
export function shareText(verdict, layer) {
  const rounded = percent(verdict.share);
  if (verdict.share < layer.rule.share && Number(rounded) >= 100 * layer.rule.share) return percent(verdict.share, 3);
  return rounded;
}

export function ruleText(plan) {
  const texts = [];
  const road = plan.layers.find((layer) => layer.shape === "road");
  const area = plan.layers.find((layer) => layer.shape === "area");
  if (road) texts.push(t("rule_road", +percent(road.rule.share), road.rule.gap_m));
  if (area) texts.push(t("rule_area", +percent(area.rule.share)));
  return texts.join(language ? "; " : "；");
}
