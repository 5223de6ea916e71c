"""Front ends of models of speakers, speech quality and noise suppression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parity.original import original
from parity.originals.libraries import librosa_mel, mel_module, tensor

Floats = NDArray[np.floating]


@original(
    "deepfilternet", "deepfilterlib", "libdf.erb_norm(erb(DF(48000, 960, 480, 32, 2).analysis(x)), 0.99)"
)
def _deepfilternet(samples: Floats) -> Floats:
    import libdf

    state = libdf.DF(sr=48000, fft_size=960, hop_size=480, nb_bands=32, min_nb_erb_freqs=2)
    bands = libdf.erb(state.analysis(np.ascontiguousarray(samples)[None]), state.erb_widths(), True)
    return np.asarray(libdf.erb_norm(np.ascontiguousarray(bands), 0.99))[0]


@original("resemblyzer", "librosa", "melspectrogram with Resemblyzer's arguments", recipe=True)
def _resemblyzer(samples: Floats) -> Floats:
    return librosa_mel(samples, 16000, n_fft=400, hop_length=160, n_mels=40).T


@original("nisqa", "librosa", "melspectrogram and amplitude_to_db with NISQA's arguments", recipe=True)
def _nisqa(samples: Floats) -> Floats:
    import librosa

    mel = librosa_mel(
        samples,
        48000,
        n_fft=4096,
        hop_length=480,
        win_length=960,
        pad_mode="reflect",
        power=1,
        n_mels=48,
        fmax=20000,
    )
    return librosa.amplitude_to_db(mel, ref=1.0, amin=1e-4, top_db=80).T


@original("dnsmos-p808", "librosa", "melspectrogram and power_to_db with DNSMOS's arguments", recipe=True)
def _dnsmos(samples: Floats) -> Floats:
    import librosa

    mel = librosa_mel(samples, 16000, n_fft=321, hop_length=160, n_mels=120)
    return (librosa.power_to_db(mel, ref=np.max).T + 40) / 40


@original(
    "voxceleb-trainer", "torchaudio torch", "MelSpectrogram and InstanceNorm1d as the trainer", recipe=True
)
def _voxceleb(samples: Floats) -> Floats:
    import torch

    if len(samples) < 2:
        raise ValueError("there is no second sample before the first one")
    padded = tensor(np.append(samples[1:2], samples))
    options = (
        ("n_fft", 512),
        ("win_length", 400),
        ("hop_length", 160),
        ("n_mels", 64),
        ("window_fn", torch.hamming_window),
    )
    log_mel = (mel_module(16000, options)(padded[1:] - 0.97 * padded[:-1]) + 1e-6).log()
    return torch.nn.InstanceNorm1d(64)(log_mel[None])[0].numpy().T
