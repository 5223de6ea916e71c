"""Spectrograms for the eye: reassigned, which sharpens lines, and multitaper, which smooths noise.

Both take the frames of a definition and return magnitudes of its shape. No model is trained on them: the
first moves energy between frames, the second needs several transforms.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.matrix import Matrix
from sonogram.windows import CustomWindow

__all__ = ["Reassignment", "check_bins", "multitaper", "reassigned", "reassignment", "slepian_tapers"]

Floats = NDArray[np.float64]

_BANDWIDTH = 3.0
"""Half the width of a taper's main lobe, in bins of a transform as long as the frame."""
_TAPERS = 5
"""Number of tapers: 2 * bandwidth - 1 concentrate their energy in the main lobe."""
_DEGREES = 60  # polynomials in which the tapers are expanded: far more than their few oscillations need
_MAX_CELLS = 1 << 24  # frames times bins: about 1 GiB while they are computed
_QUIET = 1e-6  # share of the largest magnitude below which the place of a cell is rounding noise


class Reassignment(NamedTuple):
    """Where the energy of each cell of a spectrogram lies, all `(frames, bins)`."""

    times: Floats
    """Seconds."""
    frequencies: Floats
    """Hertz."""
    magnitudes: NDArray[np.float32]


def reassigned(samples: Any, frontend: Frontend) -> NDArray[np.float32]:
    """Return a spectrogram whose energy is moved to where it lies: lines and clicks become sharp.

    A window blurs a tone over frequencies and a click over time. The phases state from where the energy came.
    Where several sounds overlap within a window, that place belongs to none of them.

    Args:
        samples: `(samples,)`.
        frontend: Front end without bands and scaling; the result has its frames and bins.

    Returns:
        float32 magnitudes, `(frames, bins)`: the root of the energy that was moved to each cell. Most are 0.

    Raises:
        SonogramError: The front end has bands, or values that are no magnitudes or powers.

    Example:
        >>> frontend = sg.picture.viewing_frontend(16000, 16000)
        >>> tone = np.sin(2 * np.pi * 1000 / 16000 * np.arange(16000))
        >>> sharp, plain = sg.picture.reassigned(tone, frontend), frontend(tone)
        >>> [int((each[200] > 0.1 * each[200].max()).sum()) for each in (plain, sharp)]
        [13, 1]

    See Also:
        `sonogram.show(..., reassigned=True)`; `multitaper`.

    Source:
        F. Auger and P. Flandrin, "Improving the readability of time-frequency and time-scale representations
        by the reassignment method", IEEE Trans. Signal Processing 43 (1995).
    """
    found = reassignment(samples, frontend)
    frames, bins = found.magnitudes.shape
    if not frames:
        return found.magnitudes
    first = float(frontend.times(1)[0])
    rows = np.rint((found.times - first) / (frontend.frame_step / frontend.sample_rate))
    columns = np.rint(found.frequencies / (frontend.sample_rate / frontend.fft_size))
    inside = (rows >= 0) & (rows < frames) & (columns >= 0) & (columns < bins)  # false for NaN
    cells = rows[inside].astype(np.int64) * bins + columns[inside].astype(np.int64)
    energy = np.bincount(cells, found.magnitudes[inside].astype(np.float64) ** 2, frames * bins)
    return np.sqrt(energy).astype(np.float32).reshape(frames, bins)


def reassignment(samples: Any, frontend: Frontend) -> Reassignment:
    """Return where the energy of each cell lies: the center of gravity of what the window saw there.

    Args:
        samples: `(samples,)`.
        frontend: Front end without bands and scaling.

    Returns:
        Times, frequencies and magnitudes. Times and frequencies are NaN in cells of less than a millionth of
        the largest magnitude, which hold rounding noise.

    Raises:
        SonogramError: The front end has bands, or values that are no magnitudes or powers.

    Example:
        >>> frontend = sg.picture.viewing_frontend(16000, 16000)
        >>> tone = np.sin(2 * np.pi * 1234.5 / 16000 * np.arange(16000))
        >>> found = sg.picture.reassignment(tone, frontend)
        >>> float(found.frequencies[200, found.magnitudes[200].argmax()].round(1))
        1234.5

    See Also:
        `reassigned`, the picture.
    """
    check_bins(frontend)
    samples = _samples(samples, frontend)
    length, rate = int(frontend.frame_length), float(frontend.sample_rate)
    window = frontend.window.weights(length)
    plain = _stft(samples, frontend, window)
    magnitudes = np.abs(plain)
    loud = magnitudes > _QUIET * magnitudes.max(initial=0)
    divisor = np.where(loud, plain, 1).astype(np.complex128)
    # The derivative of the window as the mean slope to its neighbors, of which the last is next to the first.
    slope = (np.roll(window, -1) - np.roll(window, 1)) / 2
    deviation = -np.imag(_stft(samples, frontend, slope) / divisor) * rate / (2 * np.pi)
    delay = np.real(_stft(samples, frontend, window * (np.arange(length) - length / 2)) / divisor) / rate
    times = frontend.times(len(plain))[:, None] + delay
    frequencies = np.arange(frontend.num_bins) * (rate / frontend.fft_size) + deviation
    return Reassignment(np.where(loud, times, np.nan), np.where(loud, frequencies, np.nan), magnitudes)


def multitaper(samples: Any, frontend: Frontend) -> NDArray[np.float32]:
    """Return a spectrogram of several windows: noise becomes smooth, and faint lines stand out of it.

    Five Slepian tapers, each orthogonal to the others, are as many looks at each frame. Their mean fluctuates
    less than one look; lines become six bins wide.

    Args:
        samples: `(samples,)`.
        frontend: Front end without bands and scaling; the tapers take the place of its window.

    Returns:
        float32 magnitudes, `(frames, bins)`. Noise has the level that it has with the front end's window.

    Raises:
        SonogramError: The front end has bands, or values that are no magnitudes or powers.

    Example:
        >>> frontend = sg.picture.viewing_frontend(16000, 16000)
        >>> noise = np.random.default_rng(0).normal(size=16000)
        >>> smooth, plain = sg.picture.multitaper(noise, frontend), frontend(noise)
        >>> bool(smooth.std() < 0.5 * plain.std())
        True

    See Also:
        `sonogram.show(..., multitaper=True)`; `reassigned`.

    Source:
        D. J. Thomson, "Spectrum estimation and harmonic analysis", Proc. IEEE 70 (1982).
    """
    check_bins(frontend)
    samples, length = _samples(samples, frontend), int(frontend.frame_length)
    level = float(np.sum(frontend.window.weights(length) ** 2))
    power: Any = 0.0
    tapers, concentrations = slepian_tapers(length, _BANDWIDTH, min(_TAPERS, length))
    for taper, concentration in zip(tapers, concentrations, strict=True):
        spectrum = _stft(samples, frontend, taper)
        power = power + concentration / len(tapers) * (spectrum.real**2 + spectrum.imag**2)
    return np.asarray(np.sqrt(level * power), np.float32)


def slepian_tapers(length: int, bandwidth: float, count: int) -> tuple[Floats, Floats]:
    """Return the windows of a length that concentrate most energy in a band, and how much each does.

    They are eigenvectors of a tridiagonal matrix, the first few of which oscillate slowly. So a few dozen
    polynomials span them, and the problem becomes as small.

    Args:
        length: Length of the windows.
        bandwidth: Half the width of the band, in bins of a transform of `length`.
        count: Number of windows.

    Returns:
        The tapers, `(count, length)`, of energy 1, and the share of it that lies in the band, `(count,)`.

    Example:
        >>> tapers, shares = slepian_tapers(256, 3, 5)
        >>> tapers.shape, bool(shares.min() > 0.94)
        ((5, 256), True)

    Source:
        D. Slepian, "Prolate spheroidal wave functions V", Bell System Technical Journal 57 (1978).
    """
    n = np.arange(length)
    polynomials = np.polynomial.legendre.legvander(np.linspace(-1, 1, length), min(_DEGREES, length) - 1)
    basis, _ = np.linalg.qr(polynomials)
    half = bandwidth / length
    diagonal = ((length - 1 - 2 * n) / 2) ** 2 * np.cos(2 * np.pi * half)
    off_diagonal = (n[1:] * (length - n[1:]) / 2)[:, None]
    product = diagonal[:, None] * basis
    product[1:] += off_diagonal * basis[:-1]
    product[:-1] += off_diagonal * basis[1:]
    _, vectors = np.linalg.eigh(basis.T @ product)
    tapers = (basis @ vectors[:, ::-1][:, :count]).T
    # The share in the band is a sum over the autocorrelation of the taper.
    spectra = np.abs(np.fft.rfft(tapers, 2 * length)) ** 2
    correlation = np.fft.irfft(spectra)[:, :length]
    kernel = 2 * half * np.sinc(2 * half * n)
    shares = 2 * (correlation @ kernel) - correlation[:, 0] * kernel[0]
    return tapers, shares


def check_bins(frontend: Frontend) -> None:
    """Raise `SonogramError` unless a front end returns the bins of a Fourier transform.

    Args:
        frontend: The front end.
    """
    plain = frontend.scaling is None and frontend.cepstrum is None and frontend.deltas is None
    if not (frontend.has_linear_bins and plain and frontend.normalize is None and frontend.stack is None):
        raise SonogramError(
            "reassigned and multitaper spectrograms are made of the bins of a Fourier transform; this front "
            f"end returns {frontend.num_bands} values in {frontend.unit}. Leave it out"
        )


def _samples(samples: Any, frontend: Frontend) -> NDArray[Any]:
    """Return the samples of one clip as an array, if its spectrogram fits into memory."""
    array = np.asarray(samples)
    if array.ndim != 1:
        raise SonogramError(f"samples must be those of one clip, (samples,); got {array.shape}")
    if frontend.num_frames(len(array)) * frontend.num_bins > _MAX_CELLS:
        raise SonogramError(
            f"{len(array) / frontend.sample_rate:.0f} s are too long for a reassigned or multitaper "
            "spectrogram; show a part (start, duration), or choose a larger step"
        )
    return array


def _stft(samples: NDArray[Any], frontend: Frontend, window: Floats) -> NDArray[np.complex64]:
    spectrum: NDArray[np.complex64] = frontend.replace(window=CustomWindow(values=Matrix(window))).stft(
        samples
    )
    return spectrum
