"""The last layer of an event detector: scores of each frame, with the labels and the rule for events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.layers.float32 import Float32Layer

__all__ = ["EventRule", "FrameScores"]


@dataclass(frozen=True)
class EventRule:
    """How events follow from the scores of frames.

    Raises:
        SonogramError: A value is invalid.
    """

    thresholds: tuple[float, ...]
    """Score of each label that a frame of an event must reach."""
    release: float = 0.5
    """Share of the threshold that all frames of an event must reach (hysteresis)."""
    smoothing: float = 0.0
    """Length of the median filter over the scores, seconds; 0 for none."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "thresholds", tuple(map(float, self.thresholds)))
        if not all(0 <= each <= 1 for each in self.thresholds):
            raise SonogramError(f"thresholds must be scores from 0 to 1; got {self.thresholds}")
        if not 0 < self.release <= 1:
            raise SonogramError(f"release must be a share above 0, up to 1; got {self.release}")
        if not self.smoothing >= 0:
            raise SonogramError(f"smoothing must be 0 or more seconds; got {self.smoothing}")


@keras.saving.register_keras_serializable("sonogram")
class FrameScores(Float32Layer):
    """Layer that turns the logits of frames into scores, and stores the labels and the rule for events.

    The last logit is the logarithm of the number of events in the frame, and the softmax of the others
    divides this number among the labels. So a voice or an instrument that is not known, of which a network
    is less sure, has scores as high as the known ones: with a sigmoid for each label all would be low, at
    different heights, and no threshold would suit.

    Like the labels in `Scores`, labels and rule are part of the configuration, and so of the saved file.

    Args:
        labels: Label of each score; in a frame there may be several, or none.
        stride: Number of frames of features for each frame of scores.
        seconds: Length of the segments that the model was trained on. Longer recordings are computed in
            overlapping parts of this length.
        rule: How events follow from the scores; None takes the threshold 0.5 for each label.
        training: Record of the training, as plain data for JSON; None if it is not known.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        The list `[logits, valid]`: `(batch, frames, labels + 1)`, and 1 or 0 for each frame,
        `(batch, frames)`.

    Output shape:
        Scores from 0 to 1, `(batch, frames, labels)`, 0 in frames that are not valid, and the number of valid
        frames of each clip, int32 `(batch,)`.

    Raises:
        SonogramError: There is no label, or one occurs twice; or the input has another number of values.

    Example:
        >>> logits = np.array([[[0, 0, 0], [9, 0, 0], [0, 0, 0]]], "float32")
        >>> scores, frames = FrameScores(["cat", "dog"])([logits, np.array([[1, 1, 0]])])
        >>> np.asarray(scores)[0].round(2).tolist(), np.asarray(frames).tolist()
        ([[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]], [2])

    See Also:
        `sonogram.predict`, which finds the events.
    """

    def __init__(
        self,
        labels: Iterable[str],
        stride: int = 1,
        seconds: float = 10.0,
        rule: EventRule | Mapping[str, Any] | None = None,
        training: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.labels = tuple(map(str, labels))
        if not self.labels or len({*self.labels}) < len(self.labels):
            raise SonogramError(
                f"FrameScores: labels must be at least one, without repetition; got {self.labels}"
            )
        self.stride, self.seconds = int(stride), float(seconds)
        if rule is None:
            rule = EventRule((0.5,) * len(self.labels))
        self.rule = EventRule(**rule) if isinstance(rule, Mapping) else rule
        self.training = None if training is None else dict(training)

    def build(self, input_shape: Any) -> None:
        """Check that there is a value for each label, and one for the number of events."""
        wanted = len(self.labels) + 1
        if input_shape[0][-1] not in (None, wanted):
            raise SonogramError(
                f"FrameScores: the input must have {wanted} values, one for each label and one for the "
                f"number of events; got {input_shape[0][-1]}. End the network with Dense({wanted})"
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the scores and the numbers of valid frames."""
        logits, valid = (keras.ops.cast(each, "float32") for each in inputs)
        frames = keras.ops.cast(keras.ops.sum(valid, axis=-1), "int32")
        # There are no more events than labels; without a limit infinity times 0 would be NaN.
        number = keras.ops.exp(keras.ops.minimum(logits[..., -1:], math.log(len(self.labels))))
        scores = keras.ops.minimum(number * keras.ops.softmax(logits[..., :-1]), 1.0)
        return scores * keras.ops.expand_dims(valid, -1), frames

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        """Return the shapes and types of the scores and of the numbers of frames."""
        logits, _ = inputs
        shape = (*logits.shape[:-1], len(self.labels))
        return keras.KerasTensor(shape, "float32"), keras.KerasTensor(logits.shape[:1], "int32")

    def get_config(self) -> dict[str, Any]:
        """Return the configuration, the rule as plain data."""
        return {**super().get_config(), "rule": asdict(self.rule)}
