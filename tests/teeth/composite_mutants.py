"""Breaks of what takes several front ends, several channels, or integers."""

from front_end_mutants import Mutant

COMPOSITE = (
    Mutant(
        "extraction mixes the channels of a Spatial",
        "extraction/blocks.py",
        "audio.load(path, sample_rate, mono=channels is None,",
        "audio.load(path, sample_rate, mono=True,",
        "tests/extraction/test_definitions.py documented_shape and seld-foa",
    ),
    Mutant(
        "extraction of channels is not limited by their samples",
        "extraction/blocks.py",
        "_LARGE_CLIP / (channels or 1)",
        "_LARGE_CLIP / 1",
        "tests/extraction/test_definitions.py limited_by_their_samples",
    ),
)
