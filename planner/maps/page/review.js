// Marks of the reviewers: kept in this browser, saved as one file, files of several reviewers
// merged. No server.

import { areaText, drawArea, startOutline, stopOutline } from "./area.js";
import { el } from "./elements.js";
import { zoomTo, zoomToPlace } from "./map.js";
import { MARK_FORMAT, isMark, merged, nextNumber } from "./marks.js";
import { ringBox, ringFacts } from "./ring.js";
import { announce } from "./stage.js";
import { change, state } from "./state.js";
import { INK, RED, SANS } from "./style.js";
import { clauses, officeText, t } from "./text.js";
import { onScreen, toPx } from "./view.js";

// why a site is hard to build: the heads of the carriers' own form for difficult sites
const OBJECTIONS = [
  "coordination", "construction", "exposure", "ownership", "landscape", "supply", "other",
];

/** @type {Record<string, any>} */
export const review = { marks: [], waiting: null, draft: null, message: "", stored: true };

function storageKey() {
  return `planner-review-${state.plan.key}`;
}

export function loadMarks() {
  try {
    review.marks = JSON.parse(localStorage.getItem(storageKey()) || "[]").filter(isMark);
    review.reviewer = localStorage.getItem("planner-reviewer") || "";
  } catch (error) {
    review.stored = false;
  }
}

function keepMarks(marks) {
  review.marks = marks;
  try {
    localStorage.setItem(storageKey(), JSON.stringify(marks));
    localStorage.setItem("planner-reviewer", review.reviewer || "");
  } catch (error) {
    review.stored = false;
  }
  change({ marks: {} });
}

function newMark(values) {
  return {
    id: `${review.reviewer || "-"}#${nextNumber(review.marks)}`, station_id: "", reason: "",
    note: "", reviewer: review.reviewer || "",
    plan: state.plan.key, count: state.count, ...values,
  };
}

// buttons under a station and under a place

export function markButtons(i) {
  const { plan } = state;
  const at = { station_id: plan.stations.station_id[i], lon: plan.stations.lon[i] / 1e6,
    lat: plan.stations.lat[i] / 1e6 };
  return el("div", { class: "mark-buttons" },
    markButton("accept",
      () => keepMarks([...review.marks, newMark({ ...at, kind: "accept" })]), t("accept")),
    markButton("object", () => openDraft({ ...at, kind: "object" }), t("object")),
    markButton("propose", () => waitForPlace({ station_id: at.station_id, kind: "propose" }),
      t("propose")),
    markButton("comment", () => openDraft({ ...at, kind: "comment" }), t("comment")),
    marksOf(at.station_id).map(markRow));
}

export function placeButtons(place) {
  const [lon, lat] = state.plan.lonlat(...place);
  return el("div", { class: "mark-buttons" },
    markButton("propose", () => openDraft({ kind: "propose", lon, lat }), t("propose_place")),
    markButton("comment", () => openDraft({ kind: "comment", lon, lat }), t("comment_place")),
    areaButton());
}

function areaButton() {
  return markButton("area", outlineArea, t("comment_area"));
}

function outlineArea() {
  review.waiting = null;
  startOutline((ring) => {
    const { lon, lat } = ringFacts(state.plan, ring);
    openDraft({ kind: "comment", lon, lat, area: ring });
  });
}

function waitForPlace(values) {
  stopOutline();
  review.waiting = values;
  announce(t("click_place"));
}

export function takeMarkPlace(place) {
  if (!review.waiting) return false;
  const [lon, lat] = state.plan.lonlat(...place);
  const values = { ...review.waiting, lon, lat };
  review.waiting = null;
  announce("");
  openDraft(values);
  return true;
}

function openDraft(values) {
  review.draft = values;
  change({ tab: "review", marks: {} });
}

function marksOf(station) {
  return review.marks.filter((mark) => mark.station_id === station);
}

function markButton(kind, click, text) {
  return el("button", { type: "button", "data-mark": kind, click }, text);
}

// the tab

export function buildReview() {
  const { marks, message } = review;
  return [
    el("div", { class: "review-tools" }, el("label", {}, t("reviewer"), " ", reviewerInput()),
      el("button", { type: "button", class: "save-marks", click: downloadMarks },
        t("download_marks")),
      el("label", { class: "button" }, t("open_marks"), fileInput()),
      markButton("propose", () => waitForPlace({ kind: "propose" }), t("propose_place")),
      markButton("comment", () => waitForPlace({ kind: "comment" }), t("comment_place")),
      areaButton()),
    review.stored ? null : el("p", { class: "fails" }, t("storage_off")),
    message ? el("p", { class: "tab-line merge-line", role: "status" }, message) : null,
    review.draft ? draftForm() : null,
    el("p", { class: "tab-line" },
      marks.length ? t("marks_count", { count: marks.length }) : t("marks_none")),
    el("div", { class: "marks" }, marks.map(markRow)),
  ];
}

function reviewerInput() {
  const input = el("input", {
    type: "text", maxlength: 40, "aria-label": t("reviewer"), class: "reviewer",
  });
  input.value = review.reviewer || "";
  input.addEventListener("change", () => {
    review.reviewer = input.value.trim();
    keepMarks(review.marks);
  });
  return input;
}

function fileInput() {
  const input = el("input", {
    type: "file", accept: ".json,application/json", multiple: true, class: "file",
    "aria-label": t("open_marks"),
  });
  input.addEventListener("change", () => mergeFiles(Array.from(input.files)));
  return input;
}

function draftForm() {
  const { draft } = review;
  const reason = el("select", { "aria-label": t("reason"), class: "reason" },
    OBJECTIONS.map((code) => el("option", { value: code }, t(`objection.${code}`))));
  const note = el("textarea", { rows: 3, maxlength: 2000, "aria-label": t("note") });
  const close = () => { review.draft = null; change({ marks: {} }); };
  const save = () => {
    review.draft = null;
    const said = draft.kind === "object" ? officeText(`objection.${reason.value}`) : "";
    const mark = newMark({ ...draft, note: note.value.trim(), reason: said });
    keepMarks([...review.marks, mark]);
  };
  const place = draft.area
    ? areaText(state.plan, draft.area)
    : ` ${draft.lon.toFixed(6)}, ${draft.lat.toFixed(6)}`;
  return el("div", { class: "draft" },
    el("b", {}, t(`kind_${draft.kind}`)), " ", draft.station_id || "",
    el("span", { class: "place" }, place),
    draft.kind === "object" ? el("label", {}, t("reason"), " ", reason) : null,
    el("label", {}, t("note"), note),
    el("div", {},
      el("button", { type: "button", class: "save-draft", click: save }, t("save")), " ",
      el("button", { type: "button", click: close }, t("cancel"))));
}

function markRow(mark) {
  const go = () => {
    if (mark.area) zoomTo(ringBox(state.plan, mark.area));
    else zoomToPlace(...state.plan.place(mark.lon, mark.lat));
  };
  const remove = () => keepMarks(review.marks.filter((other) => other.id !== mark.id));
  return el("div", { class: `mark ${mark.kind}` },
    el("button", { type: "button", class: "link", click: go },
      `${t(`kind_${mark.kind}`)} ${mark.station_id}`),
    el("span", { class: "mark-reason" }, [mark.reason, mark.note].filter(Boolean).join(" · ")),
    el("small", {}, mark.reviewer),
    el("button", { type: "button", class: "remove", "aria-label": `${t("remove")} ${mark.id}`,
      click: remove }, "×"),
    mark.area ? el("small", { class: "mark-area" }, areaText(state.plan, mark.area)) : null);
}

// one file out, several in

function marksFile() {
  return JSON.stringify({ format: MARK_FORMAT, version: 1, plan: state.plan.key,
    plan_name: state.plan.name, datum: "WGS-84",
    marks: review.marks }, null, 1);
}

function downloadMarks() {
  const reviewer = (review.reviewer || "marks").replace(/[^\w\u4e00-\u9fff-]/g, "_");
  const link = el("a", { download: `${state.plan.name}_review_${reviewer}.json` });
  link.href = URL.createObjectURL(new Blob([marksFile()], { type: "application/json" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function mergeFiles(files) {
  const messages = [];
  for (const file of files) messages.push(`${file.name}: ${mergeText(await file.text())}`);
  review.message = clauses(messages);
  change({ marks: {} });
}

function mergeText(text) {
  let data;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return t("marks_unreadable");
  }
  if (!data || data.format !== MARK_FORMAT || !Array.isArray(data.marks)) {
    return t("marks_unreadable");
  }
  const { marks, added, known } = merged(review.marks, data.marks.filter(isMark));
  keepMarks(marks);
  const line = t("marks_merged", { added, known, unusable: data.marks.length - added - known });
  return data.plan === state.plan.key ? line : clauses([line, t("marks_other_plan")]);
}

// marks on the map

const MARK_SIGNS = {
  accept: ["✓", "#1d4f3f"],
  object: ["✕", RED],
  propose: ["＋", INK],
  comment: ["…", "#4a5864"],
};

// on the map

export function drawAreas(context, view) {
  onScreen(context, view);
  for (const { area } of [...review.marks, review.draft || {}]) {
    if (area) drawArea(context, view, area);
  }
}

export function drawMarks(context, view) {
  onScreen(context, view);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const mark of review.marks) {
    const [x, y] = toPx(view, ...state.plan.place(mark.lon, mark.lat));
    if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
    const [sign, colour] = MARK_SIGNS[mark.kind];
    context.fillStyle = "#ffffff";
    context.strokeStyle = colour;
    context.lineWidth = 1.6;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x - 5, y - 9);
    context.arc(x, y - 15, 8, Math.PI * 0.75, Math.PI * 0.25);
    context.closePath();
    context.fill();
    context.stroke();
    context.fillStyle = colour;
    context.font = `bold 11px ${SANS}`;
    context.fillText(sign, x, y - 15);
  }
}
