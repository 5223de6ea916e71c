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
        shares: Weight of the probabilities of each network; None weighs all alike.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, labels)`, or a list of such logits from several networks: the result is the mean of their
        probabilities.

    Output shape:
        `(batch, labels)`.

    Raises:
        SonogramError: There is no label, or one occurs twice; a share is negative; or the inputs do not
            have one value for each label, or there are more or fewer than shares.

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
        shares: Iterable[float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(labels, str):
            raise SonogramError(f"Scores: labels must be a list of texts; got the text {labels!r}")
        self.labels = tuple(str(label) for label in labels)
        self.multi_label = bool(multi_label)
        self.seconds = None if seconds is None else float(seconds)
        self.training = None if training is None else dict(training)
        self.shares = None if shares is None else tuple(map(float, shares))
        if self.shares is not None and not (min(self.shares, default=-1) >= 0 < sum(self.shares)):
            raise SonogramError(f"Scores: shares must be 0 or more, and not all 0; got {self.shares}")
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise SonogramError(f"Scores: labels must be at least one, without repetition; got {self.labels}")

    def build(self, input_shape: Any) -> None:
        """Check that each input has one value for each label."""
        several = isinstance(input_shape[0], (list, tuple))
        count = len(input_shape) if several else 1
        if self.shares is not None and len(self.shares) != count:
            raise SonogramError(
                f"Scores: there must be a share for each of {count} networks; got {self.shares}"
            )
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
        found = [squash(keras.ops.cast(logits, "float32")) for logits in networks]
        if len(found) == 1:
            return found[0]
        if self.shares is None:
            return sum(found) / float(len(found))
        total = sum(self.shares)
        return sum(share / total * each for share, each in zip(self.shares, found, strict=True))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the probabilities."""
        return tuple(input_shape[0] if isinstance(input_shape[0], (list, tuple)) else input_shape)
