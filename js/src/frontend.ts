/** Features of clips: the kernel's frames, and what depends on the whole clip. */

import { condition } from "./conditioning.ts";
import { applyDeltas, applyStack } from "./context.ts";
import { type FrontendDefinition, float64Of } from "./definition.ts";
import { numFrames, numRows, numValid } from "./framing.ts";
import { type Features, type Frontend, type Samples, oneChannel } from "./interface.ts";
import type { Kernel, Matrix, Program } from "./kernel.ts";
import { RunningMeanState, isConstant, normalize } from "./normalize.ts";
import { PcenState, applyMask, applyPeak, compressed, detectBin, isPeakDependent } from "./scaling.ts";
import { FloatStream } from "./stream.ts";
import { type Floats, type Values, asFloat64, map } from "./values.ts";

/** Compressed bands of single frames, and their log energies if the cepstrum needs them. */
export interface Bands {
  readonly values: Values;
  readonly energy: Float32Array | null;
}

/** Samples that differ less are one repeated sample: four steps of float32. */
const EQUAL = { absolute: 0, relative: 2 ** -22 };

/** A front end of one channel in floating point. */
export class FloatFrontend implements Frontend {
  private readonly program: Program;
  private readonly cepstrumMatrix: Matrix | null;

  constructor(
    kernel: Kernel,
    readonly definition: FrontendDefinition,
  ) {
    this.program = kernel.lower(definition);
    this.cepstrumMatrix = definition.cepstrum === null ? null : kernel.cepstrum(float64Of(definition.cepstrum), definition.columns);
  }

  numFrames(samples: number): number {
    return numRows(this.definition, numFrames(this.definition, Math.max(samples - this.definition.padding.dropped, 0)));
  }

  /** The rows after the valid frames are 0. */
  features(samples: Samples | Float64Array<ArrayBuffer>): Features {
    const { definition } = this;
    const own = oneChannel<Floats>(samples);
    const clip = condition(definition, own);
    const count = numValid(definition, clip.length);
    const data = new Float32Array(this.numFrames(own.length) * definition.bands);
    if (count) {
      const { values, energy } = this.bands(clip, 0, count, 0, clip.length);
      data.set(this.finish(this.silenced(values, own), energy).data);
    }
    return { data, frames: data.length / definition.bands, bands: definition.bands };
  }

  stream(): FloatStream {
    if (!this.definition.streamable) throw new TypeError("this definition needs the whole clip and cannot be streamed; use features()");
    return new FloatStream(this);
  }

  free(): void {
    this.program.free();
    this.cepstrumMatrix?.free();
  }

  /** Return compressed bands of frames of conditioned samples; see `Program.frames`. */
  bands(clip: Float32Array<ArrayBuffer>, first: number, count: number, base: number, total: number): Bands {
    const { scaling, columns } = this.definition;
    const raw = this.program.frames(clip, first, count, base, total);
    if (this.definition.parts) return { values: partsOf(raw, count, this.program.width, this.definition.parts), energy: null };
    if (!this.definition.energy) {
      const values: Values = { data: raw, frames: count, bands: columns };
      return { values: scaling?.type === "Pcen" ? asFloat64(values) : values, energy: null };
    }
    const data = new Float32Array(count * columns);
    const energy = new Float32Array(count);
    for (let frame = 0; frame < count; frame++) {
      const start = frame * (columns + 1);
      data.set(raw.subarray(start, start + columns), frame * columns);
      energy[frame] = raw[start + columns];
    }
    return { values: { data, frames: count, bands: columns }, energy };
  }

  /** Return the cepstrum of compressed bands, or the bands if the definition has none. */
  cepstrum(values: Values, energy: Float32Array | null): Values {
    const { scaling } = this.definition;
    const masked = scaling?.type === "Log" && scaling.mask ? applyMask(scaling.mask, values) : values;
    if (!this.cepstrumMatrix) return masked;
    const result = this.cepstrumMatrix.multiply(masked);
    if (energy) for (let frame = 0; frame < result.frames; frame++) result.data[frame * result.bands] = energy[frame];
    return result;
  }

  /** Return the features from the compressed bands of a whole clip. */
  private finish(values: Values, energy: Float32Array | null): Values {
    const { definition } = this;
    const { scaling, deltas, stack } = definition;
    let result = values;
    if (scaling?.type === "Pcen") result = new PcenState(scaling).push(result);
    else if (scaling && isPeakDependent(definition)) result = applyPeak(scaling, result, peakOf(result));
    result = this.cepstrum(result, energy);
    if (deltas) result = applyDeltas(deltas, result);
    const rule = definition.normalize;
    if (rule) result = rule.type === "RunningMean" ? new RunningMeanState(rule).push(result) : normalize(rule, result, definition.tolerance);
    return stack ? applyStack(stack, result, 0, numRows(definition, result.frames)) : result;
  }

  /**
   * Return compressed bands, in which the rounding error of a clip of one repeated sample is silence.
   *
   * The logarithm and the normalization would make that error as large as sound.
   */
  private silenced(values: Values, samples: Floats): Values {
    const { silence, spectrum, scaling } = this.definition;
    if (!silence) return values;
    let [lowest, highest] = [Infinity, -Infinity];
    for (const sample of samples) {
      lowest = Math.min(lowest, sample);
      highest = Math.max(highest, sample);
    }
    if (!isConstant(lowest, highest, EQUAL, (value) => value)) return values;
    const error = detectBin(spectrum, Math.max(highest, -lowest) * silence.bin, 0);
    const limits = float64Of(silence.weights).map((weight) => compressed(scaling, error * weight));
    const silent = float64Of(silence.bands).map((band) => compressed(scaling, band));
    return map(values, (value, index) => {
      const band = index % values.bands;
      return value <= limits[band] ? silent[band] : value;
    });
  }
}

/** Return the real parts of some bins and then their imaginary parts, which the kernel returns in turn. */
function partsOf(raw: Float32Array, frames: number, width: number, [start, stop]: readonly [number, number]): Values {
  const bins = stop - start;
  const data = new Float32Array(frames * 2 * bins);
  for (let i = 0; i < data.length; i++) {
    const [frame, column] = [Math.floor(i / (2 * bins)), i % (2 * bins)];
    data[i] = raw[frame * width + 2 * (start + (column % bins)) + Math.floor(column / bins)];
  }
  return { data, frames, bands: 2 * bins };
}

function peakOf({ data }: Values): number {
  let peak = -Infinity;
  for (let i = 0; i < data.length; i++) peak = Math.max(peak, data[i]);
  return peak;
}
