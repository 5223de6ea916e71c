/** Features of several channels: what differs between them, from the complex bins of each frame. */

import { type SpatialFeature, float64Of } from "./definition.ts";
import type { Features } from "./interface.ts";
import type { Kernel, Matrix } from "./kernel.ts";
import { type Values, zeros } from "./values.ts";

const round = Math.fround;

/** Return parts of the features, which stand next to one another, from the real parts and then the imaginary parts of each channel. */
type Compute = (channels: readonly Features[]) => Values[];

/** A spatial feature with its constants in the memory of the kernel. */
export class LoweredFeature {
  readonly compute: Compute;
  private readonly matrix: Matrix | null;

  constructor(kernel: Kernel, feature: SpatialFeature, bins: number) {
    switch (feature.type) {
      case "Intensity":
        this.matrix = kernel.matrix(float64Of(feature.matrix), bins);
        this.compute = intensity(feature.epsilon, this.matrix);
        break;
      case "CrossCorrelation":
        this.matrix = kernel.matrix(float64Of(feature.matrix), 2 * bins);
        this.compute = crossCorrelation(this.matrix);
        break;
      case "PhaseDifference":
        this.matrix = null;
        this.compute = phaseDifference(float64Of(feature.meters));
    }
  }

  /** Release its memory. */
  free(): void {
    this.matrix?.free();
  }
}

/** Active intensity of the three channels after the first one, summed into bands. */
function intensity(epsilon: number, matrix: Matrix): Compute {
  return (channels) => {
    const [w, ...others] = channels.map(({ data }) => data);
    const shares = others.map(() => likeBins(channels[0]));
    eachBin(channels[0], (re, im, place) => {
      const [own, x, y, z] = [w, ...others].map((data) => power(data[re], data[im]));
      const energy = round(round(own + round(round(round(x + y) + z) * round(1 / 3))) + round(epsilon));
      others.forEach((data, which) => (shares[which].data[place] = product(w[re], data[re], w[im], data[im]) / energy));
    });
    return shares.map((values) => matrix.multiply(values));
  };
}

/** Cross-correlation of each pair of channels with the phases alone; a silent bin counts as equal phases. */
function crossCorrelation(matrix: Matrix): Compute {
  return (channels) => {
    const { frames, bands } = channels[0];
    return pairs(channels).map(([{ data: a }, { data: b }]) => {
      const phases: Values = { data: new Float32Array(a.length), frames, bands };
      eachBin(channels[0], (re, im) => {
        const [real, imaginary] = [product(a[re], b[re], a[im], b[im]), round(round(a[re] * b[im]) - round(a[im] * b[re]))];
        const square = power(real, imaginary);
        const size = square <= 0 ? 0 : round(Math.sqrt(square));
        phases.data[re] = size === 0 ? 1 : real / size;
        phases.data[im] = size === 0 ? imaginary : imaginary / size;
      });
      return matrix.multiply(phases);
    });
  };
}

/** Difference of the phase of each channel to the first one, in meters; a silent bin has phase 0. */
function phaseDifference(meters: Float64Array): Compute {
  return ([first, ...others]) =>
    others.map(({ data }) => {
      const values = likeBins(first);
      const x = first.data;
      eachBin(first, (re, im, place) => {
        const [cosine, sine] = [product(data[re], x[re], data[im], x[im]), round(round(data[im] * x[re]) - round(data[re] * x[im]))];
        const isSilent = cosine === 0 && sine === 0;
        // Opposite phases are pi, whatever the sign of the 0.
        const isOpposite = sine === 0 && cosine < 0;
        const angle = isOpposite ? Math.PI : Math.atan2(sine, isSilent ? 1 : cosine);
        values.data[place] = round(angle) * round(meters[place % meters.length]);
      });
      return values;
    });
}

/** Call a function with the places of both parts of each bin, and with the number of the bin from the first frame on. */
function eachBin({ frames, bands }: Features, call: (re: number, im: number, place: number) => void): void {
  const bins = bands / 2;
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < bins; bin++) call(frame * bands + bin, frame * bands + bins + bin, frame * bins + bin);
  }
}

const likeBins = ({ data, frames, bands }: Features): Values => ({ data: zeros(data, data.length / 2), frames, bands: bands / 2 });

const power = (re: number, im: number) => product(re, re, im, im);

/** a b + c d in float32. */
const product = (a: number, b: number, c: number, d: number) => round(round(a * b) + round(c * d));

function pairs<T>(all: readonly T[]): [T, T][] {
  return all.flatMap((a, index) => all.slice(index + 1).map((b): [T, T] => [a, b]));
}
