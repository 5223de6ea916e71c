"""The versions of what decodes and resamples: part of where the bits of features come from."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["versions"]


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def versions() -> dict[str, str]:
    """Return the versions of soundfile, of the libsndfile that it loads, of soxr and of PyAV."""
    import soundfile

    found = {name: _version(name) for name in ("soundfile", "soxr", "av")}
    return {**found, "libsndfile": soundfile.__libsndfile_version__}
