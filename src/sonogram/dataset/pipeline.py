"""The stages of `batches` in TensorFlow's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from sonogram.dataset.clips import Clips
from sonogram.dataset.cuts import Cut, Fixed, Ragged, Whole, Windows
from sonogram.dataset.decode import decoded, windowed
from sonogram.dataset.reader import Reader
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.windowing import num_samples
from sonogram.engines.plan import plan
from sonogram.frontend import Frontend

__all__ = ["pipeline"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_MOST_AT_ONCE = 16
"""Clips of one length that are read in one call, and share its price."""
_SECONDS_AT_ONCE = 16.0
"""Sound that is read in one call: more of it would leave the other cores without work at the end."""
_OPEN_AT_ONCE = 8
"""Long recordings whose windows are mixed."""
_WINDOWS_HELD = 16
"""Batches of windows from which one is drawn."""
_SHORTEST, _LONGEST = 8, 2**31 - 1


def _as_written(function: _Function) -> _Function:
    """Keep TensorFlow from rewriting what decides in Python while it is traced, and never on tensors."""
    kept_so: _Function = tf.autograph.experimental.do_not_convert(function)
    return kept_so


def pipeline(
    clips: Clips,
    reader: Reader,
    frontend: Frontend | None,
    cut: Cut,
    batch_size: int,
    seed: int | None,
    report: DatasetReport | None,
) -> Any:
    """Return the batches; see `sonogram.dataset.batches`.

    Args:
        clips: What to read.
        reader: How; where it gives waveforms, the features are computed here.
        frontend: What the batches hold; None is waveforms.
        cut: How a clip becomes examples.
        batch_size: Examples.
        seed: Of the order; None keeps the order of the clips.
        report: Where broken files are noted; None stops at the first.
    """
    at_once = _at_once(cut.seconds) if isinstance(cut, Fixed) else 1
    files = _files(clips, seed, at_once)
    later = frontend if reader.frontend is None else None
    if isinstance(cut, Windows):
        examples = _windows(files, reader, cut, report, seed)
        if seed is not None:
            held = _WINDOWS_HELD * batch_size
            examples = examples.shuffle(held, seed=seed + 1, reshuffle_each_iteration=True)
        batched = _with_features(examples.batch(batch_size), later)
    elif isinstance(cut, Fixed):
        batched = _fixed(files, reader, report, later).rebatch(batch_size)
    elif isinstance(cut, Ragged):
        sounds = _unequal(files, reader, report).map(lambda values, length, number: (values, number))
        batched = _with_features(sounds, later).ragged_batch(batch_size)
    else:
        read = frontend if reader.frontend else None
        batched = _padded(_unequal(files, reader, report), cut, batch_size, read, later)
    sized = isinstance(cut, Fixed | Ragged) or (isinstance(cut, Whole) and cut.ratio is None)
    if sized and report is None:
        batched = batched.apply(tf.data.experimental.assert_cardinality(-(-len(clips) // batch_size)))
    options = tf.data.Options()
    options.deterministic = True
    return batched.with_options(options).prefetch(tf.data.AUTOTUNE)


def _with_features(sounds: Any, frontend: Frontend | None) -> Any:
    if frontend is None:
        return sounds

    @_as_written
    def features(samples: Any, number: Any) -> Any:
        return frontend(samples), number

    return sounds.map(features, tf.data.AUTOTUNE)


def _files(clips: Clips, seed: int | None, at_once: int) -> Any:
    """Paths, class numbers and, with a seed, a random number each, another one in each epoch.

    All have an axis in front, of `at_once` clips or fewer.
    """
    paths = tf.constant([path.encode(errors="surrogateescape") for path in clips.paths], tf.string)
    numbers = tf.constant(clips.numbers)
    places = tf.data.Dataset.range(len(clips))
    if seed is None:
        draws = tf.data.Dataset.from_tensors(tf.constant(0, tf.int64)).repeat()
    else:
        # Places are shuffled, not sounds: the whole data set, at the price of a list.
        places = places.shuffle(len(clips), seed=seed, reshuffle_each_iteration=True)
        draws = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    return (
        tf.data.Dataset.zip(places, draws)
        .batch(at_once)
        .map(lambda place, draw: (tf.gather(paths, place), tf.gather(numbers, place), draw))
    )


def _at_once(seconds: float) -> int:
    """How many clips of this length are read in one call."""
    return max(1, min(_MOST_AT_ONCE, int(_SECONDS_AT_ONCE / seconds)))


def _fixed(files: Any, reader: Reader, report: DatasetReport | None, later: Frontend | None) -> Any:
    """Some clips of one length at a time, `(clips, samples)` or `(clips, frames, bands)`.

    Features are computed here, of few clips, whose samples are still in the processor's cache.
    """
    fixed, frontend = reader.fixed, reader.frontend
    assert fixed is not None
    size = num_samples(fixed.seconds, reader.sample_rate)
    shape = (size,) if frontend is None else (frontend.num_frames(size), frontend.num_bands)

    @_as_written
    def read(paths: Any, numbers: Any, draws: Any) -> Any:
        values, _, good = decoded(paths, draws, reader, report)
        values = tf.reshape(values, (tf.size(good), *shape))
        return values if later is None else later(values), tf.gather(numbers, good)

    return files.map(read, tf.data.AUTOTUNE)


def _unequal(files: Any, reader: Reader, report: DatasetReport | None) -> Any:
    """One clip at a time, each of its own length: values, that length, class number."""

    @_as_written
    def read(path: Any, number: Any, draw: Any) -> Any:
        values, lengths, good = decoded(path, draw, reader, report)
        return values, lengths, number[0], tf.size(good) > 0

    clips = files.map(read, tf.data.AUTOTUNE)
    if report is not None:
        clips = clips.filter(lambda values, lengths, number, good: good)
    return clips.map(lambda values, lengths, number, good: (values, lengths[0], number))


def _windows(files: Any, reader: Reader, cut: Windows, report: DatasetReport | None, seed: int | None) -> Any:
    size = num_samples(cut.seconds, reader.sample_rate)

    @_as_written
    def of_file(path: Any, number: Any, draw: Any) -> Any:
        return windowed(path[0], reader, cut, size, report).map(lambda window: (window, number[0]))

    at_once = 1 if seed is None else _OPEN_AT_ONCE
    return files.interleave(of_file, cycle_length=at_once, num_parallel_calls=tf.data.AUTOTUNE)


def _padded(examples: Any, cut: Whole, batch_size: int, read: Frontend | None, later: Frontend | None) -> Any:
    """Batch as `((samples, lengths), classes)`, or `((features, mask), classes)`.

    Args:
        examples: Values, their lengths and class numbers.
        cut: How unlike in length the clips of a batch may be.
        batch_size: Clips.
        read: The front end whose features the values are; None where they are waveforms.
        later: The front end to compute here.
    """
    measured = examples.map(lambda values, length, number: ((values, tf.shape(values)[0]), length, number))
    if cut.ratio is None:
        batched = measured.padded_batch(batch_size)
    else:
        edges = [_SHORTEST]
        while edges[-1] * cut.ratio < _LONGEST:
            edges.append(max(int(edges[-1] * cut.ratio), edges[-1] + 1))
        batched = measured.bucket_by_sequence_length(
            lambda inputs, length, number: length, edges, [batch_size] * (len(edges) + 1)
        )
    batched = batched.map(lambda inputs, length, number: (inputs, number))
    if read is not None:
        return batched.map(lambda inputs, number: ((inputs[0], _mask(*inputs)), number))
    if later is None:
        return batched

    @_as_written
    def features(inputs: Any, number: Any) -> Any:
        samples, lengths = inputs
        values = later(samples, lengths=lengths)
        return (values, _mask(values, plan(later).valid_features(lengths, tf.maximum))), number

    return batched.map(features, tf.data.AUTOTUNE)


def _mask(features: Any, valid: Any) -> Any:
    """Which frames hold features, bool `(batch, frames)`."""
    return tf.sequence_mask(valid, tf.shape(features)[1])
