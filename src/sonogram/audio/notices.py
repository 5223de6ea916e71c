"""Warnings about sounds that are read: one sentence on what is missing, or on channels that cancel."""

from __future__ import annotations

import math
import warnings

from sonogram.audio.decoder import Header
from sonogram.audio.problems import Problem
from sonogram.errors import AudioError, ChannelsCancelWarning, PartialSoundWarning
from sonogram.text import clock

__all__ = ["may_be_partial", "warn_cancelling", "warn_partial"]

_SENTENCES = {
    Problem.TRUNCATED_BYTES: "truncated: only the first {read}{stated} are there",
    Problem.TRUNCATED_SAMPLES: "truncated: only {read}{stated} could be decoded",
    Problem.TRUNCATED_PAGE: "truncated in the middle of an Ogg page: only the first {read} are there",
    Problem.GAP: "samples are missing after {read}{stated}: only the part before is read",
    Problem.CORRUPT: "corrupt after {read}{stated} ({reason}): only the part before is read",
}

_MOST_LOSS_DB = 20.0


def may_be_partial(error: AudioError) -> bool:
    """Return whether the samples before the place of an error are good."""
    return getattr(error, "problem", None) in _SENTENCES


def warn_partial(name: str, missing: AudioError, header: Header, read: int) -> None:
    """Warn of a sound that was read in part, with a `PartialSoundWarning`.

    Args:
        name: the source.
        missing: the error for which the sound ends.
        header: what its header states.
        read: the number of samples from the start of the sound to where it ends.
    """
    problem, details = missing.problem, missing.details  # type: ignore[attr-defined]
    stated: float | None = header.num_samples
    if problem is Problem.TRUNCATED_SAMPLES:
        stated = int(details[0])
    if problem is Problem.TRUNCATED_BYTES:
        bytes_stated, bytes_held = map(int, details)
        stated = read * bytes_stated / bytes_held if bytes_held else None
    rate = header.sample_rate
    sentence = _SENTENCES[problem].format(
        read=clock(read / rate, 3),
        stated="" if stated is None or stated <= read else f" of {clock(stated / rate, 3)}",
        reason=details[0] if details else "",
    )
    # Always from this line: Python prints equal warnings from one line once.
    warnings.warn(" ".join(f"{name}: {sentence}".splitlines()), PartialSoundWarning, stacklevel=1)


def warn_cancelling(name: str, loss: float, channels: int) -> None:
    """Warn of channels that cancel one another in the mix, with a `ChannelsCancelWarning`.

    The mean of independent channels has the power of one divided by their number, 3 dB less for two. More
    than 20 dB below that they have opposite phases, as after a cable with crossed wires.

    Args:
        name: the source.
        loss: see `Decoder.mix_loss`.
        channels: number of channels.
    """
    decibels = 10 * math.log10(loss)
    if decibels > _MOST_LOSS_DB + 10 * math.log10(channels / 2):
        warnings.warn(
            " ".join(
                f"{name}: its channels cancel one another: their mix is {min(decibels, 99):.0f} dB below "
                "them; use one channel, or invert the polarity of one".splitlines()
            ),
            ChannelsCancelWarning,
            stacklevel=1,
        )
