// Build the page into src/sonogram/viewer/page/, or with a folder as argument there.

import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "..", "src", "sonogram", "viewer", "page"));
const options = { absWorkingDir: here, bundle: true, minify: true, charset: "ascii", legalComments: "none", logLevel: "warning" };

mkdirSync(out, { recursive: true });
await build({ ...options, entryPoints: ["src/main.ts"], outfile: join(out, "view.js"), format: "iife", target: "es2022" });
await build({ ...options, entryPoints: ["src/sound/recorder.ts"], outfile: join(out, "recorder.js"), format: "iife", target: "es2022" });
await build({ ...options, entryPoints: ["src/widget.ts"], outfile: join(out, "widget.js"), format: "esm", target: "es2022" });
await build({ ...options, entryPoints: ["src/view.css"], outfile: join(out, "view.css"), target: ["chrome110", "firefox115", "safari16.4"] });
copyFileSync(join(here, "src", "index.html"), join(out, "index.html"));
