"""Several front ends, and several channels, in exported models: built-in operators, any length."""

from pathlib import Path

import keras
import numpy as np
import pytest
import signals
from numpy.typing import NDArray

import sonogram as sg
from sonogram.exporting import export
from sonogram.exporting.cases import comparison_cases
from sonogram.exporting.model import ModelInput
from sonogram.exporting.runner import run

RATE = 8000
CENTER = sg.padding.Center(mode="constant")
FINE, COARSE = (
    sg.Frontend(RATE, n, 100, padding=CENTER, bands=sg.bands.Mel(8), scaling=sg.scaling.Log(offset=1e-6))
    for n in (512, 256)
)
BINS = sg.Frontend(RATE, 256, 128, padding=CENTER, spectrum=sg.spectrum.Complex())
LOUD = sg.Frontend(RATE, 256, 128, padding=CENTER, bands=sg.bands.Mel(6), scaling=sg.scaling.Decibels())
BUNDLES = (
    (sg.Bundle((FINE, COARSE), along="channels"), 1e-3),
    (sg.Bundle((FINE, COARSE.replace(bands=sg.bands.Mel(5)))), 1e-3),
)
# Decibels and phases of float32 sums; a bin 40 dB below the loudest has a phase of 1e-3 at best.
SPATIAL = (
    (sg.Spatial(LOUD, offset=1e-8), 1e-3),
    (sg.Spatial(BINS, sg.spatial.Intensity(sg.bands.Mel(6))), 1e-4),
    (sg.Spatial(BINS, sg.spatial.CrossCorrelation(16)), 1e-3),
    (sg.Spatial(BINS, sg.spatial.PhaseDifference()), 1e-2),
)
SIZES = ((2, 12_345), (1, 4096), (3, 1999))


def clips(batch: int, size: int, channels: int | None) -> NDArray[np.float32]:
    if channels is None:
        return np.stack([signals.noise(size, seed) for seed in range(batch)])
    sound = np.stack([signals.noise(size + channels, seed) for seed in range(batch)])
    return np.stack([(0.9**k * sound[:, channels - k :])[:, :size] for k in range(channels)], axis=1)


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", ["litert", "onnx"])
@pytest.mark.parametrize("cases", [BUNDLES, SPATIAL], ids=["bundles", "spatial"])
def test_exported_features_are_those_of_the_reference(
    cases: tuple[tuple[sg.Bundle | sg.Spatial, float], ...], form: str, tmp_path: Path
) -> None:
    channels = cases[0][0].channels
    samples = keras.Input((None,) if channels is None else (channels, None))
    outputs = [sg.layers.Spectrogram(each)(samples) for each, _ in cases]
    keras.Model(samples, outputs).save(tmp_path / "model.keras")
    report = export(sg.load_model(tmp_path / "model.keras"), tmp_path / "exported", form)
    axes = ["batch", "samples"] if channels is None else ["batch", channels, "samples"]
    assert report.inputs == {"samples": {"dtype": "float32", "shape": axes}}
    assert not [each for each in report.operators if "flex" in each.lower() or "custom" in each.lower()]
    assert report.frontends == tuple(each.fingerprint for each, _ in cases)
    batches = [clips(*size, channels) for size in SIZES]
    results, _ = run(form, tmp_path / "exported", [{"samples": batch} for batch in batches])
    for batch, found in zip(batches, results, strict=True):
        for index, (each, bound) in enumerate(cases):
            want = each(batch, "numpy")
            got = found[f"output_{index}"]
            assert got.shape == want.shape == (len(batch), each.num_frames(batch.shape[-1]), *each.shape)
            np.testing.assert_allclose(got, want, atol=bound, rtol=1e-4)


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_networks_on_several_front_ends_are_rounded(form: str, tmp_path: Path) -> None:
    samples = keras.Input((None,))
    features = sg.layers.Spectrogram(BUNDLES[1][0], name="front")(samples)
    outputs = keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(64, 5)(features))
    path = tmp_path / "model"
    report = export(keras.Model(samples, outputs), path, form, quantize="float16")
    assert report.quantize == "float16"
    assert report.max_error < 2e-3


def test_channels_that_are_compared_differ() -> None:
    cases = comparison_cases([ModelInput("samples", (None, 3, None), "float32")], RATE, None)
    single = cases[0]["samples"]
    assert single.shape[1] == 3
    for channel in (1, 2):
        earlier = 0.9**channel * single[0, 0, channel:]
        np.testing.assert_allclose(single[0, channel, :-channel], earlier, rtol=1e-6)
        assert np.abs(earlier).max() > 0
        assert not single[0, channel, -channel:].any()


def test_lengths_and_other_inputs_keep_their_values() -> None:
    inputs = [ModelInput("samples", (None, 2, None), "float32"), ModelInput("lengths", (None,), "int32")]
    case = comparison_cases(inputs, RATE, [np.ones(50, np.float32), np.ones(80, np.float32)])[2]
    np.testing.assert_array_equal(case["lengths"], [50, 80])
    assert case["samples"].shape == (2, 2, 80)
