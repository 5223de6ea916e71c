"""Errors that the input causes: one line each, which the command line prints without a traceback."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

__all__ = [
    "AudioError",
    "ChannelsCancelWarning",
    "DefinitionError",
    "PartialSoundWarning",
    "SonogramError",
    "require_dense",
    "require_import",
    "require_keras",
    "with_name",
]

_BACKENDS = ("tensorflow", "jax", "torch")

_MAX_CHARACTERS = 1000
"""Length of a message: an array that was passed in the place of a number would fill screens."""


def _in_one_line(message: str) -> str:
    """Return a message without line breaks, and without the middle if it is too long."""
    line = " ".join(filter(None, map(str.strip, str(message).splitlines())))
    if len(line) <= _MAX_CHARACTERS:
        return line
    return f"{line[: _MAX_CHARACTERS - 300]} ... {line[-300:]}"


class SonogramError(ValueError):
    """Base class of the errors that wrong input causes.

    The message is one line: what is wrong, what was received, and how to fix it.

    Example:
        >>> try:
        ...     sg.preset("wisper-80")
        ... except sg.SonogramError as error:
        ...     print(error)
        there is no preset 'wisper-80'; did you mean whisper-80, whisper-128, wespeaker?

    See Also:
        AudioError: for sounds. DefinitionError: for definitions.
    """

    # Keras adds the arguments of a layer's call, in several lines, to the errors that lack this attribute.
    _keras_call_info_injected = True

    def __init__(self, message: str = "") -> None:
        super().__init__(_in_one_line(message))


def with_name(error: Exception, name: str) -> str:
    """Return the message of an error with the name of its input in front, unless it has it there.

    Example:
        >>> with_name(SonogramError("no such file; check the path"), "bird.wav")
        'bird.wav: no such file; check the path'
        >>> with_name(SonogramError("bird.wav: no such file; check the path"), "bird.wav")
        'bird.wav: no such file; check the path'
    """
    if isinstance(error, MemoryError):
        return f"{name}: does not fit into memory; split it"
    message = str(error)
    return message if message.startswith(name) else f"{name}: {message}"


class AudioError(SonogramError):
    """A sound that cannot be read or written: the message names the file and the reason.

    Example:
        >>> try:
        ...     sg.load("missing.wav")
        ... except sg.AudioError as error:
        ...     print(error)
        missing.wav: no such file; check the path

    See Also:
        load, save.
    """


class PartialSoundWarning(UserWarning):
    """A sound ends before its header states, or cannot be decoded to its end. The part before was read."""


class ChannelsCancelWarning(UserWarning):
    """The channels of a sound cancel one another, so that its mix to mono is far below them."""


class DefinitionError(SonogramError):
    """An invalid definition: the message names the field, what it got and what to use.

    Example:
        >>> try:
        ...     sg.Frontend(16000, frame_length=400, frame_step=0.5)
        ... except sg.DefinitionError as error:
        ...     print(error)
        frame_step must be a whole number of samples, at least 1; got 0.5

    See Also:
        Frontend.check: likely mistakes in a valid definition.
    """


def require_dense(samples: object) -> None:
    """Raise an error for a ragged or sparse tensor of TensorFlow, without importing TensorFlow."""
    kind = type(samples).__name__
    if kind == "RaggedTensor":
        raise SonogramError(
            "samples must be a dense tensor; got a RaggedTensor. Pass samples.to_tensor() with "
            "lengths=samples.row_lengths(); to a layer, [samples.to_tensor(), samples.row_lengths()]"
        )
    if kind == "SparseTensor":
        raise SonogramError(
            "samples must be a dense tensor; got a SparseTensor. Use tf.sparse.to_dense(samples)"
        )


@contextmanager
def require_import(what: str, remedy: str) -> Iterator[None]:
    """Turn a failed import in the `with` block into one line: what needs it, why it failed, the remedy."""
    try:
        yield
    # Keras raises a ValueError for the name of a backend that it does not have.
    except (ImportError, ValueError) as error:
        raise SonogramError(f"{what} ({error}): {remedy}") from error


@contextmanager
def require_keras(what: str, backends: Sequence[str] = _BACKENDS) -> Iterator[None]:
    """Turn a failed import of Keras in the `with` block into one line, as `require_import` does.

    The remedy depends on the machine: Keras fails too if KERAS_BACKEND names a library that is not installed
    while another one is.

    Args:
        what: What needs Keras, with a verb.
        backends: Backends that will do, the preferred one first.
    """
    installed = [name for name in backends if find_spec(name)]
    chosen = os.environ.get("KERAS_BACKEND", "tensorflow")
    if installed and chosen not in installed:
        remedy = f"KERAS_BACKEND is {chosen}; set it to {' or '.join(installed)}"
        if chosen in backends:
            remedy += f', or pip install "sonogram[{chosen}]"'
    else:
        remedy = f'pip install "sonogram[{backends[0]}]"'
    with require_import(what, remedy):
        yield
