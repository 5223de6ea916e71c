"""Measure what follows the bands: presets with their tail and without. Run: make bench-tails.

The tail is what needs more than one frame or one band: a floor below the peak of the clip, per-channel energy
normalization, a cepstrum, derivatives, a normalization, a stack. The same definition without them is the
unit. The input is ten seconds of noise. Both run in turns on one thread, several times in a row. The least
processor time of all rounds counts. `ARGS="--rounds 5 WORD..."` chooses presets by a part of their name.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import time

os.environ["SONOGRAM_THREADS"] = "1"

import numpy as np
from options import add_rounds

import sonogram as sg
from sonogram.scaling import Log, MaskedLog, Pcen, Scaling

SECONDS, ROUNDS, IN_A_ROW = 10.0, 20, 5
GOAL = 1.10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_rounds(parser, ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of the input (%(default)s)")
    parser.add_argument("words", nargs="*", help="presets whose name contains one of these; all if none")
    options = parser.parse_args()
    names = [
        name for name in sg.preset_names() if not options.words or any(word in name for word in options.words)
    ]
    definitions = {name: sg.preset(name) for name in names}
    tails = {name: each for name, each in definitions.items() if without_tail(each) != each}
    if not tails:
        parser.error(f"no preset with a tail has {' or '.join(options.words)} in its name")
    print("| preset | tail | without, µs a frame | with | ratio |\n| --- | --- | ---: | ---: | ---: |")
    within = 0
    for name, definition in tails.items():
        taken = microseconds((without_tail(definition), definition), options.rounds, options.seconds)
        ratio = taken[1] / taken[0]
        print(
            f"| `{name}` | {tail(definition)} | {taken[0]:.3f} | {taken[1]:.3f} | {ratio:.2f} |", flush=True
        )
        within += ratio <= GOAL
    print(f"\n{within} of {len(tails)} take at most {GOAL:.2f} times the time without the tail")


def without_tail(definition: sg.Frontend) -> sg.Frontend:
    """Return the definition whose features need one frame and one band each."""
    none = {"cepstrum": None, "deltas": None, "normalize": None, "stack": None}
    return dataclasses.replace(definition, scaling=scaling_alone(definition.scaling), **none)


def scaling_alone(scaling: Scaling | None) -> Scaling | None:
    """Return the scaling of each value by itself: none in place of PCEN, which begins with an average."""
    if isinstance(scaling, Pcen) or scaling is None:
        return None
    assert isinstance(scaling, Log)
    if isinstance(scaling, MaskedLog):
        own = {each.name: getattr(scaling, each.name) for each in dataclasses.fields(Log)}
        scaling = Log(**own)
    reference = None if scaling.reference == "peak" else scaling.reference
    return dataclasses.replace(scaling, reference=reference, dynamic_range=None)


def tail(definition: sg.Frontend) -> str:
    """Return the names of the stages of the tail."""
    scaling = definition.scaling
    stages = [definition.cepstrum, definition.deltas, definition.normalize, definition.stack]
    names = [type(stage).__name__ for stage in stages if stage is not None]
    if isinstance(scaling, (Pcen, MaskedLog)):
        names.insert(0, type(scaling).__name__)
    elif isinstance(scaling, Log) and scaling.peak_dependent:
        names.insert(0, "peak")
    return ", ".join(names)


def microseconds(definitions: tuple[sg.Frontend, ...], rounds: int, seconds: float) -> list[float]:
    """Return the least processor time of each definition, for one of its frames."""
    size = round(seconds * definitions[0].sample_rate)
    samples = (0.1 * np.random.default_rng(0).standard_normal(size)).astype(np.float32)
    best = [float("inf")] * len(definitions)
    for number in range(rounds + 1):
        for index, definition in enumerate(definitions):
            for _ in range(IN_A_ROW):
                start = time.process_time()
                definition(samples, "native")
                if number:  # the first round warms up
                    best[index] = min(best[index], time.process_time() - start)
    return [1e6 * each / definitions[0].num_frames(size) for each in best]


if __name__ == "__main__":
    main()
