"""From the outputs of a CTC model to text: alphabets, decoders, error rates. NumPy only.

Class 0 of the outputs is the blank, as in `keras.ops.ctc_decode`; class k is symbol k - 1 of the alphabet.
"""

from sonogram.decoding.alignment import AlignedWord, Alignment, align, align_words
from sonogram.decoding.alphabet import Alphabet, normalize
from sonogram.decoding.arpa import load_ngram, save_ngram
from sonogram.decoding.beam import BeamSearch
from sonogram.decoding.error_rates import ErrorCounts, GroupErrors, TextMetrics, count_errors, text_metrics
from sonogram.decoding.greedy import Hypothesis, greedy
from sonogram.decoding.ngram import NGram
from sonogram.decoding.transcript import Caption, Transcript, Word, captions

__all__ = [
    "AlignedWord",
    "Alignment",
    "Alphabet",
    "BeamSearch",
    "Caption",
    "ErrorCounts",
    "GroupErrors",
    "Hypothesis",
    "NGram",
    "TextMetrics",
    "Transcript",
    "Word",
    "align",
    "align_words",
    "captions",
    "count_errors",
    "greedy",
    "load_ngram",
    "normalize",
    "save_ngram",
    "text_metrics",
]
