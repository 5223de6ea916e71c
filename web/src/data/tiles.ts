/** Tiles of features and of waveforms, and what stands in for those that are not there yet. */

import { NOT_A_NUMBER, SILENCE } from "../draw/colors.ts";
import type { Piece } from "../draw/compose.ts";
import { Loader, type Sized, type Wanted } from "./loader.ts";
import type { Definition, OpenFile, Refusal, Source } from "./source.ts";

export interface Tile extends Sized {
  /** Features as the server sent them, `(bands, columns)`. */
  readonly raw: Float32Array;
  /** Features as they are drawn: linear ones in decibels, NaN and -Infinity as marks. */
  readonly drawn: Float32Array;
  readonly columns: number;
}

export interface WaveTile extends Sized {
  readonly pairs: Int16Array;
  readonly columns: number;
}

/** What a pane shows. */
export interface Layer {
  readonly file: OpenFile;
  readonly channel: string;
  readonly definition: Definition;
  readonly frames: number;
  readonly levels: number;
}

const FEATURE_BYTES = 192 << 20;
const WAVE_BYTES = 24 << 20;
/** Tiles on both sides of the screen that are loaded ahead. */
const AHEAD = 1;
export const WAVE_COLUMNS = 4096;
export const WAVE_SAMPLES = 64;

export class Tiles {
  readonly features: Loader<Tile>;
  readonly waves: Loader<WaveTile>;

  constructor(
    private readonly source: Source,
    arrived: () => void,
    refused: (reason: Refusal) => void,
  ) {
    this.features = new Loader(FEATURE_BYTES, arrived, refused);
    this.waves = new Loader(WAVE_BYTES, arrived, refused);
  }

  feature(layer: Layer, level: number, index: number): Tile | undefined {
    return this.features.get(key(layer, level, index));
  }

  wave(layer: Layer, level: number, index: number): WaveTile | undefined {
    return this.waves.get(`${layer.file.id}/${layer.channel}/${level}/${index}`);
  }

  /** Return the pieces that cover frames `start` to `stop`: a tile of the level, or its nearest ancestor. */
  pieces(layer: Layer, level: number, start: number, stop: number): Piece[] {
    const pieces: Piece[] = [];
    for (const index of this.indices(layer, level, start, stop)) {
      const piece = this.piece(layer, level, index);
      if (piece) pieces.push(piece);
    }
    return pieces;
  }

  /** Return what must be loaded for frames `start` to `stop`: the tiles, their neighbors, and the coarsest tile. */
  wantFeatures(layer: Layer, level: number, start: number, stop: number, focus: number): Wanted<Tile>[] {
    const span = layer.definition.tile_columns * 2 ** level;
    const last = Math.max(Math.ceil(layer.frames / span) - 1, 0);
    const indices = this.indices(layer, level, start, stop);
    const ahead = [];
    for (let step = 1; step <= AHEAD; step++) ahead.push(indices[0] - step, indices[indices.length - 1] + step);
    const order = (index: number) => Math.abs((index + 0.5) * span - focus) / span;
    const wanted = indices.map((index) => this.wantTile(layer, level, index, order(index)));
    for (const index of ahead) if (index >= 0 && index <= last) wanted.push(this.wantTile(layer, level, index, 1000 + order(index)));
    if (level < layer.levels - 1) wanted.push(this.wantTile(layer, layer.levels - 1, 0, -1));
    return wanted;
  }

  wantWaves(layer: Layer, level: number, first: number, last: number, focus: number): Wanted<WaveTile>[] {
    const wanted: Wanted<WaveTile>[] = [];
    for (let index = first; index <= last; index++) {
      wanted.push({
        key: `${layer.file.id}/${layer.channel}/${level}/${index}`,
        order: Math.abs(index - focus),
        load: (signal) => this.loadWave(layer, level, index, signal),
      });
    }
    return wanted;
  }

  /** Load extremes of samples; below level 0 the samples themselves. */
  private async loadWave(layer: Layer, level: number, index: number, signal: AbortSignal): Promise<WaveTile> {
    const { file, channel } = layer;
    if (level >= 0) {
      const { data, columns, complete } = await this.source.wave(file.id, channel, level, index, signal);
      return { pairs: data, columns, complete, bytes: data.byteLength };
    }
    const samples = await this.source.pcm(file.id, channel, index * WAVE_COLUMNS, WAVE_COLUMNS, {}, signal);
    const pairs = Int16Array.from({ length: 2 * samples.length }, (_, place) => Math.round(Math.min(Math.max(samples[place >> 1], -1), 1) * 32767));
    return { pairs, columns: samples.length, complete: true, bytes: pairs.byteLength };
  }

  private wantTile(layer: Layer, level: number, index: number, order: number): Wanted<Tile> {
    return {
      key: key(layer, level, index),
      order,
      load: async (signal) => {
        const { data, columns, complete } = await this.source.tile(layer.file.id, layer.channel, layer.definition, level, index, signal);
        const drawn = asDrawn(data, layer.definition);
        return { raw: data, drawn, columns, complete, bytes: data.byteLength * (drawn === data ? 1 : 2) };
      },
    };
  }

  private piece(layer: Layer, level: number, index: number): Piece | undefined {
    const width = layer.definition.tile_columns;
    const start = index * width * 2 ** level;
    for (let above = level; above < layer.levels; above++) {
      const ancestor = index >> (above - level);
      const tile = this.feature(layer, above, ancestor);
      if (!tile) continue;
      const framesPerColumn = 2 ** above;
      const frame = ancestor * width * framesPerColumn;
      const from = Math.floor((start - frame) / framesPerColumn);
      const to = Math.ceil((start + width * 2 ** level - frame) / framesPerColumn);
      if (from >= tile.columns && above < layer.levels - 1) continue;
      return { frame, framesPerColumn, columns: tile.columns, data: tile.drawn, from, to: Math.min(to, tile.columns) };
    }
    return undefined;
  }

  private indices(layer: Layer, level: number, start: number, stop: number): number[] {
    const span = layer.definition.tile_columns * 2 ** level;
    const last = Math.max(Math.ceil(layer.frames / span) - 1, 0);
    const from = Math.min(Math.max(Math.floor(start / span), 0), last);
    const to = Math.min(Math.max(Math.floor(stop / span), from), last);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  }
}

function key(layer: Layer, level: number, index: number): string {
  return `${layer.file.id}/${layer.channel}/${layer.definition.id}/${level}/${index}`;
}

/** Return features as they are drawn. A maximum commutes with the logarithm, so it may be taken first. */
export function asDrawn(raw: Float32Array, definition: Definition): Float32Array {
  const isLinear = definition.display.kind === "decibels";
  if (!isLinear && raw.every(Number.isFinite)) return raw;
  const { factor } = definition.display;
  return raw.map((value) => {
    const drawn = isLinear ? factor * Math.log10(Math.max(value, 0)) : value;
    if (Number.isNaN(drawn)) return NOT_A_NUMBER;
    return drawn === -Infinity ? SILENCE : drawn;
  });
}
