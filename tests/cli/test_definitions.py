"""Definitions of one's own in the place of a preset, and JSON from `presets` and `check`."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import sonogram as sg


def _write(path, **changes):
    plain = sg.preset("whisper-80").to_dict(defaults=True)
    plain["bands"].update(changes)
    path.write_text(json.dumps(plain), encoding="utf-8")


def test_the_json_of_a_preset_is_edited_and_used(run, bird, tmp_path):
    printed = run("presets", "whisper-80", "--json")
    assert printed.code == 0
    plain = json.loads(printed.out)
    assert plain["bands"]["num_mel_bins"] == 80  # the default is there too, to be changed
    assert plain["stack"] is None
    plain["bands"]["num_mel_bins"] = 64
    (tmp_path / "mine.json").write_text(json.dumps(plain), encoding="utf-8")
    assert run("extract", "bird.wav", "-o", "out", "--preset", "mine.json").code == 0
    stamped = json.loads((tmp_path / "out" / "extraction.json").read_text(encoding="utf-8"))["definition"]
    expected = sg.preset("whisper-80").replace(bands__num_mel_bins=64)
    assert sg.Frontend.from_dict(stamped) == expected
    assert sg.preset(tmp_path / "mine.json") == expected


@pytest.mark.parametrize("name", sg.preset_names())
def test_every_preset_survives_its_json(name):
    frontend = sg.preset(name)
    every = json.loads(json.dumps(frontend.to_dict(defaults=True)))
    assert sg.Frontend.from_dict(every) == frontend
    assert sg.Frontend.from_dict(every).fingerprint == frontend.fingerprint


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "bird.wav", "-o", "bird.png"],
        ["extract", "bird.wav", "-o", "out"],
        ["resynthesize", "bird.wav", "-o", "again.wav"],
    ],
)
def test_commands_take_a_file_where_they_take_a_preset(run, bird, tmp_path, arguments):
    plain = sg.Frontend(16000, 256, 64, padding=sg.padding.Center()).to_dict()
    (tmp_path / "mine.json").write_text(json.dumps(plain), encoding="utf-8")
    assert run(*arguments, "--preset", "mine.json").code == 0


BROKEN = {
    "not JSON": (b"{", "not a definition in JSON"),
    "empty": (b"", "not a definition in JSON"),
    "binary": (b"RIFF\xd2\x00", "not a definition in JSON"),
    "a list": (b"[1]", "a definition is an object of fields"),
    "deep": (b"[" * 100_000, "nested too deep"),
    "a field twice": (b'{"sample_rate": 1, "sample_rate": 2}', "the field 'sample_rate' occurs twice"),
    "no fields": (b"{}", "needs sample_rate, frame_length, frame_step"),
    "text": (b'{"sample_rate": "16k", "frame_length": 4, "frame_step": 2}', "sample_rate must be a number"),
    "infinite": (b'{"sample_rate": 1e999, "frame_length": 4, "frame_step": 2}', "finite numbers"),
    "a long number": (b'{"sample_rate": 1%s, "frame_length": 4, "frame_step": 2}' % (b"0" * 400), "finite"),
    "another library": (
        b'{"sample_rate": 16000, "frame_length": 400, "frame_step": 160, "n_fft": 512}',
        "no field 'n_fft' (write fft_length)",
    ),
    "a list as a stage": (
        b'{"sample_rate": 8000, "frame_length": 4, "frame_step": 2, "bands": {"type": ["Mel"]}}',
        "unknown stage ['Mel']",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_one_line(run, bird, tmp_path, kind):
    content, message = BROKEN[kind]
    (tmp_path / "mine.json").write_bytes(content)
    ran = run("extract", "bird.wav", "-o", "out", "--preset", "mine.json")
    assert ran.code == 1
    assert ran.err.startswith("sonogram: mine.json: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_what_is_no_file_is_one_line(run, bird, tmp_path):
    (tmp_path / "folder.json").mkdir()
    for name, message in (
        ("missing.json", "missing.json: no such file; check the path"),
        ("folder.json", "folder.json: cannot be read (Is a directory)"),
        ("a" * 300 + ".json", "cannot be read (File name too long)"),
    ):
        ran = run("extract", "bird.wav", "-o", "out", "--preset", name)
        assert ran.code == 1
        assert message in ran.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_one_line(run, bird, tmp_path):
    (tmp_path / "mine.json").touch(mode=0o000)
    ran = run("extract", "bird.wav", "-o", "out", "--preset", "mine.json")
    assert ran.err == "sonogram: mine.json: cannot be read (Permission denied); check the path\n"


def test_a_name_that_is_neither_is_wrong_usage(run, bird):
    ran = run("extract", "bird.wav", "-o", "out", "--preset", "wisper-80")
    assert ran.code == 2
    assert "did you mean whisper-80" in ran.err
    assert "or name a JSON file" in ran.err


def test_a_preset_comes_before_a_file_of_its_name(run, bird, tmp_path):
    (tmp_path / "yamnet").write_text("{}", encoding="utf-8")
    assert run("check", "yamnet").code == 0


@pytest.mark.parametrize("name", ["micro-speech", "madmom-onset-cnn"])
def test_show_draws_bundles_and_integers(run, bird, tmp_path, name):
    ran = run("show", "bird.wav", "--preset", name, "-o", "bird.png")
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "bird.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("micro-speech", "is a MicroFrontend: its noise reduction and its gain have no inverse"),
        ("madmom-rnn-beat", "is a Bundle: each of its front ends has an inverse of its own"),
    ],
)
def test_integers_and_bundles_are_described_and_checked_and_refused_with_a_reason(run, bird, name, reason):
    assert run("presets", name).code == 0
    assert run("check", name).code == 0
    ran = run("resynthesize", "bird.wav", "--preset", name, "-o", "again.wav")
    assert ran.code == 2
    assert reason in " ".join(ran.err.replace("\u2502", " ").split())
    ran = run("train", "data", "--preset", name, "-o", "model.keras")
    assert ran.code == 2
    assert "a Keras model of your own" in " ".join(ran.err.replace("\u2502", " ").split())


def test_presets_and_findings_as_json(run):
    listed = json.loads(run("presets", "--json").out)
    names = [*sg.preset_names(), *sg.presets.micro_preset_names(), *sg.presets.bundle_preset_names()]
    assert [each["name"] for each in listed] == names
    ran = run("check", "whisper-80", "--sample-rate", "44100", "--json")
    assert ran.code == 1
    findings = json.loads(ran.out)
    assert findings[0]["code"] == "rate-mismatch"
    assert set(findings[0]) == {"code", "severity", "message", "remedy"}


@pytest.mark.exhaustive
@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(closed):
    for arguments in ("presets", "presets yamnet --json", "check yamnet"):
        ran = subprocess.run(
            f"{sys.executable} -m sonogram {arguments} {closed}",
            shell=True,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, "")


def test_a_name_with_a_tab_or_a_line_break_stays_in_its_cell(run, bird):
    bird.rename(bird.with_name("two\tlines\n.wav"))
    ran = run("info", "two\tlines\n.wav")
    assert ran.out.splitlines()[1].split("\t")[0] == r"two\tlines\n.wav"


@pytest.mark.parametrize(("name", "shape"), [("madmom-onset-cnn", (80, 3)), ("micro-speech", (40,))])
def test_extract_takes_bundles_and_integers(run, bird, name, shape):
    ran = run("extract", "bird.wav", "-o", "out", "--preset", name)
    assert (ran.code, ran.err) == (0, "")
    stored = np.load("out/bird.wav.npy")
    assert stored.shape == (sg.preset(name).num_frames(0.25 * sg.preset(name).sample_rate), *shape)


def test_extract_names_the_channels_that_are_missing(run, bird):
    ran = run("extract", "bird.wav", "-o", "out", "--preset", "seld-foa")
    assert ran.code == 1
    assert "bird.wav: has 2 channels; this front end needs 4" in ran.err
