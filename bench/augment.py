"""Measure the augmentations of several libraries, per second of 16 kHz audio. Run: make bench-augment.

The columns are sonogram in a `tf.function` and compiled by XLA, audiomentations and torch-audiomentations.
sonogram and torch-audiomentations process a batch at once, audiomentations one clip after the other.
Everything runs on one thread. Times are the best of several runs, in microseconds. --peers selects another
Python interpreter for the other two libraries; a library that cannot be imported is reported.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS")
for variable in THREADS:
    os.environ[variable] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# One thread under XLA too.
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"

import numpy as np  # noqa: E402 - it reads the variables when it is imported

RATE = 16000
ROWS = (
    "Gain",
    "PolarityInversion",
    "Clipping",
    "TimeShift",
    "RandomCrop",
    "Noise, white",
    "Noise, pink",
    "Noise, recordings",
    "Reverb, simulated",
    "Reverb, measured",
    "BandPass",
    "BandLimit",
    "Tilt",
    "Speed",
    "Mixup",
    "SpecAugment",
)
Times = dict[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", default=sys.executable, help="Python interpreter with the other libraries")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    clips = np.random.default_rng(0).normal(size=(arguments.batch, int(RATE * arguments.seconds)))
    clips = (clips * 0.1).astype(np.float32)
    if arguments.child:
        print(json.dumps(_peers(clips, arguments.repeats)))
        return
    columns = {f"sonogram, {kind}": times for kind, times in _ours(clips, arguments.repeats).items()}
    ran = subprocess.run(
        [arguments.peers, __file__, "--child", *sys.argv[1:]], capture_output=True, text=True, check=True
    )
    peers = json.loads(ran.stdout.splitlines()[-1])
    print(
        f"{arguments.batch} clips of {arguments.seconds:g} s, {platform.machine()}, one thread; "
        "microseconds per second of audio"
    )
    print(
        ", ".join(f"{name} {metadata.version(name)}" for name in ("keras", "numpy")),
        *peers["versions"],
        sep=", ",
    )
    columns |= peers["times"]
    print(f"{'':<20}" + "".join(f"{name:>24}" for name in columns))
    for row in ROWS:
        cells = (f"{times[row]:.0f}" if row in times else "-" for times in columns.values())
        print(f"{row:<20}" + "".join(f"{cell:>24}" for cell in cells))
    for line in peers["missing"]:
        print(line)


def _best(call: Callable[[], Any], seconds: float, repeats: int) -> float:
    call()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best / seconds * 1e6


def _ours(clips: np.ndarray, repeats: int) -> dict[str, Times]:
    import tensorflow as tf

    from sonogram import layers

    responses, noises = _responses(), _noises()
    made: dict[str, Any] = {
        "Gain": layers.Gain(),
        "PolarityInversion": layers.PolarityInversion(1.0),
        "Clipping": layers.Clipping(),
        "TimeShift": layers.TimeShift(),
        "RandomCrop": layers.RandomCrop(clips.shape[1] // 2),
        "Noise, white": layers.Noise(),
        "Noise, pink": layers.Noise(source="pink"),
        "Noise, recordings": layers.Noise(source=noises),
        "Reverb, simulated": layers.Reverb(RATE),
        "Reverb, measured": layers.Reverb(RATE, responses=responses),
        "BandPass": layers.BandPass(RATE),
        "BandLimit": layers.BandLimit(RATE),
        "Tilt": layers.Tilt(RATE),
        "Speed": layers.Speed(),
        "Mixup": layers.Mixup(),
        "SpecAugment": layers.SpecAugment(),
    }
    seconds = clips.size / RATE
    labels = tf.eye(len(clips))
    times: dict[str, Times] = {"tf.function": {}, "XLA": {}}
    for kind, measured in times.items():
        for name, layer in made.items():
            given: Any = tf.constant(clips)
            if name == "Mixup":
                given = {"samples": given, "labels": labels}
            elif name == "SpecAugment":  # 80 bands at 100 frames a second
                frames = clips.shape[1] // 160
                given = tf.reshape(given[:, : frames * 80], (len(clips), frames, 80))
            call = tf.function(
                lambda x, layer=layer: layer(x, training=True), jit_compile=kind == "XLA", autograph=False
            )
            measured[name] = _best(lambda: call(given), seconds, repeats)  # noqa: B023
    return times


def _responses() -> list[np.ndarray]:
    decay = np.exp(-np.arange(RATE // 2) / (0.07 * RATE))
    return [
        (np.random.default_rng(seed).normal(size=RATE // 2) * decay).astype(np.float32) for seed in (1, 2)
    ]


def _noises() -> list[np.ndarray]:
    return [np.random.default_rng(seed).normal(size=10 * RATE).astype(np.float32) for seed in (3, 4)]


def _peers(clips: np.ndarray, repeats: int) -> dict[str, Any]:
    import tempfile

    import soundfile

    warnings.simplefilter("ignore")
    found: dict[str, Any] = {"times": {}, "versions": [], "missing": []}
    with tempfile.TemporaryDirectory() as folder:
        for kind, sounds in (("responses", _responses()), ("noises", _noises())):
            (Path(folder) / kind).mkdir()
            for index, sound in enumerate(sounds):
                path = Path(folder) / kind / f"{index}.wav"
                soundfile.write(path, sound / np.abs(sound).max(), RATE)
        for name, measure in (("audiomentations", _audiomentations), ("torch-audiomentations", _torch)):
            try:
                found["times"][name] = measure(clips, folder, repeats)
                found["versions"].append(f"{name} {metadata.version(name)}")
            except (ImportError, OSError) as error:
                found["missing"].append(f"{name} cannot be imported: {str(error).splitlines()[0]}")
    return found


def _audiomentations(clips: np.ndarray, folder: str, repeats: int) -> Times:
    import audiomentations as a

    made = {
        "Gain": a.Gain(p=1),
        "PolarityInversion": a.PolarityInversion(p=1),
        "Clipping": a.ClippingDistortion(p=1),
        "TimeShift": a.Shift(-0.1, 0.1, rollover=False, p=1),
        "Noise, white": a.AddGaussianSNR(p=1),
        "Noise, pink": a.AddColorNoise(min_f_decay=-3.01, max_f_decay=-3.01, p=1),
        "Noise, recordings": a.AddBackgroundNoise(f"{folder}/noises", p=1),
        "Reverb, measured": a.ApplyImpulseResponse(f"{folder}/responses", p=1),
        "BandPass": a.BandPassFilter(p=1),
        "BandLimit": a.LowPassFilter(2000, 4000, p=1),
        "Speed": a.Resample(int(RATE / 1.1), int(RATE / 0.9), p=1),
    }
    seconds = clips.size / RATE
    return {
        name: _best(lambda: [call(samples=clip, sample_rate=RATE) for clip in clips], seconds, repeats)  # noqa: B023
        for name, call in made.items()
    }


def _torch(clips: np.ndarray, folder: str, repeats: int) -> Times:
    import torch
    from parity.originals.libraries import torchaudio

    torchaudio()  # without its compiled part, which asks for a GPU's library
    import torch_audiomentations as t

    torch.set_num_threads(1)
    common = {"p": 1.0, "sample_rate": RATE, "output_type": "tensor"}
    made = {
        "Gain": t.Gain(**common),
        "PolarityInversion": t.PolarityInversion(**common),
        "TimeShift": t.Shift(-0.1, 0.1, rollover=False, **common),
        "Noise, pink": t.AddColoredNoise(min_f_decay=1.0, max_f_decay=1.0, **common),
        "Noise, white": t.AddColoredNoise(min_f_decay=0.0, max_f_decay=0.0, **common),
        "BandPass": t.BandPassFilter(**common),
        "BandLimit": t.LowPassFilter(2000, 4000, **common),
    }
    batch = torch.from_numpy(clips)[:, None]
    seconds = clips.size / RATE
    return {name: _best(lambda: call(batch), seconds, repeats) for name, call in made.items()}  # noqa: B023


if __name__ == "__main__":
    main()
