"""Decoding in the background: broken files, full disks, and memory."""

import errno

import numpy as np
import pytest

import sonogram as sg
from sonogram.viewer import spool
from sonogram.viewer.recording import Recording
from sonogram.viewer.spool import Spool


def test_rows_move_to_a_file_and_are_read_anywhere(monkeypatch):
    monkeypatch.setattr(spool, "_MAX_MEMORY", 1000)
    rows = np.arange(3000, dtype=np.int16).reshape(-1, 3)
    kept = Spool(3, np.int16)
    for first in range(0, 1000, 7):
        kept.append(rows[first : first + 7])
        np.testing.assert_array_equal(
            kept.read(max(first - 3, 0), first + 2), rows[max(first - 3, 0) : first + 2]
        )
    np.testing.assert_array_equal(kept.read(0, 5000), rows)
    kept.close()
    assert (len(kept), kept.read(0, 10).shape) == (0, (0, 3))
    kept.append(rows)  # a decoder that has not noticed yet
    assert len(kept) == 0


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    sg.save(tmp_path / "noise.wav", np.zeros(100_000, np.float32), 8000)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "_MAX_MEMORY", 1000)
    monkeypatch.setattr(spool.tempfile, "TemporaryFile", full)
    recording = Recording(tmp_path / "noise.wav", "noise.wav")
    track, _ = recording.track("mix")
    track.wait(1 << 40, 10)
    assert track.error == (
        "the recording cannot be decoded to disk (No space left on device); free some space"
    )
    assert recording.progress()["error"] == track.error


@pytest.mark.filterwarnings("ignore::sonogram.errors.PartialSoundWarning")
def test_a_recording_that_was_cut_off_is_shown_as_far_as_it_goes(tmp_path):
    path = tmp_path / "cut.wav"
    sg.save(path, np.ones(8000, np.float32) / 2, 8000)
    path.write_bytes(path.read_bytes()[:9044])
    recording = Recording(path, "cut.wav")
    assert recording.facts.truncated
    track, _ = recording.track("mix")
    track.wait(1 << 40, 10)
    assert (track.error, track.total) == (None, recording.facts.num_samples)
    np.testing.assert_array_equal(track.samples(0, 0, 9000), sg.load(path, partial=True).samples)


def test_names_that_are_no_text_can_be_sent():
    name = b"caf\xe9.wav".decode("utf-8", "surrogateescape")
    assert Recording(sg.Audio(np.zeros(8, np.float32), 8000), name).name == "caf?.wav"
