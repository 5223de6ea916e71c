/** The waveform: the lowest and the highest sample under each pixel. */

import type { Ruler } from "../model/clock.ts";
import { type Layer, type Tiles, WAVE_COLUMNS, WAVE_SAMPLES, type WaveTile } from "../data/tiles.ts";
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
export function drawWave(context: CanvasRenderingContext2D, tiles: Tiles, layer: Layer, ruler: Ruler, height: number, peak: number, ink: Ink): void {
  const middle = height / 2;
  const scale = (middle - 1) / Math.max(peak, 1 / 32767) / 32767;
  context.fillStyle = ink.line;
  context.fillRect(0, Math.round(middle), ruler.pixels, 1);
  const [lows, highs] = extremes(tiles, layer, ruler);
  context.fillStyle = ink.wave;
  context.beginPath();
  for (let x = 0; x < ruler.pixels; x++) {
    if (lows[x] <= highs[x]) context.rect(x, middle - highs[x] * scale, 1, Math.max((highs[x] - lows[x]) * scale, 1));
  }
  context.fill();
}

/** Return the lowest and the highest value of each pixel, from the finest level that is there. */
function extremes(tiles: Tiles, layer: Layer, ruler: Ruler): [Float64Array, Float64Array] {
  const lows = new Float64Array(ruler.pixels).fill(Infinity);
  const highs = new Float64Array(ruler.pixels).fill(-Infinity);
  const wanted = waveLevel(layer, ruler);
  // A coarser level is drawn only where the finer ones are not there.
  for (let level = wanted; level < layer.file.wave_levels; level++) {
    const [first, last] = waveTiles(layer, ruler, level);
    for (let index = first; index <= last; index++) {
      const tile = tiles.wave(layer, level, index);
      if (tile) fill(lows, highs, tile, index * WAVE_COLUMNS, samplesPerColumn(level) / layer.file.rate, ruler, level > wanted);
    }
    if (lows.every((low) => low < Infinity)) break;
  }
  return [lows, highs];
}

function fill(lows: Float64Array, highs: Float64Array, tile: WaveTile, column: number, seconds: number, ruler: Ruler, isStandIn: boolean): void {
  const { pairs, columns } = tile;
  const perPixel = ruler.secondsPerPixel / seconds;
  const origin = ruler.span.start / seconds - column;
  const left = Math.max(Math.floor(-origin / perPixel) - 1, 0);
  const right = Math.min(Math.ceil((columns - origin) / perPixel) + 1, ruler.pixels);
  const taken = isStandIn ? lows.map((low) => Number(low < Infinity)) : null;
  for (let x = left; x < right; x++) {
    if (taken?.[x]) continue;
    const start = Math.floor(origin + x * perPixel);
    const stop = Math.min(Math.max(Math.ceil(origin + (x + 1) * perPixel), start + 1), columns);
    for (let place = Math.max(start, 0); place < stop; place++) {
      if (pairs[2 * place] < lows[x]) lows[x] = pairs[2 * place];
      if (pairs[2 * place + 1] > highs[x]) highs[x] = pairs[2 * place + 1];
    }
  }
}
