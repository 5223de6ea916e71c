/** The parts around the panes, and the dialogs. */

import type { Progress, StoredLabel } from "../data/source.ts";
import type { Wanted } from "../data/loader.ts";
import type { WaveTile } from "../data/tiles.ts";
import { clampSpan, length } from "../model/clock.ts";
import { activePane, limits } from "../model/store.ts";
import { Actions } from "./actions.ts";
import type { App } from "./app.ts";
import { offerRecovered, openConflict } from "./conflict.ts";
import { openDefinitions } from "./definitions.ts";
import { h } from "./dom.ts";
import { openFolder } from "./folder.ts";
import { openHelp } from "./help.ts";
import { bindKeys } from "./keys.ts";
import { LabelPanel } from "./labelpanel.ts";
import { bindPane } from "./mouse.ts";
import type { PaneView } from "./pane.ts";
import { keep } from "./preferences.ts";
import { Readout } from "./readout.ts";
import { TextEntry } from "./textentry.ts";
import { TimeStrip } from "./timestrip.ts";
import { Toolbar } from "./toolbar.ts";

export class Frame {
  readonly stack = h("main", { class: "stack" });
  readonly actions: Actions;
  private readonly toolbar: Toolbar;
  private readonly strip: TimeStrip;
  private readonly readout: Readout;
  private readonly panel: LabelPanel;
  private readonly entry: TextEntry;
  private readonly progress = h("div", { class: "progress" });

  constructor(
    private readonly app: App,
    root: HTMLElement,
  ) {
    this.actions = new Actions(app);
    this.toolbar = new Toolbar(app, this.actions);
    this.strip = new TimeStrip(app, this.actions);
    this.readout = new Readout(app);
    this.panel = new LabelPanel(app, this.actions);
    this.entry = new TextEntry(app);
    const column = h("div", { class: "column" }, this.stack, this.strip.element);
    root.replaceChildren(this.toolbar.element, this.progress, h("div", { class: "body" }, column, this.panel.element), this.readout.element);
    bindKeys(app, this.actions, this);
    app.store.listen((changed) => {
      if (changed.has("theme")) this.applyTheme();
      if (changed.has("labelPanel")) requestAnimationFrame(() => this.app.resize());
      keep(app.state);
    });
    this.applyTheme();
  }

  addPane(view: PaneView): void {
    this.stack.append(view.element);
    bindPane(this.app, this.actions, view);
  }

  resize(): void {
    this.strip.resize();
  }

  wants(): Wanted<WaveTile>[] {
    return this.strip.wants();
  }

  draw(): void {
    this.toolbar.draw();
    this.strip.draw();
    this.readout.draw();
    this.panel.draw();
    this.entry.draw();
  }

  /** Keep the playhead on the screen while sound is played. */
  followPlayhead(): void {
    const { view, playhead, follow, playing } = this.app.state;
    if (!follow || !playing || (playhead >= view.start && playhead <= view.stop - 0.02 * length(view))) return;
    const start = playhead - 0.05 * length(view);
    this.app.store.set({ view: clampSpan({ start, stop: start + length(view) }, limits(this.app.state)) });
  }

  showProgress(progress: Progress): void {
    const pyramid = Object.values(progress.pyramids).find(({ complete }) => !complete);
    const part = pyramid ? pyramid.frames / (pyramid.total ?? pyramid.frames * 2) : progress.samples / (progress.total ?? progress.samples * 2);
    this.progress.style.width = progress.decoded && !pyramid ? "0" : `${Math.min(100 * (part || 0), 100)}%`;
  }

  editText(key: number): void {
    this.entry.open(activePane(this.app.state).file, key);
  }

  /** Call a function when no text of a label is being typed, such as one that opens a dialog. */
  whenTyped(action: () => void): void {
    this.entry.whenClosed(action);
  }

  openDefinitions(): void {
    openDefinitions(this.app);
  }

  openHelp(): void {
    openHelp();
  }

  openFolder(): void {
    openFolder(this.app);
  }

  openConflict(file: string, onDisk: readonly StoredLabel[], etag: string): void {
    openConflict(this.app, file, onDisk, etag);
  }

  offerRecovered(file: string, labels: readonly StoredLabel[]): void {
    offerRecovered(this.app, file, labels);
  }

  private applyTheme(): void {
    document.documentElement.dataset.theme = this.app.state.theme;
  }
}
