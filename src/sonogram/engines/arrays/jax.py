"""JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from sonogram.engines.arrays.numpy import NumPyLike

__all__ = ["Jax"]


class Jax(NumPyLike, library=jnp, expand=jnp.expand_dims, atan2=jnp.arctan2):
    """Float32. Shapes are always known."""

    name = "jax"
    precision, integer = jnp.float32, jnp.int32

    def constant(self, value: Any, like: Any) -> Any:
        return jnp.asarray(value, like.dtype)

    def tensor(self, array: Any) -> Any:
        return jnp.asarray(array)

    def stop_gradient(self, x: Any) -> Any:
        return jax.lax.stop_gradient(x)

    def complex(self, real: Any, imaginary: Any) -> Any:
        return jax.lax.complex(real, imaginary)

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        # By default accelerators round factors to 8 to 11 bits: too few for faint bands next to loud ones.
        return jnp.matmul(x, self.constant(matrix, x), precision=jax.lax.Precision.HIGHEST)

    def correlate(self, x: Any, kernels: Any, step: int) -> Any:
        return jax.lax.conv_general_dilated(
            x,
            jnp.asarray(kernels, jnp.float32),
            (step,),
            "VALID",
            dimension_numbers=("NWC", "WIO", "NWC"),
            precision=jax.lax.Precision.HIGHEST,
        )
