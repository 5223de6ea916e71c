"""Record what librosa returns for the signals of test_features.py: `python tests/features/record.py`.

It writes recordings.npz next to this file. No code of this project computes the values.
"""

import json
import sys
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import signals  # noqa: E402

RATE = 22050


def clips() -> dict[str, NDArray[np.int16]]:
    """Return the signals: a sweep in noise, and one with silence, a click, an offset and an odd length."""
    eventful = np.concatenate([np.zeros(6000), signals.eventful(17001)])
    return {
        "chirp": signals.chirp(RATE)[:RATE],
        "eventful": np.round(32767 * eventful).astype(np.int16),
    }


def record(y: NDArray[np.float32]) -> dict[str, NDArray[np.floating]]:
    """Return the values of one clip by function, with time as the first axis."""
    feature = librosa.feature
    magnitudes = np.abs(librosa.stft(y, n_fft=512, hop_length=256))
    onsets = librosa.onset.onset_strength(y=y, sr=RATE)
    mel = feature.melspectrogram(y=y, sr=RATE, n_fft=1024, hop_length=256, n_mels=64)
    decibels = librosa.power_to_db(mel)
    chroma = feature.chroma_stft(y=y, sr=RATE, tuning=0.0)
    harmonic, percussive = librosa.decompose.hpss(magnitudes)
    harder, _ = librosa.decompose.hpss(magnitudes, kernel_size=9, power=3.0, margin=2.0)
    plain = {"sr": RATE, "n_fft": 512, "hop_length": 256, "y": y}
    return {
        "spectral_centroid": feature.spectral_centroid(**plain)[0],
        "spectral_bandwidth": feature.spectral_bandwidth(**plain)[0],
        "spectral_bandwidth_1": feature.spectral_bandwidth(**plain, p=1)[0],
        "spectral_bandwidth_3": feature.spectral_bandwidth(**plain, p=3)[0],
        "spectral_rolloff": feature.spectral_rolloff(**plain)[0],
        "spectral_flatness": feature.spectral_flatness(y=y, n_fft=512, hop_length=256)[0],
        "spectral_contrast": feature.spectral_contrast(**plain, n_bands=5).T,
        "zero_crossing_rate": feature.zero_crossing_rate(y)[0],
        "rms": feature.rms(y=y)[0],
        "rms_odd": feature.rms(y=y, frame_length=401, hop_length=160)[0],
        "spectral_flux": librosa.onset.onset_strength(S=decibels, aggregate=np.sum, center=False),
        "onset_strength": onsets,
        "superflux": librosa.onset.onset_strength(S=decibels, lag=2, max_size=3, n_fft=1024, hop_length=256),
        "tempogram": feature.tempogram(onset_envelope=onsets, sr=RATE, win_length=64).T,
        "harmonic": harmonic.T[:, ::4],
        "percussive": percussive.T[:, ::4],
        "harder": harder.T[:, ::4],
        "chroma": chroma.T,
        "tonnetz": feature.tonnetz(chroma=chroma).T,
        "chroma_cens": feature.chroma_cens(C=np.abs(librosa.cqt(y, sr=RATE, tuning=0.0)), tuning=0.0).T,
        "chroma_cqt": feature.chroma_cqt(
            C=np.abs(librosa.cqt(y, sr=RATE, tuning=0.0)), tuning=0.0, norm=None
        ).T,
    }


if __name__ == "__main__":
    arrays = {
        f"{name} of {clip}": np.asarray(values, np.float32)
        for clip, y in clips().items()
        for name, values in record(signals.to_float(y)).items()
    }
    samples = {f"samples of {clip}": y for clip, y in clips().items()}
    meta = json.dumps({"librosa": librosa.__version__, "numpy": np.__version__})
    np.savez_compressed(HERE / "recordings.npz", meta=meta, **samples, **arrays)
