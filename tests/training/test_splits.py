"""Which clips a training learns from, holds out and leaves alone."""

import pytest

from sonogram.dataset import Clip
from sonogram.errors import SonogramError
from sonogram.training import Settings, divided, parts, to_judge


def listed(*splits: str | None) -> list[Clip]:
    return [Clip(f"{index}.wav", "ab"[index % 2], None, split) for index, split in enumerate(splits)]


def names(clips: tuple[Clip, ...]) -> str:
    return "".join(clip.path[0] for clip in clips)


def test_the_splits_of_the_makers() -> None:
    found = parts(listed("train", "Training", None, "validation", "valid", "dev", "val", "test", "testing"))
    assert tuple(map(names, found)) == ("012", "3456", "78")


def test_numbers_of_folds_divide_nothing() -> None:
    assert tuple(map(names, parts(listed("1", "2", None, "3")))) == ("0123", "", "")


def test_a_name_that_is_no_part_is_told() -> None:
    with pytest.raises(SonogramError, match="'extra' is none of train, validation, test"):
        parts(listed("train", "extra"))


def test_a_share_divides_anew_but_never_what_is_judged_on() -> None:
    data = listed(*["train"] * 4, *["dev"] * 4, "test")
    assert tuple(map(names, divided(data, Settings()))) == ("0123", "4567", "8")
    assert tuple(map(names, divided(data, Settings(validation=0.0)))) == ("01234567", "", "8")
    learned, held, test = divided(data, Settings(validation=0.25))
    assert (len(learned), len(held), names(test)) == (6, 2, "8")
    assert {*learned, *held} == set(data[:8])


def test_a_sixth_of_many_is_held_out_where_no_split_says_what() -> None:
    data = [Clip(f"{index}.wav", "ab"[index % 2]) for index in range(2000)]
    assert [len(part) for part in divided(data, Settings())] == [1667, 333, 0]
    assert [len(part) for part in divided(data[:-1], Settings())] == [1999, 0, 0]
    data[0] = data[0]._replace(split="dev")
    assert [len(part) for part in divided(data, Settings())] == [1999, 1, 0]


@pytest.mark.parametrize("split", ["test", "dev"])
def test_nothing_to_learn_from(split: str) -> None:
    with pytest.raises(SonogramError, match="no clip to learn from"):
        divided(listed(split, split), Settings())


def test_what_a_model_is_judged_on() -> None:
    for splits, chosen in (((None, None), "01"), (("1", "2"), "01"), (("dev", "dev"), "01")):
        assert names(to_judge(listed(*splits))) == chosen
    assert names(to_judge(listed("train", "test", "dev"))) == "1"
    for splits in (("train", "dev"), ("train", "train"), (None, "dev")):
        with pytest.raises(SonogramError, match="no clip is kept to judge on"):
            to_judge(listed(*splits))
