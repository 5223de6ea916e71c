"""A parallel map over files: results in order, broken files apart."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sonogram.errors import SonogramError

__all__ = ["map_files"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_files(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Iterator[tuple[Item, Result | SonogramError]]:
    """Call a function for each item in threads and yield item and result, in the order of the items.

    A `SonogramError` of one item takes the place of its result, so that one broken file does not stop
    the others; any other exception is raised. What has not begun when the iterator is closed is
    cancelled.

    Args:
        function: What to do with an item, such as a path.
        items: The items.
        threads: Number of threads. None is one for each processor.

    Example:
        >>> list(map_files(len, ["bird.wav", "rain.flac"]))
        [('bird.wav', 8), ('rain.flac', 9)]
    """

    def call(item: Item) -> tuple[Item, Result | SonogramError]:
        try:
            return item, function(item)
        except SonogramError as error:
            return item, error

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        try:
            yield from pool.map(call, items)
        finally:
            pool.shutdown(cancel_futures=True)
