"""Scores of windows by a model: several windows in a call, two calls at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram import models
from sonogram.dataset.windowing import Window, WindowBuffer
from sonogram.errors import SonogramError
from sonogram.inference.timeline import WindowScores
from sonogram.inference.traced import TracedModel
from sonogram.models.batching import pad_batch
from sonogram.samples import to_float32

__all__ = ["WindowScorer", "check_samples"]

Floats = NDArray[np.float32]

_WINDOW_SECONDS = 1.0
"""Length of a window if the model does not store the length of its training clips."""
_SAMPLES_PER_CALL = 3 << 15
"""Enough to make the overhead of a call negligible, few enough to keep the network's activations small."""
_MAX_WINDOW = 1 << 28
"""Samples of a window, a gigabyte: the scores of it take several times as much."""
_WINDOWS_PER_CALL = 16
_PARALLEL_CALLS = 2
"""A small network has steps that use one core; a second call keeps the others busy meanwhile."""


class WindowScorer:
    """Computes the scores of windows; a window's scores do not depend on the others in a call.

    Args:
        model: A Keras model that `models.describe` understands.
        window: Length of a window, seconds; None takes the length of the training clips.
        step: Step from the start of one window to the next, seconds; None takes half a window.

    Raises:
        SonogramError: The model has no labels or other inputs, or the window or the step is invalid.
    """

    def __init__(self, model: Any, window: float | None = None, step: float | None = None) -> None:
        self.model_info = models.describe(model)
        if self.model_info.alphabet is not None:
            raise SonogramError(f"the model {model.name!r} gives text, not labels. Use sonogram.transcribe")
        if self.model_info.event_rule is not None:
            raise SonogramError(
                f"the model {model.name!r} scores frames, not windows. Use sonogram.predict on recordings"
            )
        self.sample_rate = int(self.model_info.sample_rate)
        """Hz."""
        inputs = list(getattr(model, "inputs", None) or ())
        if not 1 <= len(inputs) <= 2 or len(inputs[0].shape) != 2:
            taken = ", ".join(str(tuple(each.shape)) for each in inputs)
            raise SonogramError(
                f"the model {model.name!r} must take samples, (batch, samples), or samples and lengths; got "
                f"{taken or 'unknown inputs. Build it from keras.Input'}"
            )
        self._takes_lengths = len(inputs) == 2
        self.takes_batches = self._takes_lengths and self.model_info.any_length
        """Whether one call may hold clips of unequal lengths."""
        self._fixed_length = inputs[0].shape[1]
        self.size = self._window_size(model.name, window)
        """Length of a window, samples."""
        self.step = max(self.size // 2, 1) if step is None else _duration(step, self.sample_rate)
        """Step from window to window, samples."""
        if self.step > self.size:
            raise SonogramError(
                f"step must be at most the window length, {self.size / self.sample_rate:g} s; got {step:g} "
                "s. A larger one would skip samples"
            )
        self._windows_per_call = max(1, min(_WINDOWS_PER_CALL, _SAMPLES_PER_CALL // self.size))
        # Keras swaps the state of the model during a call on other backends.
        self._calls = _PARALLEL_CALLS if keras.backend.backend() == "tensorflow" else 1
        self.parallel = self._calls > 1
        """Whether several threads may call the model at a time."""
        self.chunk = self._calls * self._windows_per_call
        """Best number of windows to score together."""
        self._call = TracedModel(model)

    def window_buffer(self) -> WindowBuffer:
        """Return a buffer that cuts one sound into windows."""
        return WindowBuffer(self.size, self.step)

    def score(self, windows: Sequence[Window]) -> list[WindowScores]:
        """Return the scores of windows, with their times in seconds."""
        rate = self.sample_rate
        rows = self.scores([window.samples for window in windows])
        return [
            WindowScores(window.start / rate, (window.start + len(window.samples)) / rate, row)
            for window, row in zip(windows, rows, strict=True)
        ]

    def scores(self, windows: Sequence[Floats]) -> Floats:
        """Return the scores of windows, float32 `(windows, labels)`.

        Args:
            windows: float32 `(samples,)` each, none longer than the window.

        Raises:
            SonogramError: A score is not finite, because a window is too short for the model.
        """
        found = np.zeros((len(windows), len(self.model_info.labels)), np.float32)
        size = self._windows_per_call
        calls = max(1, min(self._calls, -(-len(windows) // size)))

        def fill(number: int) -> None:
            for first in range(number * size, len(windows), calls * size):
                some = windows[first : first + size]
                found[first : first + len(some)] = self._score_batch(some)

        with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
            others = [pool.submit(fill, number) for number in range(1, calls)]
            fill(0)
        for other in others:
            other.result()
        if not np.isfinite(found).all():
            shortest = min(len(window) for window in windows) / self.sample_rate
            raise SonogramError(
                f"the scores of a sound of {shortest:.3g} s are not finite: it may be shorter than the "
                "model's first frame. Use a longer sound"
            )
        return found

    def score_whole(self, samples: Floats) -> Floats | None:
        """Return the scores of a sound longer than a window in one call, `(labels,)`.

        None if the model processes only clips of one length.
        """
        if not self.model_info.any_length:
            return None
        found: Floats = self._run(samples[None], np.array([len(samples)], np.int32))[0]
        return found

    def _score_batch(self, windows: Sequence[Floats]) -> Floats:
        if not self._takes_lengths and self._fixed_length is None:
            # Without lengths, padding would count as sound: a shorter window gets a call of its own.
            if len({len(window) for window in windows}) > 1:
                return np.concatenate([self._score_batch([window]) for window in windows])
            return self._run(*pad_batch(windows, len(windows[0])))
        return self._run(*pad_batch(windows, self._fixed_length or self.size))

    def _run(self, samples: Floats, lengths: NDArray[np.int32]) -> Floats:
        inputs = (samples, lengths) if self._takes_lengths else (samples,)
        return np.asarray(self._call(*inputs), np.float32)

    def _window_size(self, name: str, window: float | None) -> int:
        if self._fixed_length is not None:
            if window is not None and _duration(window, self.sample_rate) != self._fixed_length:
                raise SonogramError(
                    f"window must be {self._fixed_length / self.sample_rate:g} s, the input length of the "
                    f"model {name!r}; got {window:g} s. Leave it out"
                )
            return int(self._fixed_length)
        seconds = (self.model_info.seconds or _WINDOW_SECONDS) if window is None else window
        size = _duration(seconds, self.sample_rate)
        if size > _MAX_WINDOW:
            raise SonogramError(
                f"a window of {seconds:g} s at the {self.sample_rate} Hz of the model {name!r} does not fit "
                "into memory. Choose a shorter window, or build the model with the true sample rate"
            )
        return size


def _duration(seconds: float, sample_rate: float) -> int:
    """Return a duration in samples.

    Raises:
        SonogramError: It is shorter than a sample or not finite.
    """
    if not (np.isfinite(seconds) and round(seconds * sample_rate) >= 1):
        raise SonogramError(f"a window and its step must last a sample or more; got {seconds:g} s")
    return round(seconds * sample_rate)


def check_samples(samples: ArrayLike, is_chunk: bool = True) -> Floats:
    """Return samples as float32, `(samples,)`.

    Args:
        samples: A chunk of a sound that arrives, or a whole sound.
        is_chunk: Which of the two.

    Raises:
        SonogramError: There are several channels, integers other than 16-bit, or values that are not finite.
    """
    values = np.asarray(samples)
    if values.ndim != 1:
        raise SonogramError(
            f"samples must be (samples,), one channel; got {values.shape}. Use one channel or their mean"
        )
    floats = to_float32(values)
    if not np.isfinite(values).all():
        first = int(np.argmin(np.isfinite(values)))
        if is_chunk:
            raise SonogramError(
                f"sample {first} of the chunk is NaN or infinite; the chunk was not processed. Repair it and "
                "push it again"
            )
        raise SonogramError(f"sample {first} of the sound is NaN or infinite. Use numpy.nan_to_num")
    return floats
