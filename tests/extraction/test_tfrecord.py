"""Shards for TensorFlow: what is written is what TensorFlow reads."""

from pathlib import Path

import numpy as np
import pytest
from folders import contents

import sonogram as sg
from sonogram.extraction import ExtractionSettings
from sonogram.extraction.precision import to_stored
from sonogram.extraction.tfrecord import read

FRONTEND = sg.preset("kaldi-fbank-23")


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_tensorflow_reads_the_shards(archive: Path, tmp_path: Path, dtype: str) -> None:
    import tensorflow as tf

    (archive / "list.csv").write_text("path,label\neven/00.wav,first\nodd/01.wav,second\nodd/broken.wav,no\n")
    settings = ExtractionSettings("tfrecord", dtype, shard_size=2)
    report = sg.extract([archive / "list.csv"], tmp_path / "out", FRONTEND, settings)
    assert (report.done, len(report.failed)) == (2, 1)
    shards = sorted(str(path) for path in (tmp_path / "out").glob("*.tfrecord"))
    assert [Path(shard).name for shard in shards] == [f"shard-0000{k}-of-00002.tfrecord" for k in range(2)]
    found = {
        path.numpy().decode(): (x.numpy(), label.numpy().decode())
        for x, label, path in tf.data.TFRecordDataset(shards).map(read)
    }
    assert {name: label for name, (_, label) in found.items()} == {
        "even/00.wav": "first",
        "odd/01.wav": "second",
    }
    for name, (features, _) in found.items():
        expected = FRONTEND(sg.load(archive / name, 16000))
        np.testing.assert_array_equal(features, expected.astype(tf.dtypes.as_dtype(dtype).as_numpy_dtype))


def test_bfloat16_is_rounded_to_the_nearest() -> None:
    import tensorflow as tf

    bits = np.random.default_rng(0).integers(0, 2**32, 10_000, np.uint32)
    bits[:2000] &= 0xFFFF8000  # ties
    values = np.array([*bits.view(np.float32), 0, np.inf, -np.inf, 3.4e38, 1e-40], np.float32)[None]
    expected = tf.cast(values, tf.bfloat16).numpy().astype(np.float32)
    np.testing.assert_array_equal((to_stored(values, "bfloat16").astype("<u4") << 16).view("<f4"), expected)


@pytest.mark.parametrize("form", ["npy", "tfrecord"])
def test_features_beyond_float16_fail_in_words(tmp_path: Path, form: str) -> None:
    sg.save(tmp_path / "loud.wav", np.tile([0.9, -0.9], 4000), 8000)
    sg.save(tmp_path / "silent.wav", np.zeros(8000), 8000)
    frontend = sg.Frontend(8000, 2048, 512, spectrum=sg.spectrum.Power())
    settings = ExtractionSettings(form, "float16")
    report = sg.extract([tmp_path], tmp_path / "out", frontend, settings)
    assert report.done == 1
    (failed,) = report.failed
    assert "loud.wav: features reach 8" in failed.error
    assert "65504" in failed.error


def test_arrays_have_no_bfloat16() -> None:
    with pytest.raises(sg.SonogramError, match='bfloat16; use dtype="float16", or format="tfrecord"'):
        ExtractionSettings(dtype="bfloat16")


def test_a_shard_is_an_example_of_tensorflow(archive: Path, tmp_path: Path) -> None:
    import tensorflow as tf

    sg.extract([archive / "even"], tmp_path / "out", FRONTEND, ExtractionSettings("tfrecord"))
    (shard,) = (tmp_path / "out").glob("*.tfrecord")
    (first, *_) = tf.data.TFRecordDataset(str(shard)).as_numpy_iterator()
    fields = tf.train.Example.FromString(first).features.feature
    assert fields["frames"].int64_list.value[0] == FRONTEND.num_frames(4000)
    assert fields["bands"].int64_list.value[0] == 23
    assert fields["step"].float_list.value[0] == pytest.approx(0.01)
    assert fields["start"].float_list.value[0] == pytest.approx(0.0125)


def test_an_interrupted_shard_is_written_again(archive: Path, tmp_path: Path) -> None:
    settings = ExtractionSettings("tfrecord", shard_size=4)
    sg.extract([archive], tmp_path / "undisturbed", FRONTEND, settings)
    sg.extract([archive], tmp_path / "out", FRONTEND, settings)
    (tmp_path / "out" / "shard-00001-of-00004.tfrecord").unlink()
    sg.extract([archive], tmp_path / "out", FRONTEND, settings)
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_a_shard_with_a_broken_input_is_done(archive: Path, tmp_path: Path) -> None:
    settings = ExtractionSettings("tfrecord", shard_size=4)
    first = sg.extract([archive], tmp_path / "out", FRONTEND, settings)
    stamps = {path: path.stat().st_ino for path in (tmp_path / "out").glob("*.tfrecord")}
    again = sg.extract([archive], tmp_path / "out", FRONTEND, settings)
    assert (again.done_before, again.failed, again.failed_before) == (12, first.failed, 1)
    assert {path: path.stat().st_ino for path in stamps} == stamps
    # Fixed or with retry, its shard is written again, and no other one.
    (archive / "odd" / "broken.wav").write_bytes((archive / "odd" / "01.wav").read_bytes())
    assert sg.extract([archive], tmp_path / "out", FRONTEND, settings).done == 13
    renewed = [path.name for path in stamps if path.stat().st_ino != stamps[path]]
    assert renewed == ["shard-00003-of-00004.tfrecord"]
