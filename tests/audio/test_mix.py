"""Channels that cancel one another: their mix is nearly silent, which deserves a sentence."""

import warnings

import numpy as np
import pytest

from sonogram.audio import ChannelsCancelWarning, blocks, load


def noise(seed: int, size: int = 16_000) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, size)


def stereo_of(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.stack([left, right], axis=1)


@pytest.mark.parametrize(("kind", "coding"), [("WAV", "PCM_16"), ("WAV", "PCM_U8"), ("FLAC", "PCM_16")])
def test_opposite_phases_are_named(encode, kind: str, coding: str) -> None:
    content = encode(stereo_of(noise(0), -noise(0)), kind, coding)
    with pytest.warns(ChannelsCancelWarning, match="<bytes>: its channels cancel one another: their mix is"):
        load(content)
    with pytest.warns(ChannelsCancelWarning):
        list(blocks(content, 1000, 8000))


def test_the_level_of_the_mix_is_stated(encode) -> None:
    """A remainder of a hundredth: its mean is a two-hundredth of the channels, 46 dB."""
    content = encode(stereo_of(noise(0), -0.99 * noise(0)), coding="FLOAT")
    with pytest.warns(
        ChannelsCancelWarning, match="their mix is 46 dB below them; use one channel, or invert"
    ):
        load(content)


@pytest.mark.parametrize(
    "channels",
    [
        [noise(0), noise(0)],
        [noise(0), noise(1)],
        [noise(0), np.zeros(16_000)],
        [noise(0), -0.7 * noise(0)],  # 16 dB
        [np.zeros(16_000), np.zeros(16_000)],
        [1e-5 * noise(0), -1e-5 * noise(0)],  # silence
        [noise(seed) for seed in range(256)],  # 24 dB, as is natural for so many
    ],
    ids=["equal", "independent", "one-silent", "nearly-opposite", "silent", "faint", "array"],
)
def test_other_channels_are_not(encode, channels: list[np.ndarray]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(encode(np.stack(channels, axis=1), coding="FLOAT"))


def test_channels_that_are_kept_apart_do_not_cancel(encode) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(encode(stereo_of(noise(0), -noise(0))), mono=False)


def test_other_decoders_notice_it_too(encode_aac) -> None:
    content = encode_aac(stereo_of(noise(0), -noise(0)).astype(np.float32))
    with pytest.warns(ChannelsCancelWarning):
        load(content)
