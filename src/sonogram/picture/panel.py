"""One recording as a picture needs it: its features, the outline of its wave, its place in time."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.reduce import Envelope, Peaks

__all__ = ["Outline", "Panel", "clip_panel", "clip_panels"]


@dataclass(frozen=True, eq=False)
class Outline:
    """The lowest and the highest sample of each column of a wave."""

    lowest: NDArray[np.float32]
    """`(columns,)`."""
    highest: NDArray[np.float32]
    """`(columns,)`."""
    samples_per_column: int
    """Samples that one column stands for."""
    num_samples: int
    """Samples of the recording."""


@dataclass(frozen=True, eq=False)
class Panel:
    """One spectrogram of a picture, and the wave above it."""

    features: NDArray[np.float32]
    """`(columns, bands)`; a column is the maximum of `frames_per_column` frames."""
    frontend: Frontend
    """The definition that the features came from: it knows the axes."""
    num_frames: int
    """Frames of the recording."""
    frames_per_column: int = 1
    """Frames that one column stands for."""
    outline: Outline | None = None
    """The wave; None draws none."""
    title: str | None = None
    """What stands above."""

    @property
    def step(self) -> float:
        """Time from one frame to the next, seconds."""
        size = self.frontend.stack_size
        return self.frontend.frame_step * size / self.frontend.sample_rate

    @property
    def start(self) -> float:
        """Half a step before the center of the first frame, seconds: there its column begins."""
        return float(self.frontend.times(1)[0]) - self.step / 2

    @property
    def span(self) -> tuple[float, float]:
        """The ends of the time axis, seconds: of the clip if its wave is known, or the frames."""
        if self.outline is not None:
            return 0.0, self.outline.num_samples / self.frontend.sample_rate
        return max(self.start, 0.0), self.start + self.num_frames * self.step

    @classmethod
    def of(
        cls,
        peaks: Peaks,
        frontend: Frontend,
        envelope: Envelope | None = None,
        title: str | None = None,
    ) -> Panel:
        """Return the panel of a recording that came in blocks.

        Args:
            peaks: Has taken all features, `(frames, bands)`.
            frontend: The definition of these features.
            envelope: Has taken all samples; None draws no wave.
            title: What stands above.

        Raises:
            SonogramError: There is nothing to draw, or the features are of another definition.
        """
        features = peaks.features
        _check(features, peaks.num_frames, frontend)
        assert features is not None
        outline = None if envelope is None else _outline(envelope)
        return cls(features, frontend, peaks.num_frames, peaks.frames_per_column, outline, title)


def clip_panel(features: Any, frontend: Frontend, samples: Any = None, title: str | None = None) -> Panel:
    """Make the panel of one clip.

    Args:
        features: `(frames, bands)`.
        frontend: The definition that made them.
        samples: The clip, `(samples,)`; None draws no wave.
        title: What stands above.

    Returns:
        The panel; however long the clip is, it holds a few thousand columns.

    Raises:
        SonogramError: There is nothing to draw, or shapes do not fit.
    """
    features = np.asarray(features)
    if features.ndim != 2:
        raise SonogramError(f"one panel shows features of shape (frames, bands); got {features.shape}")
    peaks = Peaks()
    peaks.push(features)
    envelope = None
    if samples is not None:
        samples = np.asarray(samples)
        if samples.ndim != 1:
            raise SonogramError(f"one panel shows samples of shape (samples,); got {samples.shape}")
        envelope = Envelope()
        envelope.push(samples)
    return Panel.of(peaks, frontend, envelope, title)


def clip_panels(
    features: Any, frontend: Frontend, samples: Any = None, title: str | None = None
) -> list[Panel]:
    """Make one panel of a clip, or one for each of its channels.

    Args:
        features: `(frames, bands)` or `(channels, frames, bands)`.
        frontend: The definition that made them.
        samples: `(samples,)` or `(channels, samples)`, as the features; None draws no waves.
        title: What stands above.

    Returns:
        The panels, the first channel first.

    Raises:
        SonogramError: There is nothing to draw, or shapes do not fit.
    """
    features = np.asarray(features)
    if features.ndim == 2:
        samples = None if samples is None else np.asarray(samples)
        mono = samples[0] if samples is not None and samples.ndim == 2 and len(samples) == 1 else samples
        return [clip_panel(features, frontend, mono, title)]
    if features.ndim != 3 or not len(features):
        raise SonogramError(
            f"features are (frames, bands) or (channels, frames, bands); got {features.shape}: "
            "draw one example of a batch"
        )
    waves = [None] * len(features) if samples is None else list(np.asarray(samples))
    if len(waves) != len(features):
        raise SonogramError(
            f"features of {len(features)} channels need samples of shape "
            f"({len(features)}, samples); got {np.shape(samples)}"
        )
    names = [title] if len(features) == 1 else channel_titles(title, len(features))
    return [
        clip_panel(one, frontend, wave, name) for one, wave, name in zip(features, waves, names, strict=True)
    ]


def channel_titles(title: str | None, channels: int) -> list[str]:
    """Return what stands above each channel of a recording."""
    names = ["left", "right"] if channels == 2 else [f"channel {index + 1}" for index in range(channels)]
    return [f"{title}, {name}" if title else name for name in names]


def _outline(envelope: Envelope) -> Outline | None:
    lowest, highest = envelope.lowest, envelope.highest
    if lowest is None or highest is None or not envelope.num_samples:
        return None
    return Outline(lowest, highest, envelope.samples_per_column, envelope.num_samples)


def _check(features: NDArray[np.float32] | None, num_frames: int, frontend: Frontend) -> None:
    if features is None or not num_frames:
        # Longer clips have no fewer frames: halving finds the shortest clip that has one.
        needed = bisect.bisect_left(range(1, 1 << 32), 1, key=frontend.num_frames) + 1
        raise SonogramError(
            "there is no frame to draw: with this definition a clip needs at least "
            f"{needed} samples ({needed / frontend.sample_rate:.3g} s)"
        )
    if features.shape[-1] != frontend.num_bands:
        raise SonogramError(
            f"the definition makes {frontend.num_bands} bands; the features have "
            f"{features.shape[-1]}: pass the definition that made them, time before bands"
        )
