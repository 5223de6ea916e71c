"""What an extraction can compute besides features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from numpy.typing import NDArray

__all__ = ["RowSource"]


class RowSource(Protocol):
    """Rows of values of a sound file, such as the embeddings of its windows. It must be picklable."""

    @property
    def engine(self) -> str:
        """What computes the rows."""

    @property
    def sample_rate(self) -> float:
        """Sample rate of the samples that are counted, Hz."""

    @property
    def num_bands(self) -> int:
        """Number of values in a row."""

    @property
    def fingerprint(self) -> str:
        """Digest of all that the values depend on."""

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as plain data for JSON."""

    def blocks(
        self, path: str, stop: Callable[[], bool], partial: bool
    ) -> Iterator[tuple[NDArray[Any], int]]:
        """Yield rows, `(rows, values)`, and the number of samples read for them; see `feature_blocks`."""
