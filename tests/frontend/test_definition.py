"""The definition: data in and out, equality, fingerprints, derived numbers, clear refusals."""

import dataclasses
import json

import numpy as np
import pytest

import sonogram as sg

PLAIN = sg.Frontend(16000, 400, 160)
FULL = sg.Frontend(
    16000,
    400,
    160,
    512,
    padding=sg.padding.Center(mode="constant", last_frame="zero"),
    conditioning=sg.conditioning.Conditioning(32768, None, sg.conditioning.Preemphasis(0.95, "clip", "zero")),
    window=sg.windows.CustomWindow(values=sg.Matrix(np.linspace(0, 1, 400))),
    spectrum=sg.spectrum.Magnitude(epsilon=1e-9),
    bands=sg.bands.Filterbank(sg.Matrix(np.eye(257)[:, :6])),
    scaling=sg.scaling.Log(10, floor=1e-5, reference="peak"),
    cepstrum=sg.cepstrum.Cepstrum(4, lifter=22),
    normalize=sg.normalize.Affine(sg.Matrix([1, 2, 3, 4]), 5),
    stack=sg.stack.Stack(3, "pad"),
)


def test_numbers_of_any_kind_make_one_definition() -> None:
    same = sg.Frontend(np.float64(16000), 400.0, np.int32(160), np.float32(512))
    other = sg.Frontend(16000, 400, 160, 512)
    assert same == other
    assert hash(same) == hash(other)
    assert same.fingerprint == other.fingerprint
    assert json.dumps(same.to_dict()) == json.dumps(other.to_dict())


def test_data_holds_what_differs_from_the_defaults() -> None:
    assert PLAIN.to_dict() == {
        "schema": 1,
        "sample_rate": 16000,
        "frame_length": 400,
        "frame_step": 160,
    }
    plain = dataclasses.replace(PLAIN, scaling=sg.scaling.Decibels(dynamic_range=80)).to_dict()
    assert plain["scaling"] == {"type": "Decibels", "dynamic_range": 80}


def test_everything_comes_back_from_json() -> None:
    again = sg.Frontend.from_dict(json.loads(json.dumps(FULL.to_dict())))
    assert again == FULL
    assert again.fingerprint == FULL.fingerprint
    np.testing.assert_array_equal(again.window.values.values, FULL.window.values.values)


@pytest.mark.parametrize(
    "changes",
    [
        {"sample_rate": 8000},
        {"frame_length": 399},
        {"frame_step": 161},
        {"padding": sg.padding.Center(mode="constant")},
        {"conditioning": sg.conditioning.Conditioning(1)},
        {"window": sg.windows.Hann()},
        {"spectrum": sg.spectrum.Power()},
        {"scaling": sg.scaling.Log(10, floor=1e-5)},
        {"scaling": sg.scaling.Log(10, floor=2e-5, reference="peak")},
        {"cepstrum": sg.cepstrum.Cepstrum(4)},
        {"normalize": sg.normalize.Affine(sg.Matrix([1, 2, 3, 5]), 5)},
        {"stack": sg.stack.Stack(3)},
        {"stack": None},
    ],
    ids=str,
)
def test_every_field_is_in_the_fingerprint(changes: dict) -> None:
    window = {} if "frame_length" not in changes else {"window": sg.windows.Hann("symmetric")}
    other = dataclasses.replace(FULL, **window, **changes)
    assert other != FULL
    assert other.fingerprint != dataclasses.replace(FULL, **window).fingerprint


def test_a_given_length_is_another_definition_than_a_derived_one() -> None:
    given = dataclasses.replace(PLAIN, fft_length=512)
    assert given != PLAIN
    assert given.fingerprint != PLAIN.fingerprint
    assert given.num_bins == PLAIN.num_bins


def test_the_fingerprint_is_the_digest_of_the_data() -> None:
    import hashlib

    text = '{"frame_length":400,"frame_step":160,"sample_rate":16000,"schema":1}'
    assert PLAIN.fingerprint == hashlib.sha256(text.encode()).hexdigest()


def test_the_default_window_is_that_of_tf_signal() -> None:
    assert PLAIN.window == sg.windows.Hann("periodic-if-even")
    assert PLAIN.padding == sg.padding.Valid()
    assert PLAIN.spectrum == sg.spectrum.Magnitude()


def test_what_follows_from_the_fields() -> None:
    assert PLAIN.num_bins == PLAIN.num_bands == 257
    assert PLAIN.frequencies[:3].tolist() == [0, 31.25, 62.5]
    assert PLAIN.frequencies[-1] == 8000
    assert sg.Frontend(16000, 400, 160, 400).num_bins == 201
    assert sg.Frontend(16000, 1, 1).num_bins == 1
    assert FULL.num_bands == 12
    assert FULL.frequencies is None
    assert dataclasses.replace(FULL, stack=None).frequencies is None
    assert dataclasses.replace(PLAIN, bands=sg.bands.Mel(40)).num_bands == 40
    assert PLAIN.num_frames(16000) == 98
    with pytest.raises(sg.DefinitionError, match="num_samples must be a whole number of at least 0; got -1"):
        PLAIN.num_frames(-1)


def test_definitions_are_frozen_and_hold_no_arrays_that_change() -> None:
    with pytest.raises(AttributeError):
        PLAIN.frame_length = 3  # type: ignore[misc]
    assert {PLAIN: 1}[sg.Frontend(16000.0, 400, 160)] == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.Frontend(0, 400, 160), "sample_rate must be above 0 Hz; got 0"),
        (lambda: sg.Frontend("16k", 400, 160), "sample_rate must be a number; got '16k'"),
        (lambda: sg.Frontend(1e12, 400, 160), "sample_rate must be at most 1e[+]09 Hz; got 1000000000000"),
        (lambda: sg.Frontend(16000, 400, 160, 1 << 40), "at most 16777216 samples; got 1099511627776"),
        (lambda: sg.Frontend(16000, 1 << 25, 160), "at most 16777216 samples; got 33554432"),
        (
            lambda: sg.Frontend(16000, 400, 160, bands=sg.bands.Mel(50_000_000)),
            "a table of 257 x 50000000 weights does not fit into memory. Take fewer bands",
        ),
        (
            lambda: sg.Frontend(16000, 1 << 20, 160, cepstrum=sg.cepstrum.Cepstrum(200)),
            "a table of 524289 x 200 weights",
        ),
        (lambda: sg.Frontend(16000, 0, 160), "frame_length must be a whole number of samples"),
        (lambda: sg.Frontend(16000, 400, 0), "frame_step must be a whole number"),
        (lambda: sg.Frontend(16000, 400, 0.5), "at least 1; got 0.5"),
        (lambda: sg.Frontend(16000, 400, True), "got True"),
        (lambda: sg.Frontend(16000, 400, 160, 256), "Use 400 or more, or None"),
        (lambda: sg.Frontend(16000, 400, 160, 0), "fft_length must be a whole number"),
        (lambda: sg.Frontend(16000, 400, 160, padding="same"), "padding must be .*Same.*got 'same'"),
        (lambda: sg.Frontend(16000, 400, 160, window="hann"), "window must be .*Hann.*got 'hann'"),
        (
            lambda: sg.Frontend(16000, 400, 160, scaling="db"),
            "Decibels, Log, MaskedLog, Pcen or None; got 'db'",
        ),
        (lambda: sg.Frontend(16000, 400, 160, bands=40), "Mel.*or None; got 40"),
        (lambda: sg.Frontend(16000, 400, 160, spectrum=None), "Magnitude, Power; got None"),
        (lambda: sg.Frontend(16000, 400, 160, stack=2), "Stack or None; got 2"),
        (lambda: sg.Frontend(16000, 400, 160, spectrum=sg.bands.Mel()), "Magnitude, Power; got Mel"),
    ],
)
def test_wrong_definitions_say_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"schema": 2}, "reads definitions of schema 1.*Upgrade sonogram"),
        ({"hop": 3}, "has no field 'hop' .write frame_step"),
        ({"bands": {"type": "Bark"}}, "unknown stage 'Bark'.*takes .*Mel"),
        ({"bands": {"type": "mel"}}, "unknown stage 'mel' in a definition; did you mean Mel?"),
        ({"bands": {"type": 10**300}}, "unknown stage 10{38,39} in a definition"),
        ({"normalize": {"type": "Affine", "mean": True}}, "mean must be a number"),
        ({"normalize": {"type": "RunningMean", "initial": True}}, "initial must be a number"),
        ({"bands": {"type": "Mel", "n_mels": 3}}, "Mel has no field 'n_mels' .write num_mel_bins"),
        ({"bands": {"num_mel_bins": 3}}, "unknown stage None"),
        ({"bands": {"type": "Frontend"}}, "unknown stage 'Frontend'"),
        ({"scaling": {"type": "Log"}}, "needs a floor or an offset"),
        ({"window": {"type": "Matrix", "values": [1]}}, "window must be"),
    ],
)
def test_wrong_data_says_what_is_right(plain: dict, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        sg.Frontend.from_dict({**PLAIN.to_dict(), **plain})


def test_missing_data_is_named() -> None:
    with pytest.raises(sg.DefinitionError, match="Frontend needs frame_length, frame_step"):
        sg.Frontend.from_dict({"sample_rate": 16000})


def test_presets_are_found_or_the_nearest_named() -> None:
    assert sg.preset("whisper-80").num_bands == 80
    with pytest.raises(sg.SonogramError, match="no preset 'whisper80'; did you mean whisper-80"):
        sg.preset("whisper80")
