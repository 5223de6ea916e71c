"""Shared by the recipes: train, evaluate on clips that were not used in training, and save."""

import sys
import time

import sonogram as sg
from sonogram.dataset import DatasetReport


def run(main):
    """Run a recipe and report errors in the input in one line.

    Args:
        main: The recipe, without arguments.
    """
    try:
        main()
    except sg.SonogramError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def train_and_evaluate(train, test, frontend, arguments):
    """Train a model, evaluate it on clips of other groups, save it and print the metrics.

    Args:
        train: Clips to train on.
        test: Clips to evaluate on.
        frontend: Definition of the features of a network.
        arguments: `backbone`, or else `network`; `epochs`; and `output`, the `.keras` file to write.
    """
    import keras

    def print_epoch(epoch, logs):
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1}: loss {logs['loss']:.3f}", flush=True)

    print(f"{len(train)} clips for training, {len(test)} for evaluation, {len(train.classes)} classes")
    start = time.monotonic()
    report = DatasetReport(lambda line: print(line, file=sys.stderr))
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=print_epoch)]
    options = {"epochs": arguments.epochs, "callbacks": callbacks}
    if arguments.backbone:
        options |= {"backbone": arguments.backbone}
    else:
        options |= {"frontend": frontend, "network": arguments.network}
    model = sg.train(train, report=report, **options)
    print(f"trained in {(time.monotonic() - start) / 60:.1f} minutes: {model.count_params():,} parameters")
    labels = {clip.label for clip in train}
    metrics = sg.evaluate(model, test.where(lambda clip: clip.label in labels), report=report)
    accuracy, balanced = metrics.accuracy, metrics.balanced_accuracy
    print(f"accuracy {accuracy:.3f}, balanced {balanced:.3f}, {metrics.num_clips} clips")
    model.save(arguments.output)
    print(f"{arguments.output}: try  sonogram predict {arguments.output} RECORDING")
