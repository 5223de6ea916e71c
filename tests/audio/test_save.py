import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sonogram.audio import info, load, save, write
from sonogram.errors import AudioError


def test_wav_comes_back_bit_for_bit_at_any_level(stereo, tmp_path):
    loud = stereo.T * 40
    save(tmp_path / "a.wav", loud, 44_100)
    samples, rate = load(tmp_path / "a.wav", mono=False)
    assert rate == 44_100
    np.testing.assert_array_equal(samples, loud)
    assert info(tmp_path / "a.wav").subtype == "FLOAT"


@pytest.mark.parametrize("ending", [".flac", ".FLAC"])
def test_flac_comes_back_to_24_bits(stereo, tmp_path, ending):
    save(tmp_path / f"a{ending}", stereo.T, 16_000)
    samples, _ = load(tmp_path / f"a{ending}", mono=False)
    assert np.abs(samples - stereo.T).max() <= 2**-23


def test_ogg_comes_back_to_its_level(stereo, tmp_path):
    save(tmp_path / "a.ogg", stereo.T, 16_000)
    samples, _ = load(tmp_path / "a.ogg", mono=False)
    assert samples.shape == stereo.T.shape
    # A lossy codec: the error is mostly the noise that the tones mask, 10 dB below them.
    assert (samples - stereo.T).std() < 0.3 * stereo.std()


def test_one_channel_and_what_load_returned(stereo, tmp_path):
    save(str(tmp_path / "a.wav"), stereo[:, 0], 16_000)
    audio = load(tmp_path / "a.wav")
    save(tmp_path / "b.wav", *audio)
    np.testing.assert_array_equal(load(tmp_path / "b.wav").samples, stereo[:, 0])


def test_a_minute_of_stereo_ogg(tmp_path):
    noise = np.random.default_rng(1).uniform(-0.9, 0.9, (2, 60 * 44_100)).astype(np.float32)
    save(tmp_path / "a.ogg", noise, 44_100)
    assert info(tmp_path / "a.ogg").num_samples == 60 * 44_100


def test_the_format_for_more_than_four_gigabytes(stereo, tmp_path, monkeypatch):
    monkeypatch.setattr("sonogram.audio.write._WAV_LIMIT", 1_000)
    save(tmp_path / "a.wav", stereo.T, 16_000)
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    np.testing.assert_array_equal(load(tmp_path / "a.wav", mono=False).samples, stereo.T)


@pytest.mark.parametrize("ending", [".flac", ".ogg"])
def test_what_would_clip_is_refused(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    with pytest.raises(AudioError, match=r"reach 1\.5, beyond \[-1, 1\].*save as \.wav"):
        save(path, np.array([0.0, 1.5]), 16_000)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(0), "give at least one"),
        (np.zeros((2, 2, 2)), r"\(channels, samples\)"),
        (np.zeros((16_000, 2)), "transpose"),
        (np.zeros(4, np.int16), "32768"),
        (np.array([0.0, np.nan]), "finite"),
        (np.array([1e300]), "finite"),
    ],
)
def test_samples_that_cannot_be_written(tmp_path, samples, reason):
    with pytest.raises(AudioError, match=reason):
        save(tmp_path / "a.wav", samples, 16_000)
    assert os.listdir(tmp_path) == []


def test_places_that_cannot_be_written(tmp_path, stereo):
    mono = stereo[:, 0]
    for name, reason in {
        "a.mp3": "choose .wav, .flac or .ogg",
        "a": "choose .wav, .flac or .ogg",
        "no/a.wav": "there is no folder",
    }.items():
        with pytest.raises(AudioError, match=reason):
            save(tmp_path / name, mono, 16_000)
    (tmp_path / "b.wav").mkdir()
    with pytest.raises(AudioError, match="is a folder"):
        save(tmp_path / "b.wav", mono, 16_000)
    with pytest.raises(AudioError, match="sample_rate"):
        save(tmp_path / "a.wav", mono, 0)
    with pytest.raises(AudioError, match="at most 655350 Hz"):
        save(tmp_path / "a.flac", mono, 10**6)
    assert os.listdir(tmp_path) == ["b.wav"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(stereo, tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    save(path, stereo.T, 16_000)
    before = path.read_bytes()

    def full_disk(self, data):
        raise AssertionError  # what soundfile does when a block does not fit

    monkeypatch.setattr(soundfile.SoundFile, "write", full_disk)
    with pytest.raises(AudioError, match="only a part was written"):
        save(path, stereo.T * 0.5, 16_000)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.wav"]


def test_a_link_stays_a_link(stereo, tmp_path):
    (tmp_path / "link.wav").symlink_to(tmp_path / "real.wav")
    save(tmp_path / "link.wav", stereo.T, 16_000)
    assert (tmp_path / "link.wav").is_symlink()
    assert info(tmp_path / "real.wav").num_samples == len(stereo)


def test_the_reason_of_the_system_is_stated(stereo, tmp_path, monkeypatch):
    with pytest.raises(AudioError, match=r"cannot be written \(File name too long\); shorten the name"):
        save(tmp_path / f"{'a' * 300}.wav", stereo.T, 16_000)

    def refuse(path, **_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)  # the superuser may write everywhere
    with pytest.raises(AudioError, match=r"cannot be written \(Permission denied\); check the permissions"):
        save(tmp_path / "a.wav", stereo.T, 16_000)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the full device of Linux stands for a full disk")
def test_a_full_disk_is_called_so():
    with pytest.raises(OSError, match="No space left on device"):
        write._check_space(Path("/dev/full"))
