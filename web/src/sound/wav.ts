/** WAV files of samples. */

/** Return a WAV file of one channel in float32, so that no bit changes. */
export function wavOf(samples: Float32Array, rate: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(44 + samples.byteLength));
  const text = (place: number, characters: string) => [...characters].forEach((character, index) => view.setUint8(place + index, character.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 3, true); // floating point
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 4 * rate, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 32, true);
  text(36, "data");
  view.setUint32(40, samples.byteLength, true);
  samples.forEach((sample, index) => view.setFloat32(44 + 4 * index, sample, true));
  return new Uint8Array(view.buffer);
}
