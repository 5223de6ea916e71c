"""Streams: the bits of the whole, whatever the pieces; bounded memory; clear refusals."""

import dataclasses
import itertools

import engine_names
import numpy as np
import pytest
import signals

import sonogram as sg

SMALL = sg.Frontend(8000, 16, 8)
MEL = sg.bands.Mel(6)
DIFFICULT = {
    "plain": SMALL,
    "steps skip samples": sg.Frontend(8000, 16, 23),
    "fft span": dataclasses.replace(SMALL, fft_length=64, padding=sg.padding.Valid(span="fft")),
    "lookahead": dataclasses.replace(SMALL, padding=sg.padding.Valid(lookahead=3)),
    "end": dataclasses.replace(SMALL, padding=sg.padding.End()),
    "reflect": dataclasses.replace(SMALL, fft_length=64, padding=sg.padding.Center()),
    "drop": dataclasses.replace(SMALL, padding=sg.padding.Center(last_frame="drop")),
    "zero": dataclasses.replace(SMALL, padding=sg.padding.Center(last_frame="zero")),
    "half step": dataclasses.replace(SMALL, fft_length=33, padding=sg.padding.HalfOverlap(mode="symmetric")),
    "mirror": dataclasses.replace(SMALL, padding=sg.padding.StepCenter()),
    "causal": dataclasses.replace(SMALL, padding=sg.padding.Causal(lookahead=1)),
    "first sample dropped": dataclasses.replace(
        SMALL,
        conditioning=sg.conditioning.Conditioning(
            2, None, sg.conditioning.Preemphasis(scope="clip", boundary="drop")
        ),
    ),
    "smoothed": dataclasses.replace(SMALL, bands=MEL, scaling=sg.scaling.Pcen()),
    "energy": dataclasses.replace(
        SMALL,
        bands=MEL,
        scaling=sg.scaling.Log(floor=1e-6),
        cepstrum=sg.cepstrum.Cepstrum(4, energy="replace"),
    ),
    "stacked": dataclasses.replace(SMALL, stack=sg.stack.Stack(3)),
    "stacked to the end": dataclasses.replace(SMALL, stack=sg.stack.Stack(3, remainder="pad")),
    "stacked with a blank": dataclasses.replace(
        SMALL, padding=sg.padding.Center(last_frame="zero"), stack=sg.stack.Stack(2)
    ),
}


def streamed(definition: sg.Frontend, samples: signals.Samples, sizes: list[int], engine: str):
    stream = sg.Stream(definition, engine)
    ends = [*itertools.accumulate(sizes), samples.shape[-1]]
    starts = [0, *ends[:-1]]
    pieces = [stream.push(samples[..., a:b]) for a, b in zip(starts, ends, strict=True)]
    return np.concatenate([*pieces, stream.finish()], axis=-2)


@pytest.mark.parametrize("engine", ["numpy", engine_names.NATIVE])
@pytest.mark.parametrize("name", DIFFICULT)
def test_every_length_in_every_cut_is_the_whole(name: str, engine: str) -> None:
    definition = DIFFICULT[name]
    for num_samples in (0, 1, 2, 7, 15, 16, 17, *range(60, 108, 3)):
        samples = signals.noise(num_samples)
        whole = definition(samples, engine)
        for size in (1, 5, 16, 50):
            sizes = [size] * (num_samples // size)
            parts = streamed(definition, samples, sizes, engine)
            np.testing.assert_array_equal(parts, whole, f"{num_samples} samples by {size}")


def test_channels_run_side_by_side() -> None:
    stereo = np.stack([signals.noise(200), signals.noise(200, 2)])
    definition = DIFFICULT["smoothed"]
    parts = streamed(definition, stereo, [33, 0, 90], "numpy")
    np.testing.assert_array_equal(parts, definition(stereo, "numpy"))


def test_memory_does_not_grow() -> None:
    stream = sg.Stream(dataclasses.replace(SMALL, fft_length=64, padding=sg.padding.Center()), "numpy")
    kept = []
    for _ in range(50):
        stream.push(signals.noise(400))
        kept.append(stream._pieces._clip.shape[1])
    assert max(kept[1:]) < 400 + 4 * 64
    assert kept[-1] == pytest.approx(kept[5], abs=64)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"padding": sg.padding.Same()}, "length of the clip"),
        ({"conditioning": sg.conditioning.Conditioning(remove_mean="clip")}, "mean of the whole clip"),
        ({"scaling": sg.scaling.Decibels(dynamic_range=80)}, "clip's peak"),
        ({"scaling": sg.scaling.Decibels(reference="peak")}, "clip's peak"),
        ({"normalize": sg.normalize.Standardize()}, "Use normalize=Affine"),
        ({"normalize": sg.normalize.MinMax()}, "Use normalize=Affine"),
    ],
)
def test_what_needs_the_whole_clip_says_so(changes: dict, reason: str) -> None:
    definition = dataclasses.replace(SMALL, **changes)
    assert not definition.streamable
    with pytest.raises(sg.SonogramError, match=f"cannot be streamed.*{reason}"):
        sg.Stream(definition)


def test_a_name_is_no_definition() -> None:
    with pytest.raises(sg.SonogramError, match=r"got 'yamnet'\. Use sonogram\.preset\('yamnet'\)"):
        sg.Stream("yamnet")
    with pytest.raises(sg.SonogramError, match=r"got 3\. Create one with sonogram\.Frontend"):
        sg.extract(["examples"], "out", 3)


def test_a_stream_refuses_what_it_cannot_take() -> None:
    stream = sg.Stream(SMALL)
    stream.push(np.zeros((2, 20)))
    with pytest.raises(sg.SonogramError, match="2 channels; got 3"):
        stream.push(np.zeros((3, 20)))
    with pytest.raises(sg.SonogramError, match=r"got \(20,\)"):
        stream.push(np.zeros(20))
    stream.finish()
    with pytest.raises(sg.SonogramError, match="make a new Stream"):
        stream.push(np.zeros((2, 20)))
    with pytest.raises(sg.SonogramError, match="make a new Stream"):
        stream.finish()
    with pytest.raises(sg.SonogramError, match='"numpy" or "native"'):
        sg.Stream(SMALL, "graph")


def test_a_stream_of_nothing_has_no_frames() -> None:
    assert sg.Stream(SMALL).finish().shape == (0, 9)


@pytest.mark.parametrize(
    ("name", "streamable"),
    [
        ("tf-stft", True),
        ("tf-simple-audio", True),
        ("librosa-melspectrogram", True),
        ("librosa-mfcc", False),
        ("whisper-80", False),
        ("kaldi-fbank-80", True),
        ("parakeet-80", False),
        ("librosa-pcen", True),
        ("voxtral-realtime", True),
        ("perch-pcen", False),
    ],
)
def test_presets_state_whether_they_stream(name: str, streamable: bool) -> None:
    assert sg.preset(name).streamable is streamable
