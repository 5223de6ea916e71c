"""Sizes and formats of pictures."""

import re
import struct

import numpy as np
import pytest
from matplotlib.image import AxesImage

import sonogram as sg
from sonogram import picture
from sonogram.picture import Style

FRONTEND = sg.Frontend(16_000, 512, 128)
FEATURES = FRONTEND(np.random.default_rng(0).normal(size=16_000).astype(np.float32))


@pytest.mark.parametrize(
    ("size", "dpi", "pixels"),
    [
        ("85x60mm", 300, (1004, 709)),
        ("3.5x2in", 100, (350, 200)),
        ("8.5 x 6 cm", 254, (850, 600)),
        ("1920x1080", 96, (1920, 1080)),
        ("640X480px", 200, (640, 480)),
    ],
)
def test_sizes_are_pixels_millimeters_and_inches(size, dpi, pixels):
    assert Style(size=size, dpi=dpi).pixels == pixels


@pytest.mark.parametrize("size", ["", "85", "axb", "85x60furlong", "-3x4", "0x10", "1e9x1e9", "99999x99999"])
def test_sizes_that_cannot_be_state_what_can(size):
    with pytest.raises(sg.SonogramError, match="size"):
        Style(size=size)


@pytest.mark.parametrize(("size", "dpi"), [("85x60mm", 300), ("1920x1080", 200), (None, 100), (None, 300)])
def test_a_png_has_the_size(size, dpi, tmp_path):
    path = tmp_path / "x.png"
    picture.save(FEATURES, FRONTEND, path, style=Style(size=size, dpi=dpi))
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    expected = Style(size=size, dpi=dpi).pixels or (10 * dpi, height)
    assert (width, height) == expected


def test_a_picture_that_is_too_small_names_the_least_size():
    with pytest.raises(
        sg.SonogramError, match=r"too small for 1 panel at 200 dpi; use at least (\d+)x(\d+)"
    ) as caught:
        picture.draw(FEATURES, FRONTEND, style=Style(size="100x100"))
    width, height = re.search(r"(\d+)x(\d+) pixels", str(caught.value)).groups()
    picture.draw(FEATURES, FRONTEND, style=Style(size=f"{width}x{height}"))


@pytest.mark.parametrize("dpi", [100, 150, 600])
def test_features_are_copied_pixel_by_pixel_at_any_resolution(dpi, render):
    # A checkerboard of frames and bins would blur if it was resampled.
    figure = picture.draw(FEATURES, FRONTEND, style=Style(dpi=dpi, size="1600x900"))
    image = figure.axes[0].images[0]
    drawn = render(figure)
    left, right, top, bottom = drawn.box()
    assert image.get_array().shape == (bottom - top, right - left)
    values = np.asarray(image.get_array())[::-1]
    shown = (image.cmap(image.norm(values))[..., :3] * 255).round()
    inside = drawn.rgb[top:bottom, left:right]
    assert np.abs(inside[2:-2, 8:-8] - shown[2:-2, 8:-8]).max() <= 1


def test_pixels_are_not_resampled_unless_the_user_zoomed_in(render, monkeypatch):
    figure = picture.draw(FEATURES, FRONTEND, style=Style(size="1600x900"))
    axes = figure.axes[0]
    resampled = []
    original = AxesImage.make_image
    monkeypatch.setattr(AxesImage, "make_image", lambda *args: resampled.append(1) or original(*args))
    left, right, top, bottom = render(figure).box()
    assert not resampled
    first, last = axes.get_xlim()
    axes.set_xlim(first, first + (last - first) / 4)
    zoomed = render(figure).rgb[top:bottom, left:right]
    assert resampled
    image = axes.images[0]
    values = np.asarray(image.get_array())[::-1, : (right - left) // 4]
    shown = (image.cmap(image.norm(values))[..., :3] * 255).round()
    each_fourth = zoomed[2:-2, 2::4][:, : shown.shape[1]]
    assert np.abs(each_fourth - shown[2:-2])[:, 8:-8].max() <= 1


@pytest.mark.parametrize(("ending", "head"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_vector_files_are_written_whole_and_the_same_each_time(ending, head, tmp_path):
    contents = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.{ending}"
        picture.save(FEATURES, FRONTEND, path, title="noise", style=Style(size="85x60mm"))
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    assert contents[0].startswith(head)
    if ending == "svg":
        assert contents[0].rstrip().endswith(b"</svg>")
        assert b'width="240.84pt"' in contents[0], "85 mm are 240.9 points"
    else:
        assert b"/Type3" not in contents[0], "journals refuse these fonts"


def test_text_of_narrow_pictures_is_smaller():
    def size(style):
        return picture.draw(FEATURES, FRONTEND, style=style).axes[0].xaxis.label.get_fontsize()

    assert size(Style()) == 8
    assert size(Style(dpi=300)) == 8
    assert size(Style(size="85x60mm", dpi=300)) == pytest.approx(6.4)


def test_the_smallest_picture_has_two_times(render):
    drawn = render(picture.draw(FEATURES, FRONTEND, style=Style(size="60x40mm", dpi=300)))
    assert len(drawn.axes().get_xticks()) >= 2
    assert len(drawn.axes().get_yticks()) >= 2
