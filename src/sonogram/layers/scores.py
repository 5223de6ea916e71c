"""The last layer of a classifier: probabilities, with the labels they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.layers.float32 import Float32Layer

__all__ = ["Scores"]


@keras.saving.register_keras_serializable("sonogram")
class Scores(Float32Layer):
    """Layer that turns logits into probabilities, in float32, and stores the labels they belong to.

    The labels are part of the configuration, and so of the saved file: a program needs nothing else to use
    the model.

    Args:
        labels: The label of each output.
        multi_label: Whether a clip may have several labels, or none. Each output is then an independent
            probability (sigmoid); otherwise they sum to 1 (softmax).
        seconds: Length of the clips that the model was trained on. Prediction divides long recordings
            into windows of this length. None if it is not known.
        training: Record of the training, as plain data for JSON; None if it is not known.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, labels)`, or a list of such logits from several networks: their probabilities are
        averaged.

    Output shape:
        `(batch, labels)`.

    Raises:
        SonogramError: There is no label, or one occurs twice; or an input does not have one value for
            each label.

    Example:
        >>> layer = Scores(["cat", "dog"])
        >>> np.asarray(layer(np.zeros((1, 2), "float32"))).tolist()
        [[0.5, 0.5]]

    See Also:
        `sonogram.predict`, which reads the labels.
    """

    def __init__(
        self,
        labels: Iterable[str],
        multi_label: bool = False,
        seconds: float | None = None,
        training: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(labels, str):
            raise SonogramError(f"Scores: labels must be a list of texts; got the text {labels!r}")
        self.labels = tuple(str(label) for label in labels)
        self.multi_label = bool(multi_label)
        self.seconds = None if seconds is None else float(seconds)
        self.training = None if training is None else dict(training)
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise SonogramError(f"Scores: labels must be at least one, without repetition; got {self.labels}")

    def build(self, input_shape: Any) -> None:
        """Check that each input has one value for each label."""
        several = isinstance(input_shape[0], (list, tuple))
        for shape in input_shape if several else [input_shape]:
            if shape[-1] not in (None, len(self.labels)):
                raise SonogramError(
                    f"Scores: the input must have {len(self.labels)} values, one for each label; got "
                    f"{shape[-1]}. End the network with Dense({len(self.labels)})"
                )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the probabilities."""
        networks = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        squash = keras.ops.sigmoid if self.multi_label else keras.ops.softmax
        total = sum(squash(keras.ops.cast(logits, "float32")) for logits in networks)
        return total if len(networks) == 1 else total / float(len(networks))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the probabilities."""
        return tuple(input_shape[0] if isinstance(input_shape[0], (list, tuple)) else input_shape)
