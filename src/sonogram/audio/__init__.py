"""Sound files and bytes to samples and back: decode, mix, resample, read in blocks, write.

The only package that opens sound files. Decoders are tried in this order: the native library (libsndfile
without Python's lock), soundfile where that library was not built, PyAV for the kinds of files that
libsndfile does not support. Without the native library sounds still load, with weaker checks: MP3 without a
length tag is cut where libsndfile estimates its end, truncated files are shortened silently, files that a
recorder never closed are empty, and of chained Ogg files the first stream is read. `decode`, `resample` and
`Resampler` need the native library.

Nothing heavy is imported before a file is read.
"""

from typing import TYPE_CHECKING, Any

from sonogram.audio.facts import AudioInfo, header, info
from sonogram.audio.read import Audio, blocks, load
from sonogram.audio.recorded import recorded_at
from sonogram.audio.resample import Resampler, resample
from sonogram.audio.source import SoundSource, hold, source_name
from sonogram.audio.versions import versions
from sonogram.audio.write import save
from sonogram.errors import ChannelsCancelWarning, PartialSoundWarning

if TYPE_CHECKING:
    from sonogram.audio.ops import decode

__all__ = [
    "Audio",
    "AudioInfo",
    "ChannelsCancelWarning",
    "PartialSoundWarning",
    "Resampler",
    "SoundSource",
    "blocks",
    "decode",
    "header",
    "hold",
    "info",
    "load",
    "recorded_at",
    "resample",
    "save",
    "source_name",
    "versions",
]


def __getattr__(name: str) -> Any:
    if name == "decode":  # it needs TensorFlow
        from sonogram.audio.ops import decode

        return decode
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
