"""Compile the kernel to WebAssembly with zig, which `pip install ziglang` brings: python build.py OUTPUT."""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
CPP = HERE.parents[1] / "src" / "sonogram" / "native" / "cpp"
# The numbers of the native instruction set "baseline": four lanes, every operation rounded as it is written.
FLAGS = (
    *("-target", "wasm32-wasi", "-std=c++17", "-msimd128", "-fno-exceptions", "-fno-rtti", "-g0"),
    *("-fvisibility=hidden", "-fno-c++-static-destructors"),
    *("-ffp-contract=off", "-fno-signed-zeros", "-fno-math-errno", "-fno-trapping-math"),
    *("-DSONOGRAM_ISA=baseline", "-DSONOGRAM_LANES=4"),
)
SMALL = (
    *("api", "cepstra", "dispatch", "lower", "lower_columns", "lower_kernels", "lower_tail", "products"),
)
SOURCES = {
    CPP / "kernel" / "kernel.cpp": "-O3",  # the rest runs once for each definition: small is better than fast
    **dict.fromkeys((CPP / "kernel" / f"{name}.cpp" for name in SMALL), "-Oz"),
    **dict.fromkeys((CPP / "audio" / f"{name}.cpp" for name in ("filter", "resample")), "-Oz"),
    HERE / "single_thread.cpp": "-Oz",
}
EXPORTS = (
    *("malloc", "free", "sonogram_create_of_kernels", "sonogram_destroy", "sonogram_run", "sonogram_cepstra"),
    *("sonogram_multiply", "sonogram_resampler_create", "sonogram_resampler_destroy"),
    *("sonogram_num_resampled", "sonogram_resampler_whole"),
)


def zig(*arguments: str) -> None:
    """Run the compiler."""
    subprocess.run([sys.executable, "-m", "ziglang", "c++", *FLAGS, *arguments], check=True)


def build(output: Path) -> None:
    """Compile the engine into one file."""
    includes = [f"-I{CPP / name}" for name in ("kernel", "audio", "system")]
    with tempfile.TemporaryDirectory() as folder:

        def compiled(source: Path) -> str:
            target = str(Path(folder) / f"{source.stem}.o")
            header = ["-include", str(HERE / "single_thread.h")] if source.parent != HERE else []
            zig(SOURCES[source], *includes, *header, "-c", str(source), "-o", target)
            return target

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = list(pool.map(compiled, SOURCES))
        exports = [f"-Wl,--export={name}" for name in EXPORTS]
        zig("-mexec-model=reactor", "-O2", *objects, *exports, "-Wl,--strip-all", "-o", str(output))
    output.chmod(0o644)  # the linker makes it executable
    print(f"{output}: {output.stat().st_size} bytes")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
