"""Breaks of the constant-Q transform."""

from front_end_mutants import Mutant

CONSTANT_Q = (
    Mutant(
        "kernels begin one sample late in the native engine",
        "engines/native/lower.py",
        "np.array([kernel.begin for kernel",
        "np.array([kernel.begin + 1 for kernel",
        "tests/test_transform.py definition and native",
    ),
    Mutant(
        "the rate of a kernel is halved while its spectrum still reaches beyond half of it",
        "engines/halving.py",
        "_DISTANCE = 150",
        "_DISTANCE = 15",
        "tests/engines/test_halving.py spectrum",
    ),
    Mutant(
        "a halved kernel reaches beyond its frame by its filters",
        "engines/halving.py",
        "limit = (frame_length - 1 - center - _LAST * (factor - 1)) // factor",
        "limit = (frame_length - 1 - center) // factor",
        "tests/engines/test_halving.py within",
    ),
    Mutant(
        "the sum of a rounded constant-Q kernel",
        "engines/halving.py",
        "np.float32(part[place] + wanted - part.sum())",
        "np.float32(part[place])",
        "tests/engines/test_halving.py 2e_5 and constant",
    ),
    Mutant(
        "the mean of a last, shorter row counts the zeros after it",
        "engines/tensor.py",
        "xp.cast(step - xp.maximum(stop - size, 0), samples)",
        "xp.cast(step + 0 * stop, samples)",
        "tests/test_transform.py constant_gives and graph",
    ),
)
