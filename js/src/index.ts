/** Audio front ends in JavaScript: the numbers of the Python package `sonogram`, by its C++ kernel as WebAssembly. */

import type { Definition } from "./definition.ts";
import { Frontend } from "./frontend.ts";
import { Kernel } from "./kernel.ts";

export type { Definition } from "./definition.ts";
export type { Features, Frontend } from "./frontend.ts";
export type { Stream } from "./stream.ts";

/** The engine: one instance for each thread. */
export class Engine {
  private constructor(private readonly kernel: Kernel) {}

  /** Load the engine from the bytes of `engine.wasm`, or from the module that they were compiled to. */
  static async load(source: WebAssembly.Module | BufferSource): Promise<Engine> {
    return new Engine(await Kernel.load(source));
  }

  /** Return the front end of a definition that the Python package wrote. */
  frontend(definition: Definition): Frontend {
    return new Frontend(this.kernel, definition);
  }

  /** Return samples at another sample rate, both in hertz: the numbers of `sonogram.load(path, to)`. */
  resample(samples: Float32Array<ArrayBuffer>, from: number, to: number): Float32Array<ArrayBuffer> {
    return from === to ? samples : this.kernel.resample(samples, from, to);
  }
}
