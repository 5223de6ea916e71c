"""An explicit array inside a definition: read-only, compared and hashed by its content."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.errors import DefinitionError

__all__ = ["Matrix"]


class Matrix:
    """A read-only float64 array, as a field of a definition.

    Args:
        values: Finite numbers, of any shape.

    Raises:
        DefinitionError: A value is not a finite number.

    Example:
        >>> sg.Matrix([1, 2]) == sg.Matrix([1.0, 2.0])
        True

    See Also:
        bands.Filterbank, windows.CustomWindow, normalize.Affine: fields that take it.
    """

    __slots__ = ("_digest", "values")

    values: NDArray[np.float64]
    """The array; writing to it raises an error."""
    _digest: str

    def __init__(self, values: ArrayLike) -> None:
        try:
            array = np.array(values, dtype=np.float64, order="C")
        except (TypeError, ValueError) as error:
            raise DefinitionError(f"a Matrix must hold real numbers: {error}") from None
        if not np.isfinite(array).all():
            raise DefinitionError("a Matrix must hold finite numbers; got NaN or infinity")
        array += 0.0  # turns -0.0 into 0.0: equal numbers need equal digests
        array.flags.writeable = False
        object.__setattr__(self, "values", array)
        content = repr(array.shape).encode() + array.astype("<f8").tobytes()
        object.__setattr__(self, "_digest", hashlib.sha256(content).hexdigest())

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Matrix is read-only; make a new one")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Matrix is read-only; make a new one")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.values.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is None:  # NumPy 1 takes no None here
            return np.asarray(self.values, dtype)
        return np.array(self.values, dtype=dtype, copy=copy)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Matrix) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __reduce__(self) -> tuple[type[Matrix], tuple[list[Any]]]:
        return Matrix, (self.values.tolist(),)

    def __repr__(self) -> str:
        return f"Matrix({'x'.join(map(str, self.shape))}, {self._digest[:8]})"
