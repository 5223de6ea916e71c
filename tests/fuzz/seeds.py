"""Small sounds in every container and coding, for the fuzzers to begin with."""

import io
import os
from pathlib import Path

import numpy as np
import soundfile

DATA = Path(os.environ.get("SONOGRAM_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
LARGEST = 1 << 15
"""Bytes: fuzzers change small files best."""
CONTAINERS = {"mp4": "aac", "adts": "aac", "matroska": "pcm_s16le", "avi": "pcm_s16le", "mpegts": "mp2"}


def write_seeds(folder: Path) -> int:
    """Write the seeds and return their number."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (1_200, 2))
    for kind in soundfile.available_formats().keys() - {"SD2"}:  # it writes a second file
        for coding in soundfile.available_subtypes(kind):
            file = io.BytesIO()
            try:
                soundfile.write(file, samples[:, : 1 + len(coding) % 2], 16_000, coding, format=kind)
            except soundfile.LibsndfileError:
                continue
            (folder / f"{kind}-{coding}").write_bytes(file.getvalue())
    for kind, coding in CONTAINERS.items():
        (folder / f"{kind}-{coding}").write_bytes(_container(samples, kind, coding))
    for path in sorted(DATA.glob("[emr]*/*")):
        if path.parent.name in ("encodings", "malformed", "reports") and path.suffix != ".md":
            (folder / f"{path.parent.name}-{path.name}").write_bytes(path.read_bytes()[:LARGEST])
    return len(list(folder.iterdir()))


def _container(samples: np.ndarray, kind: str, coding: str) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(coding, rate=16_000, layout="stereo")
        plane = np.ascontiguousarray(samples.T, np.float32)
        frame = av.AudioFrame.from_ndarray(plane, format="fltp", layout="stereo")
        frame.sample_rate = 16_000
        resampler = av.AudioResampler(stream.codec_context.format, "stereo", 16_000)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()
