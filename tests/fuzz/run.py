"""Fuzz the loader of sounds: its C++ with libFuzzer under sanitizers, its Python with Atheris.

    python tests/fuzz/run.py [SECONDS] [c++] [python]       both, for 60 seconds each, where nothing is given

What they learn stays in build/fuzz/corpus, so that the next run goes on from there. What crashes, takes more
than 5 seconds or 512 MB is written to build/fuzz/found: make a test of it.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("native", "fuzz")]

from build import build  # noqa: E402
from seeds import write_seeds  # noqa: E402

from sonogram.audio.native import _libsndfile  # noqa: E402

BUILD = ROOT / "build" / "fuzz"
LIMITS = ("-timeout=5", "-rss_limit_mb=512", "-max_len=32768", "-print_final_stats=1")
BLIND = "WARNING: no interesting inputs were found"
CHECKS = ("-Wno-unknown-warning-option", "-O1", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all")
SANITIZERS = "-fsanitize=fuzzer-no-link,address,undefined"


def program() -> list[str]:
    """Build the C++ target with clang; return its command."""
    compiler = shutil.which(os.environ.get("CLANGXX", "clang++"))
    if compiler is None:
        sys.exit("fuzzing the native library needs clang++ with libFuzzer (clang, libclang-rt-dev)")
    machine = "aarch64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    folder = BUILD / "objects"
    shutil.rmtree(folder, ignore_errors=True)  # compiled sources would be taken as they are
    folder.mkdir(parents=True)
    plain, link = ("-fno-sanitize=all",), ("-fsanitize=fuzzer",)  # checked kernels take minutes to compile
    built = build(compiler, machine, folder, *CHECKS, SANITIZERS, name="fuzz", kernels=plain, link=link)
    return [str(built)]


def start(name: str, command: list[str], seconds: int) -> subprocess.Popen[bytes]:
    """Start one fuzzer; its output goes to a file."""
    for folder in ("corpus", "found"):
        (BUILD / folder / name).mkdir(parents=True, exist_ok=True)
    corpus, found = BUILD / "corpus" / name, BUILD / "found" / name
    arguments = [f"-max_total_time={seconds}", f"-artifact_prefix={found}/", *LIMITS]
    environment = {
        **os.environ,
        "SONOGRAM_LIBSNDFILE": str(_libsndfile()),
        # libsndfile itself forgets memory where an Ogg file is broken. Freed memory that the sanitizer keeps
        # counts as memory in use.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=32",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONPATH": str(ROOT / "src"),
    }
    with (BUILD / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [*command, *arguments, str(corpus), str(BUILD / "seeds")], stdout=log, stderr=log, env=environment
        )


def main() -> None:
    """Run the wanted fuzzers at once; exit with 1 if one found something."""
    words = sys.argv[1:]
    seconds = next((int(word) for word in words if word.isdigit()), 60)
    wanted = [word for word in words if not word.isdigit()] or ["c++", "python"]
    print(f"{write_seeds(BUILD / 'seeds')} seeds", flush=True)
    commands = {
        "c++": program,
        "python": lambda: [sys.executable, str(ROOT / "tests" / "fuzz" / "loader.py")],
    }
    running = {name: start(name, commands[name](), seconds) for name in wanted}
    failed = [name for name, process in running.items() if process.wait() != 0]
    for name in running:
        lines = (BUILD / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        print(f"{name}:", *lines[-12:], sep="\n  ")
        if any(line.startswith(BLIND) for line in lines):
            sys.exit(f"{name}: no coverage was measured, so the inputs were random bytes")
    if failed:
        sys.exit(f"found something: {', '.join(failed)}; see {BUILD / 'found'} and the logs next to it")
    print("the fuzzers found nothing")


if __name__ == "__main__":
    main()
