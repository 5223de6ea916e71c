/** One pane: the waveform and the spectrogram of one file under one definition. */

import type { Event } from "../data/source.ts";
import type { Tile, WaveTile } from "../data/tiles.ts";
import type { Wanted } from "../data/loader.ts";
import { barRange, drawBandAxis, drawBar } from "../draw/axes.ts";
import { diverging, palette, type Palette } from "../draw/colors.ts";
import { Composer, difference, rescale, type Piece, type Window } from "../draw/compose.ts";
import { drawCurves } from "../draw/curves.ts";
import { type Geometry, geometry } from "../draw/geometry.ts";
import { drawLabels, drawPointer, drawSelection, drawTime, type Plane } from "../draw/marks.ts";
import { INKS, Surface } from "../draw/surface.ts";
import { drawWave, SAMPLES, waveLevel, waveTiles } from "../draw/wave.ts";
import { BandAxis, BandRuler, type Range } from "../model/axis.ts";
import { frameAt, levelFor, Ruler } from "../model/clock.ts";
import type { Pane } from "../model/store.ts";
import type { App, ViewLayer } from "./app.ts";
import { button, h } from "./dom.ts";

/** A place on the canvas of a pane, in its pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export class PaneView {
  readonly element = h("section", { class: "pane", tabIndex: -1 });
  private readonly title = h("button", { class: "pane-title", type: "button", title: "Change the definition (D)" });
  private readonly heading: HTMLElement;
  readonly stage = h("div", { class: "stage" });
  private readonly image: Surface;
  private readonly wave: Surface;
  readonly overlay: Surface;
  private readonly composer = new Composer();
  private drawn = "";
  private drawnWave = "";
  private raster: ImageData | null = null;
  at: Geometry = geometry(100, 100, 1, { wave: true, scores: false });
  /** Where the mouse is; null outside. */
  mouse: Point | null = null;
  /** Milliseconds of the latest composition. */
  composeTime = 0;

  constructor(
    private readonly app: App,
    readonly id: number,
  ) {
    const close = button("\u00d7", "Close the pane", () => app.closePane(id), "pane-close");
    this.heading = h("header", { class: "pane-heading" }, this.title, close);
    this.element.append(this.heading, this.stage);
    this.wave = new Surface(this.stage, "wave");
    this.image = new Surface(this.stage, "image", true);
    this.overlay = new Surface(this.stage, "overlay");
    this.title.addEventListener("click", () => app.openDefinitions(id));
  }

  get pane(): Pane {
    return this.app.state.panes.find(({ id }) => id === this.id)!;
  }

  get layer(): ViewLayer {
    return this.app.layer(this.pane.file, this.pane.definition);
  }

  get axis(): BandAxis {
    const { definition } = this.layer;
    return this.app.axis(definition, this.app.state.spacing);
  }

  /** Return the visible part of the axis of bands. */
  get range(): Range {
    const { state } = this.app;
    const axis = this.axis;
    const wanted = axis.hasHertz ? state.hertz : state.index;
    if (!wanted) return axis.limits;
    const low = Math.max(wanted.low, axis.limits.low);
    const high = Math.min(wanted.high, axis.limits.high);
    return low < high ? { low, high } : axis.limits;
  }

  get plane(): Plane {
    const { plot, ratio } = this.at;
    const time = new Ruler(this.app.state.view, plot.width);
    return { plot, ratio, time, bands: new BandRuler(this.axis, this.range, plot.height) };
  }

  get levels(): Range {
    return this.app.levels(this.pane);
  }

  get bar(): Range {
    return barRange(this.app.suggestedRange(this.pane), this.levels);
  }

  resize(): void {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.stage;
    const { panes, model } = this.app.state;
    const isFirst = panes.find(({ file }) => file === this.pane.file)!.id === this.id;
    this.at = geometry(clientWidth, clientHeight, ratio, { wave: isFirst, scores: model !== null });
    this.image.place(this.at.plot, ratio);
    this.wave.place(this.at.wave, ratio);
    this.overlay.place({ left: 0, top: 0, width: this.at.width, height: this.at.height }, ratio);
    this.raster = null;
    this.drawn = this.drawnWave = "";
  }

  /** Return the tiles that the pane needs now. */
  wants(): { features: Wanted<Tile>[]; waves: Wanted<WaveTile>[] } {
    const { state, tiles } = this.app;
    const { layer } = this;
    const ruler = new Ruler(state.view, this.at.plot.width);
    const features = this.windowed ? [] : this.featureWants(layer, ruler);
    if (this.pane.minus) features.push(...this.featureWants(this.app.layer(this.pane.file, this.pane.minus), ruler));
    const level = waveLevel(layer, ruler);
    const [first, last] = waveTiles(layer, ruler, level);
    const waves = tiles.wantWaves(layer, level, first, last, (first + last) / 2);
    if (level !== layer.file.wave_levels - 1) waves.push(...tiles.wantWaves(layer, layer.file.wave_levels - 1, 0, 0, 0));
    return { features, waves };
  }

  private featureWants(layer: ViewLayer, ruler: Ruler): Wanted<Tile>[] {
    const [start, stop] = [frameAt(layer.grid, ruler.span.start), frameAt(layer.grid, ruler.span.stop)];
    const focus = this.app.state.pointer ? frameAt(layer.grid, this.app.state.pointer.seconds) : (start + stop) / 2;
    return this.app.tiles.wantFeatures(layer, this.levelOf(layer, ruler), start, stop, focus);
  }

  levelOf(layer: ViewLayer, ruler: Ruler): number {
    return levelFor(ruler.secondsPerPixel / layer.grid.period, layer.levels);
  }

  private get windowed(): boolean {
    return this.app.state.windowed && this.layer.definition.per_clip;
  }

  /** Compose the picture if anything that it shows has changed. */
  drawImage(): void {
    const { state, arrivals } = this.app;
    const { plot } = this.at;
    const facts = [state.view, this.range, this.levels, state.colors, state.theme, state.spacing, this.pane, state.channel, arrivals, plot, this.app.windowStamp];
    const stamp = JSON.stringify(facts);
    if (stamp === this.drawn) return;
    this.drawn = stamp;
    const started = performance.now();
    this.raster ??= new ImageData(plot.width, plot.height);
    this.compose(new Uint32Array(this.raster.data.buffer));
    this.image.context.putImageData(this.raster, 0, 0);
    this.composeTime = performance.now() - started;
    this.drawWave();
  }

  private compose(into: Uint32Array): void {
    const { layer, levels } = this;
    const ruler = new Ruler(this.app.state.view, this.at.plot.width);
    const colors = this.palette;
    const { definition } = layer;
    if (this.pane.minus) {
      const other = this.app.layer(this.pane.file, this.pane.minus);
      const { parts } = this.app.ranges.comparison(definition, other.definition);
      const [a, b] = [layer, other].map((part, index) => {
        const values = this.composer.values(this.pieces(part, ruler), part.definition.bands, this.window(part, ruler));
        return rescale(values, parts[index].factor, parts[index].zero);
      });
      difference(a, b, colors, levels.high, into);
      return;
    }
    const offset = this.app.offset(definition);
    const pieces = this.windowed ? this.app.windowPieces(layer) : this.pieces(layer, ruler);
    this.composer.image(pieces, definition.bands, this.window(layer, ruler), colors, levels.low + offset, levels.high + offset, into);
  }

  get palette(): Palette {
    const isDark = this.app.state.theme === "dark";
    return this.pane.minus ? diverging(isDark) : palette(this.app.state.colors, isDark);
  }

  private pieces(layer: ViewLayer, ruler: Ruler): Piece[] {
    const [start, stop] = [frameAt(layer.grid, ruler.span.start), frameAt(layer.grid, ruler.span.stop)];
    return this.app.tiles.pieces(layer, this.levelOf(layer, ruler), start, stop);
  }

  private window(layer: ViewLayer, ruler: Ruler): Window {
    const axis = this.app.axis(layer.definition, this.axis.spacing);
    const rows = this.plane.bands;
    const edges = axis === this.axis ? rows.edges() : Float64Array.from({ length: rows.pixels + 1 }, (_, y) => axis.row(rows.value(y)));
    return {
      frame: frameAt(layer.grid, ruler.span.start),
      framesPerPixel: ruler.secondsPerPixel / layer.grid.period,
      width: ruler.pixels,
      edges,
    };
  }

  private drawWave(): void {
    const { state, arrivals, tiles } = this.app;
    const { wave } = this.at;
    const stamp = JSON.stringify([state.view, state.theme, state.channel, arrivals, wave, this.pane.file]);
    if (stamp === this.drawnWave || !wave.height) return;
    this.drawnWave = stamp;
    const { layer } = this;
    const peak = this.app.wavePeak(layer);
    drawWave(this.wave.clear(), tiles, layer, new Ruler(state.view, wave.width), wave.height, peak, INKS[state.theme]);
  }

  /** Draw axes, labels, selection, pointer and playhead. */
  drawOverlay(events: readonly Event[]): void {
    const { state } = this.app;
    const ink = INKS[state.theme];
    const context = this.overlay.clear();
    const { plane, at } = this;
    const [top, bottom] = [at.wave.height ? 0 : at.plot.top, at.plot.top + at.plot.height];
    drawBandAxis(context, at, plane.bands, this.layer.definition.row, state.notes, ink);
    drawBar(context, at, this.palette, this.levels, this.bar, this.unit, ink);
    const below = at.scores.height ? at.scores.top + at.scores.height : bottom;
    drawLabels(context, this.app.labels.of(this.pane.file), state.label, plane, ink);
    if (state.model) drawCurves(context, at, plane, this.app.scores(this.pane.file), state.model, state.threshold, events, this.app.verdictsOf(this.pane.file), this.app.eventIndex, ink);
    if (state.selection) drawSelection(context, state.selection, plane, at.wave);
    if (state.pointer) {
      const value = state.pointer.value !== null && this.sharesAxis(state.pointer.pane) ? state.pointer.value : null;
      drawPointer(context, state.pointer.seconds, value, plane, top, below);
    }
    drawTime(context, state.playhead, plane, top, below, ink.accent, 1.5);
    this.heading.classList.toggle("active", state.active === this.id && state.panes.length > 1);
    this.element.classList.toggle("single", state.panes.length === 1);
    this.title.textContent = this.app.paneTitle(this.pane);
  }

  private sharesAxis(pane: number): boolean {
    return pane === this.id || (this.axis.hasHertz && (this.app.paneView(pane)?.axis.hasHertz ?? false));
  }

  get unit(): string {
    const { definition } = this.layer;
    if (this.pane.minus) return this.app.ranges.comparison(definition, this.app.state.definitions.get(this.pane.minus)!).unit;
    return definition.display.kind === "decibels" ? "dB re peak" : definition.unit;
  }

  /** Whether samples are drawn one by one. */
  get showsSamples(): boolean {
    return waveLevel(this.layer, new Ruler(this.app.state.view, this.at.plot.width)) === SAMPLES;
  }
}
