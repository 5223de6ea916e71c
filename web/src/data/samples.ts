/** Samples inside a page, stored without loss: see compact.py. */

export interface StoredSound {
  readonly rate: number;
  readonly samples: number;
  /** Size of the least step; 0 if the numbers are the bits of float32. */
  readonly scale: number;
  /** How many times neighbors were subtracted. */
  readonly order: number;
  /** Bytes of one number. */
  readonly planes: number;
  readonly data: string;
}

/** Return what a compressed text holds. */
export async function unpack(base64: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

export async function decode(sound: StoredSound): Promise<Float32Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await unpack(sound.data));
  const { samples: count, scale, order, planes } = sound;
  const numbers = new Int32Array(count);
  for (let plane = 0; plane < planes; plane++) for (let i = 0; i < count; i++) numbers[i] |= bytes[plane * count + i] << (8 * plane);
  if (!scale) return new Float32Array(numbers.buffer);
  for (let i = 0; i < count; i++) numbers[i] = (numbers[i] >>> 1) ^ -(numbers[i] & 1);
  for (let pass = 0; pass < order; pass++) for (let i = 1; i < count; i++) numbers[i] += numbers[i - 1];
  return Float32Array.from(numbers, (value) => value * scale);
}
