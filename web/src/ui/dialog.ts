/** Dialogs: one at a time, closed with Escape or a click next to them. */

import { button, h } from "./dom.ts";

/** Open a dialog and return the function that closes it. */
export function openDialog(title: string, className: string, ...parts: HTMLElement[]): () => void {
  document.querySelector("dialog[open]")?.remove();
  const dialog = h("dialog", { class: className, aria: { label: title } });
  const close = () => {
    dialog.close();
    dialog.remove();
  };
  const head = h("header", {}, h("h2", { textContent: title }), button("\u00d7", "Close (Escape)", close, "dialog-close"));
  dialog.append(head, ...parts);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog) close();
  });
  dialog.tabIndex = -1;
  document.body.append(dialog);
  dialog.showModal();
  dialog.focus();
  return close;
}
