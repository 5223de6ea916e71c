"""Write samples to a file: WAV, FLAC or Ogg Vorbis."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from sonogram.audio.rates import MAX_RATE, RATE_RULE, is_rate
from sonogram.errors import AudioError
from sonogram.files import atomic_path, disk_remedy
from sonogram.peers import with_known_keywords
from sonogram.samples import refuse_mask

__all__ = ["save"]

_FORMATS: Final = {
    ".wav": ("WAV", "FLOAT", 1024, MAX_RATE),
    ".flac": ("FLAC", "PCM_24", 8, 655_350),
    ".ogg": ("OGG", "VORBIS", 255, 200_000),
}
"""Container, coding, most channels and highest rate of each ending; libvorbis crashes beyond its limits."""
_BLOCK_SAMPLES: Final = 1 << 14
"""Samples written at a time: libvorbis takes memory from the stack, and a minute at once overflows it."""
_WAV_LIMIT: Final = 2**32 - 2**16
"""Bytes of samples that the 4-byte sizes of WAV can state; longer ones become RF64."""


@with_known_keywords
def save(path: str | os.PathLike[str], samples: npt.ArrayLike, sample_rate: int) -> None:
    """Write a sound file in the format of its ending: `.wav`, `.flac` or `.ogg`.

    WAV holds 32-bit floats: what `load` reads back is equal bit for bit, beyond [-1, 1] too.
    FLAC holds 24-bit integers and Ogg holds Vorbis; players clip both beyond [-1, 1], so louder
    samples are refused, not clipped. WAV beyond 4 GiB becomes RF64, which `load` reads.

    The file appears whole or not at all: it is written under a temporary name and renamed.

    Args:
        path: Path of the file; an existing file is replaced.
        samples: Floats, `(samples,)` or `(channels, samples)`.
        sample_rate: Hertz.

    Raises:
        AudioError: Another ending, no such folder, no permission, a full disk; samples that are
            empty, not finite, integers, of another shape, or too loud for the format; more channels or a
            higher rate than it holds.

    Example:
        >>> sg.save("silence.wav", np.zeros(8000), 8000)
        >>> sg.load("silence.wav").samples.shape
        (8000,)

    See Also:
        `sonogram.load`, `sonogram.audio.resample`.
    """
    if not isinstance(path, str | os.PathLike):
        raise AudioError(f"the path must be a str or a pathlib.Path; got {type(path).__name__}")
    target = Path(os.path.realpath(path))  # a link stays a link
    name = os.fspath(path)
    if target.suffix.lower() not in _FORMATS:
        raise _refusal(
            name,
            f"cannot write {target.suffix or 'a file without an ending'}",
            "choose .wav, .flac or .ogg",
        )
    container, subtype, most_channels, highest_rate = _FORMATS[target.suffix.lower()]
    frames = _frames(name, samples, sample_rate, bounded=subtype != "FLOAT")
    if frames.shape[1] > most_channels:
        raise _refusal(
            name,
            f"{container} holds at most {most_channels} channels; got {frames.shape[1]}",
            "transpose (samples, channels), or save fewer" + (" or as .wav" if container != "WAV" else ""),
        )
    if sample_rate > highest_rate:
        reason = f"{container} holds at most {highest_rate} Hz; got {sample_rate}"
        raise _refusal(name, reason, "save as .wav")
    if container == "WAV" and frames.nbytes > _WAV_LIMIT:
        container = "RF64"
    if not os.path.isdir(target.parent):
        raise _refusal(name, f"there is no folder {target.parent}", "create it first")
    if os.path.isdir(target):
        raise _refusal(name, "is a folder", "choose another name")
    try:
        with atomic_path(target) as part:
            _write(part, frames, int(sample_rate), container, subtype)
    except _WriteError as error:
        remedy = "try another sample rate, fewer channels or another format"
        raise _refusal(name, f"cannot be written ({error})", remedy) from None
    except OSError as error:
        raise _refusal(name, f"cannot be written ({error.strerror})", disk_remedy(error)) from None


class _WriteError(Exception):
    """libsndfile did not write everything. The text is the reason."""


def _write(
    part: Path, frames: npt.NDArray[np.float32], sample_rate: int, container: str, subtype: str
) -> None:
    import soundfile

    part.touch()  # libsndfile does not state why it cannot
    try:
        with soundfile.SoundFile(part, "w", sample_rate, frames.shape[1], subtype, format=container) as file:
            for start in range(0, len(frames), _BLOCK_SAMPLES):
                file.write(frames[start : start + _BLOCK_SAMPLES])
        # Closing writes the rest, and libsndfile does not report when that fails: count.
        written = soundfile.info(part).frames
    except soundfile.LibsndfileError as error:
        _check_space(part)
        raise _WriteError(error.error_string.removeprefix("Error : ").rstrip(".")) from None
    except (AssertionError, ValueError) as error:  # soundfile asserts that each block fits
        _check_space(part)
        raise _WriteError(str(error) or "only a part was written") from None
    if written != len(frames):
        _check_space(part)
        raise _WriteError(f"{written} of {len(frames)} samples were written")


def _check_space(part: Path) -> None:
    """Raise the error of a full disk, which libsndfile does not report."""
    try:
        with part.open("ab", buffering=0) as file:
            file.write(bytes(_BLOCK_SAMPLES))
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror) from None


def _frames(name: str, samples: npt.ArrayLike, sample_rate: int, *, bounded: bool) -> npt.NDArray[np.float32]:
    """Return the checked samples as `(samples, channels)`."""
    refuse_mask(samples)
    array = np.asarray(samples)
    if not is_rate(sample_rate):
        raise AudioError(f"{RATE_RULE}; got {sample_rate!r:.80}")
    if not np.issubdtype(array.dtype, np.floating):
        raise _refusal(
            name,
            f"samples must be floats in [-1, 1]; got {array.dtype}",
            "divide integers by their full scale (32768 for int16)",
        )
    if array.ndim not in (1, 2) or array.size == 0:
        raise _refusal(
            name,
            f"samples must be (samples,) or (channels, samples); got {array.shape}",
            "transpose (samples, channels)" if array.ndim == 2 else "give at least one",
        )
    with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinite, refused below
        frames = np.atleast_2d(array).T.astype(np.float32)
    peak = float(np.abs(frames).max())
    if not np.isfinite(peak):
        raise _refusal(
            name,
            "samples must be finite; got NaN or infinity",
            "remove them, for example with numpy.nan_to_num",
        )
    if bounded and peak > 1:
        raise _refusal(
            name,
            f"samples reach {peak:g}, beyond [-1, 1], and would be clipped",
            "divide them by their peak, or save as .wav, which holds any level",
        )
    return frames


def _refusal(name: str, reason: str, remedy: str) -> AudioError:
    return AudioError(" ".join(f"{name}: {reason}; {remedy}".splitlines()))
