"""Keywords of other libraries: the error names ours."""

import inspect
import re
from collections.abc import Callable

import pytest

import sonogram as sg
from sonogram.peers import _ARGUMENTS, _WORDS

# The word of the library, where it is taken, what is to be written.
CALLS: list[tuple[Callable[[], object], str]] = [
    (lambda: sg.load("a.wav", sr=16000), "load takes no 'sr' (write sample_rate)"),
    (
        lambda: sg.save(file="a.wav", samples=[], sample_rate=8000),
        "'file' (it takes path, samples, sample_rate)",
    ),
    (
        lambda: sg.save("a.wav", y=[], samplerate=8000),
        "no 'y' (write samples), no 'samplerate' (write sample_rate)",
    ),
    (lambda: sg.info(filename="a.wav"), "'filename' (write source)"),
    (lambda: sg.Frontend(sr=16000, n_fft=512, hop_length=160, win_length=400), "'n_fft' (write fft_length)"),
    (
        lambda: sg.Frontend(16000, 400, 160, n_mels=80),
        "'n_mels' (write bands=sg.bands.Mel(num_mel_bins=...))",
    ),
    (lambda: sg.Frontend(16000, 400, 160, center=True), "'center' (write padding=sg.padding.Center())"),
    (
        lambda: sg.bands.Mel(40, fmin=20, f_max=4000),
        "no 'fmin' (write lower_hz), no 'f_max' (write upper_hz)",
    ),
    (lambda: sg.scaling.Decibels(top_db=80), "'top_db' (write dynamic_range)"),
    (lambda: sg.cepstrum.Cepstrum(n_mfcc=13), "'n_mfcc' (write num_coefficients)"),
    (lambda: sg.bands.Mel(num_mels=3), "'num_mels' (write num_mel_bins)"),
    (lambda: sg.bands.Mel(bins=3), "'bins' (it takes num_mel_bins, lower_hz"),
    (lambda: sg.preset("yamnet", n_mels=64), "(write sg.preset(name).replace(bands__num_mel_bins=...))"),
    (lambda: sg.preset("yamnet", hop_length=64), "(write sg.preset(name).replace(frame_step=...))"),
    (
        lambda: sg.preset("yamnet", center=True),
        "(write sg.preset(name).replace(padding=sg.padding.Center()))",
    ),
    (lambda: sg.show("a.wav", cmap="magma"), "'cmap' (write colors)"),
    (lambda: sg.show("a.wav", frontend=None), "'frontend' (write preset)"),
    (
        lambda: sg.resynthesize("a.wav", None, iteration=3),
        "'iteration' (did you mean iterations?)",
    ),
    (lambda: sg.extract([], "out", n_mels=64), "(write sg.preset(name).replace(bands__num_mel_bins=...))"),
]


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_a_keyword_of_another_library_names_ours(number: int) -> None:
    call, message = CALLS[number]
    with pytest.raises(TypeError, match=re.escape(message)):
        call()


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"n_fft": 512}, "Frontend has no field 'n_fft' (write fft_length)"),
        ({"bands": {"type": "Mel", "fmin": 20}}, "Mel has no field 'fmin' (write lower_hz)"),
    ],
)
def test_the_same_in_json(plain: dict[str, object], message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=re.escape(message)):
        sg.Frontend.from_dict({"sample_rate": 16000, "frame_length": 400, "frame_step": 160, **plain})


@pytest.mark.parametrize("ours", _WORDS)
def test_every_name_in_the_table_is_one_of_ours(ours: str) -> None:
    field, *inner = ours.split(".")
    if field in _ARGUMENTS:
        return
    assert field in inspect.signature(sg.Frontend).parameters
    if inner:
        stage = getattr(getattr(sg, field), inner[0])
        assert set(inner[1:]) <= set(inspect.signature(stage).parameters)


def test_no_word_stands_twice_in_the_table() -> None:
    words = " ".join(_WORDS.values()).split()
    assert len(words) == len(set(words))
