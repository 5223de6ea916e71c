"""Gated recurrent units over the valid frames of a clip."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["MaskedGRU"]


@keras.saving.register_keras_serializable("sonogram")
class MaskedGRU(keras.layers.Layer):
    """Gated recurrent units over the valid frames: takes `[values, valid]`.

    Backward, a clip is read from its own end. In padding the state stays as it is.

    Args:
        units: Size of the state.
        backward: Whether the last frame is read first.
        **kwargs: Those of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, channels)` and `(batch, frames)`.

    Output shape:
        `(batch, frames, units)`: the state after each frame, 0 beyond the valid ones.

    Source:
        K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
        translation", EMNLP 2014.
    """

    def __init__(self, units: int, backward: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.backward = int(units), bool(backward)
        # Whether states are appended to a tensor and not kept in a list, as export to LiteRT has it.
        self.appends = False
        # Padding stands behind a clip: read backward, it comes first, and the mask keeps the state at 0.
        self.gru = keras.layers.GRU(
            units,
            return_sequences=True,
            go_backwards=backward,
            use_cudnn=False,
            name="gru",
            dtype=self.dtype_policy,
        )

    def build(self, input_shape: Any) -> None:
        self.gru.build(input_shape[0])
        self.built = True

    def call(self, inputs: Any) -> Any:
        values, valid = inputs
        if self.appends:
            states = _appended(self.gru, values, valid)
        else:
            states = self.gru(values, mask=keras.ops.cast(valid, "bool"))
        if self.backward:
            states = keras.ops.flip(states, axis=1)
        return states * keras.ops.expand_dims(keras.ops.cast(valid, states.dtype), -1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (*input_shape[0][:2], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "backward": self.backward}


def _appended(gru: Any, values: Any, valid: Any) -> Any:
    """What the layer gives, by a loop of operations that LiteRT has for any batch and length.

    TensorFlow's own loop keeps the states in a list of tensors, whose sizes LiteRT must know beforehand.
    """
    import tensorflow as tf

    if gru.go_backwards:
        values, valid = tf.reverse(values, [1]), tf.reverse(valid, [1])
    cell, units, frames = gru.cell, gru.units, tf.shape(values)[1]
    # Read before the loop: a variable within it would not become a constant.
    kernel, biases = tf.identity(cell.recurrent_kernel), tf.identity(cell.bias)
    flat = tf.matmul(tf.reshape(values, (-1, values.shape[-1])), cell.kernel) + biases[0]
    inputs = tf.reshape(flat, (-1, frames, 3 * units))

    def step(frame: Any, state: Any, states: Any) -> Any:
        asked, remembered = tf.gather(inputs, frame, axis=1), tf.matmul(state, kernel) + biases[1]
        gates = tf.sigmoid(asked[:, : 2 * units] + remembered[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        proposed = tf.tanh(asked[:, 2 * units :] + reset * remembered[:, 2 * units :])
        moved = (1 - update) * tf.expand_dims(tf.gather(valid, frame, axis=1), -1)
        state = state + moved * (proposed - state)
        return frame + 1, state, tf.concat([states, tf.expand_dims(state, 1)], axis=1)

    none = tf.zeros((tf.shape(values)[0], 0, units))
    shapes = tf.TensorShape([]), tf.TensorShape([None, units]), tf.TensorShape([None, None, units])
    start = 0, tf.zeros((tf.shape(values)[0], units)), none
    return tf.while_loop(lambda frame, *_: frame < frames, step, start, shape_invariants=shapes)[2]
