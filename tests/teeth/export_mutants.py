"""The breaks of `make teeth` in exported models."""

from front_end_mutants import Mutant

# Whether LiteRT's own logarithm, exponential or maximum passes over NaN depends on the processor. These
# breaks do on any.
EXPORT = (
    Mutant(
        "the logarithm of LiteRT makes numbers of NaN",
        "engines/arrays/tensorflow.py",
        "return _keep_nan(tf.math.log(x), x)",
        "return tf.where(tf.not_equal(x, x), tf.zeros_like(x), tf.math.log(x))",
        "tests/exporting/test_odd_clips.py stays_so and litert",
    ),
    Mutant(
        "the exponential of LiteRT makes numbers of NaN",
        "engines/arrays/tensorflow.py",
        "return _keep_nan(tf.exp(x), x)",
        "return tf.where(tf.not_equal(x, x), tf.zeros_like(x), tf.exp(x))",
        "tests/exporting/test_odd_clips.py stays_so and litert",
    ),
    Mutant(
        "the larger of two values in LiteRT is never NaN",
        "engines/arrays/tensorflow.py",
        "return _keep_nan(tf.maximum(x, y), x, y)",
        "return tf.where(tf.not_equal(x, x), y, tf.maximum(x, y))",
        "tests/exporting/test_odd_clips.py stays_so and litert",
    ),
    Mutant(
        "maxima that Keras's export to ONNX multiplies",
        "engines/arrays/tensorflow.py",
        "tf.where(invalid > 0, tf.constant(math.nan, x.dtype), largest)",
        "tf.where(invalid > 0, largest + math.nan, largest)",
        "tests/exporting/test_export.py that_keras_writes",
    ),
    Mutant(
        "quantization looks for a matrix that no constant-Q transform has",
        "engines/tensor.py",
        "return max(kernels[:most].size for",
        "return max(kernels.size for",
        "tests/exporting/test_export.py constant_q",
    ),
    Mutant(
        "an exported clip without a frame is reshaped to no frame",
        "engines/tensor.py",
        "num_frames if known else xp.maximum(num_frames, 1)",
        "num_frames",
        "tests/exporting/test_front_ends.py any_length and onnx",
    ),
    Mutant(
        "the maxima of LiteRT pass over NaN",
        "engines/arrays/tensorflow.py",
        "tf.where(invalid > 0, tf.constant(math.nan, x.dtype), largest)",
        "tf.where(invalid > 0, tf.zeros_like(largest), largest)",
        "tests/exporting/test_odd_clips.py stays_so and litert",
    ),
    Mutant(
        "an export follows no link",
        "exporting/exporter.py",
        "Path(os.path.realpath(path) if os.path.islink(path) else path)",
        "Path(path)",
        "tests/exporting/test_export.py replaced_only",
    ),
)
