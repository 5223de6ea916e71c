"""Runs the library under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer.

    python tests/native/sanitize.py            all that this machine can do, in some minutes
    python tests/native/sanitize.py neon       the NEON kernel, emulated

NEON is cross-compiled and run under qemu; it is left out, in words, where those are not there.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from build import build

CROSS, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"


def run(name: str, compiler: str, machine: str, flags: str, command: tuple[str, ...] = ()) -> None:
    """Build and run one program, and stop where it complains."""
    with tempfile.TemporaryDirectory() as folder:
        program = build(compiler, machine, Path(folder), *flags.split())
        print(f"{name}:", flush=True)
        environment = {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1"}
        subprocess.run([*command, str(program), "200"], check=True, env=environment)


def neon() -> None:
    """Run the NEON kernel."""
    if platform.machine() in ("aarch64", "arm64"):
        return  # it is what the others ran
    if not (shutil.which(CROSS) and shutil.which(EMULATOR)):
        print(f"NEON was not run: it needs {CROSS} and {EMULATOR} (g++-aarch64-linux-gnu, qemu-user)")
        return
    run("NEON under qemu", CROSS, "aarch64", "-O2 -static", (EMULATOR,))


def main() -> None:
    """Run all, or NEON alone."""
    compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        sys.exit("no C++ compiler found: install g++ or clang++")
    machine = "aarch64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    if "neon" not in sys.argv[1:]:
        checks = "-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all"
        run("memory and undefined behavior", compiler, machine, f"{checks} -fsanitize=address,undefined")
        # ThreadSanitizer wants its memory where a random layout may have put something else.
        fixed = ("setarch", "-R") if shutil.which("setarch") else ()
        run("threads", compiler, machine, f"{checks} -fsanitize=thread", fixed)
    neon()
    print("the sanitizers found nothing")


if __name__ == "__main__":
    main()
