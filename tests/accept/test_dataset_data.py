"""Three real data sets: each is split by groups, read completely, and trains a model."""

from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import (
    Fixed,
    batches,
    check_files,
    clips,
    fit_normalization,
    folds,
    leave_one_out,
    split,
)

pytestmark = pytest.mark.accept

# Clips, classes and groups of each; the counts are those that its README states.
SETS = {"words": (168, 42, 4), "drums": (623, 12, 16), "environment": (417, 34, 21)}


@pytest.mark.parametrize("name", SETS)
def test_one_call_gives_sets_that_no_group_crosses(shared_data: Path, name: str) -> None:
    sets = split(shared_data / name, validation=0.25, seed=0)
    print(f"\n{name}\n{sets}")
    train, validation = sets
    num_clips, num_classes, num_groups = SETS[name]
    assert len(train) + len(validation) == num_clips
    assert len(train.classes) == num_classes
    assert len(train.groups) + len(validation.groups) == num_groups
    assert not train.groups & validation.groups
    assert all(train.counts.values()), "a class is judged and never learned"
    # Within a group of the wanted quarter: the largest group of the three has 70 clips.
    assert abs(len(validation) - 0.25 * num_clips) < 70
    assert "groups in both" in str(sets)


def test_words_leave_one_voice_out(shared_data: Path) -> None:
    voices = {frozenset(part.validation.groups) for part in folds(shared_data / "words", 4)}
    assert voices == {frozenset(part.validation.groups) for part in leave_one_out(shared_data / "words")}
    assert len(voices) == 4


def test_environment_keeps_the_twenty_frequent_classes(shared_data: Path) -> None:
    frequent = clips(shared_data / "environment").of_frequent_classes(8)
    assert len(frequent.classes) == 20
    sizes = [len(part.validation) for part in folds(frequent, 5)]
    assert sum(sizes) == len(frequent)
    assert max(sizes) < 2 * min(sizes)


@pytest.mark.parametrize("name", SETS)
def test_every_clip_reaches_a_batch(shared_data: Path, name: str) -> None:
    good, report = check_files(shared_data / name)
    assert not report, str(report)
    frontend = fit_normalization(sg.preset("whisper-80"), good)
    mean = np.zeros(80)
    count = 0
    for features, _ in batches(good, frontend, Fixed(1), batch_size=64, seed=0):
        assert features.shape[1:] == (100, 80)
        assert np.isfinite(features.numpy()).all()
        mean += features.numpy().mean(axis=1).sum(axis=0)
        count += len(features)
    assert count == SETS[name][0]
