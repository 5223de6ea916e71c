"""When a recording began, by GUANO metadata and by the names of recorders."""

import struct
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

import sonogram as sg
from sonogram.audio import recorded_at

BEGAN = datetime(2026, 5, 14, 4, 30)


def _write(path, *chunks):
    """Write a WAV file with more chunks after its samples."""
    sg.save(path, np.zeros(101, np.float32), 8000)
    content = path.read_bytes()
    for name, data in chunks:
        content += name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    path.write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])
    return path


@pytest.mark.parametrize(
    ("name", "began"),
    [
        ("20260514_043000.WAV", BEGAN),
        ("SITE_20260514_043000.wav", BEGAN),
        ("SITE-A_0+1_20260514_043000_000.wav", BEGAN),
        ("20260514T043000Z.wav", BEGAN),
        ("99999999_999999_20260514_043000.wav", BEGAN),
        ("20261340_043000.wav", None),
        ("1234520260514_0430001.wav", None),
        ("wren.wav", None),
    ],
)
def test_names_of_recorders(tmp_path, name, began):
    assert recorded_at(_write(tmp_path / name)) == began


def test_guano_is_believed_before_the_name(tmp_path):
    guano = b"GUANO|Version: 1.0\nMake: a recorder\nTimestamp: 2026-05-14T04:30:00.5-07:00\nNote: x\n\0"
    path = _write(tmp_path / "20200101_000000.wav", (b"odd ", b"123"), (b"guan", guano))
    assert recorded_at(path) == datetime(2026, 5, 14, 4, 30, 0, 500_000, tzinfo=timezone(timedelta(hours=-7)))
    assert recorded_at(path.read_bytes()) == recorded_at(path)
    assert sg.load(path).samples.shape == (101,)


@pytest.mark.parametrize("text", [b"Timestamp: yesterday", b"Note: nothing", b"", b"\xff\xfe\0"])
def test_metadata_without_a_time_leave_it_to_the_name(tmp_path, text):
    path = _write(tmp_path / "20260514_043000.wav", (b"guan", text))
    assert recorded_at(path) == BEGAN


@pytest.mark.parametrize(
    ("digits", "microseconds"), [("5", 500_000), ("250", 250_000), ("0625", 62_500), ("123456789", 123_456)]
)
def test_fractions_of_a_second_have_any_number_of_digits(tmp_path, digits, microseconds):
    path = _write(tmp_path / "x.wav", (b"guan", f"Timestamp: 2026-05-14T04:30:00.{digits}".encode()))
    assert recorded_at(path) == BEGAN.replace(microsecond=microseconds)


def test_utc_is_an_offset(tmp_path):
    path = _write(tmp_path / "x.wav", (b"guan", b"Timestamp:2026-05-14T04:30:00Z\r\n"))
    assert recorded_at(path).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"RIFF\xff\xff\xff\xffWAVEguan\xff\xff\xff\xffTimest", b"fLaC" * 9]
)
def test_any_file_is_looked_into(tmp_path, content):
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    assert recorded_at(path) is None
    with pytest.raises(sg.AudioError, match="no such file"):
        recorded_at(tmp_path / "missing.wav")
