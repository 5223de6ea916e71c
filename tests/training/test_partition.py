"""Which clips a training learns from, holds out and leaves alone."""

import pytest

from sonogram.dataset import Clip, Clips
from sonogram.errors import SonogramError
from sonogram.training import TrainingSettings, evaluation_clips, partition, published_partition

pytestmark = pytest.mark.quick


def listed(*splits: str | None) -> Clips:
    return Clips(Clip(f"{index}.wav", "ab"[index % 2], None, split) for index, split in enumerate(splits))


def names(clips: Clips) -> str:
    return "".join(clip.path[0] for clip in clips)


def test_the_splits_of_the_makers() -> None:
    found = published_partition(
        listed("train", "Training", None, "validation", "valid", "dev", "val", "test", "testing")
    )
    assert tuple(map(names, found)) == ("012", "3456", "78")


def test_numbers_of_folds_divide_nothing() -> None:
    assert tuple(map(names, published_partition(listed("1", "2", None, "3")))) == ("0123", "", "")


def test_a_name_that_is_no_part_is_told() -> None:
    with pytest.raises(SonogramError, match="split must be one of train, validation, test; got 'extra'"):
        published_partition(listed("train", "extra"))


def test_a_share_divides_anew_but_never_what_is_judged_on() -> None:
    data = listed(*["train"] * 4, *["dev"] * 4, "test")
    assert tuple(map(names, partition(data, TrainingSettings()))) == ("0123", "4567", "8")
    assert tuple(map(names, partition(data, TrainingSettings(validation=0.0)))) == ("01234567", "", "8")
    learned, held, test = partition(data, TrainingSettings(validation=0.25))
    assert (len(learned), len(held), names(test)) == (6, 2, "8")
    assert {*learned, *held} == set(data[:8])


def test_a_sixth_of_many_is_held_out_where_no_split_says_what() -> None:
    data = Clips(Clip(f"{index}.wav", "ab"[index % 2]) for index in range(2000))
    assert [len(part) for part in partition(data, TrainingSettings())] == [1667, 333, 0]
    assert [len(part) for part in partition(data[:-1], TrainingSettings())] == [1999, 0, 0]
    data = Clips([data[0]._replace(split="dev"), *data[1:]])
    assert [len(part) for part in partition(data, TrainingSettings())] == [1999, 1, 0]


@pytest.mark.parametrize("split", ["test", "dev"])
def test_nothing_to_learn_from(split: str) -> None:
    with pytest.raises(SonogramError, match="there are no training clips"):
        partition(listed(split, split), TrainingSettings())


def test_what_a_model_is_judged_on() -> None:
    for splits, chosen in (((None, None), "01"), (("1", "2"), "01"), (("dev", "dev"), "01")):
        assert names(evaluation_clips(listed(*splits))) == chosen
    assert names(evaluation_clips(listed("train", "test", "dev"))) == "1"
    for splits in (("train", "dev"), ("train", "train"), (None, "dev")):
        with pytest.raises(SonogramError, match="the column split has no test clips"):
            evaluation_clips(listed(*splits))
