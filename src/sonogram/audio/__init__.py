"""Sound files and bytes to samples and back: decode, mix, resample, read in blocks, write.

The only room of Python that opens sound files; the native library (`native/cpp/audio`) decodes too,
to the same samples. Nothing heavy is imported before a file is read.
"""

from sonogram.audio.read import Audio, AudioInfo, blocks, info, load
from sonogram.audio.source import SoundSource
from sonogram.audio.versions import versions
from sonogram.audio.write import save

__all__ = ["Audio", "AudioInfo", "SoundSource", "blocks", "info", "load", "save", "versions"]
