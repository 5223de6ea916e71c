"""Listens to a recording as if a microphone brought it, and tells what it hears as soon as it is sure.

    python examples/listen.py MODEL.keras RECORDING [--speed 10]

A microphone in place of the recording needs no other code: push what it gives, at `listener.sample_rate`.
"""

import argparse
import random
import sys
import time

import sonogram as sg
from sonogram.inference import Timeline


def main() -> None:
    parser = argparse.ArgumentParser(description="Listen to a recording as it plays.")
    parser.add_argument("model", metavar="MODEL", help="a .keras file from `sonogram train`")
    parser.add_argument("recording", metavar="RECORDING", help="a sound file")
    parser.add_argument("--speed", type=float, default=1.0, help="times as fast as it plays; 0: no waiting")
    parser.add_argument("--threshold", type=float, default=0.5, help="scores below are not told")
    arguments = parser.parse_args()

    listener = sg.StreamingPredictor(sg.load_model(arguments.model))
    timeline = Timeline(listener.labels, arguments.threshold, listener.multi_label)

    started, heard = time.monotonic(), 0
    for chunk in chunks(arguments.recording, listener.sample_rate):
        heard += len(chunk)
        if arguments.speed > 0:
            due = started + heard / listener.sample_rate / arguments.speed
            time.sleep(max(0.0, due - time.monotonic()))
        for scores in listener.push(chunk):
            tell(timeline.add(scores))
    for scores in listener.finish():
        tell(timeline.add(scores))
    tell(timeline.finish())


def chunks(recording, sample_rate):
    """The samples in pieces of a twentieth of a second and less, as sound cards give them."""
    for block in sg.audio.blocks(recording, sample_rate // 20, sample_rate):
        cut = random.randint(0, len(block))
        yield block[:cut]
        yield block[cut:]


def tell(events):
    for event in events:
        print(f"{event.start:8.2f} s to {event.end:8.2f} s  {event.label:20} {event.score:.2f}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except sg.SonogramError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
