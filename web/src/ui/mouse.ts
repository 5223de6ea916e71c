/** The mouse over a pane. */

import { contains } from "../draw/geometry.ts";
import { gripAt, type Grip, type Part } from "../draw/marks.ts";
import { scoreAt, scorePixel } from "../draw/curves.ts";
import { length, shiftSpan } from "../model/clock.ts";
import type { Label } from "../model/labels.ts";
import { limits, type Pointer } from "../model/store.ts";
import type { Actions } from "./actions.ts";
import type { App } from "./app.ts";
import type { PaneView, Point } from "./pane.ts";

/** Distance in CSS pixels from which a press is a drag. */
const DRAG = 3;

interface Place extends Point {
  readonly seconds: number;
  readonly value: number;
}

type Drag = (at: Place, event: PointerEvent) => void;

export function bindPane(app: App, actions: Actions, view: PaneView): void {
  const { canvas } = view.overlay;
  canvas.addEventListener("pointermove", (event) => hover(app, view, event));
  canvas.addEventListener("pointerleave", () => {
    view.mouse = null;
    app.store.set({ pointer: null });
  });
  canvas.addEventListener("wheel", (event) => wheel(app, actions, view, event), { passive: false });
  canvas.addEventListener("pointerdown", (event) => press(app, actions, view, event));
  canvas.addEventListener("dblclick", (event) => {
    const grip = gripOf(app, view, placeOf(view, event));
    if (grip) app.frame.editText(grip.key);
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
}

function placeOf(view: PaneView, event: MouseEvent): Place {
  const { ratio } = view.at;
  return placeAt(view, { x: event.offsetX * ratio, y: event.offsetY * ratio });
}

function placeAt(view: PaneView, { x, y }: Point): Place {
  const { plane, at } = view;
  return { x, y, seconds: plane.time.seconds(x - at.plot.left), value: plane.bands.value(y - at.plot.top) };
}

function gripOf(app: App, view: PaneView, at: Place): Grip | null {
  if (!contains(view.at.plot, at.x, at.y)) return null;
  return gripAt(at.x, at.y, app.labels.of(view.pane.file), app.state.label, view.plane);
}

function hover(app: App, view: PaneView, event: PointerEvent): void {
  const at = placeOf(view, event);
  view.mouse = { x: at.x, y: at.y };
  app.store.set({ pointer: pointerOf(view, view.mouse) });
  view.overlay.canvas.style.cursor = cursor(app, view, at);
}

/** Return what is under the mouse. It changes with the view too, while the mouse rests. */
export function pointerOf(view: PaneView, mouse: Point): Pointer | null {
  const at = placeAt(view, mouse);
  const { plot, wave, scores } = view.at;
  const isPlot = contains(plot, at.x, at.y);
  const isInside = isPlot || contains(wave, at.x, at.y) || contains(scores, at.x, at.y);
  return isInside ? { pane: view.id, seconds: at.seconds, value: isPlot ? at.value : null } : null;
}

function cursor(app: App, view: PaneView, at: Place): string {
  const { plot, bar, scores, ratio } = view.at;
  if (at.x >= bar.left - 6 * ratio) return "ns-resize";
  if (at.x < plot.left) return at.y >= plot.top ? "grab" : "default";
  if (contains(scores, at.x, at.y)) return Math.abs(at.y - scorePixel(view.at, app.state.threshold)) < 6 * ratio ? "ns-resize" : "pointer";
  const grip = gripOf(app, view, at);
  if (!grip || grip.key !== app.state.label) return "crosshair";
  const parts = grip.parts.join(" ");
  if (parts === "move") return "move";
  if (/^(start|end)$/.test(parts)) return "ew-resize";
  if (/^(low|high)$/.test(parts)) return "ns-resize";
  return parts === "start high" || parts === "end low" ? "nwse-resize" : "nesw-resize";
}

/** Zoom in time; with Alt or over the axis in frequency; Shift and horizontal wheels move along. */
function wheel(app: App, actions: Actions, view: PaneView, event: WheelEvent): void {
  event.preventDefault();
  const at = placeOf(view, event);
  app.store.set({ active: view.id });
  const { plot, bar, ratio } = view.at;
  const size = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
  const [dx, dy] = [event.deltaX * size, event.deltaY * size];
  if (at.x >= bar.left - 6 * ratio) actions.contrast(dy / 1500);
  else if (event.altKey || at.x < plot.left) actions.zoomBands(2 ** (dy / 240), at.value);
  else if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) actions.pan((dx || dy) / 900);
  else actions.zoom(2 ** (dy / 240), at.seconds);
}

function press(app: App, actions: Actions, view: PaneView, event: PointerEvent): void {
  const { canvas } = view.overlay;
  const at = placeOf(view, event);
  (document.activeElement as HTMLElement | null)?.blur();
  app.store.set({ active: view.id });
  canvas.setPointerCapture(event.pointerId);
  const drag = event.button === 0 ? begin(app, actions, view, at, event) : panning(app, view, at);
  let isDrag = false;
  const move = (next: PointerEvent) => {
    isDrag ||= Math.hypot(next.clientX - event.clientX, next.clientY - event.clientY) >= DRAG;
    if (isDrag) drag(placeOf(view, next), next);
  };
  const end = () => {
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointerup", end);
    canvas.removeEventListener("pointercancel", end);
    if (!isDrag && event.button === 0) click(app, actions, view, at);
  };
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
}

/** Return what a drag from a place does. */
function begin(app: App, actions: Actions, view: PaneView, at: Place, event: PointerEvent): Drag {
  const { plot, bar, scores, wave, ratio } = view.at;
  if (at.x >= bar.left - 6 * ratio) return levels(app, view, at);
  if (at.x < plot.left) return frequencies(actions, view, at);
  if (contains(scores, at.x, at.y)) return (next) => app.store.set({ threshold: Math.round(scoreAt(view.at, next.y) * 100) / 100 });
  if (event.ctrlKey || event.metaKey) return panning(app, view, at);
  const grip = gripOf(app, view, at);
  if (grip && grip.key === app.state.label) return moving(app, view, at, grip);
  return selecting(app, view, at, contains(wave, at.x, at.y) || event.shiftKey);
}

function click(app: App, actions: Actions, view: PaneView, at: Place): void {
  const { plot, bar, scores } = view.at;
  if (at.x < plot.left || at.x >= bar.left) return;
  if (contains(scores, at.x, at.y)) {
    const events = app.detections.events(view.pane.file);
    const index = events.findIndex((event) => event.start <= at.seconds && at.seconds < event.end);
    if (index >= 0) {
      app.detections.current = index - 1;
      actions.stepEvent(1);
      return;
    }
  }
  const grip = gripOf(app, view, at);
  app.store.set({ selection: null, label: grip?.key ?? null });
  if (app.state.playing) app.player.stop();
  actions.movePlayhead(at.seconds);
}

function selecting(app: App, view: PaneView, from: Place, isTimeOnly: boolean): Drag {
  return (at) => {
    const bounds = limits(app.state);
    const [start, stop] = [from.seconds, at.seconds].sort((a, b) => a - b).map((seconds) => Math.min(Math.max(seconds, bounds.start), bounds.stop));
    const { low, high } = view.range;
    const [bottom, top] = [from.value, at.value].sort((a, b) => a - b).map((value) => Math.min(Math.max(value, low), high));
    const hasBox = !isTimeOnly && view.axis.hasHertz && Math.abs(at.y - from.y) >= 2 * DRAG * view.at.ratio;
    app.store.set({ selection: { start, stop, low: hasBox ? bottom : null, high: hasBox ? top : null }, label: null });
  };
}

function panning(app: App, view: PaneView, from: Place): Drag {
  const { view: span } = app.state;
  const perPixel = length(span) / view.at.plot.width;
  return (at) => app.store.set({ view: shiftSpan(span, (from.x - at.x) * perPixel, limits(app.state)) });
}

/** Move the picture in frequency with the axis. */
function frequencies(actions: Actions, view: PaneView, from: Place): Drag {
  let last = from.y;
  return (at) => {
    actions.panBands((at.y - last) / view.at.plot.height);
    last = at.y;
  };
}

/** Move one end of the color range, or both from between them. */
function levels(app: App, view: PaneView, from: Place): Drag {
  const { bar, ratio } = view.at;
  const range = view.bar;
  const start = view.levels;
  const perPixel = (range.high - range.low) / bar.height;
  const y = (value: number) => bar.top + (range.high - value) / perPixel;
  const distances = { low: Math.abs(from.y - y(start.low)), high: Math.abs(from.y - y(start.high)) };
  const near = Math.min(distances.low, distances.high);
  const part = near > 14 * ratio && from.y > y(start.high) && from.y < y(start.low) ? "both" : distances.low < distances.high ? "low" : "high";
  return (at) => {
    const step = (from.y - at.y) * perPixel;
    const low = part === "high" ? start.low : start.low + step;
    const high = part === "low" ? start.high : start.high + step;
    if (low < high) app.ranges.choose(view.pane, { low, high });
  };
}

let dragNumber = 0;

/** Move a label or its edges. The whole drag is one command. */
function moving(app: App, view: PaneView, from: Place, grip: Grip): Drag {
  const { file } = view.pane;
  const label = app.labels.find(file, grip.key)!;
  const name = `${grip.parts.includes("move") ? "move" : "resize"} label`;
  const number = ++dragNumber;
  let isFirst = true;
  return (at) => {
    const change = moved(label, grip.parts, from, at, view, limits(app.state).stop);
    app.labels.edit(file, name, grip.key, change, !isFirst && number === dragNumber);
    isFirst = false;
  };
}

function moved(label: Label, parts: readonly Part[], from: Place, at: Place, view: PaneView, stop: number): Partial<Label> {
  const { bands } = view.plane;
  const seconds = at.seconds - from.seconds;
  const pixels = at.y - from.y;
  const { low: bottom, high: top } = view.axis.limits;
  const shifted = (value: number | null) => (value === null ? null : Math.min(Math.max(bands.value(bands.pixel(value) + pixels), bottom), top));
  if (parts.includes("move")) {
    const step = Math.min(Math.max(seconds, -label.start), stop - label.end);
    return { start: label.start + step, end: label.end + step, low: shifted(label.low), high: shifted(label.high) };
  }
  const within = (time: number) => Math.min(Math.max(time, 0), stop);
  return {
    start: parts.includes("start") ? within(label.start + seconds) : label.start,
    end: parts.includes("end") ? within(label.end + seconds) : label.end,
    low: parts.includes("low") ? shifted(label.low) : label.low,
    high: parts.includes("high") ? shifted(label.high) : label.high,
  };
}
