"""Small archives to extract."""

from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Twelve clips in two folders, of unequal length and rate, and one file that is no sound."""
    folder = tmp_path / "archive"
    rng = np.random.default_rng(0)
    for index in range(12):
        path = folder / ("even" if index % 2 == 0 else "odd") / f"{index:02d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = 0.1 * rng.standard_normal(4000 + 777 * index)
        soundfile.write(path, samples, 8000 if index % 3 else 16000, subtype="PCM_16")
    (folder / "odd" / "broken.wav").write_bytes(b"RIFF, but nothing else")
    return folder
