/** Normalization of one window: features of a window computed alone, as a model with short inputs gets them. */

import { Loader, type Sized } from "../data/loader.ts";
import { asDrawn } from "../data/tiles.ts";
import type { Piece } from "../draw/compose.ts";
import type { App, ViewLayer } from "./app.ts";

interface WindowBlock extends Sized {
  readonly piece: Piece;
}

const BYTES = 32 << 20;

export class WindowMode {
  private readonly loader: Loader<WindowBlock>;
  stamp = "";

  constructor(
    private readonly app: App,
    arrived: () => void,
  ) {
    this.loader = new Loader(BYTES, arrived, (reason) => app.say(reason));
  }

  /** Start of the window under the pointer, or else around the playhead, in whole windows. */
  get start(): number {
    const { pointer, playhead, windowSeconds } = this.app.state;
    return Math.floor((pointer?.seconds ?? playhead) / windowSeconds + 1e-9) * windowSeconds;
  }

  update(): void {
    const { windowed, panes } = this.app.state;
    const layers = windowed ? panes.map((pane) => this.app.layer(pane.file, pane.definition)).filter(({ definition }) => definition.per_clip) : [];
    this.stamp = layers.length ? this.key(layers[0]) : "";
    this.loader.want(layers.map((layer) => ({ key: this.key(layer), order: 0, load: (signal) => this.load(layer, signal) })));
  }

  pieces(layer: ViewLayer): Piece[] {
    const block = this.loader.get(this.key(layer));
    return block ? [block.piece] : [];
  }

  private key(layer: ViewLayer): string {
    return `${layer.file.id}/${layer.channel}/${layer.definition.id}/${this.start}/${this.app.state.windowSeconds}`;
  }

  private async load(layer: ViewLayer, signal: AbortSignal): Promise<WindowBlock> {
    const { definition, file, channel } = layer;
    const { data, columns, start } = await this.app.source.window(file.id, channel, definition, this.start, this.app.state.windowSeconds, signal);
    const piece = { frame: start / definition.step, framesPerColumn: 1, columns, data: asDrawn(data, definition), from: 0, to: columns };
    return { piece, complete: true, bytes: data.byteLength };
  }
}
