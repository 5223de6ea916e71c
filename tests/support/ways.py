"""Every way in which a sound is read: all give the same samples, or refuse it with the same words."""

import io
import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import sonogram as sg
from sonogram.audio import decode, info, load
from sonogram.errors import AudioError, PartialSoundWarning

ABSOLUTE = {"frame_length": 1, "frame_step": 1, "fft_length": 1, "window": sg.windows.Rectangular()}
"""A front end whose features are |x|: as many frames as samples."""


@cache
def folder() -> Path:
    """Return the folder of all sounds of this process, with a pipe: TensorFlow traces a path once."""
    made = tempfile.TemporaryDirectory(prefix="sonogram-ways-")
    _kept.append(made)
    os.mkfifo(Path(made.name, "pipe"))
    return Path(made.name)


_kept: list[Any] = []


def through_pipe(read: Callable[[str], Any]) -> Any:
    """Return what `read` gives for a pipe into which another process writes the file "sound".

    An eager operation of TensorFlow holds Python's lock, so no thread of this process could write.
    """
    pipe = os.fspath(folder() / "pipe")
    with subprocess.Popen(["dd", f"if={folder() / 'sound'}", f"of={pipe}", "bs=1M", "status=none"]) as writer:
        try:
            return read(pipe)
        finally:
            writer.kill()


@cache
def _dataset(path: str, mono: bool) -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensors(path).map(lambda name: decode(name, mono=mono).samples)


def samples_of(content: bytes, *, mono: bool = True) -> dict[str, Any]:
    """Return by way the samples, or the message of the error."""
    path = os.fspath(folder() / "sound")
    Path(path).write_bytes(content)

    def loaded(source: Any) -> Any:
        return load(source, mono=mono).samples

    def decoded(source: Any, **wanted: Any) -> Any:
        return decode(source, mono=mono, **wanted).samples.numpy()

    return {
        "path": _outcome(lambda: loaded(path)),
        "bytes": _outcome(lambda: loaded(content)),
        "file object": _outcome(lambda: loaded(io.BytesIO(content))),
        "pipe": _outcome(lambda: through_pipe(loaded)),
        "tensorflow": _outcome(lambda: decoded(path)),
        "tensorflow, bytes": _outcome(lambda: decoded(content, content=True)),
        "tensorflow, pipe": _outcome(lambda: through_pipe(decoded)),
        "tf.data": _outcome(lambda: next(iter(_dataset(path, mono))).numpy()),
    }


def counts_of(content: bytes, **options: Any) -> dict[str, Any]:
    """Return by way the number of samples that `info` states, or the message of the error."""
    path = folder() / "sound"
    path.write_bytes(content)
    return {
        f"info, {way}": _outcome(read)
        for way, read in {
            "path": lambda: info(path, **options).num_samples,
            "bytes": lambda: info(content, **options).num_samples,
            "file object": lambda: info(io.BytesIO(content), **options).num_samples,
            "pipe": lambda: through_pipe(lambda pipe: info(pipe, **options).num_samples),
        }.items()
    }


def extracted(content: bytes, sample_rate: int) -> Any:
    """Return |x| of what extraction reads, mixed to mono, or the reason for which it failed."""
    path = folder() / "sound"
    path.write_bytes(content)
    with tempfile.TemporaryDirectory() as output:
        report = sg.extract([path], output, sg.Frontend(sample_rate, **ABSOLUTE))
        if report.failed:
            return report.failed[0].error
        (file,) = Path(output).rglob("*.npy")
        return np.load(file)[:, 0]


def assert_read(content: bytes, expected: ArrayLike) -> None:
    """Fail if a way gives other samples than these, (samples,) or (channels, samples)."""
    expected = np.asarray(expected, np.float32)
    for way, samples in samples_of(content, mono=expected.ndim == 1).items():
        assert not isinstance(samples, str), f"{way}: {samples}"
        np.testing.assert_array_equal(samples, expected, err_msg=way)
    counts = counts_of(content)
    assert set(counts.values()) == {expected.shape[-1]}, counts
    mono, rate = load(content)
    features = extracted(content, rate)
    assert not isinstance(features, str), f"extraction: {features}"
    np.testing.assert_allclose(features, np.abs(mono), rtol=1e-6, err_msg="extraction")


def assert_refused(content: bytes, *words: str, rate: int = 16_000) -> None:
    """Fail if a way reads the sound, or names none of the words; `info` then states that it is truncated."""
    outcomes = samples_of(content) | counts_of(content, partial=False)
    outcomes["extraction"] = extracted(content, rate)
    for way, message in outcomes.items():
        assert isinstance(message, str), f"{way}: the sound was read"
        assert any(word in message for word in words), f"{way}: {message}"
    facts, caught = _facts(content)
    if isinstance(facts, str):  # nothing of it can be read
        assert any(word in facts for word in words), facts
    else:
        assert facts.truncated
        assert [each.category for each in caught] == [PartialSoundWarning]


def _facts(content: bytes) -> tuple[Any, list[Any]]:
    """Return what `info` states of a sound that may be truncated, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return _outcome(lambda: info(content)), caught


def _outcome(read: Callable[[], Any]) -> Any:
    """Return what `read` gives, or the message of its error: TensorFlow's has the same sentence in it."""
    try:
        return read()
    except AudioError as error:
        return str(error)
    except Exception as error:
        if type(error).__module__.startswith("tensorflow"):
            return str(error)
        raise
