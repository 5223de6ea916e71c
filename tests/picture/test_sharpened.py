"""Reassigned and multitaper spectrograms; sharpened.npz has parts of what librosa and libtfr returned."""

from pathlib import Path

import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.picture.sharpened import slepian_tapers


def recorded(name: str) -> np.ndarray:
    with np.load(Path(__file__).with_name("sharpened.npz")) as arrays:
        return arrays[name]


def test_energy_lies_where_librosa_finds_it():
    frontend = sg.Frontend(
        22050, 1024, 256, padding=sg.padding.Center(mode="constant"), window=sg.windows.Hann()
    )
    found = sg.picture.reassignment(signals.to_float(signals.chirp(22050)), frontend)
    rows = np.s_[20:60:2, ::4]  # the recording has every second frame and every fourth bin
    want = recorded("magnitudes")
    np.testing.assert_allclose(found.magnitudes[rows], want, rtol=0, atol=1e-6 * want.max())
    # Cells 60 dB down hold three digits less of the phase.
    loud = want > 1e-3 * want.max(axis=1, keepdims=True)
    np.testing.assert_allclose(
        found.frequencies[rows][loud], recorded("frequencies")[loud], rtol=0, atol=0.02
    )
    # librosa counts from the middle between two samples, but states the time of the second.
    np.testing.assert_allclose(
        found.times[rows][loud], recorded("times")[loud] - 0.5 / 22050, rtol=0, atol=2e-6
    )


def test_multitaper_is_that_of_libtfr():
    frontend = sg.Frontend(16000, 512, 160)
    magnitudes = sg.picture.multitaper(signals.to_float(signals.chirp(16000)), frontend)
    density = magnitudes.astype(np.float64) ** 2 / np.sum(frontend.window.weights(512) ** 2)
    density[:, 1:-1] *= 2  # the original counts negative frequencies, too
    want = recorded("multitaper")
    np.testing.assert_allclose(density[:20, ::2], want, rtol=0, atol=2e-6 * want.max())


@pytest.mark.parametrize("length", [5, 64, 1001])
def test_tapers_are_orthonormal_and_concentrated(length):
    tapers, shares = slepian_tapers(length, 2 if length == 5 else 3, 3)
    np.testing.assert_allclose(tapers @ tapers.T, np.eye(3), atol=1e-12)
    spectra = np.abs(np.fft.fft(tapers, 64 * length)) ** 2
    half = (2 if length == 5 else 3) * 64
    inside = (spectra[:, : half + 1].sum(axis=1) + spectra[:, -half:].sum(axis=1)) / spectra.sum(axis=1)
    np.testing.assert_allclose(inside, shares, atol=0.01 if length == 5 else 1e-4)
    assert (np.diff(shares) < 1e-12).all()


def test_energy_remains_and_a_tone_and_a_click_become_lines():
    frontend = sg.picture.viewing_frontend(8000, 8000)
    position = np.arange(8000)
    tone = np.sin(2 * np.pi * 1000 / 8000 * position)
    plain, sharp = frontend(tone), sg.picture.reassigned(tone, frontend)
    assert np.sum(sharp[100:-100].astype(float) ** 2) == pytest.approx(
        np.sum(plain[100:-100].astype(float) ** 2), rel=1e-2
    )
    row = round(1000 / (8000 / frontend.fft_size))
    assert sharp[len(sharp) // 2].argmax() == row
    assert sharp[len(sharp) // 2, row] ** 2 > 0.99 * np.sum(plain[len(sharp) // 2].astype(float) ** 2)
    click = np.where(position == 4000, 1.0, 0.0)
    frames = np.sum(sg.picture.reassigned(click, frontend).astype(float) ** 2, axis=1)
    center = int(np.argmin(np.abs(frontend.times(len(frames)) - 0.5)))
    assert frames[center - 1 : center + 2].sum() > 0.99 * frames.sum()


def test_silence_and_no_frames_remain():
    frontend = sg.picture.viewing_frontend(8000, 8000)
    for function in (sg.picture.reassigned, sg.picture.multitaper):
        assert not function(np.zeros(2000), frontend).any()
        assert function(np.zeros(3), sg.Frontend(8000, 64, 32)).shape == (0, 33)


def test_pictures_show_them(tmp_path):
    sound = sg.Audio(signals.noise(4000), 8000)
    part = sg.show(sound, tmp_path / "part.png", start=0.1, duration=0.2, reassigned=True)
    smooth = sg.show(sound, start=0.1, duration=0.2, multitaper=True)
    images = [picture.axes[0].images[0].get_array().filled(-99) for picture in (part, smooth)]
    assert images[0].std() > 2 * images[1].std()
    assert (tmp_path / "part.png").stat().st_size > 1000
    assert part.axes[0].get_xlim() == pytest.approx((0.1, 0.3))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reassigned": True, "multitaper": True}, "either reassigned or multitaper"),
        ({"reassigned": True, "preset": "whisper-80"}, "returns 80 values in normalized log10 power"),
    ],
)
def test_what_does_not_go_together_is_named(options, words):
    with pytest.raises(sg.SonogramError, match=words):
        sg.show(sg.Audio(signals.noise(800), 8000), **options)


def test_long_recordings_are_refused():
    frontend = sg.picture.viewing_frontend(8000, 8000)
    with pytest.raises(sg.SonogramError, match=r"3600 s are too long .* show a part"):
        sg.picture.reassigned(np.zeros(8000 * 3600, np.int16), frontend)
