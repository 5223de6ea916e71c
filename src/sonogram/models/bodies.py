"""Bodies of the networks by name: frames of features in, frames out. A head makes logits of those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sonogram.errors import SonogramError
from sonogram.models.cnn import cnn
from sonogram.models.conformer import conformer
from sonogram.models.conv import conv
from sonogram.models.crnn import crnn
from sonogram.models.resnet import resnet
from sonogram.models.rnn import rnn
from sonogram.models.separable import separable
from sonogram.models.stream import LOOK_AHEAD, LOOK_BACK, STRIDE, stream
from sonogram.models.transformer import transformer

__all__ = ["NETWORKS", "Body", "network_names", "register"]


@dataclass(frozen=True)
class Body:
    """A network without its head, for every kind of target.

    Example:
        >>> import keras
        >>> def average(features, valid, dropout):
        ...     frames = keras.layers.Dense(32, activation="relu")(features)
        ...     return sg.layers.MaskFrames()([frames, valid]), valid
        >>> Body(average, look_ahead=0).stride
        1

    See Also:
        `register`, which gives it a name.
    """

    function: Callable[[Any, Any, float], tuple[Any, Any]]
    """Function of features `(batch, frames, bands)`, mask `(batch, frames)` and dropout rate, to the frames
    `(batch, ceil(frames / stride), channels)` and their mask. Features are 0 in the padding, and so must the
    frames be; padding must change no valid frame. See `models.blocks`."""
    stride: int = 1
    """Number of frames of features for each frame that comes out."""
    look_ahead: int | None = None
    """Number of frames of features, after those that a frame stands for, that the frame depends on. None is
    the whole clip, so the network cannot be streamed."""
    look_back: int | None = None
    """Number of frames of features, before those that a frame stands for, that the frame depends on. None is
    the whole clip. With both, a speech recognizer can be streamed: it processes a window that moves, and
    features that need no property of the whole clip."""
    parts: int = 4
    """Number of parts of a clip whose means the head of a classifier takes in time order. A network whose
    frames encode their order needs fewer."""

    @property
    def context(self) -> tuple[int, int] | None:
        """Numbers of frames of features before and after those of a frame; None if they are not limited."""
        limited = self.look_back is not None and self.look_ahead is not None
        return (self.look_back, self.look_ahead) if limited else None  # type: ignore[return-value]


NETWORKS: dict[str, Body] = {
    "cnn": Body(cnn, stride=8, parts=8),
    "crnn": Body(crnn, stride=4, parts=2),
    "separable": Body(separable, stride=4),
    "resnet": Body(resnet, stride=4),
    "transformer": Body(transformer, stride=4),
    "rnn": Body(rnn, stride=4, parts=2),
    "conv": Body(conv, stride=4),
    "conformer": Body(conformer, stride=4),
    "stream": Body(stream, STRIDE, LOOK_AHEAD, LOOK_BACK),
}
"""The networks by name."""


def register(name: str, body: Body) -> None:
    """Make a network of your own available by name, as `network` of `build` and `sonogram.train`.

    A saved model contains its layers and needs no registration to be loaded, unless they are classes of
    your own: decorate those with `keras.saving.register_keras_serializable`.

    Args:
        name: The name, of letters, digits and underscores.
        body: The network.

    Raises:
        SonogramError: The name is invalid or taken, or the stride is not a positive number.

    Example:
        >>> import keras
        >>> def dense(features, valid, dropout):
        ...     frames = keras.layers.Dense(32, activation="relu")(features)
        ...     return sg.layers.MaskFrames()([frames, valid]), valid
        >>> register("dense", Body(dense, look_ahead=0))
        >>> sg.models.build(sg.preset("yamnet"), ["cat", "dog"], "dense").count_params()
        2338
        >>> del NETWORKS["dense"]

    See Also:
        `models.blocks`, the building blocks of the networks of this package.
    """
    if not name.isidentifier():
        raise SonogramError(f"a network's name must consist of letters, digits and underscores; got {name!r}")
    if NETWORKS.get(name, body) != body:
        raise SonogramError(f"there is a network named {name!r} already. Choose another name")
    if body.stride < 1:
        raise SonogramError(f"stride of {name!r} must be 1 or more frames; got {body.stride}")
    NETWORKS[name] = body


def network_names(network: str) -> tuple[str, ...]:
    """Return the names in a network such as "cnn+crnn".

    Raises:
        SonogramError: There is no such network.
    """
    names = tuple(network.split("+"))
    if not set(names) <= set(NETWORKS):
        raise SonogramError(
            f"network must be one of {', '.join(NETWORKS)}, or several joined by +; got {network!r}"
        )
    return names
