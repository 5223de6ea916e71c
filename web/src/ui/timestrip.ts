/** The time axis below the panes, and the strip with the whole recording. */

import type { Wanted } from "../data/loader.ts";
import type { WaveTile } from "../data/tiles.ts";
import { drawTimeAxis } from "../draw/axes.ts";
import { LEFT, RIGHT } from "../draw/geometry.ts";
import { type Box, INKS, Surface } from "../draw/surface.ts";
import { drawWave, waveLevel, waveTiles } from "../draw/wave.ts";
import { length, Ruler, shiftSpan } from "../model/clock.ts";
import { activePane, limits } from "../model/store.ts";
import type { Actions } from "./actions.ts";
import type { App, ViewLayer } from "./app.ts";
import { h } from "./dom.ts";

const AXIS = 24;
const OVERVIEW = 30;

export class TimeStrip {
  readonly element = h("footer", { class: "timestrip" });
  private readonly surface: Surface;
  private readonly overview: Surface;
  private ratio = 1;
  private axis: Box = { left: 0, top: 0, width: 1, height: 1 };
  private strip: Box = { left: 0, top: 0, width: 1, height: 1 };
  private drawn = "";

  constructor(
    private readonly app: App,
    private readonly actions: Actions,
  ) {
    this.overview = new Surface(this.element, "overview");
    this.surface = new Surface(this.element, "overlay");
    this.surface.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.surface.canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const x = event.offsetX * this.ratio - this.axis.left;
        this.actions.zoom(2 ** (event.deltaY / 240), new Ruler(this.app.state.view, this.axis.width).seconds(x));
      },
      { passive: false },
    );
  }

  private get layer(): ViewLayer {
    const pane = activePane(this.app.state);
    return this.app.layer(pane.file, pane.definition);
  }

  resize(): void {
    const ratio = (this.ratio = window.devicePixelRatio || 1);
    const px = (size: number) => Math.round(size * ratio);
    const width = px(this.element.clientWidth);
    const inner = Math.max(width - px(LEFT) - px(RIGHT), 16);
    this.axis = { left: px(LEFT), top: 0, width: inner, height: px(AXIS) };
    this.strip = { left: px(LEFT), top: px(AXIS), width: inner, height: px(OVERVIEW) };
    this.surface.place({ left: 0, top: 0, width, height: px(AXIS + OVERVIEW + 4) }, ratio);
    this.overview.place(this.strip, ratio);
    this.drawn = "";
  }

  wants(): Wanted<WaveTile>[] {
    const ruler = new Ruler(limits(this.app.state), this.strip.width);
    const level = waveLevel(this.layer, ruler);
    const [first, last] = waveTiles(this.layer, ruler, level);
    return this.app.tiles.wantWaves(this.layer, level, first, last, first);
  }

  draw(): void {
    const { state } = this.app;
    const ink = INKS[state.theme];
    const whole = new Ruler(limits(state), this.strip.width);
    const stamp = JSON.stringify([whole.span, state.theme, state.channel, this.strip, this.app.arrivals, this.layer.file.id]);
    if (stamp !== this.drawn) {
      this.drawn = stamp;
      drawWave(this.overview.clear(), this.app.tiles, this.layer, whole, this.strip.height, this.app.wavePeak(this.layer), ink);
    }
    const context = this.surface.clear();
    drawTimeAxis(context, this.axis, new Ruler(state.view, this.axis.width), this.ratio, ink);
    const { left, top, width, height } = this.strip;
    context.fillStyle = "rgb(79 195 255 / 0.5)";
    for (const label of this.app.labels.of(this.layer.file.id)) {
      context.fillRect(left + whole.pixel(label.start), top + height - 3 * this.ratio, Math.max(whole.pixel(label.end) - whole.pixel(label.start), 1), 3 * this.ratio);
    }
    const [from, to] = [Math.round(left + whole.pixel(state.view.start)), Math.round(left + whole.pixel(state.view.stop))];
    context.fillStyle = ink.dark ? "rgb(10 11 14 / 0.6)" : "rgb(240 241 244 / 0.7)";
    context.fillRect(left, top, from - left, height);
    context.fillRect(to, top, left + width - to, height);
    context.strokeStyle = ink.accent;
    context.lineWidth = Math.max(Math.floor(this.ratio), 1);
    context.strokeRect(from + 0.5, top + 0.5, Math.max(to - from - 1, 2), height - 1);
    context.fillStyle = ink.accent;
    context.fillRect(left + Math.floor(whole.pixel(state.playhead)), top, Math.max(Math.floor(this.ratio), 1), height);
  }

  /** Move the view: by the strip to a place in the recording, by the axis along the picture. */
  private press(event: PointerEvent): void {
    const isStrip = event.offsetY * this.ratio >= this.strip.top;
    const { canvas } = this.surface;
    canvas.setPointerCapture(event.pointerId);
    const start = { x: event.offsetX, view: this.app.state.view };
    const move = (at: PointerEvent) => {
      const bounds = limits(this.app.state);
      if (isStrip) {
        const seconds = new Ruler(bounds, this.strip.width).seconds(at.offsetX * this.ratio - this.strip.left);
        const half = length(start.view) / 2;
        this.actions.look({ start: seconds - half, stop: seconds + half });
      } else {
        const seconds = (start.x - at.offsetX) * this.ratio * new Ruler(start.view, this.axis.width).secondsPerPixel;
        this.app.store.set({ view: shiftSpan(start.view, seconds, bounds) });
      }
    };
    if (isStrip) move(event);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", () => canvas.removeEventListener("pointermove", move), { once: true });
  }
}
