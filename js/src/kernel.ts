/** The C++ kernel as WebAssembly: memory, structs and calls. */

import { type FrontendDefinition, type Kernels, bytesOf, float32Of, float64Of, int32Of } from "./definition.ts";
import { coveredSamples, padLeft } from "./framing.ts";
import { type Floats, type Values, zeros } from "./values.ts";

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  malloc(bytes: number): number;
  free(place: number): void;
  sonogram_create_of_kernels(definition: number, kernels: number, isa: number): number;
  sonogram_destroy(handle: number): void;
  sonogram_run(handle: number, clips: number): number;
  sonogram_cepstra(rows: number, count: bigint, columns: number, terms: bigint, numColumns: bigint, out: number, isa: number, threads: number): number;
  sonogram_multiply(rows: number, count: bigint, columns: number, terms: bigint, numColumns: bigint, out: number, threads: number): void;
  sonogram_resampler_create(from: bigint, to: bigint, isa: number): number;
  sonogram_resampler_destroy(resampler: number): void;
  sonogram_resampler_whole(resampler: number, samples: number, count: bigint, out: number): bigint;
  sonogram_num_resampled(count: bigint, from: bigint, to: bigint): bigint;
}

type Bytes = ArrayBufferView<ArrayBuffer>;

/** Frames in one call: their samples and features fit a cache, and memory does not grow with the clip. */
const BLOCK = 4096;

export class Kernel {
  private constructor(private readonly exports: Exports) {}

  static async load(source: WebAssembly.Module | BufferSource): Promise<Kernel> {
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    // The library of C++ could write a message before it aborts; nothing else is imported.
    const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]));
    const { exports } = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: imports });
    const kernel = new Kernel(exports as unknown as Exports);
    kernel.exports._initialize();
    return kernel;
  }

  /** Return samples at another rate, those of `sonogram.load(path, to)`. */
  resample(samples: Float32Array<ArrayBuffer>, from: number, to: number): Float32Array<ArrayBuffer> {
    const { exports } = this;
    const resampler = [from, to].every(Number.isSafeInteger) && exports.sonogram_resampler_create(BigInt(from), BigInt(to), 0);
    if (!resampler) throw new RangeError(`cannot resample from ${from} to ${to} Hz: the rates must be whole numbers, at most 256 times apart`);
    try {
      return this.within((place) => {
        const count = Number(exports.sonogram_num_resampled(BigInt(samples.length), BigInt(from), BigInt(to)));
        const [input, output] = [place(samples), place(4 * count)];
        exports.sonogram_resampler_whole(resampler, input, BigInt(samples.length), output);
        return this.floats(output, count);
      });
    } finally {
      exports.sonogram_resampler_destroy(resampler);
    }
  }

  /** Return a matrix whose columns, of so many terms, are given one after the other. */
  matrix(columns: Float64Array<ArrayBuffer>, terms: number): Matrix {
    const [matrix, free] = this.keep(columns);
    const bands = columns.length / terms;
    const multiply = (data: Floats) =>
      this.within((place) => {
        const rows = new Float64Array(data);
        const count = rows.length / terms;
        const out = place(8 * count * bands);
        this.exports.sonogram_multiply(place(rows), BigInt(count), matrix, BigInt(terms), BigInt(bands), out, 1);
        return new Float64Array(this.exports.memory.buffer, out, count * bands).slice();
      });
    return new Matrix(terms, bands, multiply, free);
  }

  /** Return the matrix of a cepstrum, whose products are float32. */
  cepstrum(columns: Float64Array<ArrayBuffer>, terms: number): Matrix {
    const [matrix, free] = this.keep(columns);
    const bands = columns.length / terms;
    const multiply = (data: Floats) =>
      this.within((place) => {
        const rows = new Float32Array(data);
        const count = rows.length / terms;
        const out = place(4 * count * bands);
        if (this.exports.sonogram_cepstra(place(rows), BigInt(count), matrix, BigInt(terms), BigInt(bands), out, 0, 1)) throw outOfMemory();
        return this.floats(out, count * bands);
      });
    return new Matrix(terms, bands, multiply, free);
  }

  /** Return the function that computes frames of conditioned samples. */
  lower(definition: FrontendDefinition): Program {
    const scalars = bytesOf(definition.struct);
    const window = float64Of(definition.window);
    const bands = denseBands(definition);
    const handle = this.within((place) => {
      const struct = new DataView(new ArrayBuffer(scalars.length + 12)); // the last pointer, to the tail, is null
      new Uint8Array(struct.buffer).set(scalars);
      struct.setUint32(scalars.length, place(window), true);
      struct.setUint32(scalars.length + 4, bands ? place(bands) : 0, true);
      const kernels = definition.kernels ? place(kernelTables(definition.kernels, place)) : 0;
      return this.exports.sonogram_create_of_kernels(place(struct), kernels, 0);
    });
    if (!handle) throw outOfMemory();
    const width = definition.parts ? 2 * numBins(definition) : definition.columns + Number(definition.energy);
    let isFreed = false;
    const run: Run = (...part) => {
      if (isFreed) throw new TypeError("this front end was freed; make a new one");
      return this.run(handle, definition, width, ...part);
    };
    const free = once(() => {
      isFreed = true;
      this.exports.sonogram_destroy(handle);
    });
    return new Program(definition, width, run, free);
  }

  private run(handle: number, definition: FrontendDefinition, width: number, clip: Float32Array<ArrayBuffer>, first: number, count: number, base: number, total: number) {
    return this.within((place) => {
      const out = place(4 * count * width);
      const clips = new DataView(new ArrayBuffer(104));
      const long = (offset: number, value: number) => clips.setBigInt64(offset, BigInt(value), true);
      clips.setUint32(0, place(clip), true);
      [1, clip.length, base, clip.length, total, padLeft(definition, total), first, count, count].forEach((value, index) => long(8 + 8 * index, value));
      clips.setUint32(92, out, true);
      clips.setInt32(100, 1, true);
      if (this.exports.sonogram_run(handle, place(clips))) throw outOfMemory();
      return this.floats(out, count * width);
    });
  }

  /** Call a function that places arrays, or so many bytes, in the memory; it is freed afterwards. */
  private within<T>(call: (place: (content: Bytes | number) => number) => T): T {
    const places: number[] = [];
    try {
      return call((content) => {
        const place = this.place(content);
        places.push(place);
        return place;
      });
    } finally {
      for (const place of places) this.exports.free(place);
    }
  }

  /** Place an array that stays, and return the function that frees it. */
  private keep(content: Bytes): [number, () => void] {
    const place = this.place(content);
    return [place, once(() => this.exports.free(place))];
  }

  private place(content: Bytes | number): number {
    const size = typeof content === "number" ? content : content.byteLength;
    const place = this.exports.malloc(Math.max(size, 16));
    if (!place) throw outOfMemory();
    // The memory may have grown, which detaches every view of it: so the view is made now.
    if (typeof content !== "number") new Uint8Array(this.exports.memory.buffer, place, size).set(new Uint8Array(content.buffer, content.byteOffset, size));
    return place;
  }

  private floats(place: number, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.exports.memory.buffer, place, count).slice() as Float32Array<ArrayBuffer>;
  }
}

type Run = (clip: Float32Array<ArrayBuffer>, first: number, count: number, base: number, total: number) => Float32Array<ArrayBuffer>;

/** A lowered definition in the memory of the kernel. */
export class Program {
  constructor(
    private readonly definition: FrontendDefinition,
    /** Numbers in one frame: bands and log energy, or the parts of bins. */
    readonly width: number,
    private readonly run: Run,
    /** Release its memory. */
    readonly free: () => void,
  ) {}

  /**
   * Return frames `first` to `first + count`, `(count, width)`, of conditioned samples.
   *
   * `clip` holds the samples of the clip from `base` on, of `total`. A frame has the same bits whatever is computed with it.
   */
  frames(clip: Float32Array<ArrayBuffer>, first: number, count: number, base: number, total: number): Float32Array<ArrayBuffer> {
    const result = new Float32Array(count * this.width);
    for (let done = 0; done < count; done += BLOCK) {
      const size = Math.min(BLOCK, count - done);
      const { start, stop } = coveredSamples(this.definition, first + done, size, total);
      const from = Math.max(start, base);
      result.set(this.run(clip.subarray(from - base, stop - base), first + done, size, from, total), done * this.width);
    }
    return result;
  }
}

/** A matrix in the memory of the kernel. */
export class Matrix {
  constructor(
    private readonly terms: number,
    private readonly columns: number,
    private readonly run: (rows: Floats) => Floats,
    /** Release its memory. */
    readonly free: () => void,
  ) {}

  /** Return rows times the matrix. */
  multiply({ data, frames }: Values): Values {
    const blocks = Array.from({ length: Math.ceil(frames / BLOCK) }, (_, block) => this.run(data.slice(block * BLOCK * this.terms, (block + 1) * BLOCK * this.terms)));
    const result = zeros(blocks[0] ?? this.run(data), frames * this.columns);
    blocks.forEach((block, index) => result.set(block, index * BLOCK * this.columns));
    return { data: result, frames, bands: this.columns };
  }
}

/** The bins: kernels, or those of a Fourier transform, whose length is the third number of the struct. */
function numBins({ struct, kernels }: FrontendDefinition): number {
  if (kernels) return int32Of(kernels.lengths).length;
  return Number(new DataView(bytesOf(struct).buffer).getBigInt64(16, true) / 2n) + 1;
}

/** Return the struct of the kernels, whose arrays are placed. */
function kernelTables(kernels: Kernels, place: (content: Bytes) => number): DataView<ArrayBuffer> {
  const lengths = int32Of(kernels.lengths);
  const offsets = new BigInt64Array(lengths.length + 1);
  lengths.forEach((length, bin) => (offsets[bin + 1] = offsets[bin] + BigInt(length)));
  const begins = BigInt64Array.from(int32Of(kernels.begins), BigInt);
  const tables = [int32Of(kernels.halvings), begins, offsets, float32Of(kernels.real), float32Of(kernels.imaginary)];
  const struct = new DataView(new ArrayBuffer(32));
  struct.setBigInt64(0, BigInt(lengths.length), true);
  tables.forEach((table, index) => struct.setUint32(8 + 4 * index, place(table), true));
  return struct;
}

function denseBands(definition: FrontendDefinition): Float64Array<ArrayBuffer> | null {
  if (!definition.filters) return null;
  const { limits, weights } = { limits: int32Of(definition.filters.limits), weights: float64Of(definition.filters.weights) };
  const count = limits.length / 2;
  const dense = new Float64Array(numBins(definition) * count);
  let next = 0;
  for (let band = 0; band < count; band++) for (let bin = limits[2 * band]; bin < limits[2 * band + 1]; bin++) dense[bin * count + band] = weights[next++];
  return dense;
}

/** Return a function that does nothing when it is called again: memory that is freed twice is damaged. */
function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}

const outOfMemory = () => new RangeError("the memory of the engine is exhausted; use shorter clips");
