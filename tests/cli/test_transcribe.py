"""`sonogram transcribe` and `sonogram align`: every format, many recordings, wrong input."""

import gzip
import json
import os
import shutil
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
        (("transcribe", "m.keras", "a.wav", "-o", "a.wav", "--format", "text"), 2, "is an input"),
        (
            ("transcribe", "m.keras", "a.wav", "-o", "x.docx"),
            2,
            "x.docx: choose with --format which of text,",
        ),
        (
            ("transcribe", "m.keras", "a.wav", "-o", "x.srt", "--format", "vtt"),
            2,
            "the format is vtt, but x.srt is a name for srt",
        ),
        (("align", "m.keras", "a.wav", "low", "-o", "x.vtt", "--json"), 2, "the format is json, but x.vtt"),
        (("align", "m.keras", "a.wav", "low", "-o", "x.docx"), 2, "x.docx: choose with --format"),
        (("transcribe", "m.keras", "a.wav", "--language-weight", 1), 2, "no language model to weight"),
        (("evaluate", "m.keras", "a.csv", "--language-weight", 1), 2, "no language model to weight"),
        (
            ("transcribe", "m.keras", "a.wav", "--language-model", "a.txt", "--language-weight", "inf"),
            2,
            "must be a number from 0; got inf",
        ),
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
        (("align", "m.keras", "a.wav", "none.srt"), 2, "none.srt: no such file"),
        (("align", "m.keras", "a.wav", "texts/none"), 2, "texts/none: no such file"),
        (("align", "m.keras", "a.wav", ""), 2, "'' holds no words"),
        (("align", "m.keras", "a.wav", os.devnull), 2, "no such file"),
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
    form = {".txt": "text", ".csv": "csv"}[path.suffix]
    ran = sonogram("transcribe", "m.keras", *inputs, "-o", path, "--format", form)
    assert (ran.code, path.read_text()) == (2, text)
    assert "is an input" in ran.err


@pytest.mark.parametrize(
    ("option", "name", "text", "line"),
    [
        ("--words", "w.txt", "\n", "w.txt: holds no word; write one in each line"),
        ("--words", "w.txt", "low\n\nlow low\n", "w.txt: line 3: must be one word; got 'low low'. Write one"),
        (
            "--words",
            "w.txt",
            "low\nloud\n",
            "w.txt: line 2: the word 'loud' cannot be written with the words",
        ),
        ("--language-model", "elm.txt", "", "elm.txt: holds no text; write one in each line"),
        ("--language-model", "l.arpa", "\\end\\\n", "l.arpa: no 1-grams; an ARPA file has a part"),
        ("--language-model", "l.txt", "loud\n", "m.keras: 0 of the 1 words of the language model"),
    ],
)
def test_files_of_the_decoder_are_named(
    sonogram: Run, folder: Path, option: str, name: str, text: str, line: str
) -> None:
    (folder / name).write_text(text)
    ran = sonogram("transcribe", "m.keras", "a.wav", option, name)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"sonogram: {line}")
    assert ran.err.count("\n") == 1


def test_evaluate_names_the_line_of_a_word(sonogram: Run, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "d.csv").write_text(f"path,text\n{folder / 'a.wav'},low high\n")
    (tmp_path / "w.txt").write_text("low\nloud\n")
    ran = sonogram("evaluate", "m.keras", tmp_path / "d.csv", "--words", tmp_path / "w.txt")
    assert ran.err.startswith(f"sonogram: {tmp_path / 'w.txt'}: line 2: the word 'loud' cannot be written")


def test_a_truncated_language_model_is_one_line(sonogram: Run, tmp_path: Path) -> None:
    path = tmp_path / "cut.arpa.gz"
    path.write_bytes(gzip.compress(b"\\data\\\nngram 1=9\n")[:-9])
    ran = sonogram("transcribe", "m.keras", "a.wav", "--language-model", path)
    assert (ran.code, ran.err) == (
        1,
        f"sonogram: {path}: truncated or corrupt; copy it again from its source\n",
    )


def test_an_interrupted_run_continues_only_with_the_same_language_model(
    sonogram: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "l.txt").write_text("low high\n")
    command = ("transcribe", "m.keras", "a.wav", "b.wav", "--jobs", 1, "-o", tmp_path / "out.json")
    command = (*command, "--language-model", tmp_path / "l.txt")
    decode = sg.inference.Transcriber.transcribe

    def interrupt(transcriber: Any, source: Any, on_progress: Any = None) -> Any:
        if "b.wav" in str(source):
            raise KeyboardInterrupt
        return decode(transcriber, source, on_progress)

    with monkeypatch.context() as patch:
        patch.setattr(sg.inference.Transcriber, "transcribe", interrupt)
        assert sonogram(*command).code == 130
    (tmp_path / "l.txt").write_text("high high\n")
    ran = sonogram(*command)
    assert ran.code == 1
    assert "holds results of another model or with other options" in ran.err
    (tmp_path / "l.txt").write_text("low high\n")
    assert "continuing: 1 of 2" in sonogram(*command).err


def test_recordings_with_one_name_in_ctm_are_named(sonogram: Run, folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "a.wav", tmp_path)
    ran = sonogram("transcribe", "m.keras", "a.wav", tmp_path / "a.wav", "--format", "ctm")
    assert ran.code == 0
    assert f"a.wav and {tmp_path / 'a.wav'} have the same name in CTM, a; rename one" in ran.err
    assert sonogram("transcribe", "m.keras", "a.wav", "b.wav", "--format", "ctm").err == ""
