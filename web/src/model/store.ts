/** The state of the page, and the functions that are called when it changes. */

import type { Definition, Model, OpenFile, Session } from "../data/source.ts";
import type { Range, Spacing } from "./axis.ts";
import type { Span } from "./clock.ts";

export interface Pane {
  readonly id: number;
  readonly file: string;
  readonly definition: string;
  /** Definition that is subtracted; null for a plain spectrogram. */
  readonly minus: string | null;
}

export interface Selection extends Span {
  readonly low: number | null;
  readonly high: number | null;
}

export interface Pointer {
  readonly pane: number;
  readonly seconds: number;
  /** Hertz, or the index of a band where the axis has no frequencies; null over the waveform. */
  readonly value: number | null;
}

export type Theme = "dark" | "light";

export interface State {
  readonly session: Session;
  readonly files: ReadonlyMap<string, OpenFile>;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly panes: readonly Pane[];
  readonly active: number;
  readonly channel: string;
  readonly view: Span;
  /** Visible range in hertz, and of axes without frequencies; null shows all. */
  readonly hertz: Range | null;
  readonly index: Range | null;
  readonly spacing: Spacing;
  readonly notes: boolean;
  readonly colors: string;
  readonly theme: Theme;
  /** Color range of each definition, in the unit that is drawn. */
  readonly levels: ReadonlyMap<string, Range>;
  readonly pointer: Pointer | null;
  readonly selection: Selection | null;
  readonly label: number | null;
  readonly playhead: number;
  readonly playing: boolean;
  readonly loop: boolean;
  readonly slow: number;
  readonly volume: number;
  readonly follow: boolean;
  readonly labelPanel: boolean;
  readonly model: Model | null;
  readonly threshold: number;
  /** Whether per-clip normalization is that of the window under the pointer. */
  readonly windowed: boolean;
  readonly windowSeconds: number;
  readonly message: string;
  /** Whether the message is about something that failed. */
  readonly failed: boolean;
}

export class Store {
  private listeners: ((changed: ReadonlySet<keyof State>) => void)[] = [];

  constructor(private current: State) {}

  get state(): State {
    return this.current;
  }

  set(change: Partial<State>): void {
    const keys = Object.keys(change) as (keyof State)[];
    const changed = new Set(keys.filter((key) => change[key] !== this.current[key]));
    if (!changed.size) return;
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener(changed);
  }

  listen(listener: (changed: ReadonlySet<keyof State>) => void): void {
    this.listeners.push(listener);
  }
}

/** Return the time span of the whole recording of all panes. */
export function limits(state: State): Span {
  const lengths = state.panes.map((pane) => state.files.get(pane.file)?.seconds ?? 0);
  return { start: 0, stop: Math.max(...lengths, 0.002) };
}

export function activePane(state: State): Pane {
  return state.panes.find((pane) => pane.id === state.active) ?? state.panes[0];
}

export function activeFile(state: State): OpenFile {
  return state.files.get(activePane(state).file)!;
}
