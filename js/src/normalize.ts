/** Normalization of the features of one clip. */

import type { Normalize, Tolerance } from "./definition.ts";
import { type Values, asFloat64, map, rounding, sum, zeros } from "./values.ts";

/** The values that share their statistics: all of them, or those of each band. */
type Per = "clip" | "band";

export function normalize(rule: Normalize, values: Values, tolerance: Tolerance): Values {
  switch (rule.type) {
    case "Affine":
      return affine(rule, values);
    case "Standardize":
      return standardize(rule, values, tolerance);
    case "RemoveMean":
      return removeMean(rule.per, values, tolerance);
    case "MinMax":
      return minMax(rule.epsilon, values, tolerance);
    case "UnitPeak":
      return unitPeak(values, tolerance);
  }
}

function affine(rule: Normalize & { type: "Affine" }, values: Values): Values {
  const wide = rule.per_band ? asFloat64(values) : values;
  const round = rounding(wide.data);
  const mean = rule.mean.map(round);
  const gain = rule.gain.map(round);
  const minimum = rule.minimum === null ? -Infinity : round(rule.minimum);
  const maximum = rule.maximum === null ? Infinity : round(rule.maximum);
  return map(wide, (value, index) => {
    const band = index % mean.length;
    return Math.min(Math.max(round(round(value - mean[band]) * gain[band]), minimum), maximum);
  });
}

function standardize(rule: Normalize & { type: "Standardize" }, values: Values, tolerance: Tolerance): Values {
  const round = rounding(values.data);
  const { per, ddof, epsilon_added_to: place } = rule;
  const epsilon = round(rule.epsilon);
  const constant = constants(per, values, tolerance);
  const mean = means(per, values, 0);
  const of = (index: number) => index % mean.length;
  const centered = map(values, (value, index) => round(value - mean[of(index)]));
  const variance = means(per, map(centered, (value) => round(value * value)), ddof);
  const deviation = variance.map((value, band) => {
    const own = constant[band] ? 1 : value;
    return place === "variance" ? round(Math.sqrt(round(own + epsilon))) : round(round(Math.sqrt(own)) + epsilon);
  });
  return map(centered, (value, index) => (constant[of(index)] ? 0 : value / deviation[of(index)]));
}

function removeMean(per: Per, values: Values, tolerance: Tolerance): Values {
  const constant = constants(per, values, tolerance);
  const mean = means(per, values, 0);
  return map(values, (value, index) => (constant[index % mean.length] ? 0 : value - mean[index % mean.length]));
}

function minMax(epsilon: number, values: Values, tolerance: Tolerance): Values {
  const round = rounding(values.data);
  const [[lowest, highest]] = extremes("clip", values);
  const span = round(highest - lowest);
  if (isConstant(lowest, highest, tolerance, round)) return map(values, () => 0);
  // A finite value divided by an infinite span would be 0, as if the clip were silent.
  return map(values, (value) => (span < Infinity ? round(value - lowest) / round(span + round(epsilon)) : NaN));
}

function unitPeak(values: Values, tolerance: Tolerance): Values {
  const least = rounding(values.data)(tolerance.absolute);
  const peaks = Array.from({ length: values.frames }, (_, frame) => {
    let peak = -Infinity;
    for (let band = 0; band < values.bands; band++) peak = Math.max(peak, Math.abs(values.data[frame * values.bands + band]));
    return peak <= least ? 1 : peak;
  });
  return map(values, (value, index) => value / peaks[Math.floor(index / values.bands)]);
}

/** Return the mean of the clip, or that of each band, with `ddof` subtracted from the number of values. */
function means(per: Per, { data, frames, bands }: Values, ddof: number): number[] {
  const round = rounding(data);
  if (per === "clip" || bands === 1) return [round(sum(data, 0, data.length) / Math.max(data.length - ddof, 1))];
  const totals = zeros(data, bands);
  for (let i = 0; i < data.length; i++) totals[i % bands] += data[i];
  return Array.from(totals, (total) => round(total / Math.max(frames - ddof, 1)));
}

function extremes(per: Per, { data, bands }: Values): [number, number][] {
  const found = Array.from({ length: per === "clip" ? 1 : bands }, (): [number, number] => [Infinity, -Infinity]);
  for (let i = 0; i < data.length; i++) {
    const own = found[i % found.length];
    own[0] = Math.min(own[0], data[i]);
    own[1] = Math.max(own[1], data[i]);
  }
  return found;
}

function constants(per: Per, values: Values, tolerance: Tolerance): boolean[] {
  return extremes(per, values).map(([lowest, highest]) => isConstant(lowest, highest, tolerance, rounding(values.data)));
}

/** Whether values from `lowest` to `highest` differ no more than rounding explains; false for NaN and infinity. */
export function isConstant(lowest: number, highest: number, tolerance: Tolerance, round: (value: number) => number): boolean {
  const size = Math.max(Math.abs(highest), Math.abs(lowest));
  return round(round(highest - lowest) - round(round(tolerance.relative) * size)) <= round(tolerance.absolute);
}
