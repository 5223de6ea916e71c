import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sonogram.dataset import Clip, Clips, clips, folds, leave_one_out, split
from sonogram.dataset.splitting import fold_numbers, random_subset
from sonogram.errors import SonogramError


def data(num_clips: int, num_classes: int, num_groups: int | None, seed: int = 0) -> Clips:
    """Clips of random classes and groups."""
    rng = np.random.default_rng(seed)
    group = rng.integers(num_groups, size=num_clips) if num_groups else None
    return Clips(
        Clip(f"{i}.wav", f"c{rng.integers(num_classes)}", None if group is None else f"g{group[i]}")
        for i in range(num_clips)
    )


@given(
    num_clips=st.integers(30, 200),
    num_classes=st.integers(1, 6),
    num_groups=st.integers(2, 20),
    share=st.floats(0.05, 0.95),
    seed=st.integers(0, 3),
)
def test_no_group_crosses_and_no_clip_is_lost(
    num_clips: int, num_classes: int, num_groups: int, share: float, seed: int
) -> None:
    whole = data(num_clips, num_classes, num_groups, seed)
    train, validation = split(whole, share, seed=seed)
    assert not train.groups & validation.groups
    assert sorted([*train, *validation]) == sorted(whole)
    assert len(train)
    assert len(validation)
    assert train.classes == validation.classes == whole.classes


def test_without_groups_each_class_has_its_share_to_one_clip() -> None:
    whole = data(1000, 7, None)
    validation = split(whole, 0.2).validation
    assert len(validation) == 200
    for label, count in whole.counts.items():
        assert abs(validation.counts[label] - 0.2 * count) <= 1, label


def test_with_many_small_groups_each_class_has_about_its_share() -> None:
    whole = data(2000, 5, 200)
    validation = split(whole, 0.25).validation
    for label, count in whole.counts.items():
        # A group has two clips of a class on average: the last ones to be placed leave about so many over.
        assert abs(validation.counts[label] - 0.25 * count) <= 8, label


def test_a_class_of_one_clip_is_learned_not_judged() -> None:
    for seed in range(20):
        items = [Clip(f"{i}.wav", "common", f"g{i // 4}") for i in range(40)]
        grouped = Clips([*items, Clip("rare.wav", "rare", "g40")])
        alone = Clips(clip._replace(group=None) for clip in grouped)
        assert split(grouped, 0.2, seed=seed).train.counts["rare"] == 1
        assert split(alone, 0.2, seed=seed).train.counts["rare"] == 1


def test_no_class_is_judged_only_where_groups_allow_it() -> None:
    for seed in range(9):
        rng = np.random.default_rng(seed)
        whole = Clips(
            Clip(f"{group}-{index}", f"c{min(int(rng.zipf(1.6)) - 1, 25)}", f"g{group}")
            for group in range(20)
            for index in range(int(rng.integers(3, 40)))
        )
        # Rare classes live in one group, and their shares alone would send some of those to be judged.
        assert all(split(whole, 0.25, seed=seed).train.counts.values()), seed


def test_the_seed_decides_in_every_process() -> None:
    whole = data(100, 4, 10)
    assert split(whole, seed=3) == split(whole, seed=3)
    assert len({split(whole, seed=seed).validation.paths for seed in range(8)}) > 2
    code = (
        "from sonogram.dataset import Clip, Clips, split\n"
        "whole = Clips(Clip(f'{i}', 'abc'[i % 3], f'g{i % 9}') for i in range(90))\n"
        "print(split(whole, 0.3, seed=5).validation.paths)\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": hashing},
        ).stdout
        for hashing in ("1", "2")
    }
    assert len(runs) == 1


def test_every_clip_is_judged_in_one_fold() -> None:
    whole = data(300, 5, 12)
    parts = folds(whole, 4, seed=1)
    assert sorted(clip for part in parts for clip in part.validation) == sorted(whole)
    for train, validation in parts:
        assert len(train) + len(validation) == len(whole)
        assert not train.groups & validation.groups
        assert 45 <= len(validation) <= 105  # a quarter is 75, a group is 25


def test_as_many_folds_as_groups_leave_one_out() -> None:
    whole = data(100, 3, 5)
    assert {frozenset(part.validation.groups) for part in folds(whole, 5)} == {
        frozenset(part.validation.groups) for part in leave_one_out(whole)
    }
    assert all(len(part.validation.groups) == 1 for part in leave_one_out(whole))


def test_published_folds_are_left_out_in_turn() -> None:
    whole = Clips(Clip(f"{i}", "ab"[i % 2], f"g{i}", str(i % 5 + 1)) for i in range(20))
    assert [part.validation.splits for part in leave_one_out(whole, by="split")] == [
        {str(i)} for i in range(1, 6)
    ]


def test_counts_are_shown() -> None:
    whole = Clips(Clip(f"{i}.wav", "ab"[i % 2], f"voice {i // 4}") for i in range(16))
    lines = str(split(whole, 0.25)).splitlines()
    assert [line.split() for line in lines] == [
        ["class", "train", "validation"],
        ["a", "6", "2"],
        ["b", "6", "2"],
        ["clips", "12", "4"],
        ["groups", "3", "1"],
        ["groups", "in", "both", "0", "0"],
    ]


def test_what_cannot_be_split_is_refused() -> None:
    one = Clips(Clip(f"{i}", "a", "anna") for i in range(5))
    with pytest.raises(SonogramError, match="1 groups cannot be divided into 2 parts"):
        split(one)
    with pytest.raises(SonogramError, match="validation must be a share between 0 and 1"):
        split(data(10, 2, None), 20)
    with pytest.raises(SonogramError, match="3 groups cannot be divided into 5"):
        folds(data(50, 2, 3), 5)
    with pytest.raises(SonogramError, match="all clips have one group, anna"):
        leave_one_out(one)
    with pytest.raises(SonogramError, match="has no split"):
        leave_one_out(one, by="split")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda some: split(some, seed=-1), "seed must be a whole number, at least 0; got -1"),
        (lambda some: split(some, "a"), "validation must be a share between 0 and 1, such as 0.2; got 'a'"),
        (lambda some: folds(some, "a"), "count must be a whole number of folds, at least 2; got 'a'"),
        (lambda some: folds(some, 2.5), "count must be a whole number of folds, at least 2; got 2.5"),
        (lambda _: clips(""), "the name of the data set is empty"),
    ],
)
def test_arguments_that_cannot_be_meant(call: Any, message: str) -> None:
    some = Clips(Clip(f"{index}.wav", "ab"[index % 2]) for index in range(6))
    with pytest.raises(SonogramError, match=message):
        call(some)


@pytest.mark.parametrize("num_groups", [None, 3, 9])
def test_fold_numbers_are_those_of_the_folds(num_groups: int | None) -> None:
    whole = data(40, 3, num_groups)
    fold_of = fold_numbers(whole, 5, seed=1)
    assert fold_of is not None
    parts = folds(whole, min(5, len(whole.groups) or 5), seed=1)
    for number, (train, validation) in enumerate(parts):
        assert whole.select(np.flatnonzero(fold_of == number)).items == validation.items
        assert whole.select(np.flatnonzero(fold_of != number)).items == train.items


def test_one_group_has_no_folds() -> None:
    assert fold_numbers(data(4, 2, 1), 5) is None


def test_a_random_subset_is_sorted_and_has_no_more_than_there_is() -> None:
    assert random_subset(3, 3).tolist() == [0, 1, 2]
    chosen = random_subset(1000, 50, seed=1)
    assert len(np.unique(chosen)) == 50
    assert (np.diff(chosen) > 0).all()
    assert chosen.tolist() == random_subset(1000, 50, seed=1).tolist() != random_subset(1000, 50).tolist()
