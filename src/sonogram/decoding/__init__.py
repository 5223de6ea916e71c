"""From the outputs of a CTC model to text: alphabets, decoders, error rates. NumPy only.

Class 0 of the outputs is the blank, as in `keras.ops.ctc_decode`; class k is symbol k - 1 of the alphabet.
"""

from sonogram.decoding.alphabet import Alphabet, normalize
from sonogram.decoding.error_rates import ErrorCounts, GroupErrors, TextMetrics, count_errors, text_metrics
from sonogram.decoding.greedy import Hypothesis, greedy

__all__ = [
    "Alphabet",
    "ErrorCounts",
    "GroupErrors",
    "Hypothesis",
    "TextMetrics",
    "count_errors",
    "greedy",
    "normalize",
    "text_metrics",
]
