"""The axes are right: a tone of 1 kHz from 0.5 s to 1 s is at that place in the pixels."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

import sonogram as sg
from sonogram.picture import View
from sonogram.picture.axes import band_axis, time_axis
from sonogram.picture.ticks import round_below

LINEAR = sg.Frontend(16_000, 512, 64)
TWO_DAYS = "time of day on 2026-05-14 and 2026-05-15"
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
    axis = time_axis(0, stop)
    places, names = axis.ticks(0, stop, 10)
    assert axis.label == label
    assert set(some) <= set(names)
    assert 3 <= len(names) <= 11
    for place, name in zip(places, names, strict=True):
        parts = [float(part) for part in name.split(":")]
        seconds = sum(part * 60**power for power, part in enumerate(reversed(parts)))
        assert seconds == pytest.approx(place, abs=1e-9)


def test_ticks_of_time_begin_where_the_axis_does():
    axis = time_axis(0.012, 0.028)
    places, names = axis.ticks(0.012, 0.028, 10)
    assert axis.ends == (0.012, 0.028)
    assert all(0.012 <= tick <= 0.028 for tick in places)
    assert "0.020" in names


@pytest.mark.parametrize("length", [1e-5, 0.3, 7, 59.9, 75, 1e4, 1e6])
def test_time_has_a_sane_number_of_ticks_at_every_length(length):
    assert 2 <= len(time_axis(0, length).ticks(0, length, 10).places) <= 13


def test_linear_ticks_are_round_and_true():
    axis = band_axis(LINEAR)
    places, names = axis.ticks(*axis.ends, 10)
    assert axis.label == "frequency (Hz)"
    assert names == ("0", "1k", "2k", "3k", "4k", "5k", "6k", "7k", "8k")
    assert places == tuple(range(0, 8001, 1000))
    assert axis.ends == (0, 8000)
    # Bin i is centered on i * 16000 / 512 Hz, in the middle of row i.
    np.testing.assert_allclose(axis.rows(np.array([0, 1000, 8000])), [0.5, 32.5, 256.5])


def test_mel_ticks_are_octaves_and_the_end():
    axis = band_axis(replace(MEL, bands=sg.bands.Mel(80)))
    places, names = axis.ticks(*axis.ends, 10)
    assert axis.label == "frequency (Hz), 80 bands"
    assert names == ("0", "125", "250", "500", "1k", "2k", "4k", "8k")
    centers = sg.bands.Mel(80).centers(16_000, 512)
    for place, hertz in zip(places[1:-1], (125, 250, 500, 1000, 2000, 4000), strict=True):
        assert place == hertz
        row = np.interp(hertz, centers, np.arange(80)) + 0.5
        assert float(axis.rows(np.array(place))) == pytest.approx(row)
    # All bands have the same height: a quarter of it shows a quarter of them.
    np.testing.assert_allclose(axis.edges(4), [0, 20, 40, 60, 80], atol=1e-9)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("whisper-80", ("125", "250", "500", "1k", "2k", "4k", "8k")),
        ("yamnet", ("125", "250", "500", "1k", "2k", "4k", "7.5k")),
    ],
)
def test_the_end_of_a_filter_bank_is_named(name, names):
    axis = band_axis(sg.preset(name))
    assert axis.ticks(*axis.ends, 11).names == names


def test_decades_and_their_halves_are_the_ticks_of_a_logarithmic_axis():
    axis = band_axis(sg.Frontend(44_100, 4096, 1024), View("log"))
    places, names = axis.ticks(*axis.ends, 11)
    assert axis.ends == (20, 22_050)
    assert names == ("20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k")
    assert places[3] == 200


def test_octaves_have_the_same_height_on_a_logarithmic_axis():
    axis = band_axis(sg.Frontend(16_000, 1600, 160, 1600), View("log", 62.5, 8000))
    # Bins are 10 Hz apart, and the axis has seven octaves.
    hertz = (axis.edges(7) - 0.5) * 10
    np.testing.assert_allclose(hertz, [62.5, 125, 250, 500, 1000, 2000, 4000, 8000])


def test_mel_of_a_spectrum_is_the_scale_of_the_htk_book():
    axis = band_axis(LINEAR, View("mel"))
    middle = (axis.edges(2)[1] - 0.5) * 16_000 / 512
    # 8 kHz are 2840 mel; 1420 mel are 1768 Hz.
    assert middle == pytest.approx(1768, abs=2)
    assert axis.label == "frequency (Hz), mel scale"


def test_notes_are_named():
    axis = band_axis(sg.Frontend(44_100, 4096, 1024), View("note", 220, 880))
    places, names = axis.ticks(220, 880, 11)
    found = dict(zip(names, places, strict=True))
    assert found["C4"] == pytest.approx(261.63, abs=0.01)
    assert found["A4"] == 440
    assert found["E5"] == pytest.approx(659.26, abs=0.01)
    close = axis.ticks(430, 480, 11)
    assert close.names == ("A4", "A♯4")
    assert axis.ticks(30, 4000, 6).names == ("C1", "C2", "C3", "C4", "C5", "C6", "C7")


def test_a_narrow_range_has_round_frequencies():
    axis = band_axis(sg.Frontend(192_000, 512, 128), View("log", 40_000, 60_000))
    assert axis.ticks(*axis.ends, 10).names == ("40k", "45k", "50k", "55k", "60k")


def test_limits_reach_beyond_the_features_so_that_pictures_can_be_compared(tone, render):
    samples = tone(1000, 0, 2)
    drawn = render(sg.picture.draw(LINEAR(samples), LINEAR, view=View(high=16_000)))
    profile = drawn.brightness()[:, 800]
    assert drawn.axes().get_ylim() == (0, 16_000)
    assert profile[: len(profile) // 2 - 2].min() > BLANK
    assert profile[len(profile) // 2 + 2 :].max() < BLANK


@pytest.mark.parametrize("name", ["linear", "log", "mel", "note"])
@pytest.mark.parametrize(
    "frontend", [LINEAR, replace(MEL, bands=sg.bands.Mel.slaney(64))], ids=["bins", "bands"]
)
@pytest.mark.parametrize("hertz", [300, 2500])
def test_a_tone_is_at_its_frequency_on_every_axis(name, frontend, hertz, tone, render):
    frontend = replace(frontend, frame_length=2048, fft_length=2048)
    samples = tone(hertz, 0, 2)
    drawn = render(sg.picture.draw(frontend(samples), frontend, view=View(name, 100, 6000)))
    brightness = drawn.brightness()
    profile = brightness[:, brightness.shape[1] // 2]
    bright = np.flatnonzero(profile >= profile.max() - 1).mean()
    axes = drawn.axes()
    expected = len(drawn.rgb) - axes.transData.transform((0, hertz))[1] - drawn.box()[2]
    # The distance of two bands there is the largest error.
    centers = frontend.frequencies
    at = int(np.searchsorted(centers, hertz))
    places = axes.transData.transform([(0, centers[at - 1]), (0, centers[at])])[:, 1]
    assert abs(bright - expected) <= 0.6 * abs(places[1] - places[0]) + 2


@pytest.mark.parametrize("bands", [sg.bands.Chroma(), sg.bands.Octaves()], ids=repr)
def test_chroma_names_its_pitch_classes(bands):
    axis = band_axis(replace(MEL, bands=bands))
    assert axis.label == "pitch class"
    names = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
    assert axis.ticks(*axis.ends, 12) == (tuple(range(12)), names)
    assert axis.ticks(*axis.ends, 8) == ((0, 2, 4, 5, 7, 9, 11), tuple("CDEFGAB"))
    assert band_axis(replace(MEL, bands=replace(bands, count=24))).label == "band"


def test_a_time_of_day_over_midnight_names_both_days():
    began = datetime(2024, 5, 31, 23, 59, 58)
    assert time_axis(0, 1, began).label == "time of day on 2024-05-31"
    assert time_axis(0, 4, began).label == "time of day on 2024-05-31 and 2024-06-01"
    assert time_axis(3, 4, began).label == "time of day on 2024-06-01"


def test_cepstra_and_stacked_frames_count_their_values():
    cepstra = replace(MEL, cepstrum=sg.cepstrum.Cepstrum(13))
    axis = band_axis(cepstra)
    assert axis.label == "coefficient"
    assert axis.ticks(*axis.ends, 10).names[:2] == ("0", "2")
    # Coefficient 2 is row 2, which extends from 2 to 3.
    assert float(axis.rows(np.array(axis.ticks(*axis.ends, 10).places[1]))) == 2.5
    stacked = replace(MEL, stack=sg.stack.Stack(4))
    assert band_axis(stacked).label == "value"
    with pytest.raises(sg.SonogramError, match=r"have no frequencies; leave axis out"):
        band_axis(cepstra, View("log"))


def test_banks_without_order_count_their_bands():
    weights = np.zeros((257, 3))
    weights[[10, 200, 50], [0, 1, 2]] = 1
    frontend = replace(LINEAR, bands=sg.bands.Filterbank(weights=sg.Matrix(weights)))
    assert band_axis(frontend).label == "band"


def test_one_band_has_an_axis():
    axis = band_axis(replace(MEL, bands=sg.bands.Mel(1)))
    np.testing.assert_allclose(axis.edges(1), [0, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"axis": "bark"}, "axis must be one of linear, log, mel, note; got 'bark'"),
        ({"low": -1}, "low must be a frequency of at least 0 Hz; got -1"),
        ({"low": 500, "high": 400}, "high must be above low (500 Hz); got 400 Hz"),
        ({"axis": "log", "low": 0}, "low must be above 0 Hz on a logarithmic axis"),
        ({"low": 9000}, "no frequencies between low (9000 Hz) and high (8000 Hz)"),
    ],
)
def test_limits_that_cannot_be_state_the_reason(options, message):
    with pytest.raises(sg.SonogramError) as caught:
        band_axis(LINEAR, View(**options))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("began", "span", "label", "names"),
    [
        ("2026-05-14T04:30:00", (0, 600), "time of day on 2026-05-14", ("04:30", "04:32", "04:34")),
        ("2026-05-14T23:59:58", (0, 4), TWO_DAYS, ("23:59:58", "23:59:59", "00:00:00")),
        ("2026-05-14T04:30:00.250", (0, 0.5), "time of day on 2026-05-14", ("04:30:00.3", "04:30:00.4")),
        (
            "2026-05-14T04:30:00-07:00",
            (5, 65),
            "time of day on 2026-05-14 UTC-0700",
            ("04:30:10", "04:30:20"),
        ),
    ],
)
def test_times_of_day_are_round(began, span, label, names):
    began = datetime.fromisoformat(began)
    axis = time_axis(*span, began)
    ticks = axis.ticks(*span, 6)
    assert axis.label == label
    assert ticks.names[: len(names)] == names
    first = (began.replace(tzinfo=None) - datetime(began.year, began.month, began.day)).total_seconds()
    hours, minutes, seconds = (float(part) for part in f"{ticks.names[0]}:0".split(":")[:3])
    assert first + ticks.places[0] == pytest.approx(3600 * hours + 60 * minutes + seconds)


@pytest.mark.parametrize(("value", "below"), [(0.97, 0.5), (1.0, 1.0), (0.3, 0.2), (7e-5, 5e-5)])
def test_round_numbers_lie_below(value, below):
    assert round_below(value) == pytest.approx(below)
