"""Search by example: the windows of a bank that sound most like a recording."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio, SoundSource, load
from sonogram.audio.memory import check_audio
from sonogram.errors import SonogramError
from sonogram.search.bank import Bank, Match, check_count, open_bank

__all__ = ["find"]


def find(
    bank: Bank | str | os.PathLike[str],
    example: SoundSource | Audio,
    count: int = 10,
) -> tuple[Match, ...]:
    """Return the windows of a bank that sound most like an example, best first.

    Windows are compared by the correlation of their embeddings about the mean of the bank. An example longer
    than a window is several, of which the most similar one counts. Of matches that overlap, the best one is
    returned.

    Args:
        bank: Result of `open_bank`, which keeps up to a gigabyte in memory for the next search; or the
            folder of a bank.
        example: A path, the bytes of a file, a binary file object, or `Audio` at the sample rate of the
            backbone.
        count: Number of matches.

    Raises:
        AudioError: The example cannot be read.
        SonogramError: The folder is no bank, or was written with other weights of the backbone, or the
            example is empty.

    Example:
        >>> import keras, tempfile
        >>> place = Path(tempfile.mkdtemp())
        >>> keras.Sequential([keras.Input((8000,)), keras.layers.Dense(4)]).save(place / "own.keras")
        >>> _ = (place / "own.json").write_text('{"sample_rate": 8000}')
        >>> _ = sg.embed(["examples"], place / "bank", str(place / "own.keras"))
        >>> [best] = find(place / "bank", "examples/bird.wav", count=1)
        >>> best.path, round(best.score, 3)
        ('bird.wav', 1.0)

    See Also:
        `embed`, which writes the bank; `suggest`, which chooses what to label.
    """
    opened = bank if isinstance(bank, Bank) else open_bank(bank)
    check_count(count)
    opened.check_network()
    queries = opened.unit(_vectors(opened, example)).T
    scores = np.concatenate([(block @ queries).max(axis=1) for block in opened.units()])
    name = Path(example).stem if isinstance(example, str | os.PathLike) else "example"
    return tuple(opened.match(window, name, scores[window]) for window in _best(opened, scores, count))


def _vectors(bank: Bank, example: SoundSource | Audio) -> NDArray[np.float32]:
    rate = bank.embedder.sample_rate
    sound = check_audio(example, "the example") if isinstance(example, Audio) else load(example, rate)
    if sound.sample_rate != rate:
        raise SonogramError(
            f"the sample rate must be {rate} Hz, that of {bank.embedder.backbone}; got {sound.sample_rate} "
            f"Hz. Load the sound with sample_rate={rate}"
        )
    if sound.samples.ndim > 1:
        raise SonogramError("the example must have one channel. Use one, or their mean")
    if not len(sound.samples):
        raise SonogramError("the example has no samples. Record it again")
    return bank.embedder.vectors(sound.samples)


def _best(bank: Bank, scores: NDArray[np.float32], count: int) -> Iterator[int]:
    """Yield the windows with the highest scores, none of which overlaps a better one."""
    taken = np.zeros(len(scores), bool)
    for window in np.argsort(-scores, kind="stable"):
        if count == 0:
            return
        if taken[window]:
            continue
        yield int(window)
        count -= 1
        first, starts, length = bank.windows_around(window)
        taken[first : first + len(starts)] |= np.abs(starts - starts[window - first]) < length - 1e-6
