/** The source of `sonogram view --microphone`: samples as they are recorded, and their features from a stream. */

import { type Definition as Program, Engine, type Frontend, type Stream } from "../../../js/src/index.ts";
import { bandPass } from "../sound/filter.ts";
import { extremes, transposed } from "./computed.ts";
import { Serverless } from "./serverless.ts";
import { type Band, type Block, type Definition, type LabelFile, type Levels, type OpenFile, type Progress, Refusal, type Session, type Source } from "./source.ts";
import { WAVE_COLUMNS, WAVE_SAMPLES } from "./tiles.ts";

/** Seconds that are shown at the least. */
const SHOWN = 10;
/** Decibels from the brightest to the darkest color. */
const RANGE = 80;

/** Numbers that arrive in pieces. */
class Growing {
  private memory = new Float32Array(1 << 16);
  length = 0;

  push(values: Float32Array): void {
    if (this.length + values.length > this.memory.length) {
      const larger = new Float32Array(2 * (this.length + values.length));
      larger.set(this.memory.subarray(0, this.length));
      this.memory = larger;
    }
    this.memory.set(values, this.length);
    this.length += values.length;
  }

  part(start: number, stop: number): Float32Array<ArrayBuffer> {
    return this.memory.slice(Math.min(start, this.length), Math.min(stop, this.length));
  }
}

interface Feature {
  readonly definition: Definition;
  readonly frontend: Frontend;
  stream: Stream;
  rows: Growing;
}

export class Microphone extends Serverless implements Source {
  readonly recorder = { isOn: false, toggle: () => this.toggle(), samples: () => this.samples.part(0, this.samples.length), rate: () => this.rate };
  private samples = new Growing();
  private context: AudioContext | null = null;
  private stop: (() => void) | null = null;

  private constructor(
    private readonly opened: Session,
    private readonly features: ReadonlyMap<string, Feature>,
  ) {
    super("save the recording and open it with `sonogram view` for that");
  }

  /** Load the engine, and the definitions of a session, from the server. */
  static async open(session: Session): Promise<Microphone> {
    const fetched = async (path: string) => {
      const answer = await fetch(new URL(path, document.baseURI));
      if (!answer.ok) throw new Refusal(((await answer.json()) as { error: string }).error, answer.status);
      return answer;
    };
    const engine = await Engine.load(await (await fetched("page/engine.wasm")).arrayBuffer());
    const features = new Map<string, Feature>();
    for (const definition of session.definitions) {
      const frontend = engine.frontend((await (await fetched(`program/${definition.id}`)).json()) as Program);
      features.set(definition.id, { definition, frontend, stream: frontend.stream(), rows: new Growing() });
    }
    const definitions = session.definitions.map((definition) => ({ ...definition, engine: "WebAssembly" }));
    return new Microphone({ ...session, definitions, readonly: true }, features);
  }

  /** Hertz. All definitions have the rate of the first one. */
  private get rate(): number {
    return this.opened.definitions[0].rate;
  }

  private async toggle(): Promise<void> {
    if (this.stop) return this.stop();
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const media = await navigator.mediaDevices.getUserMedia({ audio }).catch((error: Error) => {
      throw new Refusal(`the microphone cannot be used (${error.message}); allow it in the browser, and check that there is one`, 0);
    });
    this.context = new AudioContext({ sampleRate: this.rate });
    await this.context.audioWorklet.addModule(new URL("page/recorder.js", document.baseURI));
    const worklet = new AudioWorkletNode(this.context, "recorder", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    this.samples = new Growing();
    for (const feature of this.features.values()) {
      feature.stream = feature.frontend.stream();
      feature.rows = new Growing();
    }
    worklet.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => this.recorder.isOn && this.push(data);
    const source = this.context.createMediaStreamSource(media);
    source.connect(worklet);
    this.recorder.isOn = true;
    this.stop = () => {
      this.recorder.isOn = false;
      this.stop = null;
      source.disconnect();
      for (const track of media.getTracks()) track.stop();
      void this.context?.close();
      for (const { stream, rows } of this.features.values()) rows.push(stream.finish().data);
    };
  }

  private push(block: Float32Array<ArrayBuffer>): void {
    this.samples.push(block);
    for (const { stream, rows } of this.features.values()) rows.push(stream.push(block).data);
  }

  async session(): Promise<Session> {
    return { ...this.opened, files: [await this.file()], num_files: 1 };
  }

  async file(): Promise<OpenFile> {
    const seconds = Math.max(this.samples.length / this.rate, SHOWN);
    const sizes = [...this.features].map(([id, { definition, rows }]) => {
      const frames = Math.max(rows.length / definition.bands, 1);
      return [id, { frames, levels: Math.max(Math.ceil(Math.log2(frames / definition.tile_columns)), 0) + 1 }] as const;
    });
    const wave_levels = Math.max(Math.ceil(Math.log2((seconds * this.rate) / WAVE_SAMPLES / WAVE_COLUMNS)), 0) + 1;
    return { id: "f0", name: this.opened.title, seconds, rate: this.rate, channels: 1, error: null, labels: false, verdict: null, definitions: Object.fromEntries(sizes), wave_levels };
  }

  async progress(): Promise<Progress> {
    return { samples: 0, total: 0, decoded: true, pyramids: {}, error: null };
  }

  async tile(_file: string, _channel: string, { id, bands, tile_columns: size }: Definition, level: number, index: number): Promise<Block<Float32Array>> {
    const { rows } = this.features.get(id)!;
    const width = 2 ** level;
    const first = index * size * width;
    const data = maxima(rows.part(first * bands, (first + size * width) * bands), bands, width);
    const columns = data.length / bands;
    return { data: transposed(data, bands), columns, complete: this.isComplete(columns === size) };
  }

  async levels(_file: string, _channel: string, { id, decibels_per_unit: unit, display }: Definition): Promise<Levels> {
    const { rows } = this.features.get(id)!;
    let [lowest, highest] = [Infinity, -Infinity];
    for (const value of rows.part(0, rows.length)) {
      if (!Number.isFinite(value)) continue;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    const complete = rows.length > 0 && this.isComplete(false);
    if (highest < lowest) return { low: -RANGE, high: 0, peak: 1, complete, label: "" };
    if (display.kind === "decibels") return { low: -RANGE, high: 0, peak: highest || 1, complete, label: "dB re peak" };
    return { low: unit ? highest - RANGE / unit : lowest, high: highest, peak: highest, complete, label: "" };
  }

  async wave(_file: string, _channel: string, level: number, index: number): Promise<Block<Int16Array>> {
    const width = WAVE_SAMPLES * 2 ** level;
    const pairs = extremes(this.samples.part(index * WAVE_COLUMNS * width, (index + 1) * WAVE_COLUMNS * width), width);
    const columns = pairs.length / 2;
    return { data: Int16Array.from(pairs, (value, place) => (place % 2 ? value : -value)), columns, complete: this.isComplete(columns === WAVE_COLUMNS) };
  }

  async pcm(_file: string, _channel: string, first: number, count: number, options: { band?: Band | null; rate?: number | null }): Promise<Float32Array> {
    if (!options.band) return this.samples.part(first, first + count);
    return bandPass(this.samples.part(0, this.samples.length), first, count, options.band, this.rate);
  }

  async labels(): Promise<LabelFile> {
    return { labels: [], format: "audacity", name: "", recovered: null, etag: '"none"' };
  }

  window = async (): Promise<never> => this.refuse();

  private isComplete(isFull: boolean): boolean {
    return isFull || !this.recorder.isOn;
  }
}

/** Return the maxima of `width` neighboring rows; the last one may be of fewer. */
function maxima(rows: Float32Array, bands: number, width: number): Float32Array {
  if (width === 1) return rows;
  const result = new Float32Array(Math.ceil(rows.length / bands / width) * bands).fill(-Infinity);
  for (let i = 0; i < rows.length; i++) {
    const place = Math.floor(i / bands / width) * bands + (i % bands);
    result[place] = Math.max(result[place], rows[i]);
  }
  return result;
}
