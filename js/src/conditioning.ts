/** Scale, mean of the clip and pre-emphasis over the clip, in float64; what concerns single frames is in the kernel. */

import type { FrontendDefinition } from "./definition.ts";
import type { Floats } from "./values.ts";

/**
 * Return the conditioned samples of a clip, or of a piece of it that follows the sample `previous`.
 *
 * Samples that need no conditioning are returned as they are, in float32.
 */
export function condition({ conditioning, padding }: FrontendDefinition, samples: Floats, previous: number | null = null): Float32Array<ArrayBuffer> {
  const { scale, remove_mean, preemphasis } = conditioning;
  const coefficient = preemphasis?.scope === "clip" ? preemphasis.coefficient : 0;
  const mean = remove_mean === "clip" ? meanOf(samples) : 0;
  if (scale === 1 && remove_mean !== "clip" && !coefficient) return samples instanceof Float32Array ? samples : new Float32Array(samples);
  const skipped = previous === null ? padding.dropped : 0;
  const result = new Float32Array(Math.max(samples.length - skipped, 0));
  let before = (previous ?? firstPrevious(samples, preemphasis?.boundary)) - mean;
  if (skipped) before = samples[0] - mean;
  if (previous === null && preemphasis?.boundary === "zero") before = 0;
  for (let i = 0; i < result.length; i++) {
    const own = samples[i + skipped] - mean;
    result[i] = (own - coefficient * before) * scale;
    before = own;
  }
  return result;
}

/** The sample that the pre-emphasis takes before the first one. */
function firstPrevious(samples: Floats, boundary = "zero"): number {
  if (boundary === "repeat") return samples[0] ?? 0;
  if (boundary === "wrap") return samples[samples.length - 1] ?? 0;
  return boundary === "reflect" ? (samples[1] ?? 0) : 0;
}

/** The mean in eight sums, as the kernel of the native engine computes it. */
function meanOf(samples: Floats): number {
  const parts = new Float64Array(8);
  const whole = samples.length - (samples.length % 8);
  for (let i = 0; i < whole; i++) parts[i % 8] += samples[i];
  let total = 0;
  for (let i = whole; i < samples.length; i++) total += samples[i];
  for (const part of parts) total += part;
  return samples.length ? total / samples.length : 0;
}
