"""Reading of real recordings."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from shared_data import DATA

from sonogram.audio import blocks, info, load

pytestmark = pytest.mark.accept

# The clip is 541 184 samples at 44.1 kHz. Samples that a file may have more or less, at 44.1 kHz:
# none without a codec; the AIFF is another export of the clip; A-law at 8 kHz rounds to its grid;
# AAC pads to frames of 1024 and cannot mark its delay in a raw stream; Opus marks both.
LENGTH = 541_184
TOLERANCE = {
    "lena-24.aiff": 0,
    "lena-24.wav": 0,
    "lena-32.wav": 0,
    "lena-alaw.caf": 6,
    "lena.aac": 3 * 1024,
    "lena.aiff": 1024,
    "lena.caf": 0,
    "lena.flac": 0,
    "lena.m4a": 1024,
    "lena.mp3": 0,
    "lena.ogg": 0,
    "lena.opus": 1,
    "lena.wav": 0,
    "lena.webm": 1,
}
LOSSLESS = ("lena-24.aiff", "lena-24.wav", "lena-32.wav", "lena.aiff", "lena.caf", "lena.flac")

READ_ALL = """
import json, sys, time
from sonogram.audio import load
from sonogram.errors import AudioError
start = time.monotonic()
try:
    audio = load(sys.argv[1])
    result = {"samples": audio.samples.size}
except AudioError as error:
    result = {"error": str(error)}
print(json.dumps({**result, "seconds": time.monotonic() - start}))
"""


def files(folder: str) -> list[Path]:
    """Return the files of a folder of the recordings; none if the folder is missing, which a test reports."""
    return sorted((DATA / folder).glob("*"))


def level(samples: np.ndarray) -> float:
    """Return the mean power in dB, summed over channels: one file has two channels of half the power."""
    return 10 * np.log10(np.mean(np.sum(np.square(samples, dtype=np.float64), axis=0)))


def test_the_data_is_there():
    assert DATA.is_dir(), f"no recordings at {DATA}: set SONOGRAM_DATA to their folder"
    assert len(files("encodings")) == len(TOLERANCE) == 14
    assert len(files("malformed")) == 100


@pytest.mark.parametrize("name", TOLERANCE)
def test_every_encoding_has_the_clip_in_it(name):
    path = DATA / "encodings" / name
    facts = info(path)
    samples, rate = load(path, mono=False)
    assert (facts.channels, facts.num_samples) == samples.shape
    assert facts.sample_rate == rate
    assert abs(facts.num_samples * 44_100 / rate - LENGTH) <= TOLERANCE[name]
    reference = load(DATA / "encodings" / "lena.wav", mono=False).samples
    # Lossless: 0.1 dB. Codecs keep the level within half a decibel (Opus here lost 0.44).
    assert abs(level(samples) - level(reference)) < (0.1 if name in LOSSLESS else 0.5)
    # The same sound, not another of its length and level: in step with it at 8 kHz.
    ours = load(path, 8_000, offset=2, duration=4).samples
    theirs = load(DATA / "encodings" / "lena.wav", 8_000, offset=1.9, duration=4.2).samples
    products = np.correlate(theirs, ours, "valid")
    norms = np.sqrt(np.convolve(theirs**2, np.ones(ours.size), "valid") * np.sum(ours**2))
    assert np.max(np.abs(products) / norms) > 0.95


@pytest.mark.parametrize("name", TOLERANCE)
def test_every_encoding_reads_in_parts_and_in_blocks_as_the_whole(name):
    path = DATA / "encodings" / name
    whole, rate = load(path, mono=False)
    for start in (1, whole.shape[1] // 3, whole.shape[1] - 3_000):
        part = load(path, mono=False, offset=start / rate, duration=2_000 / rate).samples
        np.testing.assert_array_equal(part, whole[:, start : start + 2_000])
    pieces = np.concatenate(list(blocks(path, 50_000, 16_000)))
    np.testing.assert_array_equal(pieces, load(path, 16_000).samples)


def test_every_malformed_file_gives_samples_or_one_error():
    assert files("malformed"), f"{DATA / 'malformed'} is absent"
    read = 0
    for path in files("malformed"):
        # A process each: a crash in a decoder is found, named, and stops nothing else.
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", READ_ALL, str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{path.name}: exit {done.returncode}\n{done.stderr}"
        assert done.stderr == "", f"{path.name} printed {done.stderr!r}"
        result = json.loads(done.stdout)
        assert result["seconds"] < 10, path.name
        if "error" in result:
            assert len(result["error"].splitlines()) == 1
            assert result["error"].startswith(str(path))
            assert "; " in result["error"]
        else:
            assert result["samples"] > 0
            read += 1
    assert read >= 58  # as many as were read when this was written


@pytest.mark.parametrize("path", files("long"), ids=lambda path: path.name)
def test_a_long_recording_reads_in_blocks(path):
    assert info(path).duration > 590
    total = sum(block.size for block in blocks(path, 1 << 16, 16_000))
    assert total == -(-info(path).num_samples * 16_000 // info(path).sample_rate)
