"""The color bar tells the truth, and quiet detail can be seen."""

from dataclasses import replace

import numpy as np
import pytest

import sonogram as sg
from sonogram.picture import COLORS, Style
from sonogram.picture.color_scale import color_scale

FRONTEND = sg.Frontend(16_000, 512, 128)


def _level(frontend, *images, **options):
    images = [np.asarray(image, np.float32) for image in images]
    return color_scale(images, [frontend] * len(images), **options)


@pytest.mark.parametrize(
    ("spectrum", "tenth"),
    [(sg.spectrum.Magnitude(), 10**-0.5), (sg.spectrum.Power(), 10**-1)],
    ids=["|X|", "|X|^2"],
)
def test_linear_features_are_decibels_below_the_peak(spectrum, tenth):
    image = [[8.0, 8.0 * tenth, 8.0 * tenth**4, 0.0]]
    level = _level(replace(FRONTEND, spectrum=spectrum), image)
    assert level.label == "dB re peak"
    assert level.high == 0
    np.testing.assert_allclose(level.images[0][0, :3], [0, -10, -40], atol=1e-4)
    assert level.images[0][0, 3] == -np.inf


def test_linear_mel_bands_of_magnitude_are_decibels_too():
    frontend = replace(FRONTEND, bands=sg.bands.Mel(40))
    np.testing.assert_allclose(_level(frontend, [[1, 0.1]]).images[0], [[0, -20]], atol=1e-4)


def test_the_peak_is_that_of_all_panels():
    level = _level(FRONTEND, [[1.0]], [[0.1]])
    assert [float(image[0, 0]) for image in level.images] == pytest.approx([0, -20], abs=1e-4)


def test_the_range_follows_the_noise_floor():
    rng = np.random.default_rng(3)

    def with_noise_at(decibels):
        noise = np.abs(rng.normal(size=(100, 100))) * 10 ** (decibels / 20)
        noise[50] = 1
        return -_level(FRONTEND, noise).low

    assert with_noise_at(-10) == 40  # not all of the noise is shown bright
    assert 55 <= with_noise_at(-50) <= 75
    assert with_noise_at(-70) > with_noise_at(-50)
    assert with_noise_at(-90) == 95
    assert with_noise_at(-60) % 5 == 0


def test_a_quiet_sound_in_digital_silence_is_not_black():
    image = np.zeros((100, 100))
    image[10], image[60] = 1, 1e-3
    assert -_level(FRONTEND, image).low >= 65


def test_bands_without_any_sound_do_not_open_the_range():
    image = np.full((100, 100), 1e-9)
    image[:40] = 10 ** np.linspace(0, -2.5, 40)[:, None]  # 0 to -50 dB; the rest was cut by a codec
    assert -_level(FRONTEND, image).low <= 60


def test_a_range_can_be_given():
    level = _level(FRONTEND, [[1.0, 1e-3, 1e-6]], dynamic_range=70)
    assert (level.low, level.high) == (-70, 0)
    assert level.clipped == (True, False)
    assert _level(FRONTEND, [[1.0, 1e-3]], dynamic_range=70).clipped == (False, False)


@pytest.mark.parametrize(
    ("scaling", "unit", "of_60_decibels"),
    [
        (sg.scaling.Decibels(), "dB", 60),
        (sg.scaling.Log(floor=1e-9), "ln magnitude", 3 * np.log(10)),
        (sg.scaling.Log(floor=1e-9, base=10), "log10 magnitude", 3),
        (sg.scaling.Log(floor=1e-9, base=10, multiplier=10), "10 log10 magnitude", 30),
    ],
    ids=str,
)
def test_logarithms_keep_their_unit(scaling, unit, of_60_decibels):
    frontend = replace(FRONTEND, scaling=scaling)
    level = _level(frontend, [[2.0, -9.0]], dynamic_range=60)
    assert level.label == unit
    assert level.high == 2
    assert level.high - level.low == pytest.approx(of_60_decibels)
    assert level.images[0].tolist() == [[2, -9]]


@pytest.mark.parametrize(
    ("frontend", "unit"),
    [
        (replace(FRONTEND, normalize=sg.normalize.MinMax()), "normalized magnitude"),
        (replace(FRONTEND, scaling=sg.scaling.Pcen()), "PCEN"),
    ],
    ids=["unit range", "PCEN"],
)
def test_other_features_keep_their_unit_between_percentiles(frontend, unit):
    image = np.linspace(-1, 1, 10_001)
    image[0], image[-1] = -1000, 1000  # one outlier at each end darkens nothing
    level = _level(frontend, image[None])
    assert level.label == unit
    assert -1 <= level.low <= -0.99
    assert 0.99 <= level.high <= 1
    assert level.clipped == (True, True)


def test_constant_features_have_a_level():
    level = _level(replace(FRONTEND, normalize=sg.normalize.MinMax()), np.zeros((3, 3)))
    assert level.low < 0 < level.high


CEPSTRA = replace(
    FRONTEND,
    bands=sg.bands.Mel(),
    scaling=sg.scaling.Log(floor=1e-5),
    cepstrum=sg.cepstrum.Cepstrum(13),
)


def test_cepstra_are_centered_on_0_without_coefficient_0():
    image = np.random.default_rng(0).normal(size=(13, 200))
    image[0] = -500  # the level
    level = _level(CEPSTRA, image)
    assert level.label == "cepstrum of ln magnitude"
    assert level.signed
    assert level.low == -level.high
    # 97 percent of normal values are within 2.17 standard deviations.
    assert level.high == pytest.approx(2.17, abs=0.1)
    assert level.clipped == (True, True)
    # An image has more rows of pixels than coefficients.
    assert _level(CEPSTRA, image.repeat(46, axis=0)[:-3]).high == pytest.approx(level.high, rel=0.05)
    assert not _level(FRONTEND, np.abs(image)).signed


def test_cepstra_have_a_diverging_map_unless_another_is_chosen():
    assert Style().map_name(signed=True) == "RdBu_r"
    assert Style("magma").map_name(signed=True) == "magma"
    assert Style().map_name() == "magma"


def test_constant_cepstra_have_a_level():
    level = _level(CEPSTRA, np.zeros((13, 3)))
    assert level.low < 0 < level.high


def test_each_recording_may_have_its_own_peak():
    loud, quiet = [[1.0, 0.1]], [[1e-3, 1e-4]]
    level = _level(FRONTEND, loud, quiet, levels="own")
    assert level.label == "dB re each peak"
    for image in level.images:
        np.testing.assert_allclose(image, [[0, -20]], atol=1e-4)
    log = _level(replace(FRONTEND, scaling=sg.scaling.Decibels()), [[0, -20]], [[-60, -80]], levels="own")
    assert log.label == "dB re each peak"
    for image in log.images:
        np.testing.assert_allclose(image, [[0, -20]], atol=1e-4)
    other = replace(FRONTEND, normalize=sg.normalize.MinMax())
    shares = _level(other, [[0.0, 1.0]], [[5.0, 6.0]], levels="own")
    for image in shares.images:
        assert image[0, 1] - image[0, 0] == pytest.approx(1, abs=0.01)
    with_silence = _level(FRONTEND, loud, [[0.0, 0.0]], levels="own")
    np.testing.assert_allclose(with_silence.images[0], [[0, -20]], atol=1e-4)
    assert np.all(with_silence.images[1] < with_silence.low)


def test_silence_says_so():
    level = _level(FRONTEND, np.zeros((3, 3)))
    assert level.label == "dB (silence: no peak)"
    assert np.all(level.images[0] < level.low)


def test_where_no_frame_is_nothing_is_shown():
    level = _level(FRONTEND, [[1.0, np.nan]])
    assert np.isnan(level.images[0]).tolist() == [[False, True]]


def test_a_tone_60_decibels_down_can_be_seen(tone, render):
    samples = tone(1000, 0, 1) + 1e-3 * tone(5000, 1, 2)
    samples += 1e-6 * np.random.default_rng(0).normal(size=len(samples)).astype(np.float32)
    drawn = render(sg.picture.draw(FRONTEND(samples), FRONTEND, samples=samples))
    column = drawn.brightness()[:, int(drawn.column(1.5))]
    row = round(drawn.row("5k"))
    assert column[row - 3 : row + 4].max() > 130
    assert np.median(column) < 30


def test_equal_colors_are_equal_values_in_a_stack(tone, render):
    from matplotlib import colormaps

    loud = tone(1000, 0, 2)
    panels = [
        *sg.picture.clip_panels(FRONTEND(0.1 * loud), FRONTEND, 0.1 * loud),
        *sg.picture.clip_panels(FRONTEND(loud), FRONTEND, loud),
    ]
    drawn = render(sg.picture.stack(panels, style=Style(dynamic_range=80)))
    for index, decibels in ((0, -20), (1, 0)):
        brightest = drawn.brightness(f"spectrogram {index}")[:, 800].max()
        color = colormaps["magma"]((80 + decibels) / 80)
        assert brightest == pytest.approx(255 * sum(color[:3]), abs=6)
    # The waves share their level as well: the quiet one is a tenth as high.
    quiet, whole = (_height(drawn.brightness(f"wave {index}")) for index in (0, 1))
    assert quiet <= 0.2 * whole


def _height(wave):
    return int(np.count_nonzero(wave[:, wave.shape[1] // 2] < 700))


def test_the_color_bar_shows_the_unit_and_its_ends(tone, render):
    drawn = render(sg.picture.draw(FRONTEND(tone(1000, 0, 2)), FRONTEND, style=Style(dynamic_range=80)))
    bar = drawn.axes("color bar")
    assert bar.get_ylabel() == "dB re peak"
    names = [tick.get_text() for tick in bar.get_yticklabels()]
    assert names[0] == "\N{MINUS SIGN}80"
    assert names[-1] == "0"
    bounds = bar.get_window_extent()
    middle, height = int(bounds.x0 + bounds.x1) // 2, len(drawn.rgb)
    assert drawn.rgb[height - int(bounds.y1) + 3, middle].sum() > 600
    assert drawn.rgb[height - int(bounds.y0) - 3, middle].sum() < 60


@pytest.mark.parametrize("colors", COLORS)
def test_brightness_rises_or_falls_evenly(colors):
    from matplotlib import colormaps

    weights = np.array([0.2126, 0.7152, 0.0722])
    light = colormaps[Style(colors).map_name()](np.linspace(0, 1, 64))[:, :3] @ weights
    steps = np.diff(light) * (-1 if colors == "gray-print" else 1)
    assert np.all(steps > 0)


def test_wrong_choices_list_the_right_ones():
    with pytest.raises(
        sg.SonogramError, match=r"no colors 'virids'; did you mean viridis\? choose one of magma"
    ):
        Style("virids")
    assert Style("jet").map_name() == "jet"
    for wrong in (0, -20, np.nan, np.inf, 1e308):
        with pytest.raises(sg.SonogramError, match="above 0 dB"):
            Style(dynamic_range=wrong)
