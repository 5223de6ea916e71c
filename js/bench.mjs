// Time log-mel features next to those by fft.js: node bench.mjs, with a definition as JSON on standard input.

import { readFileSync } from "node:fs";

import FFT from "fft.js";

import { Engine } from "../src/sonogram/web/sonogram.js";

const SECONDS = 60;
const definition = JSON.parse(readFileSync(0, "utf8"));
const { frame_length: length, frame_step: step, sample_rate: rate, columns } = definition;
const samples = Float32Array.from({ length: SECONDS * rate }, () => Math.random() - 0.5);

const before = performance.now();
const engine = await Engine.load(readFileSync(new URL("../src/sonogram/web/engine.wasm", import.meta.url)));
const frontend = engine.frontend(definition);
const ready = performance.now() - before;

const frames = frontend.numFrames(samples.length);
const [own, other] = [() => frontend.features(samples).data, byFft()];
const [found, expected] = [own(), other()];
const difference = found.reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index])), 0);
const [ownTime, otherTime] = [best(own), best(other)];
process.stdout.write(JSON.stringify({ ready, frames, difference, own: (1000 * ownTime) / frames, other: (1000 * otherTime) / frames }));

/** Return a function that computes the same features with fft.js: window, transform, power, bands, logarithm. */
function byFft() {
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
  const window = new Float64Array(bytes(definition.window));
  const limits = new Int32Array(bytes(definition.filters.limits));
  const weights = new Float64Array(bytes(definition.filters.weights));
  const size = 2 ** Math.ceil(Math.log2(length));
  const fft = new FFT(size);
  const [frame, bins, power] = [new Float64Array(size), fft.createComplexArray(), new Float64Array(size / 2 + 1)];
  return () => {
    const features = new Float32Array(frames * columns);
    for (let t = 0; t < frames; t++) {
      for (let i = 0; i < length; i++) frame[i] = samples[t * step + i] * window[i];
      fft.realTransform(bins, frame);
      for (let k = 0; k < power.length; k++) power[k] = bins[2 * k] ** 2 + bins[2 * k + 1] ** 2;
      let weight = 0;
      for (let band = 0; band < columns; band++) {
        let total = 0;
        for (let k = limits[2 * band]; k < limits[2 * band + 1]; k++) total += power[k] * weights[weight++];
        features[t * columns + band] = Math.log(Math.max(total, 1e-10));
      }
    }
    return features;
  };
}

/** The least time of some calls, in milliseconds. */
function best(call) {
  let least = Infinity;
  for (let turn = 0; turn < 7; turn++) {
    const start = performance.now();
    call();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
