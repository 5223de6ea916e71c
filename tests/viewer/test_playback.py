"""Sound that the page plays, sample by sample: selections, loops, slow playback, and the band of a box."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import FRONTEND, MISSING, RATE, REASON, browse, serving, tone

import sonogram as sg
from sonogram.viewer import save_page

pytestmark = [pytest.mark.exhaustive, pytest.mark.skipif(bool(MISSING), reason=REASON)]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    sg.save(path, tone(4), RATE)
    return path


def test_the_mailed_page_plays_its_sound(sound, tmp_path):
    target = tmp_path / "page.html"
    save_page(sound, target, preset=FRONTEND)
    found = browse("sound", target.as_uri(), start=0.25, stop=1.0)
    played = np.concatenate([piece["samples"] for piece in found["pieces"]]).astype(np.float32)
    np.testing.assert_array_equal(played, sg.load(sound).samples[2000:8000])


def test_playback_is_the_samples_of_the_selection(sound):
    with serving(sound) as url:
        found = browse("sound", url, start=0.25, stop=3.0)
    pieces = found["pieces"]
    assert {piece["rate"] for piece in pieces} == {RATE}
    played = np.concatenate([piece["samples"] for piece in pieces]).astype(np.float32)
    np.testing.assert_array_equal(played, sg.load(sound).samples[2000:24000])
    place = pieces[0]["place"]
    for piece in pieces:
        assert piece["place"] == pytest.approx(place, abs=1e-3)  # each piece starts where the last one ends
        place += len(piece["samples"])
    assert found["playhead"] == pytest.approx(3.0, abs=0.2)


def spectrum(samples: Any, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies and their amplitudes in decibels."""
    values = np.asarray(samples) * np.hanning(len(samples))
    return np.fft.rfftfreq(len(values), 1 / rate), 20 * np.log10(abs(np.fft.rfft(values)) + 1e-9)


@pytest.mark.parametrize("seconds", [0.0371, 1.3], ids=["in one piece", "in several pieces"])
def test_a_loop_repeats_the_samples_of_the_selection(sound, seconds):
    first, stop = 2000, 2000 + round(seconds * RATE)
    with serving(sound) as url:
        found = browse("rendered", url, start=first / RATE, stop=stop / RATE, loop=True, seconds=3)
    assert found["rate"] == RATE
    assert found["wholeSamples"]
    played = np.array(found["samples"], np.float32)
    expected = np.resize(sg.load(sound).samples[first:stop], len(played))
    assert len(played) >= 3 * RATE
    np.testing.assert_array_equal(played, expected)


def test_slow_playback_divides_the_frequencies_and_keeps_the_samples(tmp_path):
    rate, path = 64_000, tmp_path / "ultrasound.wav"
    sg.save(path, tone(1, 21_000, rate), rate)
    with serving(path) as url:
        found = browse("rendered", url, start=0.25, stop=0.5, slow=10)
    samples = np.array(found["samples"], np.float32)
    assert found["rate"] == rate / 10
    np.testing.assert_array_equal(samples, sg.load(path).samples[16_000:32_000])
    frequencies, decibels = spectrum(samples, found["rate"])
    assert frequencies[decibels.argmax()] == pytest.approx(2100, abs=1)


def test_slow_playback_below_the_lowest_rate_of_browsers_divides_the_frequencies_too(sound):
    with serving(sound) as url:
        found = browse("rendered", url, start=0.5, stop=0.8, slow=10)
    samples = np.array(found["samples"])
    assert len(samples) == pytest.approx(3 * found["rate"], abs=10)
    frequencies, decibels = spectrum(samples, found["rate"])
    assert frequencies[decibels.argmax()] == pytest.approx(100, abs=1)


@pytest.mark.parametrize("mailed", [False, True], ids=["served", "mailed"])
def test_the_sound_of_a_box_has_its_frequencies_only(tmp_path, mailed):
    path, target = tmp_path / "noise.wav", tmp_path / "page.html"
    sg.save(path, (np.random.default_rng(0).standard_normal(4 * RATE) / 9).astype(np.float32), RATE)
    save_page(path, target, preset=FRONTEND)
    with serving(path) as served:
        url = target.as_uri() if mailed else served
        found = browse("rendered", url, start=0.5, stop=3.5, low=1000, high=2000)
    frequencies, decibels = spectrum(found["samples"], found["rate"])
    original = spectrum(sg.load(path).samples[RATE // 2 : 7 * RATE // 2], RATE)[1]
    change = decibels - original
    inside = (frequencies > 1150) & (frequencies < 1850)
    outside = (frequencies < 850) | (frequencies > 2150)
    assert abs(np.median(change[inside])) < 0.2
    assert np.median(change[outside]) < -40
