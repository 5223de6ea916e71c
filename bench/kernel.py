"""Experiments with the native kernel: each is a change of its source, timed in turn. Run: make bench-kernel.

A limit leaves something out, so its features are wrong: it shows how much time the best version of that part
could save. In each round every version runs in a process of its own, one after the other. The least processor
time of all rounds counts. `ARGS="--isa avx2 --rounds 5 WORD..."` chooses.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from options import add_rounds

ROOT = Path(__file__).resolve().parents[1]
CPP = Path("sonogram", "native", "cpp")
LIBRARY = Path("sonogram", "native", "libsonogram_native.so")
COMPILER = os.environ.get("CXX", "g++")
FLAGS = "-std=c++17 -O3 -fPIC -w -ffp-contract=off -fno-signed-zeros -fno-math-errno -fno-trapping-math"
KERNELS = {
    "avx512": "-DSONOGRAM_LANES=16 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma",
    "avx2": "-DSONOGRAM_LANES=8 -mavx2 -mfma",
    "baseline": "-DSONOGRAM_LANES=4",
}
SECONDS = 10


@dataclass(frozen=True)
class Experiment:
    """A change of one file of the kernel, or other flags of the compiler."""

    name: str
    file: str = ""
    old: str = ""
    new: str = ""
    flags: str = ""


STAGED = """
    static float staged[16 * 2064] __attribute__((aligned(64)));
    const int64_t lanes = smaller(count - group * W, W), pitch = (stride + 15) / 16 * 16;
    write_columns(program, z, lanes, staged, pitch);
    for (int64_t lane = 0; lane < lanes; ++lane) {
      float* to = out + (group * W + lane) * stride;
      const float* from = staged + lane * pitch;
      int64_t rest = stride;
      COPY
    }
"""
WRITE = "    write_columns(program, z, smaller(count - group * W, W), out + group * W * stride, stride);\n"
STREAM = """
      for (; rest > 0 && ((uintptr_t)to & 63); --rest) *to++ = *from++;
      for (; rest >= W; rest -= W, to += W, from += W)
        SONOGRAM_X86(stream_ps)(to, (Register)load_unaligned(from));
      while (rest-- > 0) *to++ = *from++;
"""
STORE = "store_unaligned(out + frame * stride, rows[frame]);"
ROOT_OF = "INLINE V root(V x) { return (V)SONOGRAM_X86(sqrt_ps)((Register)x); }"
NEWTON = """
#if SONOGRAM_LANES == 16
INLINE V estimate(V x) { return (V)_mm512_rsqrt14_ps((Register)x); }
#else
INLINE V estimate(V x) { return (V)SONOGRAM_X86(rsqrt_ps)((Register)x); }
#endif
INLINE V root(V x) {
  const V r = (V)((I)estimate(x) & (x != 0)), s = x * r;
  return s + (x - s * s) * (r * 0.5f);
}
"""
TWIDDLED = "TWIDDLES && r > 0 ? times(x, twiddles + 2 * (r - 1)) : x"
FIXED = (
    "TWIDDLES && r > 0 ? Complex{fnma(x.im, splat(0.6f), x.re * splat(0.8f)), "
    "fma(x.re, splat(0.6f), x.im * splat(0.8f))} : x"
)
LOGARITHM = "      rows[i] = logarithm(x[i], log);"
CUBIC = "  V q = fma(splat(0.20092542469501495f), r, splat(-0.2508120536804199f));\n"
PAIR = """    const Complex a = in_registers(load_point(z + low<R>(j) * stride));
    const Complex b = in_registers(load_point(z + high<R>(j) * stride));"""

EXPERIMENTS = (
    Experiment("square root by an estimate and one Newton step", "vector.h", ROOT_OF, NEWTON),
    Experiment(
        "rows staged and copied", "kernel.cpp", WRITE, STAGED.replace("COPY", "memcpy(to, from, rest * 4);")
    ),
    Experiment(
        "rows staged, whole lines past the cache", "kernel.cpp", WRITE, STAGED.replace("COPY", STREAM)
    ),
    Experiment("limit: no stores of rows", "columns.h", STORE, 'asm volatile("" ::"x"(rows[frame]));'),
    Experiment("limit: twiddles always in registers", "transform.h", TWIDDLED, FIXED),
    Experiment("limit: no twiddles", "transform.h", TWIDDLED, "x"),
    Experiment("limit: no logarithm", "columns.h", LOGARITHM, "      rows[i] = x[i];"),
    Experiment(
        "limit: logarithm one degree lower", "logarithm.h", CUBIC, "  V q = splat(-0.2508120536804199f);\n"
    ),
    Experiment(
        "points loaded where they are used",
        "transform.h",
        PAIR,
        PAIR.replace("in_registers(load_point", "(load_point"),
    ),
    Experiment("-O2", flags="-O2"),
    Experiment("scheduling for Zen 3", flags="-mtune=znver3"),
)


def compile_source(source: Path, target: Path, *flags: str) -> Path:
    includes = [f"-I{folder}" for folder in source.parents[1].iterdir()]
    command = [COMPILER, *FLAGS.split(), *flags, *includes, "-include", "string.h"]
    subprocess.run([*command, "-c", str(source), "-o", str(target)], check=True)
    return target


def compile_kernel(cpp: Path, target: Path, isa: str, *flags: str) -> Path:
    own = (*KERNELS[isa].split(), f"-DSONOGRAM_ISA={isa}", *flags)
    return compile_source(cpp / "kernel" / "kernel.cpp", target, *own)


def compile_rest(folder: Path, isa: str) -> list[Path]:
    """Return the objects that no experiment changes."""
    cpp = ROOT / "src" / CPP
    sources = [path for path in sorted(cpp.glob("*/*.cpp")) if path.stem not in ("kernel", "windows")]
    objects = [compile_source(path, folder / f"{path.stem}.o", "-O0") for path in sources]
    return objects + [
        compile_kernel(cpp, folder / f"{name}.o", name, "-O0") for name in KERNELS if name != isa
    ]


def compile_version(folder: Path, isa: str, experiment: Experiment | None, rest: list[Path]) -> Path:
    """Return a copy of the package whose kernel has the change."""
    shutil.copytree(
        ROOT / "src" / "sonogram", folder / "sonogram", ignore=shutil.ignore_patterns("*.so", "*.pyc")
    )
    if experiment and experiment.file:
        path = folder / CPP / "kernel" / experiment.file
        path.write_text(changed(path.read_text(), experiment))
    own = experiment.flags.split() if experiment else []
    kernel = compile_kernel(folder / CPP, folder / "kernel.o", isa, "-O3", *own)
    link = [COMPILER, "-shared", str(kernel), *map(str, rest), "-lpthread", "-ldl"]
    subprocess.run([*link, "-o", str(folder / LIBRARY)], check=True)
    return folder


def changed(text: str, experiment: Experiment) -> str:
    """Return the text of a file with the change of an experiment."""
    if text.count(experiment.old) != 1:
        raise SystemExit(f"{experiment.name}: {experiment.file} has changed; adapt the experiment.")
    return text.replace(experiment.old, experiment.new)


def measure() -> dict[str, float]:
    """Return microseconds per frame of the package that this process imports."""
    import numpy as np
    from definitions import LOG_MEL, TUTORIAL

    times = {}
    for name, frontend in {**LOG_MEL, "magnitude 1024/256": TUTORIAL}.items():
        count = round(frontend.sample_rate) * SECONDS
        samples = (np.random.default_rng(0).standard_normal(count) / 9).astype(np.float32)
        best = float("inf")
        for _ in range(40):
            start = time.process_time()
            frontend(samples, "native")
            best = min(best, time.process_time() - start)
        times[name] = 1e6 * best / frontend.num_frames(count)
    return times


def run_version(folder: Path, isa: str) -> dict[str, float]:
    environment = {**os.environ, "SONOGRAM_ISA": isa, "PYTHONPATH": str(folder)}
    command = [sys.executable, __file__, "--measure"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="Words of the experiments to run; all without any.")
    parser.add_argument("--isa", default="avx2", choices=KERNELS, help="Instruction set.")
    add_rounds(parser, 3)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure()))
        return
    chosen = [each for each in EXPERIMENTS if all(word in each.name for word in arguments.names)]
    if not chosen:
        parser.error(
            f"no experiment has these words; choose from: {', '.join(each.name for each in EXPERIMENTS)}"
        )
    versions: list[Experiment | None] = [None, *chosen]
    with tempfile.TemporaryDirectory() as folder:
        rest = compile_rest(Path(folder), arguments.isa)
        folders = [
            compile_version(Path(folder, str(index)), arguments.isa, version, rest)
            for index, version in enumerate(versions)
        ]
        best: list[dict[str, float]] = [{} for _ in versions]
        for _ in range(arguments.rounds):
            for index, each in enumerate(folders):
                for name, value in run_version(each, arguments.isa).items():
                    best[index][name] = min(value, best[index].get(name, value))
    print(f"| {arguments.isa} | {' | '.join(best[0])} |\n| --- |{' ---: |' * len(best[0])}")
    print(f"| today, µs a frame | {' | '.join(f'{value:.3f}' for value in best[0].values())} |")
    for version, times in zip(chosen, best[1:], strict=True):
        print(f"| {version.name} | {' | '.join(f'{times[name] / best[0][name]:.2f}' for name in times)} |")


if __name__ == "__main__":
    main()
