import assert from "node:assert/strict";
import test from "node:test";

import { Bundle, joined, numbers, summed } from "../../planner/maps/page/bundle.js";

// as planner/maps/bundle.py packs them
const PACKED = {
  parts: [["bytes", "u8", 3], ["words", "u16", 6], ["steps", "i16", 6], ["wide", "i32", 20],
    ["a/x", "u8", 1], ["a/y", "json", 33]],
  zlib: "eNpjYP/PwPSfgfH/fyaG/4wNDP+ZGf4zgNhAHohgaKhnrFYqSa0oUbJSej57wtP5fUo6Sjm"
    + "ZxUB+tKFOXmlOTmwtAJOsGmE=",
};

test("a bundle gives back every part in its kind", async () => {
  const bundle = await Bundle.open(PACKED);
  assert.deepEqual(bundle.get("bytes"), Uint8Array.of(0, 7, 255));
  assert.deepEqual(bundle.get("words"), Uint16Array.of(0, 258, 65535));
  assert.deepEqual(bundle.get("steps"), Int16Array.of(-1, 258, -32768));
  assert.deepEqual(bundle.get("wide"), Int32Array.of(0, -1, 66051, -2147483648, 2147483647));
  assert.equal(bundle.get("wide"), bundle.get("wide"));
  assert.equal(bundle.get("none"), undefined);
});

test("columns are the parts behind a word", async () => {
  const bundle = await Bundle.open(PACKED);
  assert.deepEqual(bundle.columns("a"),
    { x: Uint8Array.of(1), y: { text: "盐城", list: [1, null] } });
  assert.deepEqual(bundle.columns("b"), {});
});

test("planes are put together low byte first", () => {
  assert.deepEqual(numbers(Uint8Array.of(1, 2, 3, 4), Uint16Array), Uint16Array.of(0x0301, 0x0402));
  assert.deepEqual(numbers(Uint8Array.of(1, 2, 3, 255), Int32Array), Int32Array.of(-16580095));
});

test("steps become values, and two lists one", () => {
  assert.deepEqual(summed(Int32Array.of(5, -2, 0, 4)), Int32Array.of(5, 3, 3, 7));
  assert.deepEqual(joined([1, 2], Int32Array.of(3)), Int32Array.of(1, 2, 3));
});
