"""What follows the bands in the library: the bits of `program.over_clip` on arrays in float32."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import signals
from engine_names import why_not_native

import sonogram as sg
from sonogram.engines import native, program
from sonogram.engines.native import lower
from sonogram.engines.native.arrays import NativeArrays
from sonogram.engines.numpy import condition
from sonogram.engines.plan import plan
from sonogram.engines.rounding import silence_rounding_of_clip

pytestmark = [
    pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here"),
    pytest.mark.usefixtures("isa"),
]

XP = NativeArrays()
BANDS = 21
BASE = sg.Frontend(
    8000, 64, 30, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(BANDS), scaling=sg.scaling.Log(floor=1e-6)
)
_OF_BANDS = sg.Matrix(np.linspace(-2, 3, BANDS))
_WIDTHS = sg.Matrix(np.linspace(1, 3, BANDS))


def stepwise(definition: sg.Frontend, clip: np.ndarray) -> np.ndarray:
    """The features of a clip from its bands, stage by stage."""
    compiled = plan(definition)
    samples = condition(compiled, XP.samples(clip)).astype(np.float32)
    bands, energy = native.frames(compiled, samples, 0, compiled.num_valid_frames(len(samples)))
    result = np.zeros((compiled.features_frames(len(clip)), definition.num_bands), np.float32)
    if compiled.valid_features(len(clip)):
        silenced = silence_rounding_of_clip(compiled, bands[None], clip)
        rows = program.over_clip(compiled, XP, silenced, None if energy is None else energy[None])[0]
        result[: len(rows)] = rows
    return result


def check(definition: sg.Frontend, size: int = 3000) -> None:
    """Compare clips of several lengths, each alone and all in one batch."""
    assert lower.covers_definition(plan(definition))
    lengths = np.array([size, size // 2 + 7, 150, 0, 64, size])
    batch = np.zeros((len(lengths), size), np.float32)
    for row, length in zip(batch, lengths, strict=True):
        row[:length] = signals.noise(size, length)[:length]
        row[length:] = np.nan
    batch[-1] = 0.25  # nothing but one repeated sample
    together = definition(batch, "native", lengths=lengths)
    for row, features, length in zip(batch, together, lengths, strict=True):
        want = stepwise(definition, row[:length])
        np.testing.assert_array_equal(definition(row[:length], "native"), want)
        np.testing.assert_array_equal(features[: len(want)], want)
        assert not features[len(want) :].any()


COVERED = [name for name in sg.preset_names() if lower.covers_definition(plan(sg.preset(name)))]


@pytest.mark.parametrize("name", COVERED)
def test_every_preset_has_the_bits_of_its_stages(name: str) -> None:
    definition = sg.preset(name)
    check(definition, 30 * definition.frame_step + definition.frame_length)


NORMALIZATIONS = (
    None,
    sg.normalize.Affine(2, 3, minimum=-0.5, maximum=0.25, step=1 / 64),
    sg.normalize.Affine(_OF_BANDS, _WIDTHS, minimum=-0.5, maximum=0.25, step=1 / 64),
    sg.normalize.Standardize(),
    sg.normalize.Standardize("band", ddof=1, epsilon=1e-3),
    sg.normalize.Standardize("band", epsilon=1e-3, epsilon_added_to="variance"),
    sg.normalize.MinMax(),
    sg.normalize.RemoveMean(),
    sg.normalize.RemoveMean("clip"),
    sg.normalize.RunningMean(0.04),
    sg.normalize.RunningMean(0.04, initial=_OF_BANDS, std=3),
    sg.normalize.RunningMean(0.04, initial=0.7, std=3),
    sg.normalize.RunningMean(0.04, initial="first"),
    sg.normalize.SlidingMean(before=12, minimum=5),
    sg.normalize.SlidingMean(before=7, minimum=8),
    sg.normalize.UnitPeak(),
)


@pytest.mark.parametrize("rule", NORMALIZATIONS, ids=repr)
def test_normalizations(rule: Any) -> None:
    check(BASE.replace(normalize=rule))
    check(BASE.replace(normalize=rule, scaling=sg.scaling.Log(floor=1e-6, reference="peak", dynamic_range=9)))
    check(BASE.replace(normalize=rule, stack=sg.stack.Stack(3, "pad", step=2)))
    if rule is None or not any(isinstance(each, sg.Matrix) for each in dataclasses.astuple(rule)):
        check(BASE.replace(normalize=rule, bands=sg.bands.Mel(1)))
        check(BASE.replace(normalize=rule, bands=sg.bands.Mel(9), deltas=sg.deltas.Regression(1)))


DELTAS = (
    sg.deltas.Regression(),
    sg.deltas.Regression(3, width=1),
    sg.deltas.Difference(),
    sg.deltas.SavitzkyGolay(),
    sg.deltas.SavitzkyGolay(1, length=3),
    sg.deltas.PositiveDifference(),
    sg.deltas.PositiveDifference(lag=4),
)


@pytest.mark.parametrize("bands", [1, 13, 21])
@pytest.mark.parametrize("rule", DELTAS, ids=repr)
def test_derivatives(rule: Any, bands: int) -> None:
    definition = BASE.replace(bands=sg.bands.Mel(bands), deltas=rule)
    check(definition)
    check(definition.replace(stack=sg.stack.Stack(2), normalize=sg.normalize.Standardize("band")))


STACKS = (
    sg.stack.Stack(),
    sg.stack.Stack(5, "pad", step=1, before=2, layout="bands"),
    sg.stack.Stack(4, "pad", step=3, before=3, edges="repeat"),
    sg.stack.Stack(3, step=2, before=1, edges="repeat"),
)


@pytest.mark.parametrize("rule", STACKS, ids=repr)
def test_stacks(rule: Any) -> None:
    check(BASE.replace(stack=rule))


@pytest.mark.parametrize("energy", [None, "replace", "spectrum"])
@pytest.mark.parametrize("scaling", ["plain", "peak", "masked", "masked peak"])
def test_cepstra(energy: Any, scaling: str) -> None:
    floors = {"dynamic_range": 6.0, "floor": 1e-6} if "peak" in scaling else {"floor": 1e-6}
    make: Any = sg.scaling.MaskedLog if "masked" in scaling else sg.scaling.Log
    cepstrum = sg.cepstrum.Cepstrum(13, lifter=22, energy=energy)
    definition = BASE.replace(scaling=make(**floors), cepstrum=cepstrum)
    check(definition)
    check(definition.replace(deltas=sg.deltas.Regression(), normalize=sg.normalize.SlidingMean(9, 4)))


def test_values_that_are_not_finite_stay_in_their_clip() -> None:
    batch = np.stack([signals.noise(2000, seed) for seed in range(3)])
    for value in (np.nan, np.inf):
        batch[1, 700] = value
        peaks = sg.scaling.Log(floor=1e-6, dynamic_range=9)
        definitions = [BASE.replace(normalize=rule) for rule in NORMALIZATIONS]
        definitions += [
            BASE.replace(scaling=peaks),
            BASE.replace(scaling=peaks, cepstrum=sg.cepstrum.Cepstrum()),
        ]
        for definition in definitions:
            got = definition(batch, "native")
            for row, clip in zip(got, batch, strict=True):
                with np.errstate(invalid="ignore"):
                    want = stepwise(definition, clip)
                np.testing.assert_array_equal(row, want)
