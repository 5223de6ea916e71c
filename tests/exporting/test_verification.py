"""The measures by themselves: what passes, what does not, what rounding costs."""

import numpy as np
import pytest

import sonogram as sg
from sonogram.exporting.cases import BATCH_SIZE, comparison_cases, generate_clips, is_single
from sonogram.exporting.model import ModelInput
from sonogram.exporting.quantize import assert_unchanged, is_part_of, to_int8
from sonogram.exporting.verification import check_tolerance, compare

pytestmark = pytest.mark.quick

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3]], np.float32)
VALUES = np.linspace(-80, 0, 600, dtype=np.float32).reshape(2, 10, 30)


def test_probabilities_are_compared_as_they_are() -> None:
    off = PROBABILITIES + np.array([[0.001, 0, 0], [0.2, -0.2, 0]], np.float32)
    found = compare([{"output": PROBABILITIES}], [{"output": off}])
    assert found.measure == "probabilities"
    assert found.max_error == pytest.approx(0.2)
    assert found.same_top_class == 0.5


def test_values_are_compared_in_parts_of_the_largest() -> None:
    off = VALUES.copy()
    off[0, 0, 0] += 8
    found = compare([{"output": VALUES}], [{"output": off}])
    assert (found.measure, found.same_top_class) == ("values", None)
    assert found.max_error == pytest.approx(0.1)
    assert found.rms_error == pytest.approx(0.1 / np.sqrt(VALUES.size))


def test_a_small_output_is_not_hidden_by_a_large_one() -> None:
    small = VALUES * np.float32(1e-6)
    found = compare([{"a": VALUES, "b": small}], [{"a": VALUES, "b": small * np.float32(1.5)}])
    assert found.max_error == pytest.approx(0.5)


@pytest.mark.parametrize("bad", [VALUES[:, :9], np.where(VALUES == 0, np.nan, VALUES)])
def test_another_shape_and_nan_are_errors(bad: np.ndarray) -> None:
    with pytest.raises(sg.SonogramError, match=r"shape|not finite"):
        compare([{"output": VALUES}], [{"output": bad}])


def test_a_frame_off_by_one_is_beyond_the_bound() -> None:
    late = np.roll(VALUES, 1, axis=1)
    with pytest.raises(sg.SonogramError, match="RMS error over the largest value"):
        check_tolerance(compare([{"output": VALUES}], [{"output": late}]), None, recorded=False)


def test_classes_are_judged_on_given_clips_alone() -> None:
    many = np.tile(PROBABILITIES, (20, 1))
    other = many.copy()
    other[:4] = [0.5, 0.3, 0.2]  # a tenth of the clips, half of them wrong
    found = compare([{"output": many}], [{"output": other}])
    assert found.same_top_class == 0.95
    check_tolerance(found, "int8", recorded=False)
    with pytest.raises(sg.SonogramError, match=r"class for 95\.0 %"):
        check_tolerance(found, "int8", recorded=True)


def test_a_clip_counts_once() -> None:
    clips = [np.full(100 + number, number, np.float32) for number in range(BATCH_SIZE + 2)]
    runs = comparison_cases([ModelInput("samples", (None, None), "float32")], 16_000, clips)
    assert is_single(runs) == [True] * BATCH_SIZE + [False] + [True] * 2 + [False] * 2
    # Two outputs: the last clip, which is the longest, loses the class of one, wherever it runs.
    expected = [{"a": np.tile(PROBABILITIES[:1], (len(run["samples"]), 1))} for run in runs]
    expected = [{**case, "b": case["a"]} for case in expected]
    received = [{name: value.copy() for name, value in case.items()} for case in expected]
    for run, case in zip(runs, received, strict=True):
        case["b"][run["samples"][:, 0] == BATCH_SIZE + 1] = PROBABILITIES[1]
    found = compare(expected, received, is_single(runs))
    assert (found.same_top_class, found.num_classified) == (0.9, 10)


def test_eight_bits_are_within_half_a_step_along_the_better_axis(rng: np.random.Generator) -> None:
    loudness = 10.0 ** np.arange(-3, 3)
    for axis, shape in ((0, (6, 1, 1)), (2, (1, 1, 6))):
        weights = (rng.standard_normal((6, 5, 6)) * loudness.reshape(shape)).astype(np.float32)
        whole, scale, chosen = to_int8(weights)
        assert chosen == axis
        step = scale.reshape(shape)
        assert (np.abs(whole * step - weights) <= 0.501 * step).all()
    silent, scale, _ = to_int8(np.zeros((2, 3), np.float32))
    assert not silent.any()
    assert (scale > 0).all()


@pytest.mark.parametrize(
    ("name", "is_part"),
    [
        ("functional_1/front_1/MatMul", True),
        ("a/b;functional/front/mul", True),
        ("front/Conv", True),
        ("functional/frontier/MatMul", False),
        ("functional/upfront/MatMul", False),
        ("functional/dense/front", False),
    ],
)
def test_which_operators_are_part_of_a_layer(name: str, is_part: bool) -> None:
    assert is_part_of(name, ["front"]) == is_part


def test_a_changed_or_missing_front_end_is_no_proof() -> None:
    transform = np.ones((4, 6), np.float32)
    assert_unchanged([transform], [transform], [24])
    for after in ([], [transform.astype(np.float16)], [transform * 2]):
        with pytest.raises(sg.SonogramError, match="cannot be distinguished"):
            assert_unchanged([transform], after, [24])
    with pytest.raises(sg.SonogramError, match="cannot be distinguished"):
        assert_unchanged([], [], [24])


def test_clips_of_every_kind() -> None:
    clips = generate_clips(16_000, 16_000)
    assert len(clips) == BATCH_SIZE
    assert all(clip.dtype == np.float32 and np.abs(clip).max() <= 1 for clip in clips)
    assert sum(not clip.any() for clip in clips) == 1
    assert len({clip.tobytes() for clip in clips}) == BATCH_SIZE


def test_cases_fit_the_inputs() -> None:
    samples, lengths = (
        ModelInput("samples", (None, 2, 500), "float32"),
        ModelInput("lengths", (None, 2), "int32"),
    )
    found = comparison_cases([samples, lengths], 16_000, [np.ones(400, np.float32), np.ones(900, np.float32)])
    shapes = [(case["samples"].shape, case["lengths"].tolist()) for case in found]
    assert shapes[:3] == [
        ((1, 2, 500), [[400, 400]]),
        ((1, 2, 500), [[500, 500]]),
        ((2, 2, 500), [[400, 400], [500, 500]]),
    ]
    assert found[0]["samples"][0, 0, 399] == 1
    assert found[0]["samples"][0, 1, 398] == np.float32(0.9)  # the second channel is quieter, and earlier
    assert not found[0]["samples"][0, :, 400:].any()
    alone = comparison_cases([ModelInput("samples", (1, None), "float32")], 16_000, None)
    assert {case["samples"].shape[0] for case in alone} == {1}
