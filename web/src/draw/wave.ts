/** The waveform: the lowest and the highest sample under each pixel. */

import type { Ruler } from "../model/clock.ts";
import { type Layer, type Tiles, WAVE_COLUMNS, WAVE_SAMPLES } from "../data/tiles.ts";
import type { Ink } from "./surface.ts";

/** Level at which a column is one sample. */
export const SAMPLES = -1;

/** Return the coarsest level whose columns are no wider than a pixel. */
export function waveLevel(layer: Layer, ruler: Ruler): number {
  const samples = ruler.secondsPerPixel * layer.file.rate;
  if (samples < WAVE_SAMPLES) return SAMPLES;
  return Math.min(Math.floor(Math.log2(samples / WAVE_SAMPLES)), layer.file.wave_levels - 1);
}

export function samplesPerColumn(level: number): number {
  return level === SAMPLES ? 1 : WAVE_SAMPLES * 2 ** level;
}

/** Return the first and the last tile under a ruler. */
export function waveTiles(layer: Layer, ruler: Ruler, level: number): [number, number] {
  const seconds = (samplesPerColumn(level) * WAVE_COLUMNS) / layer.file.rate;
  const last = Math.max(Math.ceil(layer.file.seconds / seconds) - 1, 0);
  const first = Math.max(Math.floor(ruler.span.start / seconds), 0);
  return [Math.min(first, last), Math.min(Math.max(Math.floor(ruler.span.stop / seconds), first), last)];
}

/** Draw the waveform, scaled so that `peak` reaches the edge. */
export function drawWave(
  context: CanvasRenderingContext2D,
  tiles: Tiles,
  layer: Layer,
  ruler: Ruler,
  height: number,
  peak: number,
  ink: Ink,
): void {
  const wanted = waveLevel(layer, ruler);
  const middle = height / 2;
  const scale = (middle - 1) / Math.max(peak, 1 / 32767) / 32767;
  context.fillStyle = ink.line;
  context.fillRect(0, Math.round(middle), ruler.pixels, 1);
  context.fillStyle = ink.wave;
  for (let x = 0; x < ruler.pixels; x++) {
    const range = extremes(tiles, layer, wanted, ruler.seconds(x), ruler.seconds(x + 1));
    if (!range) continue;
    const top = middle - range[1] * scale;
    context.fillRect(x, top, 1, Math.max((range[1] - range[0]) * scale, 1));
  }
}

/** Return the lowest and the highest value between two times, from the finest level that is there. */
function extremes(tiles: Tiles, layer: Layer, wanted: number, start: number, stop: number): [number, number] | undefined {
  for (let level = wanted; level < layer.file.wave_levels; level++) {
    const perColumn = samplesPerColumn(level) / layer.file.rate;
    const first = Math.floor(start / perColumn);
    const last = Math.max(Math.ceil(stop / perColumn), first + 1);
    const tile = tiles.wave(layer, level, Math.floor(first / WAVE_COLUMNS));
    if (!tile) continue;
    let [low, high] = [Infinity, -Infinity];
    for (let column = first; column < last; column++) {
      const part = tiles.wave(layer, level, Math.floor(column / WAVE_COLUMNS));
      const place = column % WAVE_COLUMNS;
      if (!part || place < 0 || place >= part.columns) continue;
      low = Math.min(low, part.pairs[2 * place]);
      high = Math.max(high, part.pairs[2 * place + 1]);
    }
    if (low <= high) return [low, high];
  }
  return undefined;
}
