"""The verb `predict` on archives: folders, globs and manifests, continued where it was interrupted."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tone_model import RATE, tone, tone_model

import sonogram as sg
from sonogram.cli import progress, recordings_run
from sonogram.inference import Predictor

LOW, HIGH = 500.0, 3000.0


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tone_model.keras"
    tone_model().save(path)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Ten recordings in two folders: low tones in one, high ones in the other."""
    for index in range(10):
        path = tmp_path / "arch" / "ab"[index % 2] / f"{index}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sg.save(path, tone((LOW, HIGH)[index % 2], 0.5), RATE)
    return tmp_path


NAMES = [f"arch/{'ab'[index % 2]}/{index}.wav" for index in (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)]


def paths_in(path: Path) -> list[str]:
    return [line.partition(",")[0] for line in path.read_text().splitlines()[1:]]


@pytest.mark.parametrize(
    "inputs", [["arch"], ["arch/a", "arch/b"], ["arch/*/*.wav"], ["list.csv"], ["arch/**/*.wav"]]
)
def test_folders_globs_and_manifests(run, saved: Path, archive: Path, inputs: list[str]) -> None:
    (archive / "list.csv").write_text("path\n" + "\n".join(NAMES) + "\n")
    ran = run("predict", saved, *inputs, "--jobs", "2")
    assert ran.code == 0
    rows = [line.split("\t") for line in ran.out.splitlines()[1:]]
    assert [(row[0], row[3]) for row in rows] == [
        (name, "low" if "/a/" in name else "high") for name in NAMES
    ]
    assert ran.err == ""


def test_labels_go_to_a_folder_of_the_same_shape(run, saved: Path, archive: Path) -> None:
    assert run("predict", saved, "arch", "-o", "labels", "--format", "audacity").code == 0
    found = sorted(path.relative_to(archive / "labels").as_posix() for path in archive.glob("labels/**/*.*"))
    assert found == sorted(name[len("arch/") : -len("wav")] + "txt" for name in NAMES)


def test_what_cannot_be_read_in_a_folder_is_named(run, saved: Path, archive: Path) -> None:
    os.mkfifo(archive / "arch" / "pipe.wav")
    (archive / "arch" / "broken.wav").write_bytes(b"nothing")
    ran = run("predict", saved, "arch", "-o", "out.json")
    assert ran.code == 1
    assert sorted(line.split(": ")[1] for line in ran.err.splitlines()) == [
        "arch/broken.wav",
        "arch/pipe.wav",
    ]
    files = json.loads((archive / "out.json").read_text())["files"]
    assert [each["path"] for each in files if "error" in each] == ["arch/broken.wav", "arch/pipe.wav"]
    assert len(files) == 12


class Interrupt:
    """Ctrl-C after some recordings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
        self.predicted: list[str] = []
        original = Predictor.predict

        def predict(predictor: Predictor, source: object, *rest: object) -> object:
            if isinstance(source, str):
                self.predicted.append(source)
            return original(predictor, source, *rest)

        count = recordings_run.Run._count

        def interrupted(run: recordings_run.Run, *rest: object) -> None:
            count(run, *rest)
            if run.num_done == after:
                raise KeyboardInterrupt

        monkeypatch.setattr(Predictor, "predict", predict)
        monkeypatch.setattr(recordings_run.Run, "_count", interrupted)


@pytest.mark.parametrize("form", ["csv", "json", "raven"])
def test_an_interrupted_run_continues(run, saved: Path, archive: Path, monkeypatch, form: str) -> None:
    output = "labels" if form == "raven" else f"out.{form}"
    command = ("predict", saved, "arch", "--format", form, "-o", output, "--jobs", "1")
    with monkeypatch.context() as patch:
        Interrupt(patch, after=4)
        ran = run(*command)
    assert (ran.code, ran.err) == (130, "sonogram: interrupted; run the same command again to continue\n")
    if form != "raven":
        assert not (archive / output).exists()
    with monkeypatch.context() as patch:
        second = Interrupt(patch, after=99)
        ran = run(*command)
    assert (ran.code, ran.err) == (0, "sonogram: continuing: 4 of 10 recordings were done before\n")
    assert second.predicted == NAMES[4:]
    assert not [path for path in archive.rglob("*") if "partial" in path.name or "lock" in path.name]
    whole = archive / "whole"
    whole.mkdir()
    first = {
        path.relative_to(archive / output): path.read_bytes() for path in archive.glob(f"{output}/**/*.txt")
    }
    assert run(*command[:-3], whole / output, *command[-2:]).code == 0
    if form == "raven":
        assert first == {
            path.relative_to(whole / output): path.read_bytes() for path in (whole / output).rglob("*.txt")
        }
        assert len(first) == 10
    else:
        assert (archive / output).read_bytes() == (whole / output).read_bytes()


def test_other_options_do_not_continue(run, saved: Path, archive: Path, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        Interrupt(patch, after=2)
        assert run("predict", saved, "arch", "-o", "out.csv").code == 130
    ran = run("predict", saved, "arch", "-o", "out.csv", "--threshold", "0.7")
    assert ran.code == 1
    assert ran.err.startswith(
        "sonogram: out.csv.partial: holds results of another model or with other options; "
    )
    # A recording that has changed is done again.
    sg.save(archive / NAMES[0], tone(HIGH, 0.7), RATE)
    ran = run("predict", saved, "arch", "-o", "out.csv")
    assert "continuing: 1 of 10" in ran.err
    assert (archive / "out.csv").read_text().splitlines()[1].startswith(f"{NAMES[0]},0.0,0.7,high,")


@pytest.mark.exhaustive
def test_a_killed_run_continues(run, saved: Path, archive: Path) -> None:
    for index in range(100, 400):
        sg.save(archive / "arch" / "a" / f"{index}.wav", tone(LOW, 0.5), RATE)
    command = [
        sys.executable,
        "-m",
        "sonogram",
        "predict",
        str(saved),
        "arch",
        "-o",
        "out.csv",
        "--jobs",
        "2",
    ]
    killed = subprocess.Popen(command, cwd=archive, stderr=subprocess.DEVNULL)
    partial = archive / "out.csv.partial"
    while killed.poll() is None and not (partial.exists() and partial.read_bytes().count(b"\n") > 5):
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with partial.open("ab") as file:
        file.write(b'{"state":[1')  # a line that was not finished
    ran = run("predict", saved, "arch", "-o", "out.csv")
    assert ran.code == 0
    assert "sonogram: continuing: " in ran.err
    assert sorted(paths_in(archive / "out.csv")) == sorted(
        path.relative_to(archive).as_posix() for path in archive.glob("arch/**/*.wav")
    )
    assert not partial.exists()


def test_a_second_run_on_one_output_is_refused(run, saved: Path, archive: Path) -> None:
    from sonogram.files import lock_file

    with lock_file(archive / "out.csv", "prediction"):
        ran = run("predict", saved, "arch", "-o", archive / "out.csv")
    assert ran.code == 1
    assert "out.csv: another prediction writes to it; wait until it ends" in ran.err


def test_a_full_disk_keeps_what_is_done(run, saved: Path, archive: Path, monkeypatch) -> None:
    from sonogram.files import ResultJournal

    write = ResultJournal._write

    def full(journal: ResultJournal, entry: dict) -> None:
        if entry.get("path") == NAMES[3]:
            raise OSError(28, "No space left on device")
        write(journal, entry)

    with monkeypatch.context() as patch:
        patch.setattr(ResultJournal, "_write", full)
        ran = run("predict", saved, "arch", "-o", "out.csv")
    assert ran.code == 1
    assert ran.err == (
        "sonogram: out.csv.partial: cannot be written (No space left on device); free space on "
        "the disk, then run the same command again: finished recordings are kept\n"
    )
    assert "continuing: 3 of 10" in run("predict", saved, "arch", "-o", "out.csv").err


def test_without_a_terminal_lines_state_the_progress(run, saved: Path, archive: Path, monkeypatch) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    ran = run("predict", saved, "arch", "-o", "out.csv", "--jobs", "1")
    assert ran.code == 0
    assert ran.err.startswith(("sonogram: 0 of 10, ", "sonogram: 1 of 10, "))
    assert " s of audio, " in ran.err
    assert run("predict", saved, "arch", "-o", "out.csv", "--progress", "quiet").err == ""
    lines = run("predict", saved, "arch", "-o", "out.csv", "--progress", "json").out.splitlines()
    assert json.loads(lines[-2])["done"] == 10
    assert run("predict", saved, "arch", "--progress", "json").code == 2


def test_on_a_terminal_rows_are_aligned(run, saved: Path, archive: Path, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    ran = run("predict", saved, "arch/a/0.wav", "arch/b/1.wav")
    assert ran.out.splitlines()[1:] == [
        "arch/a/0.wav      0.00      0.50  low    1.0000",
        "arch/b/1.wav      0.00      0.50  high   1.0000",
    ]


@pytest.mark.parametrize("seekable", [True, False])
def test_standard_input_is_a_recording(run, saved: Path, archive: Path, monkeypatch, seekable: bool) -> None:
    content = (archive / NAMES[0]).read_bytes()
    reading, writing = os.pipe()
    os.write(writing, content[:60_000])
    os.close(writing)
    stream = io.BytesIO(content) if seekable else open(reading, "rb")  # noqa: SIM115
    with stream, io.TextIOWrapper(stream) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        ran = run("predict", saved, "-")
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["path", "-"]


def test_a_name_with_a_line_end_is_one_row(run, saved: Path, archive: Path) -> None:
    sg.save(archive / "two\nlines\t.wav", tone(LOW, 0.5), RATE)
    ran = run("predict", saved, "two\nlines\t.wav")
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["path", "two\\nlines\\t.wav"]
    assert len(run("info", "two\nlines\t.wav").out.splitlines()) == 2


def test_results_come_in_order_and_few_are_held(saved: Path, archive: Path) -> None:
    from sonogram.inference import predict_recordings

    given = []

    def paths():
        for name in NAMES * 10:
            given.append(name)
            yield str(archive / name)

    found = predict_recordings(Predictor(sg.load_model(saved)), paths(), jobs=2)
    for number, each in enumerate(found):
        assert each.path.endswith(NAMES[number % 10])
        assert len(given) <= number + 9
    assert number == 99


def test_the_manifest_is_not_overwritten(run, saved: Path, archive: Path) -> None:
    manifest = archive / "list.csv"
    manifest.write_text("path\n" + "\n".join(NAMES) + "\n")
    before = manifest.read_text()
    ran = run("predict", saved, "list.csv", "-o", "list.csv")
    assert (ran.code, manifest.read_text()) == (2, before)
    assert "is an input" in ran.err
