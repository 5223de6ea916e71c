"""Time of `sonogram show`, next to what it cannot avoid. Run: make bench-show.

A clip of seconds and ten minutes of stereo Ogg Vorbis, each drawn by a program of its own. Next to them:
importing the parts of Matplotlib that draw, and decoding the recording with soundfile. All take turns, and
the least processor time counts: it hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from compare import machine, record
from load import FORMATS, sound, write
from options import add_rounds

from sonogram import __version__

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 8
MINUTES = 10
PACKAGES = ("matplotlib", "numpy", "soundfile")
PROGRAM = ("-c", "from sonogram.cli import main; main()", "show")
IMPORTS = "import matplotlib.figure, matplotlib.backends.backend_agg"
DECODING = "import soundfile, sys\nfor _ in soundfile.blocks(sys.argv[1], 65536, dtype='float32'): pass"


def seconds(arguments: list[str], cache: Path) -> float:
    """Return the processor time of a program whose modules are compiled, as installed ones are."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_rounds(parser, ROUNDS)
    rounds = parser.parse_args().rounds
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    print(f"{machine()}, Python {platform.python_version()}, sonogram {__version__}, {versions}")
    with tempfile.TemporaryDirectory() as folder:
        recording, picture = Path(folder) / "long.ogg", str(Path(folder) / "picture.png")
        write(recording, sound(2, 60 * MINUTES), *FORMATS["ogg"])
        programs = {
            "show, a clip": [*PROGRAM, str(ROOT / "examples" / "dog.wav"), "-o", picture],
            "importing Matplotlib": ["-c", IMPORTS],
            f"show, {MINUTES} minutes of stereo OGG": [*PROGRAM, str(recording), "-o", picture],
            f"decoding {MINUTES} minutes of stereo OGG": ["-c", DECODING, str(recording)],
        }
        least = dict.fromkeys(programs, float("inf"))
        for _ in range(rounds):
            for name, arguments in programs.items():
                least[name] = min(least[name], seconds(arguments, Path(folder)))
    for name, taken in least.items():
        print(f"  {name:36} {taken:6.2f} s")
    record((name, 1e6 * taken) for name, taken in least.items())


if __name__ == "__main__":
    main()
