"""Words of a sound that arrives in chunks, as soon as they will not change any more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.decoding import Word
from sonogram.decoding.alphabet import BLANK
from sonogram.decoding.greedy import log_softmax
from sonogram.errors import SonogramError
from sonogram.inference.scoring import check_samples
from sonogram.models import describe
from sonogram.models.logit_stream import LogitStream
from sonogram.models.recognizer import require_recognizer

__all__ = ["StreamingTranscriber"]


class StreamingTranscriber:
    """Speech recognizer for a sound that arrives in chunks, by greedy decoding.

    The words are those of the whole sound, whatever the chunks. Memory does not grow with the sound.

    Args:
        model: A recognizer whose network streams: `sonogram.train(data, network="stream")`.

    Raises:
        SonogramError: The model gives no text, or its network needs the whole sound.

    Example:
        >>> alphabet = sonogram.decoding.Alphabet(("no", "yes"), "words")
        >>> model = sonogram.models.build_recognizer(sonogram.Frontend(8000, 200, 80), alphabet, "stream")
        >>> transcriber = StreamingTranscriber(model)
        >>> words = transcriber.push(np.zeros(4000)) + transcriber.finish()
        >>> {word.text for word in words} <= {"no", "yes"}, transcriber.partial, transcriber.latency
        (True, '', 0.325)

    See Also:
        `sonogram.transcribe`, for a whole sound; `StreamingPredictor`, for labels.
    """

    def __init__(self, model: Any) -> None:
        self.alphabet = require_recognizer(model)
        """Symbols of the model."""
        info = describe(model)
        self.sample_rate: int = int(info.sample_rate)
        """Required sample rate of the samples, Hz."""
        self._logits = LogitStream(model)
        self.latency: float = self._logits.latency
        """Longest time from a sound to the logits of its frame, seconds, if they are computed in no time. A
        word is complete when the sound after it is known."""
        assert info.frontend is not None
        assert info.stride is not None
        self._period = info.stride * info.frontend.frame_period
        self._begin = info.frontend.begin
        self._finished = False
        self._frame = 0
        self._class = BLANK
        self._word: list[tuple[int, int, float]] = []
        """Class, frame and log probability of each frame of the last word that is not a blank."""
        self._symbols: list[int] = []

    @property
    def partial(self) -> str:
        """The last word as far as it is known; it may become longer."""
        return self.alphabet.decode(np.array(self._symbols, np.int32))

    def push(self, samples: ArrayLike) -> list[Word]:
        """Take the next samples and return the words that they complete; these will not change.

        Args:
            samples: `(samples,)`, floating point in [-1, 1] or 16-bit integers; any number of them.

        Raises:
            SonogramError: The samples are invalid or not finite, and none was processed; or `finish` was
                called before.
        """
        self._check_open()
        return self._decode(self._logits.push(check_samples(samples)))

    def finish(self) -> list[Word]:
        """End the sound and return the remaining words."""
        self._check_open()
        self._finished = True
        return [*self._decode(self._logits.finish()), *self._complete()]

    def _check_open(self) -> None:
        if self._finished:
            raise SonogramError("finish() was called. Make a new StreamingTranscriber for the next sound")

    def _decode(self, logits: NDArray[np.float32]) -> list[Word]:
        words = []
        for row in log_softmax(logits, self.alphabet.num_classes):
            best = int(row.argmax())
            is_new = best not in (BLANK, self._class)
            ends = self.alphabet.units == "words" and best != self._class
            if ends or (is_new and best == self.alphabet.space):
                words += self._complete()
            if best not in (BLANK, self.alphabet.space):
                self._word.append((best, self._frame, float(row[best])))
                if is_new:
                    self._symbols.append(best)
            self._class = best
            self._frame += 1
        return words

    def _complete(self) -> list[Word]:
        """Return the last word, if there is one, and begin the next."""
        if not self._word:
            return []
        (_, first, _), (_, last, _) = self._word[0], self._word[-1]
        start, end = (max(self._begin + self._period * frame, 0.0) for frame in (first, last + 1))
        score = float(np.exp(np.mean([value for *_, value in self._word])))
        word = Word(self.partial, start, end, score)
        self._word, self._symbols = [], []
        return [word]
