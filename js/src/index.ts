/** Audio front ends in JavaScript: the numbers of the Python package `sonogram`, by its C++ kernel as WebAssembly. */

import { BundleFrontend, SpatialFrontend } from "./composite.ts";
import { type Definition, type FrontendDefinition, type SpatialDefinition, VERSION } from "./definition.ts";
import { FloatFrontend } from "./frontend.ts";
import { type Frontend, oneChannel } from "./interface.ts";
import { Kernel } from "./kernel.ts";
import { MicroFrontend } from "./micro.ts";
import { LoweredFeature } from "./spatial.ts";

export type { BundleDefinition, Definition, FrontendDefinition, MicroDefinition, SpatialDefinition } from "./definition.ts";
export { type TrimOptions, trimAndNormalize } from "./trimming.ts";
export type { Features, Frontend, Samples, Stream } from "./interface.ts";

/** The engine: one instance for each thread. */
export class Engine {
  private constructor(private readonly kernel: Kernel) {}

  /** Load the engine from the bytes of `engine.wasm`, or from the module that they were compiled to. */
  static async load(source: WebAssembly.Module | BufferSource): Promise<Engine> {
    return new Engine(await Kernel.load(source));
  }

  /** Return the front end of a definition that the Python package wrote. */
  frontend(definition: Definition): Frontend {
    check(definition);
    switch (definition.type) {
      case "Frontend":
        return this.lower(definition);
      case "Spatial":
        return this.lowerSpatial(definition);
      case "Bundle":
        return new BundleFrontend(definition.members.map((member) => this.frontend(member)), definition);
      case "MicroFrontend":
        return new MicroFrontend(definition);
    }
  }

  /** Return samples at another sample rate, both in hertz: the numbers of `sonogram.load(path, to)`. */
  resample(samples: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>, from: number, to: number): Float32Array<ArrayBuffer> {
    const given = oneChannel(samples);
    const own = given instanceof Float32Array ? given : new Float32Array(given);
    return from === to ? own : this.kernel.resample(own, from, to);
  }

  private lower(definition: FrontendDefinition): FloatFrontend {
    return new FloatFrontend(this.kernel, definition);
  }

  private lowerSpatial(definition: SpatialDefinition): SpatialFrontend {
    const { frontend, feature } = definition;
    const lowered = feature && new LoweredFeature(this.kernel, feature, frontend.bands / 2);
    return new SpatialFrontend(this.lower(frontend), lowered, definition);
  }
}

function check({ format, version }: Definition): void {
  if (format !== "sonogram-web") throw new TypeError("not a definition of the Python package: write it with `sonogram export-frontend NAME --target web`");
  if (version !== VERSION) throw new TypeError(`the definition has version ${version}, the engine ${VERSION}; write it with the version of sonogram that the engine comes from`);
}
