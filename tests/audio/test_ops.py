"""Decoding and other rates as TensorFlow's operations: the bits of the library, errors that say where."""

import io

import numpy as np
import pytest
import soundfile
import tensorflow as tf
from engine_names import why_not_native

from sonogram.audio import decode, load, ops as sound_op, resample
from sonogram.dataset.cuts import Fixed
from sonogram.dataset.reader import crop_or_pad
from sonogram.errors import AudioError, SonogramError

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")


@pytest.fixture
def files(tmp_path, rng):
    """Six files of unlike kinds, rates, channels and lengths."""
    paths = []
    kinds = ("wav", "flac", "ogg", "wav", "mp3", "aiff")
    for index, kind in enumerate(kinds):
        count = 1000 + 1700 * index
        samples = rng.uniform(-0.5, 0.5, (count, 1 + index % 2)).astype(np.float32)
        paths.append(str(tmp_path / f"{index}.{kind}"))
        soundfile.write(paths[-1], samples, 8000 * (1 + index % 3))
    return paths


def as_written(function):
    return tf.autograph.experimental.do_not_convert(function)


def test_a_path_and_bytes_give_the_bits_of_load(files):
    for path in files:
        for mono in (True, False):
            made = decode(path, mono=mono)
            want = load(path, mono=mono)
            assert int(made.sample_rate) == want.sample_rate
            np.testing.assert_array_equal(made.samples, want.samples)
        content = decode(tf.io.read_file(path), 16_000, content=True)
        assert int(content.sample_rate) == 16_000
        own = load(path)
        want = resample(own.samples, own.sample_rate, 16_000)
        np.testing.assert_array_equal(content.samples, want)


def test_it_decodes_in_tf_data_side_by_side(files):
    data = tf.data.Dataset.from_tensor_slices(files * 20)
    made = data.map(as_written(lambda path: decode(path, 11_025)), num_parallel_calls=4)
    assert made.element_spec[0].shape == (None,)
    assert made.element_spec[1].shape == ()
    want = [decode(path, 11_025).samples for path in files] * 20
    for (samples, rate), expected in zip(made, want, strict=True):
        assert int(rate) == 11_025
        np.testing.assert_array_equal(samples, expected)


def test_errors_say_which_file_and_why(files, tmp_path):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"no\.wav: no such file; check the path"):
        decode(str(tmp_path / "no.wav"))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"<bytes>: is empty \(0 bytes\)"):
        decode(b"", content=True)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"a\?b: .*embedded null byte"):
        decode(b"a\0b")
    with pytest.raises(tf.errors.InvalidArgumentError, match="not a sound that libsndfile can read"):
        decode(b"nothing to hear", content=True)
    with pytest.raises(tf.errors.InvalidArgumentError, match="decode takes one sound; got 6"):
        decode(files)
    with pytest.raises(SonogramError, match="sample_rate must be a whole number"):
        decode(files[0], 0)
    cut = io.BytesIO()
    soundfile.write(cut, np.zeros(9000), 8000, format="WAV")
    content = cut.getvalue()[:5000]
    with pytest.raises(AudioError) as caught:
        load(content)
    with pytest.raises(tf.errors.InvalidArgumentError) as failed:
        decode(content, content=True)
    assert str(caught.value) in failed.value.message


@pytest.mark.parametrize("pad", ["end", "both"])
@pytest.mark.parametrize("crop", ["start", "center", "random"])
def test_files_are_cut_as_in_python(files, rng, crop, pad):
    same_rate = [files[0], files[3], files[0]]
    draws = rng.integers(0, 2**40, len(same_rate))
    cut = Fixed(0.5, crop=crop, pad=pad)
    values, lengths = sound_op.decode_files(same_rate, draws, 8000, size=4000, crop=crop, pad=pad)
    np.testing.assert_array_equal(lengths, [4000] * 3)
    for clip, path, draw in zip(np.reshape(values, (3, 4000)), same_rate, draws, strict=True):
        np.testing.assert_array_equal(clip, crop_or_pad(load(path).samples, cut, 8000, draw))


def test_files_at_their_lengths_up_to_one_that_is_broken_or_at_another_rate(files, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    want = [load(files[place]).samples for place in (0, 3)]
    for odd in (str(broken), str(tmp_path / "no.wav"), files[1]):
        paths = [files[0], files[3], odd, files[0]]
        values, lengths = sound_op.decode_files(paths, np.zeros(4, np.int64), 8000)
        np.testing.assert_array_equal(lengths, [len(samples) for samples in want])
        np.testing.assert_array_equal(values, np.concatenate(want))
    none = sound_op.decode_files(np.zeros(0, str), np.zeros(0, np.int64), 8000)
    assert [len(tensor) for tensor in none] == [0, 0]


def test_resampling_in_tensorflow_gives_the_bits_of_the_library(rng):
    samples = rng.uniform(-1, 1, (2, 3, 4410)).astype(np.float32)
    want = resample(samples, 44_100, 16_000)
    made = resample(tf.constant(samples), 44_100, 16_000)
    assert tf.is_tensor(made)
    np.testing.assert_array_equal(made, want)
    traced = tf.function(lambda x: resample(x, 44_100, 16_000), autograph=False)
    np.testing.assert_array_equal(traced(samples), want)
    assert traced.get_concrete_function(tf.TensorSpec((None, 4410))).output_shapes == (None, 1600)
    with pytest.raises(SonogramError, match="256 times apart"):
        resample(tf.constant(samples), 1, 1000)
    with pytest.raises(tf.errors.InvalidArgumentError, match="got a single number"):
        resample(tf.constant(1.0), 2, 1)
