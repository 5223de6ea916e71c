/** What all front ends have in common. */

import type { Definition } from "./definition.ts";

/**
 * Samples in [-1, 1] at the sample rate of the definition.
 *
 * One array; for a definition with `channels` one array for each of them, all of one length.
 */
export type Samples = Float32Array<ArrayBuffer> | readonly Float32Array<ArrayBuffer>[];

export interface Features {
  /** `(frames, bands)`, row by row. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly frames: number;
  readonly bands: number;
}

export interface Frontend {
  readonly definition: Definition;

  /** Return the number of rows of features of a clip of so many samples. */
  numFrames(samples: number): number;

  /** Return the features of a clip. */
  features(samples: Samples): Features;

  /** Return a stream: the same features from samples that arrive in pieces. */
  stream(): Stream;

  /** Release the memory of the front end in the engine. */
  free(): void;
}

export interface Stream {
  /** Add samples and return the rows that they complete, often none or a few. */
  push(samples: Samples): Features;

  /** End the clip and return the remaining rows. */
  finish(): Features;
}

/** Return the samples of a definition without channels. */
export function oneChannel<T extends Float32Array | Float64Array>(samples: T | readonly Float32Array[]): T {
  if (samples instanceof Float32Array || samples instanceof Float64Array) return samples as T;
  throw new TypeError(`samples must be one Float32Array; got ${describe(samples)}. Use Float32Array.from(numbers), or one channel at a time`);
}

/** Return the samples of each of so many channels. */
export function severalChannels(samples: Samples, channels: number): readonly Float32Array<ArrayBuffer>[] {
  const isValid = Array.isArray(samples) && samples.length === channels && samples.every((each) => each instanceof Float32Array && each.length === samples[0].length);
  if (!isValid) throw new TypeError(`samples must be an array of ${channels} Float32Arrays of one length, one for each channel; got ${describe(samples)}`);
  return samples as readonly Float32Array<ArrayBuffer>[];
}

function describe(samples: unknown): string {
  if (samples instanceof Float32Array) return "one Float32Array";
  if (!Array.isArray(samples)) return (samples as object | null)?.constructor?.name ?? String(samples);
  const lengths = samples.map((each) => each?.length);
  return new Set(lengths).size > 1 ? `lengths ${lengths.join(", ")}` : `an array of ${samples.length}`;
}

export function checkUnfinished(isFinished: boolean): void {
  if (isFinished) throw new TypeError("this stream is finished; make a new one for the next clip");
}
