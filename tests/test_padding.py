"""Framing: where frames begin and how many there are, against references and by hand."""

import framing_reference
import librosa
import numpy as np
import pytest
import scipy.signal

import sonogram as sg
from sonogram.padding import source_index

ALL = [
    sg.padding.Valid(),
    sg.padding.Valid(lookahead=2),
    sg.padding.End(),
    sg.padding.End(before=3),
    sg.padding.Center(),
    sg.padding.Center(last_frame="drop"),
    sg.padding.Center(last_frame="inside"),
    sg.padding.Center(last_frame="zero"),
    sg.padding.HalfOverlap(),
    sg.padding.Same(),
    sg.padding.StepCenter(),
    sg.padding.Causal(),
    sg.padding.Causal(lookahead=1),
]


@pytest.mark.parametrize("padding", ALL, ids=repr)
@pytest.mark.parametrize(("span", "step"), [(8, 4), (9, 4), (8, 3), (5, 5), (8, 1)])
def test_frames_are_where_the_documents_say(padding: sg.padding.Valid, span: int, step: int) -> None:
    for num_samples in range(40):
        begins = framing_reference.begin_of_frames(padding, num_samples, span, step)
        assert padding.num_frames(num_samples, span, step) == len(begins), num_samples
        if begins:
            assert -padding.pad_left(num_samples, span, step) == begins[0], num_samples


@pytest.mark.parametrize(
    "padding",
    [sg.padding.Valid(), sg.padding.End(), sg.padding.Same(), sg.padding.StepCenter(), sg.padding.Center()],
    ids=repr,
)
def test_steps_may_skip_samples(padding: sg.padding.Valid) -> None:
    for num_samples in range(60):
        begins = framing_reference.begin_of_frames(padding, num_samples, 5, 13)
        assert padding.num_frames(num_samples, 5, 13) == len(begins), num_samples


@pytest.mark.parametrize("num_samples", [1, 255, 256, 257, 1000, 2047, 2048, 2049])
def test_center_counts_like_librosa(num_samples: int) -> None:
    centered = librosa.util.frame(np.zeros(num_samples + 512), frame_length=512, hop_length=128)
    assert sg.padding.Center().num_frames(num_samples, 512, 128) == centered.shape[1]


@pytest.mark.parametrize("num_samples", [256, 300, 383, 384, 1000])
def test_valid_counts_like_scipy(num_samples: int) -> None:
    _, times, _ = scipy.signal.stft(
        np.zeros(num_samples), nperseg=256, noverlap=128, boundary=None, padded=False
    )
    assert sg.padding.Valid().num_frames(num_samples, 256, 128) == len(times)


@pytest.mark.parametrize(
    ("num_samples", "frames"),
    [(0, 0), (1, 0), (79, 0), (80, 1), (239, 1), (240, 2), (399, 2), (400, 3), (16000, 100)],
)
def test_kaldi_without_snip_edges_rounds(num_samples: int, frames: int) -> None:
    assert sg.padding.StepCenter().num_frames(num_samples, 400, 160) == frames


def test_a_blank_last_frame_is_counted_but_not_valid() -> None:
    padding = sg.padding.Center(last_frame="zero")
    assert padding.num_frames(1600, 400, 160) == 11
    assert padding.num_valid_frames(1600, 400, 160) == 10
    assert padding.num_valid_frames(0, 400, 160) == 0


@pytest.mark.parametrize("padding", ALL, ids=repr)
def test_counts_hold_for_arrays_too(padding: sg.padding.Valid) -> None:
    lengths = np.arange(60)
    counted = padding.num_frames(lengths, 9, 4, np.maximum)
    assert counted.tolist() == [padding.num_frames(n, 9, 4) for n in range(60)]
    valid = padding.num_valid_frames(lengths, 9, 4, np.maximum)
    assert valid.tolist() == [padding.num_valid_frames(n, 9, 4) for n in range(60)]


@pytest.mark.parametrize("mode", ["reflect", "symmetric"])
@pytest.mark.parametrize("num_samples", [1, 2, 3, 7])
def test_mirrors_wrap_as_numpy_pads(mode: str, num_samples: int) -> None:
    clip = np.arange(num_samples)
    index = source_index(np, np.arange(-20, num_samples + 20), num_samples, mode)
    np.testing.assert_array_equal(clip[index], np.pad(clip, 20, mode=mode))


@pytest.mark.parametrize(
    ("stack", "counts"),
    [
        (sg.stack.Stack(2), [0, 0, 1, 1, 2]),
        (sg.stack.Stack(2, "pad"), [0, 1, 1, 2, 2]),
        (sg.stack.Stack(1), [0, 1, 2, 3, 4]),
    ],
)
def test_stacks_are_counted(stack: sg.stack.Stack, counts: list[int]) -> None:
    assert [stack.num_frames(n) for n in range(5)] == counts


@pytest.mark.parametrize("engine", ["numpy", "graph"])
@pytest.mark.parametrize("tail", ["drop", "pad"])
def test_stacked_frames_stand_side_by_side(tail: str, engine: str) -> None:
    samples = np.arange(20, dtype=np.float32)
    single = sg.Frontend(8000, 4, 4)(samples, engine)  # five frames of three bins
    stacked = sg.Frontend(8000, 4, 4, stack=sg.stack.Stack(2, tail))(samples, engine)
    np.testing.assert_array_equal(stacked[:2], single[:4].reshape(2, 6))
    assert len(stacked) == (3 if tail == "pad" else 2)
    if tail == "pad":
        np.testing.assert_array_equal(stacked[2], [*single[4], 0, 0, 0])


def test_times_are_the_centers_of_windows() -> None:
    assert sg.Frontend(100, 10, 5).times(3).tolist() == pytest.approx([0.05, 0.10, 0.15])
    assert sg.Frontend(100, 10, 5, padding=sg.padding.Center()).times(2).tolist() == pytest.approx([0, 0.05])
    wide = sg.Frontend(100, 10, 5, 32, padding=sg.padding.Valid(span="fft"))
    assert wide.times(2).tolist() == pytest.approx([0.16, 0.21])
    stacked = sg.Frontend(100, 10, 5, stack=sg.stack.Stack(2))
    assert stacked.times(2).tolist() == pytest.approx([0.075, 0.175])
    dropped = sg.conditioning.Conditioning(
        preemphasis=sg.conditioning.Preemphasis(scope="clip", boundary="drop")
    )
    assert sg.Frontend(100, 10, 5, conditioning=dropped).times(1)[0] == pytest.approx(0.06)
    assert sg.Frontend(16000, 400, 160, padding=sg.padding.StepCenter()).times(1)[0] == pytest.approx(0.005)


@pytest.mark.parametrize(
    "padding",
    [
        sg.padding.Valid(),
        sg.padding.Center(),
        sg.padding.End(),
        sg.padding.StepCenter(),
        sg.padding.HalfOverlap(),
        sg.padding.Causal(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("fft_length", [64, 200])
def test_a_click_is_loudest_at_its_time(padding: sg.padding.Valid, fft_length: int) -> None:
    definition = sg.Frontend(1000, 64, 8, fft_length, padding=padding, window=sg.windows.Hann())
    click = np.zeros(1000)
    click[500] = 1
    features = definition(click, "numpy").sum(axis=1)
    time = definition.times(len(features))[np.argmax(features)]
    assert time == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.padding.Center(mode="edge"), "'constant', 'reflect', 'symmetric'; got 'edge'"),
        (lambda: sg.padding.Center(last_frame="mask"), "'keep', 'inside', 'drop', 'zero'; got 'mask'"),
        (lambda: sg.padding.Valid("frame"), "'window', 'fft'; got 'frame'"),
        (lambda: sg.padding.Valid(lookahead=-1), "lookahead must not be negative"),
        (lambda: sg.padding.Causal(lookahead=-1), "lookahead must not be negative"),
        (lambda: sg.stack.Stack(0), "size must be 1 or more frames; got 0"),
        (lambda: sg.stack.Stack(2, "keep"), "'drop', 'pad'; got 'keep'"),
    ],
)
def test_wrong_framing_says_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()
