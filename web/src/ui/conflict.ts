/** Dialogs about labels that another program changed, or that a crash left in the journal. */

import type { StoredLabel } from "../data/source.ts";
import { type Label, nextKey, toAudacity } from "../model/labels.ts";
import type { App } from "./app.ts";
import { openDialog } from "./dialog.ts";
import { button, download, h } from "./dom.ts";
import { plain } from "./labelfiles.ts";

export function openConflict(app: App, file: string, onDisk: readonly StoredLabel[], etag: string): void {
  const ours = app.labels.of(file);
  const name = app.labelFiles.nameOf(file);
  const finish = (labels: readonly Label[] | null) => {
    close();
    app.labelFiles.resolve(file, labels, onDisk, etag);
  };
  const text = h("p", { textContent: `Another program changed ${name} since it was read. Nothing was overwritten. Which labels shall it have?` });
  const table = h("table", { class: "counts" }, h("tbody", {}, row("in this page", ours.length), row("in the file", onDisk.length), row("in both", common(ours, onDisk).length)));
  const buttons = h(
    "div",
    { class: "buttons" },
    button("Both", "Keep the labels of both, equal ones once", () => finish(merge(ours, onDisk)), "primary"),
    button("These", "Write the labels of this page", () => finish(ours)),
    button("The file's", "Take the labels of the file", () => finish(null)),
    button("Download these", "Download the labels of this page first", () => download("labels.txt", toAudacity(ours))),
  );
  const close = openDialog("The label file has changed", "small", text, table, buttons);
}

export function offerRecovered(app: App, file: string, labels: readonly StoredLabel[]): void {
  const text = h("p", { textContent: `${labels.length} labels were not saved when the program ended. They are in the journal.` });
  const restore = () => {
    close();
    app.labels.replace(file, "restore labels", labels.map((label) => ({ ...plain(label), key: nextKey() })));
  };
  const drop = () => {
    close();
    void app.source.dropJournal(file).catch((error: Error) => app.say(error));
  };
  const close = openDialog("Unsaved labels", "small", text, h("div", { class: "buttons" }, button("Restore", "Use the labels of the journal", restore, "primary"), button("Discard", "Keep the labels of the file", drop)));
}

function row(name: string, count: number): HTMLElement {
  return h("tr", {}, h("td", { textContent: name }), h("td", { textContent: `${count} labels` }));
}

function merge(ours: readonly Label[], onDisk: readonly StoredLabel[]): Label[] {
  const known = new Set(ours.map(signature));
  return [...ours, ...onDisk.filter((label) => !known.has(signature(label))).map((label) => ({ ...plain(label), key: nextKey() }))];
}

function common(ours: readonly Label[], onDisk: readonly StoredLabel[]): readonly StoredLabel[] {
  const known = new Set(ours.map(signature));
  return onDisk.filter((label) => known.has(signature(label)));
}

function signature(label: Omit<StoredLabel, "id">): string {
  const round = (value: number | null) => (value === null ? "" : value.toFixed(4));
  return [round(label.start), round(label.end), round(label.low), round(label.high), label.text, label.channel].join("\t");
}
