"""`Bundle` and `Spatial`: several front ends, or several channels, as one frozen definition with one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sonogram import checks
from sonogram.config import Config, require
from sonogram.engines.arrays import library, namespace
from sonogram.engines.samples import add_offset, check_channels, to_array
from sonogram.frontend import Frontend
from sonogram.obstacles import Obstacle, Purpose
from sonogram.plain import fingerprint, from_plain, to_plain
from sonogram.spatial import SpatialFeature
from sonogram.spectrum import Complex
from sonogram.streaming import BundleStream

__all__ = ["Bundle", "Composite", "Spatial", "definition_from_dict"]

_SCHEMA = 1


@dataclass(frozen=True, repr=False)
class Composite(Config):
    """Base of the definitions that are made of front ends. The front ends share rate and frames."""

    @property
    def frontends(self) -> tuple[Frontend, ...]:
        """The front ends that are computed."""
        raise NotImplementedError

    @property
    def offsets(self) -> tuple[float, ...]:
        """What is added to the samples of each front end."""
        return (0.0,) * len(self.frontends)

    def combine(self, xp: Any, outputs: list[Any]) -> Any:
        """Return the features from those of the front ends."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the features of one frame."""
        raise NotImplementedError

    @property
    def channels(self) -> int | None:
        """Number of channels of samples, `(..., channels, samples)`; None if there is no such axis."""
        return None

    def __call__(self, samples: Any, engine: str | None = None, *, lengths: Any = None) -> Any:
        """Return the features of samples.

        Args:
            samples: `(..., samples)`, or `(..., channels, samples)` for spatial features; of the types that
                `Frontend` takes.
            engine: "numpy", "native", "graph" or "portable"; None chooses by the type of `samples`.
            lengths: Number of valid samples of each clip, `(...)`; None is all.

        Returns:
            float32, `(..., frames, *shape)`, of the library of `samples`.

        Raises:
            SonogramError: The input does not fit; the message states what to change.
        """
        samples = to_array(samples, self.sample_rate)
        xp = namespace(library(samples), engine == "portable")
        channels = self.channels
        if channels is not None:
            check_channels(samples.shape, channels)
            if lengths is not None:
                lengths = xp.integers(lengths, samples)
                lengths = xp.concatenate([xp.expand(lengths, -1)] * channels, -1)
        outputs = [
            each(add_offset(xp, samples, offset), engine, lengths=lengths)
            for each, offset in zip(self.frontends, self.offsets, strict=True)
        ]
        return xp.cast(self.combine(xp, outputs), outputs[0])

    # What all front ends share.

    @property
    def sample_rate(self) -> float:
        """Samples per second."""
        return self.frontends[0].sample_rate

    @property
    def frame_step(self) -> int:
        """Samples from one frame to the next."""
        return self.frontends[0].frame_step

    @property
    def frame_length(self) -> int:
        """Length of the longest window in samples."""
        return max(each.frame_length for each in self.frontends)

    @property
    def frame_period(self) -> float:
        """Seconds from one row of features to the next."""
        return self.frontends[0].frame_period

    @property
    def num_bands(self) -> int:
        """Number of values in one frame."""
        return int(np.prod(self.shape))

    @property
    def frequencies(self) -> None:
        """None: the values of a frame are of several kinds."""
        return None

    @property
    def unit(self) -> str:
        """Units of the features, each once."""
        return ", ".join(dict.fromkeys(each.unit for each in self.frontends))

    def num_frames(self, num_samples: int) -> int:
        """Return the number of rows of features of a clip of `num_samples` samples."""
        return self.frontends[0].num_frames(num_samples)

    def times(self, num_frames: int) -> NDArray[np.float64]:
        """Return the center of each row of features in the clip, seconds; see `Frontend.times`."""
        return self.frontends[0].times(num_frames)

    @property
    def streamable(self) -> bool:
        """Whether all front ends can be streamed."""
        return all(each.streamable for each in self.frontends)

    @property
    def latency(self) -> int | None:
        """Largest latency of the front ends in samples; None if one cannot be streamed."""
        known = [each.latency for each in self.frontends]
        return None if None in known else max(each for each in known if each is not None)

    def obstacles(self, purpose: Purpose) -> tuple[Obstacle, ...]:
        """Return what prevents a use; see `Frontend.obstacles`."""
        return tuple(dict.fromkeys(found for each in self.frontends for found in each.obstacles(purpose)))

    def check(
        self, sample_rate: float | None = None, duration: float | None = None
    ) -> tuple[checks.Finding, ...]:
        """Return likely mistakes in all front ends; see `Frontend.check`."""
        return checks.merge_findings([each.check(sample_rate, duration) for each in self.frontends])

    def stream(self, engine: str | None = None) -> BundleStream:
        """Return a stream of the features, as `Stream` does."""
        return BundleStream(self, engine)

    # JSON.

    def to_dict(self, *, defaults: bool = False) -> dict[str, Any]:
        """Return the definition as plain data for JSON, which `from_dict` reads."""
        raise NotImplementedError

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the definition, 64 hexadecimal digits: equal for equal definitions."""
        return fingerprint(self.to_dict())


@dataclass(frozen=True, repr=False)
class Spatial(Composite):
    """A front end on every channel of a recording, `(..., channels, samples)`, as one row for each frame.

    Args:
        frontend: The front end. With a `feature` its spectrum is `Complex()`.
        feature: What is computed from the bins of all channels: `sg.spatial.Intensity()`,
            `CrossCorrelation()` or `PhaseDifference()`. None concatenates the features of the channels.
        num_channels: Number of channels, at least 2.
        offset: Constant added to the samples of all channels: 1e-8 in the baselines of sound event
            localization, so that silence is not 0. 0 leaves the samples as they are.

    Raises:
        DefinitionError: A field is invalid, or the fields do not fit together.

    Example:
        >>> bins = sg.Frontend(24000, 960, 480, spectrum=sg.spectrum.Complex())
        >>> direction = sg.Spatial(bins, sg.spatial.Intensity())
        >>> direction(np.zeros((4, 24000))).shape
        (49, 192)

    See Also:
        Bundle: with the spectrogram of each channel.
    """

    frontend: Frontend
    feature: SpatialFeature | None = None
    num_channels: int = 4
    offset: float = 0

    def validate(self) -> None:
        require(isinstance(self.frontend, Frontend), f"frontend must be a Frontend; got {self.frontend!r}")
        require(
            isinstance(self.num_channels, int) and self.num_channels >= 2,
            f"num_channels must be a whole number of at least 2; got {self.num_channels}",
        )
        if self.feature is not None:
            require(
                isinstance(self.frontend.spectrum, Complex) and self.frontend.stack is None,
                "a spatial feature needs a front end with spectrum=sonogram.spectrum.Complex() and no stack; "
                f"got {self.frontend!r}",
            )
        _ = self.shape

    @property
    def frontends(self) -> tuple[Frontend, ...]:
        return (self.frontend,)

    @property
    def offsets(self) -> tuple[float, ...]:
        return (self.offset,)

    @property
    def channels(self) -> int:
        return self.num_channels

    @property
    def shape(self) -> tuple[int, ...]:
        if self.feature is None:
            return (self.num_channels * self.frontend.num_bands,)
        return (self.feature.num_values(self.frontend, self.num_channels),)

    def combine(self, xp: Any, outputs: list[Any]) -> Any:
        (values,) = outputs
        each = [values[..., channel, :, :] for channel in range(self.num_channels)]
        if self.feature is None:
            return xp.concatenate(each, -1)
        count = self.frontend.num_bands // 2
        real = [xp.crop(part, 0, count, -1) for part in each]
        imaginary = [xp.crop(part, count, count, -1) for part in each]
        return xp.concatenate(self.feature.compute(xp, self.frontend, real, imaginary), -1)

    def to_dict(self, *, defaults: bool = False) -> dict[str, Any]:
        fields = {key: value for key, value in to_plain(self, defaults).items() if key != "frontend"}
        return {
            "schema": _SCHEMA,
            "type": "Spatial",
            "frontend": self.frontend.to_dict(defaults=defaults),
            **fields,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Spatial:
        """Return the definition that `to_dict` wrote."""
        fields = {key: value for key, value in plain.items() if key not in ("schema", "type", "frontend")}
        require("frontend" in plain, "Spatial needs frontend")
        return from_plain(cls, fields, frontend=Frontend.from_dict(plain["frontend"]))


@dataclass(frozen=True, repr=False)
class Bundle(Composite):
    """Several front ends, computed from the same samples, as one definition.

    Several resolutions, or a spectrogram with other features. All members have one sample rate and the same
    frames.

    Args:
        members: Two or more of `Frontend`, or two or more of `Spatial`.
        along: Axis of the result. "bands" concatenates the values of a frame; "channels" adds a last
            axis, as in an image, for members with the same number of bands.

    Raises:
        DefinitionError: The members do not fit together.

    Example:
        >>> fine, coarse = (
        ...     sg.Frontend(16000, length, 160, padding=sg.padding.Center(), bands=sg.bands.Mel(40))
        ...     for length in (1024, 256)
        ... )
        >>> both = sg.Bundle((fine, coarse), along="channels")
        >>> both(np.zeros(16000)).shape
        (101, 40, 2)
        >>> sg.Bundle.from_dict(both.to_dict()) == both
        True

    See Also:
        Spatial: several channels of a recording.
    """

    members: tuple[Frontend | Spatial, ...]
    along: Literal["bands", "channels"] = "bands"

    def validate(self) -> None:
        members = tuple(self.members) if isinstance(self.members, (list, tuple)) else ()
        object.__setattr__(self, "members", members)
        require(
            len(members) >= 2 and all(isinstance(each, (Frontend, Spatial)) for each in members),
            f"members must be two or more front ends; got {self.members!r:.80}",
        )
        for field in ("sample_rate", "frame_period", "channels"):
            found = {getattr(each, field, None) for each in members}
            require(len(found) == 1, f"members must share their {field}; got {found}")
        for samples in {
            *range(3),
            *(each.frame_length + extra for each in members for extra in (-1, 0, 777)),
        }:
            counts = {each.num_frames(samples) for each in members}
            require(
                len(counts) == 1,
                f"members must have the same number of frames; got {sorted(counts)} for {samples} samples. "
                'Use one padding for all, such as Center(mode="constant")',
            )
        if self.along == "channels":
            shapes = {_shape(each) for each in members}
            require(len(shapes) == 1, f"members must have one number of bands; got {sorted(shapes)}")

    @property
    def frontends(self) -> tuple[Frontend, ...]:
        return tuple(each for member in self.members for each in _frontends(member))

    @property
    def offsets(self) -> tuple[float, ...]:
        found = (each.offsets if isinstance(each, Spatial) else (0.0,) for each in self.members)
        return tuple(offset for offsets in found for offset in offsets)

    @property
    def channels(self) -> int | None:
        return getattr(self.members[0], "channels", None)

    @property
    def shape(self) -> tuple[int, ...]:
        if self.along == "channels":
            return (*_shape(self.members[0]), len(self.members))
        return (sum(each.num_bands for each in self.members),)

    def combine(self, xp: Any, outputs: list[Any]) -> Any:
        parts = [
            member.combine(xp, [output]) if isinstance(member, Spatial) else output
            for member, output in zip(self.members, outputs, strict=True)
        ]
        if self.along == "channels":
            parts = [xp.expand(part, -1) for part in parts]
        return xp.concatenate(parts, -1)

    def to_dict(self, *, defaults: bool = False) -> dict[str, Any]:
        members = [each.to_dict(defaults=defaults) for each in self.members]
        return {"schema": _SCHEMA, "type": "Bundle", "members": members, "along": self.along}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Bundle:
        """Return the definition that `to_dict` wrote."""
        fields = {key: value for key, value in plain.items() if key not in ("schema", "type", "members")}
        members = plain.get("members", ())
        whole = isinstance(members, (list, tuple)) and all(isinstance(each, Mapping) for each in members)
        require(whole, f"a Bundle has a list of members; got {members!r:.80}")
        read = (Spatial if each.get("type") == "Spatial" else Frontend for each in members)
        parsed = tuple(kind.from_dict(each) for kind, each in zip(read, members, strict=True))
        return from_plain(cls, fields, members=parsed)


def definition_from_dict(plain: Any) -> Frontend | Composite:
    """Return the `Frontend`, `Spatial` or `Bundle` that `to_dict` wrote."""
    kinds: dict[Any, type[Frontend | Bundle | Spatial]] = {"Bundle": Bundle, "Spatial": Spatial}
    kind = plain.get("type") if isinstance(plain, Mapping) else None
    return kinds.get(kind, Frontend).from_dict(plain)


def _shape(member: Frontend | Spatial) -> tuple[int, ...]:
    return member.shape if isinstance(member, Spatial) else (member.num_bands,)


def _frontends(member: Frontend | Spatial) -> Iterator[Frontend]:
    yield from member.frontends if isinstance(member, Spatial) else (member,)
