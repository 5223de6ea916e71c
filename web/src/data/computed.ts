/** Features and waveforms of samples in the page: computed by the engine, kept as maxima of 1, 2, 4, ... columns. */

import type { Definition as Program, Engine, Features } from "../../../js/src/index.ts";
import type { Block, Definition } from "./source.ts";
import { WAVE_COLUMNS, WAVE_SAMPLES } from "./tiles.ts";

/** The features of one recording under one definition. */
class Pyramid {
  private readonly levels: Float32Array[];

  constructor({ data, bands }: Features) {
    this.bands = bands;
    this.levels = [data];
  }

  private readonly bands: number;

  tile(level: number, index: number, columns: number): Block<Float32Array> {
    const rows = this.level(level);
    const count = Math.max(Math.min(columns, rows.length / this.bands - index * columns), 0);
    const start = index * columns * this.bands;
    return { data: transposed(rows.subarray(start, start + count * this.bands), this.bands), columns: count, complete: true };
  }

  private level(level: number): Float32Array {
    for (let next = this.levels.length; next <= level; next++) this.levels.push(maxima(this.levels[next - 1], this.bands));
    return this.levels[level];
  }
}

/** Return the maxima of neighboring columns of `width` numbers; the last one may stand alone. */
function maxima(columns: Float32Array, width: number): Float32Array {
  const count = Math.ceil(columns.length / width / 2);
  const result = new Float32Array(count * width);
  for (let i = 0; i < result.length; i++) {
    const first = 2 * (i - (i % width)) + (i % width);
    result[i] = first + width < columns.length ? Math.max(columns[first], columns[first + width]) : columns[first];
  }
  return result;
}

/** Return `(bands, columns)` of `(columns, bands)`. */
export function transposed(rows: Float32Array, bands: number): Float32Array {
  const columns = rows.length / bands;
  const result = new Float32Array(rows.length);
  for (let column = 0; column < columns; column++) for (let band = 0; band < bands; band++) result[band * columns + column] = rows[column * bands + band];
  return result;
}

export class Computed {
  private readonly pyramids = new Map<string, Pyramid>();
  private readonly resampled = new Map<number, Float32Array<ArrayBuffer>>();
  private readonly waves: Float32Array[] = [];

  constructor(
    private readonly engine: Engine,
    samples: Float32Array<ArrayBuffer>,
    readonly rate: number,
  ) {
    this.resampled.set(rate, samples);
  }

  tile(definition: Definition, program: Program, level: number, index: number): Block<Float32Array> {
    let pyramid = this.pyramids.get(definition.id);
    if (!pyramid) this.pyramids.set(definition.id, (pyramid = new Pyramid(this.features(program, this.at(definition.rate)))));
    return pyramid.tile(level, index, definition.tile_columns);
  }

  /** Return the features of a part alone, as a model that gets this part computes them. */
  window(definition: Definition, program: Program, from: number, seconds: number): Block<Float32Array> & { start: number } {
    const { rate } = definition;
    const first = Math.round(from * rate);
    const { data, frames, bands } = this.features(program, this.at(rate).slice(first, first + Math.round(seconds * rate)));
    return { data: transposed(data, bands), columns: frames, complete: true, start: first / rate };
  }

  /** Return lowest and highest samples, in pairs, of a piece of the waveform. */
  wave(level: number, index: number): Block<Int16Array> {
    if (!this.waves.length) this.waves.push(extremes(this.at(this.rate)));
    for (let next = this.waves.length; next <= level; next++) this.waves.push(maxima(this.waves[next - 1], 2));
    const pairs = this.waves[level].subarray(2 * WAVE_COLUMNS * index, 2 * WAVE_COLUMNS * (index + 1));
    return { data: Int16Array.from(pairs, (value, place) => (place % 2 ? value : -value)), columns: pairs.length / 2, complete: true };
  }

  private features(program: Program, samples: Float32Array<ArrayBuffer>): Features {
    const frontend = this.engine.frontend(program);
    const features = frontend.features(samples);
    frontend.free();
    return features;
  }

  /** Return the samples at a rate. */
  at(rate: number): Float32Array<ArrayBuffer> {
    let samples = this.resampled.get(rate);
    if (!samples) this.resampled.set(rate, (samples = this.engine.resample(this.at(this.rate), this.rate, rate)));
    return samples;
  }
}

/** Return the negative of the lowest and the highest sample of each column, as whole numbers of 16 bits. */
export function extremes(samples: Float32Array, width = WAVE_SAMPLES): Float32Array {
  const result = new Float32Array(2 * Math.ceil(samples.length / width));
  for (let column = 0; column < result.length / 2; column++) {
    let [lowest, highest] = [Infinity, -Infinity];
    for (const sample of samples.subarray(column * width, (column + 1) * width)) {
      lowest = Math.min(lowest, sample);
      highest = Math.max(highest, sample);
    }
    result[2 * column] = -int16(lowest);
    result[2 * column + 1] = int16(highest);
  }
  return result;
}

const int16 = (value: number) => Math.trunc(Math.min(Math.max((value || 0) * 32768, -32767), 32767));
