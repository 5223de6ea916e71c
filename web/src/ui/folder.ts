/** The contact sheet of a folder: thumbnails that open, and verdicts by keys. */

import type { File, Thumbnail } from "../data/source.ts";
import { palette } from "../draw/colors.ts";
import { Composer } from "../draw/compose.ts";
import { asThumbnail } from "../draw/thumbnail.ts";
import { clock } from "../model/clock.ts";
import type { App } from "./app.ts";
import { openDialog } from "./dialog.ts";
import { button, choice, h } from "./dom.ts";

const WIDTH = 200;
const HEIGHT = 84;
const PARALLEL = 3;

export function openFolder(app: App): void {
  if (app.state.session.folder === null) {
    app.say("no folder is open: start with `sonogram view FOLDER`");
    return;
  }
  new Sheet(app).open();
}

class Sheet {
  private readonly grid = h("div", { class: "sheet", tabIndex: 0 });
  private readonly status = h("span", { class: "sheet-status" });
  private readonly composer = new Composer();
  private files: File[] = [];
  private readonly verdicts = new Map<string, string>();
  private next: number | null = 0;
  private order: string;
  private current = 0;
  private waiting: { file: File; canvas: HTMLCanvasElement }[] = [];
  private running = 0;
  private isReading = false;
  private readonly chips = h("div", { class: "chips" });
  private readonly entry = h("input", { type: "text", placeholder: "label (L)", spellcheck: false });
  private readonly texts: string[];
  private label = "";
  private close: () => void = () => undefined;

  constructor(private readonly app: App) {
    this.order = "name";
    this.texts = [...(app.state.model?.labels ?? [])];
    this.label = this.texts[0] ?? "";
    this.entry.setAttribute("aria-label", "Label for the verdicts");
    this.entry.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter") return;
      this.label = this.entry.value.trim();
      this.entry.value = "";
      this.offer(this.label);
      this.grid.focus();
    });
  }

  open(): void {
    const orders: [string, string][] = [["name", "by name"]];
    if (this.app.state.model) orders.push(["score", "highest score first"], ["uncertainty", "most uncertain first"]);
    const order = choice("Order", orders, this.order, (value) => this.restart(value));
    const hint = h("span", { class: "hint", textContent: "arrows: choose   Enter: open   Shift+Enter: in a new pane   Y / N: agree or not with the label   1\u20139: label   U: take back" });
    this.close = openDialog(`${this.app.state.session.folder}/`, "full", h("div", { class: "sheet-head" }, order, this.chips, this.entry, this.status, hint), this.grid);
    this.grid.addEventListener("keydown", (event) => this.keydown(event));
    this.grid.addEventListener("scroll", () => void this.readIfNear());
    this.grid.focus();
    this.offer(this.label);
    void this.readVerdicts();
    void this.read();
  }

  private restart(order: string): void {
    this.order = order;
    this.files = [];
    this.waiting = [];
    this.next = 0;
    this.current = 0;
    this.grid.replaceChildren();
    void this.read();
    this.grid.focus();
  }

  private async readVerdicts(): Promise<void> {
    for (const { file, start, label, verdict } of await this.app.source.verdicts().catch(() => [])) {
      if (start !== null || !verdict) continue;
      this.verdicts.set(file, verdict === "yes" ? label : `not ${label}`);
      this.offer(label);
    }
    this.mark();
  }

  private async read(): Promise<void> {
    if (this.next === null || this.isReading) return;
    this.isReading = true;
    try {
      const page = await this.app.source.folder(this.next, this.order);
      this.next = page.next;
      for (const file of page.files) this.add(file);
      this.status.textContent = `${page.num_files} recordings`;
    } catch (error) {
      this.status.textContent = (error as Error).message;
      this.next = null;
    }
    this.isReading = false;
    this.mark();
    void this.readIfNear();
  }

  private async readIfNear(): Promise<void> {
    const { scrollTop, clientHeight, scrollHeight } = this.grid;
    if (scrollTop + clientHeight > scrollHeight - 400) await this.read();
  }

  private add(file: File): void {
    const index = this.files.length;
    this.files.push(file);
    const canvas = h("canvas", { width: WIDTH, height: HEIGHT });
    const seconds = file.seconds === null ? "" : clock(file.seconds, file.seconds < 60 ? 1 : 0);
    const card = h("figure", { title: file.error ?? file.name }, canvas, h("figcaption", {}, h("span", { textContent: file.name }), h("small", { textContent: file.error ? "cannot be read" : seconds })), h("b", { class: "verdict" }));
    card.addEventListener("click", () => this.select(index));
    card.addEventListener("dblclick", () => void this.openCurrent());
    this.grid.append(card);
    if (!file.error) this.waiting.push({ file, canvas });
    this.draw();
  }

  private draw(): void {
    while (this.running < PARALLEL && this.waiting.length) {
      const { file, canvas } = this.waiting.shift()!;
      this.running++;
      this.app.source
        .thumbnail(file.id, new AbortController().signal)
        .then((thumbnail) => this.paint(thumbnail, canvas))
        .catch(() => canvas.classList.add("failed"))
        .finally(() => {
          this.running--;
          this.draw();
        });
    }
  }

  private paint(thumbnail: Thumbnail, canvas: HTMLCanvasElement): void {
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(WIDTH, HEIGHT);
    const colors = palette(this.app.state.colors, this.app.state.theme === "dark");
    asThumbnail(this.composer, thumbnail, WIDTH, HEIGHT, colors, new Uint32Array(image.data.buffer));
    context.putImageData(image, 0, 0);
  }

  private select(index: number): void {
    this.current = Math.min(Math.max(index, 0), this.files.length - 1);
    this.mark();
  }

  private mark(): void {
    [...this.grid.children].forEach((card, index) => {
      card.classList.toggle("selected", index === this.current);
      const verdict = this.verdicts.get(this.files[index].id) ?? this.files[index].verdict ?? "";
      card.querySelector(".verdict")!.textContent = verdict;
      card.classList.toggle("rejected", verdict === "no" || verdict.startsWith("not "));
    });
    this.grid.children[this.current]?.scrollIntoView({ block: "nearest" });
  }

  private keydown(event: KeyboardEvent): void {
    const columns = Math.max(Math.round(this.grid.clientWidth / (WIDTH + 12)), 1);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const key = event.key.toLowerCase();
    if (step) this.select(this.current + step);
    else if (event.key === "Enter") void this.openCurrent(!event.shiftKey);
    else if (key === "y" || key === "n") void this.judge(key === "y" ? "yes" : "no");
    else if (/^[1-9]$/.test(key) && this.texts[Number(key) - 1]) void this.judge("yes", this.texts[Number(key) - 1]);
    else if (key === "u") void this.judge(null);
    else if (key === "l") this.entry.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Labels to choose from: those of the model, of the verdicts, and those that were typed. */
  private offer(label: string): void {
    if (label && !this.texts.includes(label)) this.texts.push(label);
    this.chips.replaceChildren(...this.texts.map((text, index) => this.chip(text, index)));
  }

  private chip(text: string, index: number): HTMLElement {
    const chip = button(`${index + 1}  ${text}`, `Label the recording as ${text}`, () => {
      void this.judge("yes", text);
      this.grid.focus();
    });
    chip.setAttribute("aria-pressed", String(text === this.label));
    return chip;
  }

  private async judge(verdict: "yes" | "no" | null, label = this.label): Promise<void> {
    const file = this.files[this.current];
    if (!file) return;
    if (!label) {
      this.status.textContent = "type a label first: Y and N agree and disagree with it";
      this.entry.focus();
      return;
    }
    this.label = label;
    this.offer(label);
    // The next recording is chosen at once, so that the next key is about it.
    this.verdicts.set(file.id, verdict === null ? "" : verdict === "yes" ? label : `not ${label}`);
    if (verdict) this.select(this.current + 1);
    this.mark();
    try {
      const name = await this.app.source.saveVerdict({ file: file.id, start: null, end: null, label, verdict });
      this.status.textContent = verdict === null ? "verdict removed" : `saved in ${name}`;
    } catch (error) {
      this.verdicts.delete(file.id);
      this.mark();
      this.status.textContent = (error as Error).message;
    }
  }

  private async openCurrent(replace = true): Promise<void> {
    const file = this.files[this.current];
    if (!file || file.error) return;
    try {
      await this.app.openFile(file.id, replace);
      this.close();
    } catch (error) {
      this.status.textContent = (error as Error).message;
    }
  }
}
