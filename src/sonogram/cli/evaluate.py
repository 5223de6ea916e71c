"""The verb `evaluate`: how well a model names recordings."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.ready import ready
from sonogram.cli.report import Failures, echo, table, usage, warn, working
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.training import Metrics

__all__ = ["evaluate"]


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL.keras", help="A model that `train` wrote.")],
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A folder of class folders, or a CSV manifest path,label.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    folds: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=2, help="Train N models like it, each without a part of DATA, to judge on that."
        ),
    ] = None,
    picture: Annotated[
        str | None, typer.Option(metavar="PNG", help="Picture which labels are taken for which.")
    ] = None,
) -> None:
    """Judge a model on recordings that it has not learned from.

    Where DATA has a column split, the clips of the split test are judged. With --folds all clips are, and
    what is done is kept beside the model, in MODEL.folds: run it again to go on where it was stopped.
    """
    if picture is not None:
        _check_picture(picture)
    from sonogram.dataset import clips

    listed = clips(data)
    failures = Failures()
    with working("judging"):
        ready()
        from sonogram import load_model
        from sonogram.training import Watch, cross_validation, evaluate as judged, plan_of, to_judge

        loaded = load_model(model)
        if folds is None:
            found = judged(loaded, to_judge(listed), failures.add)
        else:
            watch = Watch(on_broken=failures.add, on_fold=_fold)
            found = cross_validation(listed, plan_of(loaded), folds, watch, Path(model).with_suffix(".folds"))
    if json:
        echo(json_module.dumps(found.to_dict()))
    else:
        _print(found)
    if picture is not None:
        from sonogram.picture import save_confusion

        save_confusion(found.confusion, found.labels, picture)
    failures.end()


def _fold(number: int, count: int) -> None:
    warn(f"fold {number} of {count}")


def _check_picture(path: str) -> None:
    """End the program before the work is done where a picture cannot stand there."""
    from sonogram.picture import check_path

    try:
        check_path(path)
    except SonogramError as error:
        raise usage(str(error), "--picture") from None


def _print(found: Metrics) -> None:
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
