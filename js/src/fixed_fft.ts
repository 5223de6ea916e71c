/** The real Fourier transform of Kiss FFT in 16-bit integers: each stage is divided by its radix, so that none overflows. */

import { type FixedFft, int16Of, int32Of } from "./definition.ts";

/** 1, of 15 fractional bits. */
const FULL = 32767;

/** The low 16 bits of an integer, with a sign. */
export const short = (value: number) => (value << 16) >> 16;

/** A product of 15 fractional bits more, rounded. */
const rounded = (product: number) => short((product + (1 << 14)) >> 15);

const divided = (value: number, divisor: number) => rounded(value * Math.floor(FULL / divisor));

export class RealFft {
  private readonly order: Int32Array;
  private readonly twiddles: Int16Array;
  private readonly lastTwiddles: Int16Array;
  private readonly stages: FixedFft["stages"];
  private readonly real: Int16Array;
  private readonly imaginary: Int16Array;

  constructor({ order, stages, twiddles, last_twiddles }: FixedFft) {
    this.order = int32Of(order);
    this.stages = stages;
    this.twiddles = int16Of(twiddles);
    this.lastTwiddles = int16Of(last_twiddles);
    this.real = new Int16Array(this.order.length);
    this.imaginary = new Int16Array(this.order.length);
  }

  /** Return the squares of the bins of `2 n` samples, divided by the number of samples before they are squared: `n + 1`. */
  energies(samples: Int16Array): Float64Array {
    this.transformPairs(samples);
    const { real, imaginary, lastTwiddles } = this;
    const size = real.length;
    const result = new Float64Array(size + 1);
    const [first, second] = [divided(real[0], 2), divided(imaginary[0], 2)];
    result[0] = short(first + second) ** 2;
    result[size] = short(first - second) ** 2;
    for (let k = 1; k <= size / 2; k++) {
      const [lowRe, lowIm] = [divided(real[k], 2), divided(imaginary[k], 2)];
      const [highRe, highIm] = [divided(real[size - k], 2), divided(short(-imaginary[size - k]), 2)];
      const [evenRe, evenIm] = [short(lowRe + highRe), short(lowIm + highIm)];
      const [cosine, sine] = [lastTwiddles[k - 1], lastTwiddles[size / 2 + k - 1]];
      const [re, im] = [short(lowRe - highRe), short(lowIm - highIm)];
      const [oddRe, oddIm] = [rounded(re * cosine - im * sine), rounded(re * sine + im * cosine)];
      result[k] = short((evenRe + oddRe) >> 1) ** 2 + short((evenIm + oddIm) >> 1) ** 2;
      result[size - k] = short((evenRe - oddRe) >> 1) ** 2 + short((oddIm - evenIm) >> 1) ** 2;
    }
    return result;
  }

  /** Transform pairs of samples as complex numbers, in place. */
  private transformPairs(samples: Int16Array): void {
    this.order.forEach((source, place) => {
      this.real[place] = samples[2 * source];
      this.imaginary[place] = samples[2 * source + 1];
    });
    for (const [radix, distance] of this.stages) {
      const butterfly = radix === 4 ? this.radix4 : this.radix2;
      for (let block = 0; block < this.order.length; block += radix * distance) {
        for (let column = 0; column < distance; column++) {
          const first = block + column;
          const angle = (column * this.order.length) / (radix * distance);
          for (let row = 0; row < radix; row++) this.divide(first + row * distance, radix);
          for (let row = 1; row < radix; row++) this.turn(first + row * distance, row * angle);
          butterfly.call(this, first, distance);
        }
      }
    }
  }

  private divide(place: number, radix: number): void {
    this.real[place] = divided(this.real[place], radix);
    this.imaginary[place] = divided(this.imaginary[place], radix);
  }

  /** Multiply a number by its twiddle factor. */
  private turn(place: number, angle: number): void {
    const { real, imaginary, twiddles } = this;
    const [re, im] = [real[place], imaginary[place]];
    const [cosine, sine] = [twiddles[angle], twiddles[this.order.length + angle]];
    real[place] = rounded(re * cosine - im * sine);
    imaginary[place] = rounded(re * sine + im * cosine);
  }

  private radix2(a: number, distance: number): void {
    const { real, imaginary } = this;
    const b = a + distance;
    [real[a], real[b]] = [real[a] + real[b], real[a] - real[b]];
    [imaginary[a], imaginary[b]] = [imaginary[a] + imaginary[b], imaginary[a] - imaginary[b]];
  }

  private radix4(a: number, distance: number): void {
    const { real, imaginary } = this;
    const [b, c, d] = [a + distance, a + 2 * distance, a + 3 * distance];
    const [sumRe, sumIm, differenceRe, differenceIm] = [real[a] + real[c], imaginary[a] + imaginary[c], real[a] - real[c], imaginary[a] - imaginary[c]];
    const [otherRe, otherIm] = [real[b] + real[d], imaginary[b] + imaginary[d]];
    // The difference of the others, divided by i.
    const [turnedRe, turnedIm] = [imaginary[b] - imaginary[d], real[d] - real[b]];
    [real[a], imaginary[a]] = [sumRe + otherRe, sumIm + otherIm];
    [real[b], imaginary[b]] = [differenceRe + turnedRe, differenceIm + turnedIm];
    [real[c], imaginary[c]] = [sumRe - otherRe, sumIm - otherIm];
    [real[d], imaginary[d]] = [differenceRe - turnedRe, differenceIm - turnedIm];
  }
}
