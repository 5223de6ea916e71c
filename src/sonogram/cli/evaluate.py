"""Command `evaluate`: metrics of a model on labeled recordings."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.decoding import (
    BEAM,
    BOOST,
    LANGUAGE_MODEL,
    LANGUAGE_WEIGHT,
    WORDS,
    check_words,
    decoding_settings,
)
from sonogram.cli.options import JSON, PARTIAL
from sonogram.cli.report import Failures, echo, table, usage_errors, warn, working
from sonogram.cli.start_tensorflow import start_tensorflow

if TYPE_CHECKING:
    from sonogram.decoding import TextMetrics
    from sonogram.training import EventMetrics, Metrics

__all__ = ["evaluate"]

_CONFUSIONS = 10
"""Number of confusions to print; JSON has more."""


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL.keras", help="Model from `sonogram train`.")],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Folder of class folders, or CSV manifest path,label or path,text or path,start,end,label.",
        ),
    ],
    json: Annotated[bool, JSON] = False,
    folds: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=2,
            help="Cross-validate: train N models like this one, each tested on a part of DATA.",
        ),
    ] = None,
    partial: Annotated[bool, PARTIAL] = False,
    picture: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the confusion matrix as .png, .svg or .pdf.")
    ] = None,
    beam: Annotated[int | None, BEAM] = None,
    language_model: Annotated[str | None, LANGUAGE_MODEL] = None,
    language_weight: Annotated[float | None, LANGUAGE_WEIGHT] = None,
    words: Annotated[str | None, WORDS] = None,
    boost: Annotated[list[str] | None, BOOST] = None,
) -> None:
    """Evaluate a model on recordings that it was not trained on.

    If DATA has the column split, only test clips are used. With --folds all clips are used, and
    the state is in the folder MODEL.folds: run the same command again to continue after an interruption.
    The options from --beam on are those of `transcribe`, for texts.
    """
    if picture is not None:
        from sonogram.picture import check_path

        with usage_errors("--picture"):  # before the evaluation
            check_path(picture)
    decodes = any(each is not None for each in (beam, language_model, language_weight, words)) or boost
    settings = decoding_settings(beam, language_model, language_weight, words, boost) if decodes else {}
    from sonogram.dataset import DatasetReport, clips

    failures = Failures()
    listed = clips(data, DatasetReport(failures.add))
    with working("evaluating"):
        start_tensorflow()
        from sonogram import load_model, models, training

        loaded = load_model(model)
        alphabet = models.describe(loaded).alphabet
        if words is not None and alphabet is not None:
            check_words(words, alphabet)
        found = training.evaluate(
            loaded,
            listed,
            folds=folds,
            folder=Path(model).with_suffix(".folds"),
            report=DatasetReport(failures.add),
            partial=partial,
            on_progress=_print_progress,
            **settings,
        )
    if found.num_training_clips:
        count, total = found.num_training_clips, found.num_clips
        warn(
            f"the model was trained on {count} of the {total} clips ({count / total:.0%}), so the figures "
            "are too good. Evaluate on other recordings, or use --folds"
        )
    if json:
        echo(json_module.dumps(found.to_dict()))
    else:
        _print(found)
    if picture is not None and isinstance(found, training.Metrics):
        from sonogram.picture import save_confusion

        save_confusion(found.confusion, found.labels, picture)
    failures.end()


def _print_progress(stage: str, number: int, count: int) -> None:
    warn(f"{stage} {number} of {count}")


def _print_text(found: TextMetrics) -> None:
    """Print the error rates of each group, the most frequent confusions, and the error rates of all clips."""
    groups = [
        (
            each.group,
            str(each.num_clips),
            f"{each.wer:.3f}",
            f"{each.wer_low:.3f} to {each.wer_high:.3f}",
            f"{each.cer:.3f}",
        )
        for each in found.groups
    ]
    if groups:
        table(("group", "clips", "WER", "95 % interval", "CER"), groups, right=(1, 2, 4))
    confusions = [(*pair, str(times)) for *pair, times in found.confusions[:_CONFUSIONS]]
    if confusions:
        table(("text", "recognized", "times"), confusions, right=(2,))
    echo(
        f"WER {found.wer:.3f} ({found.wer_low:.3f} to {found.wer_high:.3f}), "
        f"CER {found.cer:.3f} ({found.cer_low:.3f} to {found.cer_high:.3f}): "
        f"{found.substitutions} substitutions, {found.insertions} insertions, {found.deletions} deletions, "
        f"{found.num_words} words, {found.num_clips} clips"
    )


def _print_events(found: EventMetrics) -> None:
    """Print the metrics of each label, and those of all."""
    rows = [
        (
            each.label,
            str(each.num_events),
            f"{each.event_recall:.3f}",
            f"{each.event_precision:.3f}",
            f"{each.event_f1:.3f}",
            f"{each.segment_f1:.3f}",
        )
        for each in found.classes
    ]
    head = ("label", "events", "recall", "precision", "event F1", "segment F1")
    table(head, rows, right=(1, 2, 3, 4, 5))
    psds = "" if found.psds is None else f", PSDS {found.psds:.3f}"
    echo(
        f"segment F1 {found.segment_f1:.3f} (1 s), event F1 {found.event_f1:.3f} (0.2 s){psds}, "
        f"{found.num_events} events, {found.num_detections} detections, {found.num_clips} recordings"
    )


def _print(found: Metrics | TextMetrics | EventMetrics) -> None:
    from sonogram.decoding import TextMetrics  # it loads NumPy, which the help does without
    from sonogram.training import EventMetrics

    if isinstance(found, TextMetrics):
        _print_text(found)
        return
    if isinstance(found, EventMetrics):
        _print_events(found)
        return
    rows = [
        (
            each.label,
            str(each.num_clips),
            f"{each.recall:.3f}",
            f"{each.recall_low:.3f} to {each.recall_high:.3f}",
            f"{each.precision:.3f}",
            f"{each.f1:.3f}",
            f"{each.average_precision:.3f}",
        )
        for each in found.classes
    ]
    head = ("label", "clips", "recall", "95 % interval", "precision", "F1", "average precision")
    table(head, rows, right=(1, 2, 4, 5, 6))
    echo(
        f"accuracy {found.accuracy:.3f}, balanced accuracy {found.balanced_accuracy:.3f}, "
        f"macro F1 {found.macro_f1:.3f}, mAP {found.mean_average_precision:.3f}, {found.num_clips} clips"
    )
