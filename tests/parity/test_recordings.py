"""Every engine agrees with the originals on one difficult signal, within the published bounds.

The signal holds digital silence, a click, a DC offset, clipping and an odd number of samples; see
bench/parity/signals.py. `make parity ARGS=--record` wrote the recordings with the originals installed.
The bounds are those of bench/parity/bounds.py. They hold on every processor: how much of a bound an
engine takes depends on the order of additions, so a comparison with one machine's figures is no test
(`make parity` prints one).
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import engine_names
import numpy as np
import pytest
from numpy.typing import NDArray
from parity.bounds import compare
from parity.record import cases, recorded
from parity.signals import composite

import sonogram as sg

RECORDINGS = Path(__file__).with_name("recordings")
NAMES = sorted({path.stem for path in RECORDINGS.glob("*.npz")} - {"signals"})
# Presets whose original `make parity` does not run. `tests/golden` has a recording of the chirp for each.
WITHOUT_ORIGINAL = {
    *("asvspoof2021-lfcc", "dcase2023-task2", "funasr-paraformer", "kaldi-mfcc-39"),
    *(
        "librosa-cqt",
        "mert-cqt",
        "nnaudio-cqt",
        "pesto",
        "speechbrain-mfcc",
        "beat-this",
        "byol-a",
        "dnsmos-p808",
        "essentia-barkbands",
        "flashlight-mfsc",
    ),
    *("madmom-chord", "madmom-deep-chroma", "mlperf-tiny-kws", "mlperf-tiny-lfbe"),
    *("mt3", "musicfm", "nisqa", "onsets-and-frames", "open-unmix", "perch-pcen", "piano-transcription"),
    *("resemblyzer", "rmvpe", "spleeter", "styletts2", "torchaudio-lfcc"),
    *("vits-linear", "voxceleb-trainer", "wespeaker", "kaldi-mfcc-13-sliding", "asvspoof-lfcc-lcnn"),
    *("htdemucs", "madmom-rnn-beat-online", "librosa-mfcc-39", "matplotlib-specgram"),
    *("rnnoise", "edge-impulse-mfe", "librosa-chroma-cqt"),
}


@cache
def clips(sample_rate: int) -> dict[str, NDArray[np.int16]]:
    with np.load(RECORDINGS / "signals.npz") as arrays:
        return cases(arrays[str(sample_rate)], sample_rate)


def test_every_preset_with_an_original_has_a_recording() -> None:
    assert set(NAMES) | WITHOUT_ORIGINAL == set(sg.preset_names())


def test_the_recorded_signals_follow_their_recipe() -> None:
    with np.load(RECORDINGS / "signals.npz") as arrays:
        for rate in arrays.files:
            # Mathematical libraries differ in the last digit of a sine: one step of 16 bits at most.
            made = composite(int(rate)).astype(np.int32)
            assert np.abs(made - arrays[rate]).max() <= 1, rate
            assert len(made) % 2, "the signal has an odd number of samples"


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("name", NAMES)
def test_engine_agrees_with_the_original_within_the_bounds(name: str, engine: str) -> None:
    frontend = sg.preset(name)
    original = recorded(RECORDINGS, name)
    for case, clip in clips(int(frontend.sample_rate)).items():
        difference = compare(frontend, frontend(clip, engine), original[case], clip / np.float32(32768))
        assert difference.share <= 1, f"{case} clip: {difference}"


def test_a_small_change_of_the_definition_breaks_a_bound() -> None:
    """The comparison must be able to fail: one field of the definition off by a little is enough."""
    frontend = sg.preset("whisper-80")
    clip = clips(16000)["whole"]
    wanted, samples = recorded(RECORDINGS, "whisper-80")["whole"], clip / np.float32(32768)
    assert compare(frontend, frontend(samples, "numpy"), wanted, samples).share < 0.5
    for changed in (
        replace(frontend, window=sg.windows.Hann(symmetry="symmetric")),
        replace(frontend, bands=replace(frontend.bands, lower_hz=1)),
        replace(frontend, padding=sg.padding.Center(mode="symmetric", last_frame="drop")),
        replace(frontend, scaling=replace(frontend.scaling, dynamic_range=7.99)),
    ):
        assert compare(frontend, changed(samples, "numpy"), wanted, samples).share > 1, changed
