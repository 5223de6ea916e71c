"""A parallel map over files: results in order, broken files apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sonogram.cores import num_cores
from sonogram.errors import SonogramError

__all__ = ["map_files"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_files(
    function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[tuple[Item, Result | SonogramError]]:
    """Call a function for each item, in a thread per core, and yield item and result, in the order given.

    A `SonogramError` of one item takes the place of its result, so that one broken file does not stop
    the others; any other exception is raised. What has not begun when the iterator is closed is
    cancelled.

    Args:
        function: What to do with an item, such as a path.
        items: The items.

    Example:
        >>> list(map_files(len, ["bird.wav", "rain.flac"]))
        [('bird.wav', 8), ('rain.flac', 9)]
    """

    def call(item: Item) -> tuple[Item, Result | SonogramError]:
        try:
            return item, function(item)
        except SonogramError as error:
            return item, error

    with ThreadPoolExecutor(num_cores()) as pool:
        try:
            yield from pool.map(call, items)
        finally:
            pool.shutdown(cancel_futures=True)
