/**
 * The integer front end of TensorFlow Lite Micro: the steps of `sonogram/micro/steps.py`, frame by frame.
 *
 * Numbers of up to 53 bits are exact in JavaScript. `%` and `Math.floor` of a quotient stand where more than 31 bits are cut or
 * shifted.
 */

import { type MicroDefinition, float64Of, int16Of, int32Of } from "./definition.ts";
import { RealFft, short } from "./fixed_fft.ts";
import { type Features, type Frontend, type Samples, type Stream, checkUnfinished, oneChannel } from "./interface.ts";

/** Fractional bits: of the weights of the window and the bands, of the smoothing, of the ratio of signal to noise, of the logarithm. */
const [COEFFICIENT, SMOOTHING, RATIO, RATIO_OUTPUT, LOG] = [12, 14, 12, 6, 16];
const LOG_SEGMENTS = 7;
const LN_2 = 45426;
const WORD = 2 ** 32;

export class MicroFrontend implements Frontend {
  private readonly fft: RealFft;
  private readonly window: Int16Array;
  private readonly limits: Int32Array;
  private readonly weights: Float64Array;

  constructor(readonly definition: MicroDefinition) {
    this.fft = new RealFft(definition.fft);
    this.window = int16Of(definition.window);
    this.limits = int32Of(definition.filters.limits);
    this.weights = float64Of(definition.filters.weights);
  }

  numFrames(samples: number): number {
    const { frame_length, frame_step } = this.definition;
    return Math.max(Math.floor((samples - frame_length + frame_step) / frame_step), 0);
  }

  features(samples: Samples): Features {
    return this.stream().push(samples);
  }

  stream(): Stream {
    return new MicroStream(this);
  }

  /** Nothing of it is in the memory of the engine. */
  free(): void {}

  /** Return the amplitude in each band of a frame of 16-bit samples. */
  amplitudes(frame: Int16Array): number[] {
    const samples = new Int16Array(this.definition.fft_size);
    let peak = 0;
    frame.forEach((sample, i) => {
      samples[i] = (sample * this.window[i]) >> COEFFICIENT;
      peak = Math.max(peak, short(Math.abs(samples[i])));
    });
    // The frame is scaled up so that its peak fills 15 bits: 16-bit integers then lose least.
    const shift = 15 - bitLength(peak);
    const energies = this.fft.energies(samples.map((sample) => sample << shift));
    let weight = 0;
    return Array.from({ length: this.definition.bands }, (_, band) => {
      let total = 0;
      for (let bin = this.limits[2 * band]; bin < this.limits[2 * band + 1]; bin++) total += energies[bin] * this.weights[weight++];
      return shifted(roundedRoot(total), -shift);
    });
  }

  /** Return the noise estimate of a band after a frame. */
  estimate(band: number, signal: number, before: number): number {
    const smoothing = this.definition.smoothing[band];
    return shifted(this.raised(signal) * smoothing + before * (2 ** SMOOTHING - smoothing), -SMOOTHING) % WORD;
  }

  /** Return the feature of a band, an integer of 16 bits. */
  feature(amplitude: number, estimate: number): number {
    const { scaling_bits, remaining, gain, correction_bits, log_bits } = this.definition;
    const raised = this.raised(amplitude);
    let signal = Math.max(shifted(raised - Math.min(estimate, raised), -scaling_bits), shifted(amplitude * remaining, -SMOOTHING));
    if (gain) {
      // Up to 64 bits.
      const product = BigInt(signal) * BigInt(gainOf(gain.intervals, estimate));
      signal = compressed(Number(BigInt.asUintN(32, BigInt.asUintN(64, product) >> BigInt(gain.bits - correction_bits - RATIO))));
    }
    if (log_bits !== null) signal = this.logarithm(shifted(signal, correction_bits) % WORD, log_bits);
    return Math.min(signal, 0xffff);
  }

  private raised(signal: number): number {
    return shifted(signal, this.definition.scaling_bits) % WORD;
  }

  /** Return the natural logarithm by a table of that of base 2; 0 for values of at most 1. */
  private logarithm(value: number, bits: number): number {
    if (value <= 1) return 0;
    const { logarithms } = this.definition;
    const exponent = bitLength(value) - 1;
    const rest = shifted(value - 2 ** exponent, LOG - exponent);
    const segment = rest >> (LOG - LOG_SEGMENTS);
    const slope = logarithms[segment + 1] - logarithms[segment];
    const fraction = rest + logarithms[segment] + ((slope * (rest - (segment << (LOG - LOG_SEGMENTS)))) >> LOG);
    const half = 2 ** (LOG - 1);
    const natural = shifted(LN_2 * (exponent * 2 ** LOG + fraction) + half, -LOG);
    return shifted(natural * 2 ** bits + half, -LOG);
  }
}

class MicroStream implements Stream {
  /** Samples of later frames. */
  private samples = new Int16Array(0);
  private estimates: number[];
  private isFinished = false;

  constructor(private readonly frontend: MicroFrontend) {
    this.estimates = Array.from({ length: frontend.definition.bands }, () => 0);
  }

  push(samples: Samples): Features {
    checkUnfinished(this.isFinished);
    const { frontend, estimates } = this;
    const { bands, frame_length, frame_step, scale } = frontend.definition;
    const clip = appended(this.samples, oneChannel(samples));
    const frames = frontend.numFrames(clip.length);
    const data = new Float32Array(frames * bands);
    for (let frame = 0; frame < frames; frame++) {
      const signal = frontend.amplitudes(clip.subarray(frame * frame_step, frame * frame_step + frame_length));
      for (let band = 0; band < bands; band++) {
        estimates[band] = frontend.estimate(band, signal[band], estimates[band]);
        data[frame * bands + band] = frontend.feature(signal[band], estimates[band]) * Math.fround(scale);
      }
    }
    this.samples = clip.slice(frames * frame_step);
    return { data, frames, bands };
  }

  /** No rows remain: a frame needs all its samples. */
  finish(): Features {
    checkUnfinished(this.isFinished);
    this.isFinished = true;
    return { data: new Float32Array(0), frames: 0, bands: this.frontend.definition.bands };
  }
}

/** Return 16-bit samples and then samples in [-1, 1], rounded to them. */
function appended(first: Int16Array, samples: Float32Array): Int16Array<ArrayBuffer> {
  const clip = new Int16Array(first.length + samples.length);
  clip.set(first);
  samples.forEach((sample, i) => (clip[first.length + i] = Math.min(Math.max(roundHalfToEven(sample * 32768), -32768), 32767)));
  return clip;
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const isHalf = value - below === 0.5;
  return isHalf ? below + Math.abs(below % 2) : Math.round(value);
}

/** The number of bits of a whole number below 2^32. */
const bitLength = (value: number) => 32 - Math.clz32(value);

/** A whole number shifted up by so many bits, or down if they are negative. */
const shifted = (value: number, bits: number) => Math.floor(value * 2 ** bits);

/** The rounded square root; 65535.5 to 65536 alone is rounded down. */
function roundedRoot(value: number): number {
  const root = Math.floor(Math.sqrt(value));
  const isUp = value - root * root > root && (root !== 0xffff || value > WORD - 1);
  return root + Number(isUp);
}

/** Return the gain at a noise estimate, a parabola from one power of 2 to the next; a negative one as 32 bits without a sign. */
function gainOf(intervals: NonNullable<MicroDefinition["gain"]>["intervals"], estimate: number): number {
  const bits = bitLength(estimate);
  const [start, linear, quadratic] = intervals[bits];
  const position = bits < 2 ? 0 : shifted(estimate, 11 - bits) & 0x3ff;
  const bend = ((quadratic * position) >> 5) + (linear << 5);
  return short(start + shifted(bend * position + 2 ** 14, -15)) >>> 0;
}

/** Return the ratio of signal to noise, quadratic below 2 and linear above. */
function compressed(ratio: number): number {
  return ratio < 2 << RATIO ? (ratio * ratio) >> (2 + 2 * RATIO - RATIO_OUTPUT) : (ratio >>> (RATIO - RATIO_OUTPUT)) - 2 ** RATIO_OUTPUT;
}
