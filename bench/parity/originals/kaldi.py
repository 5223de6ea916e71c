"""Kaldi, through kaldi-native-fbank, which has the same code in C++."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parity.original import original

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
