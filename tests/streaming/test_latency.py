"""`Frontend.latency` and `frame_period`, against streams that get one sample at a time."""

import dataclasses
import math

import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.engines.plan import plan

RATE = 1000
BASE = sg.Frontend(RATE, 16, 6)
DROPPED = sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(scope="clip", boundary="drop"))
PADDINGS = [
    sg.padding.Valid(),
    sg.padding.Valid(lookahead=5),
    sg.padding.Valid(span="fft"),
    sg.padding.End(),
    sg.padding.End(before=9),
    sg.padding.Center(),
    sg.padding.Center(mode="constant"),
    sg.padding.Center(last_frame="drop"),
    sg.padding.Center(last_frame="inside"),
    sg.padding.Center(last_frame="zero"),
    sg.padding.HalfOverlap(),
    sg.padding.StepCenter(),
    sg.padding.StepCenter(mode="constant"),
    sg.padding.Causal(),
    sg.padding.Causal(lookahead=3),
]


@pytest.mark.parametrize("padding", PADDINGS, ids=repr)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"frame_length": 15},
        {"frame_step": 20},
        {"fft_length": 64},
        {"frame_length": 17, "fft_length": 40, "stack": sg.stack.Stack(3)},
        {"stack": sg.stack.Stack(2, "pad")},
        {"conditioning": DROPPED},
        {"deltas": sg.deltas.Regression()},
        {"stack": sg.stack.Stack(4, step=2)},
        {"deltas": sg.deltas.Difference(1), "stack": sg.stack.Stack(3, "pad", step=2)},
    ],
    ids=str,
)
def test_a_row_is_returned_latency_samples_after_its_center(padding: sg.padding.Valid, changes: dict) -> None:
    frontend = dataclasses.replace(BASE, padding=padding, **changes)
    stream = sg.Stream(frontend, "numpy")
    returned: list[int] = []
    for number, sample in enumerate(signals.noise(200), start=1):
        returned += [number] * len(stream.push([sample]))
    assert len(returned) > 2
    latency = frontend.latency
    assert latency is not None
    mirrored = (
        0 if padding.mode == "constant" else plan(frontend).pad_left(0) + frontend.conditioning.dropped + 1
    )
    for number, time in zip(returned, frontend.times(len(returned)), strict=True):
        assert number == max(math.floor(time * RATE + 1e-6) + latency, mirrored)


def test_latency_is_none_where_the_whole_clip_is_needed() -> None:
    assert dataclasses.replace(BASE, normalize=sg.normalize.Standardize()).latency is None


def test_rows_are_a_frame_period_apart() -> None:
    for stack in (None, sg.stack.Stack(3)):
        frontend = dataclasses.replace(BASE, stack=stack)
        np.testing.assert_allclose(np.diff(frontend.times(4)), frontend.frame_period)
