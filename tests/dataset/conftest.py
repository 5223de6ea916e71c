"""Small data sets that the tests share, made here."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sonogram.audio import save
from sonogram.dataset import Clip, Clips

SAMPLE_RATE = 8000
LENGTHS = (2000, 8000, 5000, 12000, 3000, 9000)
"""Samples of the clips of `mixed`."""


def sound(num_samples: int, seed: int) -> np.ndarray:
    """Noise of its own for each seed, float32 in [-0.5, 0.5]."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, num_samples).astype(np.float32)


@pytest.fixture
def touch() -> Callable[..., None]:
    """Create empty files with their folders."""

    def make(folder: Path, *names: str) -> None:
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return make


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Six clips of unequal length in two classes, float WAV: what is read is what was written."""
    folder = tmp_path_factory.mktemp("mixed")
    items = []
    for index, length in enumerate(LENGTHS):
        path = folder / f"{index}.wav"
        save(path, sound(length, index), SAMPLE_RATE)
        items.append(Clip(str(path), "ab"[index % 2]))
    return Clips(items)
