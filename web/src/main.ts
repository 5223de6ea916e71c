/** The start of the page. */

import { Embedded } from "./data/embedded.ts";
import { connection } from "./data/kernel.ts";
import { Microphone } from "./data/microphone.ts";
import { Server } from "./data/server.ts";
import type { File, OpenFile, Source } from "./data/source.ts";
import { App } from "./ui/app.ts";
import { h } from "./ui/dom.ts";

declare global {
  interface Window {
    /** For tests of the page. */
    sonogram?: App;
  }
}

async function start(): Promise<void> {
  const root = document.getElementById("app")!;
  try {
    const embedded = document.getElementById("sonogram-data");
    const server = embedded ? await Embedded.open(embedded.textContent ?? "") : new Server(connection());
    const opened = await server.session();
    const source = opened.microphone ? await Microphone.open(opened) : server;
    const session = await source.session();
    document.title = `${session.title} \u2013 sonogram`;
    const file = await firstReadable(source, session.files);
    window.sonogram = new App(source, session, file, root);
    if (session.folder !== null && session.num_files > 1) window.sonogram.frame.openFolder();
  } catch (error) {
    root.replaceChildren(h("p", { class: "failure", textContent: (error as Error).message }));
  }
}

/** Return the first file that can be read; the reason of the first one if there is none. */
async function firstReadable(source: Source, files: readonly File[]): Promise<OpenFile> {
  let reason: unknown = new Error("no recording is open: start with `sonogram view AUDIO`");
  for (const [index, { id }] of files.entries()) {
    try {
      return await source.file(id);
    } catch (error) {
      if (!index) reason = error;
    }
  }
  throw reason;
}

void start();
