"""Numbers in one form, fields in one place, lines that say what differs."""

from fractions import Fraction

import numpy as np
import pytest

import sonogram as sg
from sonogram.config import canonical, field_docs


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (16000.0, 16000),
        (np.float32(16000), 16000),
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (Fraction(1, 2), 0.5),
        (-0.0, 0),
        (1e-10, 1e-10),
        ("hann", "hann"),
        (None, None),
        (True, True),
    ],
)
def test_a_number_has_one_form(given: object, expected: object) -> None:
    value = canonical(given)
    assert value == expected
    assert type(value) is type(expected)
    assert repr(value) == repr(expected)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -np.inf])
def test_only_finite_numbers_stand_in_a_definition(value: float) -> None:
    with pytest.raises(sg.DefinitionError, match=r"finite numbers.*None for 'absent'"):
        canonical(value)
    with pytest.raises(sg.DefinitionError, match="finite"):
        sg.scaling.Log(floor=value)


def test_repr_says_what_differs_from_the_defaults_and_makes_an_equal_one() -> None:
    definition = sg.Frontend(
        16000.0, 400, 160, padding=sg.padding.Center(mode="constant"), bands=sg.bands.Mel(64, upper_hz=7600)
    )
    assert repr(definition) == (
        "Frontend(sample_rate=16000, frame_length=400, frame_step=160, "
        "padding=Center(mode='constant'), bands=Mel(num_mel_bins=64, upper_hz=7600))"
    )
    names = {"Frontend": sg.Frontend, "Center": sg.padding.Center, "Mel": sg.bands.Mel}
    assert eval(repr(definition), names) == definition
    assert repr(sg.windows.Hann()) == "Hann()"


@pytest.mark.parametrize(
    "stage",
    [
        sg.Frontend,
        sg.bands.Mel,
        sg.scaling.Decibels,
        sg.padding.Center,
        sg.scaling.Pcen,
        sg.normalize.Standardize,
    ],
)
def test_every_field_says_what_it_is(stage: type) -> None:
    import dataclasses

    docs = field_docs(stage)
    fields = [field.name for field in dataclasses.fields(stage)]
    assert not [field for field in fields if not docs.get(field)]


def test_stages_are_frozen_and_take_no_unknown_field() -> None:
    with pytest.raises(AttributeError, match="cannot assign"):
        sg.bands.Mel().num_mel_bins = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        sg.bands.Mel(n_mels=3)  # type: ignore[call-arg]
