/** Color ranges: those that the source suggests, one for each definition, until the user moves them. */

import type { Definition, Levels } from "../data/source.ts";
import type { Range } from "../model/axis.ts";
import type { Pane } from "../model/store.ts";
import type { App } from "./app.ts";

const AGAIN = 700;
const DIFFERENCE = 20;
/** What turns a drawn value into one that is compared: `(value - zero) * factor`. */
export interface Scale {
  readonly factor: number;
  readonly zero: number;
}

const PLAIN: Scale = { factor: 1, zero: 0 };
const UNKNOWN: Levels = { low: -80, high: 0, peak: 1, complete: false, label: "" };

export class LevelRanges {
  private readonly known = new Map<string, Levels>();
  private readonly pending = new Set<string>();
  private readonly chosen = new Set<string>();

  constructor(private readonly app: App) {}

  of(pane: Pane): Range {
    return this.app.state.levels.get(name(pane)) ?? this.suggestion(pane);
  }

  /** Return the suggested range: from the lowest to the highest of all files under the definition. */
  suggestion(pane: Pane): Range {
    if (pane.minus) return { low: -DIFFERENCE, high: DIFFERENCE };
    const { low, high } = this.merged(pane.definition);
    return { low, high };
  }

  /** Set the range of a definition for all panes. */
  choose(pane: Pane, range: Range): void {
    this.chosen.add(name(pane));
    const least = 1e-3 * Math.max(Math.abs(range.high), 1e-3);
    const high = Math.max(range.high, range.low + least);
    const symmetric = { low: -Math.max(Math.abs(high), least), high: Math.max(Math.abs(high), least) };
    this.app.store.set({ levels: new Map([...this.app.state.levels, [name(pane), pane.minus ? symmetric : { low: range.low, high }]]) });
  }

  reset(pane: Pane): void {
    this.chosen.delete(name(pane));
    const levels = new Map(this.app.state.levels);
    levels.delete(name(pane));
    this.app.store.set({ levels });
  }

  /** Ask for all ranges again. */
  clear(): void {
    this.known.clear();
  }

  offset(definition: Definition): number {
    if (definition.display.kind !== "decibels") return 0;
    const { peak } = this.merged(definition.id);
    return peak > 0 ? definition.display.factor * Math.log10(peak) : 0;
  }

  /**
   * Return how values of two definitions are compared: in decibels below the peak of each where both are
   * logarithmic, otherwise as they are.
   */
  comparison(a: Definition, b: Definition): { unit: string; parts: [Scale, Scale] } {
    const scales = [a, b].map((definition) => this.decibels(definition));
    const [first, second] = scales;
    if (first && second) return { unit: "dB, each re its peak", parts: [first, second] };
    return { unit: a.unit === b.unit ? a.unit : "difference of unlike units", parts: [PLAIN, PLAIN] };
  }

  private decibels(definition: Definition): Scale | null {
    const factor = definition.display.kind === "decibels" ? 1 : definition.decibels_per_unit;
    return factor ? { factor, zero: this.merged(definition.id).high + this.offset(definition) } : null;
  }

  /** Ask for what is not known yet. */
  update(): void {
    for (const pane of this.app.state.panes) {
      for (const id of [pane.definition, pane.minus]) if (id) this.ask(pane.file, id);
    }
  }

  /** Whether the ranges of all panes are those of the whole recordings. */
  get isComplete(): boolean {
    const { panes, channel } = this.app.state;
    return panes.every((pane) => [pane.definition, pane.minus].every((id) => !id || this.known.get(`${pane.file}/${channel}/${id}`)?.complete));
  }

  private ask(file: string, id: string): void {
    const key = `${file}/${this.app.state.channel}/${id}`;
    if (this.pending.has(key) || this.known.get(key)?.complete) return;
    this.pending.add(key);
    const definition = this.app.state.definitions.get(id)!;
    this.app.source.levels(file, this.app.state.channel, definition).then(
      (levels) => {
        this.known.set(key, levels);
        this.app.arrivals++;
        this.app.schedule();
        setTimeout(() => {
          this.pending.delete(key);
          this.app.schedule();
        }, AGAIN);
      },
      (error: Error) => this.app.say(error),
    );
  }

  private merged(id: string): Levels {
    const suffix = `/${this.app.state.channel}/${id}`;
    const files = new Set(this.app.state.panes.map((pane) => pane.file));
    const all = [...this.known].filter(([key]) => key.endsWith(suffix) && files.has(key.split("/")[0])).map(([, levels]) => levels);
    if (!all.length) return UNKNOWN;
    return {
      ...all[0],
      low: Math.min(...all.map(({ low }) => low)),
      high: Math.max(...all.map(({ high }) => high)),
      peak: Math.max(...all.map(({ peak }) => peak)),
    };
  }
}

function name(pane: Pane): string {
  return pane.minus ? `${pane.definition}-${pane.minus}` : pane.definition;
}
