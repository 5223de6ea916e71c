/** Numbers of frames and where they begin: the rules of `sonogram.padding`. */

import type { FrontendDefinition, Padding } from "./definition.ts";

/** Samples after conditioning. */
export function numConditioned({ dropped }: Padding, samples: number): number {
  return Math.max(samples - dropped, 0);
}

/** Frames of a clip of so many conditioned samples, those without features included. */
export function numFrames({ padding, frame_step }: FrontendDefinition, conditioned: number): number {
  return conditioned > 0 ? Math.max(Math.floor((conditioned + padding.added) / frame_step), 0) : 0;
}

/** Frames that hold features. */
export function numValid(definition: FrontendDefinition, conditioned: number): number {
  return Math.max(numFrames(definition, conditioned) - definition.padding.zero_last, 0);
}

/** Rows of features of so many frames. */
export function numRows({ stack }: FrontendDefinition, frames: number): number {
  if (!stack) return frames;
  const stride = stack.step ?? stack.size;
  if (stack.remainder === "pad") return Math.ceil(frames / stride);
  return Math.max(Math.floor((frames + stack.before - stack.size + stride) / stride), 0);
}

/** Samples from the beginning of the first window to that of the clip; may be negative. */
export function padLeft(definition: FrontendDefinition, conditioned: number): number {
  const { padding, frame_step } = definition;
  if (!padding.splits) return padding.pad_left;
  const covered = (numFrames(definition, conditioned) - 1) * frame_step + padding.frame_span;
  return Math.floor(Math.max(covered - conditioned, 0) / 2) - padding.window_offset;
}

/** The samples that frames cover, and those that a mirror at the edges of the clip needs. */
export function coveredSamples(definition: FrontendDefinition, first: number, count: number, total: number): { start: number; stop: number } {
  const { frame_step, frame_length, span } = definition;
  let start = first * frame_step - padLeft(definition, total);
  let stop = start + Math.max(count - 1, 0) * frame_step + frame_length;
  const margin = 2 * span + frame_step;
  if (total <= 2 * margin) return { start: 0, stop: total };
  if (start < 0) stop = Math.max(stop, margin);
  if (stop > total) start = Math.min(start, total - margin);
  start = Math.min(Math.max(start, 0), total);
  return { start, stop: Math.max(Math.min(stop, total), start) };
}
