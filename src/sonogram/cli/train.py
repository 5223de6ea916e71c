"""Command `train`: from recordings with labels or texts to a model."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sonogram.cli.epochs import count_networks, print_extent, progress, warn_if_guessing
from sonogram.cli.options import PARTIAL, find_backbone, find_preset
from sonogram.cli.outputs import check_output
from sonogram.cli.report import INTERRUPTED, Failures, echo, usage, usage_errors, warn, working
from sonogram.cli.start_tensorflow import start_tensorflow
from sonogram.files import atomic_path
from sonogram.files.model_formats import MODEL_FORMATS, check_model_format

if TYPE_CHECKING:
    from sonogram.dataset import Clips
    from sonogram.training import Partition, TrainingSettings

__all__ = ["train"]

_SEVERAL = (
    "the networks take the features of one front end; in Python, begin a Keras model of your own with "
    "sonogram.layers.Spectrogram(definition)"
)
_INTEGERS = (
    "integers cannot be part of a model; extract its features, and train a Keras model of your own on "
    "sonogram.dataset.features"
)

# A test compares them with the package `models`: help must not wait for TensorFlow.
_NETWORKS = ("cnn", "crnn", "separable", "resnet", "transformer", "rnn", "conv", "conformer", "stream")
_BACKBONES = ("birdnet-2.4", "musicnn", "speech-embedding", "yamnet")


def train(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Folder of class folders, or CSV manifest path,label or path,text or path,start,end,label.",
        ),
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="MODEL.keras", help="Model to write.")],
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Front end inside the model: a preset, or a JSON file with one of your own.",
            show_default="chosen by the clips",
        ),
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(_NETWORKS),
            help="Network, or an ensemble joined by +, such as cnn+crnn.",
            show_default="chosen by the number of clips; rnn for texts, conv for events",
        ),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            metavar="|".join((*_BACKBONES, "FILE")),
            help="Published network: only a linear head on it is trained, in seconds; with texts and events "
            "a small network. musicnn+yamnet uses both, and yamnet+cnn also trains a cnn and averages. "
            "`sonogram backbones` lists what each suits and how to install it.",
        ),
    ] = None,
    bank: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Bank of `sonogram embed`, in which DATA labels recordings or parts: path,start,end,label. "
            "A linear head is trained on it in seconds.",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Number of epochs, of one step for each full batch. A network needs some 300 steps, and 40 "
            "epochs of 100 clips have only 120.",
            show_default="chosen by the number of clips",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, max=(1 << 32) - 1, help="Seed of all random numbers.")
    ] = 0,
    batch_size: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Clips in a batch; by default 32.")
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=0.9,
            help="Share of the clips, by groups, to hold out for early stopping.",
            show_default="a sixth of 2000 or more, none of fewer",
        ),
    ] = None,
    multi_label: Annotated[
        bool, typer.Option("--multi-label", help='A label such as "bird;rain" means both labels.')
    ] = False,
    join: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="With texts: join up to N recordings of a group, such as words of a voice, to an utterance.",
        ),
    ] = None,
    units: Annotated[
        Literal["letters", "words"] | None,
        typer.Option(
            metavar="letters|words",
            help="With texts: what the model writes.",
            show_default="words of a small vocabulary, else letters",
        ),
    ] = None,
    partial: Annotated[bool, PARTIAL] = False,
    export_to: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(MODEL_FORMATS),
            help="Check before training that the model can be exported to this.",
        ),
    ] = None,
) -> None:
    """Train a model: waveform in, label, text or events out. Run the same command again to continue it.

    State and logs (CSV, and TensorBoard if it is installed) are in the folder MODEL.training. If a manifest
    has the column split, test clips are not used, and validation clips decide when to stop, unless
    --validation is given.
    """
    _check_options(preset, network, backbone, export_to)
    target = _target(output, backbone)
    if bank is not None:
        given = {
            "--preset": preset,
            "--network": network,
            "--backbone": backbone,
            "--epochs": epochs,
            "--validation": validation,
            "--batch-size": batch_size,
            "--join": join,
            "--units": units,
            "--partial": partial or None,
            "--export-to": export_to,
        }
        return _train_on_bank(data, bank, target, seed, multi_label, given)
    frontend = None if preset is None else find_preset(preset, several=_SEVERAL, integers=_INTEGERS)
    from sonogram.dataset import DatasetReport, clips

    failures = Failures()
    listed = clips(data, DatasetReport(failures.add))
    not_listed = failures.count
    with working("starting TensorFlow"):
        start_tensorflow()
    from sonogram import training
    from sonogram.training.callbacks import EpochCallback
    from sonogram.training.folder import reserve_folder

    settings: dict[str, Any] = {"epochs": epochs, "seed": seed, "validation": validation, "partial": partial}
    if batch_size is not None:
        settings["batch_size"] = batch_size
    plan = training.TrainingSettings(**settings)
    _check_kind(listed.kind, join, units, multi_label)
    parts = _partition(listed, plan, backbone, batch_size)
    if backbone is None:
        network = network or training.choose_network(len(parts.train), listed.kind)
    folder = target.with_suffix(".training")
    if folder.exists():  # what costs nothing is checked first
        with reserve_folder(
            folder,
            training.TrainingPlan(
                frontend, network, multi_label, plan, None, backbone, join, units
            ).to_dict(),
            listed,
        ):
            pass
    if export_to is not None:
        with working(f"trying to export to {export_to}"):
            _check_exportable(frontend, network, backbone, export_to, listed.kind)
    if listed.splits:
        warn(
            f"split: {len(parts.train)} clips for training, {len(parts.validation)} for validation, "
            f"{len(parts.test)} for testing, which are left out"
        )
    print_extent(parts.train, plan, network, join, backbone)
    if backbone is None and preset is None and listed.kind == "label":
        _point_to_backbones(data)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with progress(count_networks(network, backbone)) as (on_progress, on_epoch):
            model = training.train(
                listed,
                frontend,
                network,
                multi_label=multi_label,
                backbone=backbone,
                join=join,
                units=units,
                folder=folder,
                report=DatasetReport(failures.add),
                callbacks=[EpochCallback(on_epoch)],
                on_progress=on_progress,
                **settings,
            )
    except KeyboardInterrupt:
        warn("interrupted; run the same command again to continue")
        # Exit at once: Python would wait for the threads in which TensorFlow prepares the next batches, a
        # minute on a busy machine. The state is complete on the disk.
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    _save(model, target, folder)
    count = len(parts.train) + len(parts.validation) - (failures.count - not_listed)
    made = f"{network} on {preset or _chosen_preset(model)}" if network else _on_backbone(model)
    echo(f"{target}: {made}, {model.count_params():,} parameters, {count} clips")
    if network and listed.kind == "label":
        warn_if_guessing(model, parts.train, plan, multi_label)
    failures.end()


def _check_options(
    preset: str | None, network: str | None, backbone: str | None, export_to: str | None
) -> None:
    if backbone is not None:
        _check_backbone(backbone)
        if preset is not None or network is not None:
            raise usage(
                "a backbone has its own front end and network; leave out --preset and --network", "--backbone"
            )
    if network is not None and not set(network.split("+")) <= set(_NETWORKS):
        raise usage(f"one of {', '.join(_NETWORKS)}, or several joined by +; got {network!r}", "--network")
    if export_to is not None:
        with usage_errors("--export-to"):
            check_model_format(export_to)


def _point_to_backbones(data: str) -> None:
    """Print how to compare the backbones that are installed, if any."""
    from sonogram.backbones import CARDS

    if names := [card.name for card in CARDS if card.installed]:
        verb = "is" if len(names) == 1 else "are"
        warn(
            f"{' and '.join(names)} {verb} installed: `sonogram backbones --compare {data}` shows in seconds "
            "whether one does better"
        )


def _check_backbone(name: str) -> None:
    from sonogram.backbones import split_name

    name, networks = split_name(name)
    find_backbone(name)
    if networks is not None and not set(networks.split("+")) <= set(_NETWORKS):
        raise usage(
            f"after + must be a backbone, or one of {', '.join(_NETWORKS)}; got {networks!r}", "--backbone"
        )


def _check_kind(kind: str, join: int | None, units: str | None, multi_label: bool) -> None:
    """Raise a usage error for an option that data of a kind do not have."""
    if kind != "text" and (join or units):
        raise usage(
            "is for a manifest with the column text and without label; remove one if it has both",
            "--join" if join else "--units",
        )
    if kind != "label" and multi_label:
        raise usage("is for clips with labels; texts and events have no such choice", "--multi-label")


def _partition(
    listed: Clips, settings: TrainingSettings, backbone: str | None, batch_size: int | None
) -> Partition:
    """Return the parts of the data; linear heads are chosen in cross-validation, so no clip is held out."""
    from sonogram.backbones import split_name
    from sonogram.dataset import Clips
    from sonogram.training import partition

    parts = partition(listed, settings)
    if listed.kind != "label" or backbone is None or split_name(backbone)[1] is not None:
        return parts
    unused = {"epochs": settings.epochs, "validation": settings.validation, "batch-size": batch_size}
    for name, value in unused.items():
        if value is not None:
            remedy = "leave it out, or add +cnn to the backbone"
            raise usage(f"does not apply to a linear head; {remedy}", f"--{name}")
    return parts._replace(train=Clips([*parts.train, *parts.validation]), validation=Clips(()))


def _train_on_bank(
    labels: str, bank: str, target: Path, seed: int, multi_label: bool, given: Mapping[str, Any]
) -> None:
    for option, value in given.items():
        if value is not None:
            raise usage(f"only a linear head is trained on a bank; leave out {option}", "--bank")
    with working("starting TensorFlow"):
        start_tensorflow()
        from sonogram import training

        model = training.train(labels, bank=bank, seed=seed, multi_label=multi_label)
    with atomic_path(target) as part:
        model.save(part)
    echo(f"{target}: {_on_backbone(model)}")


def _target(output: str, backbone: str | None) -> Path:
    """Return the path of `--output`; one that no model can be written to is wrong usage."""
    target = Path(output)
    if target.suffix != ".keras":
        raise usage(f"must end in .keras; got {output!r}", "--output")
    check_output(output, {}, [backbone] if backbone else [])
    return target


def _chosen_preset(model: Any) -> str:
    from sonogram.models import describe
    from sonogram.presets import preset
    from sonogram.training.auto import CANDIDATES

    info = describe(model)
    if info.alphabet is not None and info.frontend is not None:
        return f"{info.frontend.num_bands} bands at {info.sample_rate:g} Hz, {info.alphabet.units} of text"
    return next(name for name in CANDIDATES if preset(name) == info.frontend)


def _on_backbone(model: Any) -> str:
    """Return what a model on a backbone is, and how well its heads did in cross-validation."""
    from sonogram.models import describe

    info = describe(model)
    record = info.training or {}
    if info.alphabet is not None:
        return f"{info.alphabet.units} of text on {record['backbone']}"
    if info.event_rule is not None:
        return f"events on {record['backbone']}"
    accuracy = record["inner_accuracy"]
    if "share" in record:
        judged = "" if accuracy is None else f", accuracy {accuracy:.3f} on held-out groups"
        return f"{record['backbone']}, weight of the backbone {record['share']:g}{judged}"
    judged = "" if accuracy is None else f", accuracy {accuracy:.3f} in cross-validation"
    return f"{' + '.join(record['heads'])} of {record['backbone']}{judged}"


def _check_exportable(frontend: Any, network: str | None, backbone: str | None, form: str, kind: str) -> None:
    from sonogram.audio.native import silent_c_stderr
    from sonogram.backbones import split_name
    from sonogram.decoding import Alphabet
    from sonogram.exporting import check_exportable
    from sonogram.models import build, build_detector, build_recognizer
    from sonogram.models.average import untrained_average
    from sonogram.models.detector import detector_on_backbone
    from sonogram.models.pretrained import untrained_classifier
    from sonogram.models.recognizer import recognizer_on_backbone
    from sonogram.presets import preset
    from sonogram.training import SPEECH
    from sonogram.training.auto import CANDIDATES

    labels = ["one", "other"]
    if backbone is not None and kind == "text":
        models = [recognizer_on_backbone(Alphabet(("a", "b")))]
    elif backbone is not None and kind == "events":
        models = [detector_on_backbone(labels)]
    elif backbone is not None and split_name(backbone)[1] is not None:
        models = [untrained_average(preset(each), labels, backbone) for each in CANDIDATES]
    elif backbone is not None:
        models = [untrained_classifier(backbone, labels)]
    elif kind == "events":
        models = [build_detector(frontend or preset(CANDIDATES[0]), labels, network or "conv")]
    elif kind == "text":
        models = [build_recognizer(frontend or SPEECH, Alphabet(("a", "b")), network or "rnn")]
    else:
        candidates = [frontend] if frontend else map(preset, CANDIDATES)
        models = [build(each, labels, network or "cnn") for each in candidates]
    for model in models:
        with silent_c_stderr():
            check_exportable(model, form)


def _save(model: Any, target: Path, folder: Path) -> None:
    """Write the model, whole or not at all, and delete the state of its training; the logs stay."""
    from sonogram.training.folder import delete_state

    with atomic_path(target) as part:
        model.save(part)
    delete_state(folder)
