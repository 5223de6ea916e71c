/**
 * Pixels from tiles, on the CPU: every pixel shows the maximum of what lies under it.
 *
 * Drawing tiles with a scaled `drawImage` would lose peaks: nearest sampling skips columns, smoothing averages
 * them. Here a pixel combines all columns whose centers are in it, and one without a center shows the column
 * around it. So each column and each band reaches the screen, whatever the zoom.
 */

import { ABSENT, NOT_A_NUMBER, type Palette, SILENCE } from "./colors.ts";

/** Columns of features, each the maximum of `framesPerColumn` frames. */
export interface Piece {
  /** Frame at which the first column starts. */
  readonly frame: number;
  readonly framesPerColumn: number;
  readonly columns: number;
  /** Band after band, `(bands, columns)`. */
  readonly data: Float32Array;
  /** First and last column that are drawn; the others belong to neighboring pieces. */
  readonly from: number;
  readonly to: number;
}

/** What a raster of pixels covers. */
export interface Window {
  /** Frame coordinate at the left edge. */
  readonly frame: number;
  readonly framesPerPixel: number;
  readonly width: number;
  /** Row at each edge between pixels, from the top: descending, `(height + 1,)`. */
  readonly edges: Float64Array;
}

/** Memory that is used again for each picture. */
export class Composer {
  private reduced = new Float32Array(0);
  private starts = new Int32Array(0);
  private stops = new Int32Array(0);

  /** Return the image as colors. `low` and `high` are the values of the darkest and the brightest color. */
  image(pieces: readonly Piece[], bands: number, window: Window, colors: Palette, low: number, high: number, into: Uint32Array): void {
    const rows = rowsOf(window.edges, bands);
    this.reduce(pieces, window, rows.lowest, rows.highest);
    const { width } = window;
    const height = window.edges.length - 1;
    const line = new Float32Array(width);
    for (let y = 0; y < height; y++) {
      const [first, last] = [rows.first[y], rows.last[y]];
      if (y && first === rows.first[y - 1] && last === rows.last[y - 1]) {
        into.copyWithin(y * width, (y - 1) * width, y * width);
      } else {
        this.line(line, first, last, rows.lowest);
        color(line, colors, low, high, into, y * width);
      }
    }
  }

  /** Return the values of all pixels, `(height, width)`. */
  values(pieces: readonly Piece[], bands: number, window: Window): Float32Array {
    const rows = rowsOf(window.edges, bands);
    this.reduce(pieces, window, rows.lowest, rows.highest);
    const { width } = window;
    const pixels = new Float32Array(width * (window.edges.length - 1));
    for (let y = 0; y < window.edges.length - 1; y++) {
      this.line(pixels.subarray(y * width, (y + 1) * width), rows.first[y], rows.last[y], rows.lowest);
    }
    return pixels;
  }

  /** Write the maximum of rows `first` to `last` (inclusive) for each pixel of a line. */
  private line(into: Float32Array, first: number, last: number, lowest: number): void {
    const width = into.length;
    if (first < 0) {
      into.fill(ABSENT);
      return;
    }
    const offset = (first - lowest) * width;
    into.set(this.reduced.subarray(offset, offset + width));
    for (let row = first + 1; row <= last; row++) {
      const start = (row - lowest) * width;
      for (let x = 0; x < width; x++) {
        const value = this.reduced[start + x];
        if (value > into[x]) into[x] = value;
      }
    }
  }

  /** Reduce the columns under each pixel to their maximum, for bands `lowest` to `highest` (inclusive). */
  private reduce(pieces: readonly Piece[], window: Window, lowest: number, highest: number): void {
    const { width } = window;
    const size = width * Math.max(highest - lowest + 1, 0);
    if (this.reduced.length < size) this.reduced = new Float32Array(size);
    if (this.starts.length < width) {
      this.starts = new Int32Array(width);
      this.stops = new Int32Array(width);
    }
    this.reduced.fill(ABSENT, 0, size);
    for (const piece of pieces) {
      const [left, right] = this.columnsOf(piece, window);
      for (let band = lowest; band <= highest; band++) {
        this.reduceBand(piece, band * piece.columns, (band - lowest) * width, left, right);
      }
    }
  }

  /** Find the columns of a piece under each pixel, and return the range of pixels that it reaches. */
  private columnsOf(piece: Piece, window: Window): [number, number] {
    const perPixel = window.framesPerPixel / piece.framesPerColumn;
    const origin = (window.frame - piece.frame) / piece.framesPerColumn;
    const { width } = window;
    const left = Math.max(Math.floor((piece.from - origin) / perPixel) - 1, 0);
    const right = Math.min(Math.ceil((piece.to - origin) / perPixel) + 1, width);
    // At both ends of the picture a column that is partly outside belongs to the outermost pixel.
    let start = left ? Math.ceil(origin + left * perPixel - 0.5) : Math.floor(origin);
    for (let x = left; x < right; x++) {
      const edge = origin + (x + 1) * perPixel;
      const next = x + 1 < width ? Math.ceil(edge - 0.5) : Math.ceil(edge);
      const around = Math.floor(edge - perPixel / 2);
      this.starts[x] = Math.max(start < next ? start : around, piece.from);
      this.stops[x] = Math.min(start < next ? next : around + 1, piece.to);
      start = next;
    }
    return [left, right];
  }

  private reduceBand(piece: Piece, source: number, target: number, left: number, right: number): void {
    const { data } = piece;
    const { reduced, starts, stops } = this;
    for (let x = left; x < right; x++) {
      let highest = reduced[target + x];
      const stop = source + stops[x];
      for (let index = source + starts[x]; index < stop; index++) {
        if (data[index] > highest) highest = data[index];
      }
      reduced[target + x] = highest;
    }
  }
}

interface Rows {
  /** First and last band of each line of pixels, inclusive; -1 where there is none. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly lowest: number;
  readonly highest: number;
}

/** Return the bands that each line combines: those with their center in it, or the one around its center. */
export function rowsOf(edges: Float64Array, bands: number): Rows {
  const height = edges.length - 1;
  const first = new Int32Array(height);
  const last = new Int32Array(height);
  let lowest = bands;
  let highest = -1;
  for (let y = 0; y < height; y++) {
    let low = y + 1 < height ? Math.ceil(edges[y + 1] - 0.5) : Math.floor(edges[y + 1] + 1e-9);
    let high = y ? Math.ceil(edges[y] - 0.5) - 1 : Math.ceil(edges[y] - 1e-9) - 1;
    if (high < low) low = high = Math.floor((edges[y] + edges[y + 1]) / 2);
    low = Math.max(low, 0);
    high = Math.min(high, bands - 1);
    first[y] = low <= high ? low : -1;
    last[y] = low <= high ? high : -1;
    if (low > high) continue;
    lowest = Math.min(lowest, low);
    highest = Math.max(highest, high);
  }
  return { first, last, lowest: Math.min(lowest, Math.max(highest, 0)), highest };
}

function color(line: Float32Array, colors: Palette, low: number, high: number, into: Uint32Array, offset: number): void {
  const { pixels, invalid, absent } = colors;
  const scale = high > low ? 256 / (high - low) : 0;
  for (let x = 0; x < line.length; x++) {
    const value = line[x];
    const index = (value - low) * scale;
    if (index >= 0) into[offset + x] = pixels[index < 255 ? index | 0 : 255];
    else if (value > NOT_A_NUMBER / 1.5) into[offset + x] = pixels[0];
    else into[offset + x] = value === ABSENT ? absent : invalid;
  }
}

/** Change values to `(value - zero) * factor`; marks stay. */
export function rescale(values: Float32Array, factor: number, zero: number): Float32Array {
  return values.map((value) => (value <= SILENCE / 2 ? value : (value - zero) * factor));
}

/** Write the colors of the difference of two rasters, between `-reach` and `reach`. */
export function difference(a: Float32Array, b: Float32Array, colors: Palette, reach: number, into: Uint32Array): void {
  const { pixels, invalid, absent } = colors;
  const scale = 128 / reach;
  for (let index = 0; index < a.length; index++) {
    if (a[index] === ABSENT || b[index] === ABSENT) into[index] = absent;
    else if (a[index] <= NOT_A_NUMBER / 1.5 || b[index] <= NOT_A_NUMBER / 1.5) into[index] = invalid;
    else into[index] = pixels[Math.min(Math.max(Math.floor((a[index] - b[index]) * scale + 128), 0), 255)];
  }
}
