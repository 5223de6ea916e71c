"""JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from sonogram.engines.arrays.base import Arrays

__all__ = ["Jax"]


class Jax(Arrays):
    """Float32. Shapes are always known."""

    name = "jax"

    maximum = staticmethod(jnp.maximum)
    minimum = staticmethod(jnp.minimum)
    where = staticmethod(jnp.where)
    log = staticmethod(jnp.log)
    log1p = staticmethod(jnp.log1p)
    exp = staticmethod(jnp.exp)
    expm1 = staticmethod(jnp.expm1)
    sqrt = staticmethod(jnp.sqrt)
    sin = staticmethod(jnp.sin)
    cos = staticmethod(jnp.cos)
    floor = staticmethod(jnp.floor)
    zeros_like = staticmethod(jnp.zeros_like)
    reshape = staticmethod(jnp.reshape)
    concatenate = staticmethod(jnp.concatenate)
    expand = staticmethod(jnp.expand_dims)

    def samples(self, x: Any) -> Any:
        return x.astype(jnp.float32) / 32768.0 if x.dtype == jnp.int16 else x.astype(jnp.float32)

    def constant(self, value: Any, like: Any) -> Any:
        return jnp.asarray(value, like.dtype)

    def tensor(self, array: Any) -> Any:
        return jnp.asarray(array)

    def integers(self, value: Any, like: Any) -> Any:
        return jnp.asarray(value).astype(jnp.int32)

    def size(self, x: Any, axis: int) -> Any:
        return x.shape[axis]

    def arange(self, start: Any, stop: Any, like: Any) -> Any:
        return jnp.arange(start, stop)

    def pad(self, x: Any, before: Any, after: Any, axis: int) -> Any:
        widths = [(0, 0)] * x.ndim
        widths[axis] = (before, after)
        return jnp.pad(x, widths)

    def crop(self, x: Any, start: Any, size: Any, axis: int) -> Any:
        return jax.lax.slice_in_dim(x, start, start + size, axis=axis % x.ndim)

    def take(self, x: Any, index: Any) -> Any:
        return jnp.take(x, index, axis=-1) if index.ndim == 1 else jnp.take_along_axis(x, index, axis=-1)

    def rows(self, x: Any, index: Any) -> Any:
        return jnp.take(x, index, axis=0)

    def cast(self, x: Any, like: Any) -> Any:
        return x.astype(like.dtype)

    def floats(self, x: Any) -> Any:
        return x.astype(jnp.float32)

    def amax(self, x: Any, axes: tuple[int, ...]) -> Any:
        return jnp.max(x, axes, keepdims=True, initial=-jnp.inf)

    def asum(self, x: Any, axes: tuple[int, ...]) -> Any:
        return jnp.sum(x, axes, keepdims=True)

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        # By default accelerators round factors to 8 to 11 bits: too few for faint bands next to loud ones.
        return jnp.matmul(x, self.constant(matrix, x), precision=jax.lax.Precision.HIGHEST)

    def rfft(self, frames: Any, fft_length: int) -> tuple[Any, Any]:
        spectrum = jnp.fft.rfft(frames, fft_length)
        return spectrum.real, spectrum.imag

    def irfft(self, spectrum: Any, fft_length: int) -> Any:
        return jnp.fft.irfft(spectrum, fft_length)

    def complex(self, real: Any, imaginary: Any) -> Any:
        return jax.lax.complex(real, imaginary)

    def correlate(self, x: Any, kernels: Any, step: int) -> Any:
        return jax.lax.conv_general_dilated(
            x[:, :, None],
            jnp.asarray(kernels[:, None, :], jnp.float32),
            (step,),
            "VALID",
            dimension_numbers=("NWC", "WIO", "NWC"),
            precision=jax.lax.Precision.HIGHEST,
        )
