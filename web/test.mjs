// Bundle the unit tests and run them.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = mkdtempSync(join(tmpdir(), "page-test-"));
const entryPoints = readdirSync(join(here, "test")).map((name) => join("test", name));

await build({ absWorkingDir: here, entryPoints, outdir, bundle: true, platform: "node", format: "esm", target: "node20", outExtension: { ".js": ".mjs" }, logLevel: "warning" });
const { status } = spawnSync(process.execPath, ["--test", outdir], { stdio: "inherit" });
rmSync(outdir, { recursive: true });
process.exit(status ?? 1);
