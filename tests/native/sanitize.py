"""Run the library under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer.

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

import numpy as np
import soundfile
from build import build

CROSS, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"


def sounds(folder: Path) -> list[str]:
    """Write sound files in many formats; return the path of libsndfile and the files."""
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (3000, 2))
    kinds = [("wav", "PCM_16"), ("wav", "FLOAT"), ("flac", "PCM_16"), ("ogg", "VORBIS"), ("aiff", "PCM_24")]
    kinds += [("mp3", "MPEG_LAYER_III"), ("caf", "ALAW"), ("au", "PCM_16"), ("rf64", "PCM_16")]
    paths = []
    for index, (kind, coding) in enumerate(kinds):
        paths.append(str(folder / f"{index}.{kind}"))
        soundfile.write(paths[-1], samples[:, : 1 + index % 2], 16_000, coding, format=kind)
    library = Path(soundfile.__file__).parent / "_soundfile_data" / soundfile._packaged_libname
    return [str(library) if library.is_file() else "-", *paths]


def run(name: str, compiler: str, machine: str, flags: str, command: tuple[str, ...] = ()) -> None:
    """Build and run one program; stop if it reports an error."""
    environment = {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1"}
    with tempfile.TemporaryDirectory() as folder:
        # libsndfile itself forgets memory where an Ogg file is broken.
        (Path(folder) / "known").write_text("leak:libsndfile\n", encoding="utf-8")
        environment["LSAN_OPTIONS"] = f"suppressions={folder}/known"
        found = sounds(Path(folder))
        if machine == "aarch64" and command:
            found[0] = "-"  # libsndfile is this machine's, not the emulated one's
        for which, arguments in (("selftest", ["200"]), ("soundtest", ["300", *found])):
            program = build(compiler, machine, Path(folder), *flags.split(), name=which)
            print(f"{name}, {which}:", flush=True)
            subprocess.run([*command, str(program), *arguments], check=True, env=environment)


def neon() -> None:
    """Run the NEON kernel."""
    if platform.machine() in ("aarch64", "arm64"):
        return  # it is what the others ran
    if not (shutil.which(CROSS) and shutil.which(EMULATOR)):
        print(f"NEON was not run: it needs {CROSS} and {EMULATOR} (g++-aarch64-linux-gnu, qemu-user)")
        return
    run("NEON under qemu", CROSS, "aarch64", "-O2 -static", (EMULATOR,))


def main() -> None:
    """Run all programs, or only NEON."""
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
