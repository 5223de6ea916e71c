"""`trimAndNormalize` of the JavaScript package is the layer `TrimAndNormalize`."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from numpy.typing import NDArray

from sonogram.layers import TrimAndNormalize
from sonogram.web import built

from .test_engine import NODE, module, needs_node

PAD = 500


def word(rate: int, seconds: float = 0.3, silence: float = 0.2, offset: float = 0.0) -> NDArray[np.float32]:
    """Return a sound that swells between faint noise."""
    rng = np.random.default_rng(0)
    sound = rng.standard_normal(round(seconds * rate)) * np.hanning(round(seconds * rate)) * 0.2
    clip = np.pad(sound, round(silence * rate)) + offset
    return (clip + rng.standard_normal(len(clip)) * 1e-6).astype(np.float32)


def trimmed(clips: list[NDArray[np.float32]], options: dict[str, object]) -> list[NDArray[np.float32]]:
    program = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ trimAndNormalize }} from "{module(built("sonogram.js"))}";
        const {{ clips, options }} = JSON.parse(readFileSync(0));
        const trimmed = clips.map((clip) => trimAndNormalize(Float32Array.from(clip), options));
        console.log(JSON.stringify(trimmed.map((clip) => Array.from(clip))));
    """
    given = json.dumps({"clips": [clip.tolist() for clip in clips], "options": options})
    command = [NODE or "", "--input-type=module", "--eval", program]
    ran = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return [np.float32(clip) for clip in json.loads(ran.stdout)]


@needs_node
@pytest.mark.parametrize(
    "rate", [16000, 22050]
)  # a block has 160 samples, or 220.5, which is rounded to even
@pytest.mark.parametrize(("trim_db", "peak_normalize"), [(40.0, True), (20.0, False), (None, True)])
def test_a_clip_is_trimmed_as_by_the_layer(rate: int, trim_db: float | None, peak_normalize: bool) -> None:
    clips = [
        word(rate),
        word(rate, offset=0.3),
        word(rate, seconds=0.01, silence=0.01),  # shorter than the padding
        word(rate) * np.float32(1e-4),  # only noise, which is not amplified to full scale
        np.zeros(rate, np.float32),
        np.full(rate, 0.1, np.float32),  # about the mean, rounding error is left
        np.zeros(0, np.float32),
    ]
    options = {"sampleRate": rate, "trimDb": trim_db, "peakNormalize": peak_normalize, "pad": PAD}
    layer = TrimAndNormalize(rate, trim_db, peak_normalize, pad=PAD)
    for clip, found in zip(clips, trimmed(clips, options), strict=True):
        samples, lengths = layer([clip[None], np.array([len(clip)])])
        np.testing.assert_allclose(found, np.asarray(samples)[0, : int(lengths[0])], rtol=2e-7)


@needs_node
def test_speech_is_trimmed_at_40_db_and_divided_by_its_peak_by_default() -> None:
    [found] = trimmed([word(16000)], {"sampleRate": 16000})
    samples, lengths = TrimAndNormalize(16000)([word(16000)[None], np.array([11200])])
    assert len(found) == int(lengths[0]) < 5000
    np.testing.assert_allclose(found, np.asarray(samples)[0, : len(found)], rtol=2e-7)
