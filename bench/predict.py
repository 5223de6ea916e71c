"""One hour of sound through a small network: time and memory. Run: python bench/predict.py.

`sonogram predict` as a whole program, next to a script that reads the same windows with soundfile and gives
them to `model.predict`, and next to importing TensorFlow alone: each is a process of its own, in turn. The
network is the small CNN of `sonogram train` on `yamnet`, untrained: its scores do not affect the time. Memory
is the most that was resident, times are the best of some rounds, and the error is the largest difference from
the mean scores of that script.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import numpy as np
import soundfile
from options import add_rounds

RATE = 16_000
PACKAGES = ("tensorflow-cpu", "keras", "numpy", "soundfile")

MODEL = """
import sys, keras, sonogram as sg
from sonogram.models import build
keras.utils.set_random_seed(0)
build(sg.preset("yamnet"), ["a", "b", "c"], seconds=1.0).save(sys.argv[1])
"""

SCRIPT = """
import json, sys
import keras, numpy as np, soundfile, sonogram as sg
model, size, total, count = sg.load_model(sys.argv[1]), 16_000, 0.0, 0
def windows():
    for block in soundfile.blocks(sys.argv[2], 32 * size, size // 2, dtype="float32"):
        yield np.lib.stride_tricks.sliding_window_view(block, size)[:: size // 2]
for some in windows():
    scores = model.predict([some, np.full(len(some), size, np.int32)], verbose=0)
    total, count = total + scores.sum(0), count + len(scores)
print(json.dumps(dict(zip("abc", (total / count).tolist()))))
"""

MEMORY = """
import atexit, re, sys
def report():
    with open("/proc/self/status") as status:
        print(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1], file=sys.stderr)
atexit.register(report)
"""

PROGRAM = "from sonogram.cli import main\nmain()"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    add_rounds(parser, 3)
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}\n")
    seconds = 60 * arguments.minutes
    with tempfile.TemporaryDirectory(prefix="sonogram-bench-") as folder:
        model, sound = f"{folder}/small.keras", f"{folder}/hour.wav"
        _run(MODEL, model)
        _make(Path(sound), arguments.minutes)
        ways = {
            "sonogram predict": (PROGRAM, "predict", model, sound, "--json"),
            "soundfile, model.predict": (SCRIPT, model, sound),
            "import tensorflow": ("import tensorflow",),
        }
        best = dict.fromkeys(ways, (np.inf, 0))
        output: dict[str, str] = {}
        for _ in range(arguments.rounds):
            for name, (code, *rest) in ways.items():
                start = time.perf_counter()
                output[name], memory = _run(code, *rest)
                took = time.perf_counter() - start
                best[name] = min(took, best[name][0]), max(memory, best[name][1])
    ours = json.loads(output["sonogram predict"])["files"][0]["top"]
    theirs = json.loads(output["soundfile, model.predict"])
    error = max(abs(each["score"] - theirs[each["label"]]) for each in ours)
    for name, (took, memory) in best.items():
        print(f"{name:26} {took:6.1f} s {seconds / took:6.0f} x real time {memory * 1024 / 1e6:6.0f} MB")
    print(f"error {error:.1e}")


def _make(path: Path, minutes: int) -> None:
    rng = np.random.default_rng(0)
    time_axis = np.arange(60 * RATE) / RATE
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        for minute in range(minutes):
            tone = np.sin(2 * np.pi * (100 + 20 * minute) * time_axis * (1 + 0.01 * time_axis))
            file.write(0.2 * tone + 0.02 * rng.standard_normal(len(tone)))


def _run(code: str, *arguments: str) -> tuple[str, int]:
    """Runs Python code in a process; returns its output and the most memory that it had, kilobytes."""
    ran = subprocess.run(
        [sys.executable, "-c", MEMORY + code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return ran.stdout, int(ran.stderr.split()[-1])


if __name__ == "__main__":
    main()
