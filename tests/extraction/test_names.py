"""Names that are no text: the bytes that the disk has them as go through every file of an extraction."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import features
from sonogram.extraction import ExtractionSettings, record
from sonogram.extraction.record import Journal, Row
from sonogram.extraction.tfrecord import read

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="this system has text alone as names")

FRONTEND = sg.preset("kaldi-fbank-23")
NAME = os.fsdecode(b"\xff, \xc3\xa4.wav")  # Latin-1, then UTF-8


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A sound and what is none, with such names."""
    folder = tmp_path / "odd" / "one"
    folder.mkdir(parents=True)
    sg.save(folder / NAME, np.sin(np.arange(8000)), 16_000)
    (folder / f"broken {NAME}").write_bytes(b"RIFF, but nothing else")
    return tmp_path / "odd"


@pytest.mark.parametrize(
    "settings", [ExtractionSettings("npy"), ExtractionSettings("tfrecord")], ids=lambda each: each.format
)
def test_a_file_of_any_name_is_extracted(odd: Path, tmp_path: Path, settings: ExtractionSettings) -> None:
    report = sg.extract([odd], tmp_path / "out", FRONTEND, settings)
    assert report.done == 1
    assert [row.path for row in report.failed] == [f"one/broken {NAME}"]
    assert os.fsencode(f'"one/{NAME}",') in (tmp_path / "out" / "index.csv").read_bytes()
    stored = features(tmp_path / "out")
    assert stored.clips.paths == (f"one/{NAME}",)
    want = FRONTEND(sg.load(odd / "one" / NAME, 16_000))
    np.testing.assert_array_equal(stored.values(f"one/{NAME}"), want)
    again = sg.extract([odd], tmp_path / "out", FRONTEND, settings)
    assert (again.done_before, again.failed_before) == (1, 1)


def test_tensorflow_reads_the_bytes_of_the_name(odd: Path, tmp_path: Path) -> None:
    import tensorflow as tf

    sg.extract([odd], tmp_path / "out", FRONTEND, ExtractionSettings("tfrecord"))
    (shard,) = (tmp_path / "out").glob("*.tfrecord")
    [(_, _, path)] = tf.data.TFRecordDataset(str(shard)).map(read)
    assert path.numpy() == os.fsencode(f"one/{NAME}")


def test_the_journal_has_space_for_such_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place of a name that is not in ASCII is longer than the name."""
    taken = []
    monkeypatch.setattr(os, "posix_fallocate", lambda _, __, space: taken.append(space), raising=False)
    monkeypatch.setattr(record, "_ROW_BYTES", len(record._line(Row(""))))
    path = "\u00e4\u4e2d" * 50 + NAME
    row = Row(path, shard=path)
    journal = Journal(tmp_path / "journal.jsonl")
    journal.start([], [path])
    journal.append([row])
    journal.close()
    assert (tmp_path / "journal.jsonl").stat().st_size <= taken[0]
    assert journal.read() == [row]
