"""`MicroFrontend`: a definition together with its integer engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.config import require
from sonogram.engines.host import on_host
from sonogram.engines.samples import check_samples
from sonogram.micro.definition import MicroDefinition
from sonogram.micro.stream import MicroStream, to_int16
from sonogram.plain import fingerprint, from_plain, to_plain

__all__ = ["MicroFrontend"]

_TYPE = "MicroFrontend"
_SCHEMA = 1


class MicroFrontend(MicroDefinition):
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
            SonogramError: The input does not fit the definition; the message states what to change.
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
        return fingerprint(self.to_dict())
