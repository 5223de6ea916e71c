"""The choice of the decoder for a source."""

from __future__ import annotations

from sonogram.audio import native
from sonogram.audio.decoder import Decoder, UnknownSoundError
from sonogram.audio.source import OpenSource

__all__ = ["open_decoder"]


def open_decoder(source: OpenSource, *, partial: bool = False) -> Decoder:
    """Open the decoder for `source`.

    libsndfile decides first, so a format that it reads gives the same samples whether PyAV is installed or
    not; PyAV is tried only for kinds of files that libsndfile does not support.

    Args:
        source: the open source.
        partial: whether a truncated sound is opened; its header then states what is missing, or reading it
            raises the error after the samples that are there.

    Raises:
        AudioError: no decoder can read it.
    """
    try:
        if native.available():
            return native.NativeDecoder(source, partial=partial)
        from sonogram.audio.sndfile import Sndfile  # not needed for `sonogram --help`, as PyAV below

        return Sndfile(source)
    except UnknownSoundError as unknown:
        from sonogram.audio.pyav import open_container

        source.file.seek(0)
        return open_container(source, str(unknown), unknown.missing)
