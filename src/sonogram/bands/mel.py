"""Mel bands: triangles equally wide on a scale of pitch.

Source: M. Slaney, "Auditory toolbox", Interval Research 1998-010 (the "slaney" scale and norm);
S. Young et al., "The HTK book" (the "htk" scale).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sonogram.bands.base import Bands, Floats
from sonogram.config import require

__all__ = ["HtkMel", "Mel", "SymmetricMel", "hertz_to_mel", "mel_to_hertz"]

_LINEAR_STEP = 200.0 / 3  # hertz in one mel of the slaney scale, below the break
_BREAK_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27  # natural logarithm of frequency in one mel above it


def hertz_to_mel(hertz: float | Floats, mel_scale: str) -> Floats:
    """Return frequencies on a mel scale.

    Args:
        hertz: Frequencies, hertz.
        mel_scale: "htk", `2595 log10(1 + f / 700)`; or "slaney", linear up to 1 kHz and logarithmic above.

    Returns:
        float64 mel, of the shape of `hertz`.

    Example:
        >>> round(float(hertz_to_mel(1000, "htk"))), round(float(hertz_to_mel(1000, "slaney")))
        (1000, 15)

    See Also:
        mel_to_hertz: the inverse.
    """
    hertz = np.asarray(hertz, dtype=np.float64)
    if mel_scale == "htk":
        return np.asarray(2595.0 * np.log10(1.0 + hertz / 700.0))
    above = np.log(np.maximum(hertz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.asarray(np.minimum(hertz, _BREAK_HZ) / _LINEAR_STEP + above)


def mel_to_hertz(mel: float | Floats, mel_scale: str) -> Floats:
    """Return the frequencies of values on a mel scale.

    Args:
        mel: Values on the mel scale.
        mel_scale: "htk" or "slaney".

    Returns:
        float64 hertz, of the shape of `mel`.

    Example:
        >>> round(float(mel_to_hertz(15, "slaney")))
        1000

    See Also:
        hertz_to_mel: the inverse.
    """
    mel = np.asarray(mel, dtype=np.float64)
    if mel_scale == "htk":
        return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
    corner = _BREAK_HZ / _LINEAR_STEP
    above = np.exp(np.maximum(mel - corner, 0.0) * _LOG_STEP)
    return np.asarray(np.minimum(mel, corner) * _LINEAR_STEP * above)


@dataclass(frozen=True, repr=False)
class Mel(Bands):
    """Triangular filters, equally wide on a mel scale, each from one neighbor's center to the other's.

    Args:
        num_mel_bins: Number of bands. 40 to 80 is usual for speech, 64 to 128 for music and sound
            events. With many bands and a short FFT the lowest ones contain no bin; `frontend.check()`
            reports this.
        lower_hz: Lower edge of the first band, hertz. 20 to 60 leaves out rumble and hum.
        upper_hz: Upper edge of the last band, hertz; None is half the sample rate. Take the bandwidth
            of the worst recordings, so that bands above it do not learn the recording device.
        mel_scale: Formula from hertz to mel. "htk" is logarithmic throughout (HTK, Kaldi, TensorFlow,
            torchaudio), "slaney" linear below 1 kHz (librosa).
        slopes: Axis on which the sides of the triangles are straight. "hertz" (librosa, torchaudio) or
            "mel" (Kaldi, TensorFlow).
        norm: Normalization of the filters. "slaney" divides each by half its width in hertz, so that white
            noise has the same level in all bands (librosa); None leaves each peak at 1.

    Example:
        >>> sg.bands.Mel(4).centers(16000, 512).round()
        array([ 459., 1218., 2475., 4556.])

    See Also:
        Filterbank: any other bank, given by its weights.
    """

    num_mel_bins: int = 80
    lower_hz: float = 0
    upper_hz: float | None = None
    mel_scale: Literal["htk", "slaney"] = "htk"
    slopes: Literal["hertz", "mel"] = "hertz"
    norm: Literal["slaney"] | None = None

    @classmethod
    def slaney(cls, num_mel_bins: int, lower_hz: float = 0, upper_hz: float | None = None) -> Mel:
        """Return bands with Slaney's scale and norm, the defaults of `librosa.filters.mel`.

        Example:
            >>> sg.bands.Mel.slaney(128)
            Mel(num_mel_bins=128, mel_scale='slaney', norm='slaney')
        """
        return cls(num_mel_bins, lower_hz, upper_hz, mel_scale="slaney", norm="slaney")

    def validate(self) -> None:
        require(
            isinstance(self.num_mel_bins, int) and self.num_mel_bins >= 1,
            f"num_mel_bins must be a whole number of at least 1; got {self.num_mel_bins}",
        )
        require(self.lower_hz >= 0, f"lower_hz must not be negative; got {self.lower_hz}")
        require(
            self.upper_hz is None or self.upper_hz > self.lower_hz,
            f"upper_hz must be above lower_hz ({self.lower_hz} Hz); got {self.upper_hz}",
        )

    def num_bands(self, sample_rate: float, fft_length: int) -> int:
        return self.num_mel_bins

    def edges(self, sample_rate: float) -> Floats:
        """Return the corners of the triangles in hertz, `(bands + 2,)`."""
        upper = sample_rate / 2 if self.upper_hz is None else self.upper_hz
        require(
            self.lower_hz < upper <= sample_rate / 2,
            f"mel bands from {self.lower_hz} to {upper} Hz do not fit below half the sample rate, "
            f"{sample_rate / 2} Hz; lower upper_hz or raise the rate",
        )
        low, high = hertz_to_mel(self.lower_hz, self.mel_scale), hertz_to_mel(upper, self.mel_scale)
        return mel_to_hertz(np.linspace(low, high, self.num_mel_bins + 2), self.mel_scale)

    def centers(self, sample_rate: float, fft_length: int) -> Floats:
        return self.edges(sample_rate)[1:-1]

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        edges = self.edges(sample_rate)
        weights = self.triangles(np.arange(fft_length // 2 + 1) * sample_rate / fft_length, edges)
        return weights * (2 / (edges[2:] - edges[:-2])) if self.norm == "slaney" else weights

    def triangles(self, bins: Floats, edges: Floats) -> Floats:
        """Return the weights of the `bins` (hertz) in triangles with these `edges` (hertz)."""
        if self.slopes == "mel":
            bins, edges = hertz_to_mel(bins, self.mel_scale), hertz_to_mel(edges, self.mel_scale)
        width = np.diff(edges)
        rise = (bins[:, None] - edges[:-2]) / width[:-1]
        fall = (edges[2:] - bins[:, None]) / width[1:]
        return np.maximum(0.0, np.minimum(rise, fall))


@dataclass(frozen=True, repr=False)
class HtkMel(Mel):
    """Mel filters without the bins outside HTK's rounded limits.

    The first bin is `int(1.5 + lower_hz / width)` and the last `int(upper_hz / width)`, where
    width is that of a bin. Source: TensorFlow's `Mfcc` operator, HTK's HSigP.
    """

    slopes: Literal["hertz", "mel"] = "mel"

    def matrix(self, sample_rate: float, fft_length: int) -> Floats:
        weights = super().matrix(sample_rate, fft_length).copy()
        width = sample_rate / fft_length
        upper = sample_rate / 2 if self.upper_hz is None else self.upper_hz
        weights[: int(1.5 + self.lower_hz / width)] = 0
        weights[int(upper / width) + 1 :] = 0
        return weights


@dataclass(frozen=True, repr=False)
class SymmetricMel(Mel):
    """Mel filters whose sides both have the width of the left one, in hertz.

    Source: speechbrain.processing.features.Filterbank.
    """

    def triangles(self, bins: Floats, edges: Floats) -> Floats:
        width = np.diff(edges)[:-1]
        return np.maximum(0.0, 1 - np.abs(bins[:, None] - edges[1:-1]) / width)
