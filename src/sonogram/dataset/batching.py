"""Training batches of a data set as a `tf.data.Dataset`."""

from __future__ import annotations

import os
from numbers import Integral
from typing import Any

from sonogram.dataset.cuts import Cut, Fixed, Ragged, Whole, Windows
from sonogram.dataset.features import Features
from sonogram.dataset.reader import make_reader
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.source import Data, clips
from sonogram.definitions import AnyFrontend
from sonogram.errors import SonogramError, require_import
from sonogram.frontend import Frontend

__all__ = ["batches"]

_WHOLE = Whole()


def batches(  # noqa: PLR0913
    data: Data,
    features: Frontend | Features | None = None,
    cut: Cut = _WHOLE,
    *,
    sample_rate: int | None = None,
    batch_size: int = 32,
    seed: int | None = None,
    cache: str | os.PathLike[str] | None = None,
    report: DatasetReport | None = None,
) -> Any:
    """Return batches of sounds and class numbers: decoded, resampled, mixed to mono, cut, prefetched.

    Give `features` for batches of features, or `sample_rate` for batches of waveforms.

    | cut | waveforms | features |
    | --- | --- | --- |
    | `Fixed`, `Windows` | `(batch, samples)` | `(batch, frames, bands)` |
    | `Whole` | `(samples, lengths)` as `Spectrogram` takes them | `(features, mask)`, 0 beyond the mask |
    | `Ragged` | ragged `(batch, None)` | ragged `(batch, None, bands)` |

    The class numbers, int32 `(batch,)`, are the indices of the labels in `clips(data).classes`. Every clip
    occurs once in an epoch, and an example does not depend on the others of its batch.

    With `Fixed` and `Windows` the silence that fills a short clip counts as sound; `Whole` and `Ragged` mark
    padding. Windows and random crops are computed from waveforms, so the cache stores waveforms for them; in
    all other cases it stores what the batches hold.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        features: Front end that computes the features, or stored features from `dataset.features`.
        cut: How a clip becomes an example: `Fixed`, `Whole`, `Ragged` or `Windows`.
        sample_rate: Sample rate of the waveforms, Hz, instead of features.
        batch_size: Number of examples in a batch; the last batch may have fewer.
        seed: Seed of the order of the clips, which differs in each epoch. None keeps the order of the clips
            (with `Whole`, among those of similar length).
        cache: Folder for decoded waveforms or features; stale entries are computed again.
        report: Collects unreadable files, which are skipped; None stops at the first one.

    Returns:
        A `tf.data.Dataset` of `(sounds, class numbers)`, on every Keras backend. Without a report its
        number of batches is known, except for `Whole` and `Windows`.

    Raises:
        SonogramError: TensorFlow is not installed, or an argument is invalid. An unreadable file raises
            `tf.errors.InvalidArgumentError`, which names it, while the batches are read.

    Example:
        >>> import numpy as np, tempfile
        >>> from sonogram.audio import save
        >>> folder = tempfile.mkdtemp()
        >>> for label in ("cat", "dog"):
        ...     os.mkdir(os.path.join(folder, label))
        ...     save(os.path.join(folder, label, "1.wav"), np.zeros(8000, np.float32), 8000)
        >>> for waveforms, classes in batches(folder, sample_rate=16000, cut=Fixed(0.5), seed=0):
        ...     print(waveforms.shape, sorted(classes.numpy().tolist()))
        (2, 8000) [0, 1]

    See Also:
        `sonogram.train`, which trains on clips in memory.
    """
    whole = clips(data)
    _check(features, sample_rate, cut, batch_size, seed)
    if not len(whole):
        raise SonogramError("there are no clips to make batches of. Check what was split or left out")
    frontend: AnyFrontend | None
    if isinstance(features, Features):
        if cache is not None:
            raise SonogramError("stored features need no cache. Leave it out")
        source, frontend = features.reader(whole, cut), features.frontend
    else:
        source, frontend = make_reader(features or int(sample_rate or 0), cut, cache), features
    with require_import("batches need TensorFlow", 'pip install "sonogram[tensorflow]"'):
        from sonogram.dataset.pipeline import pipeline
    return pipeline(
        whole, source, frontend, cut, int(batch_size), None if seed is None else int(seed), report
    )


def _check(features: object, sample_rate: Any, cut: object, batch_size: object, seed: object) -> None:
    if (features is None) == (sample_rate is None):
        raise SonogramError("give either features, for batches of features, or sample_rate, for waveforms")
    if features is not None and not isinstance(features, Frontend | Features):
        remedy = (
            f". Use sonogram.preset({features!r})"
            if isinstance(features, str)
            else ". Write its features with sonogram.extract, and pass sonogram.dataset.features(folder)"
            if isinstance(features, AnyFrontend)
            else ""
        )
        raise SonogramError(f"features must be a Frontend or stored features; got {features!r:.60}{remedy}")
    rate = sample_rate if features is None else features.sample_rate
    if (
        isinstance(rate, bool)
        or not isinstance(rate, int | float | Integral)
        or not float(rate).is_integer()
        or rate < 1
    ):
        raise SonogramError(f"sample_rate must be a whole number of Hz, at least 1; got {rate!r}")
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
