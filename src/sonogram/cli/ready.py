"""Starts TensorFlow for the verbs that need it, and keeps its notes from the user."""

from __future__ import annotations

import os
from contextlib import suppress

from sonogram.errors import SonogramError

__all__ = ["ready"]


def ready() -> None:
    """Loads TensorFlow: it notes on stderr which instructions the processor has; nobody needs to know."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is imported
    from sonogram.audio.quiet import quiet_c_stderr

    # Where there is no TensorFlow the verb says itself what it needs: to predict, JAX is enough.
    with quiet_c_stderr(), suppress(SonogramError):
        from sonogram.training.machine import start

        start()
