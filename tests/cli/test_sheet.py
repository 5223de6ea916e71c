"""sonogram show on a folder: one page of its sounds, or of the features that lie there."""

import numpy as np
import pytest

import sonogram as sg
from sonogram.picture import folder as drawing


@pytest.fixture
def drawn(monkeypatch):
    """Notes what stands on each page."""
    calls = []
    sheet = drawing.sheet

    def noting(thumbnails, page, **options):
        calls.append(([each.name for each in thumbnails], thumbnails, options["title"]))
        return sheet(thumbnails, page, **options)

    monkeypatch.setattr(drawing, "sheet", noting)
    return calls


@pytest.fixture
def folder(tmp_path, rng):
    """Five sounds, at two depths and of two rates, and what is no sound."""
    place = tmp_path / "garden"
    for index in range(5):
        path = place / ("near" if index % 2 else ".") / f"{index}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sg.save(path, (0.1 * rng.standard_normal(4000)).astype(np.float32), 8000 + 8000 * (index % 2))
    (place / "notes.txt").write_text("no sound")
    return place


def test_a_folder_is_one_page(run, folder, drawn):
    ran = run("show", "garden")
    assert (ran.code, ran.out, ran.err) == (0, "garden.png\n", "")
    [(names, thumbnails, title)] = drawn
    assert names == ["0.wav", "2.wav", "4.wav", "near/1.wav", "near/3.wav"]
    assert title == "garden"
    assert {each.frontend.sample_rate for each in thumbnails} == {16_000}


TOLD = (
    "sonogram: garden/2.wav: truncated: its header states 16000 bytes of samples and the file holds 15900; "
    "copy or download it again\n"
)
"""The failure of 2.wav without its last bytes."""


def truncate(path):
    """Cuts the last bytes off a file."""
    path.write_bytes(path.read_bytes()[:-100])


def test_what_is_broken_is_named_and_left_out(run, folder, drawn):
    (folder / "2.wav").write_bytes(b"")
    ran = run("show", "garden", "--preset", "kaldi-fbank-80", "--title", "T")
    assert ran.code == 1
    assert ran.err == "sonogram: garden/2.wav: is empty (0 bytes); copy or record it again\n"
    [(names, thumbnails, title)] = drawn
    assert (len(names), title) == (4, "T")
    assert thumbnails[0].frontend == sg.preset("kaldi-fbank-80")


def test_what_is_left_out_does_not_change_the_places(run, tmp_path, drawn):
    # Of 41 recordings five stand beside one another, of the 40 that can be read there would be four.
    (tmp_path / "garden").mkdir()
    for index in range(40):
        sg.save(tmp_path / "garden" / f"{index}.wav", np.zeros(400, np.float32), 8000)
    (tmp_path / "garden" / "broken.wav").write_bytes(b"RIFF, but nothing else")
    ran = run("show", "garden")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "garden.png\n", 1)
    assert len(drawn[0][0]) == 40


def test_a_large_folder_has_pages(run, folder, drawn, monkeypatch):
    monkeypatch.setattr(drawing, "PER_PAGE", 2)
    ran = run("show", "garden", "--page", "2")
    assert ran.out == "garden.png: page 2 of 3, 3 to 4 of 5; --page 3 shows more\n"
    assert drawn[0][0] == ["4.wav", "near/1.wav"]
    assert drawn[0][2] == "garden: page 2 of 3, 3 to 4 of 5"
    assert run("show", "garden", "--page", "3").out == "garden.png: page 3 of 3, 5 to 5 of 5\n"
    beyond = run("show", "garden", "--page", "4")
    assert beyond.code == 2
    assert "there are 3 pages" in beyond.err


@pytest.mark.parametrize("form", ["npy", "tfrecord"])
def test_the_features_of_an_extraction(run, folder, drawn, form):
    truncate(folder / "2.wav")
    assert run("extract", "garden", "-o", "out", "--preset", "whisper-80", "--format", form).code == 1
    ran = run("show", "out")
    assert ran.code == 1
    # It has no features, for the reason that the manifest gives.
    assert ran.err == TOLD
    [(names, thumbnails, _)] = drawn
    assert names == ["0.wav", "4.wav", "near/1.wav", "near/3.wav"]
    assert thumbnails[0].frontend == sg.preset("whisper-80")
    refused = run("show", "out", "--preset", "yamnet")
    assert refused.code == 2
    assert "leave preset out" in refused.err


def test_a_folder_without_sound(run, tmp_path):
    (tmp_path / "empty").mkdir()
    ran = run("show", "empty")
    assert ran.code == 1
    assert "no sound file in this folder" in ran.err
