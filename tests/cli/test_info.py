"""sonogram info and sonogram presets."""

import dataclasses
import io
import json
from pathlib import Path

import pytest

import sonogram as sg
from sonogram.text import clock


def test_info_prints_what_a_file_holds(run, bird):
    ran = run("info", "bird.wav")
    assert ran.code == 0
    assert [line.split("\t") for line in ran.out.splitlines()] == [
        ["file", "length", "rate", "channels", "format", "coding", "samples"],
        ["bird.wav", "0:00.250", "16000 Hz", "2", "WAV", "FLOAT", "4000"],
    ]


def test_info_goes_on_after_a_failure(run, bird):
    Path("empty").mkdir()
    ran = run("info", "missing.wav", "bird.wav", "empty")
    assert ran.code == 1
    assert len(ran.out.splitlines()) == 2
    folder, missing = ran.err.splitlines()
    assert missing == "sonogram: missing.wav: no such file; check the path"
    assert folder.startswith("sonogram: empty: no sound file in this folder; ")


def test_info_prints_the_sounds_of_a_folder(run, bird):
    Path("more").mkdir()
    Path("more/call.wav").write_bytes(Path("bird.wav").read_bytes())
    Path("more/broken.wav").write_bytes(b"")
    ran = run("info", "more", "bird.wav")
    assert ran.code == 1
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["file", "more/call.wav", "bird.wav"]
    assert ran.err == "sonogram: more/broken.wav: is empty (0 bytes); copy or record it again\n"


def test_on_a_terminal_info_is_a_table(run, bird, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    ran = run("info", "bird.wav")
    assert "16000 Hz" in ran.out
    assert "\t" not in ran.out
    assert "─" in ran.out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.000"), (0.9996, "0:01.000"), (59.9996, "1:00.000"), (7213.5, "2:00:13.500")],
)
def test_lengths_are_clock_times(seconds, text):
    assert clock(seconds, 3) == text


def test_presets_are_searched_by_what_they_are_for(run):
    listed = run("presets", "--grep", "Speaker").out
    assert "resemblyzer" in listed
    assert "whisper-80" not in listed
    ran = run("presets", "--grep", "no such word")
    assert ran.code == 2
    assert "no preset holds 'no such word'" in ran.err


def test_presets_lists_all(run):
    ran = run("presets")
    assert ran.code == 0
    names = [line.split("\t")[0] for line in ran.out.splitlines()]
    assert names == [
        "name",
        *sg.preset_names(),
        *sg.presets.micro_preset_names(),
        *sg.presets.bundle_preset_names(),
    ]


@pytest.mark.parametrize("name", ["whisper-80", "librosa-mfcc", "tf-stft"])
def test_a_preset_is_printed_in_full(run, name):
    ran = run("presets", name)
    assert ran.code == 0
    frontend = sg.preset(name)
    assert ran.out.startswith(f"{name}: ")
    assert frontend.fingerprint in ran.out
    assert f"{frontend.num_bands} bands, {frontend.unit}" in ran.out
    assert ("streamable   yes" in ran.out) == frontend.streamable
    lines = [line.split(maxsplit=2) for line in ran.out.splitlines()]
    for field in dataclasses.fields(frontend):
        value = getattr(frontend, field.name)
        shown = type(value).__name__ if dataclasses.is_dataclass(value) else repr(value)
        [line] = [line for line in lines if line[:2] == [field.name, shown]]
        assert len(line[2]) > 10, f"{field.name} says nothing"


def test_the_fields_of_stages_are_printed_too(run):
    out = run("presets", "whisper-80").out
    assert "  num_mel_bins   80 " in out
    assert "Number of bands" in out


def test_an_unknown_preset_names_the_nearest(run):
    ran = run("presets", "whisper")
    assert ran.code == 2
    assert "did you mean whisper-80" in ran.err


def test_info_names_channels_that_cancel_and_prints_json(run, tmp_path, rng):
    samples = rng.normal(size=8000) / 10
    sg.save(tmp_path / "crossed.wav", [samples, -samples], 16_000)
    ran = run("info", "crossed.wav", "--json")
    assert ran.code == 0
    [facts] = json.loads(ran.out)
    assert (facts["path"], facts["duration"], facts["channels"]) == ("crossed.wav", 0.5, 2)
    assert ran.err == (
        "sonogram: crossed.wav: its channels cancel one another: their mix is 99 dB below them; use one "
        "channel, or invert the polarity of one\n"
    )
    assert run("show", "crossed.wav").err == ran.err


def test_standard_input_is_a_sound(run, tmp_path, bird, monkeypatch):
    for command in (
        ["info", "-"],
        ["show", "-"],
        ["resynthesize", "-", "-o", "out.wav", "--preset", "yamnet"],
    ):
        with bird.open("rb") as file, io.TextIOWrapper(file) as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            assert run(*command).code == 0
    assert (tmp_path / "stdin.png").is_file()
