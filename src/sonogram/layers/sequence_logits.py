"""The last layer of a speech recognizer: logits of each frame, with the alphabet they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from sonogram.decoding import Alphabet
from sonogram.errors import SonogramError
from sonogram.layers.float32 import Float32Layer

__all__ = ["SequenceLogits"]


@keras.saving.register_keras_serializable("sonogram")
class SequenceLogits(Float32Layer):
    """Layer that marks the logits of a sequence and stores the alphabet they belong to.

    Like the labels in `Scores`, the alphabet is part of the configuration, and so of the saved file.

    Args:
        alphabet: The symbols; class 0 of the logits is the blank.
        stride: Number of frames of features for each frame of logits.
        context: Numbers of frames of features before and after those of a frame that its logits depend on;
            None if they depend on the whole clip.
        training: Record of the training, as plain data for JSON; None if it is not known.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        The list `[logits, valid]`: `(batch, frames, classes)`, and 1 or 0 for each frame, `(batch, frames)`.

    Output shape:
        Logits, `(batch, frames, classes)`, 0 in frames that are not valid, and the number of valid frames of
        each clip, int32 `(batch,)`.

    Raises:
        SonogramError: The logits do not have a value for the blank and for each symbol.

    Example:
        >>> layer = SequenceLogits(sg.decoding.Alphabet(("a", "b")))
        >>> logits, frames = layer([np.ones((1, 5, 3), "float32"), np.array([[1, 1, 1, 0, 0]])])
        >>> tuple(logits.shape), np.asarray(frames).tolist()
        ((1, 5, 3), [3])

    See Also:
        `sonogram.transcribe`, which decodes them; `sonogram.decoding`.
    """

    def __init__(
        self,
        alphabet: Alphabet | Mapping[str, Any],
        stride: int = 1,
        context: Sequence[int] | None = None,
        training: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alphabet = Alphabet.from_dict(alphabet) if isinstance(alphabet, Mapping) else alphabet
        self.stride = int(stride)
        self.context = None if context is None else (int(context[0]), int(context[1]))
        self.training = None if training is None else dict(training)

    def build(self, input_shape: Any) -> None:
        """Check that there is a value for each class."""
        if input_shape[0][-1] not in (None, self.alphabet.num_classes):
            raise SonogramError(
                f"SequenceLogits: the input must have {self.alphabet.num_classes} values, one for the blank "
                f"and one for each symbol; got {input_shape[0][-1]}. End the network with "
                f"Dense({self.alphabet.num_classes})"
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the logits and the numbers of valid frames."""
        logits, valid = (keras.ops.cast(each, "float32") for each in inputs)
        frames = keras.ops.cast(keras.ops.sum(valid, axis=-1), "int32")
        return logits * keras.ops.expand_dims(valid, -1), frames

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        """Return the shapes and types of the logits and of the numbers of frames."""
        logits, _ = inputs
        return keras.KerasTensor(logits.shape, "float32"), keras.KerasTensor(logits.shape[:1], "int32")

    def get_config(self) -> dict[str, Any]:
        """Return the configuration, the alphabet as plain data."""
        return {**super().get_config(), "alphabet": self.alphabet.to_dict()}
