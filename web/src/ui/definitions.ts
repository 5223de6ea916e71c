/** The dialog of definitions: presets, four numbers, and the stages as JSON, with what `check` finds. */

import type { Definition, Finding, Preset } from "../data/source.ts";
import { activePane } from "../model/store.ts";
import type { App } from "./app.ts";
import { openDialog } from "./dialog.ts";
import { button, h } from "./dom.ts";

const NUMBERS = ["sample_rate", "frame_length", "frame_step", "fft_length"] as const;
const HINTS: Record<(typeof NUMBERS)[number], string> = {
  sample_rate: "Hz",
  frame_length: "samples",
  frame_step: "samples",
  fft_length: "empty: the next power of two",
};

let presets: readonly Preset[] | null = null;

type Plain = Record<string, unknown>;

export function openDefinitions(app: App): void {
  new DefinitionDialog(app).open();
}

class DefinitionDialog {
  private readonly search = h("input", { type: "search", placeholder: "search presets", spellcheck: false });
  private readonly list = h("div", { class: "preset-list", tabIndex: 0 });
  private readonly numbers = Object.fromEntries(NUMBERS.map((name) => [name, h("input", { type: "text", inputMode: "numeric" })])) as Record<(typeof NUMBERS)[number], HTMLInputElement>;
  private readonly stages = h("textarea", { spellcheck: false, rows: 12 });
  private readonly findings = h("div", { class: "findings" });
  private shown: readonly Preset[] = [];
  private chosen = 0;
  /** Whether the marked preset is not in the form yet. */
  private isNew = false;
  private found: Definition | null = null;

  constructor(private readonly app: App) {
    this.search.addEventListener("input", () => {
      this.filter();
      this.isNew = this.shown.length > 0 && this.search.value !== "";
    });
    this.search.addEventListener("keydown", (event) => this.keydown(event));
    this.stages.setAttribute("aria-label", "Stages as JSON");
  }

  open(): void {
    const { app } = this;
    const current = app.state.definitions.get(activePane(app.state).definition)!;
    this.fill(current.definition);
    const fields = NUMBERS.map((name) => h("label", {}, h("span", { textContent: name }), this.numbers[name], h("small", { textContent: HINTS[name] })));
    const form = h("div", { class: "definition-form" }, h("div", { class: "numbers" }, ...fields), h("label", { class: "stages" }, h("span", { textContent: "stages" }), this.stages), this.findings);
    const buttons = h(
      "div",
      { class: "buttons" },
      button("Show", "Show this definition in the pane (Ctrl+Enter)", () => void this.apply("replace"), "primary"),
      button("Compare", "Show it in a new pane", () => void this.apply("add")),
      button("Difference", "Show it, and its difference from the present one, in new panes", () => void this.apply("difference")),
      button("Check", "List the findings of the lint", () => void this.check()),
    );
    const columns = h("div", { class: "definition-columns" }, h("div", { class: "preset-column" }, this.search, this.list), form);
    this.close = openDialog("Definition", "wide", columns, buttons);
    form.addEventListener("input", () => (this.isNew = false));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.apply("replace");
    });
    this.search.focus();
    if (!app.source.isLive) this.fail("this page has no server, so that it shows only the definitions in it");
    void this.readPresets(current.name);
    if (app.source.isLive) void this.check();
  }

  private close: () => void = () => undefined;

  private async readPresets(current: string | null): Promise<void> {
    try {
      presets ??= await this.app.source.presets();
    } catch (error) {
      return this.fail((error as Error).message);
    }
    this.filter();
    this.chosen = Math.max(this.shown.findIndex(({ name }) => name === current), 0);
    this.mark();
  }

  private filter(): void {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.shown = (presets ?? []).filter((preset) => words.every((word) => `${preset.name} ${preset.group} ${preset.summary}`.toLowerCase().includes(word)));
    this.chosen = 0;
    let group = "";
    this.list.replaceChildren(
      ...this.shown.flatMap((preset, index) => {
        const row = h("div", { class: "preset", title: preset.summary }, h("b", { textContent: preset.name }), h("span", { textContent: preset.summary }));
        row.addEventListener("click", () => this.choose(index));
        row.addEventListener("dblclick", () => void this.apply("replace"));
        const head = preset.group === group ? [] : [h("h3", { textContent: preset.group })];
        group = preset.group;
        return [...head, row];
      }),
    );
    this.mark();
  }

  private mark(): void {
    this.list.querySelectorAll(".preset").forEach((row, index) => {
      row.classList.toggle("selected", index === this.chosen);
      if (index === this.chosen) row.scrollIntoView({ block: "nearest" });
    });
  }

  private keydown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.chosen = Math.min(Math.max(this.chosen + step, 0), this.shown.length - 1);
      this.isNew = this.shown.length > 0;
      this.mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      void this.choose(this.chosen).then((isDone) => (isDone ? this.apply(event.shiftKey ? "add" : "replace") : undefined));
    }
  }

  private async choose(index: number): Promise<boolean> {
    this.chosen = index;
    this.isNew = false;
    this.mark();
    const preset = this.shown[index];
    return preset ? this.define({ preset: preset.name }) : false;
  }

  private async define(body: { preset: string } | { definition: unknown }): Promise<boolean> {
    try {
      const { definition, findings } = await this.app.source.define(body, activePane(this.app.state).file);
      this.found = definition;
      this.fill(definition.definition);
      this.show(findings);
      return true;
    } catch (error) {
      this.found = null;
      this.fail((error as Error).message);
      return false;
    }
  }

  private async check(): Promise<boolean> {
    let plain: Plain;
    try {
      plain = this.read();
    } catch (error) {
      this.fail((error as Error).message);
      return false;
    }
    return this.define({ definition: plain });
  }

  private async apply(how: "replace" | "add" | "difference"): Promise<void> {
    if (!(this.isNew ? await this.choose(this.chosen) : await this.check()) || !this.found) return;
    const { store } = this.app;
    const definition = this.found;
    store.set({ definitions: new Map([...store.state.definitions, [definition.id, definition]]) });
    this.close();
    const pane = activePane(store.state);
    if (how === "replace") {
      store.set({ panes: store.state.panes.map((other) => (other.id === pane.id ? { ...other, definition: definition.id, minus: null } : other)) });
    } else {
      this.app.addPane({ file: pane.file, definition: definition.id, minus: null });
      if (how === "difference") this.app.addPane({ file: pane.file, definition: pane.definition, minus: definition.id });
    }
  }

  /** Fill the form with a definition. */
  private fill(plain: Readonly<Plain>): void {
    const stages: Plain = {};
    for (const [name, value] of Object.entries(plain)) {
      if (NUMBERS.includes(name as (typeof NUMBERS)[number])) this.numbers[name as (typeof NUMBERS)[number]].value = String(value ?? "");
      else stages[name] = value;
    }
    if (!("fft_length" in plain)) this.numbers.fft_length.value = "";
    this.stages.value = JSON.stringify(stages, null, 2);
  }

  private read(): Plain {
    let stages: Plain;
    try {
      stages = JSON.parse(this.stages.value || "{}") as Plain;
    } catch (error) {
      throw new Error(`the stages are not valid JSON: ${(error as Error).message}`);
    }
    for (const name of NUMBERS) {
      const text = this.numbers[name].value.trim();
      if (!text && name === "fft_length") continue;
      const value = Number(text);
      if (!text || !Number.isFinite(value)) throw new Error(`${name} must be a number; got "${text}"`);
      stages[name] = value;
    }
    return stages;
  }

  private show(findings: readonly Finding[]): void {
    const rows = findings.map((finding) => h("div", { class: `finding ${finding.severity}` }, h("b", { textContent: finding.severity }), h("span", { textContent: finding.message }), finding.remedy && h("small", { textContent: finding.remedy })));
    this.findings.replaceChildren(...(rows.length ? rows : [h("div", { class: "finding none", textContent: "no findings" })]));
  }

  private fail(message: string): void {
    this.findings.replaceChildren(h("div", { class: "finding error" }, h("b", { textContent: "error" }), h("span", { textContent: message })));
  }
}
