"""The axes are right: a tone of 1 kHz from 0.5 s to 1 s is at that place in the pixels."""

from dataclasses import replace

import numpy as np
import pytest

import sonogram as sg
from sonogram.picture.axes import frequency_axis, round_below, time_axis

LINEAR = sg.Frontend(16_000, 512, 64)
BLANK = 700  # gray where there is no frame: brighter than the brightest color of the map
MEL = replace(LINEAR, bands=sg.bands.Mel(64), scaling=sg.scaling.Log(floor=1e-4))


@pytest.mark.parametrize(
    "frontend",
    [
        LINEAR,
        replace(LINEAR, padding=sg.padding.Center()),
        replace(LINEAR, padding=sg.padding.Causal()),
        replace(LINEAR, padding=sg.padding.Center(), frame_length=400, fft_length=512),
        replace(LINEAR, spectrum=sg.spectrum.Power()),
        replace(
            LINEAR, conditioning=sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.97))
        ),
        MEL,
        replace(MEL, padding=sg.padding.Center(), normalize=sg.normalize.Standardize()),
    ],
    ids=repr,
)
@pytest.mark.parametrize("with_wave", [True, False], ids=["wave", "no wave"])
def test_a_tone_stands_where_it_sounds(frontend, with_wave, tone, render):
    samples = tone(1000, 0.5, 1.0)
    drawn = render(sg.picture.draw(frontend(samples), frontend, samples=samples if with_wave else None))
    brightness = drawn.brightness()
    begins, ends = drawn.column(0.5), drawn.column(1.0)

    profile = brightness[:, int(begins + ends) // 2]
    bright = np.flatnonzero(profile >= profile.max() - 1)
    band = brightness.shape[0] / frontend.num_bands
    assert abs(bright.mean() - drawn.row("1k")) <= max(band, 2)

    along = brightness[int(bright.mean())]
    along = np.where(along > BLANK, 0, along)
    along[0] = 0  # the tick touches it
    sounding = np.flatnonzero(along > (along.max() + along.min()) / 2)
    # A window sees the tone half its length before it begins: the edge is soft by that much.
    blur = 256 / 16_000 * (ends - begins) / 0.5
    assert abs(sounding[0] - begins) <= blur + 2
    assert abs(sounding[-1] - ends) <= blur + 2
    assert abs((sounding[0] + sounding[-1]) / 2 - (begins + ends) / 2) <= 2


@pytest.mark.parametrize("hertz", [250, 500, 1000, 2000, 4000])
def test_mel_ticks_stand_at_their_band(hertz, tone, render):
    frontend = replace(MEL, frame_length=2048, fft_length=4096)
    samples = tone(hertz, 0, 2)
    drawn = render(sg.picture.draw(frontend(samples), frontend))
    profile = drawn.brightness().mean(axis=1)
    bright = np.flatnonzero(profile >= profile.max() - 1).mean()
    name = f"{hertz // 1000}k" if hertz >= 1000 else str(hertz)
    assert abs(bright - drawn.row(name)) <= 0.75 * len(profile) / 64


def test_wave_and_spectrogram_share_their_time(render):
    samples = np.zeros(32_000, np.float32)
    samples[20_000:20_016] = 0.9
    frontend = replace(LINEAR, padding=sg.padding.Center(), frame_length=64, fft_length=64, frame_step=16)
    drawn = render(sg.picture.draw(frontend(samples), frontend, samples=samples))
    assert drawn.box("wave 0")[:2] == drawn.box("spectrogram 0")[:2]
    wave = 765 - drawn.brightness("wave 0")  # a purple wave on white
    columns = np.flatnonzero(wave[: len(wave) // 4].max(axis=0) > 100)
    spectrum = drawn.brightness().mean(axis=0)
    assert abs(columns.mean() - np.flatnonzero(spectrum > spectrum.max() / 2).mean()) <= 2
    expected = 20_008 / 32_000 * (drawn.box()[1] - drawn.box()[0])
    assert abs(columns.mean() - expected) <= 2


def test_frames_beyond_the_clip_are_left_blank(render):
    frontend = sg.Frontend(16_000, 8000, 800)
    samples = np.full(16_000, 0.1, np.float32)
    drawn = render(sg.picture.draw(frontend(samples), frontend, samples=samples))
    blank = drawn.brightness()[100] > BLANK
    # The first frame is centered on 0.25 s and stands for the 0.05 s around it.
    assert abs(np.flatnonzero(~blank)[0] - drawn.column(0.225)) <= 3
    assert abs(np.flatnonzero(~blank)[-1] - drawn.column(0.775)) <= 3


@pytest.mark.parametrize(
    ("stop", "label", "some"),
    [
        (0.166, "time (s)", ["0.00", "0.02", "0.16"]),
        (4.9, "time (s)", ["0.0", "0.5", "4.5"]),
        (60, "time (s)", ["0", "10", "60"]),
        (61, "time (m:ss)", ["0:00", "0:10", "1:00"]),
        (600, "time (m:ss)", ["0:00", "1:00", "10:00"]),
        (3600, "time (h:mm:ss)", ["0:00:00", "0:10:00", "1:00:00"]),
        (7213, "time (h:mm:ss)", ["0:15:00", "2:00:00"]),
        (90_000, "time (h:mm:ss)", ["0:00:00", "24:00:00"]),
    ],
)
def test_time_is_written_as_people_write_it(stop, label, some):
    axis = time_axis(0, stop, 10)
    assert axis.label == label
    assert set(some) <= set(axis.names)
    assert 3 <= len(axis.names) <= 11
    for place, name in zip(axis.ticks, axis.names, strict=True):
        parts = [float(part) for part in name.split(":")]
        seconds = sum(part * 60**power for power, part in enumerate(reversed(parts)))
        assert seconds == pytest.approx(place, abs=1e-9)


def test_ticks_of_time_begin_where_the_axis_does():
    axis = time_axis(0.012, 0.028, 10)
    assert axis.ends == (0.012, 0.028)
    assert all(0.012 <= tick <= 0.028 for tick in axis.ticks)
    assert "0.020" in axis.names


@pytest.mark.parametrize("length", [1e-5, 0.3, 7, 59.9, 75, 1e4, 1e6])
def test_time_has_a_sane_number_of_ticks_at_every_length(length):
    assert 2 <= len(time_axis(0, length, 10).ticks) <= 13


def test_linear_ticks_are_round_and_true():
    axis = frequency_axis(LINEAR, 10)
    assert axis.label == "frequency (Hz)"
    assert axis.names == ("0", "1k", "2k", "3k", "4k", "5k", "6k", "7k", "8k")
    # Bin i is centered on i * 16000 / 512 Hz, in the middle of row i.
    expected = [hertz * 512 / 16_000 + 0.5 for hertz in range(0, 8001, 1000)]
    assert axis.ticks == pytest.approx(expected)
    assert axis.ends == (0.5, 256.5)


def test_mel_ticks_are_octaves_at_the_centers_of_bands():
    axis = frequency_axis(replace(MEL, bands=sg.bands.Mel(80)), 10)
    assert axis.label == "frequency (Hz), 80 bands"
    assert axis.names == ("125", "250", "500", "1k", "2k", "4k")
    centers = sg.bands.Mel(80).centers(16_000, 512)
    for place, hertz in zip(axis.ticks, (125, 250, 500, 1000, 2000, 4000), strict=True):
        assert np.interp(place - 0.5, np.arange(80), centers) == pytest.approx(hertz)


def test_cepstra_and_stacked_frames_count_their_values():
    cepstra = replace(MEL, cepstrum=sg.cepstrum.Cepstrum(13))
    assert frequency_axis(cepstra, 10).label == "coefficient"
    assert frequency_axis(cepstra, 10).names[:2] == ("0", "2")
    assert frequency_axis(cepstra, 10).ticks[:2] == (0.5, 2.5)
    stacked = replace(MEL, stack=sg.stack.Stack(4))
    assert frequency_axis(stacked, 10).label == "value"


def test_banks_without_order_count_their_bands():
    weights = np.zeros((257, 3))
    weights[[10, 200, 50], [0, 1, 2]] = 1
    frontend = replace(LINEAR, bands=sg.bands.Filterbank(weights=sg.Matrix(weights)))
    assert frequency_axis(frontend, 10).label == "band"


def test_one_band_has_an_axis():
    axis = frequency_axis(replace(MEL, bands=sg.bands.Mel(1)), 10)
    assert axis.ends == (0, 1)


@pytest.mark.parametrize(("value", "below"), [(0.97, 0.5), (1.0, 1.0), (0.3, 0.2), (7e-5, 5e-5)])
def test_round_numbers_lie_below(value, below):
    assert round_below(value) == pytest.approx(below)
