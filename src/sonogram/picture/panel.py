"""One recording as a picture needs it: its features, its waveform, and its time axis."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import require_definition
from sonogram.errors import SonogramError
from sonogram.files import Label
from sonogram.picture.axes import BandAxis
from sonogram.picture.parts import DrawnDefinition, is_linear, is_signed
from sonogram.picture.reduce import EXTREMES, Envelope, Peaks, pool
from sonogram.picture.scales import LOG

__all__ = ["Panel", "channel_titles", "clip_panel", "clip_panels", "peaks_of", "pixels"]


@dataclass(frozen=True, eq=False)
class Panel:
    """One spectrogram of a picture, and the waveform above it.

    Raises:
        SonogramError: There is no frame, or the features are of another definition.
    """

    peaks: Peaks
    """All features of the recording, `(frames, bands)`, reduced to columns."""
    frontend: DrawnDefinition
    """The definition of the features. It determines the axes."""
    envelope: Envelope | None = None
    """All samples of the recording, reduced to columns; None draws no waveform."""
    title: str | None = None
    """Text above the panel."""
    offset: float = 0.0
    """Position of the first sample in the recording, seconds."""
    shown: tuple[float, float] | None = None
    """Ends of the time axis, seconds from the beginning of the recording; None shows all that was read."""
    labels: tuple[Label, ...] = ()
    """Labels to draw over the spectrogram."""
    began: datetime | None = None
    """When the recording began, for times of day on the axis."""

    def __post_init__(self) -> None:
        if self.peaks.features is None or not self.peaks.num_frames:
            # Longer clips have no fewer frames: bisection finds the shortest clip that has one.
            needed = bisect.bisect_left(range(1, 1 << 32), 1, key=self.frontend.num_frames) + 1
            raise SonogramError(
                "there is no frame to draw: with this definition a clip needs at least "
                f"{needed} samples ({needed / self.frontend.sample_rate:.3g} s)"
            )
        if self.features.shape[-1] != self.frontend.num_bands:
            raise SonogramError(
                f"the definition has {self.frontend.num_bands} bands; the features have "
                f"{self.features.shape[-1]}: pass the definition that made them, and frames before bands"
            )

    @property
    def features(self) -> NDArray[np.float32]:
        """The features, reduced to columns, `(columns, bands)`."""
        assert self.peaks.features is not None
        return self.peaks.features

    @property
    def has_wave(self) -> bool:
        """Whether there is a waveform to draw."""
        return self.envelope is not None and self.envelope.num_samples > 0

    @property
    def num_samples(self) -> int | None:
        """Number of samples that were read; None if the samples are not known."""
        return self.envelope.num_samples if self.envelope is not None and self.has_wave else None

    @property
    def note(self) -> str | None:
        """What there is to state about a recording that shows nothing."""
        if self.num_samples == 1:
            return "1 sample"
        linear = is_linear(self.frontend)
        silent = self.peak == 0 if self.has_wave else linear and not np.any(self.features)
        return "digital silence" if silent else None

    @property
    def peak(self) -> float:
        """Largest absolute value of the samples; 0 if they are not known."""
        envelope = self.envelope
        if envelope is None or envelope.lowest is None or envelope.highest is None:
            return 0.0
        return float(max(abs(envelope.lowest.min(initial=0)), abs(envelope.highest.max(initial=0))))

    @property
    def start(self) -> float:
        """Half a frame period before the center of the first frame, seconds: there its column begins."""
        return self.offset + float(self.frontend.times(1)[0]) - self.frontend.frame_period / 2

    @property
    def span(self) -> tuple[float, float]:
        """Ends of the time axis, seconds: those of the part shown, of the clip, or of the frames."""
        if self.shown is not None:
            return self.shown
        if self.num_samples is not None:
            return self.offset, self.offset + self.num_samples / self.frontend.sample_rate
        return max(self.start, 0.0), self.start + self.peaks.num_frames * self.frontend.frame_period

    def columns(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return positions on the axis of the columns.

        Args:
            seconds: Times, seconds.
        """
        return (seconds - self.start) / (self.frontend.frame_period * self.peaks.frames_per_column)

    def wave_columns(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return positions on the axis of the columns of the waveform.

        Args:
            seconds: Times, seconds.
        """
        assert self.envelope is not None
        return (seconds - self.offset) * self.frontend.sample_rate / self.envelope.samples_per_column


def peaks_of(frontend: DrawnDefinition) -> Peaks:
    """Return what combines the frames of a definition: extremes for cepstra, which have both signs."""
    return Peaks(reduction=EXTREMES if is_signed(frontend) else np.maximum)


def clip_panel(
    features: Any, frontend: DrawnDefinition, samples: Any = None, title: str | None = None
) -> Panel:
    """Return the panel of one clip.

    Args:
        features: `(frames, bands)`.
        frontend: The definition of the features.
        samples: The clip, `(samples,)`; None draws no waveform.
        title: Text above the panel.

    Returns:
        The panel, reduced to a few thousand columns, however long the clip is.

    Raises:
        SonogramError: There is no frame, or shapes do not fit.
    """
    features = np.asarray(features)
    if features.ndim != 2:
        raise SonogramError(f"one panel shows features of shape (frames, bands); got {features.shape}")
    peaks = peaks_of(frontend)
    peaks.push(features)
    envelope = None
    if samples is not None:
        samples = np.asarray(samples)
        if samples.ndim != 1:
            raise SonogramError(f"one panel shows samples of shape (samples,); got {samples.shape}")
        frames = frontend.num_frames(len(samples))
        if frames != len(features):
            raise SonogramError(
                f"the features have {len(features)} frames, and these {len(samples)} samples give {frames}; "
                "pass the clip that the features were computed from"
            )
        envelope = Envelope()
        envelope.push(samples)
    return Panel(peaks, frontend, envelope, title)


def clip_panels(
    features: Any, frontend: DrawnDefinition, samples: Any = None, title: str | None = None
) -> list[Panel]:
    """Return one panel of a clip, or one for each of its channels.

    Args:
        features: `(frames, bands)` or `(channels, frames, bands)`.
        frontend: The definition of the features.
        samples: `(samples,)` or `(channels, samples)`, as the features; None draws no waveform.
        title: Text above the panel.

    Returns:
        The panels, the first channel first.

    Raises:
        SonogramError: There is no frame, or shapes do not fit.
    """
    if not isinstance(frontend, DrawnDefinition):
        require_definition(frontend)
    try:
        features = np.asarray(features)
    except ValueError:  # what `load` returns, or clips of different lengths
        features = np.empty(0)
    if features.dtype.kind in "cOSU":
        remedy = "draw np.abs(features)" if features.dtype.kind == "c" else "draw those of a front end"
        raise SonogramError(f"features must be real numbers; got {features.dtype}: {remedy}")
    if features.ndim == 1:
        raise SonogramError(
            "features are (frames, bands) or (channels, frames, bands): those of a sound are "
            "frontend(samples), and sonogram.show draws sounds"
        )
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
    """Return the title of each channel of a recording."""
    names = ["left", "right"] if channels == 2 else [f"channel {index + 1}" for index in range(channels)]
    return [f"{title}, {name}" if title else name for name in names]


def pixels(
    panel: Panel, size: tuple[int, int], seconds: tuple[float, float], band: BandAxis
) -> NDArray[np.float32]:
    """Return the features of a panel between the ends of two axes, pooled to `(height, width)` pixels.

    Args:
        panel: The panel.
        size: Width and height, pixels.
        seconds: Ends of the time axis.
        band: Axis of the bands.
    """
    reduction = panel.peaks.reduction
    by_time = pool(panel.features, panel.columns(np.linspace(*seconds, size[0] + 1)), reduction)
    rows, edges = np.ascontiguousarray(by_time.T), band.edges(size[1])
    image = pool(rows, edges, reduction)
    if band.scale is LOG and panel.frontend.has_linear_bins:
        _interpolate(image, rows, edges)
    return image


def _interpolate(image: NDArray[np.float32], rows: NDArray[np.float32], edges: NDArray[np.float64]) -> None:
    """Replace the lowest pixels, of which several show one bin, by values between the bins.

    A longer Fourier transform would do the same.
    """
    centers = (edges[:-1] + edges[1:]) / 2 - 0.5
    fine = np.flatnonzero((np.diff(edges) < 1) & (centers >= 0) & (centers < len(rows) - 1))
    below = centers[fine].astype(np.int64)
    share = (centers[fine] - below)[:, None].astype(np.float32)
    image[fine] = (1 - share) * rows[below] + share * rows[below + 1]
