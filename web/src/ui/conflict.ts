/** Dialogs about labels that another program changed, or that a crash left in the journal. */

import type { StoredLabel } from "../data/source.ts";
import { common, type Label, merge, nextKey, plain, toAudacity } from "../model/labels.ts";
import type { App } from "./app.ts";
import { openDialog } from "./dialog.ts";
import { button, download, h } from "./dom.ts";

export function openConflict(app: App, file: string, onDisk: readonly StoredLabel[], etag: string): void {
  const ours = app.labels.of(file);
  const name = app.labelFiles.nameOf(file);
  const finish = (labels: readonly Label[] | null) => {
    close();
    app.labelFiles.resolve(file, labels, onDisk, etag);
  };
  const text = h("p", { textContent: `Another program changed ${name} since it was read. Nothing was overwritten. Choose the labels to keep.` });
  const table = h("table", { class: "counts" }, h("tbody", {}, row("in this page", ours.length), row("in the file", onDisk.length), row("equal in both", common(ours, onDisk))));
  const buttons = h(
    "div",
    { class: "buttons" },
    button("Merge", "Keep the changes of both", () => finish(merge(ours, onDisk, app.labelFiles.baseOf(file))), "primary"),
    button("This page", "Write the labels of this page", () => finish(ours)),
    button("The file", "Take the labels of the file", () => finish(null)),
    button("Download", "Download the labels of this page first", () => download("labels.txt", toAudacity(ours))),
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
  return h("tr", {}, h("td", { textContent: name }), h("td", { textContent: `${count} label${count === 1 ? "" : "s"}` }));
}
