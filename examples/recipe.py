"""What the recipes share: train, judge on what was not heard, save, and say so."""

import sys
import time

from sonogram import training
from sonogram.errors import SonogramError


def run(main):
    """Runs a recipe; what is wrong with the input is told in one line.

    Args:
        main: The recipe, without arguments.
    """
    try:
        main()
    except SonogramError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def train_and_judge(train, test, plan, output):
    """Trains a model, judges it on clips of other groups, saves it and prints what came out.

    Args:
        train: The clips to learn from.
        test: The clips to judge on.
        plan: What to make: front end, network, settings.
        output: The `.keras` file to write.
    """
    print(f"{len(train)} clips to learn from, {len(test)} to judge on, {len(train.classes)} classes")
    start = time.monotonic()
    model = training.fit(train, plan, watch=training.Watch(on_broken=complain, on_epoch=tell))
    print(f"trained in {(time.monotonic() - start) / 60:.1f} minutes: {model.count_params():,} parameters")
    learned = {clip.label for clip in train}
    known = [clip for clip in test if clip.label in learned]
    found = training.evaluate(model, known, on_broken=complain)
    print(f"accuracy {found.accuracy:.3f}, balanced {found.balanced_accuracy:.3f}, {found.num_clips} clips")
    model.save(output)
    print(f"{output}: try  sonogram predict {output} RECORDING")


def complain(line):
    print(line, file=sys.stderr)


def tell(epoch):
    if epoch.epoch % 10 == 0:
        print(f"network {epoch.member + 1}, epoch {epoch.epoch}: loss {epoch.loss:.3f}", flush=True)
