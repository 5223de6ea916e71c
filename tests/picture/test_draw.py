"""Pictures of odd clips, of several, and on disk."""

import errno
import itertools
import os
import stat
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest

import sonogram as sg
from sonogram import picture
from sonogram.picture import Panel, Peaks, text

FRONTEND = sg.Frontend(16_000, 512, 128)
PNG = b"\x89PNG\r\n\x1a\n"


def _noise(num_samples, seed=0):
    return np.random.default_rng(seed).normal(size=num_samples).astype(np.float32) / 10


@pytest.mark.parametrize("num_samples", [512, 640, 5000], ids=["1 frame", "2 frames", "36 frames"])
@pytest.mark.parametrize("with_wave", [True, False])
@pytest.mark.parametrize("level", [0, 1])
def test_short_and_silent_clips_are_drawn(num_samples, with_wave, level, render):
    samples = level * _noise(num_samples)
    features = FRONTEND(samples)
    drawn = render(picture.draw(features, FRONTEND, samples=samples if with_wave else None))
    colored = drawn.brightness()[:, drawn.brightness().shape[1] // 2]
    notes = {text.get_text() for text in drawn.axes().texts}
    if level:
        assert colored.max() > 400
        assert colored.min() < 300
        assert not notes
    else:
        assert notes == {"digital silence"}


@pytest.mark.parametrize("num_samples", [0, 1, 511])
def test_a_clip_without_a_frame_is_one_clear_error(num_samples):
    features = FRONTEND(np.zeros(num_samples, np.float32))
    with pytest.raises(sg.SonogramError, match=r"at least 512 samples \(0.032 s\)"):
        picture.draw(features, FRONTEND)


def test_the_least_length_is_that_of_the_convention():
    frontend = replace(FRONTEND, padding=sg.padding.Valid(lookahead=100), stack=sg.stack.Stack(2))
    least = 512 + 100 + 128
    assert frontend(np.zeros(least, np.float32)).shape[0] == 1
    with pytest.raises(sg.SonogramError, match=f"at least {least} samples"):
        picture.draw(frontend(np.zeros(least - 1, np.float32)), frontend)


def test_stereo_is_one_panel_for_each_channel(render):
    samples = np.stack([_noise(8000), 0 * _noise(8000)])
    drawn = render(picture.draw(FRONTEND(samples), FRONTEND, samples=samples, title="duet"))
    titles = {text.get_text() for text in drawn.figure.texts}
    assert {"duet, left", "duet, right"} <= titles
    assert drawn.brightness("spectrogram 0").min() < 300
    assert [text.get_text() for text in drawn.axes("spectrogram 1").texts] == ["digital silence"]


@pytest.mark.parametrize(
    ("features", "samples", "message"),
    [
        (np.ones((4, 5, 6, 7)), None, "draw one example of a batch"),
        (np.ones(8000), None, "sonogram.show draws sounds"),
        (sg.Audio(np.ones(8000), 8000), None, "sonogram.show draws sounds"),
        (np.ones(5), None, "frames, bands"),
        (np.ones((0, 4, 257)), None, "frames, bands"),
        (np.ones((257, 9)), None, "has 257 bands; the features have 9"),
        (np.ones((3, 9, 257)), np.ones((2, 9)), r"need samples of shape \(3, samples\)"),
        (np.ones((9, 257)), np.ones((2, 9)), r"shape \(samples,\)"),
        (np.ones((9, 257)), np.ones(100), "have 9 frames, and these 100 samples give 0"),
        (np.ones((9, 257), complex), None, r"must be real numbers; got complex128: draw np.abs"),
        (np.full((9, 257), "a"), None, "must be real numbers; got <U1"),
    ],
)
def test_wrong_shapes_say_what_fits(features, samples, message):
    with pytest.raises(sg.SonogramError, match=message):
        picture.draw(features, FRONTEND, samples=samples)


def test_one_channel_of_samples_is_one_clip(render):
    samples = _noise(8000)
    render(picture.draw(FRONTEND(samples), FRONTEND, samples=samples[None]))


def test_features_that_are_not_finite_are_left_blank(render):
    features = np.ones((50, 257), np.float32)
    features[20:30] = np.nan
    drawn = render(picture.draw(features, FRONTEND))
    middle = drawn.brightness()[300]
    assert middle[middle.size // 2] > 700
    assert middle[middle.size // 4] < 700


@pytest.mark.parametrize(
    "title",
    [
        "a very long name of a recording " * 20,
        "$a_b$ and $$ and \\alpha {",
        "鳥の声 \N{MUSICAL KEYBOARD} \udcff \n\ttwo lines",
        "",
    ],
    ids=["long", "mathematics", "letters", "empty"],
)
def test_any_title_fits_and_warns_of_nothing(title, render):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawn = render(picture.draw(np.ones((9, 257)), FRONTEND, title=title))
    # Which letters have a font depends on the machine; those that have none are in one warning.
    assert len(caught) <= 1
    assert all("drawn as a square" in str(each.message) for each in caught)
    texts = [text for text in drawn.figure.texts if text.get_text()]
    caption, *boxes = [text.get_window_extent() for text in texts]
    assert caption.x1 <= drawn.box()[1] + 1
    for box in boxes:
        assert box.x0 >= drawn.box()[0] - 3
        assert box.x1 < caption.x0


def test_letters_without_a_font_are_stated(monkeypatch):
    monkeypatch.setattr(text, "_OTHERS", ())
    with pytest.warns(UserWarning, match=r"no installed font has U\+1F3B9, drawn as a square"):
        figure = picture.draw(np.ones((9, 257)), FRONTEND, title="a \N{MUSICAL KEYBOARD}")
    assert "a \N{WHITE SQUARE}" in {each.get_text() for each in figure.texts}


def test_a_long_title_keeps_both_its_ends(render):
    drawn = render(picture.draw(np.ones((9, 257)), FRONTEND, title="start" + "x" * 999 + "end.wav"))
    shown = drawn.figure.texts[-1].get_text()
    assert shown.startswith("start")
    assert shown.endswith("end.wav")
    assert "\N{HORIZONTAL ELLIPSIS}" in shown


def test_letters_stand_as_they_are_written(render):
    drawn = render(picture.draw(np.ones((9, 257)), FRONTEND, title="$x^2$ Größe"))
    assert drawn.figure.texts[-1].get_text() == "$x^2$ Größe"


def test_panels_do_not_overlap_and_end_inside(render):
    panels = picture.clip_panels(FRONTEND(_noise(8000)), FRONTEND, _noise(8000), "one") * 5
    drawn = render(picture.stack(panels, title="all"))
    boxes = sorted(
        (drawn.box(f"{kind} {index}") for kind in ("spectrogram", "wave") for index in range(5)),
        key=lambda box: box[2],
    )
    for above, below in itertools.pairwise(boxes):
        assert above[3] <= below[2]
    height, width = drawn.rgb.shape[:2]
    assert np.all(drawn.rgb[[0, -1]] == 255)
    assert np.all(drawn.rgb[:, [0, -1]] == 255)
    for axes in drawn.figure.axes:
        tight = axes.get_tightbbox()
        assert tight.x0 > 0
        assert tight.y0 > 0
        assert tight.x1 < width
        assert tight.y1 < height


def test_stacks_have_limits():
    [panel] = picture.clip_panels(FRONTEND(_noise(8000)), FRONTEND)
    with pytest.raises(sg.SonogramError, match="at least one panel"):
        picture.stack([])
    with pytest.raises(sg.SonogramError, match="at most 64 panels; got 65"):
        picture.stack([panel] * 65)
    log = replace(FRONTEND, scaling=sg.scaling.Log(floor=1e-5))
    [other] = picture.clip_panels(log(_noise(8000)), log)
    with pytest.raises(sg.SonogramError, match="one unit; got ln magnitude, magnitude"):
        picture.stack([panel, other])


def test_a_click_of_a_millisecond_in_an_hour_is_seen(render):
    rate = 1000
    frontend = sg.Frontend(rate, 64, 16, padding=sg.padding.Center())
    samples = 1e-3 * _noise(3600 * rate)
    samples[2_222_222] += 0.9
    stream, peaks, envelope = sg.Stream(frontend), Peaks(), picture.Envelope()
    for start in range(0, len(samples), 100_000):
        block = samples[start : start + 100_000]
        envelope.push(block)
        peaks.push(stream.push(block))
    peaks.push(stream.finish())
    drawn = render(picture.stack([Panel(peaks, frontend, envelope, "an hour")]))
    expected = 2_222_222 / len(samples) * (drawn.box()[1] - drawn.box()[0])
    spectrum = np.median(drawn.brightness(), axis=0)
    clicked = np.flatnonzero(spectrum > (spectrum.max() + np.median(spectrum)) / 2)
    assert 1 <= len(clicked) <= 3
    assert abs(clicked.mean() - expected) <= 2
    wave = drawn.brightness("wave 0")
    # The ticks touch the first column.
    above = 1 + np.flatnonzero((wave[: wave.shape[0] // 3, 1:] < 600).any(axis=0))
    assert 1 <= len(above) <= 3
    assert abs(above.mean() - expected) <= 2


def test_the_end_of_a_recording_is_seen_too(render):
    frontend = sg.Frontend(1000, 64, 16, padding=sg.padding.Center())
    samples = 1e-3 * _noise(600_000)
    samples[-2] += 0.9
    drawn = render(picture.draw(frontend(samples), frontend, samples=samples))
    spectrum = np.median(drawn.brightness(), axis=0)
    assert spectrum[-3:].max() > spectrum[:-20].max() + 100


def test_a_picture_is_a_png_of_its_own(tmp_path):
    path = tmp_path / "noise.PNG"
    picture.save(FRONTEND(_noise(8000)), FRONTEND, path, title="noise")
    content = path.read_bytes()
    assert content.startswith(PNG)
    assert b"Software\0sonogram" in content[:4096]
    assert os.listdir(tmp_path) == ["noise.PNG"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_a_picture_is_the_same_each_time(tmp_path):
    for name in ("a.png", "b.png"):
        picture.save(FRONTEND(_noise(8000)), FRONTEND, tmp_path / name, samples=_noise(8000))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_full_disk_leaves_the_old_picture(tmp_path, monkeypatch):
    path = tmp_path / "noise.png"
    path.write_bytes(b"old")
    figure = picture.draw(FRONTEND(_noise(8000)), FRONTEND)

    def savefig(file, **_):
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(figure, "savefig", savefig)
    with pytest.raises(sg.SonogramError, match=r"noise.png: cannot be written \(no space left"):
        picture.write(figure, path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["noise.png"]


def test_a_picture_takes_its_place_by_a_rename(tmp_path, monkeypatch):
    path = tmp_path / "noise.png"
    moved = []
    replace_file = os.replace
    monkeypatch.setattr(os, "replace", lambda *names: (moved.append(names), replace_file(*names)))
    picture.save(np.ones((9, 257)), FRONTEND, path)
    [(part, place)] = moved
    assert place == path
    assert part.parent == tmp_path, "a rename across disks would be a copy"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("noise.jpg", "a picture is written as PNG, SVG or PDF; name it noise.png"),
        ("noise", "name it noise.png"),
        ("nowhere/noise.png", "there is no folder .*nowhere; make it first"),
        ("folder.png", "is a folder"),
    ],
)
def test_places_that_cannot_be_say_why(name, message, tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(sg.SonogramError, match=message):
        picture.save(np.ones((9, 257)), FRONTEND, tmp_path / name)


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    picture.save(np.ones((9, 257)), FRONTEND, tmp_path / "link.png")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes().startswith(PNG)


def test_pictures_need_no_keras_no_display_and_no_global_state(tmp_path):
    code = f"""
import sys, numpy as np, sonogram as sg
frontend = sg.Frontend(16000, 512, 128)
samples = np.zeros(16000, np.float32)
import matplotlib
before = dict(matplotlib.rcParams)
sg.picture.save(frontend(samples), frontend, {str(tmp_path / "x.png")!r}, samples=samples)
assert dict(matplotlib.rcParams) == before
wrong = {{"tensorflow", "keras", "jax", "torch", "matplotlib.pyplot", "tkinter"}} & set(sys.modules)
assert not wrong, wrong
"""
    environment = {**os.environ, "MPLBACKEND": "tkagg"}
    environment.pop("DISPLAY", None)
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=environment)
