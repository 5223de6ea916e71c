/** The help sheet. */

import { openDialog } from "./dialog.ts";
import { h } from "./dom.ts";
import { type Key, keyGroups } from "./keys.ts";

const NAMES: Record<string, string> = {
  ArrowUp: "\u2191",
  ArrowDown: "\u2193",
  ArrowLeft: "\u2190",
  ArrowRight: "\u2192",
  Escape: "Esc",
  PageUp: "Page \u2191",
  PageDown: "Page \u2193",
};

const MOUSE = [
  ["wheel", "zoom in time at the pointer"],
  ["Alt + wheel, or wheel over the axis", "zoom in frequency"],
  ["Shift + wheel", "move along"],
  ["drag", "select a box; with Shift, or over the waveform, a span of time"],
  ["right drag, or Ctrl + drag", "move the picture"],
  ["click", "set the playhead, or select a label"],
  ["drag a selected label or its edges", "move or resize it"],
  ["double click on a label", "edit its text"],
  ["drag the marks of the color bar", "set the range of the colors"],
  ["drag the threshold", "find events again"],
];

export function openHelp(): void {
  const sections = keyGroups().map(({ name, keys }) => section(name, keys.map((key) => [keyText(key), key.text])));
  const mouse = section("Mouse", MOUSE.map(([what, text]) => [[h("span", { textContent: what })], text]));
  openDialog("Keys and mouse", "help", h("div", { class: "help-columns" }, ...sections, mouse));
}

function section(name: string, rows: readonly (readonly [HTMLElement[], string])[]): HTMLElement {
  const list = rows.map(([keys, text]) => h("tr", {}, h("td", {}, ...keys), h("td", { textContent: text })));
  return h("section", {}, h("h3", { textContent: name }), h("table", {}, h("tbody", {}, ...list)));
}

function keyText(key: Key): HTMLElement[] {
  const [first] = key.keys;
  const parts = first === "+" ? ["+"] : first.split("+");
  return parts.map((part) => h("kbd", { textContent: NAMES[part] ?? part }));
}
