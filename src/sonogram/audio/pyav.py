"""AAC, M4A, MP4, WebM and others, decoded by PyAV (FFmpeg), the extra `[av]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sonogram.audio.decoder import CHUNK_SAMPLES, Header, MixLevels, Samples, planes
from sonogram.audio.problems import Problem, failure
from sonogram.audio.source import OpenSource
from sonogram.errors import AudioError

if TYPE_CHECKING:
    import av

__all__ = ["Container", "open_container"]

_DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,iff,matroska,mov,mp3,mpc,mpc8,mpeg,"
    "mpegts,ogg,tak,tta,wav,w64,webm,wv"
)
"""Containers of sound. Not playlists, which name other files and addresses, nor pictures."""
_STATES_LENGTH = ("mov", "matroska", "asf")
"""Containers whose stated duration is exact; in others it is an estimate."""
_SLACK_SECONDS = 0.25
"""How much shorter than stated the samples may be: codec delay and padding, one video frame."""
_NAMES = {"mov": "MP4", "matroska": "MATROSKA"}


def open_container(source: OpenSource, reason: str, missing: tuple[str, ...] = ()) -> Container:
    """Open with PyAV what libsndfile does not support.

    Args:
        source: the open source.
        reason: why libsndfile does not read it.
        missing: bytes of samples that its header states and that it holds, if it holds fewer.

    Returns:
        The decoder.

    Raises:
        AudioError: PyAV is not installed, or does not support the file either.
    """
    try:
        import av
    except ImportError:
        raise failure(source.name, Problem.NEEDS_PYAV, reason) from None
    try:
        opened = av.open(
            source.file,
            "r",
            options={"format_whitelist": _DEMUXERS},
            metadata_errors="ignore",  # a broken title is no reason to refuse the sound
        )
    except Exception as error:  # PyAV has a class for each of FFmpeg's faults, not all related
        raise failure(source.name, Problem.NO_SOUND, reason, _reason(error)) from None
    try:
        return Container(source.name, opened, missing)
    except BaseException:
        opened.close()
        raise


class Container:
    """An open sound, decoded by PyAV."""

    def __init__(self, name: str, opened: av.container.InputContainer, missing: tuple[str, ...] = ()) -> None:
        """Take over `opened` and decode its first piece, which alone has the true rate."""
        import av

        self._name = name
        self._missing = missing
        self._levels = MixLevels()
        self._container = opened
        stream = opened.streams.best("audio")
        if not isinstance(stream, av.AudioStream):
            raise failure(name, Problem.NO_TRACK)
        self._frames = self._decode(stream)
        first = next(self._frames, None)
        if first is None:
            raise failure(name, Problem.NO_SAMPLES)
        self._first = first
        kind = opened.format.name.split(",")[0]
        self.header = Header(
            sample_rate=first.sample_rate,
            channels=len(first.layout.channels),
            num_samples=None,
            format=_NAMES.get(kind, kind.upper()),
            subtype=str(stream.codec_context.name).upper(),
        )
        self._stated = _stated_samples(opened, stream, self.header.sample_rate, kind)
        self._end = self._stated if kind == "mov" and stream.duration else None

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def mix_loss(self) -> float:
        """How much the mix lost: see `Decoder.mix_loss`."""
        return self._levels.loss

    def chunks(self, start: int, stop: int | None, *, mono: bool, whole: bool) -> Iterator[Samples]:
        """Decode from `start` to `stop`: see `Decoder.chunks`. From the start, once."""
        position = 0
        pieces: list[Samples] = []
        held = 0
        rate = self.header.sample_rate
        failed: AudioError | None = None
        try:
            for frames in self._pieces():
                skip = max(0, start - position)
                piece = frames[skip : None if stop is None else stop - position]
                if len(piece):
                    self._levels.add(piece)
                    pieces.append(planes(piece, position + skip, rate, self._name, mono=mono))
                    held += len(piece)
                position += len(frames)
                if held >= CHUNK_SAMPLES:  # codec frames are short: a thousand samples or so
                    yield np.concatenate(pieces, axis=1)
                    pieces, held = [], 0
                if stop is not None and position >= stop:
                    break
        except AudioError as error:
            failed = error
        if pieces:  # also those before damage
            yield np.concatenate(pieces, axis=1)
        if failed is not None:
            if self._missing:  # FFmpeg 8.0 refuses the last packet where it is cut
                raise self._truncated()
            raise failed
        if stop is None or position < stop:
            self._check_end(position)

    def _check_end(self, position: int) -> None:
        if self._missing:
            raise self._truncated()
        slack = _SLACK_SECONDS * self.header.sample_rate
        if self._stated is not None and position < self._stated - slack:
            raise failure(self._name, Problem.TRUNCATED_SAMPLES, self._stated, position)

    def _pieces(self) -> Iterator[npt.NDArray[np.float32]]:
        """Yield the samples of each frame, of the last one those before the end that the edit list states."""
        last, position = self._to_samples(self._first), 0
        try:
            for frame in self._frames:
                following = self._to_samples(frame)
                yield last
                position += len(last)
                last = following
        except AudioError:
            yield last
            raise
        # AAC fills its last frame with padding. More than a frame is no padding: the duration is wrong.
        rest = None if self._end is None else self._end - position
        yield last[:rest] if rest is not None and 0 < rest < len(last) else last

    def _decode(self, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
        try:
            for frame in self._container.decode(stream):
                if frame.samples > 0:
                    yield frame
        except Exception as error:  # as in open_container
            raise self._corrupt(_reason(error)) from None

    def _to_samples(self, frame: av.AudioFrame) -> npt.NDArray[np.float32]:
        channels = len(frame.layout.channels)
        if (frame.sample_rate, channels) != (self.header.sample_rate, self.header.channels):
            raise self._corrupt(
                f"it changes from {self.header.sample_rate} Hz and {self.header.channels} channels "
                f"to {frame.sample_rate} Hz and {channels} within"
            )
        array = _to_array(frame)
        if frame.format.is_planar:
            array = array.T
        return _to_float32(array.reshape(-1, channels))

    def _truncated(self) -> AudioError:
        return failure(self._name, Problem.TRUNCATED_BYTES, *self._missing)

    def _corrupt(self, reason: str) -> AudioError:
        return failure(self._name, Problem.CORRUPT, reason)


def _to_array(frame: av.AudioFrame) -> npt.NDArray[Any]:
    """Return the values of a frame; PyAV has no arrays of 64-bit integers."""
    if not frame.format.name.startswith("s64"):
        return frame.to_ndarray()
    size = frame.samples * (1 if frame.format.is_planar else len(frame.layout.channels))
    return np.stack([np.frombuffer(bytes(plane), np.int64)[:size] for plane in frame.planes])


def _to_float32(array: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Integers to [-1, 1): full scale is the type's own; 8 bits are stored with an offset."""
    if array.dtype == np.uint8:
        return (array.astype(np.float32) - np.float32(128)) / np.float32(128)
    if np.issubdtype(array.dtype, np.integer):
        scale = -float(np.iinfo(array.dtype).min)
        return (array / scale).astype(np.float32)
    return array.astype(np.float32)


def _stated_samples(
    opened: av.container.InputContainer, stream: av.AudioStream, sample_rate: int, kind: str
) -> int | None:
    if kind not in _STATES_LENGTH:
        return None
    if stream.duration is not None and stream.time_base is not None:
        return int(stream.duration * stream.time_base * sample_rate)
    if opened.duration is not None and len(opened.streams) == 1:
        return int(opened.duration * sample_rate // 1_000_000)  # in microseconds
    return None


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)
