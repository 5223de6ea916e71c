/** Normalization of the features of one clip. */

import type { Normalize, Tolerance } from "./definition.ts";
import { type Values, asFloat64, map, rounding, sum, zeros } from "./values.ts";

/** The values that share their statistics: all of them, or those of each band. */
type Per = "clip" | "band";

type Stateless = Exclude<Normalize, { type: "RunningMean" }>;

export function normalize(rule: Stateless, values: Values, tolerance: Tolerance): Values {
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
    case "SlidingMean":
      return slidingMean(rule, values);
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
    const limited = Math.min(Math.max(round(round(value - mean[band]) * gain[band]), minimum), maximum);
    return rule.step === null ? limited : round(limited + round(stepped(limited, rule.step, round) - limited));
  });
}

/** Return the nearest multiple of a step. */
function stepped(value: number, step: number, round: (value: number) => number): number {
  return round(Math.floor(round(round(value * round(1 / step)) + 0.5)) * round(step));
}

/** The exponential mean of each band, which goes from piece to piece. */
export class RunningMeanState {
  private state: number[] | null = null;

  constructor(private readonly rule: Normalize & { type: "RunningMean" }) {}

  push(values: Values): Values {
    const { smoothing, initial, std } = this.rule;
    const round = rounding(values.data);
    const gain = round(1 / std);
    return map(values, (value, index) => {
      const band = index % values.bands;
      this.state ??= Array.from({ length: values.bands }, (_, place) => (initial === "first" ? values.data[place] : typeof initial === "number" ? initial : round(initial[place])));
      const isConstant = typeof initial === "number" && index < values.bands && !this.isContinued;
      // A number is multiplied before it is rounded, a mean after.
      const kept = isConstant ? round((1 - smoothing) * initial) : round(round(1 - smoothing) * this.state[band]);
      this.state[band] = round(kept + round(round(smoothing) * value));
      if (index === values.data.length - 1) this.isContinued = true;
      return round(round(value - this.state[band]) * gain);
    });
  }

  private isContinued = false;
}

/** Return values minus the mean of the last frames. */
function slidingMean({ before, minimum }: Normalize & { type: "SlidingMean" }, values: Values): Values {
  const { frames, bands } = values;
  const sums = slidingSums(values, before + 1).data;
  const least = Math.min(frames, minimum);
  const data = new Float64Array(values.data.length);
  for (let i = 0; i < data.length; i++) {
    const frame = Math.floor(i / bands);
    // The rows before that of `least` have its sum.
    const source = Math.max(frame, least - 1);
    data[i] = values.data[i] - sums[source * bands + (i % bands)] / Math.min(Math.max(frame + 1, least), before + 1);
  }
  return { data, frames, bands };
}

/** Return the sums of the last `size` frames: sums of 1, 2, 4, 8 ... frames, added in the order of the native engine. */
function slidingSums(values: Values, size: number): Values {
  const round = rounding(values.data);
  const plus = (a: Values, b: Values, delay: number) => map(a, (value, index) => round(value + (index >= delay * a.bands ? b.data[index - delay * a.bands] : 0)));
  let [total, done, part]: [Values | null, number, Values] = [null, 0, values];
  for (let length = 1; done < size; length *= 2) {
    if (size & length) {
      total = plus(total ?? map(values, () => 0), part, done);
      done += length;
    }
    if (done < size) part = plus(part, part, length);
  }
  return total!;
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
