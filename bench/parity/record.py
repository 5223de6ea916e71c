"""Recordings of what the originals return on one difficult signal, for the tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import sonogram
from parity.composites import spread
from parity.measure import difference, engines
from parity.original import ORIGINALS, Run
from parity.signals import chirp, composite

__all__ = ["cases", "growth", "record", "record_golden", "recorded"]

FIGURES = Path(__file__).with_name("figures.json")
"""Errors of the engines on the machine that wrote the recordings."""
GROWTH = 3.0
SHORT_SECONDS = 0.131
MAX_GOLDEN_VALUES = 50_000
MAX_VALUES = 25_000
"""Number of features in one recording; of wider spectrograms only the short clip is kept."""


def cases(samples: NDArray[np.int16], sample_rate: int) -> dict[str, NDArray[np.int16]]:
    """Return the clips that can be recorded: the composite signal, its beginning, and the signal twice."""
    short = samples[: int(SHORT_SECONDS * sample_rate) | 1]
    return {"whole": samples, "short": short, "twice": np.tile(samples, 2)}


def recorded(folder: Path, name: str) -> dict[str, NDArray[np.float32]]:
    """Return what the original of a preset returned, for each case that it accepts."""
    with np.load(folder / f"{name}.npz") as arrays:
        return {case: arrays[case] for case in arrays.files if case != "meta"}


def record(folder: Path, names: Sequence[str]) -> None:
    """Write the signals, one recording for each of these presets that has an original, and the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    rates = sorted({int(sonogram.preset(name).sample_rate) for name in ORIGINALS})
    np.savez_compressed(folder / "signals.npz", **{str(rate): composite(rate) for rate in rates})
    for name in names:
        if name not in ORIGINALS or ORIGINALS[name][0].computed:
            continue
        original = ORIGINALS[name][0]
        definition = sonogram.preset(name)
        rate = int(definition.sample_rate)
        wanted = {}
        for case, clip in cases(composite(rate), rate).items():
            if case == "twice" and wanted:  # only for what accepts nothing shorter
                continue
            features = _run(original.run, spread(definition, clip))
            if features is not None and (features.size <= MAX_VALUES or case == "twice"):
                wanted[case] = features
        meta = {"original": original.versions, "call": original.call, "recipe": "make parity ARGS=--record"}
        np.savez_compressed(folder / f"{name}.npz", meta=json.dumps(meta), **wanted)
    known = json.loads(FIGURES.read_text(encoding="utf-8")) | _measure(folder, names)
    known = {name: known[name] for name in sorted(known)}
    text = json.dumps(known, indent=1).replace("\n   ", " ").replace("\n  ]", "]")
    FIGURES.write_text(text + "\n", encoding="utf-8")


def record_golden(folder: Path, names: Sequence[str]) -> None:
    """Write what the originals of these presets return for `chirp`; see tests/golden/README.md."""
    for name in names:
        original = ORIGINALS[name][0]
        rate = int(sonogram.preset(name).sample_rate)
        clip = chirp(rate)
        features = np.asarray(original.run(clip.astype(np.float32) / 32768), np.float32)
        step = -(-features.size // MAX_GOLDEN_VALUES)
        meta = {
            "name": name,
            "sr": rate,
            "sha256_16": {"chirp": hashlib.sha256(clip.tobytes()).hexdigest()[:16]},
            "numpy": np.__version__,
            "reference": original.versions,
            "call": original.call + (f"; every {step}th bin" if step > 1 else ""),
        }
        kept = np.ascontiguousarray(features[:, ::step])
        np.savez_compressed(folder / f"{name}.npz", features=kept, meta=json.dumps(meta))


def growth(folder: Path, names: Sequence[str]) -> list[str]:
    """Return one line for each error of these presets that is now over three times the one in FIGURES.

    Another processor or library adds in another order, which alone moves float32 noise this much. So a
    line here is a reason to look, not a failure.
    """
    before = json.loads(FIGURES.read_text(encoding="utf-8"))
    return [
        f"{name} on {engine}: max, RMS, relative {now}; were {before[name][engine]}"
        for name, engines_now in _measure(folder, names).items()
        for engine, now in engines_now.items()
        if name in before
        and any(value > GROWTH * old for value, old in zip(now, before[name][engine], strict=True))
    ]


def _measure(folder: Path, names: Sequence[str]) -> dict[str, dict[str, list[float]]]:
    """Return the largest, RMS and relative error of each engine on the recordings of these presets."""
    figures: dict[str, dict[str, list[float]]] = {}
    for name in sorted(name for name in names if (folder / f"{name}.npz").is_file()):
        definition, wanted = sonogram.preset(name), recorded(folder, name)
        rate = int(definition.sample_rate)
        clips = {
            case: spread(definition, clip).astype(np.float32) / 32768
            for case, clip in cases(composite(rate), rate).items()
            if case in wanted
        }
        for engine in engines():
            found = [
                difference(ORIGINALS[name][0], definition(clip, engine), wanted[case], clip)
                for case, clip in clips.items()
            ]
            worst = [max(getattr(one, key) for one in found) for key in ("largest", "rms", "relative")]
            rounded = [float(f"{value:.2g}") for value in np.nan_to_num(worst)]
            figures.setdefault(name, {})[engine] = rounded
    return figures


def _run(run: Run, clip: NDArray[np.int16]) -> NDArray[np.float32] | None:
    """Return what an original returns; None where it does not accept so short a clip."""
    try:
        return np.asarray(run(clip.astype(np.float32) / 32768), np.float32)
    except Exception:  # each original has its own error
        return None
