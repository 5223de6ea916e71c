"""Embeddings of the windows of recordings, to disk."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sonogram import audio
from sonogram.backbones import JoinedCard, card
from sonogram.errors import SonogramError, require_keras
from sonogram.extraction import ExtractionReport, ExtractionSettings, Progress
from sonogram.extraction.blocks import StoppedError
from sonogram.extraction.run import run_extraction

if TYPE_CHECKING:
    from sonogram.models.vectors import ClipVectors

__all__ = ["WINDOW", "Embedder", "clip_vectors", "embed", "vector_network"]

WINDOW = 2.0
"""Length of a window, seconds. It holds a word or a call, with some silence, which is trimmed;
shorter windows cut words in two."""
_BLOCK_SECONDS = 60.0
_WINDOWS_PER_CALL = 16
_lock = threading.Lock()

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Embedder:
    """Definition of a bank: a published network, and the windows that it is applied to.

    Use `Embedder.of` to make one.
    """

    backbone: str
    """Name of the network, see `sonogram.backbones`."""
    digest: str
    """SHA-256 of its weights."""
    version: int
    """Version of the way in which clips are prepared."""
    sample_rate: int
    """Sample rate of its input, Hz."""
    window: float
    """Length of a window, seconds."""
    step: float
    """Time from one window's start to the next, seconds."""
    sizes: Mapping[str, int]
    """Number of values of each kind of vector, in their order in a row of the bank."""

    @classmethod
    def of(cls, backbone: str, window: float | None = None, step: float | None = None) -> Embedder:
        """Return the definition for a network.

        Args:
            backbone: Name of the network.
            window: Length of a window, seconds; None takes 2.
            step: Time from one window's start to the next, seconds; None takes half a window.

        Raises:
            SonogramError: The network is unknown or not installed, several are named, or a length is invalid.
        """
        window = WINDOW if window is None else window
        step = window / 2 if step is None else step
        if not 0 < step <= window < float("inf"):
            raise SonogramError(
                f"the step must be above 0 s and at most the window; got {step:g} s and {window:g} s"
            )
        found = card(backbone)
        if isinstance(found, JoinedCard):
            raise SonogramError(
                f"a bank has the embeddings of one backbone; got {backbone}. Make a bank for each"
            )
        vectors = clip_vectors(backbone)
        from sonogram.models.pretrained import VERSION

        return cls(backbone, found.digest, VERSION, found.sample_rate, window, step, vectors.sizes)

    @property
    def engine(self) -> str:
        """What computes the embeddings."""
        return "tensorflow"

    @property
    def num_bands(self) -> int:
        """Number of values in a row."""
        return sum(self.sizes.values())

    @property
    def fingerprint(self) -> str:
        """Digest of the definition."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as plain data for JSON."""
        return asdict(self)

    def windows(self, duration: float) -> tuple[NDArray[np.float64], float]:
        """Return the start of each window of a recording, and their length, both in seconds.

        Args:
            duration: Length of the recording, seconds.
        """
        size, step = self._samples
        total = round(duration * self.sample_rate)
        count = 1 + max(0, -(-(total - size) // step))
        starts = np.minimum(np.arange(count) * step, max(total - size, 0))
        return starts / self.sample_rate, min(size, total) / self.sample_rate

    @property
    def _samples(self) -> tuple[int, int]:
        """Length and step of the windows in samples."""
        return max(1, round(self.window * self.sample_rate)), max(1, round(self.step * self.sample_rate))

    def blocks(
        self, path: str, stop: Callable[[], bool] = lambda: False, partial: bool = False
    ) -> Iterator[tuple[Floats, int]]:
        """Yield rows of vectors, one for each window, `(windows, values)`, and the number of samples read.

        Args:
            path: The recording.
            stop: Called between blocks; true ends the work.
            partial: Whether to read what is there of a truncated file.

        Raises:
            AudioError: The file cannot be read.
        """
        from sonogram.dataset.windowing import Window, WindowBuffer

        vectors = clip_vectors(self.backbone)

        def rows(windows: list[Window]) -> Floats:
            parts = [
                windows[first : first + _WINDOWS_PER_CALL]
                for first in range(0, len(windows), _WINDOWS_PER_CALL)
            ]
            found = [vectors([window.samples for window in part]) for part in parts]
            return np.concatenate(found) if found else np.zeros((0, self.num_bands), np.float32)

        buffer = WindowBuffer(*self._samples)
        for block in audio.blocks(
            path, round(_BLOCK_SECONDS * self.sample_rate), self.sample_rate, partial=partial
        ):
            if stop():
                raise StoppedError
            yield rows(buffer.push(block)), len(block)
        yield rows(buffer.finish()), 0

    def vectors(self, samples: Floats) -> Floats:
        """Return rows of vectors of a sound in memory, one for each window, `(windows, values)`.

        Args:
            samples: Samples at the sample rate of the network, `(samples,)`.
        """
        from sonogram.dataset.windowing import WindowBuffer

        buffer = WindowBuffer(*self._samples)
        windows = [*buffer.push(samples), *buffer.finish()]
        return clip_vectors(self.backbone)([window.samples for window in windows])


def clip_vectors(backbone: str) -> ClipVectors:
    """Return the network of a card as a function of clips, made once."""
    with _lock:
        return _clip_vectors(backbone, card(backbone).digest)


def vector_network(backbone: str) -> Any:
    """Return the network of a card, see `models.pretrained.vector_model`, made once."""
    return clip_vectors(backbone).model


@cache
def _clip_vectors(backbone: str, digest: str) -> ClipVectors:
    found = card(backbone)
    found.path()  # absent weights must be an error before the seconds in which TensorFlow starts
    with require_keras("embeddings need Keras on TensorFlow", ("tensorflow",)):
        from sonogram.models.pretrained import vector_model
        from sonogram.models.vectors import ClipVectors
    return ClipVectors(vector_model(found))


def embed(  # noqa: PLR0913
    inputs: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    backbone: str,
    *,
    window: float | None = None,
    step: float | None = None,
    partial: bool = False,
    retry: bool = False,
    executor: Executor | Callable[[], Executor] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> ExtractionReport:
    """Write a bank: the embeddings of the windows of recordings, to search and to train on.

    Each recording is cut into windows; a recording shorter than a window is one. The silence at both ends of
    each is trimmed, and its level is normalized. The same call continues an interrupted run, and does only
    what is missing. The folder has the format of `extract`: an array `(windows, values)` for each recording,
    and `index.csv`.

    Args:
        inputs: Files, folders, globs and CSV manifests.
        folder: Output folder.
        backbone: Name of a published network, see `sonogram.backbones`.
        window: Length of a window, seconds; None takes 2. Take about the length of the sounds of interest.
        step: Time from one window's start to the next, seconds; None takes half a window.
        partial: Whether to read what is there of truncated recordings, with a warning.
        retry: Whether to try unchanged recordings again that failed before.
        executor: Where to compute, as for `extract`.
        on_progress: Called with a `Progress` as the work goes on.

    Returns:
        The numbers of recordings that are done, and those that failed.

    Raises:
        SonogramError: The network is not installed, or the folder has another bank, is in use or cannot be
            written.

    Example:
        >>> import keras, tempfile
        >>> from pathlib import Path
        >>> place = Path(tempfile.mkdtemp())
        >>> keras.Sequential([keras.Input((8000,)), keras.layers.Dense(4)]).save(place / "own.keras")
        >>> _ = (place / "own.json").write_text('{"sample_rate": 8000}')
        >>> embed(["examples/dog.wav"], place / "bank", str(place / "own.keras"), window=1.0).done
        1

    See Also:
        `find`, `suggest`, and `sonogram.train` with the argument `bank`.
    """
    settings = ExtractionSettings(partial=partial, retry=retry, allow_mixed_versions=True)
    embedder = Embedder.of(backbone, window, step)
    return run_extraction(inputs, folder, embedder, settings, executor, on_progress)
