"""The parts of networks that take the valid frames along."""

import keras
import numpy as np
import pytest

import sonogram as sg


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "float16"])
@pytest.mark.parametrize("backward", [False, True])
def test_recurrent_units_compute_in_the_type_of_their_layer(policy: str, backward: bool) -> None:
    layer = sg.layers.MaskedGRU(3, backward, dtype=policy)
    again = sg.layers.MaskedGRU.from_config(layer.get_config())
    values = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)
    valid = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], np.float32)
    for each in (layer, again):
        assert each.gru.dtype_policy == keras.DTypePolicy(policy)
        found = each([values, valid])
        assert keras.backend.standardize_dtype(found.dtype) == each.compute_dtype
        assert not np.asarray(found, np.float32)[1, 2:].any()
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(np.asarray(again([values, valid])), np.asarray(layer([values, valid])))


@pytest.mark.parametrize("backward", [False, True])
def test_appended_states_are_those_of_the_list(backward: bool, rng: np.random.Generator) -> None:
    layer = sg.layers.MaskedGRU(3, backward)
    values = rng.normal(size=(2, 7, 4)).astype(np.float32)
    valid = np.array([[1] * 7, [1, 1, 1, 0, 0, 0, 0]], np.float32)
    layer.build([values.shape, valid.shape])
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])
    listed = np.asarray(layer([values, valid]))
    layer.unrolled_for_litert = True
    np.testing.assert_allclose(np.asarray(layer([values, valid])), listed, rtol=0, atol=1e-6)
