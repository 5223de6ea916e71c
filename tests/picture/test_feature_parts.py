"""Pictures of several front ends, of several channels, and of integers."""

import numpy as np
import pytest

import sonogram as sg
from sonogram.picture.parts import feature_parts
from sonogram.picture.recording import Excerpt, file_panels

RATE = 8000
CENTER = sg.padding.Center(mode="constant")
FINE, COARSE = (sg.Frontend(RATE, n, 100, padding=CENTER, bands=sg.bands.Mel(8)) for n in (512, 256))
IMAGE = sg.Bundle((FINE, COARSE), along="channels")
ROWS = sg.Bundle((FINE, COARSE.replace(bands=sg.bands.Mel(5))))
BINS = sg.Frontend(RATE, 256, 128, spectrum=sg.spectrum.Complex())
LOUD = sg.Frontend(RATE, 256, 128, bands=sg.bands.Mel(6), scaling=sg.scaling.Decibels())
SPATIAL = {
    "channels": (sg.Spatial(LOUD), ["channel 1", "channel 2", "channel 3", "channel 4"]),
    "intensity": (
        sg.Spatial(BINS, sg.spatial.Intensity(sg.bands.Mel(4))),
        ["intensity, channel 2", "intensity, channel 3", "intensity, channel 4"],
    ),
    "correlation": (
        sg.Spatial(BINS, sg.spatial.CrossCorrelation(8), num_channels=2),
        ["cross-correlation, channels 1 and 2"],
    ),
    "phase": (
        sg.Spatial(BINS, sg.spatial.PhaseDifference(), num_channels=2),
        ["path difference, channels 1 and 2"],
    ),
}
MICRO = sg.MicroFrontend(RATE, 256, 128, upper_hz=3800)


def noise(channels, size=2000):
    samples = np.random.default_rng(0).standard_normal((channels, size)).astype(np.float32) * 0.1
    return samples


def panels_of(samples, frontend, **part):
    return file_panels(sg.Audio(samples, RATE), frontend, Excerpt(**part), title="noise")


def test_each_resolution_is_a_panel():
    samples = noise(1)
    for bundle, width in ((IMAGE, 8), (ROWS, 5)):
        first, second = panels_of(samples, bundle)
        assert [first.title, second.title] == ["noise, part 1 of 2", "noise, part 2 of 2"]
        np.testing.assert_array_equal(first.features, FINE(samples[0]))
        np.testing.assert_array_equal(second.features, bundle.members[1](samples[0]))
        assert second.features.shape[1] == width
        assert (first.has_wave, second.has_wave) == (True, False)


@pytest.mark.parametrize("name", SPATIAL)
def test_each_channel_or_pair_is_a_panel_in_the_order_of_the_values(name):
    spatial, titles = SPATIAL[name]
    samples = noise(spatial.num_channels)
    panels = panels_of(samples, spatial)
    assert [panel.title for panel in panels] == [f"noise, {title}" for title in titles]
    np.testing.assert_array_equal(
        np.concatenate([panel.features for panel in panels], axis=1), spatial(samples)
    )
    assert [part.title for part in feature_parts(spatial)] == titles


def test_a_delay_is_at_its_lag():
    samples = noise(1, 4000)[0]
    spatial = SPATIAL["correlation"][0]
    (panel,) = panels_of(np.stack([samples[3:], samples[:-3]]), spatial)  # the second one is 3 later
    drawn = panel.frontend
    assert (drawn.numbers, drawn.first, drawn.num_bands) == ("lag (samples)", -4, 8)
    assert drawn.first + panel.features.mean(axis=0).argmax() == 3


def test_integers_are_an_ordinary_panel_also_in_channels():
    samples = noise(2)
    left, right = panels_of(samples, MICRO, mono=False)
    np.testing.assert_array_equal(left.features, MICRO(samples[0]))
    np.testing.assert_array_equal(right.features, MICRO(samples[1]))
    assert [left.title, right.title] == ["noise, left", "noise, right"]
    assert right.has_wave
    (second,) = panels_of(samples, MICRO, channel=2)
    np.testing.assert_array_equal(second.features, right.features)
    np.testing.assert_array_equal(second.frontend.frequencies, MICRO.frequencies)


def test_a_part_has_the_features_of_the_whole():
    samples = noise(1, 8000)
    (panel, _) = panels_of(samples, IMAGE, start=0.4, duration=0.2)
    whole = FINE(samples[0])
    first = round(panel.offset * RATE / 100)
    inside = slice(10, 25)
    np.testing.assert_array_equal(panel.features[inside], whole[first:][inside])
    assert panel.span == pytest.approx((0.4, 0.6))


def test_different_units_share_the_range_of_each_panel():
    mixed = sg.Bundle((sg.Spatial(LOUD), sg.Spatial(BINS, sg.spatial.Intensity(sg.bands.Mel(4)))))
    picture = sg.show(sg.Audio(noise(4), RATE), preset=mixed)
    labels = [axes.get_label() for axes in picture.axes]
    assert labels.count("color bar") == 1
    assert sum(label.startswith("spectrogram") for label in labels) == 7
    assert sum(label.startswith("wave") for label in labels) == 4
    bar = next(axes for axes in picture.axes if axes.get_label() == "color bar")
    assert bar.get_ylabel() == "share of the range of each panel"


@pytest.mark.parametrize("size", [None, "1500x900"])
def test_a_part_without_a_waveform_leaves_no_space_for_one(size):
    picture = sg.show(sg.Audio(noise(1), RATE), preset=IMAGE, size=size)
    boxes = {axes.get_label(): axes.get_window_extent() for axes in picture.axes}
    first, second, wave = (boxes[name] for name in ("spectrogram 0", "spectrogram 1", "wave 0"))
    assert first.height == pytest.approx(second.height, abs=1)
    assert wave.y0 > first.y1
    # The ticks and the title stand there; a waveform would be as high as they are.
    assert first.y0 - second.y1 < 1.3 * wave.height
    if size:
        assert 0 < second.y0 < 0.15 * 900


def test_signed_features_are_centered_on_zero():
    picture = sg.show(sg.Audio(noise(4), RATE), preset=SPATIAL["intensity"][0])
    bar = next(axes for axes in picture.axes if axes.get_label() == "color bar")
    low, high = bar.get_ylim()
    assert low == pytest.approx(-high)
    assert bar.get_ylabel() == "intensity"


@pytest.mark.parametrize(
    ("channels", "options", "message"),
    [
        (1, {"preset": SPATIAL["channels"][0]}, "has 1 channel; this front end needs 4"),
        (2, {"preset": SPATIAL["channels"][0]}, "has 2 channels; this front end needs 4"),
        (4, {"preset": SPATIAL["channels"][0], "channel": 2}, "are of all channels together; leave it out"),
        (2, {"preset": MICRO, "channel": 3}, "has 2 channels; channel must be at most 2"),
        (4, {"preset": SPATIAL["correlation"][0], "low": 100}, "have no frequencies"),
        (1, {"preset": IMAGE, "reassigned": True}, "a Bundle is neither reassigned nor multitaper"),
        (1, {"preset": MICRO, "window": 512}, "a preset has its own window"),
    ],
)
def test_what_does_not_fit_is_one_line(channels, options, message):
    with pytest.raises(sg.SonogramError, match=message):
        sg.show(sg.Audio(noise(channels), RATE), **options)


def test_a_folder_has_one_picture_of_each_recording(tmp_path):
    sg.save(tmp_path / "one.wav", noise(1)[0], RATE)
    sg.save(tmp_path / "two.wav", noise(1)[0], RATE)
    assert sg.show(tmp_path, preset=MICRO).axes
    sg.extract([tmp_path / "one.wav"], tmp_path / "out", MICRO)
    assert sg.show(tmp_path / "out").axes


def written(picture):
    return [text.get_text() for text in picture.texts]


def test_a_folder_has_rows_for_each_part(tmp_path):
    for name in ("one", "two"):
        sg.save(tmp_path / f"{name}.wav", noise(1)[0], RATE)
    texts = written(sg.show(tmp_path, preset=IMAGE))
    assert [text for text in texts if text.startswith("part ")] == ["part 1 of 2", "part 2 of 2"]
    assert texts.count("one.wav") == texts.count("two.wav") == 2
    sg.extract([tmp_path], tmp_path / "out", IMAGE)
    stored = written(sg.show(tmp_path / "out"))
    assert [text for text in stored if text.startswith("part ")] == ["part 1 of 2", "part 2 of 2"]


def test_parts_with_different_units_share_no_color_scale(tmp_path):
    mixed = sg.Bundle((sg.Spatial(LOUD), sg.Spatial(BINS, sg.spatial.Intensity(sg.bands.Mel(4)))))
    sg.save(tmp_path / "four.wav", noise(4), RATE)
    picture = sg.show(tmp_path, preset=mixed)
    assert written(picture).count("four.wav") == 7
    bar = next(axes for axes in picture.axes if axes.get_label() == "color bar")
    assert bar.get_ylabel() == "share of the range of each panel"
    sg.extract([tmp_path / "four.wav"], tmp_path / "out", mixed)
    assert any(text.startswith("intensity") for text in written(sg.show(tmp_path / "out")))


def test_a_part_has_rows_of_its_own():
    place = sg.picture.Page(5, parts=("low", "high"))
    tops = [[place.place(index, part)[1] for index in range(5)] for part in (0, 1)]
    assert max(tops[0]) < min(tops[1])
    assert place.place(0, 1)[1] + 2 * place.image[1] < place.height
    assert [place.place(index, 1)[0] for index in range(5)] == [place.place(index)[0] for index in range(5)]
    with pytest.raises(sg.SonogramError, match="1 to 50 recordings of 2 parts; got 51"):
        sg.picture.Page(51, parts=("low", "high"))


@pytest.mark.exhaustive
def test_a_page_has_fewer_recordings_of_several_parts(tmp_path):
    for number in range(51):
        sg.save(tmp_path / f"{number:02}.wav", noise(1)[0][:800], RATE)
    first, second = (sg.show(tmp_path, preset=IMAGE, page=page) for page in (1, 2))
    assert (first.pages, first.part) == (2, "page 1 of 2, 1 to 50 of 51")
    assert written(second).count("50.wav") == 2


def test_labels_are_drawn_over_each_part():
    from sonogram.picture import Label

    picture = sg.show(sg.Audio(noise(1), RATE), preset=IMAGE, labels=[Label(0.05, 0.1, text="call")])
    texts = [text.get_text().strip() for axes in picture.axes for text in axes.texts]
    assert texts.count("call") == 2
