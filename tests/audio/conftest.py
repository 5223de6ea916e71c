"""Sounds that the audio tests share, made here: nothing is read from outside the clone."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

SAMPLE_RATE = 16_000


@pytest.fixture(scope="session")
def stereo() -> npt.NDArray[np.float32]:
    """Two seconds of two different sweeps with a little noise, (samples, channels), below 0.7."""
    rng = np.random.default_rng(7)
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    left = 0.5 * np.sin(2 * np.pi * (200 + 600 * time) * time)
    right = 0.3 * np.sin(2 * np.pi * (1500 - 400 * time) * time)
    noise = 0.05 * rng.standard_normal((len(time), 2))
    return (np.stack([left, right], axis=1) + noise).astype(np.float32)


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Samples, a format and a coding to the bytes of a file."""

    def to_bytes(
        samples: npt.ArrayLike, kind: str = "WAV", coding: str = "PCM_16", rate: int = SAMPLE_RATE
    ) -> bytes:
        file = io.BytesIO()
        soundfile.write(file, np.asarray(samples), rate, format=kind, subtype=coding)
        return file.getvalue()

    return to_bytes


@pytest.fixture
def broken_mp3(stereo: npt.NDArray[np.float32], encode: Callable[..., bytes], tmp_path: Path) -> Path:
    """A file with damage that makes the decoder in C print notes."""
    content = bytearray(encode(np.tile(stereo, (4, 1)), "MP3", "MPEG_LAYER_III"))
    content[3_000:4_500] = b"\xff\xfb\x12\x34" * 375
    del content[-2_000:]
    path = tmp_path / "broken.mp3"
    path.write_bytes(content)
    return path


@pytest.fixture
def encode_aac() -> Callable[..., bytes]:
    """Samples (samples, channels) to the bytes of an MP4 file with AAC in it."""
    import av

    def to_bytes(samples: npt.NDArray[np.float32], *, kind: str = "mp4", coding: str = "aac") -> bytes:
        file = io.BytesIO()
        with av.open(file, "w", format=kind) as container:
            stream = container.add_stream(coding, rate=SAMPLE_RATE, layout="stereo")
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples.T), format="fltp", layout="stereo"
            )
            frame.sample_rate = SAMPLE_RATE
            resampler = av.AudioResampler(stream.codec_context.format, "stereo", SAMPLE_RATE)
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(stream.encode(piece))
            container.mux(stream.encode(None))
        return file.getvalue()

    return to_bytes
