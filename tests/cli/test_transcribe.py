"""`sonogram transcribe` and `sonogram align`: every format, many recordings, wrong input."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tone_model import RATE, tone
from tone_recognizer import tone_recognizer

import sonogram as sg

Run = Callable[..., Any]
FORMS = {
    "text": "low high\n",
    "srt": "1\n00:00:00,",
    "vtt": "WEBVTT\n\n",
    "audacity": "\tlow\n",
    "csv": "path,start,end,label,score\n",
    "ctm": "a 1 0.",
    "json": '"text": "low high"',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speech")
    silence = np.zeros(RATE // 2, np.float32)
    sg.save(
        folder / "a.wav", np.concatenate([silence, tone(500, 0.5), silence, tone(3000, 0.5), silence]), RATE
    )
    sg.save(folder / "b.wav", np.concatenate([silence, tone(500, 0.5)]), RATE)
    (folder / "broken.wav").write_bytes(b"RIFF")
    tone_recognizer().save(folder / "m.keras")
    return folder


@pytest.fixture
def sonogram(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(folder)
    return run


@pytest.mark.parametrize("form", FORMS)
def test_every_format_is_printed_and_written(sonogram: Run, tmp_path: Path, form: str) -> None:
    found = sonogram("transcribe", "m.keras", "a.wav", "--format", form)
    assert found.code == 0, found.out + found.err
    assert FORMS[form] in found.out
    out = tmp_path / "out"
    assert sonogram("transcribe", "m.keras", "a.wav", "--format", form, "-o", out).code == 0
    assert out.read_text() == found.out
    assert not list(tmp_path.glob("*.partial"))


def test_json_has_the_text_and_the_words(sonogram: Run) -> None:
    found = json.loads(sonogram("transcribe", "m.keras", "a.wav", "--json").out)
    assert found["text"] == "low high"
    (entry,) = found["files"]
    assert [word["word"] for word in entry["words"]] == ["low", "high"]
    assert entry["words"][1]["start"] == pytest.approx(1.5, abs=0.03)


def test_broken_recordings_do_not_stop_the_others(sonogram: Run, tmp_path: Path) -> None:
    found = sonogram("transcribe", "m.keras", "a.wav", "broken.wav", "b.wav")
    assert found.code == 1
    assert found.out == "path\ttext\na.wav\tlow high\nb.wav\tlow\n"
    assert found.err.count("\n") == 1
    assert "broken.wav: " in found.err
    sonogram(
        "transcribe",
        "m.keras",
        "a.wav",
        "broken.wav",
        "b.wav",
        "--format",
        "srt",
        "-o",
        tmp_path / "subtitles",
    )
    assert sorted(each.name for each in (tmp_path / "subtitles").iterdir()) == ["a.srt", "b.srt"]


def test_options_of_the_decoder_reach_it(sonogram: Run, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("low\n")
    (tmp_path / "texts.csv").write_text("text\nhigh high\nhigh\n")
    only = sonogram("transcribe", "m.keras", "a.wav", "--words", tmp_path / "words.txt").out
    assert set(only.split()) == {"low"}
    expected = sonogram(
        *("transcribe", "m.keras", "a.wav", "--language-weight", 9999),
        *("--language-model", tmp_path / "texts.csv"),
    )
    assert "low" not in expected.out
    boosted = sonogram("transcribe", "m.keras", "a.wav", "--boost", "low=9999").out
    assert boosted.split().count("low") > 1


def test_align_prints_and_writes_the_words(sonogram: Run, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Low.\nHigh!\n")
    for text in ("low high", tmp_path / "text.txt"):
        rows = [line.split("\t") for line in sonogram("align", "m.keras", "a.wav", text).out.splitlines()]
        assert [row[2] for row in rows] == ["word", "low", "high"]
        assert [float(row[0]) for row in rows[1:]] == pytest.approx([0.5, 1.5], abs=0.03)
    assert sonogram("align", "m.keras", "a.wav", "low high", "-o", tmp_path / "a.vtt").code == 0
    assert (tmp_path / "a.vtt").read_text().startswith("WEBVTT\n")


def test_evaluate_prints_error_rates_groups_and_confusions(
    sonogram: Run, tmp_path: Path, folder: Path
) -> None:
    data = tmp_path / "data.csv"
    rows = [f"{folder / 'a.wav'},low high,ann", f"{folder / 'b.wav'},Loud.,bob"]
    data.write_text("\n".join(["path,text,group", *rows, ""]))
    lines = sonogram("evaluate", "m.keras", data).out.splitlines()
    assert [line.split("\t")[:3] for line in lines[1:3]] == [["bob", "1", "1.000"], ["ann", "1", "0.000"]]
    assert lines[4].split("\t") == ["loud", "low", "1"]
    assert lines[5].startswith("WER 0.333 (0.000 to 1.000), CER 0.167 (")
    assert lines[5].endswith("1 substitutions, 0 insertions, 0 deletions, 3 words, 2 clips")
    found = json.loads(sonogram("evaluate", "m.keras", data, "--json").out)
    assert (found["wer"], found["num_clips"]) == (pytest.approx(1 / 3), 2)
    (tmp_path / "words.txt").write_text("high\n")
    found = json.loads(sonogram("evaluate", "m.keras", data, "--words", tmp_path / "words.txt", "--json").out)
    # "low" and its like cannot be found any more: "high" is right once, and the other words are missing.
    assert found["wer"] == pytest.approx(2 / 3)
    assert sorted(pair[:2] for pair in found["confusions"]) == [["loud", ""], ["low", ""]]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("transcribe", "none.keras", "a.wav"), 1, "none.keras: no such"),
        (("transcribe", "m.keras", "a.wav", "--format", "doc"), 2, "one of text"),
        (("transcribe", "m.keras", "a.wav", "--json", "--format", "srt"), 2, "exclude one another"),
        (("transcribe", "m.keras", "a.wav", "b.wav", "--format", "srt"), 2, "name a folder"),
        (("transcribe", "m.keras", "a.wav", "-o", "a.wav"), 2, "is an input"),
        (("transcribe", "m.keras", "a.wav", "--boost", "low=much"), 2, "WORD=SCORE"),
        (("transcribe", "m.keras", "a.wav", "--boost", "low=nan"), 2, "a number from 0; got 'low=nan'"),
        (("transcribe", "m.keras", "a.wav", "--boost", "low=inf"), 2, "a number from 0; got 'low=inf'"),
        (("transcribe", "m.keras", "a.wav", "--boost", "low=-5"), 2, "a number from 0; got 'low=-5'"),
        (("transcribe", "m.keras", "a.wav", "--boost", "medium"), 1, "'medium' cannot be written"),
        (
            ("transcribe", "m.keras", "a.wav", "--words", "none.txt"),
            1,
            "none.txt: cannot be read (No such",
        ),
        (("transcribe", "m.keras", "a.wav", "--language-model", "none.arpa"), 1, "none.arpa: cannot be read"),
        (("evaluate", "m.keras", "a.csv", "--boost", "low=much"), 2, "WORD=SCORE"),
        (("align", "m.keras", "a.wav", "none.txt"), 2, "none.txt: no such file"),
        (("align", "m.keras", "a.wav", "low medium"), 1, "a.wav: 'medium'"),
        (("align", "m.keras", "broken.wav", "low"), 1, "broken.wav: "),
    ],
)
def test_mistakes_are_one_line(sonogram: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    found = sonogram(*arguments)
    assert found.code == code
    assert message in " ".join(found.err.replace("│", " ").split())
    assert "Traceback" not in found.out + found.err


@pytest.mark.parametrize(
    ("option", "name", "text"),
    [
        ("--words", "w.txt", "low\n"),
        ("--language-model", "l.txt", "low high\n"),
        (None, "m.csv", "path\na.wav\n"),
    ],
)
def test_no_input_is_overwritten(
    sonogram: Run, folder: Path, option: str | None, name: str, text: str
) -> None:
    path = folder / name
    path.write_text(text)
    inputs = ["a.wav", option, path] if option else [path]
    ran = sonogram("transcribe", "m.keras", *inputs, "-o", path, "--format", "text")
    assert (ran.code, path.read_text()) == (2, text)
    assert "is an input" in ran.err
