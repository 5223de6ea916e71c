"""The layer: the definition inside a model, on every backend."""

import dataclasses
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import keras_backend
import numpy as np
import pytest
import signals

import sonogram as sg

pytestmark = keras_backend.on_every_backend

MEL = sg.Frontend(
    8000,
    64,
    32,
    padding=sg.padding.Center(),
    bands=sg.bands.Mel(8),
    scaling=sg.scaling.Decibels(dynamic_range=60),
)
SAMPLES = np.stack([signals.noise(640), signals.noise(640, 2)])
ENGINES = pytest.mark.parametrize("engine", [None, "graph", "portable"])


def model_of(frontend: sg.Frontend, num_samples: int | None = 640, **layer: object) -> keras.Model:
    return keras.Sequential([keras.Input((num_samples,)), sg.layers.Spectrogram(frontend, **layer)])


@ENGINES
def test_the_layer_computes_the_definition(engine: str | None) -> None:
    features = keras_backend.array(sg.layers.Spectrogram(MEL, engine)(SAMPLES))
    np.testing.assert_allclose(features, MEL(SAMPLES, "numpy"), rtol=1e-4, atol=1e-3)
    assert features.dtype == np.float32


@ENGINES
def test_shapes_are_static_where_the_input_is(engine: str | None) -> None:
    assert model_of(MEL, engine=engine).output_shape == (None, 21, 8)
    assert model_of(MEL, None, engine=engine).output_shape == (None, None, 8)
    assert sg.layers.Spectrogram(MEL).compute_output_shape((2, 3, 640)) == (2, 3, 21, 8)


@ENGINES
def test_channels_stand_before_frames(engine: str | None) -> None:
    features = keras_backend.array(sg.layers.Spectrogram(MEL, engine)(SAMPLES[None]))
    assert features.shape == (1, 2, 21, 8)
    np.testing.assert_allclose(features[0], MEL(SAMPLES, "numpy"), rtol=1e-4, atol=1e-3)


def test_lengths_become_masks() -> None:
    layer = sg.layers.Spectrogram(dataclasses.replace(MEL, normalize=sg.normalize.Standardize("band")))
    lengths = np.array([640, 100], "int32")
    padded = SAMPLES.copy()
    padded[1, 100:] = np.nan
    features = keras_backend.array(layer([padded, lengths]))
    mask = keras_backend.array(layer.compute_mask([padded, lengths]))
    assert mask.sum(axis=1).tolist() == [21, layer.frontend.num_frames(100)]
    assert not features[1, mask[1].sum() :].any()
    alone = layer.frontend(SAMPLES[1, :100], "numpy")
    np.testing.assert_allclose(features[1, : len(alone)], alone, rtol=1e-3, atol=2e-3)
    assert layer.compute_mask(padded) is None


@pytest.mark.parametrize("stack", [None, sg.stack.Stack(2), sg.stack.Stack(2, "pad")])
def test_the_mask_is_where_the_features_are(stack: sg.stack.Stack | None) -> None:
    blank = dataclasses.replace(MEL, scaling=None, padding=sg.padding.Center(last_frame="zero"), stack=stack)
    layer = sg.layers.Spectrogram(blank)
    lengths = np.array([640, 100], "int32")
    features = keras_backend.array(layer([SAMPLES, lengths]))
    mask = keras_backend.array(layer.compute_mask([SAMPLES, lengths]))
    np.testing.assert_array_equal(mask, features.any(axis=-1))


def test_masks_reach_the_next_layers() -> None:
    samples, lengths = keras.Input((640,)), keras.Input((), dtype="int32")
    features = sg.layers.Spectrogram(dataclasses.replace(MEL, scaling=None))([samples, lengths])
    pooled = keras.layers.GlobalAveragePooling1D()(features)
    model = keras.Model([samples, lengths], pooled)
    counts = np.array([640, 100], "int32")
    got = keras_backend.array(model([SAMPLES, counts]))
    linear = dataclasses.replace(MEL, scaling=None)
    want = [linear(clip[:n], "numpy").mean(axis=0) for clip, n in zip(SAMPLES, counts, strict=True)]
    np.testing.assert_allclose(got, want, rtol=1e-4)


def test_a_mask_over_samples_counts_as_lengths() -> None:
    layer = sg.layers.Spectrogram(MEL)
    mask = np.arange(640) < np.array([[640], [100]])
    features = keras_backend.array(layer(SAMPLES, mask=keras_backend.tensor(mask)))
    with_lengths = keras_backend.array(layer([SAMPLES, np.array([640, 100], "int32")]))
    np.testing.assert_allclose(features, with_lengths, rtol=0, atol=1e-5)


def test_half_precision_policies_do_not_reach_it() -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = keras.Sequential([keras.Input((640,)), sg.layers.Spectrogram(MEL), keras.layers.Dense(3)])
    finally:
        keras.config.set_dtype_policy("float32")
    layer, dense = model.layers
    assert layer.compute_dtype == "float32"
    assert dense.compute_dtype == "float16"
    features = keras_backend.array(layer(SAMPLES))
    np.testing.assert_allclose(features, MEL(SAMPLES, "numpy"), rtol=1e-4, atol=1e-3)
    assert sg.layers.Spectrogram(MEL, dtype="float16").compute_dtype == "float32"


@ENGINES
def test_its_config_is_plain_data(engine: str | None) -> None:
    layer = sg.layers.Spectrogram(MEL, engine, name="front")
    again = sg.layers.Spectrogram.from_config(layer.get_config())
    assert again.frontend == MEL
    assert again.engine == engine
    assert again.name == "front"
    assert layer.get_config()["frontend"] == MEL.to_dict()


@pytest.mark.exhaustive
def test_a_saved_model_comes_back_in_a_fresh_process(tmp_path: Path) -> None:
    constants = dataclasses.replace(MEL, normalize=sg.normalize.Affine(sg.Matrix(range(8)), 3))
    model = keras.Sequential([keras.Input((640,)), sg.layers.Spectrogram(constants), keras.layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "in.npy", SAMPLES)
    code = (
        "import sys, numpy as np, sonogram as sg\n"
        "folder = sys.argv[1]\n"
        "model = sg.load_model(folder + '/model.keras')\n"
        "np.save(folder + '/out.npy', model.predict(np.load(folder + '/in.npy'), verbose=0))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    expected = model.predict(SAMPLES, verbose=0)
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), expected, rtol=1e-5, atol=1e-4)


def test_a_model_with_it_learns() -> None:
    time = np.arange(800) / 8000
    pitches = np.random.default_rng(0).choice([500, 1500], 64)
    tones = np.sin(2 * np.pi * pitches[:, None] * time).astype(np.float32)
    model = keras.Sequential(
        [
            keras.Input((800,)),
            sg.layers.Spectrogram(dataclasses.replace(MEL, scaling=sg.scaling.Log(offset=1e-3))),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    model.fit(tones, pitches > 1000, epochs=5, verbose=0)
    assert model.evaluate(tones, pitches > 1000, verbose=0)[1] == 1


def test_gradients_pass_through() -> None:
    layer = sg.layers.Spectrogram(MEL)
    silence = np.zeros((1, 640), np.float32)
    for samples in (SAMPLES, silence):
        slopes = keras_backend.gradient(lambda x: keras.ops.sum(layer(x)), samples)
        assert slopes.shape == samples.shape
        assert np.isfinite(slopes).all()


@pytest.mark.parametrize("engine", ["numpy", "native", "gpu"])
def test_wrong_engines_say_what_is_right(engine: str) -> None:
    with pytest.raises(sg.SonogramError, match=f'"graph", "portable" or None; got {engine!r}'):
        sg.layers.Spectrogram(MEL, engine)


def test_wrong_inputs_say_what_is_right() -> None:
    with pytest.raises(sg.SonogramError, match=r"\[samples, lengths\]; got 3 inputs"):
        sg.layers.Spectrogram(MEL)([SAMPLES, SAMPLES, SAMPLES])
    with pytest.raises(sg.SonogramError, match=r"got 'yamnet'\. Use sonogram\.preset\('yamnet'\)"):
        sg.layers.Spectrogram("yamnet")


def test_channels_last_are_refused() -> None:
    layer = sg.layers.Spectrogram(dataclasses.replace(MEL, padding=sg.padding.Valid()))
    message = r"samples must be the last axis.*squeeze\(x, -1\).*moveaxis\(x, -1, -2\)"
    for channels in (1, 2):
        with pytest.raises(sg.SonogramError, match=message):
            layer(keras.Input((640, channels)))
        with pytest.raises(sg.SonogramError, match=rf"got \(2, 640, {channels}\)"):
            layer(np.zeros((2, 640, channels), "float32"))
    with pytest.raises(sg.SonogramError, match=message):
        keras.Sequential([keras.Input((640, 1)), layer])
    moved = keras.ops.moveaxis(np.zeros((2, 640, 2), "float32"), -1, -2)
    assert tuple(layer(moved).shape) == (2, 2, 19, 8)
    # An array without frames keeps its documented result.
    assert layer.frontend(np.zeros((2, 640, 1), "float32")).shape == (2, 640, 0, 8)


def test_channels_last_are_refused_where_padding_makes_a_frame_of_them() -> None:
    layer = sg.layers.Spectrogram(dataclasses.replace(MEL, padding=sg.padding.Center()))
    for channels in (1, 2):
        for size in (640, None):
            with pytest.raises(sg.SonogramError, match="samples must be the last axis"):
                layer(keras.Input((size, channels)))
        with pytest.raises(sg.SonogramError, match="samples must be the last axis"):
            layer(np.zeros((2, 640, channels), "float32"))


def test_integers_that_keras_casts_are_noticed() -> None:
    integers = np.round(3000 * np.sin(np.arange(640) / 9)).astype("int16")[None]
    want = np.asarray(sg.layers.Spectrogram(MEL)(integers))
    inputs = keras.Input((None,), dtype="int16")
    model = keras.Model(inputs, sg.layers.Spectrogram(MEL)(inputs))
    np.testing.assert_allclose(np.asarray(model(integers)), want, rtol=1e-4, atol=1e-5)
    floats = keras.Input((None,))
    model = keras.Model(floats, sg.layers.Spectrogram(MEL)(floats))
    if keras.backend.backend() == "tensorflow":
        with pytest.warns(UserWarning, match=r"samples reach 3000, .*dtype=\"int16\""):
            model(integers)


def test_wrong_files_say_what_is_right(tmp_path: Path) -> None:
    with pytest.raises(sg.SonogramError, match=r"none\.keras: no such file"):
        sg.load_model(tmp_path / "none.keras")
    for name, content in (("text.keras", "no model"), ("empty.keras", ""), ("sound.wav", "RIFF")):
        (tmp_path / name).write_text(content)
        with pytest.raises(sg.SonogramError, match=rf"{name}: not a Keras model \(no .keras archive\);"):
            sg.load_model(tmp_path / name)


def small(folder: Path) -> Path:
    inputs = keras.Input((640,))
    model = keras.Model(inputs, keras.layers.Dense(200)(sg.layers.Spectrogram(MEL)(inputs)))
    model.save(folder / "model.keras")
    return folder / "model.keras"


def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    content = small(tmp_path).read_bytes()
    path = tmp_path / "broken.keras"
    lines = []
    for start in range(0, len(content) - 20, len(content) // 40):
        turned = bytes(255 - value for value in content[start : start + 20])
        path.write_bytes(content[:start] + turned + content[start + 20 :])
        try:
            sg.load_model(path)
        except sg.SonogramError as error:
            lines.append(str(error))
    assert len(lines) > 20  # the rest lies where nothing is read
    assert all(line.startswith(f"{path}: not a Keras model") and "\n" not in line for line in lines)


def test_a_definition_of_another_time_in_a_model_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(small(tmp_path)) as file, zipfile.ZipFile(tmp_path / "later.keras", "w") as later:
        for name in file.namelist():
            later.writestr(name, file.read(name).replace(b'"schema": 1', b'"schema": 9'))
    with pytest.raises(
        sg.SonogramError, match=r"later\.keras: .*\(.*schema 1; got schema 9. Upgrade sonogram\)$"
    ):
        sg.load_model(tmp_path / "later.keras")


@pytest.mark.parametrize("engine", [None, "portable"])
def test_it_runs_in_tf_data_on_every_backend(engine: str | None) -> None:
    import tensorflow as tf

    layer = sg.layers.Spectrogram(MEL, engine)
    data = tf.data.Dataset.from_tensor_slices(SAMPLES).batch(2).map(layer)
    assert data.element_spec.shape.as_list() == [None, 21, 8]
    (features,) = data.as_numpy_iterator()
    np.testing.assert_allclose(features, MEL(SAMPLES, "numpy"), rtol=1e-4, atol=1e-3)
    ragged = tf.data.Dataset.from_generator(lambda: iter(SAMPLES), output_signature=tf.TensorSpec([None]))
    features = list(ragged.map(lambda x: MEL(x, engine)).as_numpy_iterator())
    np.testing.assert_allclose(features, MEL(SAMPLES, "numpy"), rtol=1e-4, atol=1e-3)
