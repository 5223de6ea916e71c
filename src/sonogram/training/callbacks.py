"""Keras callbacks of the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

__all__ = ["EpochCallback"]


class EpochCallback(keras.callbacks.Callback):
    """Calls a function after each epoch.

    Args:
        on_epoch: Called with the name of the network, the number of the epoch, from 1, the number of epochs,
            and Keras's logs.
    """

    def __init__(self, on_epoch: Callable[[str, int, int, dict[str, float]], None]) -> None:
        super().__init__()
        self._on_epoch = on_epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Call the function."""
        self._on_epoch(self.model.name, epoch + 1, self.params["epochs"], logs)
