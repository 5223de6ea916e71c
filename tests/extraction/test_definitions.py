"""Extraction with several front ends, with several channels, and in integers."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

import sonogram as sg
from sonogram.dataset import Fixed, Whole, batches, features
from sonogram.extraction import ExtractionSettings, blocks

BUNDLES = sg.presets.bundle_preset_names()
MICRO = sg.presets.micro_preset_names()
SHAPES = {
    "madmom-rnn-beat": (266,),
    "madmom-onset-cnn": (80, 3),
    "seld-foa": (4 * 64 + 3 * 64,),
    "seld-mic-gcc": (4 * 64 + 6 * 64,),
    "seld-mic-salsalite": (7 * 382,),
    "micro-speech": (40,),
    "microwakeword": (40,),
}
CHANNELS = sg.Spatial(sg.Frontend(8000, 256, 128, bands=sg.bands.Mel(5)), num_channels=2)
CENTER = sg.padding.Center(mode="constant")
FINE, COARSE = (sg.Frontend(8000, n, 100, padding=CENTER, bands=sg.bands.Mel(8)) for n in (512, 256))
IMAGE = sg.Bundle((FINE, COARSE), along="channels")


def sound(path: Path, frontend: sg.Frontend, seconds: float, seed: int = 0) -> np.ndarray:
    """Write noise with the rate and channels of a definition."""
    channels = getattr(frontend, "channels", None) or 1
    size = int(seconds * frontend.sample_rate)
    samples = np.random.default_rng(seed).standard_normal((channels, size)) * 0.1
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.T, int(frontend.sample_rate), subtype="FLOAT")
    samples = samples.astype(np.float32)
    return samples if getattr(frontend, "channels", None) else samples[0]


@pytest.mark.parametrize("name", [*BUNDLES, *MICRO])
def test_arrays_have_the_documented_shape_and_the_features_of_the_clip(name: str, tmp_path: Path) -> None:
    frontend = sg.preset(name)
    samples = sound(tmp_path / "clip.wav", frontend, 1.37)
    report = sg.extract([tmp_path / "clip.wav"], tmp_path / "out", frontend)
    assert (report.done, report.failed, report.seconds) == (1, (), pytest.approx(1.37, abs=1e-4))
    stored = np.load(tmp_path / "out" / "clip.wav.npy")
    assert stored.shape == (frontend.num_frames(samples.shape[-1]), *SHAPES[name])
    np.testing.assert_array_equal(stored, frontend(samples))


@pytest.mark.parametrize("name", [*BUNDLES, *MICRO])
def test_a_long_file_in_blocks_has_the_bits_of_the_whole(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontend = sg.preset(name)
    samples = sound(tmp_path / "long.wav", frontend, 1.37)
    for constant, value in {"_SMALL_FILE": 0, "_SMALL_CLIP": 0.0, "_BLOCK": 1234}.items():
        monkeypatch.setattr(blocks, constant, value)
    sg.extract([tmp_path / "long.wav"], tmp_path / "out", frontend)
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "long.wav.npy"), frontend(samples))


def test_a_recording_with_other_channels_fails_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sg.save(tmp_path / "mono.wav", np.zeros(8000), 8000)
    sg.save(tmp_path / "quad.wav", np.zeros((4, 8000)), 8000)
    sg.save(tmp_path / "stereo.wav", np.zeros((2, 8000)), 8000)
    for small in (1 << 20, 0):
        monkeypatch.setattr(blocks, "_SMALL_FILE", small)
        monkeypatch.setattr(blocks, "_SMALL_CLIP", 0.0)
        report = sg.extract([tmp_path], tmp_path / f"out{small}", CHANNELS)
        mono, quad = report.failed
        assert report.done == 1
        assert "mono.wav: has 1 channel; this front end needs 2" in mono.error
        assert "quad.wav: has 4 channels; this front end needs 2" in quad.error


def test_several_channels_at_once_are_limited_by_their_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontend = sg.preset("seld-foa")
    sound(tmp_path / "long.wav", frontend, 1.0)
    for constant, value in {"_SMALL_FILE": 0, "_SMALL_CLIP": 0.0, "_LARGE_CLIP": 3.9}.items():
        monkeypatch.setattr(blocks, constant, value)
    report = sg.extract([tmp_path / "long.wav"], tmp_path / "out", frontend)
    assert "needs the clip at once" in report.failed[0].error
    monkeypatch.setattr(blocks, "_LARGE_CLIP", 4.1)
    assert sg.extract([tmp_path / "long.wav"], tmp_path / "later", frontend).done == 1


def test_integers_have_one_engine(tmp_path: Path) -> None:
    frontend = sg.preset("micro-speech")
    sound(tmp_path / "clip.wav", frontend, 0.1)
    with pytest.raises(sg.SonogramError, match="one engine, in integers; got engine='numpy'"):
        sg.extract([tmp_path / "clip.wav"], tmp_path / "out", frontend, ExtractionSettings(engine="numpy"))
    sg.extract([tmp_path / "clip.wav"], tmp_path / "out", frontend)
    assert '"engine": "integers"' in (tmp_path / "out" / "extraction.json").read_text()


@pytest.mark.parametrize("form", ["npy", "tfrecord"])
@pytest.mark.parametrize("frontend", [IMAGE, CHANNELS, sg.MicroFrontend(8000, 256, 128, upper_hz=3800)])
def test_stored_features_become_batches(frontend: sg.Bundle, form: str, tmp_path: Path) -> None:
    clips = {
        label: sound(tmp_path / "sounds" / label / "1.wav", frontend, 0.5, seed)
        for seed, label in enumerate(("cat", "dog"))
    }
    sg.extract([tmp_path / "sounds"], tmp_path / "out", frontend, ExtractionSettings(form))
    stored = features(tmp_path / "out", tmp_path / "sounds")
    assert stored.frontend == frontend
    expected = np.stack([frontend(clips[label]) for label in ("cat", "dog")])
    ((values, classes),) = batches(stored.clips, stored, Fixed(0.5), batch_size=2)
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(classes, [0, 1])
    (((values, mask), _),) = batches(stored.clips, stored, Whole(None), batch_size=2)
    np.testing.assert_array_equal(values, expected)
    assert np.asarray(mask).all()


def test_tensorflow_reads_the_shards_of_several_channels(tmp_path: Path) -> None:
    import tensorflow as tf

    from sonogram.extraction.tfrecord import read

    samples = sound(tmp_path / "clip.wav", IMAGE, 0.5)
    sg.extract([tmp_path / "clip.wav"], tmp_path / "out", IMAGE, ExtractionSettings("tfrecord"))
    shards = tf.data.TFRecordDataset([str(path) for path in (tmp_path / "out").glob("*.tfrecord")])
    expected = IMAGE(samples)
    ((values, _, _),) = shards.map(lambda each: read(each, IMAGE.shape))
    np.testing.assert_array_equal(values, expected)
    ((flat, _, _),) = shards.map(read)
    np.testing.assert_array_equal(flat, expected.reshape(len(expected), -1))


def test_batches_of_a_bundle_name_the_extraction(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        sound(tmp_path / label / "1.wav", IMAGE, 0.1)
    with pytest.raises(sg.SonogramError, match=r"Write its features with sonogram.extract"):
        batches(tmp_path, IMAGE)
