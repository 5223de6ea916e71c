"""Published networks as frozen parts of models: samples in, vectors of a clip out, a linear head on top."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import CARDS, Card, JoinedCard, card
from sonogram.bands import Mel
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers import FillPatches, PartMeans, Patches, Scores, Spectrogram, SplitMask
from sonogram.layers.patches import WholePatches
from sonogram.layers.trimming import TrimAndNormalize
from sonogram.models import file_backbone, musicnn, speech_embedding, yamnet
from sonogram.models.inputs import sample_inputs
from sonogram.presets import preset

__all__ = [
    "HEADS",
    "SPEECH_FRONTEND",
    "VERSION",
    "classifier",
    "head_logits",
    "heads_of",
    "model_name",
    "untrained_classifier",
    "vector_model",
    "zero_heads",
]

_SUMMARY = "log_mel"
"""Name of the summary of a sound."""
_SOUNDS: Mapping[str, tuple[str, ...]] = {
    "embedding": ("embedding",),
    "embedding and log-mel": ("embedding", _SUMMARY),
    "log-mel": (_SUMMARY,),
}
HEADS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "musicnn": _SOUNDS,
    "speech-embedding": {"embedding": ("embedding",)},
    "yamnet": {**_SOUNDS, "classes": ("classes",)},
}
"""Heads to choose from for each backbone, with the vectors that each takes."""
SPEECH_FRONTEND = preset("yamnet").replace(bands=Mel(32, 60, 3800, slopes="mel"))
"""Features of the speech embedding: those of YAMNet with half as many bands, up to 3.8 kHz."""
_ONE_HEAD: Mapping[str, tuple[str, ...]] = {"embedding": ("embedding",)}
_MARGIN = 0.25
"""Silence on both sides of a word, seconds. The speech embedding was trained on words between silences."""
_TRIM_MARGIN = 0.03
"""Sound to keep around a trimmed clip, seconds: quiet consonants are below the level of the trimming."""
_PARTS = 8
"""Parts of a clip whose means keep the order of time."""
_SUMMARIZED = preset("panns-16k")
"""Features of the summary of a sound. They begin at 50 Hz, those of YAMNet at 125 Hz: drums differ there."""
_RANGE_DB = 80.0
"""Values this far below the peak of the clip are raised to that limit."""
_ONSET = 3
"""Frames at the beginning of a clip whose mean is the onset: 50 ms of sound."""
_BELOW_ALL = 1e4
"""Subtracted from features in the padding, dB, so that none is the highest."""
_SMALLEST_SCORE = 1e-4
"""Added to scores before the logarithm: what is below is noise."""
VERSION = 2
"""Version of the vectors, which are kept on disk. Increase it with each change of their numbers."""


def heads_of(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the heads to choose from for a backbone, or for several, with the vectors that each takes.

    Several have heads on all embeddings together, and those of each backbone.
    """
    names = name.split("+")
    if len(names) == 1 or not {*names} <= {each.name for each in CARDS}:
        return HEADS.get(name, _ONE_HEAD)
    together = tuple(_of(each, "embedding") for each in names)
    found = {"embeddings": together}
    for each in names:
        for head, parts in HEADS.get(each, _ONE_HEAD).items():
            taken = tuple(_of(each, part) for part in parts)
            found[head if taken == (_SUMMARY,) else f"{head} of {each}"] = taken
            if taken == (_SUMMARY,):
                found["embeddings and log-mel"] = (*together, _SUMMARY)
    return found


def _of(name: str, part: str) -> str:
    """Return the name of a vector of one of several backbones; the summary is the same for all."""
    return part if part == _SUMMARY else f"{part} of {name}"


def vector_model(card: Card, factor: int = 1) -> keras.Model:
    """Build the frozen part of a model: `[samples, lengths]` in, a vector of each kind for each clip out.

    A clip is trimmed and divided by its peak, so that silence and level, which differ between recordings, do
    not enter. A clip that is shorter than the window of the backbone is repeated for sounds, and gets silence
    on both sides for words.

    Args:
        card: The backbone.
        factor: Sample rate of the model, as a multiple of the card's: windows of as many times the samples
            have the same bins below half the card's rate.

    Returns:
        A model with the inputs "samples" and "lengths". The outputs are a dictionary from the names in
        `HEADS` to float32 `(batch, values)`.

    Raises:
        SonogramError: The weights are not installed, or the network takes samples at one rate only.

    See Also:
        `classifier`, which adds the head.
    """
    if isinstance(card, JoinedCard):
        return _joined(card, factor)
    make = _MAKERS.get(card.name)
    if make is None:
        if factor != 1:
            raise SonogramError(
                f"{card.name} takes samples at {card.sample_rate} Hz, and the other network needs "
                f"{factor * card.sample_rate} Hz. Train them one by one"
            )
        return _whole(card)
    model = make.build(make.read(card.path()), factor)
    model.trainable = False
    return model


def classifier(
    vectors: keras.Model,
    heads: Mapping[str, Sequence[NDArray[np.floating]]],
    scores: Scores,
    name: str,
) -> keras.Model:
    """Build a classifier of clips: the frozen part, linear heads, and the mean of their probabilities.

    Args:
        vectors: Result of `vector_model`.
        heads: Coefficients `(values, labels)` and constants `(labels,)` of each head, by its name in `HEADS`.
        scores: The last layer.
        name: Name of the backbone.

    Returns:
        A Keras model with the inputs "samples" and "lengths", as from `models.build`.
    """
    logits = head_logits(vectors.output, heads, name)
    outputs = scores(logits if len(logits) > 1 else logits[0])
    return keras.Model(vectors.inputs, outputs, name=model_name(name))


def model_name(name: str) -> str:
    """Return the name of a backbone as that of a model: of a file, it has characters that Keras refuses."""
    return re.sub(r"[^A-Za-z0-9-]+", "_", name).strip("_")


def head_logits(
    vectors: Mapping[str, Any], heads: Mapping[str, Sequence[NDArray[np.floating]]], name: str
) -> list[Any]:
    """Return the logits of each head, `(batch, labels)`.

    Args:
        vectors: Outputs of `vector_model`.
        heads: Coefficients and constants, as for `classifier`.
        name: Name of the backbone.
    """
    logits = []
    for number, (head, (kernel, bias)) in enumerate(heads.items()):
        parts = [vectors[part] for part in heads_of(name)[head]]
        x = parts[0] if len(parts) == 1 else keras.layers.Concatenate()(parts)
        layer = keras.layers.Dense(len(bias), name=f"logits_{number}", dtype="float32")
        logits.append(layer(x))
        layer.set_weights([np.asarray(value, np.float32) for value in (kernel, bias)])
    return logits


def zero_heads(vectors: keras.Model, name: str, labels: int) -> Mapping[str, Any]:
    """Return all heads of a backbone with coefficients 0, to try an export."""
    sizes = {part: output.shape[-1] for part, output in vectors.output.items()}
    return {
        head: [np.zeros((sum(sizes[part] for part in parts), labels)), np.zeros(labels)]
        for head, parts in heads_of(name).items()
    }


def untrained_classifier(name: str, labels: Sequence[str]) -> keras.Model:
    """Build a classifier with all heads of a backbone, and coefficients 0, to try an export.

    Args:
        name: Name of the backbone.
        labels: Labels of the outputs.
    """
    vectors = vector_model(card(name))
    heads = zero_heads(vectors, name, len(labels))
    return classifier(vectors, heads, Scores(labels, name="scores"), name)


def _joined(card: JoinedCard, factor: int) -> keras.Model:
    """Build the frozen part of several backbones: the vectors of each, from the same samples."""
    samples, lengths = sample_inputs()
    outputs: dict[str, Any] = {}
    for part in card.parts:
        found = vector_model(part, factor=factor)([samples, lengths])
        outputs |= {_of(part.name, key): value for key, value in found.items()}
    model = keras.Model([samples, lengths], outputs)
    model.trainable = False
    return model


def _prepared(frontend: Frontend) -> tuple[Any, Any, list[Any]]:
    """Return the inputs, samples and lengths, and both after trimming."""
    return _trimmed(frontend.sample_rate, frontend.frame_length + 2 * frontend.frame_step)


def _trimmed(sample_rate: float, pad: int = 0) -> tuple[Any, Any, list[Any]]:
    samples, lengths = sample_inputs()
    trim = TrimAndNormalize(sample_rate, pad=pad, margin=_TRIM_MARGIN)
    return samples, lengths, list(trim([samples, lengths]))


def _whole(card: Card) -> keras.Model:
    """Build the frozen part around a file with a whole network, which takes windows of samples."""
    network, length = file_backbone.network(card)
    step = -(-length // 2)
    samples, lengths, trimmed = _trimmed(card.sample_rate, pad=1)
    filled, ends = FillPatches(2 * step, step, repeat=True)(trimmed)
    windows = keras.Input((2 * step, 1))
    patch = keras.Model(
        windows, network(keras.ops.reshape(windows, (-1, 2 * step))[:, :length]), name="window"
    )
    embeddings = Patches(patch, step, name="patches")(keras.ops.expand_dims(filled, -1))
    whole = WholePatches(2 * step, step)([embeddings, ends])
    return keras.Model([samples, lengths], {"embedding": PartMeans(1)([embeddings, whole])})


def _at_rate(frontend: Frontend, factor: int) -> Frontend:
    """Return a front end for a multiple of its sample rate: the same times and the same bins of frequency."""
    if factor == 1:
        return frontend
    sizes = {name: factor * getattr(frontend, name) for name in ("frame_length", "frame_step", "fft_length")}
    return frontend.replace(sample_rate=factor * frontend.sample_rate, **sizes)


def _spectrogram(frontend: Frontend, samples: Any, factor: int) -> Any:
    """Return the features of `[samples, lengths]`, with their mask."""
    if factor > 1:  # magnitudes are sums over the samples of a window
        samples = [samples[0] / factor, samples[1]]
    return Spectrogram(frontend)(list(samples))


def _musicnn(weights: Sequence[NDArray[np.float32]], factor: int) -> keras.Model:
    frontend = preset("musicnn")
    frontend = frontend.replace(bands=Mel.slaney(musicnn.BANDS, 0, frontend.sample_rate / 2))
    frontend = _at_rate(frontend, factor)
    samples, lengths, trimmed = _prepared(frontend)
    # Frames are centered: the first one begins before the clip, and the last one ends after it.
    length = (2 * musicnn.STEP - 1) * frontend.frame_step
    filled = FillPatches(length, musicnn.STEP * frontend.frame_step, repeat=True)(trimmed)
    features, valid = SplitMask()(_spectrogram(frontend, filled, factor))
    network = musicnn.network()
    embeddings = Patches(network, musicnn.STEP, name="patches")(features)
    network.set_weights(list(weights))
    whole = valid[:, 2 * musicnn.STEP - 1 :: musicnn.STEP]
    summarized = SplitMask()(_spectrogram(_at_rate(_SUMMARIZED, factor), trimmed, factor))
    outputs = {"embedding": PartMeans(1)([embeddings, whole]), _SUMMARY: _summary(*summarized)}
    return keras.Model([samples, lengths], outputs)


def _yamnet(weights: Sequence[NDArray[np.float32]], factor: int) -> keras.Model:
    frontend = _at_rate(preset("yamnet"), factor)
    samples, lengths, trimmed = _prepared(frontend)
    length, step = _patch(frontend, 2 * yamnet.STEP, yamnet.STEP)
    filled = FillPatches(length, step, repeat=True)(trimmed)
    features, valid = SplitMask()(_spectrogram(frontend, filled, factor))
    network, classes = yamnet.network(), yamnet.class_layer()
    embeddings = Patches(network, yamnet.STEP, name="patches")(features)
    # The sigmoid in ONNX has an absolute error of 1e-7, which the logarithm would enlarge. The quotient has
    # a relative one.
    found = 1.0 / (1.0 + keras.ops.exp(-classes(embeddings)))
    network.set_weights(list(weights[:-2]))
    classes.set_weights(list(weights[-2:]))
    whole = valid[:, 2 * yamnet.STEP - 1 :: yamnet.STEP]
    summarized = SplitMask()(_spectrogram(_at_rate(_SUMMARIZED, factor), trimmed, factor))
    outputs = {
        "embedding": PartMeans(1)([embeddings, whole]),
        "classes": keras.ops.log(PartMeans(1)([found, whole]) + _SMALLEST_SCORE),
        _SUMMARY: _summary(*summarized),
    }
    return keras.Model([samples, lengths], outputs)


def _summary(features: Any, valid: Any) -> Any:
    """Return what describes a short sound, `(batch, 11 * bands + 1)`.

    They are the means of eight parts of the clip, the standard deviation, the highest value and the onset of
    each band, and the logarithm of the number of frames.

    Args:
        features: `(batch, frames, bands)` in dB.
        valid: 1 in valid frames, 0 in padding, `(batch, frames)`.
    """
    ops = keras.ops
    below = _BELOW_ALL * (1.0 - ops.expand_dims(valid, -1))
    limit = ops.max(features - below, axis=(1, 2), keepdims=True) - _RANGE_DB
    features = ops.maximum(features, limit)
    centered = features - ops.expand_dims(PartMeans(1)([features, valid]), 1)
    deviation = ops.sqrt(PartMeans(1)([centered * centered, valid]))
    highest = ops.max(features - below, axis=1)
    onset = PartMeans(1)([features[:, :_ONSET], valid[:, :_ONSET]])
    frames = ops.log(ops.maximum(ops.sum(valid, axis=1, keepdims=True), 1.0))
    parts = PartMeans(_PARTS)([features, valid])
    return ops.concatenate([parts, deviation, highest, onset, frames], axis=-1)


def _speech_embedding(weights: Sequence[NDArray[np.float32]], factor: int) -> keras.Model:
    frontend = _at_rate(SPEECH_FRONTEND, factor)
    samples, lengths, trimmed = _prepared(frontend)
    length, step = _patch(frontend, speech_embedding.FRAMES, speech_embedding.STEP)
    margin = round(_MARGIN * frontend.sample_rate)
    filled = FillPatches(length, step, margin=margin)(trimmed)
    features, valid = SplitMask()(_spectrogram(frontend, filled, factor))
    network = speech_embedding.network()
    network.set_weights(list(weights))
    whole = valid[:, speech_embedding.FRAMES - 1 :: speech_embedding.STEP]
    return keras.Model([samples, lengths], {"embedding": PartMeans(_PARTS)([network(features), whole])})


def _patch(frontend: Frontend, frames: int, step: int) -> tuple[int, int]:
    """Return length and distance in samples of patches of so many frames, so many frames apart."""
    return frontend.frame_length + (frames - 1) * frontend.frame_step, step * frontend.frame_step


@dataclass(frozen=True)
class _Maker:
    """How one backbone becomes a model."""

    read: Callable[[Any], Sequence[NDArray[np.float32]]]
    build: Callable[[Sequence[NDArray[np.float32]], int], keras.Model]


_MAKERS = {
    "musicnn": _Maker(musicnn.read_weights, _musicnn),
    "speech-embedding": _Maker(speech_embedding.read_weights, _speech_embedding),
    "yamnet": _Maker(yamnet.read_weights, _yamnet),
}
