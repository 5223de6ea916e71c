"""Rules for frames, windows and transforms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from sonogram.checks.case import Case, Finding
from sonogram.windows import CustomWindow

__all__ = ["RULES"]

_PADDED = 4  # times the frame: more bins than that only interpolate
_FEW = 3  # frames: fewer show no development in time
_PRIMES = (2, 3, 5, 7)  # factors for which every FFT library is fast


def rate(case: Case) -> Iterator[Finding]:
    """Recordings with another sample rate."""
    own = case.definition.sample_rate
    if case.sample_rate is None or case.sample_rate == own:
        return
    name = f"the preset {case.published.name}" if case.published else "this front end"
    yield Finding(
        "rate-mismatch",
        "error",
        f"{name} is made for {own:g} Hz, the recordings have {case.sample_rate:g} Hz: every frequency and "
        f"every duration would be wrong by a factor of {case.sample_rate / own:.3g}",
        f"resample: sonogram.load(path, sample_rate={own:g})",
    )


def steps(case: Case) -> Iterator[Finding]:
    """Samples between frames that no window covers."""
    length, step = case.plan.frame_length, case.plan.frame_step
    if step <= length:
        return
    yield Finding(
        "skipped-samples",
        "warning",
        f"frames of {length} samples every {step}: {100 * (step - length) / step:.0f} % of the samples "
        "have no effect, so a click may be missed",
        f"frame_step={length // 2} (half a frame), or {length} at most",
    )


def overlap(case: Case) -> Iterator[Finding]:
    """Windows whose sum vanishes, for definitions whose spectrum may be inverted."""
    if case.definition.bands is not None or case.definition.scaling is not None:
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
            f"{lost} of every {step} samples are multiplied by windows of 0: frontend.istft cannot "
            "restore them",
            f"frame_step={length // 2} or less",
        )


def odd_window(case: Case) -> Iterator[Finding]:
    """A window that is periodic at even lengths only."""
    window, length = case.definition.window, case.plan.frame_length
    if isinstance(window, CustomWindow) or window.symmetry != "periodic-if-even" or length % 2 == 0:
        return
    yield Finding(
        "odd-window",
        "warning",
        f"at the odd frame_length {length} this window is symmetric, as in tf.signal, although "
        "tf.signal calls it periodic",
        'an even frame_length, or an explicit choice: Hann() is periodic, Hann(symmetry="symmetric") is not',
    )


def transform(case: Case) -> Iterator[Finding]:
    """Transforms that are much longer than the frame, or whose length has a large prime factor."""
    length, fft_length = case.plan.frame_length, case.plan.fft_length
    if fft_length >= _PADDED * length:
        yield Finding(
            "long-fft",
            "warning",
            f"an FFT of {fft_length} over frames of {length}: {fft_length / length:.1f} times as many bins "
            "as the window resolves, at that many times the cost",
            f"fft_length={1 << (length - 1).bit_length()}, or a longer frame_length for finer frequencies",
        )
    rest = _without_small_primes(fft_length)
    if rest > 1:
        good = next(length for length in itertools.count(fft_length) if _without_small_primes(length) == 1)
        yield Finding(
            "slow-fft",
            "note",
            f"fft_length {fft_length} has the factor {rest}: FFT libraries are several times slower at such "
            "lengths",
            f"fft_length={good}, the next length without large factors",
        )


def _without_small_primes(number: int) -> int:
    for prime in _PRIMES:
        while number % prime == 0:
            number //= prime
    return number


def few_frames(case: Case) -> Iterator[Finding]:
    """Clips with too few frames."""
    num_samples, definition = case.num_samples, case.definition
    if num_samples is None:
        return
    num_frames = definition.num_frames(num_samples)
    if num_frames < _FEW:
        needed = next(n for n in itertools.count(num_samples) if definition.num_frames(n) >= _FEW)
        padded = ", or padding=Center()" if hasattr(definition, "padding") else ""
        yield Finding(
            "no-frames" if num_frames == 0 else "few-frames",
            "error" if num_frames == 0 else "warning",
            f"a clip of {case.duration:g} s ({num_samples} samples) has {num_frames or 'no'} "
            f"frame{'' if num_frames == 1 else 's'}",
            f"clips of at least {needed / definition.sample_rate:.3g} s{padded}",
        )


def lost_end(case: Case) -> Iterator[Finding]:
    """An end of the clip that no frame covers."""
    num_samples = case.num_samples
    if num_samples is None or case.definition.num_frames(num_samples) < _FEW:
        return
    lost = _lost_samples(case, num_samples)
    if lost > 0.1 * num_samples:
        yield Finding(
            "lost-end",
            "warning",
            f"no frame covers the last {lost} of {num_samples} samples ({100 * lost / num_samples:.0f} %)",
            "padding=End() or Center(), or pad the clip",
        )


def _lost_samples(case: Case, num_samples: int) -> int:
    plan = case.plan
    conditioned = plan.num_conditioned(num_samples)
    single = plan.num_valid_frames(conditioned)
    stack = case.definition.stack
    if stack is not None and stack.remainder == "drop":
        rows = stack.num_frames(single)
        single = (rows - 1) * stack.stride + stack.size - stack.before if rows else 0
    end = (single - 1) * plan.frame_step - plan.pad_left(conditioned) + plan.frame_length
    return max(num_samples - int(end), 0)


RULES = (rate, steps, overlap, odd_window, transform, few_frames, lost_end)
