"""What holds for every augmentation, on the backend of the process."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from augmentations import SIZE, arrays, batch_of, values_of

import sonogram as sg
from sonogram import layers

Make = Callable[..., layers.Augmentation]

# Samples are about 0.3. What stands elsewhere in a vector may round differently in exp and cos (one
# unit in the last place), and a transform of another length does: noise of float32.
ROUNDING = {"atol": 2e-6, "rtol": 1e-5}


def test_the_same_seed_gives_the_same_result(make: Make) -> None:
    first, second, other = (make(seed=seed) for seed in (7, 7, 8))
    batch = batch_of(first)
    del batch["seeds"]
    calls = [[arrays(layer(batch, training=True)) for _ in range(2)] for layer in (first, second, other)]
    for one, same, differs in zip(*calls, strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], same[name])
        assert _differ(one, differs, first.key), "another seed gave the same result"
    assert _differ(*calls[0], first.key), "the second call gave the result of the first"


def _differ(one: Any, other: Any, key: str) -> bool:
    return not np.array_equal(one[key], other[key])


def test_examples_differ_in_one_batch(make: Make) -> None:
    layer = make(seed=11)
    same = {**batch_of(layer, 8), layer.key: np.repeat(values_of(layer, 1), 8, axis=0)}
    del same["lengths"], same["seeds"]
    results = arrays(layer(same, training=True))
    if isinstance(layer, layers.Mixup):  # equal clips mix to themselves
        assert len(np.unique(results["labels"].max(axis=1))) > 1
    else:
        assert any(not np.array_equal(results[layer.key][0], result) for result in results[layer.key][1:])


def test_a_permuted_batch_gives_the_permuted_result(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer, 6)
    order = np.array([3, 0, 5, 4, 1, 2])
    straight = arrays(layer(batch, training=True))
    permuted = arrays(layer({name: part[order] for name, part in batch.items()}, training=True))
    for name in straight:
        np.testing.assert_allclose(straight[name][order], permuted[name], **ROUNDING, err_msg=name)


def test_an_example_does_not_depend_on_its_batch(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer)
    if layer.needs_batch:  # to mix the examples of a batch is what it is for: one alone stays
        one = {name: part[:1] for name, part in batch.items()}
        np.testing.assert_allclose(arrays(layer(one, training=True))[layer.key], one[layer.key], **ROUNDING)
        return
    together = arrays(layer(batch, training=True))
    for index, length in enumerate(batch["lengths"]):
        one = {name: part[index : index + 1] for name, part in batch.items()}
        alone = arrays(layer(one, training=True))
        np.testing.assert_allclose(alone[layer.key][0], together[layer.key][index], **ROUNDING)
        # Nor on how much padding there is, nor on the axis of the batch.
        bare = {name: part[0] for name, part in one.items()}
        bare[layer.key] = bare[layer.key][: max(length, 1)]
        result = arrays(layer(bare, training=True))
        kept = len(result[layer.key])
        if isinstance(layer, layers.Speed):  # a slower clip fits only where there is padding
            kept = min(kept, int(result["lengths"]))
        np.testing.assert_allclose(result[layer.key][:kept], together[layer.key][index][:kept], **ROUNDING)


def test_padding_changes_nothing_and_stays_out(make: Make) -> None:
    layer = make(seed=7)
    clean, dirty = (
        arrays(layer(batch_of(layer, padding=padding), training=True)) for padding in (0.0, np.nan)
    )
    for name in clean:
        np.testing.assert_array_equal(clean[name], dirty[name], err_msg=name)
    for values, length in zip(dirty[layer.key], dirty["lengths"], strict=True):
        assert np.isfinite(values).all()
        assert not values[length:].any(), "values after the end must be 0"


@pytest.mark.parametrize("sound", ["silence", "click", "full scale", "constant"])
def test_results_are_finite(make: Make, sound: str) -> None:
    layer = make(seed=7)
    values = values_of(layer, 3) * 0
    if sound == "click":
        values[:, 5] = 1
    elif sound == "full scale":
        values[:, ::2], values[:, 1::2] = 1, -1
    elif sound == "constant":
        values[:] = 1
    for lengths in (None, np.array([values.shape[1], 1, 0], np.int32)):
        batch = {layer.key: values, "labels": np.eye(3, dtype=np.float32)}
        if lengths is not None:
            batch["lengths"] = lengths
        for _ in range(3):
            result = arrays(layer(batch, training=True))[layer.key]
            assert np.isfinite(result).all()
            assert sound != "silence" or not result.any(), "silence must stay silent"


def test_outside_training_it_hands_on_what_it_was_given(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer, padding=np.nan)
    for result in (layer(batch), layer(batch, training=False)):
        for name, part in arrays(result).items():
            np.testing.assert_array_equal(part, batch[name])
    values = keras.ops.convert_to_tensor(batch[layer.key])
    assert layer(values) is values


def test_each_form_of_input_gives_the_same(make: Make) -> None:
    dictionary, pair, alone, masked = (make(seed=7) for _ in range(4))
    if dictionary.needs_batch:
        with pytest.raises(sg.SonogramError, match="labels"):
            dictionary(values_of(dictionary, 2), training=True)
        return
    batch = batch_of(dictionary)
    values, lengths = batch[dictionary.key], batch["lengths"]
    del batch["seeds"], batch["labels"]
    expected = arrays(dictionary(batch, training=True))
    result = arrays(pair([values, lengths], training=True))
    np.testing.assert_array_equal(result[0], expected[dictionary.key])
    np.testing.assert_array_equal(result[1], expected["lengths"])
    assert arrays(alone(values, training=True)).shape == expected[dictionary.key].shape
    mask = np.arange(values.shape[1]) < lengths[:, None]
    if masked.keeps_lengths:
        np.testing.assert_array_equal(
            arrays(masked(values, mask=mask, training=True)), expected[dictionary.key]
        )
    else:
        with pytest.raises(sg.SonogramError, match="pass \\[samples, lengths\\]"):
            masked(values, mask=mask)


def test_channels_are_changed_alike(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer)
    mono = arrays(layer(batch, training=True))
    twice = {**batch, layer.key: np.repeat(batch[layer.key][:, None], 2, axis=1)}
    stereo = arrays(layer(twice, training=True))
    for name in ("lengths", "labels"):
        np.testing.assert_allclose(stereo[name], mono[name], **ROUNDING)
    for channel in (0, 1):
        np.testing.assert_allclose(stereo[layer.key][:, channel], mono[layer.key], **ROUNDING)


def test_an_example_without_a_batch_is_changed_as_in_one(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer)
    bare = {name: part[4] for name, part in batch.items()}
    if layer.needs_batch:
        with pytest.raises(sg.SonogramError, match="axes"):
            layer(bare, training=True)
        return
    result, together = arrays(layer(bare, training=True)), arrays(layer(batch, training=True))
    np.testing.assert_allclose(result[layer.key], together[layer.key][4], **ROUNDING)
    assert result["lengths"] == together["lengths"][4]


def test_probability_is_the_share_that_is_changed(make: Make) -> None:
    if "random-crop" in str(make(seed=1).name).replace("_", "-"):
        with pytest.raises(sg.SonogramError, match="probability"):
            make(probability=0.5)
        return
    never, half = make(seed=7, probability=0.0), make(seed=7, probability=0.5)
    batch = batch_of(never, 5)
    result = arrays(never(batch, training=True))
    for name in batch:
        np.testing.assert_array_equal(result[name], batch[name])
    if isinstance(half, layers.PolarityInversion):
        half = layers.PolarityInversion(0.5, seed=7)
    count = 400
    many = {
        half.key: values_of(half, count)[:, :200],
        "labels": np.eye(count, 2, dtype=np.float32),
        "seeds": np.arange(count, dtype=np.int32),
    }
    result = arrays(half(many, training=True))
    changed = (result[half.key] != many[half.key]).reshape(count, -1).any(axis=1).mean()
    # Five deviations of a fair coin thrown 400 times; a mask may be empty, a clip need not be cut.
    low = 0.3 if isinstance(half, (layers.SpecAugment, layers.Clipping)) else 0.375
    assert low < changed < 0.625


def test_it_is_float32_under_mixed_precision(make: Make) -> None:
    plain = make(seed=7)
    expected = arrays(plain(batch_of(plain), training=True))[plain.key]
    keras.config.set_dtype_policy("mixed_float16")
    try:
        layer = make(seed=7)
        result = layer(batch_of(layer), training=True)[layer.key]
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
    np.testing.assert_array_equal(arrays(result), expected)


def test_its_configuration_is_plain_data_and_makes_an_equal_layer(make: Make, tmp_path: Path) -> None:
    layer = make(seed=7, name="one", **({} if "crop" in make().name else {"probability": 0.7}))
    again = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    assert again.name == "one"
    batch = batch_of(layer)
    first, second = (arrays(one(batch, training=True)) for one in (layer, again))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def test_a_model_with_it_is_saved_and_loaded(make: Make, tmp_path: Path) -> None:
    layer = make(seed=7)
    shape = values_of(layer, 1).shape[1:]
    model = keras.Sequential([keras.Input(shape), layer])
    model.save(tmp_path / "model.keras")
    loaded = sg.load_model(tmp_path / "model.keras")
    again = loaded.layers[-1]
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    values = values_of(layer, 2)
    np.testing.assert_array_equal(arrays(loaded(values)), values)


def test_shapes_are_known_before_and_kept(make: Make) -> None:
    layer = make(seed=7)
    shape = values_of(layer, 1).shape[1:]
    inputs = [keras.Input(shape), keras.Input((), dtype="int32")]
    samples, lengths = layer(inputs)
    assert lengths.shape == (None,)
    assert lengths.dtype == "int32"
    if isinstance(layer, layers.RandomCrop):
        assert samples.shape == (None, None)
        assert layers.RandomCrop(SIZE)(inputs[0]).shape == (None, SIZE)
    else:
        assert samples.shape == (None, *shape)
        assert samples.dtype == "float32"


def test_integers_are_refused_with_the_remedy(make: Make) -> None:
    layer = make(seed=7)
    with pytest.raises(sg.SonogramError, match="divide integers by their full scale"):
        layer((values_of(layer, 2) * 100).astype(np.int16), training=True)
