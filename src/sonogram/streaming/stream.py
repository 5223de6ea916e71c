"""`Stream`: pieces of a clip to features, for definitions that need no property of the whole clip."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.definition import Definition, require_definition
from sonogram.engines import program
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.micro import MicroFrontend
from sonogram.obstacles import require_possible
from sonogram.scaling import Pcen
from sonogram.streaming.pieces import CompressedBands, Pieces
from sonogram.streaming.rows import RowBuffer

__all__ = ["Stream"]


class Stream:
    """Features of a clip whose samples arrive in pieces, the same bits as those of the whole clip.

    Memory does not grow with the clip: a stream buffers the samples that later frames cover. A row of
    features is returned `frontend.latency` samples after its center.

    Args:
        frontend: A streamable front end.
        engine: "numpy" or "native"; None chooses.

    Raises:
        SonogramError: `frontend.obstacles("stream")` names what needs the whole clip.

    Example:
        >>> stream = sg.Stream(sg.Frontend(16000, 400, 160))
        >>> stream.push(np.zeros(1000)).shape, stream.finish().shape
        ((4, 257), (0, 257))

    See Also:
        StreamingPredictor, StreamingTranscriber: labels and words from samples that arrive in pieces.
    """

    def __new__(cls, frontend: Definition | MicroFrontend, engine: str | None = None) -> Any:
        """Return a stream; a `MicroFrontend` and a `Bundle` have other classes with the same methods."""
        if not isinstance(frontend, MicroFrontend):
            return frontend.stream(engine) if hasattr(frontend, "stream") else super().__new__(cls)
        if engine is not None:
            raise SonogramError(f"a MicroFrontend has one engine, in integers; got engine={engine!r}")
        return frontend.stream()

    def __init__(self, frontend: Definition, engine: str | None = None) -> None:
        require_definition(frontend)
        require_possible(frontend, "stream")
        self.frontend = frontend
        self._plan = plan(frontend)
        self._pieces = Pieces(self._plan, engine)
        self._smoothed: NDArray[Any] | None = None  # PCEN's smoothed energy, (channels, bands)
        self._rows = RowBuffer(self._plan, self._pieces.arrays)
        self._finished = False

    def push(self, samples: ArrayLike) -> NDArray[np.float32]:
        """Add the next samples and return the features that they complete.

        Args:
            samples: `(samples,)` or `(channels, samples)`, any number of them: floating point in [-1, 1] or
                16-bit integers.

        Returns:
            float32, `(frames, bands)` or `(channels, frames, bands)`; often no frame or a few.

        Raises:
            SonogramError: The stream is finished, the number of channels changed, or the samples have
                another type or channels last.
        """
        self._check_unfinished()
        return self._features(self._pieces.push(samples), last=False)

    def finish(self) -> NDArray[np.float32]:
        """End the clip and return the remaining features, of the shape that `push` returns.

        Raises:
            SonogramError: The stream is finished already.
        """
        self._check_unfinished()
        self._finished = True
        bands = self._pieces.finish()
        if not len(bands[0]):
            return np.zeros((0, self.frontend.num_bands), np.float32)
        return self._features(bands, last=True)

    def _check_unfinished(self) -> None:
        if self._finished:
            raise SonogramError("this stream is finished; make a new Stream for the next clip")

    def _features(self, bands: CompressedBands, last: bool) -> NDArray[np.float32]:
        frames = self._frames(*bands)
        if last:
            rows = self._rows.finish(frames, self._plan.rows_of(self._pieces.total))
        else:
            rows = self._rows.push(frames)
        rows = rows.astype(np.float32)
        return rows[0] if self._pieces.flat else rows

    def _frames(self, values: NDArray[Any], energy: NDArray[Any] | None) -> NDArray[Any]:
        """Return scaled bands or cepstra, with the state of the scaling carried from piece to piece."""
        scaling = self.frontend.scaling
        if isinstance(scaling, Pcen) and values.shape[1]:
            initial = scaling.initial if self._smoothed is None else self._smoothed
            smoothed = self._pieces.arrays.smooth(values, scaling.smoothing, initial)
            self._smoothed = smoothed[:, -1]
            values = scaling.compress(self._pieces.arrays, values, smoothed)
        return np.asarray(program.cepstrum(self._plan, self._pieces.arrays, values, energy))
