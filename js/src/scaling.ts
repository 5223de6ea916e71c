/** Compression: the logarithm, and per-channel energy normalization with its state. */

import type { FrontendDefinition, Log, Pcen, Spectrum } from "./definition.ts";
import { type Values, map, rounding, zeros } from "./values.ts";

export function detectBin(spectrum: Spectrum, real: number, imaginary: number): number {
  let power = real * real + imaginary * imaginary;
  if (spectrum.type !== "Magnitude") return power;
  if (spectrum.floor) power = Math.max(power, spectrum.floor);
  if (spectrum.epsilon) power += spectrum.epsilon;
  return power <= 0 ? 0 : Math.sqrt(power);
}

/** Return a value compressed by itself. */
export function compressed(scaling: Log | Pcen | null, value: number): number {
  if (scaling?.type !== "Log") return value;
  let x = scaling.zero !== null && value === 0 ? scaling.zero : value;
  if (scaling.floor !== null) x = Math.max(x, scaling.floor);
  if (scaling.offset !== null) x += scaling.offset;
  return Math.log(x) * scaling.factor - scaling.shift;
}

/** Return values after the reference and the dynamic range of the clip, whose largest value is `peak`. */
export function applyPeak(scaling: Log, values: Values, peak: number): Values {
  const round = rounding(values.data);
  const reference = scaling.reference === "peak" ? peak : 0;
  const limit = scaling.dynamic_range === null ? null : round(round(peak - reference) - round(scaling.dynamic_range));
  return map(values, (value) => {
    const shifted = round(value - reference);
    return limit === null ? shifted : Math.max(shifted, limit);
  });
}

/** Return values that are at least the floors of lower bands: one falls by the slope, one is below the largest. */
export function applyMask({ slope, depth, start }: NonNullable<Log["mask"]>, values: Values): Values {
  const round = rounding(values.data);
  const { frames, bands } = values;
  const result = zeros(values.data, values.data.length);
  for (let frame = 0; frame < frames; frame++) {
    let falling = [round(start), ...values.data.subarray(frame * bands, (frame + 1) * bands)];
    let peak = falling;
    // The reach of a maximum doubles with each step: the order of the native engine, so that both round alike.
    for (let reach = 1; reach <= bands; reach *= 2) {
      const fall = round(slope * reach);
      falling = falling.map((value, band, all) => (band < reach ? value : Math.max(value, round(all[band - reach] - fall))));
      peak = peak.map((value, band, all) => (band < reach ? value : Math.max(value, all[band - reach])));
    }
    for (let band = 0; band < bands; band++) result[frame * bands + band] = Math.max(falling[band + 1], round(peak[band + 1] - round(depth)));
  }
  return { data: result, frames, bands };
}

/** Whether values depend on the largest one of the clip. */
export function isPeakDependent({ scaling }: FrontendDefinition): boolean {
  return scaling?.type === "Log" && (scaling.reference === "peak" || scaling.dynamic_range !== null);
}

/** Per-channel energy normalization; the smoothed energy of each band goes from piece to piece. */
export class PcenState {
  private smoothed: Float64Array | null = null;

  constructor(private readonly rule: Pcen) {}

  push(values: Values): Values {
    if (!values.frames) return values;
    const { smoothing, gain, bias, power, epsilon, initial, root } = this.rule;
    const state = (this.smoothed ??= new Float64Array(values.bands).map((_, band) => (initial === "first" ? values.data[band] : initial)));
    return map(values, (value, index) => {
      const band = index % values.bands;
      state[band] = (1 - smoothing) * state[band] + smoothing * value;
      const level = value * Math.exp(-gain * Math.log(state[band] + epsilon));
      if (!bias) return Math.exp(power * Math.log(Math.max(level, 1e-30)));
      return root * Math.expm1(power * Math.log1p(level / bias));
    });
  }
}
