"""How far an exported model may lie from the Keras model, and how far it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.exporting.runner import Case

__all__ = ["Agreement", "compare", "judge"]

Values = NDArray[np.generic]

# Float32 through another order of sums. The features of the 60 presets differ by 1e-5 in RMS and by
# 4e-4 at most, where a log band holds next to nothing; a wrong frame or a wrong constant is far beyond
# either bound. Probabilities of small networks differ by 1e-5.
_PROBABILITY = {None: 1e-4, "float16": 5e-3, "int8": 0.25}
_VALUE_RMS = {None: 1e-4, "float16": 5e-3, "int8": 5e-2}
_VALUE_MAX = {None: 1e-2, "float16": 5e-2, "int8": 0.5}
# Recordings that once had a lower rate have bands of nothing but rounding error, which a logarithm without
# a floor shows: 0.3 ln was seen between two engines, and 3e-4 of a probability.
_ROOM_FOR_RECORDINGS = 10
_SAME_TOP_CLASS = 0.97
_ENOUGH_CLIPS = 34  # of fewer, one that differs is more than 3 %


@dataclass(frozen=True)
class Agreement:
    """The differences over all runs."""

    measure: str
    """"probabilities" where all outputs are, otherwise "values"."""
    max_error: float
    """The largest difference, in parts of the output's largest value; of 1 for probabilities."""
    rms_error: float
    """The root of the mean squared difference of the output that differs most, in the same parts."""
    same_top_class: float | None
    """The share of clips that keep their most probable class; None without classes."""
    num_classified: int
    """How many clips that share is of."""


@dataclass(frozen=True)
class _Output:
    is_probability: bool
    max_error: float
    rms_error: float
    same: list[NDArray[np.bool_]]
    """Of each run, the clips that keep their class; nothing without classes."""


def compare(
    expected: Sequence[Case], received: Sequence[Case], classified: Sequence[bool] | None = None
) -> Agreement:
    """Return how far the outputs of a runtime lie from those of the Keras model.

    Args:
        expected: What Keras gave, by the name of the output, for each run.
        received: What the runtime gave.
        classified: Which runs tell the share of clips that keep their class; None takes all. A clip that
            runs alone and in batches shall count once.

    Raises:
        SonogramError: Their shapes differ, or a difference is not finite.
    """
    outputs = [
        _compare(name, [case[name] for case in expected], [case.get(name) for case in received])
        for name in expected[0]
    ]
    counted = [True] * len(expected) if classified is None else classified
    kept = [
        np.concatenate([same for same, counts in zip(output.same, counted, strict=True) if counts])
        for output in outputs
        if output.same
    ]
    # A clip keeps its class where all outputs do.
    same = np.logical_and.reduce(kept) if kept else np.zeros(0, np.bool_)
    return Agreement(
        measure="probabilities" if all(output.is_probability for output in outputs) else "values",
        max_error=max(output.max_error for output in outputs),
        rms_error=max(output.rms_error for output in outputs),
        same_top_class=float(same.mean()) if len(same) else None,
        num_classified=len(same),
    )


def _compare(name: str, expected: Sequence[Values], received: Sequence[Values | None]) -> _Output:
    is_probability = all(_is_probability(value) for value in expected)
    # Silence alone has no largest value.
    scale = 1.0 if is_probability else max(_largest(value) for value in expected) or 1.0
    largest, squares, count = 0.0, 0.0, 0
    same = []
    for number, (wanted, got) in enumerate(zip(expected, received, strict=True)):
        if got is None or got.shape != wanted.shape:
            shape = None if got is None else got.shape
            raise SonogramError(
                f"the exported model differs from the Keras model: in run {number} {name} "
                f"has the shape {shape}, not {wanted.shape}"
            )
        difference = np.abs(np.asarray(got, np.float64) - np.asarray(wanted, np.float64)) / scale
        if not np.isfinite(difference).all():
            raise SonogramError(f"in run {number} {name} is not finite, in the exported or the Keras model")
        largest = max(largest, float(difference.max(initial=0)))
        squares += float((difference**2).sum())
        count += difference.size
        if is_probability and wanted.shape[-1] > 1:
            same.append(wanted.argmax(-1) == got.argmax(-1))
    return _Output(is_probability, largest, (squares / max(count, 1)) ** 0.5, same)


def judge(agreement: Agreement, quantize: str | None, real: bool) -> None:
    """Raise an error if a model is not what it was.

    Args:
        agreement: The differences.
        quantize: What the network's weights are rounded to.
        real: Whether the clips were given. The classes of generated ones say little: a network that
            knows birds has no opinion on a sweep.

    Raises:
        SonogramError: An error is beyond its bound.
    """
    room = _ROOM_FOR_RECORDINGS if real and quantize is None else 1
    if agreement.measure == "probabilities":
        bound = room * _PROBABILITY[quantize]
        figures = [("the largest error in probability", agreement.max_error, bound)]
    else:
        figures = [
            ("the RMS error over the largest value", agreement.rms_error, room * _VALUE_RMS[quantize]),
            ("the largest error over the largest value", agreement.max_error, room * _VALUE_MAX[quantize]),
        ]
    for name, figure, bound in figures:
        if not figure <= bound:
            raise SonogramError(
                f"the exported model differs from the Keras model: {name} is {figure:.2g}, "
                f"at most {bound:.2g} is allowed"
            )
    share = agreement.same_top_class
    if quantize is None or not real or share is None or agreement.num_classified < _ENOUGH_CLIPS:
        return
    if share < _SAME_TOP_CLASS:
        raise SonogramError(
            f"the {quantize} model names the Keras model's class for {100 * share:.1f} % of the clips, "
            f'at least {100 * _SAME_TOP_CLASS:.0f} % is wanted: take quantize="float16" or None'
        )


def _is_probability(value: Values) -> bool:
    real = np.asarray(value, np.float64)
    return real.ndim == 2 and bool(((real >= 0) & (real <= 1)).all())


def _largest(value: Values) -> float:
    return float(np.abs(np.asarray(value, np.float64)).max(initial=0))
