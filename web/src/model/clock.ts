/** Conversions between seconds, frames and pixels. No other module converts them. */

export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** The frames of one definition over one file. Frame `i` is centered at `origin + i * period` seconds. */
export interface Grid {
  readonly origin: number;
  readonly period: number;
  readonly frames: number;
}

/** Shortest view, seconds. */
export const SHORTEST = 0.002;

/** Return the frame coordinate of a time: frame `i` extends from `i` to `i + 1`. */
export function frameAt(grid: Grid, seconds: number): number {
  return (seconds - grid.origin) / grid.period + 0.5;
}

/** Return the center of a frame, seconds. */
export function timeOf(grid: Grid, frame: number): number {
  return grid.origin + frame * grid.period;
}

/** Return the frame around a time, or -1 where there is none. */
export function frameAround(grid: Grid, seconds: number): number {
  const frame = Math.floor(frameAt(grid, seconds));
  return frame >= 0 && frame < grid.frames ? frame : -1;
}

/** Return the coarsest level whose columns are no wider than a pixel; a column has `2 ** level` frames. */
export function levelFor(framesPerPixel: number, levels: number): number {
  if (!(framesPerPixel > 1)) return 0;
  return Math.min(Math.floor(Math.log2(framesPerPixel) + 1e-9), levels - 1);
}

export function length(span: Span): number {
  return span.stop - span.start;
}

/** Return `span` moved and shortened so that it is within `limits`. */
export function clampSpan(span: Span, limits: Span): Span {
  const size = Math.min(Math.max(length(span), SHORTEST), Math.max(length(limits), SHORTEST));
  if (size >= length(limits)) return limits;
  const middle = (span.start + span.stop) / 2;
  const start = Math.min(Math.max(middle - size / 2, limits.start), limits.stop - size);
  return { start, stop: start + size };
}

/** Return `span` zoomed about `anchor`: a factor of 2 shows twice as much. */
export function zoomSpan(span: Span, factor: number, anchor: number, limits: Span): Span {
  const size = Math.min(Math.max(length(span) * factor, SHORTEST), length(limits));
  const share = length(span) > 0 ? (anchor - span.start) / length(span) : 0.5;
  return clampSpan({ start: anchor - share * size, stop: anchor + (1 - share) * size }, limits);
}

export function shiftSpan(span: Span, seconds: number, limits: Span): Span {
  return clampSpan({ start: span.start + seconds, stop: span.stop + seconds }, limits);
}

/** A span of time across a number of pixels. */
export class Ruler {
  constructor(
    readonly span: Span,
    readonly pixels: number,
  ) {}

  get secondsPerPixel(): number {
    return length(this.span) / this.pixels;
  }

  pixel(seconds: number): number {
    return ((seconds - this.span.start) / length(this.span)) * this.pixels;
  }

  seconds(pixel: number): number {
    return this.span.start + (pixel / this.pixels) * length(this.span);
  }
}

/** Return a time as text with a number of decimals: seconds below a minute, then m:ss, from an hour h:mm:ss. */
export function clock(seconds: number, decimals: number, largest: number = seconds): string {
  if (largest < 60) return seconds.toFixed(decimals);
  const scale = 10 ** decimals;
  const ticks = Math.round(Math.abs(seconds) * scale);
  const whole = Math.floor(ticks / scale);
  const fraction = decimals ? `.${String(ticks % scale).padStart(decimals, "0")}` : "";
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, "0") + fraction;
  const sign = seconds < 0 && ticks > 0 ? "-" : "";
  if (largest < 3600) return `${sign}${minutes}:${rest}`;
  return `${sign}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}
