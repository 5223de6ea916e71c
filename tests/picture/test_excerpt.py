"""Parts of recordings in time, single channels, resolution, and sounds that can be read once."""

import io
import os
import threading
from datetime import datetime

import numpy as np
import pytest

import sonogram as sg
from sonogram.picture import Excerpt, Label, Resolution, file_panels, viewing_frontend
from sonogram.picture.axes import band_axis
from sonogram.picture.panel import pixels

FRONTEND = sg.Frontend(16_000, 512, 128, padding=sg.padding.Center())


@pytest.fixture
def sound(tmp_path, rng):
    samples = (rng.normal(size=(2, 48_000)) / 10).astype(np.float32)
    path = tmp_path / "two channels.wav"
    sg.save(path, samples, 16_000)
    return path, samples


def bat(calls=2, rate=192_000):
    """A sweep from 80 to 30 kHz in 4 ms, ten a second, over a rumble of 120 Hz."""
    time = np.arange(calls * rate // 10) / rate
    samples = 0.2 * np.sin(2 * np.pi * 120 * time)
    local = np.arange(round(0.004 * rate)) / rate
    sweep = 0.3 * np.sin(2 * np.pi * (80_000 * local - 50_000 / 0.008 * local**2)) * np.hanning(len(local))
    for call in range(calls):
        start = round((call + 0.5) * 0.1 * rate)
        samples[start : start + len(sweep)] += sweep
    return sg.Audio(samples.astype(np.float32), rate)


def test_the_sweep_of_a_bat_is_a_sweep():
    [panel] = file_panels(bat(calls=30))
    frontend = panel.frontend
    assert 256 <= frontend.frame_length <= 1024
    frames = np.arange(panel.peaks.num_frames)
    times = panel.start + (frames // panel.peaks.frames_per_column + 0.5) * frontend.frame_period
    loudest = frontend.frequencies[frontend.frequencies > 10_000][
        panel.features[:, frontend.frequencies > 10_000].argmax(axis=1)
    ]
    # A quarter and three quarters of the call: 67.5 and 42.5 kHz, in any of the calls.
    for share, hertz in ((0.25, 67_500), (0.75, 42_500)):
        at = 1.05 + 0.004 * share
        column = int(panel.columns(np.array([at]))[0])
        assert loudest[column] == pytest.approx(hertz, abs=7000), times[column]


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 96_000, 192_000, 250_000, 384_000, 500_000])
def test_windows_follow_the_sample_rate(rate):
    long = viewing_frontend(rate, 600 * rate)
    assert 256 <= long.frame_length <= 2048
    seconds = long.frame_length / rate
    assert 0.028 <= seconds <= 0.057 if rate <= 48_000 else seconds <= 0.011


def test_the_resolution_can_be_chosen():
    frontend = viewing_frontend(44_100, 10_000_000, Resolution(1000, 100, 3000))
    assert (frontend.frame_length, frontend.frame_step, frontend.fft_length) == (1000, 100, 3000)
    assert viewing_frontend(44_100, 10_000_000, Resolution(window=8192)).fft_length >= 8192
    assert viewing_frontend(44_100, 10_000_000, logarithmic=True).frame_length == 4096


def test_a_part_has_the_features_of_the_whole_recording(sound):
    path, _ = sound
    [whole] = file_panels(path, FRONTEND)
    [part] = file_panels(path, FRONTEND, Excerpt(1.0, 0.5))
    assert part.span == (1.0, 1.5)
    band = band_axis(FRONTEND)
    expected = pixels(whole, (400, 300), (1.0, 1.5), band)
    np.testing.assert_allclose(pixels(part, (400, 300), (1.0, 1.5), band), expected, atol=1e-6)
    assert np.isfinite(expected).all()


def test_the_wave_of_a_part_is_at_its_time(sound):
    path, samples = sound
    [part] = file_panels(path, FRONTEND, Excerpt(1.0, 0.5))
    mono = samples.mean(axis=0)
    column = int(part.wave_columns(np.array([1.25]))[0])
    factor = part.envelope.samples_per_column
    first = round(part.offset * 16_000) + column * factor
    assert part.envelope.highest[column] == mono[first : first + factor].max()


def test_a_part_ends_with_the_recording(sound):
    path, _ = sound
    [part] = file_panels(path, excerpt=Excerpt(2.5, 100))
    assert part.span == (2.5, 3.0)
    with pytest.raises(sg.SonogramError, match=r"ends at 3 s; start must be before; got 3"):
        file_panels(path, excerpt=Excerpt(3.0))


def test_statistics_are_those_of_the_part(sound):
    path, samples = sound
    frontend = sg.Frontend(16_000, 512, 128, normalize=sg.normalize.Standardize())
    [part] = file_panels(path, frontend, Excerpt(1.0, 0.5))
    np.testing.assert_allclose(part.features, frontend(samples.mean(axis=0)[16_000:24_000]), atol=1e-4)


def test_one_channel_is_drawn_alone(sound):
    path, samples = sound
    [right] = file_panels(path, FRONTEND, Excerpt(channel=2))
    assert right.title == "two channels.wav, right"
    np.testing.assert_allclose(right.features, FRONTEND(samples[1]), atol=1e-6)
    [right] = file_panels(sg.Audio(samples, 16_000), FRONTEND, Excerpt(channel=2))
    np.testing.assert_allclose(right.features, FRONTEND(samples[1]), atol=1e-6)
    with pytest.raises(sg.SonogramError, match="has 2 channels; channel must be at most 2"):
        file_panels(path, excerpt=Excerpt(channel=3))


def test_samples_in_memory_are_cut_like_files(sound):
    path, samples = sound
    [of_file] = file_panels(path, FRONTEND, Excerpt(0.7, 0.2))
    [of_memory] = file_panels(sg.Audio(samples, 16_000), FRONTEND, Excerpt(0.7, 0.2))
    np.testing.assert_allclose(of_file.features, of_memory.features, atol=1e-6)
    assert of_file.span == of_memory.span


def test_bytes_file_objects_and_pipes_are_read(sound, tmp_path):
    path, _ = sound
    content = path.read_bytes()
    [expected] = file_panels(path, FRONTEND)
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(content))
    writer.start()
    [panel] = file_panels(pipe, FRONTEND)
    writer.join()
    assert panel.title == "pipe.wav"
    for found in (panel, *file_panels(content, FRONTEND), *file_panels(io.BytesIO(content), FRONTEND)):
        np.testing.assert_array_equal(found.features, expected.features)


def test_show_has_the_options_of_the_command(sound):
    path, _ = sound
    picture = sg.show(path, start=1, duration=0.5, low=100, high=4000, axis="log", window=1024, channel=1)
    [axes] = [axes for axes in picture.axes if axes.get_label() == "spectrogram 0"]
    assert axes.get_xlim() == (1, 1.5)
    assert axes.get_ylim() == (100, 4000)
    assert any("window 64 ms" in text.get_text() for text in picture.texts)


def test_labels_of_the_recording_are_drawn(sound, tmp_path):
    path, _ = sound
    table = "path,start,end,label\nother.wav,0,1,cat\ntwo channels.wav,1,2,dog\n"
    (tmp_path / "events.csv").write_text(table)
    picture = sg.show(path, labels=tmp_path / "events.csv")
    assert _texts(picture) == ["dog"]
    labels = [Label(0, 1, text="left only", channel=1), Label(1, 2, text="both")]
    both = sg.show(path, channels=True, labels=labels)
    assert _texts(both, 0) == ["left only", "both"]
    assert _texts(both, 1) == ["both"]
    assert _texts(sg.show(path, channel=2, labels=labels)) == ["both"]


def _texts(picture, index=0):
    axes = next(axes for axes in picture.axes if axes.get_label() == f"spectrogram {index}")
    return [text.get_text().strip() for text in axes.texts]


def test_the_time_of_day_is_that_of_the_recorder(tmp_path, render):
    path = tmp_path / "SITE_20260514_043000.wav"
    sg.save(path, np.random.default_rng(0).normal(size=16_000 * 10) / 10, 16_000)
    drawn = render(sg.show(path, time_of_day=True, start=5))
    axes = drawn.axes()
    assert axes.get_xlabel() == "time of day on 2026-05-14"
    names = {
        tick.get_text(): place for tick, place in zip(axes.get_xticklabels(), axes.get_xticks(), strict=True)
    }
    assert names["04:30:06.0"] == 6
    other = tmp_path / "wren.wav"
    path.rename(other)
    with pytest.raises(sg.SonogramError, match="neither its name nor its metadata have a time of day"):
        sg.show(other, time_of_day=True)
    assert datetime(2026, 5, 14, 4, 30) == sg.audio.recorded_at(other, "20260514_043000.WAV")


def test_recordings_may_share_their_time_axis():
    sounds = [sg.Audio(np.ones(n, np.float32), 8000) for n in (8000, 4000)]
    limits = [
        axes.get_xlim() for axes in sg.show(sounds, shared_time=True).axes if "spec" in axes.get_label()
    ]
    assert limits == [(0, 1), (0, 1)]
    limits = [axes.get_xlim() for axes in sg.show(sounds).axes if "spec" in axes.get_label()]
    assert limits == [(0, 1), (0, 0.5)]


def test_one_sample_and_silence_are_stated():
    assert _texts(sg.show(sg.Audio(np.ones(1, np.float32), 8000))) == ["1 sample"]
    silence = sg.show(sg.Audio(np.zeros(800, np.float32), 8000))
    assert _texts(silence) == ["digital silence"]
    assert "color bar" not in {axes.get_label() for axes in silence.axes}
