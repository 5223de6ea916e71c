"""The definitions that the benchmarks use."""

from __future__ import annotations

import sonogram as sg

__all__ = ["LOG_MEL", "TUTORIAL"]


def _log_mel(sample_rate: int, fft_length: int, frame_step: int, num_mel_bins: int) -> sg.Frontend:
    return sg.Frontend(
        sample_rate,
        fft_length,
        frame_step,
        fft_length,
        padding=sg.padding.Center(),
        window=sg.windows.Hann(),
        spectrum=sg.spectrum.Power(),
        bands=sg.bands.Mel(num_mel_bins, mel_scale="slaney", norm="slaney"),
        scaling=sg.scaling.Log(floor=1e-10),
    )


LOG_MEL = {
    "400/160/80": _log_mel(16000, 400, 160, 80),
    "1024/256/80": _log_mel(22050, 1024, 256, 80),
    "2048/512/128": _log_mel(22050, 2048, 512, 128),
}
"""FFT length / step / bands: log mel power, Hann, centered and mirrored."""

TUTORIAL = sg.Frontend(16000, 1024, 256, 1024)
"""The magnitude of `tf.signal.stft(x, 1024, 256)`."""
