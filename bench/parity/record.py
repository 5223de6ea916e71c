"""Records what the originals return on one difficult signal, for the tests that run everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import sonogram
from parity.bounds import compare
from parity.measure import engines
from parity.original import ORIGINALS
from parity.signals import composite

__all__ = ["record"]

SHORT_SECONDS = 0.131


def cases(samples: NDArray[np.int16], sample_rate: int) -> dict[str, NDArray[np.int16]]:
    """Returns the clips that are recorded, cut from the composite signal: all of it, and a short one."""
    return {"whole": samples, "short": samples[: int(SHORT_SECONDS * sample_rate) | 1]}


def record(folder: Path) -> None:
    """Writes the signals, one recording for each preset with an original, and the figures of the engines."""
    folder.mkdir(parents=True, exist_ok=True)
    rates = sorted({int(sonogram.preset(name).sample_rate) for name in ORIGINALS})
    np.savez_compressed(folder / "signals.npz", **{str(rate): composite(rate) for rate in rates})
    figures: dict[str, dict[str, list[float]]] = {}
    for name in sonogram.preset_names():
        if name not in ORIGINALS:
            continue
        original, frontend = ORIGINALS[name][0], sonogram.preset(name)
        rate = int(frontend.sample_rate)
        clips = cases(composite(rate), rate)
        wanted = {case: _run(original.run, clip) for case, clip in clips.items()}
        meta = {"original": original.versions, "call": original.call, "recipe": "make parity ARGS=--record"}
        np.savez_compressed(folder / f"{name}.npz", meta=json.dumps(meta), **wanted)
        figures[name] = {}
        for engine in engines():
            found = [
                compare(frontend, frontend(clip, engine), wanted[case], clip.astype(np.float32) / 32768)
                for case, clip in clips.items()
            ]
            worst = [max(getattr(one, key) for one in found) for key in ("largest", "rms", "relative")]
            figures[name][engine] = [float(f"{value:.2g}") for value in np.nan_to_num(worst)]
    text = json.dumps(figures, indent=1).replace("\n   ", " ").replace("\n  ]", "]")
    (folder / "figures.json").write_text(text + "\n", encoding="utf-8")


def _run(run: object, clip: NDArray[np.int16]) -> NDArray[np.float32]:
    return np.asarray(run(clip.astype(np.float32) / 32768), np.float32)  # type: ignore[operator]
