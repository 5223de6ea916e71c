"""Random numbers of one example each, by counting: the same in every library and in any batch."""

from __future__ import annotations

import math
from typing import Any

from sonogram.engines.arrays import Arrays

__all__ = ["Draws", "Keys", "seeded_keys", "step_keys"]

_STEP = 0x1E3779B9  # an odd number whose multiples are far apart modulo 2^32
_STEPS, _SEEDS = 1, 2

Keys = tuple[Any, Any]
"""Two words for each example, `(batch,)`, that together name it."""


def step_keys(xp: Arrays, state: Any, count: Any, like: Any) -> Keys:
    """Return the keys of a batch from a generator's state, `(2,)`, and each example's place."""
    seed, step = (xp.words(xp.reshape(part, ()), like)[0] for part in (state[0], state[1]))
    place = xp.words(xp.arange(0, count, like), like)[0]
    shared = xp.scramble(xp.xor(xp.scramble(xp.low(seed + _STEPS)), step))
    return shared + place * 0, place


def seeded_keys(xp: Arrays, seed: int, seeds: Any, like: Any) -> Keys:
    """Return the keys of a batch from a layer's `seed` and those of its examples, `(batch,)`."""
    lower, upper = xp.words(seeds, like)
    own, _ = xp.words(seed, like)
    return xp.xor(xp.scramble(xp.low(own + _SEEDS)), xp.scramble(xp.low(upper + _STEP))), lower


class Draws:
    """Draws for the rows of a batch. The numbers of a row depend on its key and on nothing else.

    Each call is a draw of its own: two calls in a row are independent.

    Args:
        xp: The namespace.
        keys: Those of the rows, `(rows,)`.
        salt: What tells this layer's draws from those of another with the same keys.
    """

    def __init__(self, xp: Arrays, keys: Keys, salt: int) -> None:
        self._xp = xp
        self._shared, self._own = keys
        self._salt = salt
        self._count = 0

    def words(self, count: Any) -> Any:
        """Return random words, `(rows, count)`."""
        xp = self._xp
        self._count += 1
        salted = xp.low(self._own + (self._salt + self._count * _STEP) % (1 << 31))
        first = xp.scramble(xp.xor(xp.scramble(salted), self._shared))
        second = xp.scramble(xp.xor(xp.scramble(xp.low(first + self._own)), self._shared))
        place, _ = xp.words(xp.arange(0, count, first), first)
        counted = xp.scramble(xp.low(place + xp.expand(first, -1)))
        return xp.scramble(xp.xor(counted, xp.expand(second, -1)))

    def uniforms(self, count: Any) -> Any:
        """Return numbers in [0, 1), `(rows, count)`."""
        return self._xp.floats(self._xp.right(self.words(count), 8)) * 2.0**-24

    def normals(self, count: Any) -> Any:
        """Return numbers with mean 0 and deviation 1, `(rows, count)`; a longer row begins with a shorter.

        Source: G. Box, M. Muller, "A note on the generation of random normal deviates", Annals of
        Mathematical Statistics 29 (1958).
        """
        xp = self._xp
        half = (count + 1) // 2
        radius = xp.sqrt(-2.0 * xp.log(1.0 - self.uniforms(half)))
        angle = (2 * math.pi) * self.uniforms(half)
        pairs = [xp.expand(radius * wave(angle), -1) for wave in (xp.cos, xp.sin)]
        flat = xp.reshape(xp.concatenate(pairs, -1), (xp.size(radius, 0), 2 * half))
        return xp.crop(flat, 0, count, -1)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Any:
        """Return one number for each row, evenly from `low` up to `high`, `(rows,)`."""
        return self._xp.reshape(self.uniforms(1), (-1,)) * (high - low) + low
