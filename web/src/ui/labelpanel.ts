/** The list of labels at the right. */

import { clock } from "../model/clock.ts";
import { sorted, type Label } from "../model/labels.ts";
import { activePane, limits } from "../model/store.ts";
import type { Actions } from "./actions.ts";
import type { App } from "./app.ts";
import { button, h } from "./dom.ts";

/** Rows that are put into the page: those around the selected one, of long lists. */
const ROWS = 400;

export class LabelPanel {
  private readonly filter = h("input", { type: "search", placeholder: "filter", spellcheck: false });
  private readonly count = h("span", { class: "count" });
  private readonly rows = h("tbody");
  readonly element: HTMLElement;
  private drawn: unknown[] = [];

  constructor(
    private readonly app: App,
    private readonly actions: Actions,
  ) {
    this.filter.setAttribute("aria-label", "Show labels that contain a text");
    this.filter.addEventListener("input", () => app.schedule());
    const head = h("thead", {}, h("tr", {}, h("th", { textContent: "start" }), h("th", { textContent: "length" }), h("th", { textContent: "Hz" }), h("th", { textContent: "text" })));
    const buttons = h("div", { class: "panel-buttons" }, button("Add", "Label the selection (Enter)", () => actions.label()), button("Delete", "Delete the selected label (Delete)", () => actions.deleteLabel()), button("Export", "Download as an Audacity label file", () => actions.exportLabels()));
    this.element = h("aside", { class: "labels" }, h("div", { class: "panel-head" }, this.filter, this.count), h("div", { class: "scroll" }, h("table", {}, head, this.rows)), buttons);
  }

  draw(): void {
    const { state } = this.app;
    this.element.hidden = !state.labelPanel;
    if (!state.labelPanel) return;
    const { file } = activePane(state);
    const all = this.app.labels.of(file);
    const now = [all, state.label, this.filter.value];
    if (now.every((value, index) => value === this.drawn[index])) return;
    this.drawn = now;
    const wanted = this.filter.value.toLowerCase();
    const labels = sorted(all).filter(({ text }) => text.toLowerCase().includes(wanted));
    const middle = Math.max(labels.findIndex(({ key }) => key === state.label), 0);
    const first = Math.max(Math.min(middle - ROWS / 2, labels.length - ROWS), 0);
    this.count.textContent = labels.length === all.length ? `${all.length}` : `${labels.length} of ${all.length}`;
    this.rows.replaceChildren(...labels.slice(first, first + ROWS).map((label) => this.row(label)));
    this.rows.querySelector(".selected")?.scrollIntoView({ block: "nearest" });
  }

  private row(label: Label): HTMLElement {
    const size = label.end - label.start;
    const range = label.low === null || label.high === null ? "" : `${label.low.toFixed(0)}\u2013${label.high.toFixed(0)}`;
    const cells = [clock(label.start, 2, limits(this.app.state).stop), size.toFixed(size < 1 ? 3 : 2), range, label.text || "\u2013"];
    const row = h("tr", { class: label.key === this.app.state.label ? "selected" : "" }, ...cells.map((text) => h("td", { textContent: text })));
    row.addEventListener("click", () => this.actions.selectLabel(label.key));
    row.addEventListener("dblclick", () => this.app.frame.editText(label.key));
    return row;
  }
}
