"""What happened in each epoch: for the caller, a CSV table, and TensorBoard."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import tensorflow as tf

from sonogram.files import write_text

__all__ = ["Board", "Epoch", "read", "write"]


# What `tf.summary.scalar` writes; that function needs TensorBoard itself, to write as well as to look.
_SCALAR = tf.compat.v1.SummaryMetadata(
    plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
)


@dataclass(frozen=True)
class Epoch:
    """One epoch of one network."""

    member: int
    """Which network, from 0 on."""
    epoch: int
    """Which epoch, from 1 on."""
    loss: float
    """Mean over the training clips, with augmentation, mixing and weights."""
    validation_loss: float | None
    """Over the clips held out; None where there are none."""
    validation_accuracy: float | None
    """Share of the clips held out that are named right; None where there are none."""
    num_epochs: int
    """Epochs that the network gets, unless nothing gets better before."""


def write(folder: Path, epochs: Sequence[Epoch]) -> None:
    """Write `epochs.csv` anew, so that a training that was killed leaves no line twice."""
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(epoch) for epoch in epochs)
    write_text(folder / "epochs.csv", text.getvalue())


def read(folder: Path) -> list[Epoch]:
    """Return the epochs that `write` wrote; none where there is no such table, or it is not whole."""
    try:
        with open(folder / "epochs.csv", encoding="utf-8", newline="") as file:
            return [_epoch(row) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError):  # a line that was cut short has no value: a TypeError
        return []


def _epoch(row: dict[str, str]) -> Epoch:
    loss, accuracy = (
        float(row[name]) if row[name] else None for name in ("validation_loss", "validation_accuracy")
    )
    return Epoch(
        int(row["member"]), int(row["epoch"]), float(row["loss"]), loss, accuracy, int(row["num_epochs"])
    )


class Board:
    """Events for TensorBoard; of an epoch that is repeated it shows the last.

    Args:
        folder: Where they go, one folder below for each network.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[int, object] = {}

    def add(self, epoch: Epoch) -> None:
        """Write the values of one epoch."""
        if epoch.member not in self._writers:
            path = str(self._folder / f"network-{epoch.member}")
            self._writers[epoch.member] = tf.summary.create_file_writer(path)
        with self._writers[epoch.member].as_default(epoch.epoch):  # type: ignore[attr-defined]
            for name in ("loss", "validation_loss", "validation_accuracy"):
                value = getattr(epoch, name)
                if value is not None:
                    tf.summary.write(name, tf.constant(value, tf.float32), metadata=_SCALAR)
        self._writers[epoch.member].flush()  # type: ignore[attr-defined]
