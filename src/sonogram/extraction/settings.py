"""What the output depends on besides the inputs and the definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy

from sonogram import __version__, audio
from sonogram.engines import native
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend

__all__ = ["Settings", "provenance"]


@dataclass(frozen=True)
class Settings:
    """How features are written.

    Raises:
        SonogramError: A value is none of the choices.
    """

    format: Literal["npy", "tfrecord"] = "npy"
    """One array for each input, or shards of examples for TensorFlow."""
    dtype: Literal["float32", "float16"] = "float32"
    """Precision of the stored features."""
    engine: Literal["native", "numpy"] | None = None
    """What computes them; None is the fastest that is there."""
    shard_size: int = 256
    """Inputs in one shard of `tfrecord`."""
    strict: bool = False
    """Stop at the first input that cannot be done."""
    retry: bool = False
    """Try inputs again that failed before and have not changed since."""
    mixture: bool = False
    """Go on in a folder that was begun with other versions, instructions or another engine."""

    def __post_init__(self) -> None:
        for name, choices in (
            ("format", ("npy", "tfrecord")),
            ("dtype", ("float32", "float16")),
            ("engine", (None, "native", "numpy")),
        ):
            if getattr(self, name) not in choices:
                known = ", ".join(map(repr, choices))
                raise SonogramError(f"{name} must be one of {known}; got {getattr(self, name)!r}")
        if not isinstance(self.shard_size, int) or self.shard_size < 1:
            raise SonogramError(f"shard_size must be a whole number of at least 1; got {self.shard_size!r}")


def provenance(frontend: Frontend, settings: Settings) -> dict[str, Any]:
    """Return what must be the same for two runs to give the same bytes."""
    engine = settings.engine or ("native" if native.available() else "numpy")
    return {
        "definition": frontend.to_dict(),
        "fingerprint": frontend.fingerprint,
        "settings": {name: getattr(settings, name) for name in ("format", "dtype", "shard_size")},
        "engine": engine,
        **provenance_here(engine),
    }


def provenance_here(engine: str) -> dict[str, Any]:
    """Return the part of it that belongs to a machine."""
    return {
        "instruction_set": native.isa() if engine == "native" and native.available() else "numpy",
        "versions": {"sonogram": __version__, "numpy": numpy.__version__, **audio.versions()},
    }
