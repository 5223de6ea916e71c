/** Labels of a file, and the commands that change them. Lists are never changed in place. */

import type { StoredLabel } from "../data/source.ts";

export interface Label extends Omit<StoredLabel, "id"> {
  /** Number that is the same for the label's whole life in this page. */
  readonly key: number;
}

export interface Command {
  readonly file: string;
  /** What the command did, such as `move label`. */
  readonly name: string;
  readonly before: readonly Label[];
  readonly after: readonly Label[];
}

let lastKey = 0;

export function nextKey(): number {
  return ++lastKey;
}

export function newLabel(start: number, end: number, low: number | null, high: number | null): Label {
  return { key: nextKey(), start, end, low, high, text: "", channel: null, extra: {} };
}

/** Labels of all files, with undo and redo. A save never clears the commands. */
export class Labels {
  private readonly lists = new Map<string, readonly Label[]>();
  private done: Command[] = [];
  private undone: Command[] = [];

  constructor(private readonly changed: (file: string) => void) {}

  of(file: string): readonly Label[] {
    return this.lists.get(file) ?? [];
  }

  find(file: string, key: number | null): Label | undefined {
    return this.of(file).find((label) => label.key === key);
  }

  /** Take the labels that were read; commands on the old ones are forgotten. */
  load(file: string, labels: readonly Label[]): void {
    this.lists.set(file, labels);
    this.done = this.done.filter((command) => command.file !== file);
    this.undone = this.undone.filter((command) => command.file !== file);
  }

  add(file: string, label: Label): void {
    this.apply(file, "add label", [...this.of(file), label]);
  }

  remove(file: string, key: number): void {
    this.apply(file, "delete label", this.of(file).filter((label) => label.key !== key));
  }

  /** Replace all labels as one command. */
  replace(file: string, name: string, labels: readonly Label[]): void {
    this.apply(file, name, labels);
  }

  /** Change a label. `name` states the change; equal names on one label within `merge` become one command. */
  edit(file: string, name: string, key: number, change: Partial<Label>, merge = false): void {
    const after = this.of(file).map((label) => (label.key === key ? ordered({ ...label, ...change }) : label));
    const last = this.done[this.done.length - 1];
    if (merge && last?.file === file && last.name === name && !this.undone.length) {
      this.done[this.done.length - 1] = { ...last, after };
      this.set(file, after);
    } else {
      this.apply(file, name, after);
    }
  }

  undo(): Command | undefined {
    const command = this.done.pop();
    if (command) {
      this.undone.push(command);
      this.set(command.file, command.before);
    }
    return command;
  }

  redo(): Command | undefined {
    const command = this.undone.pop();
    if (command) {
      this.done.push(command);
      this.set(command.file, command.after);
    }
    return command;
  }

  private apply(file: string, name: string, after: readonly Label[]): void {
    this.done.push({ file, name, before: this.of(file), after });
    this.undone = [];
    this.set(file, after);
  }

  private set(file: string, labels: readonly Label[]): void {
    this.lists.set(file, labels);
    this.changed(file);
  }
}

/** Return the label with its start before its end and its low below its high frequency. */
export function ordered(label: Label): Label {
  const { start, end, low, high } = label;
  const isTurned = low !== null && high !== null && low > high;
  return {
    ...label,
    start: Math.max(Math.min(start, end), 0),
    end: Math.max(start, end),
    low: isTurned ? high : low,
    high: isTurned ? low : high,
  };
}

/** Return the labels in the order of their starts. */
export function sorted(labels: readonly Label[]): Label[] {
  return labels.toSorted((a, b) => a.start - b.start || a.end - b.end || a.key - b.key);
}

/** Return the next label after (or before) one, or after a time where none is selected. */
export function neighbor(labels: readonly Label[], key: number | null, time: number, step: 1 | -1): Label | undefined {
  const all = sorted(labels);
  const at = all.findIndex((label) => label.key === key);
  if (at >= 0) return all[at + step];
  return step > 0 ? all.find((label) => label.start >= time) : all.findLast((label) => label.start <= time);
}

/** Return labels as lines of an Audacity label file, with a second line for the frequencies of a box. */
export function toAudacity(labels: readonly Label[]): string {
  return labels
    .map((label) => {
      const text = label.text.replace(/[\t\r\n]+/g, " ");
      const line = `${label.start.toFixed(6)}\t${label.end.toFixed(6)}\t${text}\n`;
      if (label.low === null || label.high === null) return line;
      return `${line}\\\t${label.low.toFixed(6)}\t${label.high.toFixed(6)}\n`;
    })
    .join("");
}

/** Return a label of a file without its id. */
export function plain(label: StoredLabel): Omit<Label, "key"> {
  const { start, end, low, high, text, channel, extra } = label;
  return { start, end, low, high, text, channel, extra };
}

type Content = Omit<StoredLabel, "id">;

/**
 * Return the labels with the changes of both sides since `base`: ours, without those that the other side
 * deleted, and those that the other side added.
 */
export function merge(ours: readonly Label[], theirs: readonly StoredLabel[], base: readonly StoredLabel[]): Label[] {
  const [known, before, now] = [ours, base, theirs].map((labels) => new Set(labels.map(signature)));
  const kept = ours.filter((label) => !before.has(signature(label)) || now.has(signature(label)));
  const added = theirs.filter((label) => !before.has(signature(label)) && !known.has(signature(label)));
  return [...kept, ...added.map((label) => ({ ...plain(label), key: nextKey() }))];
}

/** Return the number of labels that are equal in both lists. */
export function common(ours: readonly Content[], theirs: readonly Content[]): number {
  const known = new Set(ours.map(signature));
  return theirs.filter((label) => known.has(signature(label))).length;
}

function signature(label: Content): string {
  const round = (value: number | null) => (value === null ? "" : value.toFixed(4));
  return [round(label.start), round(label.end), round(label.low), round(label.high), label.text, label.channel].join("\t");
}
