"""The C source of a `MicroFrontend` has the bits of its definition, which are those of the original."""

from pathlib import Path

import numpy as np
import pytest
from compiled_c import COMPILER, CompiledC

import sonogram as sg
from sonogram.micro import GainControl, NoiseReduction

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler: apt-get install gcc")

CASES = {
    "micro-speech": sg.preset("micro-speech"),
    "without gain": sg.MicroFrontend(8000, 200, 80, num_mel_bins=20, upper_hz=3500, gain_control=None),
    # A transform of 32 samples, with a shift to the right before the logarithm.
    "short": sg.MicroFrontend(
        16000,
        20,
        20,
        num_mel_bins=5,
        noise_reduction=NoiseReduction(scaling_bits=3, min_signal_remaining=0.5),
        gain_control=GainControl(strength=0.5, gain_bits=20),
        log_bits=3,
    ),
    "amplitudes": sg.MicroFrontend(16000, 1024, 512, num_mel_bins=32, gain_control=None, log_bits=None),
}


def clips(definition: sg.MicroFrontend) -> dict[str, np.ndarray]:
    """Return clips that reach every width of the integers."""
    count = 12 * definition.frame_length
    draw = np.random.default_rng(0)
    square = np.where(np.arange(count) // 7 % 2, 32767, -32768)
    parts = [draw.normal(0, level, count) for level in (9000, 3, 0.3, 900)]
    return {
        "changing level": np.concatenate(parts).round().astype(np.int16),
        "full scale": draw.integers(-32768, 32768, count).astype(np.int16),
        "lowest": np.full(count, -32768, np.int16),
        "square": square.astype(np.int16),
        "silence": np.zeros(count, np.int16),
    }


@pytest.mark.parametrize("name", CASES)
def test_c_has_the_same_bits(name: str, tmp_path: Path) -> None:
    definition = CASES[name]
    compiled = CompiledC(definition, tmp_path)
    for kind, clip in clips(definition).items():
        want = definition.integers(clip)
        np.testing.assert_array_equal(compiled(clip), want, kind)
        np.testing.assert_array_equal(compiled(clip, iter(range(1, 10_000))), want, kind)
    assert len(np.unique(definition.integers(clips(definition)["changing level"]))) > 20
