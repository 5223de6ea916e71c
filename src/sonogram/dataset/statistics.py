"""What features look like over a data set, for normalization: one pass, mergeable, in float64."""

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

__all__ = ["Statistics", "fit_normalization", "statistics"]

Floats = NDArray[np.float64]
_BLOCK = 1 << 20


@dataclass(frozen=True, eq=False)
class Statistics:
    """Mean, variance and range of each band over the frames of a data set.

    Two of them merge into that of all their frames, so that shards may be measured apart.

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
    """Frames."""
    mean: Floats
    """`(bands,)`."""
    squares: Floats
    """Sum of the squared distances from the mean, `(bands,)`."""
    lowest: Floats
    """`(bands,)`; infinity without a frame."""
    highest: Floats
    """`(bands,)`; minus infinity without a frame."""

    @classmethod
    def none(cls, num_bands: int) -> Statistics:
        """Return those of no frame."""
        zeros, infinite = np.zeros(num_bands), np.full(num_bands, np.inf)
        return cls(0, zeros, zeros, infinite, -infinite)

    @classmethod
    def of(cls, features: ArrayLike, mask: ArrayLike | None = None) -> Statistics:
        """Return those of some features.

        Args:
            features: `(..., frames, bands)`.
            mask: Which frames count, bool `(..., frames)`; None is all. What stands in the others,
                NaN too, changes nothing.

        Raises:
            SonogramError: A value that counts is not finite, or the shapes do not fit.
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
        # The mean is rounded: what that leaves of the sum is taken out again.
        squares = (centered**2).sum(axis=0) - centered.sum(axis=0) ** 2 / len(frames)
        return cls(len(frames), mean, np.maximum(squares, 0), frames.min(axis=0), frames.max(axis=0))

    def merge(self, other: Statistics) -> Statistics:
        """Return those of the frames of both."""
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
    def deviation(self) -> Floats:
        """The standard deviation of each band, `(bands,)`."""
        return np.sqrt(self.squares / max(self.count, 1))

    @property
    def overall(self) -> Statistics:
        """Those of the values of all bands together, as if they were one."""
        total = Statistics.none(1)
        for index in range(len(self.mean)):
            band = slice(index, index + 1)
            total = total.merge(
                Statistics(
                    self.count, self.mean[band], self.squares[band], self.lowest[band], self.highest[band]
                )
            )
        return total

    def normalize(
        self, over: Literal["band", "all"] = "band", to: Literal["deviation", "range"] = "deviation"
    ) -> Affine:
        """Return the normalization of a front end that these are the statistics of.

        Args:
            over: Each "band" by its own numbers, or "all" by the same.
            to: Zero mean and unit "deviation", or the "range" from 0 to 1.

        Raises:
            SonogramError: There is no frame, or a choice does not exist.
        """
        if over not in ("band", "all") or to not in ("deviation", "range"):
            raise SonogramError(
                f'over must be "band" or "all", to "deviation" or "range"; got {over!r} and {to!r}'
            )
        if not self.count:
            raise SonogramError("there is no frame to take statistics of; the clips are shorter than one")
        own = self if over == "band" else self.overall
        offset, scale = (
            (own.mean, own.deviation) if to == "deviation" else (own.lowest, own.highest - own.lowest)
        )
        # A band that never changes becomes 0, whatever standard deviation rounding left.
        scale = np.where(own.highest > own.lowest, scale, 1.0)
        if over == "all":
            return Affine(float(offset[0]), float(scale[0]))
        return Affine(Matrix(offset), Matrix(scale))

    def to_dict(self) -> dict[str, Any]:
        """Return them as plain data for JSON."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)[1:]}
        return {"count": self.count, **{name: value.tolist() for name, value in values.items()}}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Statistics:
        """Return what `to_dict` wrote."""
        arrays = {name: np.asarray(plain[name], np.float64) for name in plain if name != "count"}
        return cls(int(plain["count"]), **arrays)


def statistics(frontend: Frontend, data: Data, *, report: DatasetReport | None = None) -> Statistics:
    """The statistics of a front end's features over a data set, each file read once, at its own length.

    Args:
        frontend: The definition; what it does after its bands or cepstra (normalization, stacking) is
            left out, as the statistics are to stand there.
        data: Clips, a folder of class folders, or a CSV manifest.
        report: Where broken files are noted; None raises at the first one.

    Returns:
        The statistics over the frames of all clips. Long recordings are never whole in memory where
        the front end is streamable.

    Raises:
        AudioError: A file is broken, and there is no report.
    """
    plain = dataclasses.replace(frontend, normalize=None, stack=None)
    total = Statistics.none(plain.num_bands)
    for _, own in map_clips(lambda clip: _of_file(plain, clip), clips(data), report):
        total = total.merge(own)
    return total


def fit_normalization(
    frontend: Frontend,
    data: Data,
    over: Literal["band", "all"] = "band",
    *,
    to: Literal["deviation", "range"] = "deviation",
    report: DatasetReport | None = None,
) -> Frontend:
    """A front end that normalizes by the statistics of a data set, which should be the training set alone.

    The numbers become part of the definition: they are saved in models, go along into streams and
    exports, and change the fingerprint.

    Args:
        frontend: The definition; a normalization that it has is replaced.
        data: Clips, a folder of class folders, or a CSV manifest.
        over: Each "band" by its own numbers, or "all" by the same.
        to: Zero mean and unit "deviation", or the "range" from 0 to 1.
        report: Where broken files are noted; None raises at the first one.

    Returns:
        The definition with an `Affine` normalization.

    Raises:
        AudioError: A file is broken, and there is no report.
        SonogramError: No clip has a frame.
    """
    measured = statistics(frontend, data, report=report)
    return dataclasses.replace(frontend, normalize=measured.normalize(over, to))


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
