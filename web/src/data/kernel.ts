/** The connection of the page in a notebook: requests go through the frame to the kernel. */

import type { Transport } from "./server.ts";

export interface Request {
  readonly path: string;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: DataView<ArrayBuffer>;
}

/** Sends a request to the kernel; the answer to an aborted request never comes. */
export type Kernel = (request: Request, signal?: AbortSignal | null) => Promise<Answer>;

/** The frame around the page, which the widget made. */
export interface KernelFrame extends HTMLIFrameElement {
  sonogram?: Kernel;
}

/** Return the connection to the kernel; undefined if this page is not in a notebook. */
export function connection(): Transport | undefined {
  const kernel = (window.frameElement as KernelFrame | null)?.sonogram;
  if (!kernel) return undefined;
  return {
    send: async (path, { method, headers, body, signal }) => {
      signal?.throwIfAborted();
      const aborted = new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      const request = { path, method, headers: headers as Record<string, string>, body: body as string | undefined };
      const answer = await Promise.race([kernel(request, signal), aborted]);
      return new Response(answer.body.byteLength ? answer.body : null, { status: answer.status, headers: answer.headers });
    },
    remedy: "the kernel does not answer. Run the cell again",
  };
}
