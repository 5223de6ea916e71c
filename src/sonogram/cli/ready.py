"""Starts TensorFlow for the verbs that need it, and keeps its notes from the user."""

from __future__ import annotations

import os

__all__ = ["ready"]


def ready() -> None:
    """Loads TensorFlow: it notes on stderr which instructions the processor has; nobody needs to know."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is imported
    from sonogram.audio.quiet import quiet_c_stderr

    with quiet_c_stderr():
        from sonogram.training import start

        start()
