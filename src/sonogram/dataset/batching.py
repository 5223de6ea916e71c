"""From clips to a `tf.data.Dataset`: what a model is trained on."""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import Any

from sonogram.dataset.cuts import Cut, Fixed, Ragged, Whole, Windows
from sonogram.dataset.reader import reader
from sonogram.dataset.report import Report
from sonogram.dataset.source import Data, clips
from sonogram.dataset.stored import Features
from sonogram.errors import SonogramError, require_import
from sonogram.frontend import Frontend

__all__ = ["batches"]

_WHOLE = Whole()


def batches(
    data: Data,
    output: Frontend | Features | int,
    cut: Cut = _WHOLE,
    *,
    batch_size: int = 32,
    seed: int | None = None,
    cache: str | os.PathLike[str] | None = None,
    report: Report | None = None,
) -> Any:
    """Batch of sounds and class numbers: decoded, resampled, mixed to mono, cut, prefetched.

    | cut | waveforms | features |
    | --- | --- | --- |
    | `Fixed`, `Windows` | `(batch, samples)` | `(batch, frames, bands)` |
    | `Whole` | `(samples, lengths)` as `Spectrogram` takes them | `(features, mask)`, 0 beyond the mask |
    | `Ragged` | ragged `(batch, None)` | ragged `(batch, None, bands)` |

    The class numbers, int32 `(batch,)`, are the places of the labels in `clips(data).classes`. Every
    clip comes once in an epoch, and an example does not depend on its neighbors.

    With `Fixed` and `Windows` the silence that fills a short clip is sound like any other; `Whole` and
    `Ragged` keep padding apart. Windows and random crops are computed from waveforms, so the cache
    keeps waveforms for them; in all other cases it keeps what is asked for.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        output: What comes out: the features of a front end, stored `features`, or waveforms at this rate
            in hertz.
        cut: How a clip becomes an example.
        batch_size: Examples in a batch; the last one may have fewer.
        seed: Shuffles the clips, in another order in each epoch; the same seed gives the same epochs.
            None keeps the order of the clips (with `Whole`, of those of like length).
        cache: A folder for the decoded waveforms or the features; what is stale there is made again.
        report: Where broken files are noted while the rest goes on; None stops at the first one.

    Returns:
        A `tf.data.Dataset` of `(sounds, class numbers)`, on every Keras backend. Without a report its
        number of batches is known, except for `Whole` and `Windows`.

    Raises:
        SonogramError: TensorFlow is not installed, or an argument cannot be meant. While it is read: a
            broken file, as `tf.errors.InvalidArgumentError` that names it.

    Example:
        >>> import numpy as np, tempfile
        >>> from sonogram.audio import save
        >>> folder = tempfile.mkdtemp()
        >>> for label in ("cat", "dog"):
        ...     os.mkdir(os.path.join(folder, label))
        ...     save(os.path.join(folder, label, "1.wav"), np.zeros(8000, np.float32), 8000)
        >>> for waveforms, classes in batches(folder, 16000, Fixed(0.5), seed=0):
        ...     print(waveforms.shape, sorted(classes.numpy().tolist()))
        (2, 8000) [0, 1]
    """
    whole = clips(data)
    _check(output, cut, batch_size, seed)
    if not len(whole):
        raise SonogramError("there are no clips to make batches of; look at what was split or left out")
    frontend = output if isinstance(output, Frontend) else None
    if isinstance(output, Features):
        if cache is not None:
            raise SonogramError("stored features need no cache: leave it out")
        source, frontend = output.reader(whole, cut), output.frontend
    else:
        source = reader(output, cut, cache)
    with require_import("batches need TensorFlow", 'pip install "sonogram[tensorflow]"'):
        from sonogram.dataset.pipeline import pipeline
    return pipeline(
        whole, source, frontend, cut, int(batch_size), None if seed is None else int(seed), report
    )


def _check(output: object, cut: object, batch_size: object, seed: object) -> None:
    rate = output.sample_rate if isinstance(output, Frontend | Features) else output
    if isinstance(rate, bool) or not isinstance(rate, Real) or not float(rate).is_integer() or rate < 1:
        raise SonogramError(
            "output must be a Frontend or stored features, or a whole sample rate in hertz, for waveforms; "
            f"got {output!r}"
        )
    if not isinstance(cut, Fixed | Whole | Ragged | Windows):
        raise SonogramError(
            f"cut must be one of Fixed(seconds), Whole(), Ragged(), Windows(seconds); got {cut!r}"
        )
    if isinstance(batch_size, bool) or not isinstance(batch_size, Integral) or batch_size < 1:
        raise SonogramError(f"batch_size must be a whole number of examples, at least 1; got {batch_size!r}")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0):
        raise SonogramError(f"seed must be a whole number from 0 on, or None to keep the order; got {seed!r}")
    if isinstance(cut, Fixed) and cut.crop == "random" and seed is None:
        raise SonogramError('crop="random" needs a seed: batches(..., seed=0)')
