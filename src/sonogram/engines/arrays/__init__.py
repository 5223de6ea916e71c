"""Array namespaces: the same functions over NumPy, TensorFlow, JAX and PyTorch."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from sonogram.engines.arrays.base import Arrays
from sonogram.errors import SonogramError, require_dense

__all__ = ["Arrays", "dtype_name", "is_tensorflow", "library", "namespace"]

# By the root of a type's module, so that no library needs to be imported to recognize its arrays.
_LIBRARIES = {
    "numpy": ("numpy", "NumPy"),
    "tensorflow": ("tensorflow", "TensorFlow"),
    "jax": ("jax", "Jax"),
    "jaxlib": ("jax", "Jax"),
    "torch": ("torch", "Torch"),
}


def library(x: Any) -> str:
    """Return the array library of `x`: "numpy", "tensorflow", "jax" or "torch".

    Raises:
        SonogramError: `x` is an array of no such library, or ragged or sparse.
    """
    for kind in type(x).__mro__:
        root = kind.__module__.partition(".")[0]
        if root in _LIBRARIES:
            if root == "tensorflow":
                require_dense(x)
            return _LIBRARIES[root][0]
        if root == "keras":
            raise SonogramError(
                "samples must not be symbolic Keras tensors; use sonogram.layers.Spectrogram(frontend)"
            )
    raise SonogramError(
        f"samples must be an array of NumPy or a tensor of TensorFlow, JAX or PyTorch; got {type(x).__name__}"
    )


def is_tensorflow(x: Any) -> bool:
    """Return whether `x` is a tensor of TensorFlow, without importing TensorFlow."""
    try:
        return library(x) == "tensorflow"
    except SonogramError:
        return False


def dtype_name(x: Any) -> str:
    """Return the name of the data type of an array of any library, such as "float32"."""
    return str(getattr(x.dtype, "name", str(x.dtype)).rpartition(".")[-1])


@cache
def namespace(name: str, portable: bool = False) -> Arrays:
    """Return the namespace of a library; `portable` restricts it to operations of exported models."""
    module = import_module(f"sonogram.engines.arrays.{name}")
    chosen = "PortableTensorFlow" if portable and name == "tensorflow" else dict(_LIBRARIES.values())[name]
    instance: Arrays = getattr(module, chosen)()
    return instance
