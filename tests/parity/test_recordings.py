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
from parity import originals as _originals  # noqa: F401 - fills the registry
from parity.bounds import compare
from parity.composites import spread
from parity.measure import difference
from parity.original import ORIGINALS, Original
from parity.record import cases, recorded
from parity.signals import composite

import sonogram as sg
from sonogram.engines import native

RECORDINGS = Path(__file__).with_name("recordings")
NAMES = sorted({path.stem for path in RECORDINGS.glob("*.npz")} - {"signals"})
COMPUTED = [each for originals in ORIGINALS.values() for each in originals if each.computed]
LONG = 4096
"""Frames of which a portable matrix takes seconds to build; other tests compare the engines on them."""


@cache
def clips(sample_rate: int) -> dict[str, NDArray[np.int16]]:
    with np.load(RECORDINGS / "signals.npz") as arrays:
        return cases(arrays[str(sample_rate)], sample_rate)


def test_every_preset_has_a_recording_or_a_formula() -> None:
    presets = {*sg.preset_names(), *sg.presets.bundle_preset_names()}
    assert {*NAMES, *(each.preset for each in COMPUTED)} == presets


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
    definition = sg.preset(name)
    if definition.frame_length >= LONG and engine in engine_names.TENSOR:
        pytest.skip("the frames are long")
    original = recorded(RECORDINGS, name)
    for case, clip in clips(int(definition.sample_rate)).items():
        if case not in original:
            continue
        samples = spread(definition, clip)
        got = difference(
            ORIGINALS[name][0],
            definition(samples, engine),
            original[case],
            samples / np.float32(32768),
        )
        assert got.share <= 1, f"{case} clip: {got}"


@pytest.mark.parametrize("original", COMPUTED, ids=lambda original: original.preset)
def test_engines_agree_with_the_published_formula(original: Original) -> None:
    definition = sg.preset(original.preset)
    rate = int(definition.sample_rate)
    whole = {} if definition.frame_length > LONG else clips(rate)
    hard = {
        "short": clips(rate)["short"],
        **whole,
        "silence": np.zeros(rate // 8 + 1, np.int16),
        "constant": np.full(rate // 8 + 1, 8192, np.int16),
        "two samples": np.array([20000, -5], np.int16),
    }
    for label, clip in hard.items():
        samples = spread(definition, clip).astype(np.float32) / 32768
        try:
            wanted = original.run(samples)
        except ValueError:
            assert not definition(samples).size, label  # shorter than a frame
            continue
        for engine in ("numpy", "native") if native.available() else ("numpy",):
            got = difference(original, definition(samples, engine), wanted, samples)
            assert got.share <= 1, f"{label} on {engine}: {got}"


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
