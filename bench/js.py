"""The JavaScript package in Node, next to fft.js with the same window and bands. Run: make bench-js.

Log-mel features of a minute of noise at 16 kHz; the least time of seven calls, in microseconds a frame. The
native engine with the instruction set of WebAssembly, four lanes, is measured in a process of its own.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time

import numpy as np

import sonogram as sg
from sonogram.web import to_web

FRONTEND = sg.Frontend(
    16_000,
    400,
    160,
    512,
    spectrum=sg.spectrum.Power(),
    bands=sg.bands.Mel(80),
    scaling=sg.scaling.Log(floor=1e-10),
)


def native() -> None:
    """Print the time of the native engine on one thread."""
    samples = np.random.default_rng(0).random(60 * 16_000, np.float32) - np.float32(0.5)
    times = []
    for _ in range(7):
        start = time.perf_counter()
        frames = len(FRONTEND(samples, "native"))
        times.append(time.perf_counter() - start)
    print(1e6 * min(times) / frames)


def main() -> None:
    """Measure both and print one table."""
    environment = {**os.environ, "SONOGRAM_ISA": "baseline", "SONOGRAM_THREADS": "1"}
    command = [sys.executable, __file__, "native"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    definition = json.dumps(to_web(FRONTEND))
    found = subprocess.run(
        ["node", "js/bench.mjs"], input=definition, capture_output=True, text=True, check=True
    )
    js = json.loads(found.stdout)
    print(f"{platform.processor() or platform.machine()}, {js['frames']} frames, 400/160/512, 80 bands")
    print(f"native, baseline  {float(ran.stdout):6.2f} us a frame")
    print(f"WebAssembly       {js['own']:6.2f} us a frame, ready in {js['ready']:.0f} ms")
    print(f"fft.js            {js['other']:6.2f} us a frame, largest difference {js['difference']:.1e}")


if __name__ == "__main__":
    native() if sys.argv[1:] == ["native"] else main()
