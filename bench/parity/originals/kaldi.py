"""Kaldi, through kaldi-native-fbank, which has the same code in C++."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parity.original import original
from parity.originals.libraries import tensor, torchaudio

Floats = NDArray[np.floating]


def _frames(computer: object, samples: Floats, num_columns: int) -> Floats:
    computer.accept_waveform(16000, (samples * 32768).tolist())  # type: ignore[attr-defined]
    computer.input_finished()  # type: ignore[attr-defined]
    frames = [computer.get_frame(i) for i in range(computer.num_frames_ready)]  # type: ignore[attr-defined]
    return np.array(frames, np.float32).reshape(len(frames), num_columns)


def _fbank(samples: Floats, num_bins: int, snip_edges: bool = True) -> Floats:
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = snip_edges
    options.mel_opts.num_bins = num_bins
    return _frames(knf.OnlineFbank(options), samples, num_bins)


@original("kaldi-fbank-23", "kaldi-native-fbank", "OnlineFbank(FbankOptions()), dither 0")
def _fbank_23(samples: Floats) -> Floats:
    return _fbank(samples, 23)


@original("kaldi-fbank-80", "kaldi-native-fbank", "OnlineFbank, num_bins 80, dither 0")
def _fbank_80(samples: Floats) -> Floats:
    return _fbank(samples, 80)


@original(
    "kaldi-fbank-80-nosnip", "kaldi-native-fbank", "OnlineFbank, num_bins 80, snip_edges false, dither 0"
)
def _fbank_80_nosnip(samples: Floats) -> Floats:
    return _fbank(samples, 80, snip_edges=False)


@original("kaldi-mfcc-13", "kaldi-native-fbank", "OnlineMfcc(MfccOptions()), dither 0")
def _mfcc_13(samples: Floats) -> Floats:
    import kaldi_native_fbank as knf

    options = knf.MfccOptions()
    options.frame_opts.dither = 0
    return _frames(knf.OnlineMfcc(options), samples, 13)


@original(
    "kaldi-mfcc-40", "kaldi-native-fbank", "OnlineMfcc, 40 of 40 bands, 20 to 7600 Hz, no energy, dither 0"
)
def _mfcc_40(samples: Floats) -> Floats:
    import kaldi_native_fbank as knf

    options = knf.MfccOptions()
    options.frame_opts.dither = 0
    options.num_ceps = 40
    options.use_energy = False
    options.mel_opts.num_bins = 40
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = -400
    return _frames(knf.OnlineMfcc(options), samples, 40)


@original(
    "kaldi-mfcc-39", "kaldi-native-fbank torchaudio torch", "OnlineMfcc, functional.compute_deltas twice"
)
def _mfcc_39(samples: Floats) -> Floats:
    deltas = torchaudio().functional.compute_deltas
    parts = [tensor(_mfcc_13(samples)).T]
    for _ in range(2):
        parts.append(deltas(parts[-1]))
    return np.vstack([part.numpy() for part in parts]).T


@original(
    "kaldi-mfcc-13-sliding",
    "kaldi-native-fbank torchaudio torch",
    "OnlineMfcc, functional.sliding_window_cmn(cmn_window=60, min_cmn_window=10)",
)
def _mfcc_13_sliding(samples: Floats) -> Floats:
    slide = torchaudio().functional.sliding_window_cmn
    return slide(tensor(_mfcc_13(samples)), cmn_window=60, min_cmn_window=10).numpy().reshape(-1, 13)


def torch_fbank(samples: Floats) -> Floats:
    """Return the filter bank of torchaudio with a Hamming window, as WeSpeaker and FunASR call it."""
    return (
        torchaudio()
        .compliance.kaldi.fbank(
            tensor(samples * np.float32(32768))[None], num_mel_bins=80, window_type="hamming", dither=0.0
        )
        .numpy()
    )


@original("wespeaker", "torchaudio torch", "compliance.kaldi.fbank, minus the mean of each band", recipe=True)
def _wespeaker(samples: Floats) -> Floats:
    features = torch_fbank(samples)
    return features - features.mean(axis=0)


@original(
    "funasr-paraformer",
    "torchaudio torch",
    "compliance.kaldi.fbank, low frame rate of 7 frames every 6",
    recipe=True,
)
def _funasr(samples: Floats) -> Floats:
    features = torch_fbank(samples)
    count = -(-len(features) // 6)
    rows = [
        features[np.clip(np.arange(6 * row - 3, 6 * row + 4), 0, len(features) - 1)] for row in range(count)
    ]
    return np.reshape(rows, (count, 560))
