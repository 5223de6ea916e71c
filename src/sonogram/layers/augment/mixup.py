"""Mixup: weighted sums of two clips and of their labels."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.engines.arrays import Arrays, dtype_name
from sonogram.layers.augment.base import Augmentation
from sonogram.layers.augment.clips import Clips, Inputs
from sonogram.layers.augment.draws import Draws

__all__ = ["Mixup"]

_QUANTILES = 1024
_GRID = 1 << 16


@keras.saving.register_keras_serializable("sonogram")
class Mixup(Augmentation):
    """Mixes each clip with another one of the batch, and their labels with the same weights.

    The weight of the clip itself has a beta distribution with both parameters `alpha`. A mixture is as long
    as the longer clip. Partners depend on the keys of the examples, so a batch in another order has the
    same pairs. In a batch of one nothing is mixed.

    Args:
        alpha: Parameter of the distribution, from 0.01, where one clip dominates, to 10, where both have
            nearly the same weight. 0.2 to 0.5 is usual.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Input shape:
        A dictionary with "samples", `(batch, samples)` or `(batch, channels, samples)`, and "labels",
        one-hot or multi-hot, `(batch, classes)`; also "lengths" and "seeds".

    Example:
        >>> layer = Mixup(seed=1)
        >>> mixed = layer({"samples": np.eye(2, 4, dtype="float32"),
        ...                "labels": np.eye(2, dtype="float32")}, training=True)
        >>> bool(np.allclose(mixed["samples"][:, :2], mixed["labels"]))
        True

    Source:
        H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, "mixup: Beyond empirical risk minimization",
        ICLR 2018.
    """

    needs_batch = True

    def __init__(self, alpha: float = 0.4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._require_not(not 0.01 <= alpha <= 10, f"alpha must lie between 0.01 and 10; got {alpha}")
        self.alpha = float(alpha)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        self._require_not(
            clips.labels is None, 'needs the labels: pass {"samples": samples, "labels": labels}'
        )
        partner = _partners(xp, xp.reshape(draws.words(1), (-1,)), x, clips.channels)
        share = self._beta(xp, draws.uniform())
        own = clips.column(share)
        values = own * x + (1.0 - own) * xp.rows(x, partner)
        lengths = clips.lengths
        if lengths is not None:
            lengths = xp.maximum(lengths, xp.rows(lengths, partner))
        first = [xp.reshape(part, (-1, clips.channels)) for part in (share, partner)]
        share, partner = (xp.reshape(xp.crop(part, 0, 1, -1), (-1,)) for part in first)
        labels = xp.floats(clips.labels)
        own = xp.expand(share, -1)
        labels = own * labels + (1.0 - own) * xp.rows(labels, partner // clips.channels)
        return dataclasses.replace(clips, values=values, lengths=lengths, labels=labels)

    def _beta(self, xp: Arrays, uniform: Any) -> Any:
        """Return numbers with the beta distribution from uniform ones in [0, 1)."""
        lower = uniform < 0.5
        place = 2.0 * _QUANTILES * xp.where(lower, uniform, 1.0 - uniform)
        index = xp.minimum(xp.integers(xp.floor(place), uniform), _QUANTILES - 1)
        table = xp.constant(_quantiles(self.alpha), uniform)
        left, right = xp.rows(table, index), xp.rows(table, index + 1)
        root = left + (right - left) * (place - xp.floats(index))
        # At 0 the logarithm would be infinite.
        share = 0.5 * xp.exp(xp.log(xp.maximum(root, 1e-30)) / self.alpha)
        return xp.where(lower, share, 1.0 - share)

    def _check(self, given: Inputs) -> None:
        super()._check(given)
        labels = given.labels
        if labels is None:
            return
        kind = dtype_name(labels)
        self._require_not(
            len(labels.shape) != 2 or not kind.startswith(("float", "bfloat", "int", "uint", "bool")),
            "labels must be one-hot or multi-hot, (batch, classes), because mixtures have two classes; "
            f"got {kind} of shape {tuple(labels.shape)}",
        )


def _partners(xp: Arrays, words: Any, like: Any, channels: int) -> Any:
    """Return another row for each row: in the order of their words, each is paired with the next one."""
    count = xp.size(words, -1)
    place = xp.arange(0, count, like)
    row, column = xp.expand(words, -1), xp.expand(words, 0)
    before = (column < row) | ((column == row) & (xp.expand(place, 0) < xp.expand(place, -1)))
    zeros = xp.expand(place, 0) * 0 + xp.expand(place, -1) * 0
    rank = xp.asum(xp.where(before, zeros + 1, zeros), (-1,))
    # Rows of one example have the same word, so they are adjacent: take the same channel of the next one.
    wanted = (rank + channels) % count
    found = xp.reshape(rank, (1, -1)) == wanted
    return xp.reshape(xp.asum(xp.where(found, zeros + xp.expand(place, 0), zeros), (-1,)), (-1,))


def _quantiles(alpha: float) -> NDArray[np.float64]:
    """Return `(2 x)^alpha` at the quantiles of the lower half; it is nearly linear between them."""
    root = np.linspace(0, 1, _GRID + 1)
    density = (1 - 0.5 * root ** (1 / alpha)) ** (alpha - 1)
    steps = (density[1:] + density[:-1]) / 2
    probability = np.concatenate([[0.0], np.cumsum(steps)])
    return np.interp(np.linspace(0, 1, _QUANTILES + 1), probability / probability[-1], root)
