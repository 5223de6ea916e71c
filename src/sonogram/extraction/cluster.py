"""A Dask cluster as an executor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from sonogram.errors import SonogramError, require_import

__all__ = ["dask_executor"]


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Yield an executor that runs on the workers of a Dask scheduler.

    Args:
        address: Address of the scheduler, such as `tcp://host:8786`.

    Raises:
        SonogramError: Dask is not installed, or no scheduler answers within ten seconds.

    See Also:
        `sonogram.extract`, which takes the executor.
    """
    with require_import("a cluster needs Dask", 'pip install "sonogram[dask]"'):
        from distributed import Client
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise SonogramError(
            f"{address}: no Dask scheduler answers ({error}); start one, or check the address"
        ) from None
    with client:
        yield client.get_executor()
