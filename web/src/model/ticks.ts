/** Ticks at round numbers. */

import type { BandRuler } from "./axis.ts";
import { clock, type Ruler } from "./clock.ts";

export interface Tick {
  readonly pixel: number;
  readonly text: string;
  /** Whether the tick has a text. */
  readonly major: boolean;
}

const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
export const NOTE_NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
/** Semitones in the order in which they get a text where there is space. */
const NOTE_TIERS = [[0], [7], [4, 9], [2, 5, 11], [1, 3, 6, 8, 10]];

/** Return ticks with a distance of at least `distance` pixels. */
export function timeTicks(ruler: Ruler, distance: number): Tick[] {
  const least = ruler.secondsPerPixel * distance;
  const step = (least > 1 ? SECONDS.find((size) => size >= least) : undefined) ?? roundStep(least);
  const decimals = step < 1 ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : 0;
  const parts = minorParts(step);
  const ticks: Tick[] = [];
  const first = Math.ceil((ruler.span.start / step) * parts - 1e-6);
  const last = Math.floor((ruler.span.stop / step) * parts + 1e-6);
  for (let index = first; index <= last; index++) {
    const seconds = (index * step) / parts;
    const major = index % parts === 0;
    const text = major ? clock(seconds, decimals, ruler.span.stop) : "";
    ticks.push({ pixel: ruler.pixel(seconds), text, major });
  }
  return ticks;
}

/** Return the decimals that distinguish neighboring pixels. */
export function timeDecimals(ruler: Ruler): number {
  return Math.min(Math.max(Math.ceil(-Math.log10(ruler.secondsPerPixel)), 0), 6);
}

/** Return the ticks of a frequency axis; with `notes`, at the notes of the equal-tempered scale (A4 = 440 Hz). */
export function bandTicks(ruler: BandRuler, distance: number, notes: boolean): Tick[] {
  if (!ruler.axis.hasHertz) return uniformTicks(ruler, distance, Math.max(1, roundStep(perPixel(ruler) * distance)));
  return notes ? noteTicks(ruler, distance) : hertzTicks(ruler, distance);
}

/** Return a frequency as text for a tick: 250, 1k, 2.5k. */
export function hertzText(hertz: number): string {
  return Math.abs(hertz) >= 1000 ? `${+(hertz / 1000).toPrecision(10)}k` : `${+hertz.toPrecision(10)}`;
}

/** Return the nearest note and the difference in cents, such as `A4 +3`. */
export function noteText(hertz: number): string {
  if (!(hertz > 0)) return "";
  const semitones = 69 + 12 * Math.log2(hertz / 440);
  const nearest = Math.round(semitones);
  const cents = Math.round((semitones - nearest) * 100);
  return `${noteName(nearest)}${cents ? ` ${cents > 0 ? "+" : "\u2212"}${Math.abs(cents)}` : ""}`;
}

function noteName(midi: number): string {
  return `${NOTE_NAMES[((midi % 12) + 12) % 12]}${Math.floor(midi / 12) - 1}`;
}

function hertzTicks(ruler: BandRuler, distance: number): Tick[] {
  const { low, high } = ruler.range;
  const isShort = high < 2.5 * Math.max(low, 0);
  const isUniform = steepest(ruler) < 1.2 * perPixel(ruler);
  if (isUniform || isShort) return uniformTicks(ruler, distance, roundStep(steepest(ruler) * distance * 1.3));
  const tiers: number[][] = [[], [], [], [], []];
  for (let decade = 1; decade <= 1e6; decade *= 10) {
    tiers[0].push(decade);
    tiers[1].push(2 * decade, 5 * decade);
    tiers[2].push(3 * decade, 4 * decade, 7 * decade);
    tiers[3].push(6 * decade, 8 * decade, 9 * decade, 1.5 * decade);
    tiers[4].push(2.5 * decade, 3.5 * decade, 4.5 * decade);
  }
  if (ruler.axis.spacing !== "logarithmic") tiers[0].push(0);
  return tiered(ruler, distance, tiers, hertzText);
}

function noteTicks(ruler: BandRuler, distance: number): Tick[] {
  const octaves = Array.from({ length: 12 }, (_, index) => index);
  const hertz = (midi: number) => 440 * 2 ** ((midi - 69) / 12);
  const tiers = NOTE_TIERS.map((tier) => octaves.flatMap((octave) => tier.map((step) => hertz(12 * octave + step))));
  return tiered(ruler, distance, tiers, (value) => noteName(Math.round(69 + 12 * Math.log2(value / 440))));
}

/** Return ticks tier by tier, where there is space next to those of the tiers before. */
function tiered(ruler: BandRuler, distance: number, tiers: number[][], name: (value: number) => string): Tick[] {
  const ticks: Tick[] = [];
  for (const tier of tiers) {
    for (const value of tier.toSorted((a, b) => a - b)) {
      if (value < ruler.range.low || value > ruler.range.high) continue;
      const pixel = ruler.pixel(value);
      const gap = Math.min(...ticks.map((tick) => Math.abs(tick.pixel - pixel)));
      if (gap >= distance) ticks.push({ pixel, text: name(value), major: true });
    }
  }
  return ticks;
}

function uniformTicks(ruler: BandRuler, distance: number, step: number): Tick[] {
  const parts = ruler.axis.hasHertz ? minorParts(step) : 1;
  const ticks: Tick[] = [];
  let previous = Infinity;
  const first = Math.ceil((ruler.range.low / step) * parts - 1e-6);
  const last = Math.floor((ruler.range.high / step) * parts + 1e-6);
  for (let index = first; index <= last; index++) {
    const value = (index * step) / parts;
    const pixel = ruler.pixel(value);
    const major = index % parts === 0 && previous - pixel >= distance * 0.8;
    if (major) previous = pixel;
    if (major || index % parts) ticks.push({ pixel, text: major ? hertzText(value) : "", major });
  }
  return ticks;
}

function perPixel(ruler: BandRuler): number {
  return (ruler.range.high - ruler.range.low) / ruler.pixels;
}

/** Return the most hertz that one pixel covers. */
function steepest(ruler: BandRuler): number {
  const top = ruler.value(0) - ruler.value(1);
  const bottom = ruler.value(ruler.pixels - 1) - ruler.value(ruler.pixels);
  return Math.max(top, bottom, perPixel(ruler));
}

/** Return the smallest of ..., 0.5, 1, 2, 5, 10, ... that is at least `least`. */
export function roundStep(least: number): number {
  const decade = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * decade).find((step) => step >= least * (1 - 1e-9)) ?? 10 * decade;
}

function minorParts(step: number): number {
  const leading = Math.round(step / 10 ** Math.floor(Math.log10(step) + 1e-9));
  return leading === 2 ? 4 : 5;
}

