"""sonogram check."""

import json

import pytest

import sonogram as sg


def _findings(out: str) -> dict[str, list[str]]:
    rows = [line.split("\t") for line in out.splitlines() if "\t" in line]
    assert rows[0] == ["severity", "code", "finding", "remedy"]
    return {code: [severity, finding, remedy] for severity, code, finding, remedy in rows[1:]}


def test_a_sound_preset_passes(run):
    ran = run("check", "voxtral-realtime", "--sample-rate", "16000", "--duration", "10")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "voxtral-realtime: no mistakes found"
    assert {severity for severity, *_ in _findings(ran.out).values()} == {"note"}


def test_a_warning_is_no_failure(run):
    ran = run("check", "torchaudio-melspectrogram")
    assert ran.code == 0
    assert _findings(ran.out)["empty-bands"][0] == "warning"
    assert "no mistakes found" not in ran.out


def test_an_error_ends_with_1(run):
    ran = run("check", "whisper-80", "--sample-rate", "44100")
    assert ran.code == 1
    assert _findings(ran.out)["rate-mismatch"][2] == "resample: sonogram.load(path, sample_rate=16000)"
    assert ran.err == "sonogram: whisper-80: 1 error; see the remedies above\n"


def test_a_definition_is_read_from_json(run, tmp_path):
    plain = sg.Frontend(16000, 400, 480, window=sg.windows.Hann()).to_dict()
    (tmp_path / "mine.json").write_text(json.dumps(plain), encoding="utf-8")
    ran = run("check", "mine.json")
    assert ran.code == 0
    assert _findings(ran.out)["skipped-samples"][0] == "warning"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a definition in JSON"),
        ("[1]", "an object of fields"),
        ('{"sample_rate": 16000, "frame_length": 400, "frame_step": 0}', "frame_step must be"),
        (
            '{"sample_rate": 16000, "frame_length": 400, "frame_step": 160, "hop": 1}',
            "no field 'hop' (write frame_step)",
        ),
        ('{"sample_rate": 16000}', "mine.json"),
    ],
)
def test_a_broken_definition_is_one_line(run, tmp_path, text, message):
    (tmp_path / "mine.json").write_text(text, encoding="utf-8")
    ran = run("check", "mine.json")
    assert ran.code == 1
    assert ran.err.startswith("sonogram: mine.json: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_missing_file_and_a_wrong_name_have_different_errors(run):
    assert "no such file" in run("check", "missing.json").err
    ran = run("check", "wisper-80")
    assert ran.code == 2
    assert "whisper-80" in ran.err


def test_a_duration_of_nothing_is_wrong_usage(run):
    assert run("check", "whisper-80", "--duration", "0").code == 2


def test_a_published_definition_in_json_is_recognized(run, tmp_path):
    (tmp_path / "same.json").write_text(json.dumps(sg.preset("whisper-80").to_dict()), encoding="utf-8")
    ran = run("check", "same.json", "--duration", "5")
    assert _findings(ran.out)["clip-length"][0] == "warning"
