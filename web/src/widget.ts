/** The viewer in a cell of a notebook: a frame with the page, and its requests as messages to the kernel. */

import type { Answer, Kernel, KernelFrame } from "./data/kernel.ts";

/** What anywidget gives. */
interface Model {
  send(content: unknown): void;
  on(event: "msg:custom", callback: (content: Reply, buffers: DataView<ArrayBuffer>[]) => void): void;
  off(event: "msg:custom", callback: unknown): void;
}

interface Reply {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const HEIGHT = 600;

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  // A widget can have several views, and each gets the answers to all of them.
  const view = Math.random().toString(36).slice(2);
  const waiting = new Map<string, (answer: Answer) => void>();
  let count = 0;

  const receive = ({ id, status, headers }: Reply, [body]: DataView<ArrayBuffer>[]): void => {
    waiting.get(id)?.({ status, headers, body });
    waiting.delete(id);
  };
  const kernel: Kernel = (request, signal) =>
    new Promise((resolve) => {
      const id = `${view}-${count++}`;
      waiting.set(id, resolve);
      signal?.addEventListener("abort", () => waiting.delete(id) && model.send({ id, abort: true }));
      model.send({ id, ...request });
    });

  model.on("msg:custom", receive);
  const frame: KernelFrame = document.createElement("iframe");
  frame.sonogram = kernel;
  frame.allow = "autoplay";
  frame.title = "sonogram";
  Object.assign(frame.style, { width: "100%", height: "100%", border: "0", display: "block" });
  // The user can drag its lower edge.
  const box = document.createElement("div");
  Object.assign(box.style, { height: `${HEIGHT}px`, minHeight: "240px", resize: "vertical", overflow: "hidden", borderRadius: "6px" });
  box.append(frame);
  el.append(box);
  void kernel({ path: "inline.html" }).then(({ body }) => (frame.srcdoc = new TextDecoder().decode(body)));
  return () => {
    model.off("msg:custom", receive);
    box.remove();
  };
}

export default { render };
