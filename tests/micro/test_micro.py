"""The integer front end against recordings of TensorFlow's, and against its operation on hard signals."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import signals
from numpy.typing import NDArray

import sonogram as sg
from sonogram.micro import GainControl, MicroFrontend, NoiseReduction

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
PRESETS = sg.presets.micro_preset_names()


def recorded(name: str) -> NDArray[np.float32]:
    with np.load(GOLDEN / f"{name}.npz") as arrays:
        return arrays["features"]


@pytest.mark.parametrize("name", PRESETS)
def test_preset_returns_the_bits_of_the_original(name: str) -> None:
    samples = signals.chirp(16000)
    np.testing.assert_array_equal(sg.preset(name)(samples), recorded(name))
    np.testing.assert_array_equal(sg.preset(name)(signals.to_float(samples)), recorded(name))


def hard(num_samples: int) -> dict[str, NDArray[np.int16]]:
    """Signals that fill the integers to their limits, by name."""
    t, rng = np.arange(num_samples), np.random.default_rng(5)
    waves = {name: np.clip(x * 32768, -32768, 32767) for name, x in signals.extremes(num_samples).items()}
    waves["lowest"] = np.full(num_samples, -32768)
    waves["alternating"] = np.where(t % 2, 32767, -32768)
    waves["loud noise"] = np.clip(20000 * rng.standard_normal(num_samples), -32768, 32767)
    waves["last bit"] = rng.integers(-1, 2, num_samples)
    waves["eventful"] = 30000 * signals.eventful(num_samples)
    return {name: x.astype(np.int16) for name, x in waves.items()}


CASES = {
    "default": ({}, MicroFrontend(16000, 400, 160, num_mel_bins=32)),
    "long frames": (
        {"window_size": 60, "window_step": 20, "num_channels": 60},
        MicroFrontend(16000, 960, 320, num_mel_bins=60),
    ),
    "high rate": (
        {"sample_rate": 48000, "window_size": 20, "upper_band_limit": 20000.0, "lower_band_limit": 0.0},
        MicroFrontend(48000, 960, 480, num_mel_bins=32, lower_hz=0, upper_hz=20000),
    ),
    "empty bands": (
        {"num_channels": 120, "lower_band_limit": 20.0},
        MicroFrontend(16000, 400, 160, num_mel_bins=120, lower_hz=20),
    ),
    "no gain": ({"enable_pcan": False}, MicroFrontend(16000, 400, 160, num_mel_bins=32, gain_control=None)),
    "no logarithm": (
        {"enable_log": False, "window_size": 4, "window_step": 2, "num_channels": 4},
        MicroFrontend(16000, 64, 32, num_mel_bins=4, log_bits=None),
    ),
    "gain beyond 16 bits": (
        {"pcan_strength": 0.7, "pcan_offset": 20.0, "gain_bits": 20, "scale_shift": 8},
        MicroFrontend(16000, 400, 160, num_mel_bins=32, gain_control=GainControl(0.7, 20, 20), log_bits=8),
    ),
    "other noise": (
        {"smoothing_bits": 8, "even_smoothing": 0.1, "odd_smoothing": 0.3, "min_signal_remaining": 0.2},
        MicroFrontend(16000, 400, 160, num_mel_bins=32, noise_reduction=NoiseReduction(8, 0.1, 0.3, 0.2)),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_features_are_those_of_tensorflow_on_hard_signals(case: str) -> None:
    operations = pytest.importorskip(
        "tensorflow.lite.experimental.microfrontend.python.ops.audio_microfrontend_op"
    )
    import tensorflow as tf

    arguments, frontend = CASES[case]
    for name, samples in hard(12001).items():
        expected = operations.audio_microfrontend(tf.constant(samples), **arguments).numpy()
        np.testing.assert_array_equal(frontend.integers(samples), expected, name)


def test_any_pieces_give_the_bits_of_the_whole() -> None:
    frontend = sg.preset("micro-speech")
    samples = np.stack([signals.chirp(16000)[:9000], (signals.noise(9000) * 32768).astype(np.int16)])
    whole = frontend(samples)
    for sizes in ([1] * 700, [479, 1, 320, 0, 5000], [9000]):
        stream = sg.Stream(frontend)
        ends = np.cumsum([0, *sizes, 9000 - sum(sizes)])
        pieces = [stream.push(samples[:, a:b]) for a, b in itertools.pairwise(ends)]
        np.testing.assert_array_equal(np.concatenate([*pieces, stream.finish()], axis=1), whole)
        for given, a, b in zip(pieces, ends[:-1], ends[1:], strict=True):  # as early as the latency promises
            ready = int(np.sum(np.floor(frontend.times(28) * 16000) + frontend.latency <= b))
            before = int(np.sum(np.floor(frontend.times(28) * 16000) + frontend.latency <= a))
            assert given.shape == (2, min(ready, 27) - min(before, 27), 40)


def test_features_of_a_clip_do_not_depend_on_batch_blocks_or_padding() -> None:
    frontend = sg.MicroFrontend(frame_step=20)
    clips = np.stack([signals.chirp(16000)[:12000], np.roll(signals.chirp(16000), 999)[:12000]])
    batch = frontend(clips[None], lengths=np.array([[12000, 5000]]))
    np.testing.assert_array_equal(batch[0, 0], frontend(clips[0]))
    np.testing.assert_array_equal(batch[0, 1, : frontend.num_frames(5000)], frontend(clips[1, :5000]))
    assert not batch[0, 1, frontend.num_frames(5000) :].any()


@pytest.mark.parametrize("num_samples", [0, 1, 479, 480, 799, 800])
def test_short_clips_have_the_frames_that_are_counted(num_samples: int) -> None:
    frontend = sg.preset("micro-speech")
    assert frontend(np.zeros(num_samples)).shape == (frontend.num_frames(num_samples), 40)


def test_definitions_survive_their_json(tmp_path: Path) -> None:
    frontend = sg.MicroFrontend(8000, 256, 128, upper_hz=3500, gain_control=None, log_bits=None)
    plain = json.loads(json.dumps(frontend.to_dict()))
    assert sg.MicroFrontend.from_dict(plain) == frontend
    assert sg.MicroFrontend.from_dict(frontend.to_dict(defaults=True)).fingerprint == frontend.fingerprint
    (tmp_path / "mine.json").write_text(json.dumps(plain), encoding="utf-8")
    assert sg.preset(tmp_path / "mine.json") == frontend
    assert frontend.fingerprint != sg.MicroFrontend().fingerprint
    assert sg.MicroFrontend.from_dict(sg.preset("micro-speech").to_dict()) == sg.preset("micro-speech")


def test_a_released_preset_never_changes() -> None:
    digests = {name: sg.preset(name).fingerprint[:16] for name in PRESETS}
    assert digests == {"micro-speech": "3666d9d73dc88a99", "microwakeword": "4ed18336dfa8b4b3"}


def test_a_band_holds_a_tone_at_its_center() -> None:
    frontend = sg.preset("microwakeword").replace(gain_control=None, log_bits=None)
    for band in (5, 20, 35):
        tone = 0.01 * np.sin(2 * np.pi * frontend.frequencies[band] / 16000 * np.arange(8000))
        assert int(np.argmax(frontend(tone)[0])) == band


def test_tensors_pass_through_pipelines_and_models() -> None:
    tf = pytest.importorskip("tensorflow")
    frontend, samples = sg.preset("micro-speech"), signals.chirp(16000)
    clips = tf.data.Dataset.from_tensors(samples).map(frontend)
    assert clips.element_spec.shape == (99, 40)
    np.testing.assert_array_equal(next(iter(clips)), frontend(samples))
    traced = tf.function(frontend, input_signature=[tf.TensorSpec((None, None), tf.int16)])
    np.testing.assert_array_equal(traced(samples[None]), frontend(samples)[None])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"frame_length": 480.5}, "whole number from 16 to 16384; got 480.5"),
        ({"frame_step": 500}, "frame_step must be a whole number from 1 to 480"),
        ({"upper_hz": 8000}, "half the sample rate"),
        ({"gain_control": GainControl(gain_bits=12)}, "gain_bits must be at least 15"),
        ({"noise_reduction": NoiseReduction(1)}, "scaling_bits must be at least 3"),
        ({"log_bits": 12}, "log_bits"),
    ],
)
def test_invalid_fields_are_named(fields: dict[str, object], words: str) -> None:
    with pytest.raises(sg.DefinitionError, match=words):
        MicroFrontend(**fields)


def test_what_it_cannot_do_is_one_line() -> None:
    frontend = sg.preset("micro-speech")
    with pytest.raises(sg.SonogramError, match="one engine"):
        sg.Stream(frontend, "native")
    with pytest.raises(sg.SonogramError, match="no operations in a model"):
        sg.layers.Spectrogram(frontend)
    stream = sg.Stream(frontend)
    stream.finish()
    with pytest.raises(sg.SonogramError, match="finished"):
        stream.push(np.zeros(3))
