"""TensorFlow, also inside `tf.data` on every Keras backend."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

from sonogram.engines.arrays.base import MAX_SLICES, Arrays
from sonogram.engines.arrays.blocks import blocks, limits_of_rows
from sonogram.native.tracing import under_xla

__all__ = ["PortableTensorFlow", "TensorFlow"]

_LEAST_ROW = 16
"""Samples of a row from which on a gather of rows takes less time than slices."""


class TensorFlow(
    Arrays,
    library=tf,
    concatenate=tf.concat,
    expand=tf.expand_dims,
    log=tf.math.log,
    log1p=tf.math.log1p,
    expm1=tf.math.expm1,
):
    """Float32, static shapes where they are known."""

    name = "tensorflow"

    def samples(self, x: Any) -> Any:
        return tf.cast(x, tf.float32) / 32768.0 if x.dtype == tf.int16 else tf.cast(x, tf.float32)

    def constant(self, value: Any, like: Any) -> Any:
        return tf.constant(np.asarray(value), like.dtype)

    def tensor(self, array: Any) -> Any:
        return tf.convert_to_tensor(array)

    def integers(self, value: Any, like: Any) -> Any:
        return tf.cast(tf.convert_to_tensor(value), tf.int32)

    def size(self, x: Any, axis: int) -> Any:
        known = x.shape[axis]
        return tf.shape(x)[axis] if known is None else known

    def arange(self, start: Any, stop: Any, like: Any) -> Any:
        return tf.range(start, stop)

    def pad(self, x: Any, before: Any, after: Any, axis: int) -> Any:
        widths: list[list[Any]] = [[0, 0] for _ in x.shape]
        widths[axis] = [before, after]
        return _like(x, tf.pad(x, widths), axis)

    def crop(self, x: Any, start: Any, size: Any, axis: int) -> Any:
        begin: list[Any] = [0] * len(x.shape)
        # Known sizes are stated instead of -1: a saved graph would lose them.
        sizes: list[Any] = [-1 if known is None else known for known in x.shape]
        begin[axis], sizes[axis] = start, size
        return _like(x, tf.slice(x, begin, sizes), axis)

    def take(self, x: Any, index: Any) -> Any:
        return (
            tf.gather(x, index, axis=-1)
            if len(index.shape) == 1
            else tf.gather(x, index, axis=-1, batch_dims=1)
        )

    def rows(self, x: Any, index: Any) -> Any:
        return tf.gather(x, index)

    def pick(self, x: Any, index: Any, axis: int) -> Any:
        return tf.gather(x, index, axis=axis)

    def transpose(self, x: Any) -> Any:
        return tf.linalg.matrix_transpose(x)

    def sort(self, x: Any) -> Any:
        return tf.sort(x)

    def cumsum(self, x: Any) -> Any:
        return tf.cumsum(x, axis=-1)

    def cast(self, x: Any, like: Any) -> Any:
        return tf.cast(x, like.dtype)

    def stop_gradient(self, x: Any) -> Any:
        return tf.stop_gradient(x)

    def floats(self, x: Any) -> Any:
        return tf.cast(x, tf.float32)

    def amax(self, x: Any, axes: tuple[int, ...]) -> Any:
        return tf.reduce_max(x, axes, keepdims=True)

    def asum(self, x: Any, axes: tuple[int, ...]) -> Any:
        return tf.reduce_sum(x, axes, keepdims=True)

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        # A GPU multiplies zeros in less time than it takes to start more products.
        if limits is None or tf.config.list_physical_devices("GPU"):
            return tf.matmul(x, self.constant(matrix, x))
        return self._banded(x, matrix, limits)

    def _banded(self, x: Any, matrix: Any, limits: Any) -> Any:
        """Return `x` times a matrix whose columns are 0 beyond `limits`, by a product for each block."""

        def product(x: Any) -> tuple[Any, Any]:
            found = [
                tf.matmul(
                    self.crop(x, row, rows, -1),
                    self.constant(matrix[row : row + rows, column : column + columns], x),
                )
                for row, rows, column, columns in blocks(limits)
            ]
            return found[0] if len(found) == 1 else tf.concat(found, -1), gradient

        # TensorFlow's own gradient pads that of each block to all bins, and adds them.
        def gradient(grad: Any) -> Any:
            return self._banded(grad, matrix.T, limits_of_rows(matrix))

        return tf.custom_gradient(product)(x)

    def rfft(self, frames: Any, fft_length: int) -> tuple[Any, Any]:
        def transform(frames: Any) -> tuple[Any, Any]:
            spectrum = tf.signal.rfft(frames, [fft_length])
            return tf.math.real(spectrum), tf.math.imag(spectrum)

        if not isinstance(fft_length, int):  # a tensor
            return transform(frames)
        size, weights = self.size(frames, -1), _weights_of_bins(fft_length)

        def gradient(real: Any, imaginary: Any) -> Any:
            # TensorFlow's own gradient makes three passes over the frames after the same transform.
            factors = self.constant(weights, real)
            total = tf.signal.irfft(tf.complex(real * factors, imaginary * factors), [fft_length])
            return total if size == fft_length else self.crop(total, 0, size, -1)

        parts: tuple[Any, Any] = tf.custom_gradient(lambda frames: (transform(frames), gradient))(frames)
        return parts

    def safe_sqrt(self, x: Any) -> Any:
        return tf.custom_gradient(_root)(x)

    def frame(self, x: Any, length: int, step: int, num_frames: Any) -> Any:
        if length > MAX_SLICES * step:
            return super().frame(x, length, step, num_frames)
        # XLA computes slices together with the window, other programs one after the other.
        shared = math.gcd(length, step)
        cut = _gather_frames if shared >= _LEAST_ROW and not under_xla() else super().frame

        # The gradients of slices are padded to the size of the clip one by one, and then added.
        def gradient(grad: Any) -> Any:
            return self.overlap_add(grad, length, step, num_frames)

        return tf.custom_gradient(lambda x: (cut(x, length, step, num_frames), gradient))(x)

    def irfft(self, spectrum: Any, fft_length: int) -> Any:
        return tf.signal.irfft(spectrum, [fft_length])

    def complex(self, real: Any, imaginary: Any) -> Any:
        return tf.complex(real, imaginary)

    def correlate(self, x: Any, kernels: Any, step: int) -> Any:
        parts = tf.nn.conv1d(x, tf.constant(kernels, tf.float32), stride=step, padding="VALID")
        if x.shape[0]:
            return parts
        # TensorFlow gives the convolution of an empty batch the shape of its input.
        frames = (self.size(x, 1) - len(kernels)) // step + 1
        return tf.reshape(parts, (self.size(x, 0), frames, kernels.shape[-1]))


def _gather_frames(x: Any, length: int, step: int, num_frames: Any) -> Any:
    """Return `(batch, frames, length)`, each frame copied as rows of the size that divides both."""
    size = math.gcd(length, step)
    rows = tf.reshape(x, (tf.shape(x)[0] if x.shape[0] is None else x.shape[0], -1, size))
    index = tf.range(num_frames)[:, None] * (step // size) + tf.range(length // size)
    return tf.reshape(tf.gather(rows, index, axis=1), (rows.shape[0] or -1, num_frames, length))


def _root(x: Any) -> Any:
    root = tf.sqrt(x)

    def gradient(grad: Any) -> Any:
        return tf.math.divide_no_nan(0.5 * grad, root)

    return root, gradient


def _weights_of_bins(fft_length: int) -> Any:
    """Return what turns the inverse transform into the gradient of the transform, `(bins,)`.

    The gradient sums each bin once. The inverse divides by the length, and counts all bins twice but the
    first and, at an even length, the last, which have no conjugate.
    """
    weights = np.full(fft_length // 2 + 1, fft_length / 2)
    weights[0] = fft_length
    if fft_length % 2 == 0:
        weights[-1] = fft_length
    return weights


def _like(x: Any, changed: Any, axis: int) -> Any:
    """Return `changed` with the static sizes of `x` on all but one axis, which tensor widths lose."""
    shape = x.shape.as_list()
    shape[axis] = changed.shape[axis]
    changed.set_shape(shape)
    return changed


def _keep_nan(result: Any, *arguments: Any) -> Any:
    """Return a result, or NaN where an argument is NaN, the one value that does not equal itself."""
    for each in arguments:
        if tf.is_tensor(each) and each.dtype.is_floating:
            result = tf.where(tf.not_equal(each, each), each, result)
    return result


class PortableTensorFlow(TensorFlow):
    """The operations that LiteRT and ONNX have built in, with the gradients of these."""

    safe_sqrt = Arrays.safe_sqrt
    frame = Arrays.frame

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        return super().matmul(x, matrix)

    def take(self, x: Any, index: Any) -> Any:
        if len(index.shape) == 1:
            return super().take(x, index)
        # All clips in one row: a gather with a batch axis becomes an ONNX transposition that names an axis
        # twice, which onnxruntime refuses.
        first = tf.expand_dims(tf.range(self.size(x, 0)) * self.size(x, 1), -1)
        return tf.gather(tf.reshape(x, (-1,)), index + tf.cast(first, index.dtype))

    def amax(self, x: Any, axes: tuple[int, ...]) -> Any:
        largest = super().amax(x, axes)
        if not x.dtype.is_floating:
            return largest
        # The maxima of LiteRT and ONNX pass over NaN. The constant stands alone: Keras's own export to ONNX
        # multiplies both branches by 0 or 1 unless one of them is NaN.
        invalid = super().amax(tf.where(tf.not_equal(x, x), tf.ones_like(x), tf.zeros_like(x)), axes)
        return tf.where(invalid > 0, tf.constant(math.nan, x.dtype), largest)

    # In LiteRT the exponential, the logarithm and the larger of two values may be a number where an argument
    # is NaN.

    def exp(self, x: Any) -> Any:
        return _keep_nan(tf.exp(x), x)

    def log(self, x: Any) -> Any:
        return _keep_nan(tf.math.log(x), x)

    def maximum(self, x: Any, y: Any) -> Any:
        return _keep_nan(tf.maximum(x, y), x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        return _keep_nan(tf.minimum(x, y), x, y)

    def log1p(self, x: Any) -> Any:
        # W. Kahan's form: log(1 + x) * x / ((1 + x) - 1), in which the rounding of 1 + x cancels.
        shifted = 1.0 + x
        exact = shifted > 1.0
        ratio = self.log(shifted) * (x / tf.where(exact, shifted - 1.0, tf.ones_like(x)))
        return tf.where(exact, ratio, x)

    def expm1(self, x: Any) -> Any:
        grown = self.exp(x)
        exact = grown > 1.0
        ratio = (grown - 1.0) * (x / tf.where(exact, self.log(grown), tf.ones_like(x)))
        return tf.where(exact, ratio, x)
