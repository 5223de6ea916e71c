// Build dist/: the package as one file of JavaScript, its types, and the engine. The Python package takes the file
// of JavaScript too: it is written next to the engine, or with a folder as argument there.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const installed = join(here, "..", "src", "sonogram", "web");
const out = resolve(process.argv[2] ?? installed);

mkdirSync(dist, { recursive: true });
mkdirSync(out, { recursive: true });
const script = join(out, "sonogram.js");
await build({ absWorkingDir: here, entryPoints: ["src/index.ts"], outfile: script, bundle: true, minify: true, format: "esm", target: "es2022", charset: "ascii", logLevel: "warning" });
copyFileSync(script, join(dist, "sonogram.js"));
copyFileSync(join(installed, "engine.wasm"), join(dist, "engine.wasm"));
const types = ["--declaration", "--emitDeclarationOnly", "--noEmit", "false", "--rewriteRelativeImportExtensions", "--rootDir", join(here, "src"), "--outDir", dist];
process.exit(spawnSync(join(here, "node_modules", ".bin", "tsc"), types, { cwd: here, stdio: "inherit" }).status ?? 1);
