"""The breaks of `make teeth` in exported models."""

from front_end_mutants import Mutant

EXPORT = (
    Mutant(
        "the logarithm of LiteRT makes numbers of NaN",
        "engines/arrays/tensorflow.py",
        "return tf.where(tf.not_equal(x, x), x, tf.math.log(x))",
        "return tf.math.log(x)",
        "tests/exporting/test_odd_clips.py litert",
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
        "largest",
        "tests/exporting/test_odd_clips.py litert",
    ),
)
