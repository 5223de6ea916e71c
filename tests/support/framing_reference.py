"""A second implementation of framing and conditioning, written from the documentation of the originals.

It is slow, computes in float64 and shares no line with the package: clips are padded by `np.pad`, and
frames are cut one by one.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sonogram as sg

Floats = NDArray[np.float64]


def conditioned(frontend: sg.Frontend, samples: ArrayLike) -> Floats:
    """Return the clip before framing."""
    rule = frontend.conditioning
    x = np.array(samples, np.float64)
    if rule.remove_mean == "clip" and len(x):
        x = x - sum(x.tolist()) / len(x)
    if rule.preemphasis and rule.preemphasis.scope == "clip" and len(x):
        x = _emphasized(rule.preemphasis, x)
        x = x[1:] if rule.preemphasis.boundary == "drop" else x
    return x * rule.scale


def _emphasized(rule: sg.conditioning.Preemphasis, x: Floats) -> Floats:
    y = x.copy()
    for n in range(len(x)):
        second = x[1] if len(x) > 1 else 0.0
        before = x[n - 1] if n else {"repeat": x[0], "reflect": second, "wrap": x[-1]}.get(rule.boundary, 0.0)
        y[n] = x[n] - rule.coefficient * before
    return y


def frames(frontend: sg.Frontend, samples: ArrayLike) -> Floats:
    """Return the windowed frames at their position in the transform, `(frames, span)`."""
    clip = conditioned(frontend, samples)
    length, step = frontend.frame_length, frontend.frame_step
    fft_length = frontend.fft_length or 2 ** math.ceil(math.log2(length))
    span = fft_length if frontend.padding.span == "fft" else length
    begins = begin_of_frames(frontend.padding, len(clip), span, step)
    before, after = max([0, *(-b for b in begins)]), max([0, *(b + span - len(clip) for b in begins)])
    padded = _padded(clip, before, after, frontend.padding.mode)
    window = np.zeros(span)
    place = (span - length) // 2
    window[place : place + length] = frontend.window.weights(length)
    rows = []
    for begin in begins:
        frame = padded[begin + before : begin + before + span].copy()
        inner = frame[place : place + length]
        if frontend.conditioning.remove_mean == "frame":
            inner = inner - inner.mean()
        rule = frontend.conditioning.preemphasis
        if rule and rule.scope == "frame":
            inner = _emphasized(rule, inner)
        frame[place : place + length] = inner
        rows.append(frame * window)
    return np.array(rows).reshape(len(rows), span)


def _padded(clip: Floats, before: int, after: int, mode: str) -> Floats:
    if not len(clip):
        return np.zeros(before + after)
    return np.pad(clip, (before, after), mode=mode)  # type: ignore[call-overload]


def begin_of_frames(padding: object, num_samples: int, span: int, step: int) -> list[int]:
    """Return where each frame begins in the clip; negative within the padding on the left."""
    if not num_samples:
        return []
    match padding:
        case sg.padding.Valid():
            last = num_samples - span - padding.lookahead
            begins = [b for b in range(0, num_samples, step) if b <= last]
        case sg.padding.End():
            begins = list(range(-padding.before, num_samples, step))
        case sg.padding.Center(last_frame="inside"):
            begins = [center - span // 2 for center in range(0, num_samples, step)]
        case sg.padding.Center():
            padded = num_samples + 2 * (span // 2)
            begins = [b - span // 2 for b in range(0, padded, step) if b + span <= padded]
        case sg.padding.HalfOverlap():
            pad = math.floor((span - step) / 2)
            whole = math.ceil(num_samples / step) * step if padding.remainder == "pad" else num_samples
            padded = whole + 2 * pad + (span - step - 2 * pad) * (padding.remainder == "pad")
            begins = [b - pad for b in range(0, padded, step) if b + span <= padded]
        case sg.padding.Same():
            count = math.ceil(num_samples / step)
            total = max((count - 1) * step + span - num_samples, 0)
            begins = [t * step - total // 2 for t in range(count)]
        case sg.padding.StepCenter():
            count = math.floor((num_samples + step // 2) / step)
            begins = [t * step + step // 2 - span // 2 for t in range(count)]
        case sg.padding.Causal():
            padded = num_samples + span // 2
            last = padded - span - padding.lookahead
            begins = [b - span // 2 for b in range(0, padded, step) if b <= last]
        case _:
            raise NotImplementedError(f"the reference has no rule for {padding!r}")
    return begins[:-1] if getattr(padding, "last_frame", "keep") == "drop" else begins


def num_frames(frontend: sg.Frontend, num_samples: int) -> int:
    """Return the number of frames of a clip, after stacking."""
    span = frontend.fft_length or 2 ** math.ceil(math.log2(frontend.frame_length))
    if frontend.padding.span == "window":
        span = frontend.frame_length
    rule = frontend.conditioning.preemphasis
    kept = max(num_samples - 1, 0) if rule and rule.boundary == "drop" else num_samples
    count = len(begin_of_frames(frontend.padding, kept, span, frontend.frame_step))
    if frontend.stack is None:
        return count
    rule = frontend.stack
    step = rule.step or rule.size
    if rule.remainder == "pad":
        return math.ceil(count / step)
    return len([first for first in range(-rule.before, count, step) if first + rule.size <= count])
