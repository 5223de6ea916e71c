/** What the page shows and where it comes from: the server (`Server`) or the page itself (`Embedded`). */

export interface File {
  readonly id: string;
  readonly name: string;
  readonly seconds: number | null;
  readonly rate: number | null;
  readonly channels: number | null;
  readonly error: string | null;
  readonly labels: boolean;
  readonly verdict: string | null;
}

/** A file that was looked at, with the size of its features under each definition. */
export interface OpenFile extends File {
  readonly seconds: number;
  readonly rate: number;
  readonly channels: number;
  readonly definitions: Readonly<Record<string, { readonly frames: number; readonly levels: number }>>;
  readonly wave_levels: number;
}

export interface Definition {
  readonly id: string;
  readonly name: string | null;
  readonly title: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly rate: number;
  readonly bands: number;
  readonly frame_length: number;
  readonly frame_step: number;
  readonly first: number;
  readonly step: number;
  readonly frequencies: readonly number[] | null;
  /** What a row is where it has no frequency, such as "coefficient". */
  readonly row: string;
  readonly unit: string;
  readonly display: { readonly kind: "value" | "decibels"; readonly factor: number };
  readonly decibels_per_unit: number | null;
  readonly per_clip: boolean;
  readonly tile_columns: number;
  readonly engine: string;
}

export interface Model {
  readonly id: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly multi_label: boolean;
  readonly window: number;
  readonly step: number;
  readonly threshold: number;
}

export interface Session {
  readonly title: string;
  readonly version: string;
  readonly files: readonly File[];
  readonly num_files: number;
  readonly folder: string | null;
  readonly definitions: readonly Definition[];
  readonly models: readonly Model[];
  readonly readonly: boolean;
  /** Whether the page records instead of showing files. */
  readonly microphone: boolean;
}

export interface Progress {
  readonly samples: number;
  readonly total: number | null;
  readonly decoded: boolean;
  readonly pyramids: Readonly<Record<string, { readonly frames: number; readonly total: number | null; readonly complete: boolean; readonly stage: string }>>;
  readonly error: string | null;
}

/** Color range in the unit that is drawn; for linear features decibels below `peak`. */
export interface Levels {
  readonly low: number;
  readonly high: number;
  readonly peak: number;
  readonly complete: boolean;
  readonly label: string;
}

/** Columns of numbers, complete or as far as they are known. */
export interface Block<T> {
  readonly data: T;
  readonly columns: number;
  readonly complete: boolean;
}

export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning" | "note";
  readonly message: string;
  readonly remedy: string;
}

export interface Preset {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly rate: number;
  readonly per_clip: boolean;
}

export interface StoredLabel {
  readonly id: string | null;
  readonly start: number;
  readonly end: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly text: string;
  readonly channel: number | null;
  readonly extra: Readonly<Record<string, string>>;
}

export interface LabelFile {
  readonly labels: readonly StoredLabel[];
  readonly format: string;
  readonly name: string;
  readonly recovered: readonly StoredLabel[] | null;
  readonly etag: string;
}

export interface Event {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly score: number;
}

export interface Verdict {
  readonly file: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly label: string;
  readonly verdict: string | null;
}

export interface Thumbnail {
  readonly data: Float32Array;
  readonly bands: number;
  readonly columns: number;
  readonly low: number;
  readonly high: number;
}

export interface Folder {
  readonly files: readonly File[];
  readonly next: number | null;
  readonly num_files: number;
}

export interface Band {
  readonly low: number;
  readonly high: number;
}

/** An answer that is not what was asked for. `status` is that of HTTP; 0 if there was no answer. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly body: unknown = null,
  ) {
    super(message);
  }
}

/** A recording that grows while it is on. */
export interface Recorder {
  readonly isOn: boolean;
  /** Start a new recording, or end it. */
  toggle(): Promise<void>;
  samples(): Float32Array;
  rate(): number;
}

export interface Source {
  /** Whether labels, verdicts and definitions can be sent somewhere. */
  readonly isLive: boolean;
  readonly recorder?: Recorder;
  session(): Promise<Session>;
  file(file: string): Promise<OpenFile>;
  progress(file: string): Promise<Progress>;
  tile(file: string, channel: string, definition: Definition, level: number, index: number, signal: AbortSignal): Promise<Block<Float32Array>>;
  levels(file: string, channel: string, definition: Definition): Promise<Levels>;
  /** Features of a window computed alone, `(bands, frames)`, and where it starts. */
  window(file: string, channel: string, definition: Definition, start: number, seconds: number, signal: AbortSignal): Promise<Block<Float32Array> & { readonly start: number }>;
  wave(file: string, channel: string, level: number, index: number, signal: AbortSignal): Promise<Block<Int16Array>>;
  /** Samples at the file's rate, or at `rate`; `band` keeps only frequencies of a band. */
  pcm(file: string, channel: string, first: number, count: number, options: { band?: Band | null; rate?: number | null }, signal: AbortSignal): Promise<Float32Array>;
  presets(): Promise<readonly Preset[]>;
  define(body: { preset: string } | { definition: unknown }, file: string): Promise<{ definition: Definition; findings: readonly Finding[] }>;
  labels(file: string): Promise<LabelFile>;
  saveLabels(file: string, labels: readonly StoredLabel[], etag: string): Promise<LabelFile>;
  dropJournal(file: string): Promise<void>;
  scores(file: string, model: Model, after: number): Promise<Block<Float64Array>>;
  events(file: string, model: Model, threshold: number): Promise<readonly Event[]>;
  folder(after: number, order: string): Promise<Folder>;
  thumbnail(file: string, signal: AbortSignal): Promise<Thumbnail>;
  verdicts(): Promise<readonly Verdict[]>;
  saveVerdict(verdict: Verdict): Promise<string>;
}
