"""The methods that the benchmark measures: sonogram, and the nearest call of each other library.

A method whose definition differs has the definition that it computes, and its error is relative to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
from ours import Floats, Method, ours

import sonogram as sg

__all__ = ["PACKAGES", "gradient", "limit_threads", "methods", "training_steps"]

PACKAGES = (
    "numpy",
    "scipy",
    "librosa",
    "torch",
    "torchaudio",
    "kaldi-native-fbank",
    "asrfront",
    "specux",
    "audioflux",
    "tensorflow-cpu",
    "keras",
    "pyfftw",
)


def limit_threads(count: int) -> None:
    """Let every installed library use `count` threads. Call it before any of them runs."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for name, setter in (("torch", "set_num_threads"), ("specux", "set_num_threads")):
        try:
            getattr(import_module(name), setter)(count)
        except ImportError:
            continue


def methods(frontend: sg.Frontend, threads: int, own: sg.Frontend | None = None) -> Iterator[Method]:
    """Yield the methods of all installed libraries that can compute such a definition.

    Args:
        frontend: the definition.
        threads: number of threads that they use.
        own: what sonogram computes, if given.
    """
    yield from ours(own or frontend)
    peers = (
        _asrfront,
        _specux,
        _kaldi,
        _librosa,
        _torchaudio,
        _audioflux,
        _tensorflow,
        _keras,
        _scipy,
        _fftw,
    )
    for find in peers:
        try:
            yield from find(frontend, threads)
        except ImportError:
            continue


def training_steps(frontend: sg.Frontend) -> Iterator[Method]:
    """Yield the forward and backward passes of what TensorFlow can train through."""
    import tensorflow as tf

    for find in (ours, lambda each: _tensorflow(each, 1), lambda each: _keras(each, 1)):
        for method in find(frontend):
            if hasattr(method.call, "get_concrete_function"):  # a tf.function
                yield replace(method, call=tf.function(gradient(method.call)))


def gradient(features: Any) -> Any:
    """Return the function that computes the gradient of the features' sum with respect to the samples."""
    import tensorflow as tf

    def step(samples: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(samples)
            total = tf.reduce_sum(features(samples))
        return tape.gradient(total, samples)

    return step


def _transposed(result: Any) -> Floats:
    return np.asarray(result).T


def _is_log_mel(frontend: sg.Frontend) -> bool:
    return isinstance(frontend.bands, sg.bands.Mel)


def _asrfront(frontend: sg.Frontend, threads: int) -> Iterator[Method]:
    asrfront = import_module("asrfront")
    if not _is_log_mel(frontend) or (frontend.fft_length, frontend.frame_step) != (400, 160):
        return
    whisper = sg.preset("whisper-80")
    if threads == 1:
        call = lambda samples: asrfront.whisper.log_mel(samples, 80, pad_or_trim=False)  # noqa: E731
    else:  # it uses threads for batches only
        call = lambda clips: asrfront.whisper.log_mel_batch(  # noqa: E731
            clips, 80, pad_or_trim=False, n_threads=threads
        )
    yield Method(
        "asrfront (whisper-80)" if threads == 1 else "asrfront (whisper-80, halves)",
        np.asarray if threads == 1 else lambda samples: np.array_split(samples, threads),
        call,
        _transposed if threads == 1 else lambda parts: np.concatenate([part.T for part in parts]),
        whisper,
    )


def _specux(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    specux = import_module("specux")
    if _is_log_mel(frontend):
        decibels = replace(frontend, scaling=sg.scaling.Log(base=10, floor=None, offset=1e-10, multiplier=10))

        def call(samples: Floats) -> Any:
            return specux.feature.melspectrogram(
                samples,
                sr=frontend.sample_rate,
                n_fft=frontend.fft_length,
                hop_length=frontend.frame_step,
                n_mels=frontend.num_bands,
                output="db",
            )

        yield Method("specux", np.asarray, call, _transposed, decibels)
        return
    yield Method(
        "specux",
        np.asarray,
        lambda samples: specux.stft(
            samples,
            n_fft=frontend.fft_length,
            hop_length=frontend.frame_step,
            center=False,
            output="magnitude",
        ),
        _transposed,
        frontend,
    )


def _kaldi(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    kaldi = import_module("kaldi_native_fbank")
    if not _is_log_mel(frontend) or (frontend.fft_length, frontend.frame_step) != (400, 160):
        return
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80

    def call(samples: Any) -> list[Floats]:
        computer = kaldi.OnlineFbank(options)
        computer.accept_waveform(16000, samples)
        computer.input_finished()
        return [computer.get_frame(index) for index in range(computer.num_frames_ready)]

    yield Method(
        "kaldi-native-fbank (kaldi-fbank-80)",
        lambda samples: (samples * 32768).tolist(),
        call,
        np.asarray,
        sg.preset("kaldi-fbank-80"),
    )


def _librosa(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    librosa = import_module("librosa")
    settings = {"n_fft": frontend.fft_length, "hop_length": frontend.frame_step}
    if not _is_log_mel(frontend):
        yield Method(
            "librosa",
            np.asarray,
            lambda samples: np.abs(librosa.stft(samples, center=False, **settings)),
            _transposed,
            frontend,
        )
        return

    def call(samples: Floats) -> Floats:
        power = librosa.feature.melspectrogram(
            y=samples, sr=frontend.sample_rate, n_mels=frontend.num_bands, pad_mode="reflect", **settings
        )
        return np.log(np.maximum(power, 1e-10))

    yield Method("librosa", np.asarray, call, _transposed, frontend)


def _torchaudio(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    from parity.originals.libraries import torchaudio

    torch, transforms = import_module("torch"), torchaudio().transforms
    settings = {"n_fft": frontend.fft_length, "hop_length": frontend.frame_step}
    if _is_log_mel(frontend):
        mel = transforms.MelSpectrogram(
            int(frontend.sample_rate),
            n_mels=frontend.num_bands,
            norm="slaney",
            mel_scale="slaney",
            **settings,
        )
        call = lambda samples: torch.log(torch.clamp(mel(samples), min=1e-10))  # noqa: E731
    else:
        call = transforms.Spectrogram(power=1, center=False, **settings)

    def without_gradient(samples: Any) -> Any:
        with torch.inference_mode():
            return call(samples)

    yield Method("torchaudio", torch.from_numpy, without_gradient, _transposed, frontend)


def _audioflux(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    audioflux = import_module("audioflux")
    exponent = int(frontend.fft_length).bit_length() - 1
    if frontend.fft_length != 2**exponent:
        return  # powers of two only
    mel = _is_log_mel(frontend)
    kinds = audioflux.type
    transform = audioflux.BFT(
        num=frontend.num_bands,
        radix2_exp=exponent,
        samplate=int(frontend.sample_rate),
        low_fre=0.0 if mel else None,
        high_fre=frontend.sample_rate / 2 if mel else None,
        slide_length=frontend.frame_step,
        scale_type=getattr(kinds.SpectralFilterBankScaleType, "MEL" if mel else "LINEAR"),
        normal_type=kinds.SpectralFilterBankNormalType.NONE,
        data_type=getattr(kinds.SpectralDataType, "POWER" if mel else "MAG"),
    )
    if not mel:
        yield Method(
            "audioflux",
            np.asarray,
            lambda samples: transform.bft(samples, result_type=1),
            _transposed,
            frontend,
        )
        return
    bands = sg.bands.Mel(frontend.num_bands, mel_scale="htk")
    yield Method(
        "audioflux (HTK mel)",
        np.asarray,
        lambda samples: np.log(np.maximum(transform.bft(samples, result_type=1), 1e-10)),
        _transposed,
        replace(frontend, padding=sg.padding.Valid(), bands=bands),
    )


def _tensorflow(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    import tensorflow as tf

    settings = (frontend.frame_length, frontend.frame_step, frontend.fft_length)
    if not _is_log_mel(frontend):
        computed = frontend

        def features(samples: Any) -> Any:
            return tf.abs(tf.signal.stft(samples, *settings))
    else:
        half = frontend.fft_length // 2
        computed = replace(
            frontend, bands=sg.bands.Mel(frontend.num_bands, mel_scale="htk", lower_hz=20.0, slopes="mel")
        )
        weights = tf.signal.linear_to_mel_weight_matrix(
            frontend.num_bands,
            half + 1,
            frontend.sample_rate,
            20.0,
            frontend.sample_rate / 2,
        )

        def features(samples: Any) -> Any:
            samples = tf.pad(samples, [[half, half]], "REFLECT")
            power = tf.square(tf.abs(tf.signal.stft(samples, *settings)))
            return tf.math.log(tf.maximum(power @ weights, 1e-10))

    note = "" if computed is frontend else " (HTK mel)"
    yield Method(f"tf.signal{note}", tf.constant, tf.function(features), np.asarray, computed)
    compiled = tf.function(features, jit_compile=True)
    yield Method(f"tf.signal, XLA{note}", tf.constant, compiled, np.asarray, computed)


def _keras(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    import keras
    import tensorflow as tf

    sizes: dict[str, Any] = {
        "sample_rate": frontend.sample_rate,
        "frame_length": frontend.frame_length,
        "frame_step": frontend.frame_step,
        "fft_length": frontend.fft_length,
    }
    if _is_log_mel(frontend):
        name = "keras MelSpectrogram (HTK mel, decibels)"
        layer = keras.layers.MelSpectrogram(
            fft_length=frontend.fft_length,
            sequence_stride=frontend.frame_step,
            sampling_rate=int(frontend.sample_rate),
            num_mel_bins=frontend.num_bands,
            min_freq=20,
            max_freq=frontend.sample_rate / 2,
        )
        array = _transposed
        computed = replace(
            sg.preset("keras-melspectrogram"),
            **sizes,
            bands=sg.bands.Mel(
                frontend.num_bands, lower_hz=20, upper_hz=frontend.sample_rate / 2, slopes="mel"
            ),
        )
    else:
        name = "keras STFTSpectrogram"
        layer = keras.layers.STFTSpectrogram(
            mode="magnitude",
            frame_length=frontend.frame_length,
            frame_step=frontend.frame_step,
            fft_length=frontend.fft_length,
        )
        array, layer = np.asarray, _one(layer)
        computed = replace(sg.preset("keras-stft-magnitude"), **sizes)
    yield Method(name, tf.constant, tf.function(layer), array, computed)


def _one(layer: Any) -> Callable[[Any], Any]:
    return lambda samples: layer(samples[None, :, None])[0]


def _scipy(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    import scipy.fft

    window = frontend.window.weights(frontend.frame_length).astype(np.float32)
    size, step = frontend.fft_length, frontend.frame_step
    mel = _is_log_mel(frontend)
    weights = frontend.bands.matrix(frontend.sample_rate, size).astype(np.float32) if mel else None

    def call(samples: Floats) -> Floats:
        if mel:
            samples = np.pad(samples, size // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::step]
        blocks = []
        for first in range(0, len(frames), 256):  # a block that stays in cache
            bins = scipy.fft.rfft(frames[first : first + 256] * window)
            power = bins.real**2 + bins.imag**2
            blocks.append(np.sqrt(power) if weights is None else np.log(np.maximum(power @ weights, 1e-10)))
        return np.concatenate(blocks)

    yield Method("scipy.fft in blocks", np.asarray, call, np.asarray, frontend)


def _fftw(frontend: sg.Frontend, _: int) -> Iterator[Method]:
    pyfftw = import_module("pyfftw")
    size, block = frontend.fft_length, 32  # frames that stay in the first cache
    frames = pyfftw.zeros_aligned((block, size), "float32")
    bins = pyfftw.empty_aligned((block, size // 2 + 1), "complex64")
    plan = pyfftw.FFTW(frames, bins, flags=("FFTW_PATIENT",), threads=1)

    def call(samples: Floats) -> Floats:
        for _ in range(-(-frontend.num_frames(len(samples)) // block)):
            plan.execute()
        return bins

    yield Method("FFTW, the transform alone (limit)", np.asarray, call, np.asarray, frontend)
