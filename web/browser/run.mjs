// Run one case in headless Chromium and print its result as JSON: node run.mjs CASE URL CHROMIUM [ARGUMENTS]

import { chromium } from "playwright-core";

import * as cases from "./cases.mjs";

// These flags also work for root, in containers, and without a GPU.
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--enable-precise-memory-info", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];
const [name, url, executablePath, given] = process.argv.slice(2);

const browser = await chromium.launch({ executablePath, args });
try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 }, colorScheme: "dark", offline: url.startsWith("file:") });
  const page = await context.newPage();
  const problems = [];
  const requests = [];
  page.on("pageerror", (error) => problems.push(String(error.stack ?? error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(url);
  await settle(page);
  const result = await cases[name](page, JSON.parse(given ?? "{}"), () => settle(page));
  process.stdout.write(JSON.stringify({ ...result, problems, requests }));
} finally {
  await browser.close();
}

/** Wait until everything on the screen is loaded and drawn. */
async function settle(page) {
  await page.waitForFunction(
    () => {
      const { sonogram } = window;
      if (sonogram?.source.recorder || document.querySelector("iframe")) return true;
      return sonogram && sonogram.ranges.isComplete && sonogram.tiles.features.size > 0 && !sonogram.tiles.features.isWaiting && !sonogram.tiles.waves.isWaiting;
    },
    null,
    { timeout: 30000 },
  );
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
