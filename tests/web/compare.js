// Compare features of the JavaScript package with those of the native engine, in Node or in a browser.

const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);

/** Return for each case how many values differ: of the clip, of the clip in pieces, and after resampling. */
export async function compare(Engine, { wasm, definitions, cases, resampled }) {
  const engine = await Engine.load(Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0)));
  const frontends = definitions.map((definition) => engine.frontend(definition));
  const found = cases.map(({ frontend, samples, features }) => {
    const [input, expected] = [floats(samples), floats(features)];
    const whole = differences(frontends[frontend].features(input).data, expected);
    const isStreamed = definitions[frontend].streamable;
    return [whole, isStreamed ? differences(streamed(frontends[frontend], input), expected) : 0];
  });
  for (const frontend of frontends) frontend.free();
  const rates = resampled.map(({ from, to, samples, expected }) => differences(engine.resample(floats(samples), from, to), floats(expected)));
  return { found, rates };
}

function streamed(frontend, samples) {
  const stream = frontend.stream();
  const parts = [];
  let size = 1;
  for (let start = 0; start < samples.length; start += size) {
    size = ((size * 7) % 3001) + 1;
    parts.push(stream.push(samples.slice(start, start + size)).data);
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
