/** The line in which the text of a label is typed, over the label. */

import { boxOf } from "../draw/marks.ts";
import type { App } from "./app.ts";
import { h } from "./dom.ts";

export class TextEntry {
  private readonly input = h("input", { type: "text", class: "text-entry", placeholder: "text of the label", spellcheck: false, autocomplete: "off" });
  private readonly known = h("datalist", { id: "label-texts" });
  private edited: { file: string; key: number } | null = null;
  private waiting: (() => void)[] = [];

  constructor(private readonly app: App) {
    this.input.setAttribute("list", "label-texts");
    this.input.setAttribute("aria-label", "Text of the label");
    this.input.hidden = true;
    document.body.append(this.input, this.known);
    this.input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Tab") this.close(true);
      if (event.key === "Escape") this.close(false);
    });
    this.input.addEventListener("blur", () => this.close(true));
  }

  open(file: string, key: number): void {
    const label = this.app.labels.find(file, key);
    if (!label) return;
    this.edited = { file, key };
    const texts = new Set(this.app.labels.of(file).map(({ text }) => text).filter(Boolean));
    this.known.replaceChildren(...[...texts].sort().map((text) => h("option", { value: text })));
    this.input.hidden = false;
    this.input.value = label.text;
    this.draw();
    this.input.focus();
    this.input.select();
  }

  /** Call a function now, or when the text has been typed. */
  whenClosed(action: () => void): void {
    if (this.edited) this.waiting.push(action);
    else action();
  }

  /** Keep the line at its label. */
  draw(): void {
    if (!this.edited) return;
    const view = this.app.activeView;
    const label = this.app.labels.find(this.edited.file, this.edited.key);
    if (!label) return this.close(false);
    const { ratio } = view.at;
    const box = boxOf(label, label.end, view.plane);
    const stage = view.stage.getBoundingClientRect();
    const left = Math.min(Math.max(stage.left + box.left / ratio, stage.left + 60), innerWidth - 220);
    const top = Math.max(stage.top + box.top / ratio, stage.top + view.at.plot.top / ratio);
    this.input.style.left = `${left}px`;
    this.input.style.top = `${Math.min(top, stage.bottom - 30)}px`;
  }

  private close(isKept: boolean): void {
    const { edited } = this;
    if (!edited) return;
    this.edited = null;
    this.input.hidden = true;
    const label = this.app.labels.find(edited.file, edited.key);
    const text = this.input.value.trim();
    if (isKept && label && text !== label.text) this.app.labels.edit(edited.file, "change text", edited.key, { text });
    this.input.blur();
    for (const action of this.waiting.splice(0)) action();
  }
}
