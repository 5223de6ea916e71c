"""The choice between the mean of the clip and that of its bands."""

import numpy as np

from sonogram.dataset import Clip, Clips
from sonogram.training import choose_center

GROUPS = [f"kit {index % 4}" for index in range(40)]
TARGETS = np.eye(2, dtype=np.float32)[np.arange(40) // 4 % 2]
DATA = Clips(Clip(f"{index}.wav", "ab"[int(TARGETS[index, 1])], GROUPS[index]) for index in range(40))


def clips(of_label: np.ndarray, of_group: np.ndarray) -> list[np.ndarray]:
    """Faint noise with what the label and the group add, `(frames, bands)` each."""
    rng = np.random.default_rng(0)
    found = []
    for index in range(40):
        noise = 0.1 * rng.standard_normal((20, 6))
        added = of_label[int(TARGETS[index, 1])] + of_group[index % 4]
        found.append((noise + added).astype(np.float16))
    return found


def test_a_color_that_is_the_sound_stays() -> None:
    color = np.array([[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]])[:, None]
    assert choose_center(DATA, clips(color, np.zeros((4, 1, 6))), TARGETS) == "clip"


def test_a_color_of_the_group_goes_where_the_sound_moves() -> None:
    motion = np.stack([np.linspace(1, -1, 20), np.linspace(-1, 1, 20)])[..., None]
    color = np.random.default_rng(1).normal(scale=3, size=(4, 1, 6))
    assert choose_center(DATA, clips(motion, color), TARGETS) == "band"


def test_without_groups_there_is_nothing_to_try() -> None:
    color = np.zeros((2, 1, 6))
    assert (
        choose_center(
            Clips(clip._replace(group=None) for clip in DATA), clips(color, np.zeros((4, 1, 6))), TARGETS
        )
        == "clip"
    )


def test_a_list_sorted_by_label_is_tried_whole() -> None:
    color = np.array([[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]])[:, None]
    sorted_ = np.argsort(TARGETS[:, 1], kind="stable")
    found = clips(color, np.zeros((4, 1, 6)))
    many = [found[index] for index in np.repeat(sorted_, 120)]
    data = Clips(
        DATA[index]._replace(path=f"{place}.wav") for place, index in enumerate(np.repeat(sorted_, 120))
    )
    assert choose_center(data, many, TARGETS[np.repeat(sorted_, 120)]) == "clip"
