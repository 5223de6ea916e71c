"""The code of docs/tutorial.md; docs/build.py generates this file."""

# ruff: noqa: E402 - imports follow the steps of the page

# --- 1. Load a sound

import numpy as np

import sonogram as sg

samples, sample_rate = sg.load("examples/bird.wav")
print((samples.shape, samples.dtype.name, sample_rate))  # ((3840,), 'float32', 11025)

choir = sg.load("examples/choir.flac", 16000, mono=False, duration=1.0)
print((choir.samples.shape, choir.sample_rate))  # ((2, 16000), 16000)

# --- 2. Samples to a spectrogram

frontend = sg.Frontend(sample_rate, frame_length=256, frame_step=16, fft_length=1024)
features = frontend(samples)
print((features.shape, frontend.unit))  # ((225, 513), 'magnitude')

seconds = frontend.times(len(features))
hertz = frontend.frequencies
loudest_frame, loudest_bin = np.unravel_index(features.argmax(), features.shape)
print((round(float(seconds[loudest_frame]), 2), round(float(hertz[loudest_bin]))))  # (0.3, 2132)

import tensorflow as tf

reference = tf.abs(tf.signal.stft(samples, 256, 16, 1024)).numpy()
assert abs(features - reference).max() < 1e-5 * reference.max()

spectrum = frontend.stft(samples)
print((spectrum.shape, spectrum.dtype.name))  # ((225, 513), 'complex64')
assert abs(features - abs(spectrum)).max() < 1e-5 * features.max()

# --- 3. Decibels and normalization

decibels = frontend.replace(scaling=sg.scaling.Decibels(reference="peak", dynamic_range=60))
quiet, loud = decibels(samples).min(), decibels(samples).max()
print((float(quiet), float(loud), decibels.unit))  # (-60.0, 0.0, 'dB')

unit_range = decibels.replace(normalize=sg.normalize.MinMax())
standardized = decibels.replace(normalize=sg.normalize.Standardize())
constants = decibels.replace(normalize=sg.normalize.Affine(mean=-40, std=20))

print((float(unit_range(samples).min()), round(float(unit_range(samples).max()), 4)))  # (0.0, 1.0)
print(round(float(standardized(samples).std()), 4))  # 1.0
assert abs(standardized(samples).mean()) < 1e-5
assert np.allclose(constants(samples), (decibels(samples) + 40) / 20, atol=1e-5)

# --- 4. A picture

sg.picture.save(features, frontend, "bird.png", samples=samples, title="A bird")

picture = sg.show("examples/bird.wav", title="A bird")

# --- 5. Mel bands and presets

mel = frontend.replace(bands=sg.bands.Mel(40, lower_hz=60), scaling=sg.scaling.Log(offset=1e-3))
print((mel(samples).shape, mel.unit))  # ((225, 40), 'ln magnitude')
print(mel.frequencies[:3].round().tolist())  # [100.0, 142.0, 186.0]

whisper = sg.preset("whisper-80")
speech = sg.load("examples/speech.wav", whisper.sample_rate)
print(whisper(speech).shape)  # (490, 80)

import json

text = json.dumps(whisper.to_dict())
assert sg.Frontend.from_dict(json.loads(text)) == whisper
print((whisper.normalize, len(whisper.fingerprint)))  # (Affine(mean=-4, std=4), 64)

# --- 6. A Keras model

import keras

keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)


def tone(slope):
    seconds = np.arange(4000) / 8000
    hertz = rng.uniform(800, 1600) + slope * 1200 * (seconds - 0.25)
    return np.sin(2 * np.pi * np.cumsum(hertz) / 8000) + rng.normal(0, 0.3, 4000)


labels = np.arange(150) % 3
clips = np.stack([tone(label - 1) for label in labels]).astype("float32")

frontend_8k = sg.Frontend(
    8000,
    256,
    128,
    bands=sg.bands.Mel(40),
    scaling=sg.scaling.Log(offset=1e-3),
    normalize=sg.normalize.Standardize(),
)
model = keras.Sequential(
    [
        keras.Input((4000,)),
        sg.layers.Spectrogram(frontend_8k),
        keras.layers.Conv1D(16, 5, activation="relu"),
        keras.layers.Conv1D(16, 5, activation="relu"),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(clips[:120], labels[:120], epochs=20, verbose=0)
loss, accuracy = model.evaluate(clips[120:], labels[120:], verbose=0)
assert accuracy > 0.8

model.save("tones.keras")
again = sg.load_model("tones.keras")
assert again.layers[0].frontend == frontend_8k
assert np.array_equal(again.predict(clips, verbose=0), model.predict(clips, verbose=0))

# --- 7. Pipelines

paths = ["examples/dog.wav", "examples/rooster.wav"]
pipeline = tf.data.Dataset.from_tensor_slices(paths)
pipeline = pipeline.map(lambda path: sg.audio.decode(path, 16000).samples).map(whisper)
print([element.shape.as_list() for element in pipeline])  # [[16, 80], [155, 80]]

# --- 8. Clips of different lengths

dog = sg.load("examples/dog.wav", 16000).samples
rooster = sg.load("examples/rooster.wav", 16000).samples
lengths = np.array([len(dog), len(rooster)])
batch = np.full((2, lengths.max()), np.nan, "float32")  # the padding may be anything
batch[0, : len(dog)], batch[1, : len(rooster)] = dog, rooster

together = whisper(batch, lengths=lengths)
frames = whisper.num_frames(len(dog))
assert np.array_equal(together[0, :frames], whisper(dog))
assert not together[0, frames:].any()

layer = sg.layers.Spectrogram(whisper)
mask = layer.compute_mask([batch, lengths])
print(np.asarray(mask).sum(axis=1).tolist())  # [16, 155]

# --- 9. Sound that arrives in pieces

live = sg.preset("vggish")
stream = sg.Stream(live)
pieces = [stream.push(block) for block in sg.audio.blocks("examples/speech.wav", 1000, 16000)]
pieces.append(stream.finish())
assert np.array_equal(np.concatenate(pieces), live(speech))

print((live.streamable, whisper.streamable))  # (True, False)
try:
    sg.Stream(whisper)
except sg.SonogramError as error:
    reason = str(error)
print(reason[:33])  # 'this front end cannot be streamed'

# --- 10. Back to sound

editing = sg.Frontend(sample_rate, 512, 128, padding=sg.padding.Center())
spectrum = editing.stft(samples)
restored = editing.istft(spectrum, len(samples))
assert abs(restored - samples).max() < 1e-6

bird_alone = np.where(editing.frequencies < 1800, 0, spectrum)
sg.save("bird-alone.wav", editing.istft(bird_alone, len(samples)), sample_rate)

# --- 11. Export to a server or a phone

model.export("tones", format="tf_saved_model", verbose=False)
served = tf.saved_model.load("tones")
assert np.allclose(served.serve(clips[:4]), model.predict(clips[:4], verbose=0), atol=1e-6)
