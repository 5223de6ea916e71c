"""Breaks of the search in recordings."""

from front_end_mutants import Mutant

SEARCH = (
    Mutant(
        "the last window of a recording begins a whole step after the one before it",
        "search/embedding.py",
        "starts = np.minimum(np.arange(count) * step, max(total - size, 0))",
        "starts = np.arange(count) * step",
        "tests/search/test_search.py windows_are_those",
    ),
    Mutant(
        "a bank is searched with other weights",
        "search/bank.py",
        "        if found.digest == written.digest:",
        "        if found.digest:",
        "tests/search/test_search.py other_weights",
    ),
    Mutant(
        "a label of a bank ends after its recording",
        "search/labels.py",
        "0 <= start < end <= duration + _ROUNDING",
        "0 <= start < end",
        "tests/search/test_search.py windows_that_they_cover",
    ),
    Mutant(
        "matches overlap",
        "search/find.py",
        "np.abs(starts - starts[window - first]) < length - 1e-6",
        "starts == starts[window - first]",
        "tests/search/test_search.py do_not_overlap",
    ),
    Mutant(
        "suggestions are all of one kind",
        "search/suggest.py",
        "nearest = np.maximum(nearest, similar[:, best])",
        "nearest = nearest + 0",
        "tests/search/test_search.py of_all_kinds",
    ),
    Mutant(
        "windows of other clips count in a network of a file",
        "layers/patches.py",
        "return ops.cast(place < ops.expand_dims(counts, -1), patches.dtype)",
        "return ops.cast(place < ops.expand_dims(counts, -1) + 99, patches.dtype)",
        "tests/models/test_file_backbone.py windows_are_averaged and litert",
    ),
    Mutant(
        "no nearest class mean",
        "training/regression.py",
        "if strength == 0:",
        "if strength < 0:",
        "tests/training/test_regression.py few_clips_of_many",
    ),
    Mutant(
        "a backbone and the networks next to it have the same weight",
        "models/average.py",
        "[(1 - share) / len(own)] * len(own) + [share / len(others)] * len(others)",
        "[1.0] * (len(own) + len(others))",
        "tests/models/test_average.py weight_of_all_heads",
    ),
)
