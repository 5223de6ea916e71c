/** The small picture of a recording. */

import type { Thumbnail } from "../data/source.ts";
import type { Palette } from "./colors.ts";
import type { Composer } from "./compose.ts";

export function asThumbnail(composer: Composer, thumbnail: Thumbnail, width: number, height: number, colors: Palette, into: Uint32Array): void {
  const { data, bands, columns, low, high } = thumbnail;
  const edges = Float64Array.from({ length: height + 1 }, (_, y) => bands * (1 - y / height));
  const window = { frame: 0, framesPerPixel: columns / width, width, edges };
  const piece = { frame: 0, framesPerColumn: 1, columns, data, from: 0, to: columns };
  composer.image([piece], bands, window, colors, low, high, into);
}
