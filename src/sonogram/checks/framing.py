"""Frames, windows and transforms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sonogram.checks.case import Case, Finding
from sonogram.padding import Padding
from sonogram.windows import CustomWindow

__all__ = ["RULES"]

_PADDED = 4  # times the frame: more bins than that only interpolate
_FEW = 3  # frames: fewer say nothing about time
_PRIMES = (2, 3, 5, 7)  # for which every FFT library is fast


def rate(case: Case) -> Iterator[Finding]:
    """The recordings have another sample rate."""
    own = case.frontend.sample_rate
    if case.sample_rate is None or case.sample_rate == own:
        return
    name = f"the preset {case.preset.name}" if case.preset else "this front end"
    yield Finding(
        "rate-mismatch",
        "error",
        f"{name} is made for {own:g} Hz, the recordings have {case.sample_rate:g} Hz: every frequency and "
        f"every duration would be wrong by a factor of {case.sample_rate / own:.3g}",
        f"resample: sonogram.load(path, sample_rate={own:g})",
    )


def steps(case: Case) -> Iterator[Finding]:
    """CustomWindow between frames that no window sees."""
    length, step = case.plan.frame_length, case.plan.frame_step
    if step <= length:
        return
    yield Finding(
        "skipped-samples",
        "warning",
        f"frames of {length} samples every {step}: {100 * (step - length) / step:.0f} % of the samples are "
        "never seen, so a click may be missed",
        f"frame_step={length // 2} (half a frame), or {length} at most",
    )


def overlap(case: Case) -> Iterator[Finding]:
    """Windows that do not add up, where the spectrum is what is wanted."""
    if case.frontend.bands is not None or case.frontend.scaling is not None:
        return
    length, step = case.plan.frame_length, case.plan.frame_step
    if step > length:
        return
    power = np.zeros(step)
    for start in range(0, length, step):
        piece = case.plan.window[start : start + step] ** 2
        power[: len(piece)] += piece
    lost = int((power <= 1e-10 * power.max()).sum())
    if lost:
        yield Finding(
            "no-overlap-add",
            "warning",
            f"{lost} of every {step} samples lie under windows that are 0 there: sonogram.inverse cannot "
            "bring them back",
            f"frame_step={length // 2} or less",
        )


def odd_window(case: Case) -> Iterator[Finding]:
    """A window that is periodic at even lengths alone."""
    window, length = case.frontend.window, case.plan.frame_length
    if isinstance(window, CustomWindow) or window.symmetry != "periodic-if-even" or length % 2 == 0:
        return
    yield Finding(
        "odd-window",
        "warning",
        f"at the odd frame_length {length} this window is symmetric, as tf.signal makes it, though it is "
        "called periodic",
        'an even frame_length, or what is meant: Hann() is periodic, Hann(symmetry="symmetric") is not',
    )


def transform(case: Case) -> Iterator[Finding]:
    """Transform that are much longer than the frame, or of an awkward length."""
    length, fft_length = case.plan.frame_length, case.plan.fft_length
    if fft_length >= _PADDED * length:
        yield Finding(
            "long-fft",
            "warning",
            f"an FFT of {fft_length} over frames of {length}: the bins are {fft_length / length:.1f} times "
            "denser than the window can tell apart, and cost as much",
            f"fft_length={1 << (length - 1).bit_length()}, or a longer frame_length for finer frequencies",
        )
    rest = fft_length
    for prime in _PRIMES:
        while rest % prime == 0:
            rest //= prime
    if rest > 1:
        good = fft_length + 1
        while not _is_smooth(good):
            good += 1
        yield Finding(
            "slow-fft",
            "note",
            f"fft_length {fft_length} has the factor {rest}: FFT libraries are several times slower there",
            f"fft_length={good}, the next one without large factors",
        )


def _is_smooth(number: int) -> bool:
    for prime in _PRIMES:
        while number % prime == 0:
            number //= prime
    return number == 1


def frames(case: Case) -> Iterator[Finding]:
    """Clips with too few frames, or with an end that no frame sees."""
    num_samples, frontend = case.num_samples, case.frontend
    if num_samples is None:
        return
    num_frames = frontend.num_frames(num_samples)
    needed = next(
        n for n in range(num_samples, num_samples + 64 * case.plan.span) if frontend.num_frames(n) >= _FEW
    )
    if num_frames < _FEW:
        yield Finding(
            "no-frames" if num_frames == 0 else "few-frames",
            "error" if num_frames == 0 else "warning",
            f"a clip of {case.duration:g} s ({num_samples} samples) has {num_frames or 'no'} "
            f"frame{'' if num_frames == 1 else 's'}",
            f"clips of at least {needed / frontend.sample_rate:.3g} s, or padding=Center()",
        )
        return
    unseen = _unseen(case, num_samples)
    if unseen > 0.1 * num_samples:
        yield Finding(
            "lost-end",
            "warning",
            f"no frame sees the last {unseen} of {num_samples} samples ({100 * unseen / num_samples:.0f} %)",
            "padding=End() or Center(), or pad the clip",
        )


def _unseen(case: Case, num_samples: int) -> int:
    plan, padding = case.plan, case.frontend.padding
    assert isinstance(padding, Padding)
    kept = plan.num_conditioned(num_samples)
    single = plan.num_valid_frames(kept)
    stack = case.frontend.stack
    if stack is not None and stack.remainder == "drop":
        single -= single % stack.size
    end = (single - 1) * plan.frame_step - plan.pad_left(kept) + plan.frame_length
    return max(num_samples - int(end), 0)


RULES = (rate, steps, overlap, odd_window, transform, frames)
