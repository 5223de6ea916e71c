"""A small data set that is easy to learn, and a network that learns it in little time."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clips, clips
from sonogram.models import Body, register


def _small(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Process each frame alone. Everything that a training must restore is here: averages, random numbers."""
    frames = keras.layers.Dense(16, activation="relu")(features)
    frames = keras.layers.Dropout(dropout)(keras.layers.BatchNormalization()(frames))
    return sg.layers.MaskFrames()([frames, valid]), valid


@pytest.fixture(scope="session", autouse=True)
def _small_network() -> None:
    """Register it with the first of these tests: tests of all networks are not about this one."""
    register("small", Body(_small, look_ahead=0, look_back=0))


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Low and high tones in a little noise, 8 each, from four groups, of unequal length."""
    folder = tmp_path_factory.mktemp("tones")
    rng = np.random.default_rng(0)
    lines = ["path,label,group"]
    for label, hertz in (("low", 300), ("high", 2000)):
        for index in range(8):
            time = np.arange(rng.integers(1200, 2400)) / 8000
            tone = 0.3 * np.sin(2 * np.pi * hertz * rng.uniform(0.9, 1.1) * time)
            name = f"{label}{index}.wav"
            sg.save(folder / name, tone + 0.01 * rng.standard_normal(len(time)), 8000)
            lines.append(f"{name},{label},group {index % 4}")
    (folder / "manifest.csv").write_text("\n".join(lines))
    return clips(Path(folder))
