/** The page: its state, its data, its parts, and when they are drawn. */

import type { Definition, OpenFile, Refusal, Session, Source, Verdict } from "../data/source.ts";
import { type Layer, Tiles } from "../data/tiles.ts";
import type { Piece } from "../draw/compose.ts";
import type { Scores } from "../draw/curves.ts";
import { BandAxis, type Range, type Spacing } from "../model/axis.ts";
import { type Grid, length } from "../model/clock.ts";
import { Labels } from "../model/labels.ts";
import { activePane, limits, type Pane, type State, Store } from "../model/store.ts";
import { Player } from "../sound/player.ts";
import { Detections } from "./detections.ts";
import { Frame } from "./frame.ts";
import { LabelFiles } from "./labelfiles.ts";
import { LevelRanges } from "./levels.ts";
import { pointerOf } from "./mouse.ts";
import { PaneView } from "./pane.ts";
import { initialState } from "./preferences.ts";
import { WindowMode } from "./windowmode.ts";

export interface ViewLayer extends Layer {
  readonly grid: Grid;
}

const POLL = 300;
/** The same while the page records. */
const POLL_RECORDER = 50;

export class App {
  readonly store: Store;
  readonly tiles: Tiles;
  readonly labels: Labels;
  readonly labelFiles: LabelFiles;
  readonly player: Player;
  readonly detections: Detections;
  readonly ranges: LevelRanges;
  readonly windowMode: WindowMode;
  readonly frame: Frame;
  /** Number of arrivals of tiles: a picture is composed again when it moved. */
  arrivals = 0;
  private readonly panes = new Map<number, PaneView>();
  private readonly axes = new Map<string, BandAxis>();
  private scheduled = false;
  private polling = false;

  constructor(
    readonly source: Source,
    session: Session,
    file: OpenFile,
    root: HTMLElement,
  ) {
    this.store = new Store(initialState(session, file));
    const arrived = () => {
      this.arrivals++;
      this.schedule();
    };
    this.tiles = new Tiles(source, arrived, (reason) => this.say(reason));
    this.labelFiles = new LabelFiles(this);
    this.labels = new Labels((changedFile) => {
      this.labelFiles.changed(changedFile);
      this.schedule();
    });
    this.player = new Player(this);
    this.detections = new Detections(this);
    this.ranges = new LevelRanges(this);
    this.windowMode = new WindowMode(this, arrived);
    this.frame = new Frame(this, root);
    this.syncPanes();
    this.store.listen((changed) => {
      if (changed.has("panes") || changed.has("model") || changed.has("labelPanel")) this.syncPanes();
      if (changed.has("view") || changed.has("hertz") || changed.has("index") || changed.has("spacing")) this.followMouse();
      this.schedule();
    });
    new ResizeObserver(() => this.resize()).observe(this.frame.stack);
    void this.labelFiles.load(file.id);
    this.resize();
  }

  /** Find what is under the mouse now, where the picture has moved below it. */
  private followMouse(): void {
    const view = this.state.pointer && this.paneView(this.state.pointer.pane);
    if (view?.mouse) this.store.set({ pointer: pointerOf(view, view.mouse) });
  }

  get state(): State {
    return this.store.state;
  }

  /** Show a text, or what failed, in the line at the bottom. */
  say(reason: Refusal | Error | string): void {
    const isText = typeof reason === "string";
    this.store.set({ message: isText ? reason : reason.message, failed: !isText });
  }

  /** Return the features of a file under a definition, with its own clock. */
  layer(fileId: string, definitionId: string): ViewLayer {
    const file = this.state.files.get(fileId)!;
    const definition = this.state.definitions.get(definitionId)!;
    const size = file.definitions[definitionId] ?? estimate(file, definition);
    const grid = { origin: definition.first, period: definition.step, frames: size.frames };
    return { file, channel: this.state.channel, definition, frames: size.frames, levels: size.levels, grid };
  }

  axis(definition: Definition, spacing: Spacing): BandAxis {
    const key = `${definition.id}/${spacing}`;
    let axis = this.axes.get(key);
    if (!axis) this.axes.set(key, (axis = new BandAxis(definition.bands, definition.frequencies, spacing)));
    return axis;
  }

  levels(pane: Pane): Range {
    return this.ranges.of(pane);
  }

  suggestedRange(pane: Pane): Range {
    return this.ranges.suggestion(pane);
  }

  /** Return what is added to a level to compare it with a tile: the peak of linear features, in decibels. */
  offset(definition: Definition): number {
    return this.ranges.offset(definition);
  }

  get windowStamp(): string {
    return this.windowMode.stamp;
  }

  windowPieces(layer: ViewLayer): Piece[] {
    return this.windowMode.pieces(layer);
  }

  scores(file: string): Scores | undefined {
    return this.detections.scores(file);
  }

  verdictsOf(file: string): readonly Verdict[] {
    return this.detections.verdictsOf(file);
  }

  get eventIndex(): number {
    return this.detections.current;
  }

  /** Return the largest sample of a file, from 0 to 1, as far as it is known. */
  wavePeak(layer: Layer): number {
    const tile = this.tiles.wave(layer, layer.file.wave_levels - 1, 0);
    let peak = 0;
    for (const value of tile?.pairs ?? []) peak = Math.max(peak, Math.abs(value));
    return peak ? peak / 32767 : 1;
  }

  paneView(id: number): PaneView | undefined {
    return this.panes.get(id);
  }

  get paneViews(): PaneView[] {
    return [...this.panes.values()];
  }

  get activeView(): PaneView {
    return this.panes.get(activePane(this.state).id)!;
  }

  paneTitle(pane: Pane): string {
    const definition = this.state.definitions.get(pane.definition)!;
    const file = this.state.files.get(pane.file)!;
    const minus = pane.minus ? ` \u2212 ${titleOf(this.state.definitions.get(pane.minus)!)}` : "";
    return `${file.name}  \u00b7  ${titleOf(definition)}${minus}`;
  }

  openDefinitions(pane: number): void {
    this.store.set({ active: pane });
    this.frame.openDefinitions();
  }

  closePane(id: number): void {
    const panes = this.state.panes.filter((pane) => pane.id !== id);
    if (!panes.length) return;
    this.store.set({ panes, active: panes.some((pane) => pane.id === this.state.active) ? this.state.active : panes[0].id });
  }

  addPane(pane: Omit<Pane, "id">): void {
    const id = Math.max(...this.state.panes.map((other) => other.id)) + 1;
    this.store.set({ panes: [...this.state.panes, { ...pane, id }], active: id });
  }

  /** Look at a file; `replace` shows it in the active pane. */
  async openFile(id: string, replace = true): Promise<void> {
    let file = this.state.files.get(id);
    if (!file) {
      file = await this.source.file(id);
      this.store.set({ files: new Map([...this.state.files, [id, file]]) });
    }
    void this.labelFiles.load(id);
    const active = activePane(this.state);
    if (replace) {
      this.player.stop();
      const panes = this.state.panes.map((pane) => (pane.file === active.file ? { ...pane, file: id } : pane));
      this.store.set({ panes, channel: "mix", selection: null, label: null, playhead: 0, view: { start: 0, stop: file.seconds } });
    } else {
      this.addPane({ ...active, file: id });
    }
    this.store.set({ view: limits(this.state) });
  }

  private syncPanes(): void {
    const ids = new Set(this.state.panes.map(({ id }) => id));
    for (const [id, view] of this.panes) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.panes.delete(id);
    }
    for (const { id } of this.state.panes) {
      if (this.panes.has(id)) continue;
      const view = new PaneView(this, id);
      this.panes.set(id, view);
      this.frame.addPane(view);
    }
    requestAnimationFrame(() => this.resize());
  }

  resize(): void {
    for (const view of this.panes.values()) view.resize();
    this.frame.resize();
    this.schedule();
  }

  /** Draw once before the next frame of the screen. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  private draw(): void {
    this.player.update();
    const wants = this.paneViews.map((view) => view.wants());
    this.tiles.features.want(wants.flatMap(({ features }) => features));
    this.tiles.waves.want([...wants.flatMap(({ waves }) => waves), ...this.frame.wants()]);
    this.ranges.update();
    this.windowMode.update();
    this.detections.update();
    for (const view of this.panes.values()) {
      view.drawImage();
      view.drawOverlay(this.detections.events(view.pane.file));
    }
    this.frame.draw();
    if (this.tiles.features.isWaiting || this.tiles.waves.isWaiting) void this.poll();
  }

  /** Ask for incomplete tiles again when the server has come further. */
  private async poll(): Promise<void> {
    const isRecording = this.source.recorder?.isOn ?? false;
    if (this.polling || !(this.source.isLive || isRecording)) return;
    this.polling = true;
    await new Promise((resolve) => setTimeout(resolve, isRecording ? POLL_RECORDER : POLL));
    try {
      for (const id of new Set(this.state.panes.map((pane) => pane.file))) await this.grow(id);
      this.tiles.features.refresh();
      this.tiles.waves.refresh();
    } catch (error) {
      this.say(error as Error);
    }
    this.polling = false;
    this.schedule();
  }

  /** Take the length of a file whose format does not state it, as far as it is decoded. */
  private async grow(id: string): Promise<void> {
    const progress = await this.source.progress(id);
    if (progress.error) this.say(new Error(progress.error));
    this.frame.showProgress(progress);
    const before = this.state.files.get(id);
    if (!progress.decoded && before?.seconds) return;
    const file = await this.source.file(id);
    if (JSON.stringify(file) === JSON.stringify(before)) return;
    const { view } = this.state;
    const end = limits(this.state);
    const isWhole = length(view) >= length(end);
    this.store.set({ files: new Map([...this.state.files, [id, file]]) });
    const { recorder } = this.source;
    // While the page records, what is shown stays as long and follows the newest sound.
    if (recorder && view.stop >= end.stop) this.store.set({ view: { start: file.seconds - length(view), stop: file.seconds } });
    else if (isWhole) this.store.set({ view: limits(this.state) });
  }

  /** Start a new recording, or end it. */
  async toggleRecorder(): Promise<void> {
    const { recorder } = this.source;
    if (!recorder) return;
    this.player.stop();
    try {
      await recorder.toggle();
    } catch (error) {
      return this.say(error as Error);
    }
    this.tiles.features.clear();
    this.tiles.waves.clear();
    this.ranges.clear();
    const file = await this.source.file(activePane(this.state).file);
    this.store.set({ files: new Map([[file.id, file]]), message: recorder.isOn ? "recording" : "", failed: false });
    if (recorder.isOn) this.store.set({ view: limits(this.state), playhead: 0, selection: null });
  }
}

export function titleOf(definition: Definition): string {
  const { name, title } = definition;
  return name && name !== title ? `${name} (${title})` : title;
}

/** Return the size of features that the server has not sent yet. */
function estimate(file: OpenFile, definition: Definition): { frames: number; levels: number } {
  const frames = Math.max(Math.ceil((file.seconds - definition.first) / definition.step), 1);
  return { frames, levels: Math.max(Math.ceil(Math.log2(frames / definition.tile_columns)), 0) + 1 };
}
