"""Products with a matrix of narrow bands, divided into blocks."""

import numpy as np
import pytest

import sonogram as sg
from sonogram.engines.arrays.blocks import blocks, limits_of_rows
from sonogram.engines.plan import plan


def assert_cover(matrix, found):
    """Assert that the blocks hold each column once, and all that is not 0."""
    covered = np.zeros_like(matrix)
    columns = []
    for row, rows, column, width in found:
        assert rows > 0
        assert 0 <= row <= row + rows <= len(matrix)
        columns += range(column, column + width)
        block = np.s_[row : row + rows, column : column + width]
        covered[block] = matrix[block]
    assert columns == list(range(matrix.shape[1]))
    np.testing.assert_array_equal(covered, matrix)


@pytest.mark.parametrize("name", ["whisper-80", "torchaudio-lfcc", "madmom-chord", "librosa-chroma-stft"])
def test_blocks_hold_the_bands_of_presets_and_their_transposes(name):
    constants = plan(sg.preset(name))
    assert_cover(constants.bands, blocks(constants.limits))
    assert_cover(constants.bands.T, blocks(limits_of_rows(constants.bands)))


def test_bands_without_weights_are_in_a_block():
    matrix = np.zeros((50, 6))
    matrix[10:20, 1] = 1
    matrix[45:, 4] = 1
    assert_cover(matrix, blocks(limits_of_rows(matrix.T)))
    assert_cover(np.zeros((5, 3)), blocks(np.zeros((3, 2), int)))


def test_narrow_bands_of_a_long_transform_take_less_than_half_of_the_products():
    frontend = sg.Frontend(22050, 2048, 512, bands=sg.bands.Mel(128), scaling=sg.scaling.Log(floor=1e-10))
    constants = plan(frontend)
    products = sum(rows * columns for _, rows, _, columns in blocks(constants.limits))
    assert products < constants.bands.size / 2


def test_wide_bands_stay_one_product():
    assert blocks([(0, 40)] * 20) == ((0, 40, 0, 20),)


@pytest.mark.parametrize(("length", "step"), [(400, 160), (400, 161), (512, 512), (256, 320), (30, 10)])
@pytest.mark.parametrize("compiled", [False, True])
def test_tensorflow_cuts_the_frames_that_slices_of_the_clip_are(length, step, compiled):
    tf = pytest.importorskip("tensorflow")
    from sonogram.engines.arrays import namespace

    xp, frames = namespace("tensorflow"), 7
    clips = np.arange(2 * ((frames - 1) * step + length), dtype=np.float32).reshape(2, -1)
    cut = tf.function(lambda x, count: xp.frame(x, length, step, count), jit_compile=compiled)
    wanted = [[clip[t * step : t * step + length] for t in range(frames)] for clip in clips]
    np.testing.assert_array_equal(cut(tf.constant(clips), frames), wanted)
    if not compiled:
        np.testing.assert_array_equal(cut(tf.constant(clips), tf.constant(frames)), wanted)


def test_the_gradient_through_blocks_is_that_of_one_product():
    tf = pytest.importorskip("tensorflow")
    from sonogram.engines.arrays import namespace

    xp, rng = namespace("tensorflow"), np.random.default_rng(0)
    constants = plan(
        sg.Frontend(22050, 2048, 512, bands=sg.bands.Mel(128), scaling=sg.scaling.Log(floor=1e-10))
    )
    assert len(blocks(constants.limits)) > 1
    values = tf.constant(rng.standard_normal((2, 5, 1025)), tf.float32)
    weights = tf.constant(rng.standard_normal((2, 5, 128)), tf.float32)
    found = []
    for limits in (constants.limits, None):
        with tf.GradientTape() as tape:
            tape.watch(values)
            total = tf.reduce_sum(weights * xp.matmul(values, constants.bands, limits) ** 2)
        found.append(tape.gradient(total, values))
    # Sums of up to 300 products of float32.
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4, atol=1e-5 * np.abs(found[1]).max())
