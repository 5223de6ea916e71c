// What the tests do in the page. Each case returns plain data; tests/viewer/test_page.py judges it.

/** Return the place on the screen of a time and a frequency in the first pane. */
function place(page, seconds, hertz) {
  return page.evaluate(
    ([time, value]) => {
      const view = window.sonogram.paneViews[0];
      const { plot, ratio } = view.at;
      const stage = view.stage.getBoundingClientRect();
      return { x: stage.left + (plot.left + view.plane.time.pixel(time)) / ratio, y: stage.top + (plot.top + view.plane.bands.pixel(value)) / ratio };
    },
    [seconds, hertz],
  );
}

async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
  await page.mouse.move(to.x, to.y);
  await page.mouse.up();
}

function field(page, name) {
  return page.locator(`.readout .${name}`).textContent();
}

/** Return the pixel of the brightest column and row of the picture, and the digest of all its pixels. */
function picture(page) {
  return page.evaluate(async () => {
    const view = window.sonogram.paneViews[0];
    const canvas = view.stage.querySelector(".image");
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const columns = new Float64Array(width);
    const rows = new Float64Array(height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const light = data[4 * pixel] + data[4 * pixel + 1] + data[4 * pixel + 2];
      columns[pixel % width] += light;
      rows[Math.floor(pixel / width)] += light;
    }
    const brightest = (sums) => sums.indexOf(Math.max(...sums));
    const [x, y] = [brightest(columns), brightest(rows)];
    const { time, bands } = view.plane;
    // Rows that are equally bright belong to one band: its middle counts.
    const last = rows.lastIndexOf(rows[y]);
    const digest = await crypto.subtle.digest("SHA-256", data);
    return {
      seconds: time.seconds(x + 0.5),
      secondsPerPixel: time.secondsPerPixel,
      hertz: bands.value((y + last + 1) / 2),
      digest: [...new Uint8Array(digest)].map((byte) => byte.toString(16)).join(""),
    };
  });
}

function labels(page) {
  return page.evaluate(() => window.sonogram.labels.of("f0").map(({ start, end, low, high, text }) => ({ start, end, low, high, text })));
}

async function saved(page) {
  await page.waitForFunction(() => window.sonogram.labelFiles.stateOf("f0") === "saved");
}

export async function readout(page, { seconds, hertz, spacing }) {
  if (spacing) await page.evaluate((name) => window.sonogram.store.set({ spacing: name }), spacing);
  await page.evaluate((time) => window.sonogram.frame.actions.look({ start: time - 0.2, stop: time + 0.2 }), seconds);
  await page.waitForTimeout(100);
  const at = await place(page, seconds, hertz);
  await page.mouse.move(at.x, at.y);
  await page.waitForFunction(() => /\d/.test(document.querySelector(".readout .value").textContent));
  const texts = {};
  for (const name of ["time", "hertz", "frame", "band", "value"]) texts[name] = await field(page, name);
  const shown = await picture(page);
  // The picture moves below the mouse, which rests.
  await page.evaluate(() => window.sonogram.frame.actions.pan(0.25));
  await page.waitForTimeout(100);
  return { ...texts, picture: shown, moved: await field(page, "time") };
}

/** Return the page in the frame of a cell, which fills the window; a frame has no mouse and no keyboard. */
async function inFrame(page) {
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  await frame.waitForFunction(() => window.sonogram?.ranges.isComplete && window.sonogram.tiles.features.size > 0 && !window.sonogram.tiles.features.isWaiting);
  return new Proxy(frame, { get: (target, name) => (name === "mouse" || name === "keyboard" ? page[name] : typeof target[name] === "function" ? target[name].bind(target) : target[name]) });
}

export async function stored(page, given) {
  return readout(await inFrame(page), given);
}

export async function cell(page, { seconds, hertz }) {
  const inside = await inFrame(page);
  const found = await readout(inside, { seconds, hertz });
  await drag(inside, await place(inside, seconds - 0.1, 2000), await place(inside, seconds + 0.1, 1000));
  await page.keyboard.press("Enter");
  await page.keyboard.type("one");
  await page.keyboard.press("Enter");
  await saved(inside);
  return { ...found, labels: await labels(inside) };
}

export async function zoom(page, { seconds }, settle) {
  const before = await picture(page);
  const at = await place(page, seconds, 1000);
  await page.mouse.move(at.x, at.y);
  const spans = [];
  for (let step = 0; step < 40; step++) await page.keyboard.press("ArrowUp");
  await settle();
  spans.push(await page.evaluate(() => window.sonogram.state.view));
  for (let step = 0; step < 60; step++) await page.keyboard.press("ArrowDown");
  await settle();
  spans.push(await page.evaluate(() => window.sonogram.state.view));
  return { before, after: await picture(page), spans };
}

export async function label(page, { text }, settle) {
  await drag(page, await place(page, 0.5, 2000), await place(page, 1, 1000));
  await page.keyboard.press("Enter");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  const drawn = await labels(page);
  await drag(page, await place(page, 0.75, 1500), await place(page, 1.25, 1500));
  const moved = await labels(page);
  await drag(page, await place(page, 1.5, 1500), await place(page, 2, 1500));
  const resized = await labels(page);
  await page.keyboard.press("Control+z");
  const undone = await labels(page);
  await saved(page);
  await page.reload();
  await settle();
  await page.waitForFunction(() => window.sonogram.labels.of("f0").length > 0);
  await page.keyboard.press("t");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Export").click()]);
  const stream = await download.createReadStream();
  let exported = "";
  for await (const part of stream) exported += part;
  const images = await page.locator("img").count();
  return { drawn, moved, resized, undone, reloaded: await labels(page), exported, images };
}

export async function keys(page) {
  const press = async (name, times = 1) => {
    for (let time = 0; time < times; time++) await page.keyboard.press(name);
  };
  await press("Home");
  await press(".", 20);
  await press("[");
  await press(".", 10);
  await press("]");
  await press("Control+Shift+ArrowRight", 5);
  await press("Control+ArrowDown", 20);
  await press("Enter");
  await page.keyboard.type("one");
  await press("Enter");
  await saved(page);
  const made = await labels(page);
  await press("Delete");
  const deleted = await labels(page);
  await press("Control+z");
  await press("ArrowUp", 3);
  await press("Shift+ArrowUp", 2);
  await press("?");
  const help = await page.locator("dialog kbd").count();
  await press("Escape");
  await press("d");
  await page.waitForFunction(() => document.querySelectorAll(".preset").length > 20);
  await page.keyboard.type("kaldi-fbank-23");
  await press("Enter");
  await page.waitForFunction(() => document.querySelector(".pane-title").textContent.includes("kaldi-fbank-23"));
  // A preset that was searched for and not opened yet is what is compared.
  await press("d");
  await page.keyboard.type("kaldi-fbank-80-nosnip");
  await page.getByText("Difference", { exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll(".pane").length === 3);
  const panes = await page.locator(".pane-title").allTextContents();
  await saved(page);
  return { made, deleted, restored: await labels(page), help, panes };
}

export async function memory(page) {
  return page.evaluate(() => {
    const app = window.sonogram;
    const sizes = [];
    for (let step = 0; step < 1000; step++) {
      app.frame.actions.zoom(step % 50 < 25 ? 1 / 1.5 : 1.5, (step * 7) % 60);
      app.draw();
      if (step % 250 === 249) sizes.push(performance.memory.usedJSHeapSize);
    }
    return { sizes, tiles: app.tiles.features.size, entries: app.tiles.features.entries.size, canvases: document.querySelectorAll("canvas").length };
  });
}

/**
 * Zoom from the whole recording to 50 ms and back, and move along: milliseconds of each update of the screen.
 *
 * `cpu` is what the page's thread computed (script, layout, painting), which other programs do not change; `gap` is
 * the time from one frame of the screen to the next.
 */
export async function frames(page, { steps = 60 }, settle) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const computed = async () => (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
  const { stop } = await page.evaluate(() => window.sonogram.state.view);
  const shares = Array.from({ length: steps }, (_, step) => (0.05 / stop) ** (step / (steps - 1)));
  const zoom = shares.map((share) => ({ start: 0.6 * stop * (1 - share), length: stop * share }));
  const pan = Array.from({ length: steps }, (_, step) => ({ start: 0.3 * stop + step, length: 30 }));
  const found = {};
  for (const [name, views] of Object.entries({ "zoom in": zoom, "zoom out": [...zoom].reverse(), "move along": pan })) {
    await page.evaluate(([first]) => window.sonogram.frame.actions.look({ start: first.start, stop: first.start + first.length }), views);
    await settle();
    const cpu = [];
    const gap = [];
    for (const { start, length } of views) {
      const before = await computed();
      gap.push(
        await page.evaluate(
          async ([from, to]) => {
            const frame = () => new Promise(requestAnimationFrame);
            const shown = await frame();
            window.sonogram.frame.actions.look({ start: from, stop: to });
            return (await frame()) - shown;
          },
          [start, start + length],
        ),
      );
      cpu.push(1000 * ((await computed()) - before));
    }
    found[name] = { cpu, gap };
  }
  return found;
}

export async function sound(page, { start, stop }) {
  await page.evaluate(() => {
    window.pieces = [];
    const begin = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (when, ...rest) {
      const place = when * this.context.sampleRate;
      window.pieces.push({ rate: this.context.sampleRate, place, samples: [...this.buffer.getChannelData(0)] });
      return begin.call(this, when, ...rest);
    };
  });
  await page.evaluate(([from, to]) => window.sonogram.store.set({ selection: { start: from, stop: to, low: null, high: null } }), [start, stop]);
  await page.keyboard.press("Space");
  await page.waitForFunction(() => window.sonogram.state.playing && window.sonogram.state.playhead > 0);
  await page.waitForFunction(() => !window.sonogram.state.playing, null, { timeout: 15000 });
  return { pieces: await page.evaluate(() => window.pieces), playhead: await page.evaluate(() => window.sonogram.state.playhead) };
}

/** Return what the loudspeaker gets: the buffers that are played, at their times, as the browser itself adds them up. */
export async function rendered(page, { start, stop, low = null, high = null, slow = 1, loop = false, seconds = 0 }) {
  await page.evaluate(() => {
    window.nodes = [];
    const begin = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (when, ...rest) {
      window.nodes.push({ when, buffer: this.buffer, speed: this.playbackRate.value, rate: this.context.sampleRate });
      return begin.call(this, when, ...rest);
    };
  });
  await page.evaluate((choice) => window.sonogram.store.set(choice), { selection: { start, stop, low, high }, slow, loop });
  await page.keyboard.press("Space");
  await page.waitForFunction((least) => window.nodes.reduce((sum, { buffer }) => sum + buffer.duration, 0) >= least, Math.max(seconds, 0.001));
  if (loop) await page.keyboard.press("Space");
  else await page.waitForFunction(() => !window.sonogram.state.playing, null, { timeout: 60000 });
  return page.evaluate(async () => {
    const nodes = [...window.nodes];
    const [{ when: origin, rate }] = nodes;
    const length = Math.round(Math.max(...nodes.map(({ when, buffer, speed }) => (when - origin) * rate + buffer.length / speed)));
    const context = new OfflineAudioContext(1, length, rate);
    for (const { when, buffer, speed } of nodes) {
      const node = new AudioBufferSourceNode(context, { buffer, playbackRate: speed });
      node.connect(context.destination);
      node.start(Math.round((when - origin) * rate) / rate);
    }
    const result = await context.startRendering();
    const wholeSamples = nodes.every(({ when }) => Math.abs(when * rate - Math.round(when * rate)) < 1e-3);
    return { samples: [...result.getChannelData(0)], rate, wholeSamples };
  });
}

/** Record from the fake microphone, and return what was recorded with its features. */
export async function record(page, { seconds }) {
  await page.keyboard.press("m");
  await page.waitForFunction((least) => window.sonogram.source.recorder.samples().length >= least * window.sonogram.source.recorder.rate(), seconds);
  const during = await page.evaluate(() => window.sonogram.state.message);
  await page.keyboard.press("m");
  return page.evaluate(async (text) => {
    const { source, state } = window.sonogram;
    const [definition] = [...state.definitions.values()];
    const rows = source.features.get(definition.id).rows;
    const tile = await source.tile("f0", "mix", definition, 0, 0);
    return { during: text, samples: [...source.recorder.samples()], rows: [...rows.part(0, rows.length)], columns: tile.columns, rate: source.recorder.rate() };
  }, during);
}
