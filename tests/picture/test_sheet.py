"""The contact sheet: one page, one level, names below."""

import numpy as np
import pytest

import sonogram as sg
from sonogram.errors import SonogramError
from sonogram.picture import PER_PAGE, Page, Style, View, clip_panel, common_frontend, sheet, thumbnail

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
    place = Page(2, Style("gray", 80))
    small = [thumbnail(panel, str(index), place) for index, panel in enumerate(panels)]
    page = pixels(sheet(small, place)).astype(int)
    height, width = small[0].image.shape
    (first, top), (second, _) = place.place(0), place.place(1)
    loud, quiet = (page[top : top + height, left : left + width].mean() for left in (first, second))
    # Of 80 dB 40 are half of the scale of grays.
    assert loud - quiet == pytest.approx(255 / 2, abs=4)
    assert np.array_equal(page[top, first], page[top, first, :1].repeat(3))
    # With levels of their own both are as bright.
    own = Page(2, Style("gray", 80, levels="own"))
    page = pixels(sheet(small, own)).astype(int)
    loud, quiet = (page[top : top + height, left : left + width].mean() for left in (first, second))
    assert loud == pytest.approx(quiet, abs=2)


def test_thumbnails_fill_rows_from_the_left():
    places = [Page(5).place(index) for index in range(5)]
    assert [left for left, _ in places[:4]] == sorted({left for left, _ in places[:4]})
    assert len({top for _, top in places[:4]}) == 1
    assert places[4][0] == places[0][0]
    assert places[4][1] > places[0][1]


def test_equal_widths_are_equal_times_on_request():
    place = Page(2, view=View(shared_time=True))
    small = [thumbnail(clip_panel(noise(seconds, 0.1), FRONTEND), "a", place) for seconds in (1, 0.5)]
    page = pixels(sheet(small, place)).astype(int)
    left, top = place.place(1)
    row = page[top + 70, left : left + place.image[0]]
    blank = np.all(row == [241, 241, 244], axis=1)
    # Half a second takes half the width of a second.
    assert np.flatnonzero(blank)[0] == pytest.approx(place.image[0] / 2, abs=0.03 * place.image[0])
    assert blank[-1]
    assert not blank[:10].any()


def test_names_and_lengths_stand_below():
    place = Page(3)
    small = [
        thumbnail(clip_panel(noise(seconds, 0.1), FRONTEND), name, place)
        for seconds, name in ((0.5, "short.wav"), (75, "long.wav"), (1, "a name " * 20))
    ]
    written = [text.get_text() for text in sheet(small, place, title="three").texts]
    assert {"three", "short.wav", "long.wav", "1:15"} <= set(written)
    assert any(text.startswith("a name") and "\N{HORIZONTAL ELLIPSIS}" in text for text in written)


def test_the_color_bar_is_seen():
    place = Page(1, Style("magma"))
    figure = sheet([thumbnail(clip_panel(noise(1, 0.1), FRONTEND), "a", place)], place)
    right = pixels(figure)[92:240, 1845:1855]
    assert len(np.unique(right.reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize("count", [0, PER_PAGE + 1])
def test_a_page_has_its_bounds(count):
    with pytest.raises(SonogramError, match="a page shows 1 to 100"):
        Page(count)
    small = thumbnail(clip_panel(noise(1, 0.1), FRONTEND), "a", Page(1))
    with pytest.raises(SonogramError, match="a page shows 1 to 100"):
        sheet([small] * count, Page(1))


@pytest.mark.exhaustive
def test_a_full_page_has_room_for_all():
    panel = clip_panel(noise(0.2, 0.1), FRONTEND)
    place = Page(PER_PAGE)
    figure = sheet([thumbnail(panel, f"{index}", place) for index in range(PER_PAGE)], place)
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
    small = [thumbnail(panel, f"{index}", Page(41)) for index in range(40)]
    assert sheet(small, Page(41)).texts
    for count in (40, 7):
        with pytest.raises(SonogramError, match="give `thumbnail` and `sheet` the same page"):
            sheet(small, Page(count))


def test_other_definitions_do_not_stand_together():
    other = sg.Frontend(8000, 256, 128)
    small = [
        thumbnail(clip_panel(frontend(np.zeros(4000, np.float32)), frontend), "a", Page(2))
        for frontend in (FRONTEND, other)
    ]
    with pytest.raises(SonogramError, match="one definition"):
        sheet(small, Page(2))


def test_one_definition_for_all_rates(tmp_path):
    for rate in (8000, 22050, 96000):
        sg.save(tmp_path / f"{rate}.wav", np.zeros(rate, np.float32), rate)
    paths = [tmp_path / f"{rate}.wav" for rate in (8000, 22050)]
    assert common_frontend(paths).sample_rate == 22050
    assert common_frontend(paths).bands is not None
    # Calls of bats are not lost, and do not share the top of a mel axis.
    above = common_frontend([*paths, tmp_path / "96000.wav"])
    assert above.sample_rate == 96000
    assert above.bands is None
    assert common_frontend([tmp_path / "missing.wav"]).streamable
