/** The source inside a mailed page: everything was written into it, and nothing is requested. */

import { bandPass } from "../sound/filter.ts";
import {
  type Band,
  type Block,
  type Definition,
  type LabelFile,
  type Levels,
  type OpenFile,
  type Progress,
  Refusal,
  type Session,
  type Source,
} from "./source.ts";

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

interface StoredWave {
  readonly channel: string;
  readonly level: number;
  readonly index: number;
  readonly columns: number;
  readonly data: string;
}

interface StoredSound {
  readonly channel: string;
  readonly rate: number;
  readonly type: "int16" | "float32";
  readonly samples: number;
  readonly data: string;
}

interface Stored {
  readonly session: Session;
  readonly file: OpenFile;
  readonly labels: Omit<LabelFile, "etag">;
  readonly levels: Readonly<Record<string, Levels>>;
  readonly tiles: readonly StoredTile[];
  readonly wave: readonly StoredWave[];
  readonly pcm: readonly StoredSound[];
}

/** Codes of quantized features without a number. */
const NAN_CODE = 65535;
const SILENCE_CODE = 65534;

const noServer = (): never => {
  throw new Refusal("this page has no server: open the recording with `sonogram view` for that", 409);
};

export class Embedded implements Source {
  readonly isLive = false;
  private readonly sounds = new Map<string, Promise<Float32Array>>();

  private constructor(private readonly stored: Stored) {}

  static async open(text: string): Promise<Embedded> {
    return new Embedded(JSON.parse(text) as Stored);
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
    const tile = this.stored.tiles.find((item) => item.def === definition.id && item.channel === channel && item.level === level && item.index === index);
    if (!tile) return { data: new Float32Array(0), columns: 0, complete: true };
    const bytes = await unpack(tile.data);
    const data = tile.type === "float32" ? new Float32Array(bytes) : dequantize(new Uint16Array(bytes), tile.low!, tile.step!);
    return { data, columns: tile.columns, complete: true };
  }

  async levels(_file: string, _channel: string, definition: Definition): Promise<Levels> {
    return { ...this.stored.levels[definition.id], complete: true };
  }

  async wave(_file: string, channel: string, level: number, index: number): Promise<Block<Int16Array>> {
    const wave = this.stored.wave.find((item) => item.channel === channel && item.level === level && item.index === index);
    if (!wave) return { data: new Int16Array(0), columns: 0, complete: true };
    return { data: new Int16Array(await unpack(wave.data)), columns: wave.columns, complete: true };
  }

  async pcm(_file: string, channel: string, first: number, count: number, options: { band?: Band | null; rate?: number | null }): Promise<Float32Array> {
    const sound = this.stored.pcm.find((item) => item.channel === channel) ?? this.stored.pcm[0];
    if (!sound) throw new Refusal("this page was made without sound", 409);
    let samples = this.sounds.get(sound.channel);
    if (!samples) this.sounds.set(sound.channel, (samples = decode(sound)));
    if (options.rate && options.rate !== sound.rate) throw new Refusal(`this browser does not play at ${sound.rate} Hz`, 409);
    if (options.band) return bandPass(await samples, first, count, options.band, sound.rate);
    return (await samples).slice(first, first + count);
  }

  async labels(): Promise<LabelFile> {
    return { ...this.stored.labels, etag: '"none"' };
  }

  async dropJournal(): Promise<void> {}

  async events(): Promise<[]> {
    return [];
  }

  async verdicts(): Promise<[]> {
    return [];
  }

  window = async (): Promise<never> => noServer();
  presets = async (): Promise<never> => noServer();
  define = async (): Promise<never> => noServer();
  saveLabels = async (): Promise<never> => noServer();
  scores = async (): Promise<never> => noServer();
  folder = async (): Promise<never> => noServer();
  thumbnail = async (): Promise<never> => noServer();
  saveVerdict = async (): Promise<never> => noServer();
}

async function unpack(base64: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

function dequantize(codes: Uint16Array, low: number, step: number): Float32Array {
  return Float32Array.from(codes, (code) => {
    if (code === NAN_CODE) return NaN;
    return code === SILENCE_CODE ? -Infinity : low + code * step;
  });
}

async function decode(sound: StoredSound): Promise<Float32Array> {
  const bytes = await unpack(sound.data);
  if (sound.type === "float32") return new Float32Array(bytes);
  return Float32Array.from(new Int16Array(bytes), (value) => value / 32767);
}
