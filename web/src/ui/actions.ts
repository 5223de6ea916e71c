/** What keys, buttons and the mouse do. */

import { COLORS } from "../draw/colors.ts";
import { type Range, shiftRange, SPACINGS, zoomRange } from "../model/axis.ts";
import { clampSpan, length, type Span, shiftSpan, zoomSpan } from "../model/clock.ts";
import { type Label, neighbor, newLabel, toAudacity } from "../model/labels.ts";
import { activePane, limits, type Selection } from "../model/store.ts";
import type { App } from "./app.ts";
import { download } from "./dom.ts";
import type { PaneView } from "./pane.ts";

const STEP = 0.1;
export const SLOWNESS = [1, 2, 4, 8, 10, 16, 32] as const;

export class Actions {
  constructor(private readonly app: App) {}

  private get state() {
    return this.app.state;
  }

  // Time.

  look(view: Span): void {
    this.app.store.set({ view: clampSpan(view, limits(this.state)) });
  }

  /** Zoom in time about a place: the pointer, or else the playhead, or else the middle. */
  zoom(factor: number, anchor = this.anchor): void {
    this.app.store.set({ view: zoomSpan(this.state.view, factor, anchor, limits(this.state)) });
  }

  pan(share: number): void {
    const { view } = this.state;
    this.app.store.set({ view: shiftSpan(view, share * length(view), limits(this.state)) });
  }

  whole(): void {
    this.app.store.set({ view: limits(this.state), hertz: null, index: null });
  }

  /** Show the selection, or the selected label, with a margin. */
  zoomToSelection(): void {
    const target = this.target;
    if (!target) return this.app.say("nothing is selected: drag over the picture first");
    const margin = 0.1 * Math.max(length(target), 0.005);
    this.look({ start: target.start - margin, stop: target.stop + margin });
    if (target.low !== null && target.high !== null) this.setRange({ low: target.low, high: target.high });
  }

  private get anchor(): number {
    const { pointer, playhead, view } = this.state;
    if (pointer) return pointer.seconds;
    return playhead >= view.start && playhead <= view.stop ? playhead : (view.start + view.stop) / 2;
  }

  // Frequency.

  /** The pane under the pointer, or else the active one. */
  private get pane(): PaneView {
    const { pointer } = this.state;
    return (pointer && this.app.paneView(pointer.pane)) ?? this.app.activeView;
  }

  zoomBands(factor: number, anchor?: number): void {
    const { axis, range } = this.pane;
    const middle = axis.fromPlace((axis.place(range.low) + axis.place(range.high)) / 2);
    this.setRange(zoomRange(axis, range, factor, anchor ?? this.state.pointer?.value ?? middle));
  }

  panBands(share: number): void {
    const { axis, range } = this.pane;
    this.setRange(shiftRange(axis, range, share));
  }

  private setRange(range: Range): void {
    const { axis } = this.pane;
    const isWhole = range.low <= axis.limits.low && range.high >= axis.limits.high;
    const value = isWhole ? null : range;
    this.app.store.set(axis.hasHertz ? { hertz: value } : { index: value });
  }

  nextSpacing(): void {
    const { spacing } = this.state;
    this.app.store.set({ spacing: SPACINGS[(SPACINGS.indexOf(spacing) + 1) % SPACINGS.length], hertz: null });
  }

  // Colors.

  /** Move the color range by a share of its length: up is darker. */
  gain(share: number): void {
    const pane = activePane(this.state);
    const { low, high } = this.app.levels(pane);
    const step = share * (high - low);
    this.app.ranges.choose(pane, pane.minus ? { low, high: high + step } : { low: low + step, high: high + step });
  }

  /** Change the lowest level by a share of the range. */
  contrast(share: number): void {
    const pane = activePane(this.state);
    const { low, high } = this.app.levels(pane);
    this.app.ranges.choose(pane, { low: low + share * (high - low), high });
  }

  nextColors(): void {
    const index = COLORS.indexOf(this.state.colors);
    this.app.store.set({ colors: COLORS[(index + 1) % COLORS.length] });
  }

  // Sound.

  /** Play the selection (only its frequencies, if it has some), or from the playhead on; or stop. */
  togglePlay(ignoreSelection = false): void {
    if (this.state.playing) return this.app.player.stop();
    const target = ignoreSelection ? null : this.target;
    const { loop, playhead } = this.state;
    const end = limits(this.state).stop;
    if (target && length(target) > 0) {
      const band = target.low !== null && target.high !== null && this.app.activeView.axis.hasHertz ? { low: Math.max(target.low, 0), high: target.high } : null;
      this.app.player.play({ start: target.start, stop: target.stop, band, loop });
    } else {
      const start = playhead >= end - 0.001 ? 0 : playhead;
      this.app.player.play({ start, stop: end, band: null, loop: false });
    }
  }

  setSlow(slow: number): void {
    const { playing } = this.state;
    this.app.player.stop();
    this.app.store.set({ slow });
    if (playing) this.togglePlay();
  }

  nextSlow(): void {
    const index = SLOWNESS.findIndex((slow) => slow === this.state.slow);
    this.setSlow(SLOWNESS[(index + 1) % SLOWNESS.length]);
  }

  movePlayhead(seconds: number): void {
    const bounds = limits(this.state);
    const { view } = this.state;
    const playhead = Math.min(Math.max(seconds, bounds.start), bounds.stop);
    this.app.store.set({ playhead, pointer: null });
    if (playhead < view.start || playhead > view.stop) this.look(shiftSpan(view, playhead - (view.start + view.stop) / 2, bounds));
  }

  /** Move the playhead by a share of the view. */
  stepPlayhead(share: number): void {
    this.movePlayhead(this.state.playhead + share * length(this.state.view));
  }

  // Selection and labels.

  /** The selection, or else the selected label. */
  get target(): Selection | null {
    const { selection } = this.state;
    const label = this.selectedLabel;
    if (selection) return selection;
    return label ? { start: label.start, stop: label.end, low: label.low, high: label.high } : null;
  }

  get file(): string {
    return activePane(this.state).file;
  }

  get selectedLabel(): Label | undefined {
    return this.app.labels.find(this.file, this.state.label);
  }

  /** Set the start or the end of the selection at the playhead. */
  mark(edge: "start" | "stop"): void {
    const { playhead, selection, view } = this.state;
    const current = selection ?? { start: playhead, stop: edge === "start" ? Math.min(playhead + STEP * length(view), limits(this.state).stop) : playhead, low: null, high: null };
    const next = { ...current, [edge]: playhead };
    if (next.start > next.stop) next[edge === "start" ? "stop" : "start"] = playhead;
    this.app.store.set({ selection: next, label: null });
  }

  /** Make a label of the selection, or change the text of the selected label. */
  label(): void {
    const { selection } = this.state;
    if (selection && selection.stop > selection.start) {
      const label = newLabel(selection.start, selection.stop, selection.low, selection.high);
      this.app.labels.add(this.file, label);
      this.app.store.set({ selection: null, label: label.key });
      this.app.frame.editText(label.key);
    } else if (this.selectedLabel) {
      this.app.frame.editText(this.selectedLabel.key);
    } else {
      this.app.say("nothing is selected: drag over the picture, or set the start and the end with [ and ]");
    }
  }

  deleteLabel(): void {
    const label = this.selectedLabel;
    if (!label) return;
    const next = neighbor(this.app.labels.of(this.file), label.key, label.start, 1);
    this.app.labels.remove(this.file, label.key);
    this.app.store.set({ label: next?.key ?? null });
  }

  /** Select the next or previous label and bring it on the screen. */
  stepLabel(step: 1 | -1): void {
    const { label, playhead } = this.state;
    const next = neighbor(this.app.labels.of(this.file), label, playhead, step);
    if (next) this.selectLabel(next.key);
  }

  selectLabel(key: number | null): void {
    const label = this.app.labels.find(this.file, key);
    this.app.store.set({ label: key, selection: null });
    if (!label) return;
    const { view } = this.state;
    this.app.store.set({ playhead: label.start });
    const isVisible = label.start >= view.start && label.end <= view.stop;
    if (!isVisible) this.look(shiftSpan(view, (label.start + label.end - view.start - view.stop) / 2, limits(this.state)));
  }

  /** Move an edge of the selection or of the selected label by pixels. */
  nudge(edge: "start" | "stop" | "low" | "high", pixels: number): void {
    const plane = this.app.activeView.plane;
    const target = this.target;
    if (!target) return this.app.say("nothing is selected");
    const range = this.app.activeView.range;
    const isTime = edge === "start" || edge === "stop";
    const full = { ...target, low: isTime ? target.low : (target.low ?? range.low), high: isTime ? target.high : (target.high ?? range.high) };
    const step = pixels * plane.ratio;
    const value = isTime ? full[edge] + step * plane.time.secondsPerPixel : plane.bands.value(plane.bands.pixel(full[edge]!) - step);
    const moved = { ...full, [edge]: isTime ? Math.min(Math.max(value, 0), limits(this.state).stop) : Math.min(Math.max(value, range.low), range.high) };
    if (this.state.selection) {
      this.app.store.set({ selection: moved });
    } else {
      const { start, stop: end, low, high } = moved;
      this.app.labels.edit(this.file, `move ${edge} of label ${this.state.label}`, this.state.label!, { start, end, low, high }, true);
    }
  }

  undo(): void {
    const command = this.app.labels.undo();
    this.app.say(command ? `undone: ${command.name}` : "nothing to undo");
  }

  redo(): void {
    const command = this.app.labels.redo();
    this.app.say(command ? `done again: ${command.name}` : "nothing to redo");
  }

  exportLabels(): void {
    const name = this.state.files.get(this.file)!.name.replace(/\.[^.]*$/, "");
    download(`${name}.txt`, toAudacity(this.app.labels.of(this.file)));
  }

  escape(): void {
    this.app.store.set({ selection: null, label: null, message: "" });
  }

  // Panes.

  nextPane(): void {
    const { panes, active } = this.state;
    const index = panes.findIndex(({ id }) => id === active);
    this.app.store.set({ active: panes[(index + 1) % panes.length].id });
  }

  /** Add a pane with the difference of the last two definitions of the active file. */
  addDifference(): void {
    const file = this.file;
    const definitions = [...new Set(this.state.panes.filter((pane) => pane.file === file && !pane.minus).map((pane) => pane.definition))];
    if (definitions.length < 2) return this.app.say("a difference needs two definitions of one file: add one with D first");
    this.app.addPane({ file, definition: definitions[0], minus: definitions[1] });
  }

  toggleTheme(): void {
    this.app.store.set({ theme: this.state.theme === "dark" ? "light" : "dark" });
  }

  // Events of a model.

  stepEvent(step: 1 | -1): void {
    const events = this.app.detections.events(this.file);
    if (!events.length) return this.app.say(this.state.model ? "no event above the threshold" : "no model: start with --model MODEL.keras");
    const { detections } = this.app;
    detections.current = Math.min(Math.max(detections.current + step, 0), events.length - 1);
    const event = events[detections.current];
    const { view } = this.state;
    this.app.store.set({ playhead: event.start, selection: { start: event.start, stop: event.end, low: null, high: null }, label: null });
    if (event.start < view.start || event.end > view.stop) this.look(shiftSpan(view, (event.start + event.end - view.start - view.stop) / 2, limits(this.state)));
  }

  /** Agree or disagree with the current event and go on to the next one. */
  judge(verdict: "yes" | "no" | null): void {
    void this.app.detections.judge(this.file, verdict);
    if (verdict) this.stepEvent(1);
  }
}
