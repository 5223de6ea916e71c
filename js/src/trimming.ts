/** What a model of `sonogram train` does with a clip before its front end: the layer `TrimAndNormalize` of Python. */

import { oneChannel } from "./interface.ts";

export interface TrimOptions {
  /** Hertz. */
  readonly sampleRate: number;
  /** Blocks of 10 ms at both ends that are so many dB below the loudest one are silence: 40 by default; null trims nothing. */
  readonly trimDb?: number | null;
  /** Whether to divide the clip by its peak; true by default. */
  readonly peakNormalize?: boolean;
  /** Zeros are appended up to this number of samples; 0 by default. */
  readonly pad?: number;
}

const BLOCK_SECONDS = 0.01;
/** A clip with a lower peak (-80 dB) holds only noise. */
const MIN_PEAK = 1e-4;
/** Part of the peak up to which samples about the mean may be rounding error. */
const ROUNDING = 1e-5;

/** Return a clip without the silence at both ends, divided by its peak. */
export function trimAndNormalize(samples: Float32Array<ArrayBuffer>, options: TrimOptions): Float32Array<ArrayBuffer> {
  if (!(options?.sampleRate > 0)) throw new TypeError(`options must have a sampleRate in hertz; got ${options?.sampleRate}`);
  const { sampleRate, trimDb = 40, peakNormalize = true, pad = 0 } = options;
  const own = oneChannel(samples);
  const [start, stop] = trimDb === null ? [0, own.length] : soundBounds(own, sampleRate, trimDb);
  const sound = own.subarray(start, stop);
  const result = new Float32Array(Math.max(sound.length, pad));
  const divisor = peakNormalize ? Math.max(peakOf(sound), MIN_PEAK) : 1;
  for (let i = 0; i < sound.length; i++) result[i] = sound[i] / divisor;
  return result;
}

/** Return the start of the first loud block and the end of the last one; 0 and 0 for a silent clip. */
function soundBounds(samples: Float32Array, sampleRate: number, trimDb: number): [number, number] {
  const block = Math.max(1, roundHalfToEven(BLOCK_SECONDS * sampleRate));
  const energies = blockEnergies(samples, block);
  const threshold = peakOf(energies) * 10 ** (-trimDb / 10);
  const rounding = (peakOf(samples) * ROUNDING) ** 2 * block;
  const isLoud = (energy: number) => energy >= threshold && energy > rounding;
  const start = energies.findIndex(isLoud) * block;
  if (start < 0) return [0, 0];
  return [start, Math.min((energies.findLastIndex(isLoud) + 1) * block, samples.length)];
}

/** Return the energy of each block about the mean of the clip: a constant offset is not sound. */
function blockEnergies(samples: Float32Array, block: number): Float64Array {
  let mean = 0;
  for (const sample of samples) mean += sample / samples.length;
  const energies = new Float64Array(Math.ceil(samples.length / block));
  samples.forEach((sample, index) => {
    energies[Math.floor(index / block)] += (sample - mean) ** 2;
  });
  return energies;
}

function peakOf(values: Float32Array | Float64Array): number {
  let peak = 0;
  for (const value of values) peak = Math.max(peak, Math.abs(value));
  return peak;
}

/** Python rounds so: 220.5, a block at 22,050 Hz, becomes 220. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}
