"""Decoders of CTC outputs. Run: python bench/decode.py.

Made outputs for ten minutes of speech, 25 frames a second and 28 classes, from English words with noise.
Times are of one core. The language models have the same sentences, so the error rates show only that the
search works.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from sonogram.decoding import Alphabet, BeamSearch, Hypothesis, NGram, greedy, text_metrics
from sonogram.decoding.alphabet import Units

Logits = NDArray[np.float64]

FRAME_SECONDS, MINUTES = 0.04, 10
WORDS = (
    "the of and to in is you that it he was for on are as with his they at be this have from or one "
    "had by words but not what all were we when your can said there use an each which she do how "
    "their if will up other about out many then them these so some her would make like him into time "
    "has look two more write go see number no way could quiz jump vex "
)


def main() -> None:
    drawn = np.random.default_rng(0)
    words = np.array(WORDS.split())
    alphabet = Alphabet.fit([" ".join(words)])
    texts: list[str] = []
    clips: list[Logits] = []
    while sum(map(len, clips)) * FRAME_SECONDS < 60 * MINUTES:
        text = " ".join(drawn.choice(words, drawn.integers(4, 12)))
        logits = drawn.standard_normal((3 * len(text) + 10, alphabet.num_classes))
        logits[:, 0] += 4.5
        logits[5 + 3 * np.arange(len(text)), alphabet.encode(text)] += 8
        texts.append(text)
        clips.append(logits)
    print("| decoder | times real time | word error rate |\n| --- | ---: | ---: |")
    searches = {"beam of 16": BeamSearch(alphabet)} | {
        f"beam of 16, 5-gram of {units}": BeamSearch(alphabet, language_model=NGram.fit(texts, 5, units))
        for units in get_args(Units)
    }
    measure("greedy", lambda clip: greedy(clip, alphabet), texts, clips)
    for name, search in searches.items():
        measure(name, lambda clip, search=search: search(clip)[0], texts, clips)


def measure(name: str, decode: Callable[[Logits], Hypothesis], texts: list[str], clips: list[Logits]) -> None:
    decode(clips[0])  # tables are made by the first call
    start = time.process_time()
    found = [decode(clip).text for clip in clips]
    speed = sum(map(len, clips)) * FRAME_SECONDS / (time.process_time() - start)
    print(f"| {name} | {speed:,.0f} | {text_metrics(texts, found).wer:.3f} |")


if __name__ == "__main__":
    main()
