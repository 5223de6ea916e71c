// Compare features of the JavaScript package with those of the native engine, in Node or in a browser.

const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);

/** Return for each case how many values differ: of the clip, of the clip in pieces, and after resampling. */
export async function compare(Engine, { wasm, definitions, cases, resampled }) {
  const engine = await Engine.load(Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0)));
  const frontends = definitions.map((definition) => engine.frontend(definition));
  const found = cases.map(({ frontend, samples, features }) => {
    const { channels } = definitions[frontend];
    const [input, expected] = [channels ? split(floats(samples), channels) : floats(samples), floats(features)];
    const whole = differences(frontends[frontend].features(input).data, expected);
    const isStreamed = definitions[frontend].streamable;
    return [whole, isStreamed ? differences(streamed(frontends[frontend], input), expected) : 0];
  });
  for (const frontend of frontends) frontend.free();
  const rates = resampled.map(({ from, to, samples, expected }) => differences(engine.resample(floats(samples), from, to), floats(expected)));
  return { found, rates };
}

/** Return an array for each channel. */
function split(samples, channels) {
  const length = samples.length / channels;
  return Array.from({ length: channels }, (_, channel) => samples.slice(channel * length, (channel + 1) * length));
}

function streamed(frontend, samples) {
  const stream = frontend.stream();
  const parts = [];
  let size = 1;
  const isMono = samples instanceof Float32Array;
  const length = isMono ? samples.length : samples[0].length;
  for (let start = 0; start < length; start += size) {
    size = ((size * 7) % 3001) + 1;
    const cut = (each) => each.slice(start, start + size);
    parts.push(stream.push(isMono ? cut(samples) : samples.map(cut)).data);
  }
  parts.push(stream.finish().data);
  const all = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

/** The number of values that differ; all of them if their numbers do. NaN equals NaN. */
function differences(found, expected) {
  if (found.length !== expected.length) return Math.max(found.length, expected.length);
  return found.filter((value, index) => value !== expected[index] && !(Number.isNaN(value) && Number.isNaN(expected[index]))).length;
}
