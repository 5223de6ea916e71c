"""Files of any length to panels."""

import numpy as np
import pytest

import sonogram as sg
from sonogram.picture import (
    Excerpt,
    Resolution,
    common_frontend,
    file_panels,
    recording,
    sound as sound_module,
    viewing_frontend,
)


@pytest.fixture
def sound(tmp_path, rng):
    samples = (rng.normal(size=(2, 30_000)) / 10).astype(np.float32)
    path = tmp_path / "two channels.wav"
    sg.save(path, samples, 16_000)
    return path, samples


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_looking_takes_a_window_of_about_40_milliseconds(rate):
    frontend = viewing_frontend(rate, 60 * rate)
    assert 0.028 <= frontend.frame_length / rate <= 0.057
    assert frontend.frame_step * 4 == frontend.frame_length
    assert frontend.fft_length >= 1024
    assert frontend.streamable


def test_short_sounds_are_looked_at_closely():
    frontend = viewing_frontend(22_050, 4000)
    assert frontend.frame_length / 22_050 < 0.03
    assert 1000 <= frontend.num_frames(4000) <= 3100


def test_a_window_longer_than_the_sound_has_few_steps():
    frontend = viewing_frontend(22_050, 4000, Resolution(window=1 << 20))
    assert frontend.frame_length // frontend.frame_step <= 1024


@pytest.mark.parametrize("num_samples", [1, 2, 15, 16, 100])
@pytest.mark.parametrize("rate", [1, 100, 8000, 48_000])
def test_the_shortest_sounds_have_a_frame(num_samples, rate):
    frontend = viewing_frontend(rate, num_samples)
    assert len(frontend(np.ones(num_samples, np.float32))) >= 1


def test_a_tone_is_as_bright_under_every_window():
    peaks = []
    for num_samples in (2000, 200_000):
        frontend = viewing_frontend(16_000, num_samples)
        tone = np.sin(2 * np.pi * 1000 * np.arange(num_samples) / 16_000).astype(np.float32)
        peaks.append(frontend(tone)[len(frontend(tone)) // 2].max())
    assert peaks[0] == pytest.approx(peaks[1], rel=1e-3)


def test_a_file_is_its_features(sound):
    path, samples = sound
    [panel] = file_panels(path)
    assert panel.title == "two channels.wav"
    mono = (samples[0] + samples[1]) / 2
    np.testing.assert_allclose(panel.features, panel.frontend(mono), atol=1e-6)
    assert panel.envelope.num_samples == 30_000
    assert panel.span == (0, 30_000 / 16_000)


def test_channels_are_panels(sound):
    path, samples = sound
    left, right = file_panels(path, excerpt=Excerpt(mono=False))
    assert (left.title, right.title) == ("two channels.wav, left", "two channels.wav, right")
    np.testing.assert_allclose(left.features, left.frontend(samples[0]), atol=1e-6)
    np.testing.assert_allclose(right.features, right.frontend(samples[1]), atol=1e-6)
    np.testing.assert_array_equal(right.envelope.highest[:100], samples[1][:800].reshape(100, 8).max(1))


@pytest.mark.parametrize("streamable", [True, False])
def test_blocks_change_nothing(sound, streamable, monkeypatch):
    path, _ = sound
    normalize = None if streamable else sg.normalize.Standardize()
    frontend = sg.Frontend(16_000, 400, 160, padding=sg.padding.Center(), normalize=normalize)
    assert frontend.streamable == streamable
    [whole] = file_panels(path, frontend)
    monkeypatch.setattr(sound_module, "_BLOCK", 999)
    [blocks] = file_panels(path, frontend)
    np.testing.assert_array_equal(whole.features, blocks.features)
    np.testing.assert_array_equal(whole.envelope.lowest, blocks.envelope.lowest)


def test_the_sound_comes_at_the_rate_of_the_definition(sound):
    path, _ = sound
    [panel] = file_panels(path, sg.Frontend(8000, 400, 160))
    assert panel.envelope.num_samples == 15_000
    assert panel.span == (0, 15_000 / 8000)


def test_what_needs_the_whole_clip_has_a_limit(sound, monkeypatch):
    path, _ = sound
    monkeypatch.setattr(recording, "_MAX_VALUES", 10_000)
    frontend = sg.Frontend(16_000, 400, 160, normalize=sg.normalize.Standardize())
    with pytest.raises(sg.SonogramError, match=r"too long for this definition.*not streamable"):
        file_panels(path, frontend)
    assert file_panels(path, sg.Frontend(16_000, 400, 160))


def test_rates_between_hertz_are_refused(sound):
    path, _ = sound
    with pytest.raises(sg.SonogramError, match=r"got 16000\.5 Hz"):
        file_panels(path, sg.Frontend(16_000.5, 400, 160))


def test_a_clip_shorter_than_a_frame_names_the_least(sound):
    path, _ = sound
    with pytest.raises(sg.SonogramError, match="at least 40000 samples"):
        file_panels(path, sg.Frontend(16_000, 40_000, 160))


@pytest.mark.parametrize(
    ("rate", "lowest"), [(1, 1 / 16), (100, 6.25), (799, 799 / 16), (800, 50), (48_000, 50)]
)
def test_slow_recordings_are_looked_at_together(tmp_path, rate, lowest):
    """A sensor's 100 Hz reach to 50 Hz, where the bands of sounds only begin."""
    path = tmp_path / "slow.wav"
    sg.save(path, np.sin(np.arange(500)), rate)
    frontend = common_frontend([path])
    assert frontend.bands.lower_hz == lowest
    [panel] = file_panels(path, frontend)
    assert np.isfinite(panel.features).all()
    assert panel.features.max() > 0
