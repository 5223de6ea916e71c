/** The source of `sonogram view`: requests to the server, or through the kernel of a notebook. */

import {
  type Band,
  type Block,
  type Definition,
  type Event,
  type Finding,
  type Folder,
  type LabelFile,
  type Levels,
  type Model,
  type OpenFile,
  type Preset,
  type Progress,
  Refusal,
  type Session,
  type Source,
  type StoredLabel,
  type Thumbnail,
  type Verdict,
} from "./source.ts";

/** Sends a request whose path is relative to the page. */
export interface Transport {
  send(path: string, options: RequestInit): Promise<Response>;
  /** Text for a request without an answer. */
  readonly remedy: string;
}

const HTTP: Transport = {
  send: (path, options) => fetch(new URL(path, document.baseURI), options),
  remedy: "the server does not answer. Start `sonogram view` again and reload the page",
};

export class Server implements Source {
  readonly isLive = true;

  constructor(private readonly transport: Transport = HTTP) {}

  session(): Promise<Session> {
    return this.json("session");
  }

  file(file: string): Promise<OpenFile> {
    return this.json(`file/${file}`);
  }

  progress(file: string): Promise<Progress> {
    return this.json(`progress?file=${file}`);
  }

  async tile(file: string, channel: string, definition: Definition, level: number, index: number, signal: AbortSignal): Promise<Block<Float32Array>> {
    const answer = await this.ask(`tile/${file}/${channel}/${definition.id}/${level}/${index}`, { signal });
    return block(answer, new Float32Array(await answer.arrayBuffer()));
  }

  levels(file: string, channel: string, definition: Definition): Promise<Levels> {
    return this.json(`levels/${file}/${channel}/${definition.id}`);
  }

  async window(file: string, channel: string, definition: Definition, start: number, seconds: number, signal: AbortSignal): Promise<Block<Float32Array> & { start: number }> {
    const answer = await this.ask(`window/${file}/${channel}/${definition.id}?start=${start}&seconds=${seconds}`, { signal });
    const rows = new Float32Array(await answer.arrayBuffer());
    const columns = header(answer, "X-Frames");
    return { data: transpose(rows, columns, definition.bands), columns, complete: true, start: header(answer, "X-Start") };
  }

  async wave(file: string, channel: string, level: number, index: number, signal: AbortSignal): Promise<Block<Int16Array>> {
    const answer = await this.ask(`wave/${file}/${channel}/${level}/${index}`, { signal });
    return block(answer, new Int16Array(await answer.arrayBuffer()));
  }

  async pcm(file: string, channel: string, first: number, count: number, options: { band?: Band | null; rate?: number | null }, signal: AbortSignal): Promise<Float32Array> {
    const band = options.band ? `&low=${options.band.low}&high=${options.band.high}` : "";
    const rate = options.rate ? `&rate=${options.rate}` : "";
    const answer = await this.ask(`pcm/${file}/${channel}?first=${first}&count=${count}${band}${rate}`, { signal });
    return new Float32Array(await answer.arrayBuffer());
  }

  presets(): Promise<readonly Preset[]> {
    return this.json("presets");
  }

  define(body: { preset: string } | { definition: unknown }, file: string): Promise<{ definition: Definition; findings: readonly Finding[] }> {
    return this.json("definition", send("POST", { ...body, file }));
  }

  async labels(file: string): Promise<LabelFile> {
    return labelFile(await this.ask(`labels/${file}`));
  }

  async saveLabels(file: string, labels: readonly StoredLabel[], etag: string): Promise<LabelFile> {
    const options = send("PUT", { labels });
    return labelFile(await this.ask(`labels/${file}`, { ...options, keepalive: size(options) < 60000, headers: { ...options.headers, "If-Match": etag } }));
  }

  async dropJournal(file: string): Promise<void> {
    await this.ask(`labels-journal/${file}`, { method: "DELETE" });
  }

  async scores(file: string, model: Model, after: number): Promise<Block<Float64Array>> {
    const answer = await this.ask(`scores/${file}/${model.id}?after=${after}`);
    const data = new Float64Array(await answer.arrayBuffer());
    return { data, columns: header(answer, "X-Windows"), complete: answer.headers.get("X-Complete") === "1" };
  }

  async events(file: string, model: Model, threshold: number): Promise<readonly Event[]> {
    return (await this.json<{ events: Event[] }>(`events/${file}/${model.id}?threshold=${threshold}`)).events;
  }

  folder(after: number, order: string): Promise<Folder> {
    return this.json(`folder?after=${after}&limit=60&order=${order}`);
  }

  async thumbnail(file: string, signal: AbortSignal): Promise<Thumbnail> {
    const answer = await this.ask(`thumbnail/${file}`, { signal });
    const [bands, columns] = [header(answer, "X-Bands"), header(answer, "X-Columns")];
    const data = new Float32Array(await answer.arrayBuffer());
    return { data, bands, columns, low: header(answer, "X-Low"), high: header(answer, "X-High") };
  }

  async verdicts(): Promise<readonly Verdict[]> {
    return (await this.json<{ verdicts: Verdict[] }>("verdicts")).verdicts;
  }

  async saveVerdict(verdict: Verdict): Promise<string> {
    return (await this.json<{ name: string }>("verdict", send("PUT", verdict))).name;
  }

  private async ask(path: string, options: RequestInit = {}): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.transport.send(path, options);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Refusal(this.transport.remedy, 0);
    }
    if (answer.ok) return answer;
    const body: unknown = await answer.json().catch(() => null);
    const reason = body && typeof body === "object" && "error" in body ? String(body.error) : `${answer.status} ${answer.statusText}`;
    throw new Refusal(reason, answer.status, body);
  }

  private async json<T>(path: string, options: RequestInit = {}): Promise<T> {
    return (await this.ask(path, options)).json() as Promise<T>;
  }
}

function send(method: string, body: unknown): { method: string; body: string; headers: Record<string, string> } {
  return { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

function size(options: { body: string }): number {
  return options.body.length;
}

function header(answer: Response, name: string): number {
  return Number(answer.headers.get(name));
}

function block<T>(answer: Response, data: T): Block<T> {
  return { data, columns: header(answer, "X-Columns"), complete: answer.headers.get("X-Complete") === "1" };
}

async function labelFile(answer: Response): Promise<LabelFile> {
  return { ...((await answer.json()) as Omit<LabelFile, "etag">), etag: answer.headers.get("ETag") ?? '"none"' };
}

function transpose(rows: Float32Array, count: number, bands: number): Float32Array {
  const columns = new Float32Array(rows.length);
  for (let row = 0; row < count; row++) {
    for (let band = 0; band < bands; band++) columns[band * count + row] = rows[row * bands + band];
  }
  return columns;
}
