/** Color maps: 256 pixels from the darkest to the brightest value, and the colors of what has no value. */

import { TABLES } from "./tables.ts";

export const COLORS = [...Object.keys(TABLES), "gray", "gray-print"] as const;

/** Marks in features. Larger negative numbers than any feature, in the order that a maximum needs. */
export const SILENCE = -1e38;
export const NOT_A_NUMBER = -2e38;
export const ABSENT = -Infinity;

export interface Palette {
  /** Pixels as the canvas stores them, `(256,)`. */
  readonly pixels: Uint32Array;
  /** Pixel of NaN. */
  readonly invalid: number;
  /** Pixel where there is no data (yet). */
  readonly absent: number;
}

/** Return a pixel as a canvas stores it in little-endian memory. */
function pixel(red: number, green: number, blue: number): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function rgb(name: string): Uint8Array {
  const table = TABLES[name];
  if (table) return Uint8Array.from(atob(table), (character) => character.charCodeAt(0));
  const isPrint = name === "gray-print";
  return Uint8Array.from({ length: 768 }, (_, index) => {
    const level = Math.floor(index / 3);
    return isPrint ? 255 - level : level;
  });
}

export function palette(name: string, dark: boolean): Palette {
  const bytes = rgb(name);
  const pixels = Uint32Array.from({ length: 256 }, (_, index) =>
    pixel(bytes[3 * index], bytes[3 * index + 1], bytes[3 * index + 2]),
  );
  return { pixels, invalid: pixel(0, 170, 120), absent: dark ? pixel(28, 29, 34) : pixel(232, 233, 237) };
}

/** Return the map of a difference: blue below 0, white or black at 0, red above. */
export function diverging(dark: boolean): Palette {
  const ends = [
    [59, 130, 246],
    [239, 91, 60],
  ];
  const zero = dark ? [16, 17, 20] : [250, 250, 252];
  const pixels = Uint32Array.from({ length: 256 }, (_, index) => {
    const place = (index - 127.5) / 127.5;
    const [red, green, blue] = ends[place < 0 ? 0 : 1].map((end, part) =>
      Math.round(zero[part] + (end - zero[part]) * Math.abs(place) ** 0.8),
    );
    return pixel(red, green, blue);
  });
  return { pixels, invalid: pixel(0, 170, 120), absent: dark ? pixel(28, 29, 34) : pixel(232, 233, 237) };
}
