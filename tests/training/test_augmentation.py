"""What the versions of a clip are made of."""

from typing import Any

import numpy as np
import pytest
import signals

from sonogram.dataset import Clip, Clips, LoadedClips
from sonogram.training import TrainingSettings, augmentation

RATE = 8000


@pytest.mark.parametrize(("augment", "vary_ends"), [(True, True), (True, False), (False, True)])
def test_a_clip_stands_anywhere_amid_silence(
    augment: bool, vary_ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = signals.noise(2000).astype(np.float32)
    given = []

    def traced(front: Any, layers: Any) -> Any:
        def compute(samples: Any, lengths: Any, seeds: Any) -> Any:
            given.append(samples[0, : lengths[0]])
            return np.zeros((1, 3, 2), np.float32), np.ones((1, 3), np.float32)

        return compute

    monkeypatch.setattr(augmentation, "_trace", traced)
    loaded = LoadedClips(Clips([Clip("a.wav", "a")]), (clip,), RATE)
    settings = TrainingSettings(versions=20, augment=augment)
    augmentation.AugmentedFeatures(loaded, None, settings, vary_ends)  # type: ignore[arg-type]
    starts = [int(np.flatnonzero(samples)[0]) for samples in given]
    for start, samples in zip(starts, given, strict=True):
        found = samples[start : start + len(clip)]
        np.testing.assert_array_equal(found, clip / np.abs(clip).max())
        assert len(samples) <= 1.5 * len(clip)
        assert not samples[start + len(clip) :].any()
    if not (augment and vary_ends):
        assert set(starts) == {0}
    else:
        assert len(set(starts)) > 10
        assert starts.count(0) > 0
        assert max(starts) > 300  # of 500, a quarter of the clip


def test_a_clip_is_trimmed_closer_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    loud, faint = signals.noise(2000), 0.05 * signals.noise(2000, 2)  # 26 dB below
    clip = np.concatenate([faint, loud]).astype(np.float32)
    lengths = []

    def traced(front: Any, layers: Any) -> Any:
        def compute(samples: Any, valid: Any, seeds: Any) -> Any:
            lengths.append(np.count_nonzero(samples))
            return np.zeros((1, 3, 2), np.float32), np.ones((1, 3), np.float32)

        return compute

    monkeypatch.setattr(augmentation, "_trace", traced)
    loaded = LoadedClips(Clips([Clip("a.wav", "a")]), (clip,), RATE)
    augmentation.AugmentedFeatures(loaded, None, TrainingSettings(versions=20), vary_ends=True)  # type: ignore[arg-type]
    near = 2000 + RATE * 3 // 100
    assert {round(length, -2) for length in lengths} == {round(near, -2), 4000}


@pytest.mark.parametrize(
    ("rate", "upper"), [(8000, (2800, 3920)), (16_000, (2800, 7600)), (32_000, (5600, 15_200))]
)
def test_a_narrow_band_is_one_of_what_the_rate_holds(rate: int, upper: tuple[float, float]) -> None:
    layers = augmentation._augmentations(rate, TrainingSettings())
    [narrow] = [layer for layer in layers if type(layer).__name__ == "BandPass"]
    assert narrow.upper_hz == pytest.approx(upper)
