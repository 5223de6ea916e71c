"""Build the self-tests with the sources of the library, with given compiler flags."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "src" / "sonogram" / "native" / "cpp"
FOLDERS = tuple(SOURCES / name for name in ("kernel", "audio", "system", "tensorflow"))
INCLUDES = tuple(f"-I{folder}" for folder in FOLDERS)
PROGRAMS = {
    "selftest": tuple(HERE / name for name in ("selftest.cpp", "kernels_selftest.cpp", "op_selftest.cpp")),
    "soundtest": (HERE / "soundtest.cpp",),
    "fuzz": (HERE.parent / "fuzz" / "sounds.cpp",),
}
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


def build(
    compiler: str,
    machine: str,
    folder: Path,
    *flags: str,
    name: str = "selftest",
    kernels: tuple[str, ...] = (),
    link: tuple[str, ...] = (),
) -> Path:
    """Return a program. Sources already compiled in the folder are not compiled again."""
    found = [path for folder in FOLDERS for path in sorted(folder.glob("*.cpp"))]
    sources = [(path.stem, path, []) for path in found if path.stem not in ("kernel", "windows")]
    sources += [(f"test_{path.stem}", path, []) for path in PROGRAMS[name]]
    for isa, (lanes, own) in KERNELS[machine].items():
        defines = [f"-DSONOGRAM_ISA={isa}", f"-DSONOGRAM_LANES={lanes}"]
        sources.insert(
            0, (f"kernel_{isa}", SOURCES / "kernel" / "kernel.cpp", [*defines, *own.split(), *kernels])
        )

    def compile_one(named: tuple[str, Path, list[str]]) -> str:
        name, source, own = named
        target = str(folder / f"{name}.o")
        command = [compiler, *FLAGS, *flags, *own, *INCLUDES, "-c", str(source), "-o", target]
        if not Path(target).exists():
            subprocess.run(command, check=True)
        return target

    with ThreadPoolExecutor(os.cpu_count()) as compilers:
        objects = list(compilers.map(compile_one, sources))
    program = folder / name
    subprocess.run([compiler, *flags, *link, *objects, "-o", str(program), "-lpthread", "-ldl"], check=True)
    return program
