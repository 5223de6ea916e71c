"""Windows of sound to scores: through the model as it was trained, some in one call, two calls at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram import models
from sonogram.errors import SonogramError

__all__ = ["Scorer", "num_samples"]

Floats = NDArray[np.float32]
Call = Callable[[Floats, NDArray[np.int32]], Any]

_WINDOW = 1.0
"""Seconds, where a model does not say how long the clips were that it learned from."""
_SAMPLES_OF_CALL = 3 << 15
"""So many that what a call costs by itself is little, and all that the network makes of them stays small."""
_WINDOWS_OF_CALL = 16
_CALLS_AT_ONCE = 2
"""A small network has steps that one core takes alone: meanwhile another call keeps the others busy."""


class Scorer:
    """Gives the scores of windows, each one alone: what lies beside it in a call changes nothing.

    Args:
        model: A Keras model that says what it hears; see `sonogram.models.describe`.
        window: The length of a window in seconds; None takes that of the clips it was trained on.

    Raises:
        SonogramError: The model does not say what it hears, or takes other windows.
    """

    def __init__(self, model: Any, window: float | None = None) -> None:
        self.model_info = models.describe(model)
        self.sample_rate = int(self.model_info.sample_rate)
        """Hertz."""
        inputs = list(getattr(model, "inputs", None) or ())
        if not 1 <= len(inputs) <= 2 or len(inputs[0].shape) != 2:
            taken = ", ".join(str(tuple(each.shape)) for each in inputs)
            raise SonogramError(
                f"the model {model.name!r} must take samples, (batch, samples), or samples and lengths; "
                f"it takes {taken or 'what it does not say: build it from keras.Input'}"
            )
        self._takes_lengths = len(inputs) == 2
        self.takes_many = self._takes_lengths and self.model_info.any_length
        """Whether clips of any lengths may stand in one call."""
        self._fixed = inputs[0].shape[1]
        self.size = self._size(model.name, window)
        """The length of a window, samples."""
        self._of_call = max(1, min(_WINDOWS_OF_CALL, _SAMPLES_OF_CALL // self.size))
        # Keras on another backend swaps the state of the model during a call.
        self._calls = _CALLS_AT_ONCE if keras.backend.backend() == "tensorflow" else 1
        self.at_once = self._calls * self._of_call
        """How many windows are best given together."""
        self._call = _compiled(model, self._takes_lengths)

    def scores(self, windows: Sequence[Floats]) -> Floats:
        """Return the scores of some windows, float32 `(windows, labels)`.

        Args:
            windows: float32 `(samples,)` each, none longer than the window.

        Raises:
            SonogramError: The model gives none for one of them, as it is too short.
        """
        found = np.zeros((len(windows), len(self.model_info.labels)), np.float32)
        size = self._of_call
        calls = max(1, min(self._calls, -(-len(windows) // size)))

        def fill(number: int) -> None:
            for first in range(number * size, len(windows), calls * size):
                some = windows[first : first + size]
                found[first : first + len(some)] = self._some(some)

        with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
            beside = [pool.submit(fill, number) for number in range(1, calls)]
            fill(0)
        for each in beside:
            each.result()
        if not np.isfinite(found).all():
            shortest = min(len(window) for window in windows) / self.sample_rate
            raise SonogramError(
                f"the model has no answer to a sound of {shortest:.3g} s: its scores are not finite; "
                "it may be shorter than the model's first frame"
            )
        return found

    def whole(self, samples: Floats) -> Floats | None:
        """Return the scores of a sound longer than a window, judged at once, `(labels,)`.

        None where the model hears clips of one length alone.
        """
        if not self.model_info.any_length:
            return None
        lengths = np.array([len(samples)], np.int32)
        found: Floats = np.asarray(self._call(samples[None], lengths), np.float32)[0]
        return found

    def _some(self, windows: Sequence[Floats]) -> Floats:
        lengths = np.array([len(window) for window in windows], np.int32)
        size = self._fixed or self.size
        if not self._takes_lengths and self._fixed is None:
            # Silence behind a clip would be heard: without lengths a short one goes alone.
            size = int(lengths.max())
            if lengths.min() < size:
                return np.concatenate([self._some([window]) for window in windows])
        batch = np.zeros((len(windows), size), np.float32)
        for row, window in zip(batch, windows, strict=True):
            row[: len(window)] = window
        return np.asarray(self._call(batch, lengths), np.float32)

    def _size(self, name: str, window: float | None) -> int:
        if self._fixed is not None:
            if window is not None and num_samples(window, self.sample_rate) != self._fixed:
                raise SonogramError(
                    f"the model {name!r} takes clips of {self._fixed} samples, "
                    f"{self._fixed / self.sample_rate:g} s, and no others; got a window of {window:g} s"
                )
            return int(self._fixed)
        seconds = (self.model_info.seconds or _WINDOW) if window is None else window
        return num_samples(seconds, self.sample_rate)


def num_samples(seconds: float, sample_rate: float) -> int:
    """Return the samples of a length in seconds.

    Raises:
        SonogramError: It is none.
    """
    if not (np.isfinite(seconds) and round(seconds * sample_rate) >= 1):
        raise SonogramError(f"a window and its step must last a sample or more; got {seconds:g} s")
    return round(seconds * sample_rate)


def _compiled(model: Any, takes_lengths: bool) -> Call:
    def call(samples: Any, lengths: Any) -> Any:
        return model([samples, lengths] if takes_lengths else samples, training=False)

    if keras.backend.backend() != "tensorflow":
        return lambda samples, lengths: model.predict_on_batch(
            [samples, lengths] if takes_lengths else samples
        )
    import tensorflow as tf

    # One trace for all lengths: to trace a network takes as long as an hour of some sounds.
    kinds = [tf.TensorSpec((None, model.inputs[0].shape[1]), tf.float32), tf.TensorSpec((None,), tf.int32)]
    compiled = tf.function(call, input_signature=kinds, autograph=False)
    compiled.get_concrete_function()  # traced here, and not by two calls at a time
    traced: Call = compiled
    return traced
