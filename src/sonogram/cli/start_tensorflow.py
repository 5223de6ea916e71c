"""Starts TensorFlow for the commands that need it, without its log messages."""

from __future__ import annotations

import os
from contextlib import suppress

from sonogram.errors import SonogramError

__all__ = ["start_tensorflow"]


def start_tensorflow() -> None:
    """Import TensorFlow and let it look at the machine, without what it logs on stderr.

    Keras imports Matplotlib and scikit-learn where they are installed, for drawings and wrappers that no
    command uses: 82 MB and half a second. They stay visible, because a plug-in of the user may need
    them; `predict` on an hour of sound takes 666 MB with them and 584 MB without.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is imported
    from sonogram.audio.native import silent_c_stderr

    # Without TensorFlow the command itself states what it needs: for `predict`, JAX is enough.
    with silent_c_stderr(), suppress(SonogramError):
        from sonogram.training.precision import initialize_tensorflow

        initialize_tensorflow()
