/** Rows of numbers in float32 or float64, whose sums have the order of NumPy's: so both give the same bits. */

export type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export interface Values {
  /** `(frames, bands)`, row by row. */
  readonly data: Floats;
  readonly frames: number;
  readonly bands: number;
}

/** Return the function that rounds a number to the precision of an array. */
export function rounding(data: Floats): (value: number) => number {
  return data instanceof Float32Array ? Math.fround : (value) => value;
}

/** Return zeros in the precision of `like`. */
export function zeros(like: Floats, length: number): Floats {
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

export function map({ data, frames, bands }: Values, change: (value: number, index: number) => number): Values {
  const result = zeros(data, data.length);
  for (let i = 0; i < data.length; i++) result[i] = change(data[i], i);
  return { data: result, frames, bands };
}

/** Return rows `start` to `stop`. */
export function rows({ data, bands }: Values, start: number, stop: number): Values {
  return { data: data.slice(start * bands, stop * bands), frames: stop - start, bands };
}

/** Return the rows of `first`, then those of `second`. */
export function concatenate(first: Values, second: Values): Values {
  if (!first.frames) return second;
  const data = zeros(second.data, first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  return { data, frames: first.frames + second.frames, bands: second.bands };
}

export const asFloat64 = ({ data, frames, bands }: Values): Values => ({ data: new Float64Array(data), frames, bands });

/**
 * Return the sum of `count` numbers from `start`, each sum rounded to the precision of the array.
 *
 * Pairwise summation: blocks of up to 128 numbers in eight sums, joined like the leaves of a tree.
 */
export function sum(data: Floats, start: number, count: number): number {
  const round = rounding(data);
  if (count < 8) {
    let total = 0;
    for (let i = 0; i < count; i++) total = round(total + data[start + i]);
    return total;
  }
  if (count > 128) {
    const half = Math.floor(count / 2);
    const left = half - (half % 8);
    return round(sum(data, start, left) + sum(data, start + left, count - left));
  }
  const parts = Array.from(data.subarray(start, start + 8));
  const whole = count - (count % 8);
  for (let i = 8; i < whole; i++) parts[i % 8] = round(parts[i % 8] + data[start + i]);
  const [a, b, c, d, e, f, g, h] = parts;
  let total = round(round(round(a + b) + round(c + d)) + round(round(e + f) + round(g + h)));
  for (let i = whole; i < count; i++) total = round(total + data[start + i]);
  return total;
}
