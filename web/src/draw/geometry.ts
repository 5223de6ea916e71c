/** Where the parts of a pane lie, in device pixels. */

import type { Box } from "./surface.ts";

export interface Geometry {
  readonly ratio: number;
  readonly width: number;
  readonly height: number;
  readonly wave: Box;
  readonly plot: Box;
  readonly scores: Box;
  /** The color bar. */
  readonly bar: Box;
}

/** Widths and heights in CSS pixels. */
export const LEFT = 60;
export const RIGHT = 78;
const WAVE = 40;
const GAP = 3;
const SCORES = 76;

export interface Parts {
  readonly wave: boolean;
  readonly scores: boolean;
}

export function geometry(width: number, height: number, ratio: number, parts: Parts): Geometry {
  const px = (size: number) => Math.round(size * ratio);
  const [w, h] = [px(width), px(height)];
  const left = px(LEFT);
  const inner = Math.max(w - left - px(RIGHT), 16);
  const waveHeight = parts.wave && height > 150 ? px(WAVE) : 0;
  const top = waveHeight ? waveHeight + px(GAP) : 0;
  const below = parts.scores ? px(SCORES) : 0;
  const plot = { left, top, width: inner, height: Math.max(h - top - below - px(GAP), 16) };
  return {
    ratio,
    width: w,
    height: h,
    wave: { left, top: 0, width: inner, height: waveHeight },
    plot,
    scores: { left, top: plot.top + plot.height + px(GAP), width: inner, height: Math.max(below - px(2 * GAP), 0) },
    bar: { left: left + inner + px(12), top: plot.top + px(4), width: px(9), height: Math.max(plot.height - px(8), 8) },
  };
}

export function contains(box: Box, x: number, y: number): boolean {
  return x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height;
}
