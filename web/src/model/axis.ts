/** The vertical axis: rows of bands, hertz, and pixels from the top. */

export type Spacing = "bands" | "linear" | "logarithmic" | "mel";
export const SPACINGS: readonly Spacing[] = ["bands", "linear", "logarithmic", "mel"];

export interface Range {
  readonly low: number;
  readonly high: number;
}

const forward: Record<Spacing, (hertz: number) => number> = {
  bands: (value) => value,
  linear: (value) => value,
  logarithmic: (value) => Math.log2(value),
  mel: (value) => 2595 * Math.log10(1 + value / 700),
};

const backward: Record<Spacing, (place: number) => number> = {
  bands: (place) => place,
  linear: (place) => place,
  logarithmic: (place) => 2 ** place,
  mel: (place) => 700 * (10 ** (place / 2595) - 1),
};

/**
 * Bands on a vertical axis.
 *
 * Row `i` extends from `i` to `i + 1`, and the center of band `i` lies at `i + 0.5`. The value of a row is a
 * frequency in hertz, or the index of the band where the bands have no frequency.
 */
export class BandAxis {
  readonly rows: number;
  readonly hasHertz: boolean;
  readonly spacing: Spacing;
  private readonly centers: Float64Array;

  constructor(bands: number, frequencies: readonly number[] | null, spacing: Spacing) {
    this.rows = bands;
    this.hasHertz = frequencies !== null && isIncreasing(frequencies);
    this.spacing = this.hasHertz ? spacing : "bands";
    this.centers = Float64Array.from(
      this.hasHertz ? frequencies! : Array.from({ length: bands }, (_, band) => band),
    );
  }

  /** The whole axis: no frequency is below 0, and a logarithmic axis starts at the lowest one above 0. */
  get limits(): Range {
    const low = this.hasHertz ? Math.max(this.value(0), 0) : this.value(0);
    if (this.spacing !== "logarithmic") return { low, high: this.value(this.rows) };
    const lowest = this.centers.find((center) => center > 0) ?? 1;
    return { low: Math.max(low, lowest / 2), high: Math.max(this.value(this.rows), lowest) };
  }

  /** Return hertz, or the index of the band, at a row. Extrapolated beyond the ends. */
  value(row: number): number {
    const last = this.rows - 1;
    if (last < 1) return this.centers[0] + (row - 0.5);
    const index = Math.min(Math.max(Math.floor(row - 0.5), 0), last - 1);
    const low = this.centers[index];
    return low + (row - 0.5 - index) * (this.centers[index + 1] - low);
  }

  /** Return the row at a frequency, or at the index of a band. */
  row(value: number): number {
    const last = this.rows - 1;
    if (last < 1) return 0.5 + value - this.centers[0];
    let index = 0;
    let above = last;
    while (above - index > 1) {
      const middle = (index + above) >> 1;
      if (this.centers[middle] <= value) index = middle;
      else above = middle;
    }
    const low = this.centers[index];
    return index + 0.5 + (value - low) / (this.centers[index + 1] - low);
  }

  /** Return the band around a value, or -1 where there is none. */
  band(value: number): number {
    const row = Math.floor(this.row(value));
    return row >= 0 && row < this.rows ? row : -1;
  }

  /** Return the place of a value on an axis whose pixels are equally high. */
  place(value: number): number {
    return this.spacing === "bands" ? this.row(value) : forward[this.spacing](value);
  }

  fromPlace(place: number): number {
    return this.spacing === "bands" ? this.value(place) : backward[this.spacing](place);
  }
}

/** A range of a band axis across a number of pixels, from the top (high) to the bottom (low). */
export class BandRuler {
  private readonly low: number;
  private readonly high: number;

  constructor(
    readonly axis: BandAxis,
    readonly range: Range,
    readonly pixels: number,
  ) {
    this.low = axis.place(range.low);
    this.high = axis.place(range.high);
  }

  pixel(value: number): number {
    return ((this.high - this.axis.place(value)) / (this.high - this.low)) * this.pixels;
  }

  value(pixel: number): number {
    return this.axis.fromPlace(this.high - (pixel / this.pixels) * (this.high - this.low));
  }

  /** Return the rows at the edges of the pixels, `(pixels + 1,)`, from the top: descending. */
  edges(): Float64Array {
    return Float64Array.from({ length: this.pixels + 1 }, (_, pixel) => this.axis.row(this.value(pixel)));
  }
}

/** Return a range zoomed about `anchor` within the limits of the axis, with equal steps on the screen. */
export function zoomRange(axis: BandAxis, range: Range, factor: number, anchor: number): Range {
  const [low, high, at] = [axis.place(range.low), axis.place(range.high), axis.place(anchor)];
  const share = high > low ? (at - low) / (high - low) : 0.5;
  const size = Math.max((high - low) * factor, smallest(axis));
  return within(axis, at - share * size, size);
}

/** Return a range shifted by a share of its height. */
export function shiftRange(axis: BandAxis, range: Range, share: number): Range {
  const [low, high] = [axis.place(range.low), axis.place(range.high)];
  return within(axis, low + share * (high - low), high - low);
}

function within(axis: BandAxis, low: number, size: number): Range {
  const bottom = axis.place(axis.limits.low);
  const top = axis.place(axis.limits.high);
  if (size >= top - bottom) return axis.limits;
  const start = Math.min(Math.max(low, bottom), top - size);
  return { low: axis.fromPlace(start), high: axis.fromPlace(start + size) };
}

function smallest(axis: BandAxis): number {
  return (axis.place(axis.limits.high) - axis.place(axis.limits.low)) / Math.max(axis.rows / 2, 1);
}

function isIncreasing(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > values[index - 1]);
}
