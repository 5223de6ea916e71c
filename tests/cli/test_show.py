"""sonogram show: pictures, names, exit codes and messages."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram import picture
from sonogram.picture import show as drawing

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def stacked(monkeypatch):
    """Notes what is drawn."""
    calls = []
    stack = drawing.stack

    def noting(panels, **options):
        calls.append((list(panels), options))
        return stack(panels, **options)

    monkeypatch.setattr(drawing, "stack", noting)
    return calls


def test_a_picture_stands_in_the_current_folder(run, bird, tmp_path):
    os.mkdir("here")
    os.chdir("here")
    ran = run("show", bird)
    assert (ran.code, ran.out, ran.err) == (0, "bird.png\n", "")
    assert (tmp_path / "here" / "bird.png").read_bytes().startswith(PNG)
    assert os.listdir() == ["bird.png"]


def test_output_names_the_picture(run, bird):
    os.mkdir("out")
    ran = run("show", bird, "-o", "out/my bird.png")
    assert (ran.code, ran.out) == (0, "out/my bird.png\n")
    assert os.path.exists("out/my bird.png")


def test_options_reach_the_picture(run, bird, stacked):
    run(
        "show",
        bird,
        "--preset",
        "kaldi-fbank-80",
        "--title",
        "T",
        "--dynamic-range",
        "55",
        "--colors",
        "gray",
        "--axis",
        "mel",
        "--low",
        "100",
    )
    [([panel], options)] = stacked
    assert options["view"] == picture.View("mel", 100)
    assert panel.frontend == sg.preset("kaldi-fbank-80")
    assert panel.title == "T"
    assert options["style"] == picture.Style("gray", 55)


def test_the_title_is_the_name_of_the_file(run, bird, stacked):
    run("show", bird)
    assert stacked[0][0][0].title == "bird.wav"
    assert stacked[0][0][0].frontend == picture.viewing_frontend(16_000, 4000)


def test_channels_are_mixed_or_apart(run, bird, stacked):
    run("show", bird)
    run("show", bird, "--channels")
    assert [len(panels) for panels, _ in stacked] == [1, 2]


def test_several_files_are_one_picture(run, bird, stacked):
    ran = run("show", bird, bird, bird, "--title", "three")
    assert (ran.code, ran.out) == (0, "bird-and-2-more.png\n")
    [(panels, options)] = stacked
    assert [panel.title for panel in panels] == ["bird.wav"] * 3
    assert options["title"] == "three"


def test_what_fails_is_named_and_the_others_are_done(run, bird, tmp_path, stacked):
    (tmp_path / "broken.wav").write_bytes(b"RIFF nonsense")
    (tmp_path / "folder").mkdir()
    ran = run("show", "broken.wav", bird, "missing.wav", "folder", "-o", "x.png")
    assert ran.code == 1
    assert ran.out == "x.png\n"
    lines = ran.err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("sonogram: broken.wav: ")
    assert lines[1] == "sonogram: missing.wav: no such file; check the path"
    assert lines[2] == "sonogram: folder: is a folder; show it alone, or name the sound files in it"
    assert len(stacked[0][0]) == 1


def test_no_picture_is_made_of_nothing(run):
    ran = run("show", "missing.wav")
    assert (ran.code, ran.out) == (1, "")
    assert os.listdir() == []


def test_a_clip_too_short_for_a_preset_says_so(run, tmp_path):
    sg.save(tmp_path / "tick.wav", np.ones(10), 16_000)
    ran = run("show", "tick.wav", "--preset", "kaldi-fbank-80")
    assert ran.code == 1
    assert ran.err == (
        "sonogram: tick.wav: there is no frame to draw: with this definition a clip needs at least "
        "400 samples (0.025 s)\n"
    )
    assert run("show", "tick.wav").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'AUDIO"),
        (("a.wav", "--colors", "virids"), "did you mean viridis"),
        (("a.wav", "--dynamic-range", "-3"), "above 0 dB"),
        (("a.wav", "--dynamic-range", "loud"), "valid number"),
        (("a.wav", "--preset", "wisper-80"), "did you mean whisper-80"),
        (("a.wav", "-o", "a.jpg"), "name it a.png"),
        (("a.wav", "-o", "nowhere/a.png"), "no folder nowhere; make it first"),
        (("a.wav", "--speed", "2"), "--speed"),
        (("a.wav",) * 65, "at most 64 files, not 65"),
        (("a.wav", "--page", "1"), "only a folder has pages"),
        (("a.wav", "b.wav", "--page", "2"), "only a folder has pages"),
        ((".", "--channels"), "a page of a folder has no channels"),
        (("a.wav", "-o", ""), "the name of the picture is empty"),
        (("a.wav", "--dynamic-range", "1e308"), "at most 1000 dB"),
        (("a.wav", "--axis", "bark"), "axis must be one of linear, log, mel, note"),
        (("a.wav", "--high", "0"), "high must be above low"),
        (("a.wav", "--start", "-1"), "start must be a number of seconds of at least 0"),
        (("a.wav", "--duration", "0"), "duration must be a number of seconds above 0"),
        (("a.wav", "--window", "0"), "window must be a number of samples from 1"),
        (("a.wav", "--window", "512", "--fft", "256"), "fft must be at least window (512 samples); got 256"),
        (("a.wav", "--window", "512", "--preset", "yamnet"), "a preset has its own window"),
        (("a.wav", "--channel", "0"), "channel must be at least 1"),
        (("a.wav", "--channel", "1", "--channels"), "one channel or all of them"),
        (("a.wav", "--axis", "log", "--preset", "librosa-mfcc"), "have no frequencies"),
        (("a.wav", "--size", "large"), "size is a width and a height, such as 85x60mm"),
        (("a.wav", "--dpi", "1"), "dpi must be from 20 to 2400"),
        (("a.wav", "--levels", "mine"), "levels must be shared or own"),
        (("a.wav", "b.wav", "--labels", "x.txt"), "labels belong to one recording"),
        (("a.wav", "--labels", "missing.txt"), "missing.txt"),
    ],
)
def test_wrong_usage_says_what_is_right(run, arguments, message):
    ran = run("show", *arguments)
    assert ran.code == 2
    assert message in " ".join(ran.err.split())
    assert ran.out == ""


def test_an_input_is_never_overwritten(run, bird, tmp_path):
    disguised = tmp_path / "sound.png"
    disguised.write_bytes(bird.read_bytes())
    os.symlink("sound.png", "link.png")
    for output in ((), ("-o", "sound.png"), ("-o", "link.png")):
        ran = run("show", "sound.png", *output)
        assert ran.code == 2
        assert "is an input" in ran.err
    assert disguised.read_bytes() == bird.read_bytes()


def test_only_own_pictures_are_replaced_unasked(run, bird, tmp_path):
    cover = tmp_path / "bird.png"
    cover.write_bytes(PNG + b"a photograph")
    ran = run("show", bird)
    assert ran.code == 2
    assert "bird.png exists" in ran.err
    assert cover.read_bytes() == PNG + b"a photograph"
    assert run("show", bird, "-o", "bird.png").code == 0
    first = cover.read_bytes()
    assert run("show", bird, "--colors", "gray").code == 0
    assert cover.read_bytes() != first


def test_a_full_disk_is_one_line(run, bird, monkeypatch):
    def full(figure, path):
        raise sg.SonogramError(f"{path}: cannot be written (no space left on device)")

    monkeypatch.setattr(drawing, "write", full)
    ran = run("show", bird)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "sonogram: bird.png: cannot be written (no space left on device)\n"


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "sonogram: interrupted\n"),
        (MemoryError(), 1, "does not fit into memory"),
        (OSError(5, "Input/output error", "bird.wav"), 1, "bird.wav: Input/output error"),
    ],
    ids=["Ctrl-C", "memory", "disk"],
)
def test_what_may_happen_is_one_line(run, bird, monkeypatch, error, code, message):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(drawing, "file_panels", fail)
    ran = run("show", bird)
    assert ran.code == code
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_warning_is_one_line(run, bird, monkeypatch):
    panels = picture.file_panels(bird)

    def warning(*_, **__):
        warnings.warn("sonogram runs without its native engine", RuntimeWarning, stacklevel=2)
        return panels

    monkeypatch.setattr(drawing, "file_panels", warning)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        ran = run("show", bird)
    assert (ran.code, ran.out) == (0, "bird.png\n")
    assert ran.err == "sonogram: sonogram runs without its native engine\n"


def test_a_mistake_of_the_program_is_not_hidden(run, bird, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(drawing, "file_panels", fail)
    with pytest.raises(ZeroDivisionError):
        run("show", bird)


def test_names_that_are_no_text_are_shown(run, bird):
    odd = os.fsdecode(b"a\xff b.wav")
    assert run("show", odd).err == "sonogram: a\\udcff b.wav: no such file; check the path\n"
    os.rename(bird, odd)
    ran = run("show", odd)
    assert (ran.code, ran.out) == (0, "a\\udcff b.png\n")
    assert os.path.exists(os.fsdecode(b"a\xff b.png"))


def test_help_names_the_colors(run):
    text = " ".join(run("show", "--help").out.replace("│", " ").split())
    assert ", ".join(picture.COLORS) in text


def test_vector_pictures_are_named_by_their_ending(run, bird):
    assert run("show", bird, "-o", "bird.svg", "--size", "85x60mm").code == 0
    assert b'width="240.84pt"' in Path("bird.svg").read_bytes()


def test_sounds_are_read_from_a_pipe(bird, tmp_path):
    """A pipe can be read once: its facts and its samples come from one reading."""
    script = [sys.executable, "-m", "sonogram", "show", "/dev/stdin", "-o", "x.png"]
    environment = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.not_here"}
    with subprocess.Popen(["cat", str(bird)], stdout=subprocess.PIPE) as cat:
        ran = subprocess.run(
            script,
            stdin=cat.stdout,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    # The backend of a notebook, which is not installed here, changes nothing either.
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "x.png\n", "")
    assert (tmp_path / "x.png").read_bytes().startswith(PNG)


def test_parts_that_cannot_be_are_one_line(run, bird):
    assert run("show", bird, "--start", "9").err.endswith("ends at 0.25 s; start must be before; got 9\n")
    assert run("show", bird, "--channel", "3").err.endswith("has 2 channels; channel must be at most 2\n")
    assert "neither its name nor its metadata" in run("show", bird, "--time-of-day").err


def test_a_page_shows_the_same_part_of_each_recording(run, bird, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    bird.rename(folder / "bird.wav")
    options = ("--start", "0.1", "--axis", "log", "--levels", "own", "--shared-time", "--size", "1200x400")
    assert run("show", "folder", *options).code == 0
    assert run("show", "folder", "--window", "512").code == 2
