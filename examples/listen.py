"""Detect sounds in a recording as if it came from a microphone, and print events as soon as they end.

    python examples/listen.py MODEL.keras RECORDING [--speed 10]

A microphone needs no other code: push its samples at `predictor.sample_rate`.
"""

import argparse
import random
import sys
import time

import sonogram as sg
from sonogram.inference import Timeline


def main() -> None:
    parser = argparse.ArgumentParser(description="Detect sounds in a recording while it plays.")
    parser.add_argument("model", metavar="MODEL", help="a .keras file from `sonogram train`")
    parser.add_argument("recording", metavar="RECORDING", help="a sound file")
    parser.add_argument("--speed", type=float, default=1.0, help="playback speed; 0 means no waiting")
    parser.add_argument("--threshold", type=float, default=0.5, help="minimum score of an event")
    arguments = parser.parse_args()

    predictor = sg.StreamingPredictor(sg.load_model(arguments.model))
    timeline = Timeline(predictor.labels, arguments.threshold, predictor.multi_label)

    started, received = time.monotonic(), 0
    for chunk in chunks(arguments.recording, predictor.sample_rate):
        received += len(chunk)
        if arguments.speed > 0:
            due = started + received / predictor.sample_rate / arguments.speed
            time.sleep(max(0.0, due - time.monotonic()))
        for scores in predictor.push(chunk):
            print_events(timeline.add(scores))
    for scores in predictor.finish():
        print_events(timeline.add(scores))
    print_events(timeline.finish())


def chunks(recording, sample_rate):
    """Yield chunks of at most a twentieth of a second, as sound cards deliver them."""
    for block in sg.audio.blocks(recording, sample_rate // 20, sample_rate):
        cut = random.randint(0, len(block))
        yield block[:cut]
        yield block[cut:]


def print_events(events):
    for event in events:
        print(f"{event.start:8.2f} s to {event.end:8.2f} s  {event.label:20} {event.score:.2f}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except sg.SonogramError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
