import assert from "node:assert/strict";
import { test } from "node:test";

import { BandAxis, BandRuler, shiftRange, SPACINGS, zoomRange } from "../src/model/axis.ts";
import { clock, frameAround, levelFor, Ruler, shiftSpan, zoomSpan } from "../src/model/clock.ts";
import { Labels, merge, neighbor, newLabel, toAudacity } from "../src/model/labels.ts";
import { bandTicks, hertzText, noteText, timeTicks } from "../src/model/ticks.ts";
import { bandPass } from "../src/sound/filter.ts";

const MEL = [100, 200, 400, 800, 1600, 3200];

test("a frame is the one whose center is nearest", () => {
  const grid = { origin: 0.0125, period: 0.01, frames: 100 };
  assert.equal(frameAround(grid, 0.0125), 0);
  assert.equal(frameAround(grid, 0.0174), 0);
  assert.equal(frameAround(grid, 0.0176), 1);
  assert.equal(frameAround(grid, 2), -1);
  assert.equal(frameAround(grid, 0), -1);
});

test("columns are no wider than a pixel", () => {
  assert.deepEqual([0.2, 1, 1.9, 2, 3.9, 450, 1e9].map((frames) => levelFor(frames, 11)), [0, 0, 0, 1, 1, 8, 10]);
});

test("zooming keeps the time under the pointer and stays within the recording", () => {
  const limits = { start: 0, stop: 7200 };
  const near = zoomSpan(limits, 0.5, 1800, limits);
  assert.deepEqual(near, { start: 900, stop: 4500 });
  assert.deepEqual(zoomSpan(near, 64, 1800, limits), limits);
  assert.deepEqual(shiftSpan(near, -5000, limits), { start: 0, stop: 3600 });
});

test("times as text", () => {
  assert.equal(clock(59.9996, 3, 60), "1:00.000");
  assert.equal(clock(3661.5, 1), "1:01:01.5");
  assert.equal(clock(1.25, 2), "1.25");
});

test("time ticks stand at round times", () => {
  const texts = timeTicks(new Ruler({ start: 0, stop: 7200 }, 1400), 90).filter(({ major }) => major);
  assert.deepEqual(texts.slice(0, 3).map(({ text }) => text), ["0:00:00", "0:10:00", "0:20:00"]);
  assert.ok(Math.abs(texts[1].pixel - 1400 / 12) < 1e-9);
});

test("rows and hertz are inverses on every axis", () => {
  for (const spacing of SPACINGS) {
    const axis = new BandAxis(6, MEL, spacing);
    for (const hertz of [120, 800, 3000]) {
      assert.ok(Math.abs(axis.fromPlace(axis.place(hertz)) - hertz) < 1e-6, spacing);
      assert.ok(Math.abs(axis.value(axis.row(hertz)) - hertz) < 1e-6, spacing);
    }
    assert.equal(axis.band(800), 3);
  }
});

test("a frequency tick lies where its frequency is drawn", () => {
  for (const spacing of SPACINGS) {
    const axis = new BandAxis(257, Array.from({ length: 257 }, (_, bin) => bin * 31.25), spacing);
    const ruler = new BandRuler(axis, axis.limits, 700);
    const tick = bandTicks(ruler, 20, false).find(({ text }) => text === "1k");
    assert.ok(tick, spacing);
    assert.ok(Math.abs(axis.row(ruler.value(tick.pixel)) - 32.5) < 1e-6, spacing);
  }
});

test("ticks of a frequency axis do not touch", () => {
  for (const spacing of SPACINGS) {
    const axis = new BandAxis(6, MEL, spacing);
    const ruler = new BandRuler(axis, axis.limits, 500);
    const pixels = bandTicks(ruler, 26, false).filter(({ major }) => major).map(({ pixel }) => pixel).sort((a, b) => a - b);
    assert.ok(pixels.every((pixel, index) => !index || pixel - pixels[index - 1] >= 20), `${spacing} ${pixels}`);
    assert.ok(pixels.length > 3, spacing);
  }
});

test("frequency zoom and shift stay within the axis", () => {
  const axis = new BandAxis(6, MEL, "bands");
  const near = zoomRange(axis, axis.limits, 0.5, 800);
  assert.ok(near.low > axis.limits.low && near.high < axis.limits.high);
  assert.deepEqual(zoomRange(axis, near, 8, 800), axis.limits);
  assert.equal(shiftRange(axis, near, 10).high, axis.limits.high);
});

test("bands without frequencies have their index", () => {
  const axis = new BandAxis(13, null, "mel");
  assert.equal(axis.hasHertz, false);
  assert.equal(axis.band(4), 4);
  assert.deepEqual(bandTicks(new BandRuler(axis, axis.limits, 400), 26, false).map(({ text }) => text), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]);
});

test("names of notes", () => {
  assert.equal(noteText(440), "A4");
  assert.equal(noteText(261.6256), "C4");
  assert.equal(noteText(450), "A4 +39");
  assert.equal(hertzText(2500), "2.5k");
});

test("undo and redo return every list of labels", () => {
  const labels = new Labels(() => undefined);
  const first = newLabel(1, 2, null, null);
  labels.add("f", first);
  labels.edit("f", "move label", first.key, { start: 3, end: 2.5 });
  assert.deepEqual([labels.of("f")[0].start, labels.of("f")[0].end], [2.5, 3]);
  labels.remove("f", first.key);
  assert.equal(labels.of("f").length, 0);
  labels.undo();
  labels.undo();
  assert.deepEqual(labels.of("f"), [first]);
  labels.redo();
  assert.equal(labels.of("f")[0].start, 2.5);
  labels.undo();
  labels.undo();
  assert.deepEqual(labels.of("f"), []);
  assert.equal(labels.undo(), undefined);
});

test("a drag is one command", () => {
  const labels = new Labels(() => undefined);
  const label = newLabel(1, 2, 100, 200);
  labels.add("f", label);
  for (let step = 0; step < 5; step++) labels.edit("f", "move label", label.key, { start: step, end: step + 1 }, step > 0);
  labels.undo();
  assert.equal(labels.of("f")[0].start, 1);
});

test("the next label, and the one after a time", () => {
  const list = [newLabel(5, 6, null, null), newLabel(1, 2, null, null), newLabel(3, 4, null, null)];
  assert.equal(neighbor(list, list[1].key, 0, 1), list[2]);
  assert.equal(neighbor(list, null, 2.5, 1), list[2]);
  assert.equal(neighbor(list, null, 2.5, -1), list[1]);
  assert.equal(neighbor(list, list[0].key, 0, 1), undefined);
});

test("labels as an Audacity file", () => {
  const label = { ...newLabel(1, 2.5, 100, 2000), text: "a\tb" };
  assert.equal(toAudacity([label, newLabel(3, 3, null, null)]), "1.000000\t2.500000\ta b\n\\\t100.000000\t2000.000000\n3.000000\t3.000000\t\n");
});

test("the band-pass keeps a tone within the band in place and removes one outside", () => {
  const rate = 16000;
  const tone = (hertz: number) => Float32Array.from({ length: 8000 }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / rate));
  const kept = bandPass(tone(1000), 2000, 4000, { low: 500, high: 2000 }, rate);
  assert.ok(kept.every((value, index) => Math.abs(value - tone(1000)[2000 + index]) < 0.01));
  assert.ok(bandPass(tone(4000), 2000, 4000, { low: 500, high: 2000 }, rate).every((value) => Math.abs(value) < 0.01));
});

test("a merge keeps the changes of both sides", () => {
  const stored = (start: number, text: string) => ({ ...newLabel(start, start + 1, null, null), text, id: "" });
  const base = [stored(1, "same"), stored(2, "moved by us"), stored(3, "deleted by them"), stored(4, "deleted by us")];
  const ours = [base[0], { ...base[1], start: 2.5 }, base[2], stored(6, "added by us")];
  const theirs = [base[0], base[1], base[3], stored(5, "added by them")];
  const texts = merge(ours, theirs, base).map(({ start, text }) => `${start} ${text}`);
  assert.deepEqual(texts, ["1 same", "2.5 moved by us", "6 added by us", "5 added by them"]);
});
