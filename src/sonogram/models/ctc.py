"""Loss of connectionist temporal classification (CTC), with the real lengths of frames and of symbols."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["ctc_loss"]


def ctc_loss(logits: Any, frames: Any, symbols: Any, *, dense: bool = False) -> Any:
    """Return the negative log probability of the symbols of each clip, summed over all alignments.

    `keras.losses.CTC` counts padded frames as real; here neither padded frames nor padded symbols have an
    effect. With TensorFlow the symbols become a sparse tensor, whose kernel on the CPU took 6.6 ms where
    `keras.ops.ctc_loss` took 28 to 169 ms (32 clips of 105 frames).

    Args:
        logits: `(batch, frames, classes)`; class 0 is the blank.
        frames: Number of valid frames of each clip, `(batch,)`, at least as many as there are symbols and
            repeated symbols; see `min_frames`.
        symbols: Classes of the symbols, int32 `(batch, symbols)`, padded with 0.
        dense: Whether to use operations that XLA can compile, with TensorFlow too.

    Returns:
        Loss of each clip, float32 `(batch,)`, not divided by its number of symbols.

    Example:
        >>> logits = np.zeros((1, 2, 3), "float32")  # three equal classes; "11", "01" and "10" are read as 1
        >>> round(float(ctc_loss(logits, np.array([2]), np.array([[1]]))[0]), 4)  # ln(9 / 3)
        1.0986

    Source:
        A. Graves et al., "Connectionist temporal classification", ICML 2006.
    """
    ops = keras.ops
    logits = ops.cast(logits, "float32")
    frames, symbols = ops.cast(frames, "int32"), ops.cast(symbols, "int32")
    counts = ops.sum(ops.cast(symbols > 0, "int32"), axis=-1)
    # The kernels refuse clips without symbols. All their frames are blanks, so they get a loss of their own.
    silent = counts == 0
    column = ops.where(silent, ops.ones_like(counts), ops.zeros_like(counts))
    symbols = ops.concatenate([symbols[:, :1] + ops.expand_dims(column, -1), symbols[:, 1:]], axis=-1)
    spoken = _spoken(logits, ops.maximum(frames, 1), symbols, counts + column, dense)
    inside = ops.arange(ops.shape(logits)[1]) < ops.expand_dims(frames, -1)
    blanks = -ops.log_softmax(logits)[:, :, 0]
    blanks = ops.sum(ops.where(inside, blanks, ops.zeros_like(blanks)), axis=-1)
    return ops.where(silent, blanks, spoken)


def _spoken(logits: Any, frames: Any, symbols: Any, counts: Any, dense: bool) -> Any:
    """Return the loss of clips that have symbols."""
    if keras.backend.backend() != "tensorflow" or dense:
        return keras.ops.ctc_loss(symbols, logits, counts, frames, mask_index=0)
    import tensorflow as tf

    sparse = tf.sparse.from_dense(symbols)
    return tf.nn.ctc_loss(sparse, logits, None, frames, logits_time_major=False, blank_index=0)
