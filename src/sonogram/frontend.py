"""The definition of a front end: frozen, comparable, plain data."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram import (
    bands as bands_module,
    cepstrum as cepstrum_module,
    conditioning as conditioning_module,
    normalize as normalize_module,
    padding as padding_module,
    scaling as scaling_module,
    spectrum as spectrum_module,
    stack as stack_module,
    windows as windows_module,
)
from sonogram.bands import Bands
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning
from sonogram.config import Config, canonical, require
from sonogram.errors import DefinitionError
from sonogram.matrix import Matrix
from sonogram.normalize import Normalize
from sonogram.padding import Padding, Valid
from sonogram.scaling import Scaling
from sonogram.spectrum import Magnitude, Spectrum
from sonogram.stack import Stack
from sonogram.windows import Hann, Window

__all__ = ["Frontend"]

_SCHEMA = 1
_ROOMS = (
    windows_module,
    padding_module,
    conditioning_module,
    spectrum_module,
    bands_module,
    scaling_module,
    cepstrum_module,
    normalize_module,
    stack_module,
)


class _SpectrumField:
    """The field `spectrum`: read from a definition it can be called with samples."""

    def __get__(self, instance: Frontend | None, owner: type) -> Spectrum:
        if instance is None:
            return Magnitude()  # dataclass reads the default from here
        stored: Spectrum = instance.__dict__["spectrum"]
        if not isinstance(stored, Spectrum):
            return stored  # what it was given is wrong, as `check` is about to say
        return stored.bound(lambda samples: _engines().spectrum(instance, samples))

    def __set__(self, instance: Frontend, value: Any) -> None:
        unbound = dataclasses.replace(value) if isinstance(value, Spectrum) else value
        instance.__dict__["spectrum"] = unbound


@dataclass(frozen=True, repr=False)
class Frontend(Config):
    """A front end: what turns samples into features, as data.

    With the four numbers alone it is the magnitude of `tf.signal.stft`.

    Args:
        sample_rate: Hertz.
        frame_length: Length of the window, samples.
        frame_step: Samples from one frame to the next.
        fft_length: Samples of the transform; None is the next power of two.
        padding: What lies beyond the edges, and how many frames there are.
        conditioning: What happens to the samples before the window.
        window: The weights of the samples of one frame.
        spectrum: What is kept of the complex bins.
        bands: From bins to bands; None keeps the bins.
        scaling: The compression; None is linear.
        cepstrum: The cosine transform over the bands; None keeps the bands.
        normalize: Normalization of one example; None leaves the values.
        stack: Neighboring frames side by side; None keeps single frames.

    Raises:
        DefinitionError: A field cannot be what it says, or two do not fit.

    Example:
        >>> frontend = sg.Frontend(16000, 400, 160)
        >>> frontend(np.zeros(16000)).shape
        (98, 257)
    """

    sample_rate: float
    """Samples per second the definition is made for, hertz."""
    frame_length: int
    """Length of the window, samples."""
    frame_step: int
    """From one frame to the next, samples."""
    fft_length: int | None = None
    """Length of the Fourier transform, samples; None is the next power of two."""
    _: KW_ONLY
    padding: Padding = Valid()
    """What lies beyond the edges of a clip, and how many frames it has."""
    conditioning: Conditioning = Conditioning()
    """What happens to the samples before the window."""
    window: Window = Hann(symmetry="periodic-if-even")
    """The weights of the samples in one frame."""
    spectrum: Spectrum = _SpectrumField()  # type: ignore[assignment]
    """What is kept of the complex bins."""
    bands: Bands | None = None
    """From the bins of the spectrum to fewer bands."""
    scaling: Scaling | None = None
    """The compression of the bands."""
    cepstrum: Cepstrum | None = None
    """The cosine transform over the bands."""
    normalize: Normalize | None = None
    """Normalization of the features of one example."""
    stack: Stack | None = None
    """Neighboring frames side by side."""

    def validate(self) -> None:
        for name in ("frame_length", "frame_step", "fft_length"):
            value = getattr(self, name)
            require(
                (name == "fft_length" and value is None)
                or (isinstance(value, int) and not isinstance(value, bool) and value >= 1),
                f"{name} must be a whole number of samples, at least 1; got {value!r}",
            )
        require(
            isinstance(self.sample_rate, (int, float)) and self.sample_rate > 0,
            f"sample_rate must be above 0 Hz; got {self.sample_rate!r}",
        )
        require(
            self.fft_length is None or self.fft_length >= self.frame_length,
            f"fft_length {self.fft_length} is shorter than frame_length {self.frame_length}: samples would "
            f"be lost; take at least {self.frame_length}, or None for the next power of two",
        )
        kinds: dict[str, tuple[type, bool]] = {
            "padding": (Padding, False),
            "conditioning": (Conditioning, False),
            "window": (Window, False),
            "spectrum": (Spectrum, False),
            "bands": (Bands, True),
            "scaling": (Scaling, True),
            "cepstrum": (Cepstrum, True),
            "normalize": (Normalize, True),
            "stack": (Stack, True),
        }
        for name, (kind, optional) in kinds.items():
            value = getattr(self, name)
            require(
                isinstance(value, kind) or (optional and value is None),
                f"{name} must be {_alternatives(kind)}{' or None' if optional else ''}; got {value!r}",
            )
        if self.bands is not None:
            self.bands.matrix(self.sample_rate, self._fft_length)
        if self.cepstrum is not None:
            self.cepstrum.matrix(self._num_channels)
        if self.normalize is not None:
            size = self.stack.size if self.stack else 1
            self.normalize.check_bands(self.num_bands // size)
        self.window.weights(self.frame_length)

    # What follows from the fields.

    @property
    def _fft_length(self) -> int:
        return self.fft_length or 1 << (self.frame_length - 1).bit_length()

    @property
    def _span(self) -> int:
        return self._fft_length if self.padding.span == "fft" else self.frame_length

    @property
    def _num_channels(self) -> int:
        """Bands before the cepstrum."""
        return self.num_bins if self.bands is None else self.bands.count

    @property
    def num_bins(self) -> int:
        """Bins of the spectrum."""
        return self._fft_length // 2 + 1

    @property
    def num_bands(self) -> int:
        """Values of one frame of features."""
        single = self._num_channels if self.cepstrum is None else self.cepstrum.num_coefficients
        return int(single * (self.stack.size if self.stack else 1))

    @property
    def unit(self) -> str:
        """What a feature is measured in, such as "magnitude" or "dB"."""
        unit = self.spectrum.unit
        if self.scaling is not None:
            unit = self.scaling.unit(unit)
        if self.cepstrum is not None:
            unit = f"cepstrum of {unit}"
        return unit if self.normalize is None else f"normalized {unit}"

    @property
    def streamable(self) -> bool:
        """Whether the features can be computed before the end of the clip is known."""
        return not (
            self.padding.depends_on_length
            or self.conditioning.remove_mean == "clip"
            or (self.scaling is not None and self.scaling.peak_dependent)
            or (self.normalize is not None and self.normalize.clip_dependent)
        )

    @property
    def frequencies(self) -> NDArray[np.float64] | None:
        """The center of each band in hertz, `(bands,)`; None for cepstra and stacked frames."""
        if self.cepstrum is not None or self.stack is not None:
            return None
        if self.bands is None:
            return np.arange(self.num_bins, dtype=np.float64) * (self.sample_rate / self._fft_length)
        return self.bands.centers(self.sample_rate)

    def num_frames(self, num_samples: int) -> int:
        """Return the number of frames of a clip of `num_samples` samples."""
        require(num_samples >= 0, f"num_samples must not be negative; got {num_samples}")
        kept = max(int(num_samples) - self.conditioning.dropped, 0)
        frames = self.padding.num_frames(kept, self._span, self.frame_step)
        return int(self.stack.num_frames(frames) if self.stack else frames)

    def times(self, num_frames: int) -> NDArray[np.float64]:
        """Return the center of each frame's window in the clip, seconds, `(num_frames,)`."""
        size = self.stack.size if self.stack else 1
        single = num_frames * size
        # Where the padding depends on the length, that of whole steps stands for it.
        left = self.padding.pad_left(max(single, 1) * self.frame_step, self._span, self.frame_step)
        within = (self._span - self.frame_length) // 2
        middle = self.conditioning.dropped - left + within + self.frame_length / 2
        samples = np.arange(single) * self.frame_step + middle
        return np.asarray(samples.reshape(num_frames, size).mean(axis=1) / self.sample_rate)

    # Data in and out.

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as plain data for JSON: the fields that differ from their defaults."""
        return {"schema": _SCHEMA, **_plain(self)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Frontend:
        """Return the definition that `to_dict` wrote.

        Raises:
            DefinitionError: A field or a type is unknown, or its value cannot be meant.
        """
        schema = plain.get("schema", _SCHEMA)
        require(
            schema == _SCHEMA,
            f"this version reads definitions of schema {_SCHEMA}, this one has {schema!r}: upgrade sonogram",
        )
        fields = {name: _stage(value) for name, value in plain.items() if name != "schema"}
        frontend: Frontend = _make(cls, fields)
        return frontend

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the definition, 64 hexadecimal digits: equal for equal definitions."""
        text = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    # Sugar for the engines: the one place where a definition reaches up.

    def __call__(self, samples: Any, engine: str | None = None, *, lengths: Any = None) -> Any:
        """Compute the features.

        Args:
            samples: `(..., samples)` in [-1, 1]: an array, an `Audio`, a tensor of TensorFlow, JAX, PyTorch.
            engine: "numpy", "native", "graph" or "portable"; None chooses.
            lengths: Valid samples of each clip, `(...)`; None is all. What lies beyond changes nothing.

        Returns:
            float32 features, `(..., frames, bands)`, of the library of `samples`; 0 beyond a clip's frames.

        Raises:
            SonogramError: The input does not fit the definition; the message says how to mend it.
        """
        return _engines().run(self, samples, engine, lengths)

    def check(self, sample_rate: float | None = None, duration: float | None = None) -> tuple[Any, ...]:
        """Look for mistakes in the definition; see `sonogram.checks.check`.

        Args:
            sample_rate: Of the recordings it will read, hertz; None is its own.
            duration: Of one clip, seconds; None leaves out what depends on it.

        Returns:
            Findings (code, severity, message, remedy): errors, then warnings, then notes.

        Example:
            >>> [finding.code for finding in sg.Frontend(16000, 400, 480).check(sample_rate=8000)][:2]
            ['rate-mismatch', 'skipped-samples']
        """
        from sonogram.checks import check

        return check(self, sample_rate, duration)


def _engines() -> Any:
    from sonogram import engines

    return engines


def _alternatives(kind: type) -> str:
    public = [name for room in _ROOMS for name in room.__all__ if _is_concrete(getattr(room, name), kind)]
    return ", ".join(public)


def _is_concrete(value: Any, kind: type) -> bool:
    abstract = {Padding, Window, Spectrum, Bands, Scaling, Normalize}
    return isinstance(value, type) and issubclass(value, kind) and value not in abstract


@cache
def _stages() -> dict[str, type[Config]]:
    kinds = (Padding, Window, Spectrum, Bands, Scaling, Normalize, Cepstrum, Conditioning, Stack)
    named = {name: getattr(room, name) for room in _ROOMS for name in room.__all__}
    named = {name: value for name, value in named.items() if any(_is_concrete(value, kind) for kind in kinds)}
    return {**named, "Preemphasis": conditioning_module.Preemphasis}


def _plain(value: Any) -> Any:
    if isinstance(value, Matrix):
        return {"type": "Matrix", "values": value.values.tolist()}
    if not isinstance(value, Config):
        return value
    differing = {
        field.name: _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if field.init and getattr(value, field.name) != field.default
    }
    return differing if isinstance(value, Frontend) else {"type": type(value).__name__, **differing}


def _stage(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return canonical(value)
    fields = {name: part for name, part in value.items() if name != "type"}
    name = value.get("type")
    if name == "Matrix":
        return Matrix(fields.get("values", ()))
    if name not in _stages():
        raise DefinitionError(
            f"unknown stage {name!r} in a definition; known are {', '.join(sorted(_stages()))}"
        )
    return _make(_stages()[name], {field: _stage(part) for field, part in fields.items()})


def _make(cls: type[Any], fields: Mapping[str, Any]) -> Any:
    known = {field.name: field for field in dataclasses.fields(cls) if field.init}
    unknown = sorted(set(fields) - set(known))
    require(not unknown, f"{cls.__name__} has no field {', '.join(unknown)}; it has {', '.join(known)}")
    missing = [
        name for name, field in known.items() if field.default is dataclasses.MISSING and name not in fields
    ]
    require(not missing, f"{cls.__name__} needs {', '.join(missing)}")
    return cls(**fields)
