"""`MicroFrontend`: the frozen definition of the integer front end, and its computation."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Config, Stage, require
from sonogram.engines.host import on_host
from sonogram.engines.samples import check_samples
from sonogram.micro.tables import COEFFICIENT_BITS, SNR_BITS, mel_edges
from sonogram.plain import from_plain, to_plain

if TYPE_CHECKING:
    from sonogram.micro.stream import MicroStream

__all__ = ["GainControl", "MicroFrontend", "NoiseReduction"]

_TYPE = "MicroFrontend"
_SCHEMA = 1


def _check_whole(name: str, value: Any, low: int, high: int) -> None:
    require(
        isinstance(value, int) and low <= value <= high,
        f"{name} must be a whole number from {low} to {high}; got {value!r}",
    )


@dataclass(frozen=True, repr=False)
class NoiseReduction(Stage):
    """Subtraction of a running estimate of the noise in each band.

    The estimate begins at 0, so that the first frames are hardly reduced.

    Args:
        scaling_bits: Fractional bits of the estimate.
        even_smoothing: Weight of the new frame in the estimates of bands 0, 2, 4, ..., between 0 and 1.
        odd_smoothing: Weight in those of bands 1, 3, 5, ...; the larger one follows speech faster.
        min_signal_remaining: Part of the amplitude that remains at least, between 0 and 1. 1 turns the
            reduction off.
    """

    scaling_bits: int = 10
    even_smoothing: float = 0.025
    odd_smoothing: float = 0.06
    min_signal_remaining: float = 0.05

    def validate(self) -> None:
        _check_whole("scaling_bits", self.scaling_bits, 0, 16)
        for name in ("even_smoothing", "odd_smoothing", "min_signal_remaining"):
            value = getattr(self, name)
            require(0 <= value <= 1, f"{name} must be between 0 and 1; got {value!r}")


@dataclass(frozen=True, repr=False)
class GainControl(Stage):
    """Per-channel amplitude normalization (PCAN): division of each band by a power of its noise estimate.

    Args:
        strength: Exponent of the noise estimate. 0 leaves the level, 1 removes it.
        offset: Number added to the estimate before the power, above 0: quieter noise changes little.
        gain_bits: Fractional bits of the gain.
    """

    strength: float = 0.95
    offset: float = 80
    gain_bits: int = 21

    def validate(self) -> None:
        require(0 <= self.strength <= 2, f"strength must be between 0 and 2; got {self.strength!r}")
        require(0 < self.offset <= 1e6, f"offset must be above 0, at most 1000000; got {self.offset!r}")
        _check_whole("gain_bits", self.gain_bits, 0, 31)


@dataclass(frozen=True, repr=False)
class MicroFrontend(Config):
    """The integer front end of TensorFlow Lite Micro, with the same bits.

    Models for microcontrollers (micro_speech, microWakeWord) are trained with it, because it also runs
    there: 16-bit samples, a fixed-point Fourier transform, mel bands, noise reduction and gain control with
    memory, and a logarithm by table. For such a model an approximation in floating point is another front
    end. It is no `Frontend`: it has one engine, in integers, and no gradients.

    Args:
        sample_rate: Samples per second, hertz.
        frame_length: Window length in samples, 16 to 16384. micro_speech and microWakeWord use 30 ms.
        frame_step: Samples from one frame to the next, at most `frame_length`. 20 ms in micro_speech, 10 ms
            in microWakeWord.
        num_mel_bins: Number of bands.
        lower_hz: Lower edge of the first band, hertz.
        upper_hz: Upper edge of the last band, hertz, below half the sample rate.
        noise_reduction: Subtraction of stationary noise.
        gain_control: Normalization of the level in each band; None is none.
        log_bits: Fractional bits of the logarithm: at 6 a feature is 64 ln of the amplitude. None returns the
            amplitude.
        scale: Factor of the features, such as 10 / 256 in the training of micro_speech. The integers of the
            device are those of `integers`, whatever the scale.

    Raises:
        DefinitionError: A field is invalid, or two fields do not fit together.

    Example:
        >>> frontend = sg.MicroFrontend(16000, 480, 160)
        >>> frontend(np.zeros(16000)).shape, frontend.unit
        ((98, 40), '64 ln amplitude')
        >>> frontend.integers(np.zeros(16000, np.int16)).dtype
        dtype('uint16')

    See Also:
        preset: `sg.preset("micro-speech")` and `sg.preset("microwakeword")`.
        Stream: the same features from samples that arrive in pieces.
    """

    sample_rate: float = 16000
    frame_length: int = 480
    frame_step: int = 160
    _: KW_ONLY
    num_mel_bins: int = 40
    lower_hz: float = 125
    upper_hz: float = 7500
    noise_reduction: NoiseReduction = NoiseReduction()
    gain_control: GainControl | None = GainControl()
    log_bits: int | None = 6
    scale: float = 1

    def validate(self) -> None:
        require(0 < self.sample_rate <= 1e6, f"sample_rate must be above 0; got {self.sample_rate!r}")
        _check_whole("frame_length", self.frame_length, 16, 16384)
        _check_whole("frame_step", self.frame_step, 1, self.frame_length)
        _check_whole("num_mel_bins", self.num_mel_bins, 1, 1024)
        half = self.sample_rate / 2
        require(
            0 <= self.lower_hz < self.upper_hz < half,
            f"lower_hz and upper_hz must be in order and below half the sample rate ({half:g} Hz); got "
            f"{self.lower_hz!r} and {self.upper_hz!r}",
        )
        if self.log_bits is not None:
            _check_whole("log_bits", self.log_bits, 0, 11)
        require(self.scale > 0, f"scale must be above 0; got {self.scale!r}")
        self._check_bits()

    def _check_bits(self) -> None:
        taken = self.fft_size.bit_length() - 1 - COEFFICIENT_BITS // 2
        scaling, gain = self.noise_reduction.scaling_bits, self.gain_control
        require(
            gain is None or scaling >= taken,
            f"scaling_bits must be at least {taken} for frames of {self.frame_length}; got {scaling}",
        )
        require(
            gain is None or gain.gain_bits >= taken + SNR_BITS,
            f"gain_bits must be at least {taken + SNR_BITS} for frames of {self.frame_length}",
        )

    # Sizes, axes and units: the words of `Frontend`.

    @property
    def fft_size(self) -> int:
        """Length of the Fourier transform: the power of two at or above `frame_length`."""
        return 1 << (int(self.frame_length) - 1).bit_length()

    @property
    def num_bins(self) -> int:
        """Number of bins of the spectrum."""
        return self.fft_size // 2 + 1

    @property
    def num_bands(self) -> int:
        """Number of values in one row of features."""
        return int(self.num_mel_bins)

    def num_frames(self, num_samples: int) -> int:
        """Return the number of rows of features of a clip: only whole frames count.

        Args:
            num_samples: Length of the clip, samples.

        Raises:
            DefinitionError: It is negative, or no whole number.

        Example:
            >>> sg.preset("micro-speech").num_frames(16000)
            49
        """
        require(
            isinstance(num_samples, Real) and num_samples >= 0 and num_samples % 1 == 0,
            f"num_samples must be a whole number of at least 0; got {num_samples!r}",
        )
        return max(0, int(num_samples) - self.frame_length + self.frame_step) // self.frame_step

    def times(self, num_frames: int) -> NDArray[np.float64]:
        """Return the center of each frame in the clip, seconds, `(num_frames,)`.

        Args:
            num_frames: Number of rows.

        Example:
            >>> sg.preset("microwakeword").times(3)
            array([0.015, 0.025, 0.035])
        """
        return np.asarray(
            (np.arange(num_frames) * self.frame_step + self.frame_length / 2) / self.sample_rate
        )

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Center of each band in hertz, `(bands,)`."""
        centers = mel_edges(self)[1:-1].astype(np.float64)
        return np.asarray(700.0 * np.expm1(centers / 1127.0))

    @property
    def unit(self) -> str:
        """Unit of the features, such as "64 ln amplitude"."""
        factor = self.scale * (1 if self.log_bits is None else 2**self.log_bits)
        name = "amplitude" if self.log_bits is None else "ln amplitude"
        return name if factor == 1 else f"{factor:g} {name}"

    @property
    def frame_period(self) -> float:
        """Seconds from one row of features to the next."""
        return self.frame_step / self.sample_rate

    @property
    def streamable(self) -> bool:
        """Whether the features can be computed before the end of the clip is known: always."""
        return True

    @property
    def latency(self) -> int:
        """Samples that a stream needs after the center of a row of features to return it."""
        return self.frame_length - self.frame_length // 2

    # Computation.

    def __call__(self, samples: Any, *, lengths: Any = None) -> Any:
        """Return the features of samples: those of `integers`, times `scale`.

        Args:
            samples: `(..., samples)`, 16-bit integers, or floating point in [-1, 1], which are rounded to
                them: an array, an `Audio`, or a tensor. Tensors are computed on the CPU, also in the
                functions of `tf.data`, and have no gradient.
            lengths: Number of valid samples of each clip, `(...)`; None is all.

        Returns:
            float32 features, `(..., frames, bands)`, of the library of `samples`; 0 after the valid frames.

        Raises:
            SonogramError: The input does not fit the definition; the message says what to change.
        """
        samples = check_samples(self, samples)  # type: ignore[arg-type]
        size = samples.shape[-1]
        shape = (*samples.shape[:-1], None if size is None else self.num_frames(size), self.num_bands)
        arguments = (samples,) if lengths is None else (samples, lengths)
        return on_host(self._features, arguments, shape)

    def integers(self, samples: Any, *, lengths: Any = None) -> NDArray[np.uint16]:
        """Return the features as the device has them: 16-bit integers, without `scale`.

        Args:
            samples: `(..., samples)`, an array as for the features.
            lengths: Number of valid samples of each clip, `(...)`; None is all.

        Returns:
            uint16 `(..., frames, bands)`; 0 after the valid frames.

        Raises:
            SonogramError: The samples have another type.
        """
        from sonogram.micro.stream import MicroStream, to_int16

        clips = to_int16(check_samples(self, samples))  # type: ignore[arg-type]
        rows = MicroStream(self).integers(clips.reshape(math.prod(clips.shape[:-1]), clips.shape[-1]))
        rows = rows.reshape(*clips.shape[:-1], *rows.shape[1:])
        if lengths is not None:
            whole = (
                np.maximum(np.asarray(lengths) - self.frame_length + self.frame_step, 0) // self.frame_step
            )
            rows = np.where(np.arange(rows.shape[-2])[:, None] < whole[..., None, None], rows, np.uint16(0))
        return rows

    def _features(self, samples: NDArray[Any], lengths: Any = None) -> NDArray[np.float32]:
        return self.integers(samples, lengths=lengths).astype(np.float32) * np.float32(self.scale)

    def stream(self) -> MicroStream:
        """Return a stream of this front end: the same features from samples that arrive in pieces.

        Example:
            >>> stream = sg.preset("micro-speech").stream()
            >>> stream.push(np.zeros(1000)).shape, stream.finish().shape
            ((2, 40), (0, 40))

        See Also:
            Stream: `sg.Stream(frontend)` returns the same.
        """
        from sonogram.micro.stream import MicroStream

        return MicroStream(self)

    # JSON.

    def to_dict(self, *, defaults: bool = False) -> dict[str, Any]:
        """Return the definition as plain data for JSON, which `from_dict` reads.

        Args:
            defaults: Whether to include the fields that have their default value.

        Example:
            >>> sg.MicroFrontend(frame_step=320).to_dict()
            {'schema': 1, 'type': 'MicroFrontend', 'frame_step': 320}
        """
        return {"schema": _SCHEMA, "type": _TYPE, **to_plain(self, defaults)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> MicroFrontend:
        """Return the definition that `to_dict` wrote.

        Args:
            plain: Value by field; fields with their default value may be left out.

        Raises:
            DefinitionError: A field is unknown, or its value is invalid.

        Example:
            >>> sg.MicroFrontend.from_dict(sg.MicroFrontend(frame_step=320).to_dict()).frame_step
            320
        """
        require(
            isinstance(plain, Mapping) and plain.get("type", _TYPE) == _TYPE,
            f"a micro front end is an object of fields, as to_dict() returns it; got {plain!r:.80}",
        )
        schema = plain.get("schema", _SCHEMA)
        require(schema == _SCHEMA, f"this version reads schema {_SCHEMA}; got {schema!r}. Upgrade sonogram")
        return from_plain(cls, {name: plain[name] for name in plain if name not in ("schema", "type")})

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the definition, 64 hexadecimal digits: equal for equal definitions."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()
