"""Word error rates of speech recognizers on strings of digits of real people. Run: make bench-speech.

The defaults of `sonogram train` with `--join 7`: on synthesizers alone (`digits-synthetic`), judged on the
strings of `digits-connected`; and with the words of three people (`digits-spoken`) added, judged on strings
of the fourth, for each of the four. Both also with `--backbone speech-embedding`, and the first with the
network `stream`. The table has the mean over the seeds and their standard deviation. Of `prompts-en`,
sentences of one voice, a fifth of the texts is held out; they are decoded greedily, and with a language model
of three letters or words of the training texts. Next to them a model in the way of keras.io's example is
trained for as much processor time.

A training takes minutes to an hour: --only and --seeds choose some, and with --state each finished one is
kept as a JSON file, from which the same command, or one with more methods and seeds, continues.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_ctc
import numpy as np

import sonogram as sg
from sonogram.dataset import Clips, clips
from sonogram.decoding import NGram, normalize
from sonogram.files import write_text

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
JOIN = 7
HELD_OUT = 5
"""Every fifth text of the sentences is held out."""
METHODS: dict[str, dict[str, Any]] = {
    "synthetic": {},
    "synthetic-stream": {"network": "stream"},
    "synthetic-embedding": {"backbone": "speech-embedding"},
    "people": {},
    "people-embedding": {"backbone": "speech-embedding"},
    "sentences": {},
}
"""What is trained on and, after the hyphen, with what else than the defaults."""
ORDER = 3
"""Order of the language model of the sentences."""


def spoken(part: Clips) -> Clips:
    """The words of labeled clips as texts."""
    return Clips(clip._replace(label="", text=clip.label) for clip in part)


def protocol(method: str, folder: Path) -> list[tuple[Clips, Clips, dict[str, Any]]]:
    """Training clips, test clips and options of each training."""
    options = METHODS[method]
    if method == "sentences":
        whole = clips(folder / "prompts-en")
        texts = sorted({str(clip.text) for clip in whole})[::HELD_OUT]
        train, test = (whole.where(lambda clip, kept=kept: (clip.text in texts) == kept) for kept in (0, 1))
        return [(train, test, options)]
    options = {**options, "join": JOIN}
    synthetic, strings = spoken(clips(folder / "digits-synthetic")), clips(folder / "digits-connected")
    if method.startswith("synthetic"):
        return [(synthetic, strings, options)]
    people = spoken(clips(folder / "digits-spoken"))
    return [
        (
            Clips([*synthetic, *people.where(lambda clip, left=left: clip.group != left)]),  # type: ignore[misc]
            strings.where(lambda clip, left=left: clip.group == left),  # type: ignore[misc]
            options,
        )
        for left in sorted(strings.groups)
    ]


def judged(
    state: Path | None, method: str, number: int, seed: int, folder: Path, epochs: int | None = None
) -> dict[str, float]:
    """Train once; return the error rates with the numbers of words, and the minutes."""
    extent = "" if epochs is None else f"-{epochs}epochs"
    done = None if state is None else state / f"{method}-{number}-seed{seed}{extent}.json"
    if done is not None and done.exists():
        found: dict[str, float] = json.loads(done.read_text(encoding="utf-8"))
        return found
    train, test, options = protocol(method, folder)[number]
    keras.backend.clear_session()
    start = time.process_time()
    model = sg.train(train, seed=seed, epochs=epochs, **options)
    seconds = time.process_time() - start
    metrics = sg.evaluate(model, test)
    found = {"wer": metrics.wer, "cer": metrics.cer, "words": metrics.num_words, "minutes": seconds / 60}
    if method == "sentences":
        units = sg.models.describe(model).alphabet.units
        expected = NGram.fit([normalize(str(clip.text)) for clip in train], ORDER, units)
        found["wer with language model"] = sg.evaluate(model, test, language_model=expected).wer
        peer = keras_ctc.judge(train, test, sg.models.describe(model).alphabet, seconds, seed)
        found |= {"wer of keras.io": peer.wer, "cer of keras.io": peer.cer}
    if done is not None:
        done.parent.mkdir(parents=True, exist_ok=True)
        write_text(done, json.dumps(found))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOGRAM_DATA", DATA))
    parser.add_argument("--only", choices=METHODS, action="append", help="one method; again for another")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="by default those of `sonogram train`")
    parser.add_argument("--state", type=Path, help="folder for finished trainings, to continue from")
    arguments = parser.parse_args()
    print(f"{'trained on':24}{'WER':>8}{'+-':>8}{'CER':>8}{'cpu min':>9}", flush=True)
    for method in arguments.only or METHODS:
        folds = len(protocol(method, arguments.data))
        runs = [
            [
                judged(arguments.state, method, number, seed, arguments.data, arguments.epochs)
                for number in range(folds)
            ]
            for seed in range(arguments.seeds)
        ]
        words = np.array([[run["words"] for run in seed] for seed in runs])
        wer, cer = (
            np.average([[run[name] for run in seed] for seed in runs], axis=1, weights=words)
            for name in ("wer", "cer")
        )
        minutes = np.mean([[run["minutes"] for run in seed] for seed in runs])
        print(f"{method:24}{wer.mean():8.3f}{wer.std():8.3f}{cer.mean():8.3f}{minutes:9.1f}", flush=True)
        if method == "sentences":
            for title, key in (
                ("- with language model", "wer with language model"),
                ("- keras.io", "wer of keras.io"),
            ):
                rates = [run[key] for seed in runs for run in seed]
                print(f"{title:24}{np.mean(rates):8.3f}{np.std(rates):8.3f}", flush=True)


if __name__ == "__main__":
    main()
