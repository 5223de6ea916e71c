"""Gated recurrent units over the valid frames of a clip."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers.float32 import ConfiguredLayer

__all__ = ["MaskedGRU"]


@keras.saving.register_keras_serializable("sonogram")
class MaskedGRU(ConfiguredLayer):
    """Gated recurrent units over the valid frames: takes `[values, valid]`.

    Padding leaves the state as it is. A backward layer starts at the last valid frame of each clip.

    Args:
        units: Size of the state. 64 to 256 suit tagging; the cost grows with its square.
        backward: Whether to read the clip from its end. Combine one layer of each direction where the
            whole clip is known; a stream has only the forward direction.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, features)` and `(batch, frames)`.

    Output shape:
        `(batch, frames, units)`: the state after each frame, 0 in frames that are not valid.

    Example:
        >>> states = MaskedGRU(8)([np.ones((1, 5, 4), "float32"), np.array([[1, 1, 1, 0, 0]])])
        >>> np.asarray(states).any(axis=-1).tolist()
        [[True, True, True, False, False]]

    Source:
        K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
        translation", EMNLP 2014.

    See Also:
        `SelfAttention`, which relates frames at any distance.
    """

    def __init__(self, units: int, backward: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.backward = int(units), bool(backward)
        # Set during export to LiteRT; see `_unrolled_for_litert`.
        self.unrolled_for_litert = False
        # Padding follows a clip. Read backward it comes first, and the mask keeps the state at 0.
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
        if self.unrolled_for_litert:
            states = _unrolled_for_litert(self.gru, values, valid)
        else:
            states = self.gru(values, mask=keras.ops.cast(valid, "bool"))
        if self.backward:
            states = keras.ops.flip(states, axis=1)
        return states * keras.ops.expand_dims(keras.ops.cast(valid, states.dtype), -1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (*input_shape[0][:2], self.units)


def _unrolled_for_litert(gru: Any, values: Any, valid: Any) -> Any:
    """Return the states of a Keras GRU, computed by operations that LiteRT has for any batch and length.

    Keras's own loop collects the states in a list of tensors, whose sizes LiteRT must know in advance. This
    loop concatenates them to a tensor.
    """
    import tensorflow as tf

    if gru.go_backwards:
        values, valid = tf.reverse(values, [1]), tf.reverse(valid, [1])
    cell, units, frames = gru.cell, gru.units, tf.shape(values)[1]
    # Read before the loop: a variable that is read inside it does not become a constant.
    kernel, biases = tf.identity(cell.recurrent_kernel), tf.identity(cell.bias)
    flat = tf.matmul(tf.reshape(values, (-1, values.shape[-1])), cell.kernel) + biases[0]
    inputs = tf.reshape(flat, (-1, frames, 3 * units))

    def step(frame: Any, state: Any, states: Any) -> Any:
        gates_x, gates_h = tf.gather(inputs, frame, axis=1), tf.matmul(state, kernel) + biases[1]
        gates = tf.sigmoid(gates_x[:, : 2 * units] + gates_h[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        candidate = tf.tanh(gates_x[:, 2 * units :] + reset * gates_h[:, 2 * units :])
        rate = (1 - update) * tf.expand_dims(tf.gather(valid, frame, axis=1), -1)
        state = state + rate * (candidate - state)
        return frame + 1, state, tf.concat([states, tf.expand_dims(state, 1)], axis=1)

    no_states = tf.zeros((tf.shape(values)[0], 0, units))
    shapes = tf.TensorShape([]), tf.TensorShape([None, units]), tf.TensorShape([None, None, units])
    start = 0, tf.zeros((tf.shape(values)[0], units)), no_states
    return tf.while_loop(lambda frame, *_: frame < frames, step, start, shape_invariants=shapes)[2]
