"""The verb `train`: from recordings with labels to a model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.options import find_preset
from sonogram.cli.ready import ready
from sonogram.cli.report import INTERRUPTED, Failures, echo, usage, warn, working
from sonogram.files import atomic_path

if TYPE_CHECKING:
    from sonogram.dataset import Clips
    from sonogram.training import Epoch

__all__ = ["train"]

# Held equal to those of the rooms `models` and `export` by a test: help must not wait for TensorFlow.
_NETWORKS = ("cnn", "crnn", "separable", "resnet", "transformer")
_FORMATS = ("saved-model", "litert", "onnx")


def train(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A folder of class folders, or a CSV manifest path,label.")
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="MODEL.keras", help="The model to write.")],
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="The front end inside the model; chosen if absent.")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(_NETWORKS),
            help="The network; several whose probabilities are averaged are joined by +; chosen if absent.",
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Times each clip is seen; chosen if absent.")
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, max=(1 << 32) - 1, help="Where random numbers begin.")
    ] = 0,
    batch_size: Annotated[int, typer.Option(metavar="N", min=1, help="Clips of one step.")] = 32,
    validation: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=0.9,
            help="Of the clips, held out by groups to say when to stop; a sixth of 2000 or more, else none.",
        ),
    ] = None,
    multi_label: Annotated[
        bool, typer.Option("--multi-label", help='A label such as "bird;rain" means both.')
    ] = False,
    export_to: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(_FORMATS), help="Make sure, before the training, that it can be exported so."
        ),
    ] = None,
) -> None:
    """Train a model: waveform in, label out. Run it again to go on where it was stopped.

    The state and the logs (CSV, TensorBoard) go beside it, into MODEL.training. Where a manifest has the
    column split, test is never learned from, and validation says when to stop unless --validation is given.
    """
    if network is not None and not set(network.split("+")) <= set(_NETWORKS):
        raise usage(f"one of {', '.join(_NETWORKS)}, or several joined by +; got {network!r}", "--network")
    if export_to is not None and export_to not in _FORMATS:
        raise usage(f"one of {', '.join(_FORMATS)}; got {export_to!r}", "--export-to")
    target = Path(output)
    if target.suffix != ".keras":
        raise usage(f"must end in .keras; got {output!r}", "--output")
    if target.is_dir():
        raise usage(f"{output} is a folder; name a file", "--output")
    frontend = None if preset is None else find_preset(preset)
    clips = _clips(data)
    failures = Failures()
    with working("starting TensorFlow"):
        ready()
    from sonogram.training import Plan, Settings, Watch, divided, fit, network_for

    settings = Settings(epochs=epochs, seed=seed, batch_size=batch_size, validation=validation)
    parts = divided(clips, settings)
    network = network or network_for(len(parts.train))
    plan = Plan(frontend, network, multi_label, settings)
    if export_to is not None:
        with working(f"trying to export to {export_to}"):
            _check_exportable(frontend, network, export_to)
    if clips.splits:
        warn(
            f"by the column split: {len(parts.train)} clips to learn from, {len(parts.validation)} to say "
            f"when to stop, {len(parts.test)} left out to judge on"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _told(len(network.split("+"))) as (on_version, on_epoch):
            watch = Watch(failures.add, on_version, on_epoch)
            model = fit(clips, plan, _folder(target), watch)
    except KeyboardInterrupt:
        warn("interrupted; the same command goes on where this one ended")
        raise typer.Exit(INTERRUPTED) from None
    _save(model, target)
    count = len(parts.train) + len(parts.validation) - failures.count
    made = f"{network} on {preset or _chosen(model)}"
    echo(f"{target}: {made}, {model.count_params():,} parameters, {count} clips")
    failures.end()


def _chosen(model: Any) -> str:
    from sonogram.models import describe
    from sonogram.presets import preset
    from sonogram.training.choice import CANDIDATES

    return next(name for name in CANDIDATES if preset(name) == describe(model).frontend)


def _clips(data: str) -> Clips:
    from sonogram.dataset import clips

    return clips(data)


def _check_exportable(frontend: Any, network: str, form: str) -> None:
    from sonogram.audio.native import silent_c_stderr
    from sonogram.exporting import check_exportable
    from sonogram.models import build
    from sonogram.presets import preset as named
    from sonogram.training.choice import CANDIDATES

    for each in [frontend] if frontend else map(named, CANDIDATES):
        with silent_c_stderr():
            check_exportable(build(each, ["one", "other"], network), form)


def _folder(target: Path) -> Path:
    return target.with_suffix(".training")


def _save(model: Any, target: Path) -> None:
    """Write the model whole or not at all, and drops the state that it made needless; the logs stay."""
    from sonogram.training.folder import forget

    with atomic_path(target) as part:
        model.save(part)
    forget(_folder(target))


@contextmanager
def _told(count: int) -> Iterator[tuple[Callable[[int, int], None], Callable[[Epoch], None]]]:
    """Yield what is called with each version of the features and with each epoch of so many networks."""
    if not sys.stderr.isatty():
        yield lambda done, total: None, lambda epoch: _line(epoch, count)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[result]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("augmenting", total=None, result="")

        def on_version(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        def on_epoch(epoch: Epoch) -> None:
            done = epoch.member * epoch.num_epochs + epoch.epoch
            total = epoch.num_epochs * count
            bar.update(task, description="epochs", completed=done, total=total, result=_results(epoch))

        yield on_version, on_epoch


def _line(epoch: Epoch, count: int) -> None:
    """One line in ten, for logs that nobody watches."""
    epochs = epoch.num_epochs
    if epoch.epoch % max(1, epochs // 10) and epoch.epoch != epochs:
        return
    which = f"network {epoch.member + 1} of {count}, " if count > 1 else ""
    warn(f"{which}epoch {epoch.epoch} of {epochs}: {_results(epoch)}")


def _results(epoch: Epoch) -> str:
    text = f"loss {epoch.loss:.3f}"
    if epoch.validation_loss is not None:
        text += f", held out {epoch.validation_loss:.3f} ({epoch.validation_accuracy:.1%} right)"
    return text
