"""Counter-based random numbers: the same for an example in every array library and in any batch.

A generator with a state gives an example other numbers when its batch changes. Here each number is a hash
of a key that names the example and of a counter, as in J. K. Salmon et al., "Parallel random numbers: as
easy as 1, 2, 3", SC 2011. Words are unsigned integers of 32 bits: `uint32` in JAX, which has no 64 bits by
default, and `int64` with 32 bits used elsewhere, because products of words must fit.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from sonogram.engines.arrays import Arrays, namespace

__all__ = ["Draws", "Keys", "seeded_keys", "step_keys", "words"]

_WORD = 0xFFFFFFFF
_STEP = 0x1E3779B9  # an odd number whose multiples are far apart modulo 2^32
_STEPS, _SEEDS = 1, 2

Keys = tuple[Any, Any]
"""Two words for each example, `(batch,)`, that together identify it."""


def step_keys(xp: Arrays, state: Any, count: Any, like: Any) -> Keys:
    """Return the keys of a batch from a generator's state, `(2,)`, and the position of each example."""
    seed, step = (words(xp, xp.reshape(part, ()), like)[0] for part in (state[0], state[1]))
    position = words(xp, xp.arange(0, count, like), like)[0]
    shared = _scramble(xp, _scramble(xp, _low(xp, seed + _STEPS)) ^ step)
    return shared + position * 0, position


def seeded_keys(xp: Arrays, seed: int, seeds: Any, like: Any) -> Keys:
    """Return the keys of a batch from a layer's `seed` and those of its examples, `(batch,)`."""
    lower, upper = words(xp, seeds, like)
    own, _ = words(xp, seed, like)
    shared = _scramble(xp, _low(xp, own + _SEEDS)) ^ _scramble(xp, _low(xp, upper + _STEP))
    return shared, lower


class Draws:
    """Random numbers for the rows of a batch. The numbers of a row depend on its key alone.

    Two calls in sequence are independent.

    Args:
        xp: The array namespace.
        keys: Keys of the rows, `(rows,)`.
        salt: Number of the layer, so that two layers with the same keys draw different numbers.
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
        salted = _low(xp, self._own + (self._salt + self._count * _STEP) % (1 << 31))
        first = _scramble(xp, _scramble(xp, salted) ^ self._shared)
        second = _scramble(xp, _scramble(xp, _low(xp, first + self._own)) ^ self._shared)
        position, _ = words(xp, xp.arange(0, count, first), first)
        counted = _scramble(xp, _low(xp, position + xp.expand(first, -1)))
        return _scramble(xp, counted ^ xp.expand(second, -1))

    def uniforms(self, count: Any) -> Any:
        """Return numbers in [0, 1), `(rows, count)`."""
        return self._xp.floats(_shift_right(self._xp, self.words(count), 8)) * 2.0**-24

    def normals(self, count: Any) -> Any:
        """Return numbers with mean 0 and standard deviation 1, `(rows, count)`.

        A longer row begins with the numbers of a shorter one.

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
        """Return one number for each row, uniformly distributed from `low` up to `high`, `(rows,)`."""
        return self._xp.reshape(self.uniforms(1), (-1,)) * (high - low) + low


def words(xp: Arrays, x: Any, like: Any) -> tuple[Any, Any]:
    """Return the lower and the upper 32 bits of integers as words on the device of `like`."""
    if isinstance(x, (int, np.ndarray)):
        x = np.asarray(x).astype(np.int64)
        if xp.name == "jax":
            lower, upper = ((x >> bits & _WORD).astype(np.uint32) for bits in (0, 32))
            return xp.tensor(lower), xp.tensor(upper)
        x = x if xp.name == "numpy" else xp.tensor(x)
    if xp.name == "jax":  # without 64 bits the upper ones repeat the sign
        lower = x.astype(np.uint32)
        return lower, xp.where(x < 0, lower * 0 + np.uint32(_WORD), lower * 0)
    if xp.name == "tensorflow":
        import tensorflow as tf

        x = tf.cast(x, tf.int64)
    elif xp.name == "torch":
        x = x.to(like.device).long()
    return _low(xp, x), _low(xp, _shift_right(xp, x, 32))


def _low(xp: Arrays, x: Any) -> Any:
    """Return the lower 32 bits of a sum or product of words."""
    return x if xp.name == "jax" else x & _WORD


def _shift_right(xp: Arrays, x: Any, bits: int) -> Any:
    if xp.name != "tensorflow":
        return x >> bits
    import tensorflow as tf

    return tf.bitwise.right_shift(x, tf.constant(bits, x.dtype))


def _scramble(xp: Arrays, x: Any) -> Any:
    """Return a one-to-one hash of words in which every bit depends on every bit of `x`.

    Source: C. Wellons, "Hash function prospector", 2018, github.com/skeeto/hash-prospector. Of its
    functions with two multiplications this is one whose factors are below 2^31: products fit into 63 bits.
    """
    if xp.name != "tensorflow":
        return _mixed(xp, x)
    mixed = _traced()(x)
    mixed.set_shape(x.shape)
    return mixed


@cache
def _traced() -> Any:
    """Return `_mixed` as a function of TensorFlow: its ten operations are traced once, not for each call."""
    import tensorflow as tf

    xp = namespace("tensorflow")
    signature = [tf.TensorSpec(None, tf.int64)]
    return tf.function(lambda x: _mixed(xp, x), input_signature=signature, autograph=False)


def _mixed(xp: Arrays, x: Any) -> Any:
    x = _low(xp, (x ^ _shift_right(xp, x, 16)) * 0x21F0AAAD)
    x = _low(xp, (x ^ _shift_right(xp, x, 15)) * 0x735A2D97)
    return x ^ _shift_right(xp, x, 15)
