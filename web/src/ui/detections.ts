/** Scores of a model, the events above the threshold, and verdicts on them. */

import type { Event, Verdict } from "../data/source.ts";
import type { Scores } from "../draw/curves.ts";
import type { App } from "./app.ts";

const POLL = 400;
const SETTLE = 120;

export class Detections {
  private readonly known = new Map<string, Scores>();
  private readonly lists = new Map<string, { threshold: number; count: number; events: readonly Event[] }>();
  private readonly busy = new Set<string>();
  private verdicts: readonly Verdict[] = [];
  private asked = false;
  /** Index of the current event in the list of the active file. */
  current = -1;

  constructor(private readonly app: App) {}

  scores(file: string): Scores | undefined {
    return this.known.get(file);
  }

  events(file: string): readonly Event[] {
    return this.lists.get(file)?.events ?? [];
  }

  verdictsOf(file: string): readonly Verdict[] {
    return this.verdicts.filter((verdict) => verdict.file === file);
  }

  update(): void {
    if (!this.app.state.model) return;
    if (!this.asked) void this.readVerdicts();
    for (const file of new Set(this.app.state.panes.map((pane) => pane.file))) {
      if (!this.busy.has(file)) void this.advance(file);
    }
  }

  /** Agree with the current event, or disagree; null takes the verdict back. */
  async judge(file: string, verdict: "yes" | "no" | null): Promise<void> {
    const event = this.events(file)[this.current];
    if (!event) return;
    const row = { file, start: event.start, end: event.end, label: event.label, verdict };
    const others = this.verdicts.filter((item) => item.file !== file || item.start !== row.start || item.label !== row.label);
    this.verdicts = verdict ? [...others, row] : others;
    this.app.schedule();
    try {
      const name = await this.app.source.saveVerdict(row);
      this.app.say(`${verdict === "yes" ? "agreed" : verdict === "no" ? "disagreed" : "verdict removed"}: ${event.label}, saved in ${name}`);
    } catch (error) {
      this.app.say(error as Error);
    }
  }

  private async readVerdicts(): Promise<void> {
    this.asked = true;
    this.verdicts = await this.app.source.verdicts().catch(() => []);
    this.app.schedule();
  }

  /** Read the next scores, and the events where the scores or the threshold changed. */
  private async advance(file: string): Promise<void> {
    const { model, threshold } = this.app.state;
    const scores = this.known.get(file);
    const list = this.lists.get(file);
    const isCurrent = list && list.threshold === threshold && list.count === scores?.count;
    if (!model || (scores?.complete && isCurrent)) return;
    this.busy.add(file);
    try {
      if (!scores?.complete) await this.readScores(file, scores);
      const count = this.known.get(file)?.count ?? 0;
      this.lists.set(file, { threshold, count, events: await this.app.source.events(file, model, threshold) });
    } catch (error) {
      this.app.say(error as Error);
      await pause(5 * POLL);
    }
    await pause(this.known.get(file)?.complete ? SETTLE : POLL);
    this.busy.delete(file);
    this.app.schedule();
  }

  private async readScores(file: string, before: Scores | undefined): Promise<void> {
    const { model } = this.app.state;
    if (!model) return;
    const block = await this.app.source.scores(file, model, before?.count ?? 0);
    const rows = new Float64Array((before?.rows.length ?? 0) + block.data.length);
    rows.set(before?.rows ?? []);
    rows.set(block.data, before?.rows.length ?? 0);
    this.known.set(file, { rows, count: (before?.count ?? 0) + block.columns, complete: block.complete });
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
