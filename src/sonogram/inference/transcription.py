"""Text of recordings of any length, with the times of its words."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram import models
from sonogram.audio import Audio, SoundSource
from sonogram.decoding import (
    BeamSearch,
    Hypothesis,
    NGram,
    Transcript,
    Word,
    align_words,
    greedy,
    load_ngram,
    normalize,
)
from sonogram.errors import SonogramError
from sonogram.inference.blocks import model_blocks
from sonogram.inference.segments import refine_edges, segments
from sonogram.models.recognizer import require_recognizer
from sonogram.peers import with_known_keywords

__all__ = ["Transcriber", "align", "transcribe"]

Samples = NDArray[np.float32]
BEAM = 16
"""Width of the beam where a language model, a word list or boosted words are given, but no width."""


class Transcriber:
    """A speech recognizer prepared for many sounds.

    Args:
        model: A model from `sonogram.train` on recordings with their text, or `load_model`.
        beam: Number of texts that the beam search keeps; None is 16 with another argument, greedy decoding
            without.
        language_model: Model of the texts to expect, or a file of it: see `decoding.load_ngram`.
        language_weight: Weight of the language model against the sound.
        words: The only words to find.
        boost: Words to favor, each with what it adds to the score of a text: 1 to 5.

    Raises:
        SonogramError: The model gives no text, or an argument does not fit its alphabet.

    See Also:
        `sonogram.transcribe`, for one sound. `decoding.BeamSearch`, for the arguments.
    """

    def __init__(
        self,
        model: Any,
        *,
        beam: int | None = None,
        language_model: NGram | str | os.PathLike[str] | None = None,
        language_weight: float = 0.4,
        words: Collection[str] | None = None,
        boost: Mapping[str, float] | None = None,
    ) -> None:
        self.alphabet = require_recognizer(model)
        """Symbols of the model."""
        info = models.describe(model)
        self.sample_rate = int(info.sample_rate)
        """Sample rate of the model, Hz."""
        # Keras swaps the state of the model during a call on other backends.
        self.parallel = keras.backend.backend() == "tensorflow"
        """Whether several threads may transcribe at a time."""
        if info.frontend is None or info.stride is None:
            raise SonogramError(
                f"the times of the frames of the model {model.name!r} are unknown. Build it with "
                "sonogram.models.build_recognizer"
            )
        self._model = model
        self._period = info.stride * info.frontend.frame_period
        self._begin = info.frontend.begin
        if language_model is not None and not isinstance(language_model, NGram):
            language_model = load_ngram(language_model, self.alphabet.units)
        search = BeamSearch(
            self.alphabet,
            BEAM if beam is None else beam,
            language_model,
            language_weight,
            words=words,
            boosted=boost or {},
        )
        is_greedy = beam is None and language_model is None and words is None and not boost
        self._search = None if is_greedy else search

    def decode(self, logits: NDArray[Any]) -> Hypothesis:
        """Return the best text of a clip.

        Args:
            logits: Logits of its frames, `(frames, classes)`; see `models.logits`.
        """
        return greedy(logits, self.alphabet) if self._search is None else self._search(logits)[0]

    def transcribe(
        self, source: SoundSource | Audio, on_progress: Callable[[float], None] | None = None
    ) -> Transcript:
        """Return the text of a sound, with its words.

        Args:
            source: Path, file, bytes or `Audio`, as for `sonogram.transcribe`.
            on_progress: Called with the seconds of the sound that have been processed.

        Raises:
            SonogramError: The sound cannot be read, or has no samples.
        """
        texts: list[str] = []
        words: list[Word] = []
        end = 0.0
        for start, samples in self._segments(source):
            (logits,) = models.logits(self._model, [samples])
            found = self.decode(logits)
            texts.append(found.text)
            aligned = align_words(logits, self.alphabet, found.classes)
            times = self._times(len(logits))
            places = [(times[word.begin], times[word.end]) for word in aligned]
            edges = refine_edges(places, samples, self.sample_rate)
            first = start / self.sample_rate
            words += [
                Word(word.text, first + begin, first + stop, word.score)
                for word, (begin, stop) in zip(aligned, edges, strict=True)
            ]
            end = (start + len(samples)) / self.sample_rate
            if on_progress is not None:
                on_progress(end)
        return Transcript(" ".join(text for text in texts if text), tuple(words), end)

    def align(self, source: SoundSource | Audio, text: str) -> Transcript:
        """Return the words of a known text with their times.

        Args:
            source: Recording, as `sonogram.align` takes it.
            text: What is spoken there.
        """
        text = normalize(text)
        if not text:
            raise SonogramError("the text to align holds no words; give the text that is spoken")
        classes = self.alphabet.encode(text)
        logits, starts, sound = [], [0.0], []
        for start, samples in self._segments(source):
            (found,) = models.logits(self._model, [samples])
            times = start / self.sample_rate + self._times(len(found))
            logits.append(found)
            starts[-1:] = times  # where one part ends the next one begins
            sound.append(samples)
        aligned = align_words(np.concatenate(logits), self.alphabet, classes)
        samples = np.concatenate(sound)
        edges = refine_edges(
            [(starts[word.begin], starts[word.end]) for word in aligned], samples, self.sample_rate
        )
        words = (
            Word(word.text, begin, stop, word.score)
            for word, (begin, stop) in zip(aligned, edges, strict=True)
        )
        return Transcript(text, tuple(words), len(samples) / self.sample_rate)

    def _segments(self, source: SoundSource | Audio) -> Iterator[tuple[int, Samples]]:
        count = 0
        for start, samples in segments(model_blocks(source, self.sample_rate), self.sample_rate):
            count += len(samples)
            yield start, samples
        if not count:
            raise SonogramError("the sound has no samples. Record it again")

    def _times(self, num_frames: int) -> NDArray[np.float64]:
        """Return where each frame of logits begins, and the last one ends, seconds, `(num_frames + 1,)`."""
        begins = self._begin + self._period * np.arange(num_frames + 1, dtype=np.float64)
        return np.asarray(np.maximum(begins, 0.0), np.float64)


@with_known_keywords
def transcribe(
    model: Any,
    source: SoundSource | Audio,
    *,
    beam: int | None = None,
    language_model: NGram | str | os.PathLike[str] | None = None,
    language_weight: float = 0.4,
    words: Collection[str] | None = None,
    boost: Mapping[str, float] | None = None,
) -> Transcript:
    """Return the text of a sound of any length, with the times of its words, in bounded memory.

    A long sound is cut at its quietest places into parts of 10 to 20 seconds, and the texts are joined.

    Args:
        model: A model from `sonogram.train` on recordings with their text, or `load_model`.
        source: A path, the bytes of a file, a binary file object, or `Audio` at the model's sample rate.
        beam: Number of texts that the beam search keeps; None is 16 with another argument, greedy decoding
            without.
        language_model: Model of the texts to expect, or a file of it: see `decoding.load_ngram`.
        language_weight: Weight of the language model against the sound: 0.2 to 1.
        words: The only words to find.
        boost: Words to favor, such as names, each with what it adds to the score of a text: 1 to 5.

    Returns:
        The text, and its words with their start and end in seconds.

    Raises:
        AudioError: The sound cannot be read.
        SonogramError: The model gives no text, or an argument does not fit its alphabet.

    Example:
        >>> alphabet = sonogram.decoding.Alphabet(("no", "yes"), "words")
        >>> model = sonogram.models.build_recognizer(sonogram.Frontend(8000, 200, 80), alphabet)
        >>> found = transcribe(model, sonogram.Audio(np.zeros(20_000, np.float32), 8000), words=["yes"])
        >>> found.duration, {word.text for word in found.words} <= {"yes"}
        (2.5, True)

    See Also:
        `sonogram.align`, if the text is known; `inference.Transcriber`, for many sounds.
    """
    prepared = Transcriber(
        model,
        beam=beam,
        language_model=language_model,
        language_weight=language_weight,
        words=words,
        boost=boost,
    )
    return prepared.transcribe(source)


def align(model: Any, source: SoundSource | Audio, text: str) -> Transcript:
    """Return where the words of a known text are in a sound.

    Args:
        model: A model from `sonogram.train` on recordings with their text, or `load_model`.
        source: A path, the bytes of a file, a binary file object, or `Audio` at the model's sample rate.
            Up to about half an hour: the whole text is aligned at once.
        text: What is spoken; capitals and punctuation are ignored.

    Returns:
        The text, and its words with their start and end in seconds.

    Raises:
        AudioError: The sound cannot be read.
        SonogramError: The model gives no text, its alphabet lacks a symbol of the text, or the sound is too
            short for the text.

    Example:
        >>> alphabet = sonogram.decoding.Alphabet(("no", "yes"), "words")
        >>> model = sonogram.models.build_recognizer(sonogram.Frontend(8000, 200, 80), alphabet)
        >>> found = align(model, sonogram.Audio(np.zeros(20_000, np.float32), 8000), "Yes, no!")
        >>> [word.text for word in found.words]
        ['yes', 'no']

    See Also:
        `sonogram.transcribe`, if the text is not known; `decoding.align`, for logits.
    """
    return Transcriber(model).align(source, text)
