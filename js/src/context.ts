/** Context over time: derivatives of the features, and neighboring frames in one row. */

import type { FrontendDefinition, Deltas, Stack } from "./definition.ts";
import { numRows } from "./framing.ts";
import { type Values, concatenate, map, rounding, rows, zeros } from "./values.ts";

/** Return the features and their derivatives of each order, next to one another. */
export function applyDeltas(rule: Deltas, values: Values): Values {
  const parts = [values];
  if (rule.lag !== null) parts.push(rise(rule.lag, values));
  for (const weights of rule.weights) parts.push(rule.chained ? regression(weights, parts[parts.length - 1]) : polynomial(weights, values));
  const bands = values.bands * parts.length;
  const data = zeros(values.data, values.frames * bands);
  for (let frame = 0; frame < values.frames; frame++) {
    parts.forEach((part, place) => {
      data.set(part.data.subarray(frame * values.bands, (frame + 1) * values.bands), frame * bands + place * values.bands);
    });
  }
  return { data, frames: values.frames, bands };
}

/** Return the slopes of lines through neighboring frames; the first and the last frame are repeated. */
function regression(weights: readonly number[], values: Values): Values {
  const half = (weights.length - 1) / 2;
  return filter(weights, values, (frame) => Math.min(Math.max(frame - half, 0), values.frames - 1));
}

/** Return derivatives of a polynomial through neighboring frames; rows near an edge repeat the first or last whole one. */
function polynomial(weights: readonly number[], values: Values): Values {
  const { data, frames, bands } = values;
  const length = weights.length;
  const half = (length - 1) / 2;
  if (frames < length) return { data: zeros(data, data.length), frames, bands };
  const inside = filter(weights, values, (frame) => Math.min(Math.max(frame - half, 0), frames - 1));
  const result = zeros(data, data.length);
  for (let frame = 0; frame < frames; frame++) {
    const from = Math.min(Math.max(frame, half), frames - 1 - half);
    result.set(inside.data.subarray(from * bands, (from + 1) * bands), frame * bands);
  }
  return { data: result, frames, bands };
}

/** Return how much larger each value is than that of an earlier frame; 0 where it is not, or there is none. */
function rise(lag: number, values: Values): Values {
  const round = rounding(values.data);
  const back = lag * values.bands;
  return map(values, (value, index) => (index < back ? 0 : Math.max(round(value - values.data[index - back]), 0)));
}

/** Return `sum weights[k] values[t + k]`; `source` gives the frame at a position. */
function filter(weights: readonly number[], { data, frames, bands }: Values, source: (position: number) => number): Values {
  const round = rounding(data);
  const result = zeros(data, data.length);
  for (let i = 0; i < data.length; i++) {
    const [frame, band] = [Math.floor(i / bands), i % bands];
    let total: number | null = null;
    weights.forEach((weight, k) => {
      if (!weight) return;
      const term = round(data[source(frame + k) * bands + band] * round(weight));
      total = total === null ? term : round(total + term);
    });
    result[i] = total ?? 0;
  }
  return { data: result, frames, bands };
}

/**
 * Return `count` rows of neighboring frames, from row `first` on.
 *
 * `values` are the frames from `base` on, of a clip of so many frames as they end at.
 */
export function applyStack(rule: Stack, values: Values, first: number, count: number, base = 0): Values {
  const { data, frames, bands } = values;
  const { size, before, edges, layout } = rule;
  const total = base + frames;
  const result = zeros(data, count * size * bands);
  for (let i = 0; i < result.length; i++) {
    const [row, place] = [Math.floor(i / (size * bands)), i % (size * bands)];
    const [step, band] = layout === "frames" ? [Math.floor(place / bands), place % bands] : [place % size, Math.floor(place / size)];
    const frame = (first + row) * strideOf(rule) - before + step;
    const isInside = frame >= 0 && frame < total;
    if (isInside || edges === "repeat") result[i] = data[(Math.min(Math.max(frame, 0), total - 1) - base) * bands + band];
  }
  return { data: result, frames: count, bands: size * bands };
}

const strideOf = (rule: Stack) => rule.step ?? rule.size;

/** Frames before the next row of a stage that looks at neighboring frames. */
export class ContextBuffer {
  private buffer: Values | null = null;
  private base = 0;
  private done = 0;

  constructor(
    private readonly apply: (values: Values) => Values,
    /** Frames before a row that it depends on. */
    private readonly lookback: number,
    private readonly numComplete: (frames: number) => number,
  ) {}

  /** Add frames and return the rows that they complete. */
  push(values: Values, isLast: boolean): Values {
    const buffer = this.buffer ? concatenate(this.buffer, values) : values;
    const total = this.base + buffer.frames;
    const complete = Math.max(isLast ? total : this.numComplete(total), this.done);
    const result = rows(this.apply(buffer), this.done - this.base, complete - this.base);
    this.done = complete;
    const base = Math.max(this.done - this.lookback, 0);
    this.buffer = rows(buffer, base - this.base, buffer.frames);
    this.base = base;
    return result;
  }
}

/** Return the number of rows whose derivatives do not depend on frames after the first `frames`. */
export function numDeltas({ chained, lookahead, weights }: Deltas, frames: number): number {
  return chained || frames >= weights[0].length ? Math.max(frames - lookahead, 0) : 0;
}

/** Frames of rows that are not complete. */
export class StackBuffer {
  private buffer: Values | null = null;
  private base = 0;
  private done = 0;

  constructor(private readonly definition: FrontendDefinition & { stack: Stack }) {}

  /** Add frames and return the rows that they complete. */
  push(values: Values, isLast: boolean): Values {
    const rule = this.definition.stack;
    const buffer = this.buffer ? concatenate(this.buffer, values) : values;
    const total = this.base + buffer.frames;
    const known = Math.max(Math.floor((total + rule.before - rule.size) / strideOf(rule)) + 1, 0);
    const count = Math.max((isLast ? numRows(this.definition, total) : known) - this.done, 0);
    const result = applyStack(rule, buffer, this.done, count, this.base);
    this.done += count;
    const next = Math.min(Math.max(this.done * strideOf(rule) - rule.before, this.base), Math.max(total - 1, this.base));
    this.buffer = rows(buffer, next - this.base, buffer.frames);
    this.base = next;
    return result;
  }
}
