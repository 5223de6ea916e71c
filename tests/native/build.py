"""Builds `selftest.cpp` with the sources of the library, with flags of one's own."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "src" / "sonogram" / "engines" / "native"
COMMON = ("api", "dispatch", "plan", "pool", "tail")
QUIET = ("-Wall", "-Wextra", "-Wno-psabi", "-Wno-unknown-pragmas", "-Wno-uninitialized")
EXACT = ("-ffp-contract=off", "-fno-signed-zeros", "-fno-math-errno", "-fno-trapping-math")
FLAGS = ("-std=c++17", *QUIET, "-Wno-maybe-uninitialized", *EXACT)
KERNELS = {
    "x86_64": {
        "avx512": (16, "-mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma"),
        "avx2": (8, "-mavx2 -mfma"),
        "baseline": (4, ""),
    },
    "aarch64": {"neon": (4, "")},
}


def build(compiler: str, machine: str, folder: Path, *flags: str) -> Path:
    """Returns the program."""
    sources = [(name, SOURCES / f"{name}.cpp", []) for name in COMMON]
    sources.append(("selftest", HERE / "selftest.cpp", []))
    for isa, (lanes, own) in KERNELS[machine].items():
        defines = [f"-DSONOGRAM_ISA={isa}", f"-DSONOGRAM_LANES={lanes}"]
        sources.insert(0, (f"kernel_{isa}", SOURCES / "kernel.cpp", [*defines, *own.split()]))

    def compile_one(named: tuple[str, Path, list[str]]) -> str:
        name, source, own = named
        target = str(folder / f"{name}.o")
        command = [compiler, *FLAGS, *flags, *own, "-I", str(SOURCES), "-c", str(source), "-o", target]
        subprocess.run(command, check=True)
        return target

    with ThreadPoolExecutor(os.cpu_count()) as compilers:
        objects = list(compilers.map(compile_one, sources))
    program = folder / "selftest"
    subprocess.run([compiler, *flags, *objects, "-o", str(program), "-lpthread"], check=True)
    return program
