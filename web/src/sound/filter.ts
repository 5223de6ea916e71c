/** A band-pass of linear phase, for pages without a server. */

import type { Band } from "../data/source.ts";

const TAPS = 511;

/** Return `count` samples from `first` on with the frequencies of a band only; the delay of the filter is removed. */
export function bandPass(samples: Float32Array, first: number, count: number, band: Band, rate: number): Float32Array {
  const taps = design(band, rate);
  const half = (TAPS - 1) / 2;
  const size = Math.max(Math.min(count, samples.length - first), 0);
  return Float32Array.from({ length: size }, (_, index) => {
    let sum = 0;
    const start = first + index - half;
    for (let tap = Math.max(0, -start); tap < TAPS && start + tap < samples.length; tap++) sum += taps[tap] * samples[start + tap];
    return sum;
  });
}

/** Return the impulse response: the difference of two low-passes, with a Hamming window. */
function design(band: Band, rate: number): Float64Array {
  const half = (TAPS - 1) / 2;
  const lowPass = (hertz: number, time: number) => (time === 0 ? (2 * hertz) / rate : Math.sin((2 * Math.PI * hertz * time) / rate) / (Math.PI * time));
  return Float64Array.from({ length: TAPS }, (_, tap) => {
    const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * tap) / (TAPS - 1));
    return window * (lowPass(Math.min(band.high, rate / 2), tap - half) - lowPass(Math.max(band.low, 0), tap - half));
  });
}
