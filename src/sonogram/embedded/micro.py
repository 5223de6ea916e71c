"""The C source of a `MicroFrontend`: the same integers on every machine."""

from __future__ import annotations

import numpy as np

from sonogram import __version__
from sonogram.embedded.golden import test_signal
from sonogram.embedded.literals import table
from sonogram.embedded.templates import fill
from sonogram.engines.arrays.blocks import limits_of_rows
from sonogram.micro import MicroFrontend
from sonogram.micro.bits import SNR_BITS
from sonogram.micro.tables import Tables, logarithms, tables

__all__ = ["golden_header", "header", "source"]


def header(definition: MicroFrontend, title: str) -> str:
    """Return `frontend.h`: sizes of the definition, the state, and the functions."""
    return fill(
        "micro.h.in",
        title=title,
        version=__version__,
        fingerprint=definition.fingerprint,
        sample_rate=f"{definition.sample_rate:g}",
        frame_length=definition.frame_length,
        frame_step=definition.frame_step,
        fft_length=definition.fft_size,
        frame_size=definition.fft_size + 2,
        num_bands=definition.num_bands,
        scale=f"{definition.scale:g}",
    )


def source(definition: MicroFrontend, title: str) -> str:
    """Return `frontend.c`: the tables and functions of the definition."""
    constants = tables(definition)
    steps, gain, logarithm = [], "", ""
    if definition.gain_control is not None:
        shift = definition.gain_control.gain_bits - constants.correction_bits - SNR_BITS
        gain = fill("micro_gain.c", shift=shift)
        steps.append("signal = control_gain(signal, state->estimates[band]);")
    if definition.log_bits is not None:
        bits = constants.correction_bits
        correct = f"<< {bits}" if bits >= 0 else f">> {-bits}"
        logarithm = fill("micro_log.c", log_bits=definition.log_bits, correct=correct)
        steps.append("signal = logarithm(signal);")
    return fill(
        "micro.c",
        title=title,
        version=__version__,
        scaling_bits=definition.noise_reduction.scaling_bits,
        remaining=constants.remaining,
        tables="\n\n".join(_tables(definition, constants)),
        passes="\n".join(
            fill(f"micro_pass_{radix}.c") for radix in sorted({radix for radix, _ in constants.fft.stages})
        ),
        calls="\n".join(f"    pass_{radix}(frame, {span});" for radix, span in constants.fft.stages),
        wide=fill("micro_wide.c") if gain or logarithm else "",
        gain=gain,
        logarithm=logarithm,
        steps="".join(f"        {step}\n" for step in steps),
    )


def golden_header(definition: MicroFrontend, title: str) -> str:
    """Return `golden.h`."""
    samples = test_signal(definition.sample_rate, definition.frame_length)
    # Loud and faint parts, so that the scale of the frames, the noise estimates and the gain change.
    samples = (samples * np.repeat([1.0, 0.01, 0.0, 0.3], -(-len(samples) // 4))[: len(samples)]).astype(
        np.int16
    )
    features = definition.integers(samples)
    return fill(
        "micro_golden.h.in",
        title=title,
        version=__version__,
        num_samples=len(samples),
        num_rows=len(features),
        samples=table("int16_t", "golden_samples", samples),
        features=table("uint16_t", "golden_features", features),
    )


def _tables(definition: MicroFrontend, constants: Tables) -> list[str]:
    place = np.argsort(constants.fft.order)
    sample = np.arange(definition.fft_size)
    limits = limits_of_rows(constants.filters.T)
    weights = [constants.filters[low:high, band] for band, (low, high) in enumerate(limits)]
    found = [
        table("int16_t", "window", constants.window),
        table("uint16_t", "order", 2 * place[sample // 2] + sample % 2),
        table("int16_t", "roots", constants.fft.twiddles.T),
        table("int16_t", "real_roots", constants.fft.last_twiddles.T),
        table("uint16_t", "band_weights", np.concatenate(weights)),
        table("uint16_t", "band_first", limits[:, 0]),
        table("uint16_t", "band_size", limits[:, 1] - limits[:, 0]),
        table("uint16_t", "smoothing", np.resize(constants.smoothing, 2)),
    ]
    if constants.gains is not None:
        found.append(table("int16_t", "gains", constants.gains))
    if definition.log_bits is not None:
        found.append(table("uint16_t", "logarithms", logarithms()))
    return found
