"""Numbers in one form, fields in one place, lines that say what differs."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

import sonogram as sg
from sonogram.config import canonical, field_docs, field_types


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
    docs = field_docs(stage)
    fields = [field.name for field in dataclasses.fields(stage)]
    assert not [field for field in fields if not docs.get(field)]


def test_stages_are_frozen_and_take_no_unknown_field() -> None:
    with pytest.raises(AttributeError, match="cannot assign"):
        sg.bands.Mel().num_mel_bins = 3  # type: ignore[misc]
    with pytest.raises(TypeError, match=r"Mel takes no 'n_mels' \(write num_mel_bins\)"):
        sg.bands.Mel(n_mels=3)  # type: ignore[call-arg]


WHISPER = sg.preset("whisper-80")


def test_replace_changes_fields_and_fields_of_stages() -> None:
    changed = WHISPER.replace(frame_step=200, bands__num_mel_bins=64, conditioning__scale=2)
    assert (changed.frame_step, changed.bands.num_mel_bins, changed.conditioning.scale) == (200, 64, 2)
    assert changed.bands == dataclasses.replace(WHISPER.bands, num_mel_bins=64)
    stages = {"bands": WHISPER.bands, "conditioning": WHISPER.conditioning}
    assert dataclasses.replace(changed, frame_step=160, **stages) == WHISPER
    assert type(changed) is sg.Frontend
    assert WHISPER.bands.num_mel_bins == 80


def test_replace_reaches_stages_inside_stages_and_new_ones() -> None:
    kaldi = sg.preset("kaldi-fbank-80")
    changed = kaldi.replace(conditioning__preemphasis__coefficient=0.9)
    assert changed.conditioning.preemphasis.coefficient == 0.9
    mel = WHISPER.replace(bands=sg.bands.Mel(20), bands__upper_hz=4000).bands
    assert mel == sg.bands.Mel(20, upper_hz=4000)
    assert sg.bands.Mel(20).replace(upper_hz=4000) == mel
    assert WHISPER.replace() == WHISPER


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hop_length": 3}, r"Frontend takes no 'hop_length' \(write frame_step\)"),
        ({"n_mels": 3}, r"no 'n_mels' \(write bands=sg.bands.Mel\(num_mel_bins=...\)\)"),
        ({"bands__n_mels": 3}, r"Mel takes no 'n_mels' \(write num_mel_bins\)"),
        ({"band__num_mel_bins": 3}, r"Frontend takes no 'band' \(did you mean bands\?\)"),
        ({"cepstrum__lifter": 3}, "cepstrum is None and has no field lifter. Give cepstrum a stage first"),
        ({"frame_step__x": 3}, "frame_step is 160 and has no field x"),
        ({"bands__num_mel_bins": 0}, "num_mel_bins must be"),
    ],
)
def test_a_wrong_replacement_names_the_field(changes: dict[str, int], message: str) -> None:
    with pytest.raises((TypeError, sg.DefinitionError), match=message):
        WHISPER.replace(**changes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.Frontend("16000", 400, 160), "sample_rate must be a number; got '16000'"),
        (lambda: sg.Frontend(16000, "400", 160), "frame_length must be a number; got '400'"),
        (lambda: sg.Frontend(None, 400, 160), "sample_rate must be a number; got None"),
        (lambda: sg.Frontend(16000, 400, 160, [512]), r"fft_length must be a number or None; got \[512\]"),
        (lambda: sg.bands.Mel(lower_hz="20"), "lower_hz must be a number; got '20'"),
        (lambda: sg.scaling.Log(floor={}), "floor must be a number or None"),
        (lambda: sg.scaling.Log(floor=1, reference=[]), "reference must be a number, 'peak' or None"),
        (lambda: sg.windows.Kaiser(beta="8"), "beta must be a number"),
        (lambda: sg.bands.Mel(norm=np.zeros(3)), "norm must be one of None, 'slaney'; got array"),
        (lambda: sg.bands.Mel(True), "num_mel_bins must be a number; got True"),
    ],
)
def test_a_value_of_another_type_is_a_definition_error(make: Callable[[], object], message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


def test_the_signature_is_that_of_the_fields() -> None:
    assert list(inspect.signature(sg.bands.Mel).parameters)[:2] == ["num_mel_bins", "lower_hz"]
    assert next(iter(inspect.signature(sg.Frontend).parameters)) == "sample_rate"
    assert "fields" not in inspect.signature(sg.Frontend).parameters
    assert list(inspect.signature(WHISPER).parameters) == ["samples", "engine", "lengths"]
    assert list(inspect.signature(sg.load).parameters)[:2] == ["source", "sample_rate"]


@pytest.mark.parametrize("definition", [sg.Frontend, sg.MicroFrontend])
def test_every_annotation_is_a_type(definition: type) -> None:
    """Python 3.10 refuses the marker `KW_ONLY`, so that no front end could be made there."""
    types = field_types(definition)
    assert types["_"] is type(None)
    assert types["sample_rate"] in (int, float)


def test_definitions_are_pickled_and_copied() -> None:
    assert pickle.loads(pickle.dumps(WHISPER)) == copy.deepcopy(WHISPER) == WHISPER
