"""Samples in the other byte order and samples that are no numbers, over each normalization."""

import dataclasses

import contract
import numpy as np
import pytest
from normalizations import NORMALIZATIONS

import sonogram as sg

MAGNITUDE = sg.Frontend(16000, 400, 160)
LOG_MEL = dataclasses.replace(
    MAGNITUDE, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(20), scaling=sg.scaling.Log(floor=1e-7)
)
DEFINITIONS = [
    dataclasses.replace(base, normalize=rule) for base in (MAGNITUDE, LOG_MEL) for rule in NORMALIZATIONS
]


@pytest.mark.parametrize("check", ["byte orders", "invalid samples"])
@pytest.mark.parametrize("definition", DEFINITIONS, ids=repr)
def test_each_normalization_keeps_the_contract(definition: sg.Frontend, check: str) -> None:
    contract.CHECKS[check](definition)


def test_resynthesis_takes_both_byte_orders() -> None:
    samples = np.round(3000 * np.sin(np.arange(4003) / 9)).astype(np.int16)
    want = sg.resynthesize(samples.astype("<i2"), MAGNITUDE, 2).samples
    np.testing.assert_array_equal(sg.resynthesize(samples.astype(">i2"), MAGNITUDE, 2).samples, want)
