import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import soundfile
import tensorflow as tf

import sonogram as sg
from sonogram.dataset import Clip, Clips, Fixed, Ragged, Whole, Windows, batches
from sonogram.dataset.reader import Reader
from sonogram.errors import DefinitionError, SonogramError
from sonogram.layers import Spectrogram

from .conftest import LENGTHS, SAMPLE_RATE, sound

FRONTEND = sg.Frontend(
    SAMPLE_RATE,
    200,
    80,
    spectrum=sg.spectrum.Power(),
    bands=sg.bands.Mel(20, 50, 4000),
    scaling=sg.scaling.Log(floor=1e-6),
)
# The engines agree on log-mel features to this; the numbers themselves reach 5.
AGREE = {"rtol": 0, "atol": 2e-5}


def epochs(data: Any, count: int = 1) -> list[list[list[int]]]:
    """The first samples of the examples of each batch of each epoch: which clips came when."""
    return [[[round(float(x[0]) * 1e6) for x in sounds] for sounds, _ in data] for _ in range(count)]


def flat(epoch: list[list[int]]) -> list[int]:
    """What came in an epoch, whatever the order."""
    return sorted(first for batch in epoch for first in batch)


def test_fixed_clips_are_cropped_at_their_center_and_padded_at_their_end(mixed: Clips) -> None:
    (waveforms, numbers), *rest = batches(mixed, sample_rate=SAMPLE_RATE, cut=Fixed(1))
    assert not rest
    assert waveforms.shape == (6, 8000)
    assert waveforms.dtype == tf.float32
    assert numbers.numpy().tolist() == [0, 1, 0, 1, 0, 1]
    for index, length in enumerate(LENGTHS):
        whole = sound(length, index)
        start = max(length - 8000, 0) // 2
        expected = np.zeros(8000, np.float32)
        part = whole[start : start + 8000]
        expected[: len(part)] = part
        np.testing.assert_array_equal(waveforms[index], expected)


@pytest.mark.parametrize("cached", [False, True])
def test_fixed_clips_in_the_other_places(mixed: Clips, tmp_path: Path, cached: bool) -> None:
    cache = tmp_path if cached else None
    for output in ({"sample_rate": SAMPLE_RATE}, {"features": FRONTEND}):
        ((sounds, _),) = batches(mixed, cut=Fixed(1, crop="start", pad="both"), cache=cache, **output)
        samples = np.stack(
            [
                np.pad(
                    sound(length, index)[:8000],
                    ((missing := max(8000 - length, 0)) // 2, missing - missing // 2),
                )
                for index, length in enumerate(LENGTHS)
            ]
        )
        expected = samples if "sample_rate" in output else FRONTEND(samples)
        np.testing.assert_allclose(sounds, expected, **AGREE)
        assert sounds.shape == expected.shape


def test_random_crops_differ_between_epochs_and_not_between_runs(mixed: Clips) -> None:
    long = mixed.where(lambda clip: clip.path.endswith("3.wav"))
    first = epochs(batches(long, sample_rate=SAMPLE_RATE, cut=Fixed(0.5, crop="random"), seed=0), 5)
    assert first == epochs(batches(long, sample_rate=SAMPLE_RATE, cut=Fixed(0.5, crop="random"), seed=0), 5)
    assert len({str(epoch) for epoch in first}) == 5
    assert first != epochs(batches(long, sample_rate=SAMPLE_RATE, cut=Fixed(0.5, crop="random"), seed=1), 5)
    whole = {round(float(x) * 1e6) for x in sound(LENGTHS[3], 3)[: 12000 - 4000 + 1]}
    assert all(epoch[0][0] in whole for epoch in first)


def test_every_clip_comes_once_in_each_epoch_in_another_order(mixed: Clips) -> None:
    data = batches(mixed, sample_rate=SAMPLE_RATE, cut=Fixed(0.25), batch_size=4, seed=0)
    orders = epochs(data, 4)
    assert [[len(batch) for batch in epoch] for epoch in orders] == [[4, 2]] * 4
    assert len({str(flat(epoch)) for epoch in orders}) == 1
    assert len({str(epoch) for epoch in orders}) > 1
    assert orders == epochs(batches(mixed, sample_rate=SAMPLE_RATE, cut=Fixed(0.25), batch_size=4, seed=0), 4)
    assert data.cardinality() == 2


@pytest.mark.parametrize("cut", [Whole(), Whole(None), Ragged(), Windows(0.25, 0.1)], ids=repr)
def test_the_same_seed_gives_the_same_batches(mixed: Clips, cut: Whole) -> None:
    def run() -> list[Any]:
        data = batches(mixed, FRONTEND, cut, batch_size=2, seed=7)
        return [np.asarray(numbers).tolist() for _ in range(2) for _, numbers in data]

    assert run() == run()


def test_whole_clips_come_with_lengths_among_their_like(mixed: Clips) -> None:
    seen = []
    for (waveforms, lengths), numbers in batches(
        mixed, sample_rate=SAMPLE_RATE, cut=Whole(1.5), batch_size=2
    ):
        assert waveforms.shape[1] == max(lengths.numpy())
        assert max(lengths.numpy()) <= 1.5 * min(lengths.numpy())
        for samples, length, number in zip(waveforms, lengths, numbers, strict=True):
            index = LENGTHS.index(int(length))
            np.testing.assert_array_equal(samples[:length], sound(int(length), index))
            assert not np.any(samples[length:])
            assert number == index % 2
            seen.append(index)
    assert sorted(seen) == list(range(6))


def test_whole_clips_in_order_where_lengths_do_not_matter(mixed: Clips) -> None:
    data = batches(mixed, sample_rate=SAMPLE_RATE, cut=Whole(None), batch_size=4)
    assert [lengths.numpy().tolist() for (_, lengths), _ in data] == [list(LENGTHS[:4]), list(LENGTHS[4:])]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("padding", [sg.padding.Valid(), sg.padding.Center(), sg.padding.Same()], ids=repr)
def test_batch_mates_and_padding_change_no_features(
    mixed: Clips, tmp_path: Path, cached: bool, padding: sg.padding.Valid
) -> None:
    frontend = sg.Frontend(
        SAMPLE_RATE, 200, 80, padding=padding, normalize=sg.normalize.Standardize(per="band")
    )
    data = batches(mixed, frontend, Whole(None), cache=tmp_path if cached else None)
    for (features, mask), _ in data:
        assert mask.dtype == tf.bool
        for index, length in enumerate(LENGTHS):
            alone = frontend(sound(length, index))
            assert mask[index].numpy().sum() == len(alone)
            assert mask[index].numpy()[: len(alone)].all()
            np.testing.assert_allclose(features[index][: len(alone)], alone, rtol=0, atol=2e-4)
            assert not np.any(features[index][len(alone) :])


def test_nan_in_the_padding_changes_nothing_in_the_layer(mixed: Clips) -> None:
    (((waveforms, lengths), _),) = batches(mixed, sample_rate=SAMPLE_RATE, cut=Whole(None))
    beyond = np.arange(waveforms.shape[1]) >= lengths.numpy()[:, None]
    layer = Spectrogram(FRONTEND)
    clean = layer([waveforms, lengths])
    dirty = layer([tf.where(beyond, np.nan, waveforms), lengths])
    np.testing.assert_array_equal(clean, dirty)
    (((features, mask), _),) = batches(mixed, FRONTEND, Whole(None))
    np.testing.assert_array_equal(mask, layer.compute_mask([waveforms, lengths]))
    np.testing.assert_allclose(features, clean, **AGREE)


@pytest.mark.parametrize("cut", [Fixed(0.5), Whole(None), Ragged()], ids=repr)
def test_without_the_native_engine_features_are_the_same(
    mixed: Clips, cut: Fixed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def features() -> list[np.ndarray]:
        ((sounds, _),) = batches(mixed, FRONTEND, cut)
        parts = [sounds.flat_values] if isinstance(sounds, tf.RaggedTensor) else tf.nest.flatten(sounds)
        return [tf.cast(part, tf.float32).numpy() for part in parts]

    usual = features()
    monkeypatch.setattr("sonogram.engines.native.available", lambda: False)
    for one, other in zip(usual, features(), strict=True):
        np.testing.assert_allclose(one, other, **AGREE)


@pytest.mark.parametrize("cached", [False, True])
def test_ragged_clips_keep_their_lengths(mixed: Clips, tmp_path: Path, cached: bool) -> None:
    cache = tmp_path if cached else None
    ((waveforms, _),) = batches(mixed, sample_rate=SAMPLE_RATE, cut=Ragged(), cache=cache)
    ((features, _),) = batches(mixed, FRONTEND, Ragged(), cache=cache)
    assert isinstance(waveforms, tf.RaggedTensor)
    assert features.shape[2] == 20
    for index, length in enumerate(LENGTHS):
        np.testing.assert_array_equal(waveforms[index], sound(length, index))
        np.testing.assert_allclose(features[index].numpy(), FRONTEND(sound(length, index)), **AGREE)


@pytest.mark.parametrize("remainder", ["overlap", "drop"])
@pytest.mark.parametrize("step", [None, 300, 1000, 1700])
@pytest.mark.parametrize("piece", [1, 7, 999, 1000, 10_000])
def test_windows_of_a_waveform_in_chunks(
    remainder: str, step: int | None, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for length in (1, 700, 999, 1000, 1001, 1600, 2300, 4000, 4013):
        whole = sound(length, 0)
        cut = Windows(1, None if step is None else step / 1000, remainder)
        chunks = [whole[start : start + piece] for start in range(0, length, piece)]
        monkeypatch.setattr("sonogram.dataset.reader.blocks", lambda *_, chunks=chunks: iter(chunks))
        got = list(Reader(1000).windows("any.wav", cut))
        starts = list(range(0, length - 999, step or 1000))
        following = starts[-1] + max(step or 1000, 1000) if starts else 0
        if remainder == "overlap" and length > following:
            starts.append(max(length - 1000, 0))  # the last one ends with the sound
        padded = np.pad(whole, (0, 1000))
        assert len(got) == len(starts), (length, cut)
        for window, start in zip(got, starts, strict=True):
            np.testing.assert_array_equal(window, padded[start : start + 1000])


@pytest.mark.parametrize("cached", [False, True])
def test_windows_carry_the_label_of_their_recording(mixed: Clips, tmp_path: Path, cached: bool) -> None:
    cache = tmp_path if cached else None
    got = [
        (window, int(number))
        for sounds, numbers in batches(
            mixed, sample_rate=SAMPLE_RATE, cut=Windows(0.25), batch_size=5, cache=cache
        )
        for window, number in zip(sounds.numpy(), numbers, strict=True)
    ]
    expected = [
        (np.pad(sound(length, index), (0, 2000))[start : start + 2000], index % 2)
        for index, length in enumerate(LENGTHS)
        for start in sorted({*range(0, length - 1999, 2000), max(length - 2000, 0)})
    ]
    assert len(got) == len(expected)
    for (window, number), (wanted, label) in zip(got, expected, strict=True):
        np.testing.assert_array_equal(window, wanted)
        assert number == label
    shuffled = batches(mixed, sample_rate=SAMPLE_RATE, cut=Windows(0.25), batch_size=5, seed=0)
    one, other = epochs(shuffled, 2)
    assert flat(one) == flat(other) == sorted(round(float(w[0]) * 1e6) for w, _ in expected)
    assert one != other


def test_any_format_and_rate_becomes_the_one_that_is_asked_for(tmp_path: Path) -> None:
    time = np.arange(44_100) / 44_100
    tone = 0.5 * np.sin(2 * np.pi * 440 * time)
    for name, rate in (("a.flac", 44_100), ("b.wav", 8000), ("c.ogg", 44_100), ("d.mp3", 44_100)):
        x = tone if rate == 44_100 else 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
        soundfile.write(tmp_path / name, np.stack([x, x], axis=1), rate)
    clips = Clips(Clip(str(path), "tone") for path in sorted(tmp_path.iterdir()))
    ((waveforms, _),) = batches(clips, sample_rate=16_000, cut=Fixed(1))
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    for waveform in waveforms.numpy():
        # Lossy codecs and the silence that resampling sees beyond the edges: 2 % of the tone.
        assert np.abs(waveform - wanted)[1000:-1000].max() < 0.01


def test_a_cache_is_used_and_noticed_when_stale(tmp_path: Path) -> None:
    path = tmp_path / "clip.wav"
    clips = Clips([Clip(str(path), "a")])
    cache = tmp_path / "cache"

    def features() -> np.ndarray:
        ((sounds, _),) = batches(clips, FRONTEND, Fixed(1), cache=cache)
        return sounds.numpy()

    sg.save(path, sound(8000, 0), SAMPLE_RATE)
    first = features()
    (entry,) = cache.rglob("*.f32")
    content = entry.read_bytes()
    entry.write_bytes(content[:512] + np.full(first.size, 3, "<f4").tobytes())
    np.testing.assert_array_equal(features(), np.full(first.shape, 3))  # it is what is read
    sg.save(path, sound(8000, 1), SAMPLE_RATE)
    np.testing.assert_allclose(features()[0], FRONTEND(sound(8000, 1)), **AGREE)


def test_caches_of_other_front_ends_and_cuts_do_not_meet(mixed: Clips, tmp_path: Path) -> None:
    louder = dataclasses.replace(FRONTEND, conditioning=sg.conditioning.Conditioning(scale=2))
    uses = [
        (FRONTEND, Fixed(1)),
        (FRONTEND, Fixed(1, crop="start")),
        (louder, Fixed(1)),
        (FRONTEND, Whole(None)),
        (None, Whole(None)),
        (None, Fixed(0.5, crop="random")),
    ]
    for features, cut in uses:
        rate = SAMPLE_RATE if features is None else None
        plain, kept = (
            next(iter(batches(mixed, features, cut, sample_rate=rate, seed=1, cache=cache)))[0]
            for cache in (None, tmp_path)
        )
        for one, other in zip(tf.nest.flatten(plain), tf.nest.flatten(kept), strict=True):
            np.testing.assert_allclose(tf.cast(one, tf.float32), tf.cast(other, tf.float32), **AGREE)


class MeanClassifier(keras.Model):
    """The smallest model for clips of any length, their padding left out."""

    def __init__(self) -> None:
        super().__init__()
        self.features = Spectrogram(FRONTEND)
        self.mean = keras.layers.GlobalAveragePooling1D()
        self.classes = keras.layers.Dense(2, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.classes(self.mean(self.features(inputs)))


def test_a_model_takes_whole_clips_and_hears_no_padding(mixed: Clips) -> None:
    model = MeanClassifier()
    model.compile("sgd", "sparse_categorical_crossentropy")
    data = batches(mixed, sample_rate=SAMPLE_RATE, cut=Whole(None), batch_size=2, seed=0)
    history = model.fit(data, epochs=2, shuffle=False, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    for (waveforms, lengths), _ in data:
        together = model((waveforms, lengths))
        for index, length in enumerate(lengths.numpy()):
            alone = model((waveforms[index : index + 1, :length], lengths[index : index + 1]))
            np.testing.assert_allclose(together[index], alone[0], rtol=0, atol=1e-5)


def test_labels_are_the_places_in_the_classes_of_the_whole(mixed: Clips) -> None:
    part = mixed.where(lambda clip: clip.label == "b")
    ((_, numbers),) = batches(part, sample_rate=SAMPLE_RATE, cut=Fixed(0.1))
    assert numbers.numpy().tolist() == [1, 1, 1]
    assert numbers.dtype == tf.int32


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"sample_rate": 0}, "sample_rate must be a whole number of Hz"),
        ({"sample_rate": 44_100.5}, "sample_rate must be a whole number of Hz"),
        ({"sample_rate": None}, "give either features, for batches of features, or sample_rate"),
        ({"features": FRONTEND}, "give either features"),
        ({"sample_rate": None, "features": "yamnet"}, r"Use sonogram\.preset\('yamnet'\)"),
        ({"sample_rate": None, "features": 16_000}, "features must be a Frontend or stored features"),
        ({"cut": 1.0}, r"cut must be one of Fixed\(seconds\)"),
        ({"batch_size": 0}, "batch_size must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"cut": Fixed(1, crop="random")}, 'crop="random" needs a seed'),
        ({"data": Clips([], ["a"])}, "there are no clips"),
        ({"data": 3}, "a data set is a folder"),
    ],
)
def test_wrong_arguments_are_refused(mixed: Clips, arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SonogramError, match=complaint):
        batches(**{"data": mixed, "sample_rate": SAMPLE_RATE, **arguments})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Fixed(0),
        lambda: Fixed(1, "end"),
        lambda: Fixed(1, pad="left"),
        lambda: Whole(1),
        lambda: Windows(1, 0),
        lambda: Windows(-1),
        lambda: Windows(1, remainder="wrap"),
        lambda: Fixed(float("nan")),
    ],
)
def test_wrong_cuts_are_refused(make: Any) -> None:
    with pytest.raises(DefinitionError):
        make()


def test_the_room_loads_no_learning_library_until_batches_are_made() -> None:
    code = (
        "import sys\n"
        "from sonogram.dataset import Clip, Clips, split\n"
        "split(Clips(Clip(str(i), 'a') for i in range(9)))\n"
        "print(*{'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not ran.stdout.split()
