/** Label files: read when a file is opened, saved after each command, never over the changes of another program. */

import { type LabelFile, Refusal, type StoredLabel } from "../data/source.ts";
import { type Label, nextKey, plain } from "../model/labels.ts";
import type { App } from "./app.ts";

interface Saved {
  etag: string;
  name: string;
  format: string;
  /** Id of each label in the file, by its key in the page, in the order of the file. */
  ids: Map<number, string>;
  /** Labels of the file when it was last read or written. */
  labels: readonly StoredLabel[];
}

export type SaveState = "saved" | "saving" | "unsaved" | "conflict";

const DELAY = 250;

export class LabelFiles {
  private readonly files = new Map<string, Saved>();
  private readonly reading = new Set<string>();
  private readonly states = new Map<string, SaveState>();
  private readonly running = new Set<string>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly app: App) {
    addEventListener("beforeunload", (event) => {
      for (const file of this.timers.keys()) void this.save(file);
      if ([...this.states.values()].some((state) => state === "unsaved" || state === "conflict") && app.source.isLive) event.preventDefault();
    });
  }

  stateOf(file: string): SaveState {
    return this.states.get(file) ?? "saved";
  }

  nameOf(file: string): string {
    return this.files.get(file)?.name ?? "";
  }

  /** Return the labels of the file when it was last read or written. */
  baseOf(file: string): readonly StoredLabel[] {
    return this.files.get(file)?.labels ?? [];
  }

  async load(file: string): Promise<void> {
    if (this.reading.has(file)) return;
    this.reading.add(file);
    try {
      const stored = await this.app.source.labels(file);
      this.app.labels.load(file, this.take(file, stored, null));
      this.app.schedule();
      if (stored.recovered?.length) this.app.frame.offerRecovered(file, stored.recovered);
    } catch (error) {
      this.reading.delete(file);
      this.app.say(error as Error);
    }
  }

  /** Save after a short pause, so that a drag is one write. */
  changed(file: string): void {
    if (!this.app.source.isLive) return;
    if (this.app.state.session.readonly) {
      this.app.say(new Error("the labels cannot be saved: the folder is read-only. Start `sonogram view` with --labels FOLDER"));
      return;
    }
    this.states.set(file, "unsaved");
    clearTimeout(this.timers.get(file));
    this.timers.set(file, setTimeout(() => void this.save(file), DELAY));
  }

  private async save(file: string): Promise<void> {
    const saved = this.files.get(file);
    if (!saved) return;
    clearTimeout(this.timers.get(file));
    this.timers.delete(file);
    // Two writes at a time would have one ETag, and the second one would be refused.
    if (this.running.has(file)) {
      this.changed(file);
      return;
    }
    this.running.add(file);
    this.states.set(file, "saving");
    const labels = this.app.labels.of(file);
    try {
      const stored = await this.app.source.saveLabels(file, labels.map((label) => store(label, saved.ids)), saved.etag);
      this.take(file, stored, inFileOrder(labels, saved.ids));
      const isNewer = this.timers.has(file);
      this.states.set(file, isNewer ? "unsaved" : "saved");
    } catch (error) {
      this.refused(file, error as Error);
    } finally {
      this.running.delete(file);
    }
    this.app.schedule();
  }

  private refused(file: string, error: Error): void {
    const isConflict = error instanceof Refusal && error.status === 412;
    this.states.set(file, isConflict ? "conflict" : "unsaved");
    if (isConflict) {
      const body = error.body as { labels: StoredLabel[]; etag: string };
      this.app.frame.whenTyped(() => this.app.frame.openConflict(file, body.labels, body.etag));
    } else {
      this.app.say(new Error(`labels not saved: ${error.message}`));
      this.timers.set(file, setTimeout(() => void this.save(file), 4000));
    }
  }

  /** End a conflict with these labels: they replace what another program wrote. */
  resolve(file: string, labels: readonly Label[] | null, onDisk: readonly StoredLabel[], etag: string): void {
    const saved = this.files.get(file)!;
    this.states.set(file, "saved");
    if (labels) {
      this.files.set(file, { ...saved, etag, ids: new Map() });
      this.app.labels.replace(file, "resolve conflict", labels);
      void this.save(file);
    } else {
      const stored: LabelFile = { ...saved, labels: onDisk, recovered: null, etag };
      this.app.labels.replace(file, "take labels of the other program", this.take(file, stored, null));
      this.states.set(file, "saved");
      clearTimeout(this.timers.get(file));
      this.timers.delete(file);
      void this.app.source.dropJournal(file).catch((error: Error) => this.app.say(error));
    }
  }

  /** Take the state of the file. `sent` are the labels of the page in the same order, or null if they are new to it. */
  private take(file: string, stored: LabelFile, sent: readonly Label[] | null): Label[] {
    const labels = stored.labels.map((label, index) => ({ ...plain(label), key: sent?.[index]?.key ?? nextKey() }));
    const ids = new Map(labels.flatMap(({ key }, index) => (stored.labels[index].id === null ? [] : [[key, stored.labels[index].id!] as const])));
    this.files.set(file, { etag: stored.etag, name: stored.name, format: stored.format, labels: stored.labels, ids });
    return labels;
  }
}

/** Return labels as the file has them after a save: known ones in their places, then the new ones. */
function inFileOrder(labels: readonly Label[], ids: ReadonlyMap<number, string>): Label[] {
  const byKey = new Map(labels.map((label) => [label.key, label]));
  const known = [...ids.keys()].flatMap((key) => byKey.get(key) ?? []);
  return [...known, ...labels.filter(({ key }) => !ids.has(key))];
}

function store(label: Label, ids: ReadonlyMap<number, string>): StoredLabel {
  const { key, ...rest } = label;
  return { ...rest, id: ids.get(key) ?? null };
}
