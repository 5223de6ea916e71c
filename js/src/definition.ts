/** A definition as the Python package writes it: see `sonogram.export_frontend`. Arrays are base64, little-endian. */

/** Increased with every change of `Definition`, or of the struct in it. */
export const VERSION = 5;

export type Definition = FrontendDefinition | SpatialDefinition | BundleDefinition | MicroDefinition;

interface Common {
  readonly format: "sonogram-web";
  /** `VERSION` of the engine. */
  readonly version: number;
  readonly fingerprint: string;
  /** Hertz. */
  readonly sample_rate: number;
  /** Values in one row of features. */
  readonly bands: number;
  readonly unit: string;
  readonly streamable: boolean;
}

export interface FrontendDefinition extends Common {
  readonly type: "Frontend";
  readonly frame_length: number;
  readonly frame_step: number;
  /** Samples that a frame covers where frames are placed and counted. */
  readonly span: number;
  /** Bands before the cepstrum. */
  readonly columns: number;
  readonly padding: Padding;
  readonly conditioning: Conditioning;
  readonly struct: string;
  readonly window: string;
  readonly filters: Weights | null;
  readonly kernels: Kernels | null;
  readonly spectrum: Spectrum;
  /** First bin, and one past the last one, whose both parts are the features; null for real bins. */
  readonly parts: readonly [number, number] | null;
  readonly scaling: Log | Pcen | null;
  readonly silence: { readonly bin: number; readonly weights: string; readonly bands: string } | null;
  readonly cepstrum: string | null;
  /** Whether the cepstrum takes the log energy of the frame, the last column of the kernel. */
  readonly energy: boolean;
  readonly deltas: Deltas | null;
  readonly normalize: Normalize | null;
  readonly tolerance: Tolerance;
  readonly stack: Stack | null;
}

/** A front end on every channel of a recording. */
export interface SpatialDefinition extends Common {
  readonly type: "Spatial";
  readonly channels: number;
  readonly frontend: FrontendDefinition;
  /** What is computed from the bins of all channels; null concatenates their features. */
  readonly feature: SpatialFeature | null;
  /** Added to the samples. */
  readonly offset: number;
}

/** Matrices row by row, `(values, bins)`. */
export type SpatialFeature =
  | { readonly type: "Intensity"; readonly epsilon: number; readonly matrix: string }
  | { readonly type: "CrossCorrelation"; readonly matrix: string }
  | { readonly type: "PhaseDifference"; readonly meters: string };

/** Several front ends, computed from the same samples. */
export interface BundleDefinition extends Common {
  readonly type: "Bundle";
  readonly channels: number | null;
  readonly members: readonly (FrontendDefinition | SpatialDefinition)[];
  /** Whether a row holds one member after the other, or for each band the values of all members. */
  readonly along: "bands" | "channels";
}

/** The integer front end of TensorFlow Lite Micro. Its numbers are explained in `sonogram/micro/tables.py`. */
export interface MicroDefinition extends Common {
  readonly type: "MicroFrontend";
  readonly frame_length: number;
  readonly frame_step: number;
  readonly fft_size: number;
  readonly window: string;
  readonly fft: FixedFft;
  readonly filters: Weights;
  readonly smoothing: readonly number[];
  readonly remaining: number;
  readonly scaling_bits: number;
  readonly correction_bits: number;
  readonly gain: { readonly bits: number; readonly intervals: readonly (readonly [number, number, number])[] } | null;
  readonly log_bits: number | null;
  readonly logarithms: readonly number[];
  readonly scale: number;
}

export interface FixedFft {
  readonly order: string;
  /** Radix and distance of the butterflies of each stage. */
  readonly stages: readonly (readonly [number, number])[];
  readonly twiddles: string;
  readonly last_twiddles: string;
}

/** Weights of each band from its first bin to its last, and these bins. */
export interface Weights {
  readonly limits: string;
  readonly weights: string;
}

export interface Padding {
  readonly mode: "constant" | "reflect" | "symmetric";
  readonly dropped: number;
  readonly added: number;
  readonly zero_last: number;
  readonly splits: number;
  readonly pad_left: number;
  readonly frame_span: number;
  readonly window_offset: number;
}

export interface Conditioning {
  readonly scale: number;
  readonly remove_mean: "clip" | "frame" | null;
  readonly preemphasis: { readonly coefficient: number; readonly scope: "frame" | "clip"; readonly boundary: "repeat" | "zero" | "reflect" | "wrap" | "drop" } | null;
}

export interface Kernels {
  readonly halvings: string;
  readonly begins: string;
  readonly lengths: string;
  readonly real: string;
  readonly imaginary: string;
}

export type Spectrum = { readonly type: "Power" | "Density" | "Complex" } | { readonly type: "Magnitude"; readonly epsilon: number; readonly floor: number };

export interface Log {
  readonly type: "Log";
  readonly floor: number | null;
  readonly offset: number | null;
  readonly zero: number | null;
  readonly factor: number;
  readonly shift: number;
  readonly reference: number | "peak" | null;
  readonly dynamic_range: number | null;
  /** Floors that lower bands set for higher ones. */
  readonly mask: { readonly slope: number; readonly depth: number; readonly start: number } | null;
}

export interface Pcen {
  readonly type: "Pcen";
  readonly smoothing: number;
  readonly gain: number;
  readonly bias: number;
  readonly power: number;
  readonly epsilon: number;
  readonly initial: number | "first";
  /** bias^power */
  readonly root: number;
}

export interface Deltas {
  /** Whether each derivative is that of the one below; otherwise all are those of the features. */
  readonly chained: boolean;
  /** Later frames that a row depends on. */
  readonly lookahead: number;
  /** Earlier frames with which a row is that of the whole clip. */
  readonly lookback: number;
  /** Frames back to the one that is subtracted, where only rises count; null otherwise. */
  readonly lag: number | null;
  /** Weights of the frames, for each order. */
  readonly weights: readonly (readonly number[])[];
}

export type Normalize =
  | { readonly type: "Affine"; readonly per_band: boolean; readonly mean: readonly number[]; readonly gain: readonly number[]; readonly minimum: number | null; readonly maximum: number | null; readonly step: number | null }
  | { readonly type: "RunningMean"; readonly smoothing: number; readonly initial: number | readonly number[] | "first"; readonly std: number }
  | { readonly type: "SlidingMean"; readonly before: number; readonly minimum: number }
  | { readonly type: "Standardize"; readonly per: "clip" | "band"; readonly ddof: number; readonly epsilon: number; readonly epsilon_added_to: "std" | "variance" }
  | { readonly type: "RemoveMean"; readonly per: "clip" | "band" }
  | { readonly type: "MinMax"; readonly epsilon: number }
  | { readonly type: "UnitPeak" };

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export interface Stack {
  readonly size: number;
  readonly remainder: "drop" | "pad";
  readonly step: number | null;
  readonly before: number;
  readonly edges: "zero" | "repeat";
  readonly layout: "frames" | "bands";
}

/** Return the bytes of a base64 text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

export const float64Of = (text: string) => new Float64Array(bytesOf(text).buffer);
export const float32Of = (text: string) => new Float32Array(bytesOf(text).buffer);
export const int16Of = (text: string) => new Int16Array(bytesOf(text).buffer);
export const int32Of = (text: string) => new Int32Array(bytesOf(text).buffer);
