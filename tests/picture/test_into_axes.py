"""Features in axes of a figure of one's own, and labels over them."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import sonogram as sg
from sonogram import picture
from sonogram.picture import Label, Style, View

FRONTEND = sg.Frontend(16_000, 1024, 128)


@pytest.fixture
def axes():
    figure = Figure((6, 3))
    FigureCanvasAgg(figure)
    return figure.add_subplot()


@pytest.fixture
def features(tone):
    return FRONTEND(tone(1000, 0.5, 1.0))


@pytest.mark.parametrize("name", [None, "log", "mel", "note"])
def test_axes_are_in_seconds_and_hertz(name, axes, features):
    image = picture.draw(features, FRONTEND, ax=axes, view=View(name, 100, 4000), title="a tone")
    assert image.axes is axes
    assert axes.get_title() == "a tone"
    assert axes.get_ylim() == (100, 4000)
    axes.figure.canvas.draw()
    pixels = np.asarray(axes.figure.canvas.buffer_rgba())[..., :3].astype(int).sum(axis=2)
    # What the axes call 1 kHz at 0.75 s is bright, and 2 kHz or 1.5 s are dark.
    for seconds, hertz, bright in ((0.75, 1000, True), (0.75, 2000, False), (1.5, 1000, False)):
        x, y = axes.transData.transform((seconds, hertz))
        assert (pixels[len(pixels) - 1 - int(y), int(x)] > 450) == bright


def test_the_image_has_what_a_color_bar_needs(axes, features):
    image = picture.draw(features, FRONTEND, ax=axes, style=Style("viridis", 60))
    bar = axes.figure.colorbar(image, ax=axes, label=image.get_label())
    assert bar.ax.get_ylabel() == "dB re peak"
    assert (bar.vmin, bar.vmax) == (-60, 0)
    assert bar.extend == "min"
    assert image.cmap.name == "viridis"


def test_ticks_follow_the_limits(axes, features):
    picture.draw(features, FRONTEND, ax=axes)
    axes.set_xlim(0.6, 0.65)
    axes.set_ylim(900, 1100)
    axes.figure.canvas.draw()
    names = {tick.get_text() for tick in axes.get_xticklabels()}
    assert {"0.62", "0.64"} <= names
    assert {"900", "1k", "1.05k"} <= {tick.get_text() for tick in axes.get_yticklabels()}


def test_axes_take_one_channel_without_samples(axes, features):
    with pytest.raises(sg.SonogramError, match="one channel, without samples; leave ax out"):
        picture.draw(np.stack([features, features]), FRONTEND, ax=axes)
    with pytest.raises(sg.SonogramError, match="one channel, without samples; leave ax out"):
        picture.draw(features, FRONTEND, samples=np.zeros(32_000), ax=axes)


def test_no_pixel_of_a_short_event_is_lost(axes):
    features = np.full((100_000, 513), 1e-4, np.float32)
    features[77_777] = 1
    picture.draw(features, FRONTEND, ax=axes)
    axes.figure.canvas.draw()
    pixels = np.asarray(axes.figure.canvas.buffer_rgba())[..., :3].astype(int).sum(axis=2)
    box = axes.get_window_extent()
    row = pixels[pixels.shape[0] // 2, int(box.x0) + 3 : int(box.x1) - 3]
    assert row.argmax() + 3 == pytest.approx(0.7778 * box.width, abs=2)
    assert row.max() > np.median(row) + 150


def test_boxes_are_at_their_time_and_frequency(features, render):
    label = Label(0.5, 1.0, 800, 1200, "tone")
    drawn = render(picture.draw(features, FRONTEND, labels=[label]))
    axes = drawn.axes()
    [box] = axes.patches
    assert box.get_bbox().bounds == (0.5, 800, 0.5, 400)
    # Its upper side is a white line with a dark outline.
    x, y = axes.transData.transform((0.3 + 0.5, 1200))
    column = drawn.rgb[len(drawn.rgb) - int(y) - 6 : len(drawn.rgb) - int(y) + 6, int(x)].sum(axis=1)
    assert column.max() > 700
    [text] = axes.texts
    assert text.get_window_extent().y0 >= y - 1


def test_the_text_of_a_box_stays_inside_the_picture(features, render):
    labels = [Label(0.5, 1.0, 4000, None, "top"), Label(0.1, 0.2, 7800, 9000, "above")]
    drawn = render(picture.draw(features, FRONTEND, labels=labels))
    left, right, top, _ = drawn.box()
    for text in drawn.axes().texts:
        box = text.get_window_extent()
        assert box.y1 <= len(drawn.rgb) - top
        assert left <= box.x0
        assert box.x1 <= right


def test_overlapping_times_have_rows_of_their_own(features, render):
    labels = [Label(0.1, 0.5, text="one"), Label(0.3, 0.7, text="two"), Label(0.6, 0.9, text="three")]
    plain = render(picture.draw(features, FRONTEND))
    drawn = render(picture.draw(features, FRONTEND, labels=[*labels, Label(50, 60, text="later")]))
    texts = {text.get_text().strip(): text.get_window_extent() for text in drawn.axes().texts}
    assert set(texts) == {"one", "two", "three"}
    assert texts["one"].y0 == pytest.approx(texts["three"].y0, abs=1)
    assert texts["two"].y0 > texts["one"].y1
    # They hide nothing: the picture is higher by two rows.
    assert len(drawn.rgb) == len(plain.rgb) + 2 * 30
    assert all(len(drawn.rgb) - box.y0 < drawn.box()[2] for box in texts.values())


def test_dense_labels_are_bounded(features, render):
    labels = [Label(0, 2, text=f"{index}") for index in range(50)]
    drawn = render(picture.draw(features, FRONTEND, labels=labels))
    assert len(drawn.rgb) < 1100
