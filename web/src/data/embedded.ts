/** The source inside a mailed page: sound and engine were written into it, and nothing is requested. */

import { type Definition as Program, Engine } from "../../../js/src/index.ts";
import { bandPass } from "../sound/filter.ts";
import {
  type Band,
  type Block,
  type Definition,
  type LabelFile,
  type Levels,
  type OpenFile,
  type Progress,
  type Session,
  type Source,
} from "./source.ts";
import { Computed } from "./computed.ts";
import { type StoredSound, decode, unpack } from "./samples.ts";
import { Serverless } from "./serverless.ts";

interface StoredTile {
  readonly def: string;
  readonly channel: string;
  readonly level: number;
  readonly index: number;
  readonly columns: number;
  readonly bands: number;
  readonly type?: "float32";
  readonly low?: number;
  readonly step?: number;
  readonly data: string;
}

interface Stored {
  readonly session: Session;
  readonly file: OpenFile;
  readonly labels: Omit<LabelFile, "etag">;
  readonly levels: Readonly<Record<string, Levels>>;
  readonly sound: StoredSound;
  /** The engine, and the definitions that it computes. */
  readonly engine: string;
  readonly programs: Readonly<Record<string, string>>;
  /** Features of the other definitions. */
  readonly tiles: readonly StoredTile[];
}

/** Codes of quantized features without a number. */
const NAN_CODE = 65535;
const SILENCE_CODE = 65534;

export class Embedded extends Serverless implements Source {

  private constructor(
    private readonly stored: Stored,
    private readonly computed: Computed,
    private readonly programs: ReadonlyMap<string, Program>,
  ) {
    super("this page has no server: open the recording with `sonogram view` for that");
  }

  static async open(text: string): Promise<Embedded> {
    const stored = JSON.parse(text) as Stored;
    const engine = await Engine.load(await unpack(stored.engine));
    const programs = new Map<string, Program>();
    for (const [id, program] of Object.entries(stored.programs)) programs.set(id, await new Response(await unpack(program)).json());
    return new Embedded(stored, new Computed(engine, await decode(stored.sound), stored.sound.rate), programs);
  }

  async session(): Promise<Session> {
    return this.stored.session;
  }

  async file(): Promise<OpenFile> {
    return this.stored.file;
  }

  async progress(): Promise<Progress> {
    return { samples: 0, total: 0, decoded: true, pyramids: {}, error: null };
  }

  async tile(_file: string, channel: string, definition: Definition, level: number, index: number): Promise<Block<Float32Array>> {
    const program = this.programs.get(definition.id);
    if (program) return this.computed.tile(definition, program, level, index);
    const tile = this.stored.tiles.find((item) => item.def === definition.id && item.channel === channel && item.level === level && item.index === index);
    if (!tile) return { data: new Float32Array(0), columns: 0, complete: true };
    const bytes = await unpack(tile.data);
    const data = tile.type === "float32" ? new Float32Array(bytes) : dequantize(new Uint16Array(bytes), tile.low!, tile.step!);
    return { data, columns: tile.columns, complete: true };
  }

  async levels(_file: string, _channel: string, definition: Definition): Promise<Levels> {
    return { ...this.stored.levels[definition.id], complete: true };
  }

  async window(_file: string, _channel: string, definition: Definition, start: number, seconds: number): Promise<Block<Float32Array> & { start: number }> {
    const program = this.programs.get(definition.id);
    return program ? this.computed.window(definition, program, start, seconds) : this.refuse();
  }

  async wave(_file: string, _channel: string, level: number, index: number): Promise<Block<Int16Array>> {
    return this.computed.wave(level, index);
  }

  async pcm(_file: string, _channel: string, first: number, count: number, options: { band?: Band | null; rate?: number | null }): Promise<Float32Array> {
    const rate = options.rate ?? this.computed.rate;
    const samples = this.computed.at(rate);
    return options.band ? bandPass(samples, first, count, options.band, rate) : samples.slice(first, first + count);
  }

  async labels(): Promise<LabelFile> {
    return { ...this.stored.labels, etag: '"none"' };
  }
}

function dequantize(codes: Uint16Array, low: number, step: number): Float32Array {
  return Float32Array.from(codes, (code) => {
    if (code === NAN_CODE) return NaN;
    return code === SILENCE_CODE ? -Infinity : low + code * step;
  });
}
