"""An extraction: what it writes, keeps, notices and refuses."""

import csv
import dataclasses
import errno
import json
import os
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from folders import contents

import sonogram as sg
from sonogram.extraction import ExtractionSettings, Progress, blocks, work

FRONTEND = sg.preset("kaldi-fbank-23")


def test_features_are_those_of_the_whole_file(archive: Path, tmp_path: Path) -> None:
    report = sg.extract([archive], tmp_path / "out", FRONTEND)
    assert (report.done, report.done_before, len(report.failed)) == (12, 0, 1)
    assert report.failed[0].path == "odd/broken.wav"
    assert "broken.wav" in report.failed[0].error
    for path in sorted(archive.rglob("[0-9]*.wav")):
        stored = np.load(tmp_path / "out" / f"{path.relative_to(archive)}.npy", mmap_mode="r")
        np.testing.assert_array_equal(stored, FRONTEND(sg.load(path, 16000)))


def test_the_manifest_says_what_became_of_each_input(archive: Path, tmp_path: Path) -> None:
    sg.extract([archive], tmp_path / "out", FRONTEND)
    with (tmp_path / "out" / "index.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    row = next(row for row in rows if row["path"] == "even/00.wav")
    assert row["status"] == "done"
    assert float(row["duration"]) == 0.25
    assert int(row["frames"]) == FRONTEND.num_frames(4000)
    assert row["fingerprint"] == FRONTEND.fingerprint
    assert sum(row["status"] == "failed" for row in rows) == 1
    assert not (tmp_path / "out" / "journal.jsonl").exists()


def test_a_second_run_computes_nothing(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sg.extract([archive], tmp_path / "out", FRONTEND)
    before = contents(tmp_path / "out")
    computed = []
    original = work.feature_blocks
    monkeypatch.setattr(
        work, "feature_blocks", lambda path, *rest: computed.append(path) or original(path, *rest)
    )
    report = sg.extract([archive], tmp_path / "out", FRONTEND)
    assert (report.done_before, len(report.failed)) == (12, 1)
    assert not computed
    assert contents(tmp_path / "out") == before
    sg.extract([archive], tmp_path / "out", FRONTEND, ExtractionSettings(retry=True))
    assert [Path(path).name for path in computed] == ["broken.wav"]
    assert contents(tmp_path / "out") == before


def test_a_changed_input_is_noticed(archive: Path, tmp_path: Path) -> None:
    sg.extract([archive], tmp_path / "out", FRONTEND)
    changed = archive / "even" / "00.wav"
    soundfile.write(changed, np.zeros(9999), 16000)
    report = sg.extract([archive], tmp_path / "out", FRONTEND)
    assert report.done_before == 11
    stored = np.load(tmp_path / "out" / "even" / "00.wav.npy")
    assert len(stored) == FRONTEND.num_frames(9999)


def test_a_touched_input_is_the_same_input(archive: Path, tmp_path: Path) -> None:
    sg.extract([archive], tmp_path / "out", FRONTEND)
    os.utime(archive / "even" / "00.wav", (1, 1))
    assert sg.extract([archive], tmp_path / "out", FRONTEND).done_before == 12


@pytest.mark.parametrize(
    ("frontend", "settings", "message"),
    [
        (sg.preset("yamnet"), ExtractionSettings(), "another definition"),
        (FRONTEND, ExtractionSettings(dtype="float16"), "another format or precision"),
        (FRONTEND, ExtractionSettings(engine="numpy"), "was begun with engine"),
    ],
)
def test_a_folder_holds_one_extraction(
    archive: Path, tmp_path: Path, frontend: sg.Frontend, settings: ExtractionSettings, message: str
) -> None:
    sg.extract(
        [archive], tmp_path / "out", FRONTEND, ExtractionSettings(engine="native" if _native() else None)
    )
    if message.startswith("was begun") and not _native():
        pytest.fail("the native engine is not built: nothing to mix")
    with pytest.raises(sg.SonogramError, match=message):
        sg.extract([archive], tmp_path / "out", frontend, settings)


def test_a_mixture_can_be_asked_for(archive: Path, tmp_path: Path) -> None:
    sg.extract([archive / "even"], tmp_path / "out", FRONTEND)
    note = tmp_path / "out" / "extraction.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "instruction_set": "another"}))
    with pytest.raises(sg.SonogramError, match="--allow-mixed-versions"):
        sg.extract([archive / "even"], tmp_path / "out", FRONTEND)
    assert (
        sg.extract(
            [archive / "even"], tmp_path / "out", FRONTEND, ExtractionSettings(allow_mixed_versions=True)
        ).done
        == 6
    )


def test_strict_stops_at_the_first_broken_input(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(sg.SonogramError, match=r"broken\.wav"):
        sg.extract([archive], tmp_path / "out", FRONTEND, ExtractionSettings(strict=True))
    assert not (tmp_path / "out" / "index.csv").exists()


def test_two_runs_in_one_folder(archive: Path, tmp_path: Path) -> None:
    message = []

    def again(_: Progress) -> None:
        if not message:
            with pytest.raises(sg.SonogramError, match="another extraction runs in this folder") as caught:
                sg.extract([archive], tmp_path / "out", FRONTEND)
            message.append(str(caught.value))

    sg.extract([archive], tmp_path / "out", FRONTEND, on_progress=again)
    assert message


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sg.extract([archive], tmp_path / "undisturbed", FRONTEND)
    original, written = work.ArrayFile.append, []

    def full(self: work.ArrayFile, rows: np.ndarray) -> None:
        written.append(rows)
        if len(written) > 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(self, rows)

    monkeypatch.setattr("sonogram.extraction.run._MAX_INPUTS", 2)
    with monkeypatch.context() as patch:
        patch.setattr(work.ArrayFile, "append", full)
        with pytest.raises(sg.SonogramError, match="No space left"):
            sg.extract([archive], tmp_path / "out", FRONTEND)
    # Whatever came before and next to the full disk is in its place, recorded, and not done again.
    finished = list((tmp_path / "out").rglob("*.npy"))
    assert 0 < len(finished) < 12
    assert sg.extract([archive], tmp_path / "out", FRONTEND).done_before == len(finished)
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_an_executor_of_ones_own(archive: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as executor:
        sg.extract([archive], tmp_path / "mine", FRONTEND, executor=executor)
        assert executor.submit(int).result() == 0  # it was not shut down
    sg.extract([archive], tmp_path / "threads", FRONTEND)
    assert contents(tmp_path / "mine") == contents(tmp_path / "threads")


class _Deadly(Executor):
    """Workers that die of one input."""

    def __init__(self, killer: str) -> None:
        self._killer = killer

    def submit(self, function: Any, task: work.Task) -> Future[work.Outcome]:  # type: ignore[override]
        future: Future[work.Outcome] = Future()
        if any(self._killer in item.path for item in task.inputs):
            future.set_exception(BrokenExecutor("a worker died"))
        else:
            future.set_result(function(task))
        return future


def test_an_input_that_workers_die_of_is_found(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonogram.extraction.run._MAX_INPUTS", 4)
    report = sg.extract([archive], tmp_path / "out", FRONTEND, executor=lambda: _Deadly("03.wav"))
    assert (report.done, len(report.failed)) == (11, 2)
    assert ["03.wav: the worker that reads it dies" in row.error for row in report.failed].count(True) == 1
    assert sg.extract([archive], tmp_path / "out", FRONTEND).done == 12  # it is tried again
    settings = ExtractionSettings("tfrecord", shard_size=4)
    with pytest.raises(sg.SonogramError, match=r"workers died 2 times at .*leave these files out"):
        sg.extract([archive], tmp_path / "shards", FRONTEND, settings, executor=lambda: _Deadly("03.wav"))


def test_a_worker_that_does_not_see_the_folder_is_reported(archive: Path, tmp_path: Path) -> None:
    class Elsewhere(_Deadly):
        def submit(self, function: Any, task: work.Task) -> Future[work.Outcome]:  # type: ignore[override]
            return super().submit(function, dataclasses.replace(task, token="/nowhere/token"))

    with pytest.raises(sg.SonogramError, match="does not see this folder"):
        sg.extract([archive], tmp_path / "out", FRONTEND, executor=lambda: Elsewhere("none"))


def test_an_input_that_changes_while_it_is_read(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = work.feature_blocks

    def growing(path: str, *rest: Any) -> Any:
        yield from original(path, *rest)
        if path.endswith("00.wav"):
            soundfile.write(path, np.zeros(9999), 16000)

    with monkeypatch.context() as patch:
        patch.setattr(work, "feature_blocks", growing)
        report = sg.extract([archive], tmp_path / "out", FRONTEND)
    assert "was changed while it was read" in " ".join(row.error for row in report.failed)
    assert sg.extract([archive], tmp_path / "out", FRONTEND).done == 12


def test_a_folder_that_cannot_be_written(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(sg.SonogramError, match="cannot be written"):
        sg.extract([archive], tmp_path / "file" / "out", FRONTEND)


def test_the_output_may_lie_in_the_input(archive: Path) -> None:
    for _ in range(2):
        report = sg.extract([archive], archive / "features", FRONTEND)
        assert report.done == 12
    assert report.done_before == 12


@pytest.mark.parametrize("name", ["kaldi-mfcc-13", "librosa-pcen", "whisper-80", "granite-speech", "gemma4"])
def test_a_long_file_in_pieces_is_the_whole(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontend = sg.preset(name)
    samples = np.random.default_rng(1).standard_normal(int(1.37 * frontend.sample_rate)) * 0.1
    soundfile.write(tmp_path / "long.wav", samples, int(frontend.sample_rate), subtype="FLOAT")
    expected = frontend(sg.load(tmp_path / "long.wav"))
    for constant, value in {"_SMALL_FILE": 0, "_SMALL_CLIP": 0.0, "_LARGE_CLIP": 0.0, "_BLOCK": 1234}.items():
        monkeypatch.setattr(blocks, constant, value)
    monkeypatch.setattr(blocks, "_FRAMES", 10)
    sg.extract([tmp_path / "long.wav"], tmp_path / "out", frontend)
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "long.wav.npy"), expected)


def test_what_needs_the_clip_at_once_is_refused_when_it_is_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "long.wav", np.zeros(16000), 16000)
    for constant in ("_SMALL_FILE", "_SMALL_CLIP", "_LARGE_CLIP"):
        monkeypatch.setattr(blocks, constant, 0)
    report = sg.extract([tmp_path / "long.wav"], tmp_path / "out", sg.preset("parakeet-80"))
    assert "needs the clip at once" in report.failed[0].error
    assert "Standardize" in report.failed[0].error


def _native() -> bool:
    from sonogram.engines import native

    return native.available()


@pytest.mark.parametrize("content", ["[]", "null", "3", "sound"])
def test_a_folder_that_sonogram_did_not_begin(archive: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "extraction.json").write_text(content)
    with pytest.raises(sg.SonogramError, match="not written by sonogram; choose another folder"):
        sg.extract([archive], tmp_path / "out", FRONTEND)


@pytest.mark.parametrize("form", ["npy", "tfrecord"])
def test_an_output_that_was_cut_off_is_written_again(archive: Path, tmp_path: Path, form: Any) -> None:
    settings, out = ExtractionSettings(format=form), tmp_path / "out"
    sg.extract([archive], out, FRONTEND, settings)
    before = contents(out)
    damaged = next(path for path in sorted(out.rglob("*")) if path.suffix in (".npy", ".tfrecord"))
    os.truncate(damaged, damaged.stat().st_size - 4)
    report = sg.extract([archive], out, FRONTEND, settings)
    assert report.done_before == (11 if form == "npy" else 0)
    assert contents(out) == before


def test_a_folder_with_a_table_of_the_user_is_refused(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.csv").write_text("path,label\n")
    with pytest.raises(sg.SonogramError, match=r"has an index\.csv that sonogram did not write"):
        sg.extract([archive], tmp_path / "out", FRONTEND)
    assert (tmp_path / "out" / "index.csv").read_text() == "path,label\n"
    with pytest.raises(sg.SonogramError, match="is a file; name a folder"):
        sg.extract([archive], tmp_path / "out" / "index.csv", FRONTEND)
