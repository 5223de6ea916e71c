"""Settings of an extraction, and what else its output depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy

from sonogram import __version__, audio
from sonogram.config import Config, require
from sonogram.definitions import AnyFrontend
from sonogram.engines import native
from sonogram.errors import SonogramError
from sonogram.extraction.source import RowSource
from sonogram.micro import MicroFrontend

__all__ = ["ExtractionSettings", "machine_provenance", "provenance"]


@dataclass(frozen=True, repr=False)
class ExtractionSettings(Config):
    """How `extract` writes features.

    Raises:
        SonogramError: A value is invalid.

    Example:
        >>> ExtractionSettings("tfrecord", "float16").shard_size
        256
    """

    format: Literal["npy", "tfrecord"] = "npy"
    """One array per input, or shards of examples for TensorFlow."""
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    """Precision of the stored features. float16 and bfloat16 halve the size.

    float16 keeps 11 binary digits and ends at 65504: an input with larger features fails. bfloat16, for
    `tfrecord` only, keeps 8 digits and the range of float32.
    """
    engine: Literal["native", "numpy"] | None = None
    """Engine that computes the features. None is the fastest one available."""
    shard_size: int = 256
    """Number of inputs in one shard of `tfrecord`."""
    strict: bool = False
    """Whether to stop at the first input that fails."""
    partial: bool = False
    """Whether to read what is there of truncated recordings, with a warning, instead of refusing them."""
    retry: bool = False
    """Whether to try unchanged inputs again that failed before."""
    allow_mixed_versions: bool = False
    """Whether to continue in a folder that was begun with other versions, instructions or another engine."""

    def validate(self) -> None:
        """Raise an error for an invalid shard size, or for bfloat16 in arrays of NumPy."""
        valid = isinstance(self.shard_size, int) and self.shard_size >= 1
        require(valid, f"shard_size must be a whole number of at least 1; got {self.shard_size!r}")
        require(
            self.dtype != "bfloat16" or self.format == "tfrecord",
            'arrays of NumPy have no bfloat16; use dtype="float16", or format="tfrecord"',
        )


def provenance(frontend: AnyFrontend | RowSource, settings: ExtractionSettings) -> dict[str, Any]:
    """Return everything that must be equal for two runs to write the same bytes."""
    engine = _engine(frontend, settings)
    return {
        "definition": frontend.to_dict(),
        "fingerprint": frontend.fingerprint,
        "settings": {name: getattr(settings, name) for name in ("format", "dtype", "shard_size")},
        "engine": engine,
        **machine_provenance(engine),
    }


def _engine(frontend: AnyFrontend | RowSource, settings: ExtractionSettings) -> str:
    """Return the name of what computes the features."""
    if isinstance(frontend, MicroFrontend):
        if settings.engine is not None:
            raise SonogramError(
                f"a MicroFrontend has one engine, in integers; got engine={settings.engine!r}. Use None"
            )
        return "integers"
    if settings.engine is not None:
        return settings.engine
    if not isinstance(frontend, AnyFrontend):
        return frontend.engine
    return "native" if native.available() else "numpy"


def machine_provenance(engine: str) -> dict[str, Any]:
    """Return the part of `provenance` that depends on the machine."""
    return {
        "instruction_set": native.isa() if engine == "native" and native.available() else engine,
        "versions": {"sonogram": __version__, "numpy": numpy.__version__, **audio.versions()},
    }
