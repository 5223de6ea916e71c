import logging
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from engine_names import why_not_native

import sonogram as sg
from sonogram.audio import save
from sonogram.dataset import (
    Clip,
    Clips,
    DatasetReport,
    Fixed,
    Ragged,
    Whole,
    Windows,
    batches,
    check_files,
    load_clips,
)
from sonogram.errors import AudioError, SonogramError

BROKEN = ("17.wav", "50.flac", "83.wav")


def warned(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return the warnings of this package: on Python 3.13 TensorFlow adds its own to the log."""
    return [record for record in caplog.records if record.name == "sonogram.dataset"]


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """A hundred short sounds, three of them broken: empty, cut short, and words."""
    folder = tmp_path_factory.mktemp("hundred")
    rng = np.random.default_rng(0)
    items = []
    for index in range(100):
        path = folder / f"{index}{'.flac' if index == 50 else '.wav'}"
        save(path, rng.uniform(-0.5, 0.5, 800).astype(np.float32), 8000)
        items.append(Clip(str(path), "ab"[index % 2]))
    (folder / "17.wav").write_bytes(b"")
    (folder / "50.flac").write_bytes((folder / "50.flac").read_bytes()[:1000])
    (folder / "83.wav").write_text("this is no sound", encoding="utf-8")
    return Clips(items)


def names(report: DatasetReport) -> list[str]:
    return [Path(entry.path).name for entry in report.broken]


def test_broken_files_are_left_out_and_named(hundred: Clips, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="sonogram.dataset"):
        good, report = check_files(hundred)
    assert len(good) == 97
    assert good.classes == hundred.classes
    assert sorted(names(report)) == sorted(BROKEN)
    assert not {Path(path).name for path in good.paths} & set(BROKEN)
    assert str(report).splitlines()[0] == "3 broken files skipped:"
    assert all(f"{name}: " in str(report) for name in BROKEN)
    assert len(str(report).splitlines()) == 4
    assert len(warned(caplog)) == 3  # nothing is skipped in silence, even where no one reads the report


def test_the_first_broken_file_stops_if_asked(hundred: Clips) -> None:
    with pytest.raises(AudioError, match=r"17\.wav: is empty"):
        check_files(hundred, stop=True)


def test_a_missing_file_is_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match=r"none of the 1 files can be read; .*gone\.wav: no such file"):
        check_files(Clips([Clip(str(tmp_path / "gone.wav"), "a")]))


@pytest.mark.parametrize("cut", [Fixed(0.1), Whole(), Ragged(), Windows(0.1)], ids=repr)
def test_the_others_are_trained_on_while_the_report_fills(
    hundred: Clips, cut: Fixed, caplog: pytest.LogCaptureFixture
) -> None:
    report = DatasetReport()
    data = batches(hundred, sample_rate=8000, cut=cut, seed=0, report=report)
    with caplog.at_level(logging.WARNING, logger="sonogram.dataset"):
        for _ in range(2):
            assert sum(len(numbers) for _, numbers in data) == 97
    assert sorted(names(report)) == sorted(BROKEN)
    assert len(report) == len(warned(caplog)) == 3  # once, not once in each epoch


def test_many_broken_files_in_a_row_are_passed(hundred: Clips, tmp_path: Path) -> None:
    gone = [Clip(str(tmp_path / f"{index}.wav"), "a") for index in range(20)]
    report = DatasetReport()
    data = batches(Clips([*gone, *hundred[:5]]), sample_rate=8000, cut=Fixed(0.1), report=report)
    assert [numbers.numpy().tolist() for _, numbers in data] == [[0, 1, 0, 1, 0]]
    assert len(report) == 20
    nothing = batches(Clips(gone), sample_rate=8000, cut=Fixed(0.1), report=DatasetReport())
    assert not list(nothing)


@pytest.mark.parametrize("cut", [Fixed(0.1), Windows(0.1)], ids=repr)
def test_without_a_report_the_first_stops_and_is_named(hundred: Clips, cut: Fixed) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"17\.wav: is empty"):
        list(batches(hundred, sample_rate=8000, cut=cut))


# Keras says this of every data set whose number of batches is not known before the first epoch.
@pytest.mark.filterwarnings("ignore:Your input ran out of data:UserWarning")
def test_a_model_trains_on_the_97(hundred: Clips) -> None:
    model = keras.Sequential([keras.Input((800,)), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    report = DatasetReport()
    data = batches(hundred, sample_rate=8000, cut=Fixed(0.1), seed=0, report=report)
    model.fit(data, epochs=2, shuffle=False, verbose=0)
    assert sorted(names(report)) == sorted(BROKEN)


def test_a_model_trains_on_what_was_checked_without_a_warning(hundred: Clips) -> None:
    good, report = check_files(hundred)
    data = batches(good, sample_rate=8000, cut=Fixed(0.1), seed=0)
    assert len(report) == 3
    assert data.cardinality() == 4
    model = keras.Sequential([keras.Input((800,)), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data, epochs=2, shuffle=False, verbose=0)


def test_a_report_of_nothing_says_so(mixed: Clips) -> None:
    _, report = check_files(mixed)
    assert not report
    assert str(report) == "no broken file"


def test_threads_note_a_file_once(touch: Callable[..., None]) -> None:
    report = DatasetReport()
    for _ in range(3):
        report.note("b.wav", "b.wav: broken")
    report.note("a.wav", "a.wav: broken")
    assert [entry.path for entry in report.broken] == ["a.wav", "b.wav"]


@pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone does not notice it")
def test_truncated_clips_are_loaded_only_if_wanted(tmp_path, rng):
    for name in ("a/whole.wav", "b/cut.wav"):
        (tmp_path / name).parent.mkdir()
        sg.save(tmp_path / name, rng.normal(size=8000) / 10, 8000)
    with (tmp_path / "b" / "cut.wav").open("r+b") as file:
        file.truncate(16_000)
    report = DatasetReport(lambda line: None)
    assert len(load_clips(tmp_path, 8000, report)) == 1
    assert [Path(each.path).name for each in report.broken] == ["cut.wav"]
    with pytest.warns(sg.audio.PartialSoundWarning, match="truncated: only the first 0:00"):
        both = load_clips(tmp_path, 8000, partial=True)
    assert 3900 < len(both.samples[1]) < 4000
