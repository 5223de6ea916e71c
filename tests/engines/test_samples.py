"""Samples that no engine can take, through every entrance: the type and the axis of channels."""

import dataclasses
from collections.abc import Callable
from typing import Any

import engine_names
import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.exporting.cases import check_clips
from sonogram.inference.scoring import check_samples

PLAIN = sg.Frontend(22050, 400, 160)
CENTERED = dataclasses.replace(PLAIN, padding=sg.padding.Center())
SAMPLES = signals.noise(22050)
INTEGERS = np.round(SAMPLES * 20000).astype(np.int16)
ENTRANCES: dict[str, Callable[[Any], Any]] = {
    **{engine: lambda x, engine=engine: PLAIN(x, engine) for engine in engine_names.present()},
    "stft": PLAIN.stft,
    "stream": lambda x: sg.Stream(PLAIN).push(x),
    "predictor": check_samples,
    "export": lambda x: check_clips([x])[0],
    "resample": lambda x: sg.audio.resample(x, 22050, 16000),
    "resampler": lambda x: sg.audio.Resampler(22050, 16000).push(x),
    "resynthesis": lambda x: sg.resynthesize(x, PLAIN, 1).samples,
}
CHANNELS_LAST = ["numpy", "native", "graph", "portable", "stft", "stream", "resynthesis"]
CHANNELS_LAST = [name for name in CHANNELS_LAST if name in ENTRANCES]


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_16_bit_integers_are_scaled(entrance: str) -> None:
    take = ENTRANCES[entrance]
    want = np.asarray(take(INTEGERS / np.float32(32768)))
    for order in "<>":
        got = np.asarray(take(INTEGERS.astype(f"{order}i2")))
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4 * np.abs(want).max())


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int64", ">i4", "bool", "complex64"])
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_other_types_are_refused(entrance: str, dtype: str) -> None:
    with pytest.raises(sg.SonogramError, match=r"floating point in \[-1, 1\] or 16-bit integers; got"):
        ENTRANCES[entrance](INTEGERS.astype(dtype))


@pytest.mark.parametrize("channels", [1, 2, 16])
@pytest.mark.parametrize("entrance", CHANNELS_LAST)
def test_channels_last_are_refused(entrance: str, channels: int) -> None:
    """As soundfile.read and tf.audio.decode_wav give them."""
    recording = np.tile(SAMPLES[:, None], channels)
    with pytest.raises(sg.SonogramError, match=rf"\(22050, {channels}\).*(samples\[\.\.\., 0\]|moveaxis)"):
        ENTRANCES[entrance](recording)


@pytest.mark.parametrize("engine", engine_names.ALL)
def test_a_centered_frame_of_channels_is_refused(engine: str) -> None:
    with pytest.raises(sg.SonogramError, match=r"moveaxis\(samples, -1, -2\)"):
        CENTERED(np.zeros((3, 22050, 2)), engine)
    stereo = np.moveaxis(np.stack([SAMPLES, SAMPLES / 2], -1), -1, -2)
    assert CENTERED(stereo, engine).shape[0] == 2


@pytest.mark.parametrize(
    "shape",
    [(1, 2), (512, 1), (999, 16), (3, 4, 1), (22050, 0), (2000, 17), (2000, 399), (2000, 160)],
)
def test_batches_of_short_clips_remain_valid(shape: tuple[int, ...]) -> None:
    frames = sg.Frontend(22050, 400, 160).num_frames(shape[-1])
    assert PLAIN(np.zeros(shape, np.float32)).shape == (*shape[:-1], frames, 257)


def test_clips_of_a_whole_step_remain_valid() -> None:
    assert sg.Frontend(22050, 8, 4)(np.zeros((2000, 4))).shape == (2000, 0, 5)
    assert sg.Frontend(22050, 2, 8)(np.zeros((2000, 3))).shape == (2000, 1, 2)
    assert sg.Frontend(22050, 2, 8)(np.zeros((2000, 2))).shape == (2000, 1, 2)
