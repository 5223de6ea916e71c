"""Statistics of features over a data set for normalization: one pass, mergeable, in float64."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.audio import blocks
from sonogram.dataset.checking import map_clips
from sonogram.dataset.clips import Clip
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.source import Data, clips
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.matrix import Matrix
from sonogram.normalize import Affine
from sonogram.streaming import Stream
from sonogram.tolerance import Tolerance

__all__ = ["Statistics", "fit_normalization", "statistics"]

Floats = NDArray[np.float64]
_BLOCK = 1 << 20
_ROUNDING = Tolerance(0.0, 1e-6)  # of equal features in float32


@dataclass(frozen=True, eq=False)
class Statistics:
    """Mean, variance and range of each band over the frames of a data set.

    Statistics of two parts merge into those of both, so that shards can be measured separately.

    Example:
        >>> first, second = Statistics.of([[1.0], [2.0]]), Statistics.of([[6.0]])
        >>> both = first.merge(second)
        >>> both.count, both.mean.tolist(), both.lowest.tolist(), both.highest.tolist()
        (3, [3.0], [1.0], [6.0])

    Source:
        T. F. Chan, G. H. Golub, R. J. LeVeque, Updating Formulae and a Pairwise Algorithm for Computing
        Sample Variances, 1979.
    """

    count: int
    """Number of frames."""
    mean: Floats
    """Mean of each band, `(bands,)`."""
    squares: Floats
    """Sum of the squared deviations from the mean, `(bands,)`."""
    lowest: Floats
    """Minimum of each band, `(bands,)`; infinity without a frame."""
    highest: Floats
    """Maximum of each band, `(bands,)`; minus infinity without a frame."""

    @classmethod
    def none(cls, num_bands: int) -> Statistics:
        """Return the statistics of no frame.

        Args:
            num_bands: Number of bands.
        """
        zeros, infinite = np.zeros(num_bands), np.full(num_bands, np.inf)
        return cls(0, zeros, zeros, infinite, -infinite)

    @classmethod
    def of(cls, features: ArrayLike, mask: ArrayLike | None = None) -> Statistics:
        """Return the statistics of features.

        Args:
            features: `(..., frames, bands)`.
            mask: Valid frames, bool `(..., frames)`; None is all. The others have no effect, NaN too.

        Returns:
            Statistics over all valid frames.

        Raises:
            SonogramError: A valid frame is not finite, or the shapes do not fit.
        """
        values = np.asarray(features)
        if values.ndim < 2:
            raise SonogramError(f"features must be (..., frames, bands); got shape {values.shape}")
        if mask is not None and np.shape(mask) != values.shape[:-1]:
            raise SonogramError(
                f"mask must be one for each frame, {values.shape[:-1]}; got shape {np.shape(mask)}"
            )
        chosen = values.reshape(-1, values.shape[-1]) if mask is None else values[np.asarray(mask, bool)]
        frames = chosen.astype(np.float64)
        if not len(frames):
            return cls.none(values.shape[-1])
        if not np.isfinite(frames).all():
            raise SonogramError(
                "the features hold NaN or infinity, so they cannot be normalized. Give the logarithm a floor"
            )
        mean = frames.mean(axis=0)
        centered = frames - mean
        # The mean is rounded, so the centered values do not sum to exactly 0: subtract what this adds to the
        # squares (the corrected two-pass algorithm).
        squares = (centered**2).sum(axis=0) - centered.sum(axis=0) ** 2 / len(frames)
        return cls(len(frames), mean, np.maximum(squares, 0), frames.min(axis=0), frames.max(axis=0))

    def merge(self, other: Statistics) -> Statistics:
        """Return the statistics of the frames of both.

        Args:
            other: Statistics of the same number of bands.

        Raises:
            SonogramError: The numbers of bands differ.
        """
        if self.mean.shape != other.mean.shape:
            raise SonogramError(f"{len(self.mean)} bands cannot be merged with {len(other.mean)} bands")
        count = self.count + other.count
        share = other.count / max(count, 1)
        delta = other.mean - self.mean
        return Statistics(
            count,
            self.mean + delta * share,
            self.squares + other.squares + delta**2 * (self.count * share),
            np.minimum(self.lowest, other.lowest),
            np.maximum(self.highest, other.highest),
        )

    @property
    def std(self) -> Floats:
        """Standard deviation of each band, `(bands,)`."""
        return np.sqrt(self.squares / max(self.count, 1))

    @property
    def overall(self) -> Statistics:
        """Statistics of the values of all bands together, as one band."""
        total = Statistics.none(1)
        for index in range(len(self.mean)):
            band = slice(index, index + 1)
            total = total.merge(
                Statistics(
                    self.count, self.mean[band], self.squares[band], self.lowest[band], self.highest[band]
                )
            )
        return total

    def normalize(self, per: Literal["band", "all"] = "band", to: Literal["std", "range"] = "std") -> Affine:
        """Return the normalization that maps these statistics to a common scale.

        Args:
            per: Values that share a mean and a standard deviation: those of each "band", or "all".
            to: Zero mean and unit standard deviation ("std"), or the "range" from 0 to 1.

        Returns:
            Normalization with fixed constants.

        Raises:
            SonogramError: There is no frame, or `per` or `to` is invalid.
        """
        if per not in ("band", "all") or to not in ("std", "range"):
            raise SonogramError(f'per must be "band" or "all", to "std" or "range"; got {per!r} and {to!r}')
        if not self.count:
            raise SonogramError("there is no frame to take statistics of; the clips are shorter than one")
        own = self if per == "band" else self.overall
        offset, scale = (own.mean, own.std) if to == "std" else (own.lowest, own.highest - own.lowest)
        # A constant band becomes 0: its standard deviation holds only rounding errors.
        scale = np.where(_ROUNDING.is_constant(np, own.lowest, own.highest), 1.0, scale)
        if per == "all":
            return Affine(float(offset[0]), float(scale[0]))
        return Affine(Matrix(offset), Matrix(scale))

    def to_dict(self) -> dict[str, Any]:
        """Return the statistics as plain data for JSON."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)[1:]}
        return {"count": self.count, **{name: value.tolist() for name, value in values.items()}}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Statistics:
        """Return the statistics that `to_dict` wrote.

        Args:
            plain: Result of `to_dict`.
        """
        arrays = {name: np.asarray(plain[name], np.float64) for name in plain if name != "count"}
        return cls(int(plain["count"]), **arrays)


def statistics(frontend: Frontend, data: Data, *, report: DatasetReport | None = None) -> Statistics:
    """Return the statistics of a front end's features over a data set. Each file is read once.

    Args:
        frontend: Front end. Its normalization and stacking are left out: the statistics are those of
            their input.
        data: Clips, a folder of class folders, or a CSV manifest.
        report: Report that collects broken files; None raises at the first one.

    Returns:
        Statistics over the frames of all clips. If the front end is streamable, long recordings are read
        in pieces.

    Raises:
        AudioError: A file is broken, and there is no report.

    See Also:
        fit_normalization: a front end with these statistics.
    """
    plain = dataclasses.replace(frontend, normalize=None, stack=None)
    total = Statistics.none(plain.num_bands)
    for _, own in map_clips(lambda clip: _of_file(plain, clip), clips(data), report):
        total = total.merge(own)
    return total


def fit_normalization(
    frontend: Frontend,
    data: Data,
    per: Literal["band", "all"] = "band",
    *,
    to: Literal["std", "range"] = "std",
    report: DatasetReport | None = None,
) -> Frontend:
    """Return a front end that normalizes by the statistics of a data set.

    Use the training set alone. The constants become part of the definition: models, streams and exports
    contain them, and the fingerprint changes.

    Args:
        frontend: Front end; its normalization is replaced.
        data: Clips, a folder of class folders, or a CSV manifest.
        per: Values that share a mean and a standard deviation: those of each "band", or "all".
        to: Zero mean and unit standard deviation ("std"), or the "range" from 0 to 1.
        report: Report that collects broken files; None raises at the first one.

    Returns:
        Front end with an `Affine` normalization.

    Raises:
        AudioError: A file is broken, and there is no report.
        SonogramError: No clip has a frame.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "noise.wav"
        >>> sg.save(path, np.random.default_rng(0).uniform(-1, 1, 8000).astype(np.float32), 8000)
        >>> data = sg.dataset.Clips([Clip(str(path), "noise")])
        >>> fit_normalization(sg.Frontend(8000, 256, 80), data).normalize.std.values.shape
        (129,)

    See Also:
        statistics: mean, standard deviation and range of each band.
    """
    measured = statistics(frontend, data, report=report)
    return dataclasses.replace(frontend, normalize=measured.normalize(per, to))


def _of_file(frontend: Frontend, clip: Clip) -> Statistics:
    rate = int(frontend.sample_rate)
    pieces = blocks(clip.path, _BLOCK, rate)
    first = next(pieces)
    if len(first) < _BLOCK:
        return Statistics.of(frontend(first))
    if not frontend.streamable:
        return Statistics.of(frontend(np.concatenate([first, *pieces])))
    stream = Stream(frontend)
    total = Statistics.of(stream.push(first))
    for piece in pieces:
        total = total.merge(Statistics.of(stream.push(piece)))
    return total.merge(Statistics.of(stream.finish()))
