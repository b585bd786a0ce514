// How figures are written: what planner/words/figures.py does, from its own steps.

// see openWriting()
/**
 * @type {{share_steps: number, level_steps: number,
 *   length_steps: [number | null, number, number, string][]}}
 */
let steps = { share_steps: 1, level_steps: 1, length_steps: [] };

/**
 * @param {typeof steps} data `share_steps`: whole numbers that make a share of 1, `level_steps` a
 *   decibel; `length_steps`: below so many metres a length is written in so many metres, with
 *   digits and unit
 */
export function openWriting(data) {
  steps = data;
}

/**
 * A number with so many decimals, halves up.
 * @param {number} value
 * @param {number} digits
 */
export function rounded(value, digits) {
  const scale = 10 ** digits;
  return (Math.floor(value * scale + 0.5) / scale).toFixed(digits);
}

/**
 * A share (0-1) as per cent, without its sign.
 * @param {number} share
 */
export function percent(share) {
  return rounded(100 * share, 1);
}

/**
 * Number and unit of the size of a failure.
 * @param {string} form "share", "length", "count" or "level"
 * @param {number} whole tenths of a per cent or of a decibel, metres or pieces
 * @returns {[string, string]}
 */
export function figureParts(form, whole) {
  if (form === "share") return [rounded((100 * whole) / steps.share_steps, 1), "%"];
  if (form === "level") return [rounded(whole / steps.level_steps, 1), "dB"];
  if (form === "count") return [String(whole), ""];
  const isStep = (step) => step[0] === null || whole < step[0];
  const [, per, digits, unit] = steps.length_steps.filter(isStep)[0];
  return [rounded(whole / per, digits), unit];
}

/**
 * A length as people say it.
 * @param {number} metres
 */
export function lengthText(metres) {
  return figureParts("length", Math.floor(metres + 0.5)).join(" ");
}
