"""The stages of `batches` as `tf.data` operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from sonogram.dataset.clips import Clips
from sonogram.dataset.cuts import Cut, Fixed, Ragged, Whole, Windows
from sonogram.dataset.decode import decode, read_windows
from sonogram.dataset.reader import Reader
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.windowing import num_samples
from sonogram.definitions import AnyFrontend, row_shape
from sonogram.engines.plan import plan
from sonogram.frontend import Frontend

__all__ = ["pipeline"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_MOST_AT_ONCE = 16
"""Maximum number of clips of one length to read in one call, which share its overhead."""
_SECONDS_AT_ONCE = 16.0
"""Maximum duration to read in one call. More would leave the other cores without work at the end."""
_OPEN_AT_ONCE = 8
"""Number of long recordings whose windows are interleaved."""
_SHUFFLE_BATCHES = 16
"""Size of the shuffle buffer for windows, in batches."""
_SHORTEST, _LONGEST = 8, 2**31 - 1


def _without_autograph(function: _Function) -> _Function:
    """Exclude a function from AutoGraph: its conditions depend on Python values, never on tensors."""
    unconverted: _Function = tf.autograph.experimental.do_not_convert(function)
    return unconverted


def pipeline(
    clips: Clips,
    reader: Reader,
    frontend: AnyFrontend | None,
    cut: Cut,
    batch_size: int,
    seed: int | None,
    report: DatasetReport | None,
) -> Any:
    """Return the batches; see `sonogram.dataset.batches`.

    Args:
        clips: Clips to read.
        reader: Reader of one clip; if it returns waveforms, the pipeline computes the features.
        frontend: Front end of the features; None returns waveforms.
        cut: Rule that turns a clip into examples.
        batch_size: Examples per batch.
        seed: Seed of the order; None keeps the order of the clips.
        report: Report that collects broken files; None stops at the first one.

    Returns:
        `tf.data.Dataset` of batches.
    """
    at_once = _at_once(cut.seconds) if isinstance(cut, Fixed) else 1
    files = _files(clips, seed, at_once)
    later = frontend if reader.frontend is None and isinstance(frontend, Frontend) else None
    if isinstance(cut, Windows):
        examples = _windows(files, reader, cut, report, seed)
        if seed is not None:
            buffer_size = _SHUFFLE_BATCHES * batch_size
            examples = examples.shuffle(buffer_size, seed=seed + 1, reshuffle_each_iteration=True)
        batched = _with_features(examples.batch(batch_size), later)
    elif isinstance(cut, Fixed):
        batched = _read_fixed(files, reader, report, later).rebatch(batch_size)
    elif isinstance(cut, Ragged):
        sounds = _read_whole(files, reader, report).map(lambda values, length, number: (values, number))
        batched = _with_features(sounds, later).ragged_batch(batch_size)
    else:
        read = frontend if reader.frontend else None
        batched = _pad_batches(_read_whole(files, reader, report), cut, batch_size, read, later)
    sized = isinstance(cut, Fixed | Ragged) or (isinstance(cut, Whole) and cut.ratio is None)
    if sized and report is None:
        batched = batched.apply(tf.data.experimental.assert_cardinality(-(-len(clips) // batch_size)))
    options = tf.data.Options()
    options.deterministic = True
    return batched.with_options(options).prefetch(tf.data.AUTOTUNE)


def _with_features(sounds: Any, frontend: Frontend | None) -> Any:
    if frontend is None:
        return sounds

    @_without_autograph
    def features(samples: Any, number: Any) -> Any:
        return frontend(samples), number

    return sounds.map(features, tf.data.AUTOTUNE)


def _files(clips: Clips, seed: int | None, at_once: int) -> Any:
    """Return paths, class numbers and random numbers, `(at_once,)` each or fewer at the end.

    The random numbers differ in each epoch; without a seed they are 0.
    """
    paths = tf.constant([path.encode(errors="surrogateescape") for path in clips.paths], tf.string)
    numbers = tf.constant(clips.numbers)
    indices = tf.data.Dataset.range(len(clips))
    if seed is None:
        draws = tf.data.Dataset.from_tensors(tf.constant(0, tf.int64)).repeat()
    else:
        # Shuffle the indices, not the sounds: a list of integers covers the whole data set.
        indices = indices.shuffle(len(clips), seed=seed, reshuffle_each_iteration=True)
        draws = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    return (
        tf.data.Dataset.zip(indices, draws)
        .batch(at_once)
        .map(lambda index, draw: (tf.gather(paths, index), tf.gather(numbers, index), draw))
    )


def _at_once(seconds: float) -> int:
    """Return the number of clips of this length to read in one call."""
    return max(1, min(_MOST_AT_ONCE, int(_SECONDS_AT_ONCE / seconds)))


def _read_fixed(files: Any, reader: Reader, report: DatasetReport | None, later: Frontend | None) -> Any:
    """Read a few clips of one length at a time, `(clips, samples)` or `(clips, frames, bands)`.

    Compute the features here, while the samples are still in the cache of the processor.
    """
    fixed, frontend = reader.fixed, reader.frontend
    assert fixed is not None
    size = num_samples(fixed.seconds, reader.sample_rate)
    shape = (size,) if frontend is None else (frontend.num_frames(size), *row_shape(frontend))

    @_without_autograph
    def read(paths: Any, numbers: Any, draws: Any) -> Any:
        values, _, good = decode(paths, draws, reader, report)
        values = tf.reshape(values, (tf.size(good), *shape))
        return values if later is None else later(values), tf.gather(numbers, good)

    return files.map(read, tf.data.AUTOTUNE)


def _read_whole(files: Any, reader: Reader, report: DatasetReport | None) -> Any:
    """Read one clip at a time, each with its own length: values, length and class number."""

    @_without_autograph
    def read(path: Any, number: Any, draw: Any) -> Any:
        values, lengths, good = decode(path, draw, reader, report)
        return values, lengths, number[0], tf.size(good) > 0

    clips = files.map(read, tf.data.AUTOTUNE)
    if report is not None:
        clips = clips.filter(lambda values, lengths, number, good: good)
    return clips.map(lambda values, lengths, number, good: (values, lengths[0], number))


def _windows(files: Any, reader: Reader, cut: Windows, report: DatasetReport | None, seed: int | None) -> Any:
    size = num_samples(cut.seconds, reader.sample_rate)

    @_without_autograph
    def of_file(path: Any, number: Any, draw: Any) -> Any:
        return read_windows(path[0], reader, cut, size, report).map(lambda window: (window, number[0]))

    at_once = 1 if seed is None else _OPEN_AT_ONCE
    return files.interleave(of_file, cycle_length=at_once, num_parallel_calls=tf.data.AUTOTUNE)


def _pad_batches(
    examples: Any, cut: Whole, batch_size: int, read: AnyFrontend | None, later: Frontend | None
) -> Any:
    """Batch as `((samples, lengths), classes)`, or `((features, mask), classes)`.

    Args:
        examples: Values, lengths and class numbers.
        cut: Rule with the largest ratio of the lengths in a batch.
        batch_size: Clips per batch.
        read: Front end whose features were read; None if waveforms were read.
        later: Front end to compute here; None if there is nothing to compute.
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

    @_without_autograph
    def features(inputs: Any, number: Any) -> Any:
        samples, lengths = inputs
        values = later(samples, lengths=lengths)
        return (values, _mask(values, plan(later).valid_features(lengths, tf.maximum))), number

    return batched.map(features, tf.data.AUTOTUNE)


def _mask(features: Any, valid: Any) -> Any:
    """Return the mask of valid frames, bool `(batch, frames)`."""
    return tf.sequence_mask(valid, tf.shape(features)[1])
