"""The contact sheet: one page, one level, names below."""

import numpy as np
import pytest

import sonogram as sg
from sonogram.errors import SonogramError
from sonogram.picture import PER_PAGE, Style, clip_panel, common_frontend, sheet, thumbnail

FRONTEND = sg.Frontend(8000, 256, 64)


def noise(seconds: float, level: float) -> np.ndarray:
    rng = np.random.default_rng(round(100 * seconds))
    return FRONTEND((level * rng.standard_normal(int(8000 * seconds))).astype(np.float32))


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3]


def test_equal_colors_are_equal_values():
    # The second one is 40 dB below the first: on a level of its own it would be as bright.
    panels = [clip_panel(noise(1, level), FRONTEND) for level in (0.5, 0.005)]
    small = [thumbnail(panel, str(index), 2) for index, panel in enumerate(panels)]
    figure = sheet(small, style=Style("gray", 80))
    page = pixels(figure).astype(int)
    height, width = small[0].image.shape
    loud, quiet = (page[92 : 92 + height, left : left + width].mean() for left in (84, 84 + width + 18))
    # Of 80 dB 40 are half of the scale of grays.
    assert loud - quiet == pytest.approx(255 / 2, abs=4)
    assert np.array_equal(page[92, 84], page[92, 84, :1].repeat(3))


def test_names_and_lengths_stand_below():
    small = [
        thumbnail(clip_panel(noise(seconds, 0.1), FRONTEND), name, 3)
        for seconds, name in ((0.5, "short.wav"), (75, "long.wav"), (1, "a name " * 20))
    ]
    written = [text.get_text() for text in sheet(small, title="three").texts]
    assert {"three", "short.wav", "long.wav", "1:15"} <= set(written)
    assert any(text.startswith("a name") and "\N{HORIZONTAL ELLIPSIS}" in text for text in written)


def test_the_color_bar_is_seen():
    figure = sheet([thumbnail(clip_panel(noise(1, 0.1), FRONTEND), "a", 1)], style=Style("magma"))
    right = pixels(figure)[92:240, 1845:1855]
    assert len(np.unique(right.reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize("count", [0, PER_PAGE + 1])
def test_a_page_has_its_bounds(count):
    small = thumbnail(clip_panel(noise(1, 0.1), FRONTEND), "a", 1)
    with pytest.raises(SonogramError, match="a page shows 1 to 100"):
        sheet([small] * count)


def test_a_full_page_has_room_for_all():
    panel = clip_panel(noise(0.2, 0.1), FRONTEND)
    figure = sheet([thumbnail(panel, f"{index}", PER_PAGE) for index in range(PER_PAGE)])
    page = pixels(figure)
    assert page.shape[1] == 2000
    texts = {text.get_text(): text.get_position() for text in figure.texts}
    places = [texts[f"{index}"] for index in range(PER_PAGE)]
    assert all(0 < left < 1 and 0 < height < 1 for left, height in places)
    # Five beside one another, twenty rows, all as far apart as the first two.
    lefts, heights = (
        sorted({round(place[axis] * size) for place in places})
        for axis, size in enumerate((2000, page.shape[0]))
    )
    assert (len(lefts), len(heights), len(set(places))) == (5, 20, PER_PAGE)
    assert len(set(np.diff(lefts))) == len(set(np.diff(heights))) == 1
    assert np.diff(lefts)[0] > 300
    assert np.diff(heights)[0] > 150


def test_thumbnails_and_the_page_are_of_one_count():
    panel = clip_panel(noise(0.2, 0.1), FRONTEND)
    small = [thumbnail(panel, f"{index}", 41) for index in range(40)]
    assert sheet(small, places=41).texts
    for places in (None, 7):
        with pytest.raises(SonogramError, match="give `thumbnail` and `sheet` the same count"):
            sheet(small, places=places)


def test_other_definitions_do_not_stand_together():
    other = sg.Frontend(8000, 256, 128)
    small = [
        thumbnail(clip_panel(frontend(np.zeros(4000, np.float32)), frontend), "a", 2)
        for frontend in (FRONTEND, other)
    ]
    with pytest.raises(SonogramError, match="one definition"):
        sheet(small)


def test_one_definition_for_all_rates(tmp_path):
    for rate in (8000, 22050, 96000):
        sg.save(tmp_path / f"{rate}.wav", np.zeros(rate, np.float32), rate)
    paths = [tmp_path / f"{rate}.wav" for rate in (8000, 22050)]
    assert common_frontend(paths).sample_rate == 22050
    assert common_frontend([*paths, tmp_path / "96000.wav"]).sample_rate == 48000
    assert common_frontend([tmp_path / "missing.wav"]).streamable
