/** The line at the bottom: what is under the pointer, in the unit of the definition, and what is selected. */

import { minus } from "../draw/axes.ts";
import { NOT_A_NUMBER, SILENCE } from "../draw/colors.ts";
import { clock, frameAround, Ruler } from "../model/clock.ts";
import { noteText, timeDecimals } from "../model/ticks.ts";
import { limits } from "../model/store.ts";
import type { App } from "./app.ts";
import { h } from "./dom.ts";
import type { PaneView } from "./pane.ts";

export class Readout {
  private readonly fields = new Map<string, HTMLElement>();
  private readonly message = h("span", { class: "message", aria: { role: "status", live: "polite" } });
  private readonly save = h("span", { class: "save" });
  readonly element: HTMLElement;

  constructor(private readonly app: App) {
    const names = ["time", "hertz", "frame", "band", "value", "selection"];
    for (const name of names) this.fields.set(name, h("span", { class: `field ${name}` }));
    this.element = h("footer", { class: "readout" }, ...this.fields.values(), this.message, this.save);
  }

  draw(): void {
    const { state } = this.app;
    this.message.textContent = state.message;
    this.message.classList.toggle("failed", state.failed);
    this.save.textContent = this.saveText();
    this.set("selection", this.selectionText());
    const { pointer } = state;
    const view = this.app.paneView(pointer?.pane ?? state.active) ?? this.app.activeView;
    const seconds = pointer?.seconds ?? state.playhead;
    const decimals = Math.max(timeDecimals(new Ruler(state.view, view.at.plot.width)), 2);
    this.set("time", clock(seconds, decimals, limits(state).stop) + (limits(state).stop < 60 ? " s" : ""));
    this.set("hertz", pointer?.value == null ? "" : hertzText(view, pointer.value, state.notes));
    const cell = pointer?.value == null ? null : cellAt(this.app, view, seconds, pointer.value);
    this.set("frame", cell?.frame ?? "");
    this.set("band", cell?.band ?? "");
    this.set("value", cell?.value ?? "");
  }

  private set(name: string, text: string): void {
    const field = this.fields.get(name)!;
    if (field.textContent !== text) field.textContent = text;
  }

  private selectionText(): string {
    const target = this.app.frame.actions.target;
    if (!target) return "";
    const size = target.stop - target.start;
    const time = size < 1 ? `${(size * 1000).toFixed(1)} ms` : `${size.toFixed(3)} s`;
    if (target.low === null || target.high === null) return `selected ${time}`;
    return `selected ${time} \u00d7 ${(target.high - target.low).toFixed(0)} Hz (${target.low.toFixed(0)}\u2013${target.high.toFixed(0)} Hz)`;
  }

  private saveText(): string {
    const file = this.app.state.panes.find(({ id }) => id === this.app.state.active)!.file;
    const state = this.app.labelFiles.stateOf(file);
    if (!this.app.source.isLive || !this.app.labels.of(file).length) return "";
    return state === "saved" ? `labels saved in ${this.app.labelFiles.nameOf(file)}` : { saving: "saving labels", unsaved: "labels not saved yet", conflict: "labels not saved: conflict" }[state];
  }
}

function hertzText(view: PaneView, value: number, notes: boolean): string {
  if (!view.axis.hasHertz) return "";
  const decimals = value < 100 ? 2 : value < 10000 ? 1 : 0;
  return `${value.toFixed(decimals)} Hz${notes ? `  ${noteText(value)}` : ""}`;
}

interface Cell {
  readonly frame: string;
  readonly band: string;
  readonly value: string;
}

/** Return the texts about the feature under a place. */
export function cellAt(app: App, view: PaneView, seconds: number, value: number): Cell | null {
  const { layer, axis } = view;
  const frame = frameAround(layer.grid, seconds);
  const band = axis.band(value);
  if (frame < 0 || band < 0) return null;
  const bandText = `${axis.hasHertz ? "band" : layer.definition.row} ${band}`;
  if (view.pane.minus) return { frame: `frame ${frame}`, band: "", value: "" };
  const level = view.levelOf(layer, new Ruler(app.state.view, view.at.plot.width));
  const column = frame >> level;
  const tile = app.tiles.feature(layer, level, Math.floor(column / layer.definition.tile_columns));
  const place = column % layer.definition.tile_columns;
  const frameText = level === 0 ? `frame ${frame}` : `frames ${column * 2 ** level}\u2013${Math.min((column + 1) * 2 ** level, layer.frames) - 1}`;
  if (!tile || place >= tile.columns) return { frame: frameText, band: bandText, value: "\u2026" };
  const raw = tile.raw[band * tile.columns + place];
  const text = valueText(raw, tile.drawn[band * tile.columns + place], app.offset(layer.definition), view);
  return { frame: frameText, band: bandText, value: level === 0 ? text : `max of ${2 ** level}: ${text}` };
}

function valueText(raw: number, drawn: number, offset: number, view: PaneView): string {
  const { definition } = view.layer;
  if (Number.isNaN(raw) || drawn === NOT_A_NUMBER) return "NaN";
  if (raw === -Infinity) return "\u2212\u221e: the logarithm of 0";
  const exact = `${minus(String(+raw.toPrecision(7)))} ${definition.unit}`;
  if (definition.display.kind === "value") return exact;
  return drawn <= SILENCE ? `${exact} (silence)` : `${exact} (${minus((drawn - offset).toFixed(2))} dB re peak)`;
}
