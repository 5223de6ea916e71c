"""The last layer of a model that names sounds: it holds what the numbers mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from sonogram.errors import SonogramError

__all__ = ["Scores"]


@keras.saving.register_keras_serializable("sonogram")
class Scores(keras.layers.Layer):
    """From logits to probabilities, in float32, with the labels that they belong to.

    What a program needs to use the model stands in the configuration, so in the saved file.

    Args:
        labels: The label of each output.
        multi_label: Whether a clip may have several labels, or none: each output is then a probability
            of its own, by the logistic function. Otherwise they sum to 1, by the softmax.
        seconds: How long the clips are that the model learned from: the window to read long recordings
            with; None where it is not known.
        training: How it was trained, plain data for JSON; None where it is not known.
        **kwargs: Those of `keras.layers.Layer`, without `dtype`.

    Input shape:
        `(batch, labels)`, or a list of such from several networks, whose probabilities are averaged.

    Output shape:
        `(batch, labels)`.

    Raises:
        SonogramError: There is no label, or one twice; or an input has not one value for each.

    Example:
        >>> layer = Scores(["cat", "dog"])
        >>> np.asarray(layer(np.zeros((1, 2), "float32"))).tolist()
        [[0.5, 0.5]]
    """

    def __init__(
        self,
        labels: Iterable[str],
        multi_label: bool = False,
        seconds: float | None = None,
        training: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("dtype", None)
        super().__init__(dtype="float32", **kwargs)
        self.labels = tuple(str(label) for label in labels)
        self.multi_label = bool(multi_label)
        self.seconds = None if seconds is None else float(seconds)
        self.training = None if training is None else dict(training)
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise SonogramError(f"Scores: labels must be at least one, each once; got {self.labels}")

    def build(self, input_shape: Any) -> None:
        """Look whether each input has one value for each label."""
        several = isinstance(input_shape[0], (list, tuple))
        for shape in input_shape if several else [input_shape]:
            if shape[-1] not in (None, len(self.labels)):
                raise SonogramError(
                    f"Scores: {len(self.labels)} labels need {len(self.labels)} values of each clip; got "
                    f"{shape[-1]}: end the network with Dense({len(self.labels)})"
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
        shape = input_shape[0] if isinstance(input_shape[0], (list, tuple)) else input_shape
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        config: dict[str, Any] = super().get_config()
        config.pop("dtype", None)
        own = {"labels": list(self.labels), "multi_label": self.multi_label, "seconds": self.seconds}
        return {**config, **own, "training": self.training}
