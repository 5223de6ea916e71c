"""The definition of a front end: frozen, comparable, plain data, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sonogram.config import require
from sonogram.errors import SonogramError
from sonogram.limits import check_fields
from sonogram.obstacles import Obstacle, Purpose, find_obstacles
from sonogram.parameters import Parameters
from sonogram.plain import fingerprint, from_plain, to_plain
from sonogram.spectrum import Complex
from sonogram.transform import ConstantQ

__all__ = ["Definition", "require_definition"]

_SCHEMA = 1

Self = TypeVar("Self", bound="Definition")


@dataclass(frozen=True, repr=False)
class Definition(Parameters):
    """A front end as data, with its axes and its JSON. `sonogram.Frontend` adds the computation."""

    def validate(self) -> None:
        check_fields(self)

    def num_frames(self, num_samples: int) -> int:
        """Return the number of rows of features of a clip.

        Args:
            num_samples: Length of the clip, samples.

        Raises:
            DefinitionError: It is negative, or no whole number.

        Example:
            >>> sg.Frontend(16000, 400, 160).num_frames(16000)
            98

        See Also:
            times: the center of each row.
        """
        require(
            isinstance(num_samples, Real) and num_samples >= 0 and num_samples % 1 == 0,
            f"num_samples must be a whole number of at least 0; got {num_samples!r}",
        )
        conditioned = self.conditioning.num_samples(int(num_samples))
        frames = self.padding.num_frames(conditioned, self.frame_span, self.frame_step)
        return int(self.stack.num_frames(frames) if self.stack else frames)

    # Axes and units.

    @property
    def unit(self) -> str:
        """Unit of the features, such as "magnitude" or "dB".

        Example:
            >>> sg.preset("yamnet").unit
            'ln magnitude'
        """
        unit = self.spectrum.unit
        if self.scaling is not None:
            unit = self.scaling.unit(unit)
        if self.cepstrum is not None:
            unit = f"cepstrum of {unit}"
        return unit if self.normalize is None else f"normalized {unit}"

    @property
    def decibels_per_unit(self) -> float | None:
        """Decibels in one unit of the features; None where they are not a plain logarithm."""
        if self.scaling is None or self.cepstrum is not None or self.normalize is not None:
            return None
        return self.scaling.decibels_per_unit(self.spectrum.db_factor)

    @property
    def frequencies(self) -> NDArray[np.float64] | None:
        """Center of each band in hertz, `(bands,)`; None for cepstra, deltas, stacks and complex bins."""
        if self.cepstrum is not None or self.deltas is not None or self.stack is not None:
            return None
        if isinstance(self.spectrum, Complex):
            return None
        if self.bands is None:
            if isinstance(self.transform, ConstantQ):
                return self.transform.frequencies
            return np.arange(self.num_bins, dtype=np.float64) * (self.sample_rate / self.fft_size)
        return (
            None
            if isinstance(self.transform, ConstantQ)
            else self.bands.centers(self.sample_rate, self.fft_size)
        )

    @property
    def frame_period(self) -> float:
        """Seconds from one row of features to the next, stacking included."""
        stride = self.stack.stride if self.stack else 1
        return stride * self.frame_step / self.sample_rate

    @property
    def begin(self) -> float:
        """Seconds at which the first row of features begins: half a frame period before its center.

        Row i covers the time from `begin + i * frame_period` to `begin + (i + 1) * frame_period`. It is
        negative where a padding centers the first row on the first sample.

        Example:
            >>> sg.Frontend(16000, 400, 160, padding=sg.padding.Center()).begin
            -0.005

        See Also:
            times: the center of each row. frame_period: the distance of two rows.
        """
        return float(self.times(1)[0]) - self.frame_period / 2

    def times(self, num_frames: int) -> NDArray[np.float64]:
        """Return the center of each row of features in the clip, seconds, `(num_frames,)`.

        A single frame is centered where its window is, a stack at the mean of its frames.

        Args:
            num_frames: Number of rows.

        Example:
            >>> sg.Frontend(16000, 400, 160).times(3)
            array([0.0125, 0.0225, 0.0325])

        See Also:
            frequencies: the center of each band. frame_period: the distance of two rows.
        """
        size, stride, before = self.stack_size, 1, 0
        if self.stack is not None:
            stride, before = self.stack.stride, self.stack.before
        # A padding that depends on the length is taken at the length of whole steps.
        pad_left = self.padding.pad_left(
            max(num_frames * stride, 1) * self.frame_step, self.frame_span, self.frame_step
        )
        middle = self.conditioning.dropped - pad_left + self.window_offset + self.frame_length / 2
        frames = np.arange(num_frames) * stride + (size - 1) / 2 - before
        return np.asarray((frames * self.frame_step + middle) / self.sample_rate)

    # What the definition can be used for.

    @property
    def streamable(self) -> bool:
        """Whether the features can be computed before the end of the clip is known."""
        return not self.obstacles("stream")

    @property
    def latency(self) -> int | None:
        """Samples that a stream needs after the center of a row of features to return it.

        The row at `times(n)[i]` is returned by the `Stream.push` that brings the number of samples to
        `floor(times(n)[i] * sample_rate) + latency`. Where the clip is mirrored at its beginning
        (`mode="reflect"` or `"symmetric"`), the first rows need as many samples as are mirrored, and with
        `SavitzkyGolay` those of its first complete polynomial. Rows beyond the end come with `finish`.
        None if the definition is not streamable.

        Example:
            >>> sg.Frontend(16000, 400, 160).latency
            200
        """
        if not self.streamable:
            return None
        span, step = self.frame_span, self.frame_step
        # Both needs of the last frame of a row, counted from where the first one's window begins: all
        # samples under the window, and as many that the padding counts the frame as valid.
        seen = (self.stack_size - 1) * step + self.frame_length
        later = self.stack_size + (self.deltas.lookahead if self.deltas else 0)
        added = self.padding.added(span, step) - (step if self.padding.last_frame == "zero" else 0)
        begin = self.window_offset - int(self.padding.pad_left(0, span, step))
        return max((later - 1) * step + self.frame_length, later * step - added - begin) - seen // 2

    def obstacles(self, purpose: Purpose) -> tuple[Obstacle, ...]:
        """Return what prevents a use of this definition; nothing if it is possible.

        Args:
            purpose: "stream": features before the end of the clip is known (`Stream`). "invert": samples
                from complex bins (`istft`). "magnitudes": magnitudes from features, on which
                `inversion.griffin_lim` is based. "c": source code for microcontrollers (`export_frontend`).

        Raises:
            SonogramError: There is no such purpose.

        Example:
            >>> definition = sg.Frontend(16000, 400, 160, normalize=sg.normalize.Standardize())
            >>> [obstacle.code for obstacle in definition.obstacles("stream")]
            ['clip-statistics']

        See Also:
            check: likely mistakes, for any purpose.
        """
        return find_obstacles(self, purpose)

    # JSON.

    def to_dict(self, *, defaults: bool = False) -> dict[str, Any]:
        """Return the definition as plain data for JSON, which `from_dict` reads.

        Args:
            defaults: Whether to include the fields that have their default value, as in a file that a person
                edits. The fingerprint does not depend on it.

        Example:
            >>> sg.Frontend(16000, 400, 160).to_dict()
            {'schema': 1, 'sample_rate': 16000, 'frame_length': 400, 'frame_step': 160}
            >>> sg.Frontend(16000, 400, 160).to_dict(defaults=True)["spectrum"]
            {'type': 'Magnitude', 'epsilon': 0, 'floor': 0}

        See Also:
            from_dict: the inverse. preset: also reads a JSON file with these fields.
        """
        return {"schema": _SCHEMA, **to_plain(self, defaults)}

    @classmethod
    def from_dict(cls: type[Self], plain: Mapping[str, Any]) -> Self:
        """Return the definition that `to_dict` wrote.

        Args:
            plain: Value by field. A stage is an object with its class as `type`; fields with their default
                value may be left out.

        Raises:
            DefinitionError: A field or a stage is unknown, or its value is invalid. The message names ours
                for the names of other libraries.

        Example:
            >>> definition = sg.preset("whisper-80")
            >>> sg.Frontend.from_dict(definition.to_dict()) == definition
            True

        See Also:
            preset: also reads the JSON of it from a file.
        """
        require(
            isinstance(plain, Mapping),
            f"a definition is an object of fields, as to_dict() returns it; got {plain!r:.80}",
        )
        schema = plain.get("schema", _SCHEMA)
        require(
            schema == _SCHEMA,
            f"this version reads definitions of schema {_SCHEMA}; got schema {schema!r}. Upgrade sonogram",
        )
        return from_plain(cls, {name: value for name, value in plain.items() if name != "schema"})

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the definition, 64 hexadecimal digits: equal for equal definitions.

        Example:
            >>> sg.preset("whisper-80").fingerprint == sg.preset("whisper-80").replace().fingerprint
            True
        """
        return fingerprint(self.to_dict())


def require_definition(value: object) -> None:
    """Raise `SonogramError` if `value` is no definition; for a preset name, suggest the call."""
    if not isinstance(value, Definition):
        remedy = (
            f"Use sonogram.preset({value!r})"
            if isinstance(value, str)
            else "Take its members one by one"
            if hasattr(value, "frontends")
            else "Integers have no gradient and no operations in a model: compute its features before it"
            if hasattr(value, "integers")
            else "Create one with sonogram.Frontend"
        )
        shown = type(value).__name__ if hasattr(value, "to_dict") else f"{value!r:.60}"
        raise SonogramError(f"the front end must be a Frontend; got {shown}. {remedy}")
