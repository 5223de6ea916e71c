"""The verb `predict`."""

import csv
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile
from engine_names import why_not_native
from tone_model import RATE, tone, tone_model

import sonogram as sg
from sonogram.models import build

LOW, HIGH = 500.0, 3000.0


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tone_model.keras"
    tone_model().save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A long recording, a short one at another rate, a broken one, an empty one."""
    sg.save(tmp_path / "long.wav", np.concatenate([tone(LOW, 2.0), tone(HIGH, 1.0)]), RATE)
    seconds = np.arange(6615) / 22_050
    sg.save(tmp_path / "short.wav", 0.5 * np.sin(2 * np.pi * HIGH * seconds).astype(np.float32), 22_050)
    (tmp_path / "broken.wav").write_bytes((tmp_path / "long.wav").read_bytes()[:30])
    (tmp_path / "empty.wav").write_bytes(b"")
    return tmp_path


def test_good_recordings_are_done_next_to_broken_ones(run, saved: Path, folder: Path) -> None:
    (folder / "nothing").mkdir()
    names = ["long.wav", "broken.wav", "empty.wav", "missing.wav", "nothing", "short.wav"]
    ran = run("predict", saved, *names)
    assert ran.code == 1
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert rows[0] == ["path", "start", "end", "label", "score"]
    assert [(row[0], row[3]) for row in rows[1:]] == [
        ("long.wav", "low"),
        ("long.wav", "high"),
        ("short.wav", "high"),
    ]
    assert rows[3][1:3] == ["0.00", "0.30"]
    failed = ran.err.splitlines()
    assert len(failed) == 4
    for name, line in zip(names[1:5], failed, strict=True):
        assert line.startswith(f"sonogram: {name}: ")


@pytest.mark.parametrize("form", ["csv", "audacity", "raven"])
def test_earlier_results_stay_where_nothing_can_be_read(run, saved: Path, folder: Path, form: str) -> None:
    (folder / "labels.txt").write_text("before")
    ran = run("predict", saved, "broken.wav", "--format", form, "-o", "labels.txt")
    assert (ran.code, ran.out) == (1, "")
    assert (folder / "labels.txt").read_text() == "before"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe stands for all that is no file")
def test_what_is_no_file_is_written_to_and_not_replaced(run, saved: Path, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit((folder / "pipe").read_text)
        assert run("predict", saved, "short.wav", "--format", "csv", "-o", "pipe").code == 0
    assert read.result().startswith("path,start,end,label,score\nshort.wav,")
    assert (folder / "pipe").is_fifo()


def test_a_broken_recording_has_no_labels(run, saved: Path, folder: Path) -> None:
    ran = run("predict", saved, "broken.wav", "--format", "raven", "-o", os.devnull)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert ran.err.startswith("sonogram: broken.wav: ")


def test_a_link_goes_to_the_file_that_it_stands_for(run, saved: Path, folder: Path) -> None:
    (folder / "else").mkdir()
    (folder / "link.csv").symlink_to(folder / "else" / "real.csv")
    assert run("predict", saved, "short.wav", "-o", "link.csv").code == 0
    assert (folder / "link.csv").is_symlink()
    assert (folder / "else" / "real.csv").read_text().startswith("path,")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the full device of Linux stands in for a disk")
def test_an_output_that_cannot_be_written_is_named(run, saved: Path, folder: Path) -> None:
    ran = run("predict", saved, "short.wav", "-o", "long.wav/x.csv")
    assert ran.code == 2
    assert "long.wav: cannot be made" in " ".join(ran.err.split())
    ran = run("predict", saved, "short.wav", "--json", "-o", "/dev/full")
    assert (ran.code, ran.err) == (
        1,
        "sonogram: /dev/full: cannot be written (No space left on device); free space on the disk\n",
    )


@pytest.mark.parametrize("form", [[], ["--format", "csv"]])
def test_a_recording_without_a_score_is_named(run, saved: Path, folder: Path, form: list[str]) -> None:
    sg.save(folder / "faint.wav", 0.001 * tone(LOW, 2.0), RATE)
    ran = run("predict", saved, "faint.wav", "long.wav", "--threshold", "0.999", *form)
    assert ran.code == 0
    assert "long.wav" in ran.out
    assert "faint.wav" not in ran.out
    assert ran.err.startswith("sonogram: faint.wav: no score reaches the threshold of 0.999 (low has 0.")
    assert ran.err.count("\n") == 1
    assert run("predict", saved, "long.wav", *form).err == ""


def test_json_is_one_object(run, saved: Path, folder: Path) -> None:
    ran = run("predict", saved, "long.wav", "missing.wav", "--json", "--step", "0.1", "--top", "1")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert (found["labels"], found["window"], found["step"]) == (["high", "low"], 0.5, 0.1)
    long, missing = found["files"]
    assert set(missing) == {"path", "error"}
    assert "no such file" in missing["error"]
    assert (long["path"], long["duration"], long["label"]) == ("long.wav", 3.0, "low")
    assert long["top"] == [{"label": "low", "score": long["score"]}]
    assert [event["label"] for event in long["events"]] == ["low", "high"]
    assert long["events"][0]["start"] == 0
    assert long["events"][1]["end"] == 3
    again = sg.predict(sg.load_model(saved), folder / "long.wav", step=0.1)
    assert long["score"] == pytest.approx(again.score, abs=1e-5)


def test_the_best_labels_of_the_whole(run, saved: Path, folder: Path) -> None:
    ran = run("predict", saved, "long.wav", "short.wav", "--top", "2")
    assert ran.code == 0
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[:2] for row in rows] == [
        ["path", "label"],
        ["long.wav", "low"],
        ["long.wav", "high"],
        ["short.wav", "high"],
        ["short.wav", "low"],
    ]


def test_formats_go_where_they_are_asked_to(run, saved: Path, folder: Path) -> None:
    both = ("long.wav", "short.wav")
    assert run("predict", saved, *both, "-o", "new/all.csv").out == "new/all.csv\n"
    with open(folder / "new" / "all.csv", encoding="utf-8", newline="") as file:
        assert [row["label"] for row in csv.DictReader(file)] == ["low", "high", "high"]
    ran = run("predict", saved, *both, "-o", "labels", "--format", "raven")
    assert ran.out.splitlines() == ["labels/long.selections.txt", "labels/short.selections.txt"]
    table = (folder / "labels" / "long.selections.txt").read_text().splitlines()
    assert table[0].startswith("Selection\tView\tChannel\tBegin Time (s)\t")
    # The box ends where the recording ends: at its own Nyquist frequency, not at that of the model.
    assert table[1].split("\t")[6:8] == ["4000.0", "low"]
    other = (folder / "labels" / "short.selections.txt").read_text().splitlines()
    assert other[1].split("\t")[6:8] == ["11025.0", "high"]
    ran = run("predict", saved, "short.wav", "--format", "audacity")
    start, end, label = ran.out.rstrip("\n").split("\t")
    assert (start, end, label) == ("0.000000", "0.300000", "high 1.00")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.wav", "--format", "xml"], "one of json, csv, audacity, raven; got 'xml'"),
        (["a.wav", "--json", "--format", "csv"], "exclude one another"),
        (["a.wav", "-o", "out.txt"], "choose with --format which of"),
        (["a.wav", "-o", "out.csv", "--json"], "the format is json, but out.csv is a name for csv"),
        (["a.wav", "b.wav", "--format", "raven"], "name a folder with -o"),
        (["a/x.wav", "b/x.wav", "--format", "audacity", "-o", "out"], "would both be written to"),
        (["a.wav", "--format", "csv", "--top", "2"], "csv holds a timeline"),
        (["long.wav", "--format", "csv", "-o", "long.wav"], "is an input"),
        (["a.wav", "--threshold", "7"], "threshold"),
    ],
)
def test_wrong_usage(run, folder: Path, arguments: list[str], message: str) -> None:
    ran = run("predict", "model.keras", *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_what_is_no_model_with_labels_is_one_line(run, folder: Path) -> None:
    sequential = keras.Sequential([keras.Input((None,)), sg.layers.Spectrogram(sg.preset("kaldi-fbank-23"))])
    sequential.save(folder / "silent.keras")
    for name, line in (
        ("missing.keras", "missing.keras: no such file"),
        ("long.wav", "long.wav: not a Keras model"),
        ("silent.keras", "has no sonogram.layers.Scores"),
    ):
        ran = run("predict", name, "long.wav")
        assert (ran.code, len(ran.err.splitlines())) == (1, 1)
        assert line in ran.err


@pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone does not notice it")
def test_what_is_there_of_a_truncated_recording_is_classified(run, saved: Path, folder: Path) -> None:
    content = (folder / "long.wav").read_bytes()
    (folder / "cut.wav").write_bytes(content[: 2 * len(content) // 3])
    ran = run("predict", saved, "cut.wav")
    assert ran.code == 0
    assert [line.split("\t")[2:4] for line in ran.out.splitlines()[1:]] == [["2.00", "low"]]
    assert ran.err.startswith("sonogram: cut.wav: truncated: only the first 0:0")
    assert ran.err.count("\n") == 1


@pytest.mark.accept
def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    build(sg.preset("yamnet"), ["a", "b", "c"], seconds=1.0).save(tmp_path / "small.keras")
    minute = np.random.default_rng(0).normal(0, 0.1, 60 * 16_000).astype(np.float32)
    most = {}
    for minutes in (1, 60):
        with soundfile.SoundFile(tmp_path / f"{minutes}.wav", "w", 16_000, 1) as file:
            for _ in range(minutes):
                file.write(minute)
        most[minutes] = memory_of_prediction(tmp_path, f"{minutes}.wav")
        *_, last = csv.reader((tmp_path / "out.csv").read_text().splitlines())
        assert float(last[2]) == 60 * minutes
    assert most[60] < most[1] + 50e6  # TensorFlow itself takes 600 MB, an hour of samples 230


def memory_of_prediction(folder: Path, sound: str) -> float:
    """Return the most memory that `predict` held, bytes."""
    code = (
        "import re\n"
        "from sonogram.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end\n"
        "with open('/proc/self/status') as status:\n"
        "    print(re.search(r'VmHWM:\\s+(\\d+) kB', status.read())[1])"
    )
    command = [sys.executable, "-c", code, "predict", "small.keras", sound, "-o", "out.csv"]
    command += ["--threshold", "0.1"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return 1024 * int(ran.stdout.splitlines()[-1])
