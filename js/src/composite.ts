/** Definitions that are made of front ends: several channels of a recording, and several front ends as one. */

import type { BundleDefinition, SpatialDefinition } from "./definition.ts";
import type { FloatFrontend } from "./frontend.ts";
import { type Features, type Frontend, type Samples, type Stream, severalChannels } from "./interface.ts";
import type { LoweredFeature } from "./spatial.ts";
import type { Floats } from "./values.ts";

type Rows = Pick<Features, "frames" | "bands"> & { readonly data: Floats };

/** A front end on every channel of a recording. */
export class SpatialFrontend implements Frontend {
  constructor(
    private readonly frontend: FloatFrontend,
    /** What is computed from the bins of all channels; null concatenates their features. */
    private readonly feature: LoweredFeature | null,
    readonly definition: SpatialDefinition,
  ) {}

  numFrames(samples: number): number {
    return this.frontend.numFrames(samples);
  }

  features(samples: Samples): Features {
    return this.combine(this.raised(samples).map((channel) => this.frontend.features(channel)));
  }

  stream(): Stream {
    const { channels } = this.definition;
    const streams = Array.from({ length: channels }, () => this.frontend.stream());
    return {
      push: (samples) => this.combine(this.raised(samples).map((channel, index) => streams[index].push(channel))),
      finish: () => this.combine(streams.map((stream) => stream.finish())),
    };
  }

  free(): void {
    this.frontend.free();
    this.feature?.free();
  }

  /** Return the samples of each channel plus the offset. */
  private raised(samples: Samples): readonly Floats[] {
    const { channels, offset } = this.definition;
    const clips = severalChannels(samples, channels);
    return offset ? clips.map((clip) => new Float64Array(clip).map((sample) => sample + offset)) : clips;
  }

  private combine(channels: readonly Features[]): Features {
    return concatenate(this.feature ? this.feature.compute(channels) : channels);
  }
}

/** Several front ends, computed from the same samples. */
export class BundleFrontend implements Frontend {
  private readonly join: (parts: readonly Rows[]) => Features;

  constructor(
    private readonly members: readonly Frontend[],
    readonly definition: BundleDefinition,
  ) {
    this.join = definition.along === "bands" ? concatenate : interleave;
  }

  numFrames(samples: number): number {
    return this.members[0].numFrames(samples);
  }

  features(samples: Samples): Features {
    return this.join(this.members.map((member) => member.features(samples)));
  }

  stream(): Stream {
    const streams = this.members.map((member) => member.stream());
    let waiting = this.members.map(({ definition }): Features => ({ data: new Float32Array(0), frames: 0, bands: definition.bands }));
    const complete = (added: readonly Features[]): Features => {
      const known = waiting.map((rows, index) => append(rows, added[index]));
      const count = Math.min(...known.map(({ frames }) => frames));
      waiting = known.map(({ data, frames, bands }) => ({ data: data.slice(count * bands), frames: frames - count, bands }));
      return this.join(known.map(({ data, bands }) => ({ data: data.subarray(0, count * bands), frames: count, bands })));
    };
    return {
      push: (samples) => complete(streams.map((stream) => stream.push(samples))),
      finish: () => complete(streams.map((stream) => stream.finish())),
    };
  }

  free(): void {
    for (const member of this.members) member.free();
  }
}

/** Return the rows of the first features, then those of the second. */
function append(first: Features, second: Features): Features {
  const data = new Float32Array(first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  return { data, frames: first.frames + second.frames, bands: first.bands };
}

/** Return the values of each frame next to one another. */
function concatenate(parts: readonly Rows[]): Features {
  const { frames } = parts[0];
  const bands = parts.reduce((total, part) => total + part.bands, 0);
  const data = new Float32Array(frames * bands);
  for (let frame = 0; frame < frames; frame++) {
    let place = frame * bands;
    for (const part of parts) {
      data.set(part.data.subarray(frame * part.bands, (frame + 1) * part.bands), place);
      place += part.bands;
    }
  }
  return { data, frames, bands };
}

/** Return the values of each band next to one another, as in an image. */
function interleave(parts: readonly Rows[]): Features {
  const count = parts.length;
  const data = new Float32Array(parts[0].data.length * count);
  parts.forEach((part, index) => part.data.forEach((value, place) => (data[place * count + index] = value)));
  return { data, frames: parts[0].frames, bands: parts[0].bands * count };
}
