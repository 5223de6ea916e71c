"""Front ends in exported models: the same numbers in every runtime, without the package."""

import dataclasses
import json
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
import signals
from agreement import assert_agrees
from contract import EVERY_STAGE
from formats import TRIED
from numpy.typing import NDArray

import sonogram as sg
from sonogram.exporting import export
from sonogram.exporting.runner import run

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ONE_SECOND = ("openl3-mel-256", "tf-simple-audio", "tf-speech-commands")


@cache
def recorded(name: str) -> NDArray[np.float32]:
    with np.load(GOLDEN / f"{name}.npz") as arrays:
        features: NDArray[np.float32] = arrays["features"]
        return features


@cache
def samples_of(name: str) -> NDArray[np.float32]:
    rate = sg.preset(name).sample_rate
    samples = signals.to_float(signals.chirp(rate))
    return samples[:rate] if name in ONE_SECOND else samples


def magnitude(frontend: sg.Frontend) -> sg.Frontend:
    """The same without all that follows |X|."""
    return dataclasses.replace(
        frontend,
        spectrum=sg.spectrum.Magnitude(),
        bands=None,
        scaling=None,
        cepstrum=None,
        normalize=None,
        stack=None,
    )


FEATURES = [sg.preset(name) for name in EVERY_STAGE]
MAGNITUDES = list(dict.fromkeys(map(magnitude, FEATURES)))
SIZES = [(8, 12_345), (1, 4096), (2, 2047), (2, 1), (3, 1600)]


def loud_and_quiet() -> NDArray[np.float32]:
    """A batch with one clip 80 dB below its neighbors."""
    batch = np.stack([signals.noise(20_001, seed) for seed in range(3)])
    batch[1] *= 1e-4
    return batch


def of_size(batch: int, num_samples: int) -> NDArray[np.float32]:
    return np.stack([signals.noise(num_samples, seed) for seed in range(batch)])


@dataclasses.dataclass(frozen=True)
class Exported:
    """What a model of the eight, and of |X| of each, gave in the runtime of a format."""

    form: str
    path: Path
    recorded: list[list[NDArray[np.float32]]]
    loud_and_quiet: list[NDArray[np.float32]]
    of_sizes: list[list[NDArray[np.float32]]]


@pytest.fixture(scope="module", params=TRIED)
def eight(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("eight")
    samples = keras.Input((None,))
    outputs = [sg.layers.Spectrogram(each)(samples) for each in [*FEATURES, *MAGNITUDES]]
    keras.Model(samples, outputs).save(folder / "model.keras")
    path = folder / "exported"
    export(sg.load_model(folder / "model.keras"), path, request.param)
    batches = [
        *(samples_of(name)[None] for name in EVERY_STAGE),
        loud_and_quiet(),
        *(of_size(*size) for size in SIZES),
    ]
    results, _ = run(request.param, path, [{"samples": batch} for batch in batches])
    listed = [[each[f"output_{k}"] for k in range(len(each))] for each in results]
    return Exported(request.param, path, listed[:8], listed[8], listed[9:])


def test_features_are_those_of_the_originals(eight: Exported) -> None:
    for index, name in enumerate(EVERY_STAGE):
        assert_agrees(FEATURES[index], samples_of(name), eight.recorded[index][index][0], recorded(name))


def test_magnitudes_are_those_of_the_reference(eight: Exported) -> None:
    # What float32 leaves of a sum: the transform of LiteRT and ONNX is one long sum for each bin.
    bound = 1e-6 if eight.form == "saved-model" else 1e-5
    for frontend, got in zip(MAGNITUDES, eight.loud_and_quiet[len(EVERY_STAGE) :], strict=True):
        want = frontend(loud_and_quiet(), "numpy")
        # A frame may be blank: silent in both, then.
        error = np.abs(got - want).max(axis=-1) / np.maximum(want.max(axis=-1), 1e-30)
        assert error.max() <= bound, frontend


def test_any_batch_and_length_will_do(eight: Exported) -> None:
    for size, outputs in zip(SIZES, eight.of_sizes, strict=True):
        for frontend, got in zip(FEATURES, outputs[: len(EVERY_STAGE)], strict=True):
            want = frontend(of_size(*size), "numpy")
            assert got.shape == want.shape, (size, frontend)
            for clip, each, reference in zip(of_size(*size), got, want, strict=True):
                # A band that a few frames of noise hardly move is normalized by almost nothing.
                if frontend.normalize is None or len(reference) > 8:
                    assert_agrees(frontend, clip, each, reference)


def test_the_report_has_the_figures(eight: Exported) -> None:
    found = json.loads(Path(f"{eight.path}.verification.json").read_text())
    assert found["format"] == eight.form
    assert found["frontends"][: len(EVERY_STAGE)] == [sg.preset(name).fingerprint for name in EVERY_STAGE]
    assert found["inputs"]["samples"]["shape"] == ["batch", "samples"]
    assert found["batches"] == [1, 8]
    assert found["measure"] == "values"
    assert 0 <= found["rms_error"] <= found["max_error"] < 1e-2
    assert found["milliseconds_per_second"] > 0
    assert found["size_bytes"] > 100_000
    standard = {"saved-model": "RFFT", "litert": "FULLY_CONNECTED", "onnx": "MatMul"}
    assert found["operators"][standard[eight.form]] >= 1
    assert not [name for name in found["operators"] if "flex" in name.lower() or "custom" in name.lower()]


@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_transforms_and_derivatives_hold_at_any_length(form: str, tmp_path: Path) -> None:
    transform = sg.transform.ConstantQ(13, 440)
    cepstra = sg.preset("kaldi-mfcc-13")
    frontends = [
        sg.Frontend(16000, transform.min_frame_length(16000), 160, transform=transform),
        dataclasses.replace(cepstra, deltas=sg.deltas.Regression()),
        dataclasses.replace(cepstra, deltas=sg.deltas.SavitzkyGolay()),
        dataclasses.replace(cepstra, stack=sg.stack.Stack(7, "pad", step=6, before=3, edges="repeat")),
        dataclasses.replace(cepstra, stack=sg.stack.Stack(3, step=1, layout="bands")),
    ]
    samples = keras.Input((None,))
    outputs = [sg.layers.Spectrogram(each)(samples) for each in frontends]
    keras.Model(samples, outputs).save(tmp_path / "model.keras")
    export(sg.load_model(tmp_path / "model.keras"), tmp_path / "exported", form)
    results, _ = run(form, tmp_path / "exported", [{"samples": of_size(*size)} for size in SIZES])
    for size, each in zip(SIZES, results, strict=True):
        for index, frontend in enumerate(frontends):
            want = frontend(of_size(*size), "numpy")
            np.testing.assert_allclose(each[f"output_{index}"], want, atol=1e-3, rtol=1e-4)


@pytest.mark.accept
@pytest.mark.parametrize("form", ["litert", "onnx"])
@pytest.mark.parametrize("name", sg.preset_names())
def test_every_preset_can_be_exported(name: str, form: str, tmp_path: Path) -> None:
    frontend = sg.preset(name)
    model = keras.Sequential([keras.Input((None,)), sg.layers.Spectrogram(frontend)])
    report = export(model, tmp_path / "model", form)
    assert report.inputs == {"samples": {"dtype": "float32", "shape": ["batch", "samples"]}}
    ((got,), _) = run(form, tmp_path / "model", [{"samples": samples_of(name)[None]}])
    assert_agrees(frontend, samples_of(name), got["output"][0], frontend(samples_of(name), "numpy"))
