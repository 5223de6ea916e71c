/** Elements. Text is always set as text, never as HTML. */

type Child = Node | string | null | undefined | false;
type Props<E> = { [K in keyof E]?: E[K] } & { class?: string; data?: Record<string, string>; aria?: Record<string, string> };

/** Return an element with properties and children. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props<HTMLElementTagNameMap[K]> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { class: className, data, aria, ...rest } = props as Props<HTMLElement>;
  if (className) element.className = className;
  for (const [name, value] of Object.entries(data ?? {})) element.dataset[name] = value;
  for (const [name, value] of Object.entries(aria ?? {})) element.setAttribute(name === "role" ? name : `aria-${name}`, value);
  Object.assign(element, rest);
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** Return a button that gives the focus back to the page, so that keys go on working. */
export function button(text: string, title: string, action: () => void, className = ""): HTMLButtonElement {
  const element = h("button", { type: "button", textContent: text, title, class: className });
  element.addEventListener("click", () => {
    action();
    element.blur();
  });
  return element;
}

/** Return a list to choose from. */
export function choice(title: string, options: readonly (readonly [string, string])[], value: string, action: (value: string) => void): HTMLSelectElement {
  const element = h("select", { title });
  element.setAttribute("aria-label", title);
  element.append(...options.map(([name, text]) => h("option", { value: name, textContent: text, selected: name === value })));
  element.addEventListener("change", () => {
    action(element.value);
    element.blur();
  });
  return element;
}

/** Offer a text, or bytes, as a file. */
export function download(name: string, content: string | Uint8Array<ArrayBuffer>, type = "text/plain"): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
