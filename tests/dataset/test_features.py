"""Features that an extraction wrote: the same batches as from the files."""

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import (
    Clip,
    Clips,
    DatasetReport,
    Fixed,
    Ragged,
    Whole,
    Windows,
    batches,
    features,
    split,
)
from sonogram.errors import SonogramError
from sonogram.extraction import ExtractionSettings
from sonogram.extraction.tfrecord import ShardWriter, _checksum

from .conftest import LENGTHS, SAMPLE_RATE, sound

FRONTEND = sg.Frontend(
    SAMPLE_RATE,
    200,
    80,
    spectrum=sg.spectrum.Power(),
    bands=sg.bands.Mel(20, 50, 4000),
    scaling=sg.scaling.Log(floor=1e-6),
)
FORMATS = [ExtractionSettings("npy"), ExtractionSettings("tfrecord", shard_size=4)]


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Twelve clips of unequal length in two class folders."""
    for index in range(12):
        path = tmp_path / "sounds" / "ab"[index % 2] / f"{index:02d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sg.save(path, sound(LENGTHS[index % 6] + 100 * index, index), SAMPLE_RATE)
    return tmp_path / "sounds"


def flat(data: Any) -> list[np.ndarray]:
    """All tensors of all batches."""
    import keras

    return [
        np.asarray(part.to_tensor() if hasattr(part, "to_tensor") else part)
        for batch in data
        for part in keras.tree.flatten(batch)
    ]


def check_equal(found: Any, expected: Any) -> None:
    pairs = list(zip(flat(found), flat(expected), strict=True))
    assert pairs
    for ours, theirs in pairs:
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("settings", FORMATS, ids=lambda each: each.format)
@pytest.mark.parametrize("frontend", [FRONTEND, sg.preset("kaldi-fbank-23"), sg.preset("whisper-80")])
@pytest.mark.parametrize("cut", [Whole(), Whole(ratio=None), Ragged()], ids=repr)
def test_the_batches_are_those_of_the_files(
    sounds: Path, tmp_path: Path, settings: ExtractionSettings, frontend: sg.Frontend, cut: Whole | Ragged
) -> None:
    sg.extract([sounds], tmp_path / "out", frontend, settings)
    stored = features(tmp_path / "out", sounds)
    options: dict[str, Any] = {"batch_size": 4, "seed": 3}
    check_equal(batches(stored.clips, stored, cut, **options), batches(sounds, frontend, cut, **options))


@pytest.mark.parametrize("settings", FORMATS, ids=lambda each: each.format)
def test_clips_of_one_length(tmp_path: Path, settings: ExtractionSettings) -> None:
    for index in range(5):
        path = tmp_path / "sounds" / "ab"[index % 2] / f"{index}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        sg.save(path, sound(4000, index), SAMPLE_RATE)
    sg.extract([tmp_path / "sounds"], tmp_path / "out", FRONTEND, settings)
    stored = features(tmp_path / "out", tmp_path / "sounds")
    check_equal(
        batches(stored.clips, stored, Fixed(0.5), batch_size=2),
        batches(tmp_path / "sounds", FRONTEND, Fixed(0.5), batch_size=2),
    )
    with pytest.raises(SonogramError, match=r"cannot be cut to 0\.25 s"):
        batches(stored.clips, stored, Fixed(0.25))


@pytest.mark.parametrize("form", ["npy", "tfrecord"])
def test_half_precision_is_rounded_once(sounds: Path, tmp_path: Path, form: Any) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND, ExtractionSettings(form, "float16"))
    stored = features(tmp_path / "out", sounds)
    expected = [
        part.astype(np.float16).astype(np.float32) if part.dtype == np.float32 else part
        for part in flat(batches(sounds, FRONTEND, Whole()))
    ]
    for found, rounded in zip(flat(batches(stored.clips, stored, Whole())), expected, strict=True):
        np.testing.assert_array_equal(found, rounded)


def test_labels_come_from_the_folders_the_manifest_or_the_data_set(sounds: Path, tmp_path: Path) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND)
    stored = features(tmp_path / "out")
    assert stored.clips.counts == {"a": 6, "b": 6}
    check_equal(batches(stored.clips, stored, Ragged()), batches(sounds, FRONTEND, Ragged()))
    items = [Clip(path, label, group=Path(path).stem) for path, label, *_ in sg.dataset.clips(sounds)]
    Clips(items).save(sounds / "manifest.csv")
    sg.extract([sounds / "manifest.csv"], tmp_path / "listed", FRONTEND)
    assert features(tmp_path / "listed").clips.counts == {"a": 6, "b": 6}
    whole = features(tmp_path / "listed", sounds / "manifest.csv")
    assert len(whole.clips.groups) == 12
    parts = split(whole.clips, 0.5, seed=0)
    assert 0 < len(list(batches(parts.train, whole, Ragged(), batch_size=1))) < 12


def test_a_model_trains_on_them(sounds: Path, tmp_path: Path) -> None:
    import keras

    sg.extract([sounds], tmp_path / "out", FRONTEND, ExtractionSettings("tfrecord"))
    stored = features(tmp_path / "out")
    losses = []
    for output in (stored, FRONTEND):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((None, 20)), keras.Input((None,), dtype="bool")
        pooled = keras.layers.GlobalAveragePooling1D()(inputs[0], mask=inputs[1])
        model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(pooled))
        model.compile("sgd", "sparse_categorical_crossentropy")
        data = batches(
            stored.clips if output is stored else sounds, output, Whole(None), batch_size=4, seed=1
        )
        losses.append(model.fit(data, epochs=2, verbose=0, shuffle=False).history["loss"])
    assert losses[0] == losses[1]


def test_what_failed_is_broken_here_too(sounds: Path, tmp_path: Path) -> None:
    (sounds / "a" / "05.wav").write_bytes(b"RIFF, but nothing else")
    sg.extract([sounds], tmp_path / "out", FRONTEND)
    assert len(features(tmp_path / "out").clips) == 12
    stored = features(tmp_path / "out", sounds)
    reports = DatasetReport(), DatasetReport()
    check_equal(
        batches(stored.clips, stored, Ragged(), report=reports[0]),
        batches(sounds, FRONTEND, Ragged(), report=reports[1]),
    )
    assert reports[0].broken == reports[1].broken
    assert len(reports[0]) == 1


def test_a_damaged_shard_is_noticed(sounds: Path, tmp_path: Path) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND, ExtractionSettings("tfrecord"))
    stored = features(tmp_path / "out")
    (shard,) = (tmp_path / "out").glob("*.tfrecord")
    content = bytearray(shard.read_bytes())
    content[100] ^= 1
    shard.write_bytes(content)
    with pytest.raises(SonogramError, match="damaged"):
        stored.values("a/00.wav")
    shard.write_bytes(content[: len(content) // 2])
    with pytest.raises(SonogramError, match=r"damaged|records"):
        stored.values("b/11.wav")


def test_what_is_no_extraction_or_not_in_it(sounds: Path, tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match="no extraction"):
        features(sounds)
    sg.extract([sounds / "a"], tmp_path / "out", FRONTEND)
    with pytest.raises(SonogramError, match="extract this data set as a whole"):
        features(tmp_path / "out", sounds)
    with pytest.raises(SonogramError, match="has no label"):
        features(tmp_path / "out")
    sg.extract([sounds], tmp_path / "whole", FRONTEND)
    stored = features(tmp_path / "whole")
    with pytest.raises(SonogramError, match="whole clips"):
        batches(stored.clips, stored, Windows(1))
    with pytest.raises(SonogramError, match="no cache"):
        batches(stored.clips, stored, Whole(), cache=tmp_path / "cache")
    with pytest.raises(SonogramError, match="not in the extraction"):
        batches(sounds, stored, Whole())
    sg.save(sounds / "a" / "00.wav", sound(77, 1), SAMPLE_RATE)
    with pytest.raises(SonogramError, match=r"is no longer, the a/00\.wav"):
        features(tmp_path / "whole", sounds)


def test_one_name_and_one_size_are_not_one_sound(tmp_path: Path) -> None:
    for index, label in enumerate(("cat", "dog")):
        path = tmp_path / "animals" / label / "1.wav"
        path.parent.mkdir(parents=True)
        sg.save(path, sound(4000, index), SAMPLE_RATE)
    sg.extract([tmp_path / "animals" / "cat"], tmp_path / "out", FRONTEND)
    both = (
        r"cat/1.wav and .*dog/1.wav: both would have the features of 1.wav.*extract this data set as a whole"
    )
    with pytest.raises(SonogramError, match=both):
        features(tmp_path / "out", tmp_path / "animals")
    dogs = Clips([Clip(str(tmp_path / "animals" / "dog" / "1.wav"), "dog")])
    with pytest.raises(SonogramError, match=r"is not, or is no longer, the 1\.wav"):
        features(tmp_path / "out", dogs)


def test_what_was_copied_or_is_gone_has_its_features(sounds: Path, tmp_path: Path) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND)
    for path in sounds.rglob("*.wav"):
        os.utime(path, (1, 1))
    data = sg.dataset.clips(sounds)
    touched = features(tmp_path / "out", data)
    for path in sounds.rglob("*.wav"):
        path.unlink()
    assert dict(features(tmp_path / "out", data).rows) == dict(touched.rows)
    assert len(touched.rows) == 12


@pytest.mark.parametrize("content", ["[]", "{}", '{"definition": [1]}', '{"definition": null}', "sound"])
def test_what_sonogram_did_not_write(tmp_path: Path, content: str) -> None:
    (tmp_path / "extraction.json").write_text(content)
    with pytest.raises(SonogramError, match=r"extraction\.json: not written by sonogram"):
        features(tmp_path)


@pytest.mark.parametrize("shape", [(1 << 50, 65), (10**30, 65), (1 << 62, 1 << 62), (-1, 65)])
def test_a_header_that_states_any_shape_is_refused(
    sounds: Path, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND)
    stored = features(tmp_path / "out")
    row = stored.rows["a/00.wav"]
    with (tmp_path / "out" / row.shard).open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        file.write(bytes(1000))
    with pytest.raises(SonogramError, match=r"cannot be read .*extract the folder again"):
        stored.values("a/00.wav")


def test_what_holds_no_features_is_refused(sounds: Path, tmp_path: Path) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND)
    stored = features(tmp_path / "out")
    np.save(tmp_path / "out" / stored.rows["a/00.wav"].shard, np.array([["text"]]))
    with pytest.raises(SonogramError, match="it holds <U4, not floating-point features"):
        stored.values("a/00.wav")


def test_a_record_of_any_length_is_refused(sounds: Path, tmp_path: Path) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND, ExtractionSettings("tfrecord"))
    stored = features(tmp_path / "out")
    (shard,) = (tmp_path / "out").glob("*.tfrecord")
    length = struct.pack("<Q", 1 << 60)
    shard.write_bytes(length + _checksum(length) + shard.read_bytes()[12:])
    with pytest.raises(SonogramError, match="the length of a record is wrong"):
        stored.values("a/00.wav")


def test_a_record_of_something_else_is_refused(sounds: Path, tmp_path: Path) -> None:
    sg.extract([sounds], tmp_path / "out", FRONTEND, ExtractionSettings("tfrecord"))
    stored = features(tmp_path / "out")
    (shard,) = (tmp_path / "out").glob("*.tfrecord")
    with shard.open("wb") as file:
        ShardWriter(file).write(b"sound")
    with pytest.raises(SonogramError, match="its record holds no features"):
        stored.values("a/00.wav")
