"""A bank of tones, made with a tiny network in a file."""

import json
from pathlib import Path

import keras
import numpy as np

import sonogram as sg

RATE = 8000
PITCHES = {"low": 300, "middle": 900, "high": 2500}


def tone(label: str, seconds: float, seed: int) -> np.ndarray:
    """Return a tone about the pitch of a label, in noise."""
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * PITCHES[label] * rng.uniform(0.99, 1.01) * np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(phase) + 0.01 * rng.standard_normal(len(phase))).astype(np.float32)


def make_bank(place: Path) -> None:
    """Write a network, recordings, and their bank: windows of 1 s, every 0.5 s."""
    front = sg.layers.Spectrogram(
        sg.Frontend(RATE, 256, 128, bands=sg.bands.Mel(20), scaling=sg.scaling.Decibels())
    )
    pool = keras.layers.GlobalAveragePooling1D()
    keras.Sequential([keras.Input((RATE // 2,)), front, pool]).save(place / "own.keras")
    (place / "own.json").write_text(json.dumps({"sample_rate": RATE}))
    sounds = place / "sounds"
    sounds.mkdir()
    # The first recording has one sound after the other: 0-2 s low, 2-4 s high, 4-5.3 s middle.
    parts = [tone("low", 2, 0), tone("high", 2, 1), tone("middle", 1.3, 2)]
    sg.save(sounds / "long.wav", np.concatenate(parts), RATE)
    for number, label in enumerate(("low", "middle", "high", "low", "middle", "high")):
        sg.save(sounds / f"{label}{number // 3}.wav", tone(label, 0.7, 10 + number), RATE)
    (sounds / "broken.wav").write_bytes(b"no sound")
    report = sg.embed([sounds], place / "bank", str(place / "own.keras"), window=1.0)
    assert (report.done, len(report.failed)) == (7, 1)
