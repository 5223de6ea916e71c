"""Comparison of an exported model with the Keras model: differences, tolerances, and the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.exporting.cases import Case, Values
from sonogram.exporting.description import ModelDescription

__all__ = ["Agreement", "VerificationReport", "check_tolerance", "compare"]

# Float32 with another order of summation. The features of 60 presets differ by 1e-5 in RMS and by
# 4e-4 at most, where a log band is nearly empty; a wrong frame or a wrong constant is far beyond both
# bounds. Probabilities of small networks differ by 1e-5.
_PROBABILITY = {None: 1e-4, "float16": 5e-3, "int8": 0.25}
_VALUE_RMS = {None: 1e-4, "float16": 5e-3, "int8": 5e-2}
_VALUE_MAX = {None: 1e-2, "float16": 5e-2, "int8": 0.5}
_RECORDING_FACTOR = 10
"""Factor of the float32 bounds for recordings. One that once had a lower rate has bands with nothing but
rounding errors, which a logarithm without a floor shows: 0.3 ln were seen between two engines, and 3e-4
of a probability."""
_MIN_SAME_TOP_CLASS = 0.97
_MIN_CLASSIFIED = 34
"""Clips from which on one that differs is less than 3 %."""


@dataclass(frozen=True)
class Agreement:
    """Differences of all runs."""

    measure: str
    """"probabilities" where all outputs are probabilities, otherwise "values" such as features."""
    max_error: float
    """Largest difference to the Keras model: of probabilities, or relative to the output's largest value."""
    rms_error: float
    """Root mean square difference of the output that differs most, in the same unit."""
    same_top_class: float | None
    """Share of clips with the same most probable class; None without classes."""
    num_classified: int
    """Number of clips that this share is of."""


@dataclass(frozen=True)
class VerificationReport(ModelDescription, Agreement):
    """Result of running an exported model in its own runtime.

    See Also:
        `sonogram.export`, which returns it and writes it next to the model.
    """

    format: str
    """"saved-model", "litert" or "onnx"."""
    quantize: str | None
    """Type of the network's stored weights; None is float32. The front end is always float32."""
    clips: str
    """"given" or "generated"."""
    num_clips: int
    """Number of clips compared, each alone and, where any batch size is allowed, in batches."""
    batches: tuple[int, ...]
    """Batch sizes of the runs."""
    lengths: tuple[int, int]
    """Lengths of the shortest and the longest clip in samples."""
    operators: dict[str, int]
    """Number of each operator in the file."""
    size_bytes: int
    """Size of the file or folder in bytes."""
    milliseconds_per_second: float
    """Time for one second of sound, on one thread of this machine's processor."""
    versions: dict[str, str]
    """Versions of all packages involved."""

    def save(self, path: Path) -> None:
        """Write the report as JSON.

        Args:
            path: File to write.
        """
        path.write_text(json.dumps(asdict(self), indent=2, allow_nan=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> VerificationReport:
        """Return the report that `save` wrote.

        Args:
            path: File to read.
        """
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name in ("batches", "lengths", "frontends", "labels"):
            plain[name] = None if plain[name] is None else tuple(plain[name])
        return cls(**plain)


@dataclass(frozen=True)
class _Difference:
    """Difference of one output over all runs."""

    is_probability: bool
    max_error: float
    rms_error: float
    same_class: list[NDArray[np.bool_]]
    """For each run, whether each clip has the same class; empty without classes."""


def compare(
    expected: Sequence[Case], received: Sequence[Case], counted: Sequence[bool] | None = None
) -> Agreement:
    """Return how far the outputs of a runtime are from those of the Keras model.

    Args:
        expected: Outputs of Keras by name, for each run.
        received: Outputs of the runtime.
        counted: Which runs count for the share of clips with the same class; None counts all. A clip
            that runs alone and in batches must count once.

    Raises:
        SonogramError: Their shapes differ, or a difference is not finite.
    """
    outputs = [
        _difference(name, [case[name] for case in expected], [case.get(name) for case in received])
        for name in expected[0]
    ]
    counted = [True] * len(expected) if counted is None else counted
    classes = [
        np.concatenate([same for same, counts in zip(output.same_class, counted, strict=True) if counts])
        for output in outputs
        if output.same_class
    ]
    # A clip has the same class if it has in all outputs.
    same = np.logical_and.reduce(classes) if classes else np.zeros(0, np.bool_)
    return Agreement(
        measure="probabilities" if all(output.is_probability for output in outputs) else "values",
        max_error=max(output.max_error for output in outputs),
        rms_error=max(output.rms_error for output in outputs),
        same_top_class=float(same.mean()) if len(same) else None,
        num_classified=len(same),
    )


def _difference(name: str, expected: Sequence[Values], received: Sequence[Values | None]) -> _Difference:
    is_probability = all(map(_is_probability, expected))
    # Silence alone has no largest value.
    scale = 1.0 if is_probability else max(map(_max_abs, expected)) or 1.0
    largest, squares, count = 0.0, 0.0, 0
    same_class = []
    for number, (want, got) in enumerate(zip(expected, received, strict=True)):
        if got is None or got.shape != want.shape:
            shape = None if got is None else got.shape
            raise SonogramError(
                f"the exported model differs from the Keras model: in run {number} {name} "
                f"has the shape {shape}, not {want.shape}"
            )
        difference = np.abs(np.asarray(got, np.float64) - np.asarray(want, np.float64)) / scale
        if not np.isfinite(difference).all():
            raise SonogramError(f"in run {number} {name} is not finite, in the exported or the Keras model")
        largest = max(largest, float(difference.max(initial=0)))
        squares += float((difference**2).sum())
        count += difference.size
        if is_probability and want.shape[-1] > 1:
            same_class.append(want.argmax(-1) == got.argmax(-1))
    return _Difference(is_probability, largest, (squares / max(count, 1)) ** 0.5, same_class)


def check_tolerance(agreement: Agreement, quantize: str | None, recorded: bool) -> None:
    """Raise an error if an exported model differs too much from the Keras model.

    Args:
        agreement: The differences.
        quantize: Type of the network's stored weights.
        recorded: Whether the clips are recordings. Classes of generated clips carry little information:
            a network that classifies birds is undecided about a sweep.

    Raises:
        SonogramError: An error is beyond its bound.
    """
    factor = _RECORDING_FACTOR if recorded and quantize is None else 1
    if agreement.measure == "probabilities":
        figures = [("the largest error in probability", agreement.max_error, _PROBABILITY)]
    else:
        figures = [
            ("the RMS error over the largest value", agreement.rms_error, _VALUE_RMS),
            ("the largest error over the largest value", agreement.max_error, _VALUE_MAX),
        ]
    for name, figure, bounds in figures:
        bound = factor * bounds[quantize]
        if not figure <= bound:
            raise SonogramError(
                f"the exported model differs from the Keras model: {name} is {figure:.2g}, "
                f"at most {bound:.2g} is allowed"
            )
    share = agreement.same_top_class
    if quantize is None or not recorded or share is None or agreement.num_classified < _MIN_CLASSIFIED:
        return
    if share < _MIN_SAME_TOP_CLASS:
        raise SonogramError(
            f"the {quantize} model gives the Keras model's class for {100 * share:.1f} % of the clips; "
            f'at least {100 * _MIN_SAME_TOP_CLASS:.0f} % is required: use quantize="float16" or None'
        )


def _is_probability(value: Values) -> bool:
    real = np.asarray(value, np.float64)
    return real.ndim == 2 and bool(((real >= 0) & (real <= 1)).all())


def _max_abs(value: Values) -> float:
    return float(np.abs(np.asarray(value, np.float64)).max(initial=0))
