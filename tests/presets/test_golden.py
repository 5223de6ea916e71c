"""Every preset against what the original returned; see tests/golden/README.md."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import engine_names
import numpy as np
import pytest
import signals
from agreement import assert_agrees
from numpy.typing import NDArray

import sonogram as sg

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
ONE_SECOND = (
    "mlperf-tiny-kws",
    "mlperf-tiny-lfbe",
    "openl3-mel-256",
    "tf-simple-audio",
    "tf-speech-commands",
)
PEAK_SCALED = ("mlperf-tiny-kws", "mlperf-tiny-lfbe")

# Large recordings of which a part is kept.
PARTS = {
    "htdemucs": np.s_[:, ::16],
    "mdx-net": np.s_[:, ::8],
    "mert-cqt": np.s_[::2],
    "mt3": np.s_[::4],
    "open-unmix": np.s_[:, ::16],
    "pesto": np.s_[::2],
    "piano-transcription": np.s_[::2],
    "spleeter": np.s_[:, ::4],
    "vits-linear": np.s_[:, ::4],
}

# Originals that compute in float64 throughout and round once, at the end.
FLOAT64 = (
    "clap-fused",
    "clap-unfused",
    "clvp",
    "medasr",
    "pop2piano",
    "speecht5",
    "tf-speech-commands",
    "univnet",
    "vggish",
)


@cache
def recorded(name: str) -> tuple[NDArray[np.float32], dict[str, Any]]:
    with np.load(GOLDEN / f"{name}.npz") as arrays:
        return arrays["features"], json.loads(str(arrays["meta"]))


@cache
def clip(name: str) -> NDArray[np.float32]:
    rate = sg.preset(name).sample_rate
    samples = signals.to_float(signals.chirp(rate))
    samples = samples[:rate] if name in ONE_SECOND else samples
    return samples / samples.max() if name in PEAK_SCALED else samples


def test_every_preset_has_a_recording() -> None:
    parts = {"filterbanks", "windows"}
    assert {path.stem for path in GOLDEN.glob("*.npz")} - parts == {
        *sg.preset_names(),
        *sg.presets.micro_preset_names(),
        *sg.presets.bundle_preset_names(),
    }
    assert len(sg.preset_names()) == 110


@pytest.mark.parametrize("name", sg.preset_names())
def test_the_signal_is_the_one_of_the_original(name: str) -> None:
    frontend, (_, meta) = sg.preset(name), recorded(name)
    assert frontend.sample_rate == meta["sr"]
    digest = hashlib.sha256(signals.chirp(frontend.sample_rate).tobytes()).hexdigest()
    assert digest[:16] == meta["sha256_16"]["chirp"]


# librosa's own transform is an approximation of the definition; see tests/test_transform.py.
EXACT = [name for name in sg.preset_names() if name not in ("librosa-cqt", "librosa-chroma-cqt")]


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("name", EXACT)
def test_preset_returns_what_the_original_returned(name: str, engine: str) -> None:
    frontend, samples = sg.preset(name), clip(name)
    features = frontend(samples, engine)[PARTS.get(name, ...)]
    want = recorded(name)[0]
    if name == "edge-impulse-mfe":  # 256 of 256 overflows to 0 in the original
        want = np.where((features == 1) & (want == 0), 1, want)
    assert_agrees(frontend, samples, features, want)


@pytest.mark.parametrize("name", [name for name in EXACT if sg.preset(name).streamable])
def test_streamed_preset_returns_what_the_original_returned(name: str) -> None:
    frontend, samples = sg.preset(name), clip(name)
    stream = sg.Stream(frontend, "numpy")
    pieces = [stream.push(chunk) for chunk in np.array_split(samples, 37)]
    features = np.concatenate([*pieces, stream.finish()])
    assert_agrees(frontend, samples, features[PARTS.get(name, ...)], recorded(name)[0])
    np.testing.assert_array_equal(features, frontend(samples, "numpy"))


@pytest.mark.parametrize("name", FLOAT64)
def test_numpy_equals_originals_in_float64_to_the_last_digits(name: str) -> None:
    features = sg.preset(name)(clip(name), "numpy")
    # A float32 above 1 is no finer than 6e-8 of itself: decibels of -60 are 4e-6 apart.
    np.testing.assert_allclose(features, recorded(name)[0], rtol=1e-6, atol=1e-6)


def _speech2text(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return (x - x.mean(axis=0)) / x.std(axis=0)


def _seamless(x: NDArray[np.float32]) -> NDArray[np.float32]:
    x = np.asfortranarray(x)  # the order in memory decides how a float32 mean is rounded
    normalized = (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + np.float32(1e-7))
    return normalized.reshape(len(x) // 2, -1)


@pytest.mark.parametrize(("name", "original"), [("speech2text", _speech2text), ("seamless-m4t", _seamless)])
def test_numpy_equals_originals_in_float64_that_normalize_in_float32(
    name: str, original: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> None:
    plain = dataclasses.replace(sg.preset(name), normalize=None, stack=None)
    features = original(plain(clip(name), "numpy"))
    # Float32 logarithms of 16 and more are 1.9e-6 apart. Two of them (value and mean) are each off by up
    # to one step, and are divided by a band's deviation of at least 0.39: 2 * 1.9e-6 / 0.39.
    np.testing.assert_allclose(features, recorded(name)[0], rtol=1e-6, atol=1e-5)
