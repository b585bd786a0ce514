// What is said of phases, ranks, rules and verdicts.

import { clauses, label, t } from "./text.js";
import { figureParts, percent } from "./writing.js";

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

// why a layer fails, as Language.failures says it
function failures(verdict) {
  return verdict.failing.map(([code, form, whole]) => {
    const [number, unit] = figureParts(form, whole);
    return t(`failure.${code}`, { number, unit });
  }).join(t("language.and_comma"));
}

// as Language.borderline
function borderline(verdict) {
  const figures = verdict.hanging.map(([code, figure]) => {
    const number = code.endsWith("db") ? figure.toFixed(1) : String(figure);
    return t(`borderline.${code}`, { number });
  });
  return figures.length ? t("borderline.text", { figures: figures.join(t("language.comma")) }) : "";
}

// null where nothing is asked for
export function verdictText(verdict) {
  if (!verdict) return t("verdict.none");
  const parts = [verdict.passes ? t("verdict.pass") : failures(verdict), borderline(verdict)];
  return `${verdict.passes ? "✓" : "✕"} ${parts.filter(Boolean).join(t("language.and_comma"))}`;
}

export function fromText(verdict) {
  return verdict.from < 0 ? t("never_passes") : t("from_count", { count: verdict.from });
}

export function shareText(share) {
  return `${percent(share)}%`;
}

// at which counts rules on what is heard are judged; empty where no layer asks for one
export function statedText(plan) {
  if (!plan.stated.length) return "";
  return t("stated_counts", { counts: plan.stated.join(t("language.comma")) });
}

// the rules of all layers, each once
export function ruleText(plan) {
  return clauses([...new Set(plan.layers.map((layer) => label(layer.rule_text)))]);
}
