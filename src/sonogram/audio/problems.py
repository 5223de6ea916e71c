"""What can be wrong with a sound, each in one sentence: what, and how to fix it.

The native library finds most problems and names them by number; its TensorFlow operations raise errors
without Python, so the library is given these sentences when it is loaded.
"""

from __future__ import annotations

from enum import Enum

from sonogram.errors import AudioError

__all__ = ["NATIVE_PROBLEMS", "Problem", "failure"]

_COPY = "copy or download it again"


class Problem(Enum):
    """A problem and its remedy. The native ones come first, in the order of `problems.h`."""

    UNKNOWN = "not a sound that libsndfile can read ({0}); choose a sound file, or export it as WAV or FLAC"
    OUT_OF_MEMORY = "does not fit into memory; read it in parts or in blocks"
    NO_LIBSNDFILE = "libsndfile was not found; install the package soundfile again"
    MISSING = "no such file; check the path"
    FORBIDDEN = "permission denied; change its permissions"
    UNOPENED = "cannot be opened ({0}); check the path"
    FOLDER = "is a folder; give the sound files in it"
    DEVICE = "is a device, not a file; give a sound file"
    NO_WRITER = "no program has written to this pipe for {0} s; start the one that writes the sound first"
    EMPTY = "is empty (0 bytes); copy or record it again"
    CORRUPT = "corrupt ({0}); copy it again or export it again"
    TRUNCATED_BYTES = f"truncated: its header states {{0}} bytes of samples and the file holds {{1}}; {_COPY}"
    TRUNCATED_SAMPLES = f"truncated: its header states {{0}} samples and only {{1}} could be decoded; {_COPY}"
    TRUNCATED_PAGE = f"truncated: the file ends in the middle of an Ogg page; {_COPY}"
    GAP = f"damaged: samples are missing after {{0}} s; {_COPY}"
    NO_SAMPLES = "holds no samples; record or export it again"
    NOT_FINITE = (
        "a sample at {0} s is not finite (NaN or infinite); export it again, or read the parts before and "
        "after it by offset and duration"
    )
    RATES_APART = (
        "states a rate of {0} Hz, too far from the wanted {1} Hz to resample; check sample_rate, which is in "
        "hertz, and the header of the file"
    )
    # Those below are found in Python alone.
    UNREADABLE = "cannot be read ({0}); open it again"
    TEXT = 'was opened as text; open it with mode "rb"'
    OFFSET = "ends{0}, before the offset of {1} s; lower the offset"
    NEEDS_PYAV = (
        "libsndfile cannot read it ({0}); if it is AAC, M4A, MP4, WebM or another kind of sound, PyAV may: "
        'pip install "sonogram[av]"'
    )
    NO_SOUND = (
        "not a sound that can be read (libsndfile: {0}; FFmpeg: {1}); choose a sound file, or export it as "
        "WAV or FLAC"
    )
    NO_TRACK = "has no sound track; choose a file with sound"


NATIVE_PROBLEMS = tuple(Problem)[: tuple(Problem).index(Problem.UNREADABLE)]
"""The problems that the native library finds; the first one is number 1."""


def failure(name: str, problem: Problem, *details: object) -> AudioError:
    """Return the one-line error about the source `name`, with the attributes `problem` and `details`."""
    error = AudioError(" ".join(f"{name}: {problem.value.format(*details)}".splitlines()))
    error.problem, error.details = problem, details  # type: ignore[attr-defined]
    return error
