"""The limits of the fields of a definition, and which of them fit together."""

from __future__ import annotations

from sonogram.bands import Bins, Filterbank, Octaves
from sonogram.config import require
from sonogram.parameters import Parameters
from sonogram.spectrum import Complex, Density, Power
from sonogram.transform import ConstantQ

__all__ = ["check_fields"]

_MAX_RATE = 1e9  # hertz
_MAX_FFT = 1 << 24  # samples
_MAX_WEIGHTS = 1 << 26  # numbers in one table: 512 MiB


def check_fields(definition: Parameters) -> None:
    """Raise `DefinitionError` for a field that is invalid, or does not fit another one."""
    for name in ("frame_length", "frame_step", "fft_length"):
        value = getattr(definition, name)
        require(
            (name == "fft_length" and value is None)
            or (isinstance(value, int) and not isinstance(value, bool) and value >= 1),
            f"{name} must be a whole number of samples, at least 1; got {value!r}",
        )
    require(
        definition.sample_rate > 0,
        f"sample_rate must be above 0 Hz; got {definition.sample_rate!r}",
    )
    require(
        definition.fft_length is None or definition.fft_length >= definition.frame_length,
        f"fft_length must be at least frame_length ({definition.frame_length}); got {definition.fft_length}. "
        f"Use {definition.frame_length} or more, or None for the next power of two",
    )
    _check_sizes(definition)
    if isinstance(definition.transform, ConstantQ):
        _check_constant_q(definition, definition.transform)
    if definition.bands is not None:
        definition.bands.matrix(definition.sample_rate, definition.bank_size)
    if definition.cepstrum is not None:
        definition.cepstrum.matrix(definition.num_filters)
        require(
            definition.cepstrum.energy != "spectrum"
            or (isinstance(definition.spectrum, Power) and definition.bands is not None),
            'energy="spectrum" is a sum over the power spectrum next to bands: it needs spectrum=Power() and '
            f"a filter bank; got {definition.spectrum!r} and bands={definition.bands!r}",
        )
    if definition.normalize is not None:
        definition.normalize.check_bands(definition.num_bands // definition.stack_size)
    if isinstance(definition.spectrum, Complex):
        _check_complex(definition)
    weights = definition.window.weights(definition.frame_length)
    require(
        bool(weights.any()) or not isinstance(definition.spectrum, Density),
        "Density divides by the energy of the window, whose weights are all 0. Take another window",
    )


def _check_constant_q(definition: Parameters, transform: ConstantQ) -> None:
    """Raise an error for fields that do not fit a constant-Q transform."""
    least = transform.min_frame_length(definition.sample_rate)
    require(
        definition.frame_length >= least,
        f"frame_length must be at least {least}, the longest window of the constant-Q transform; "
        f"got {definition.frame_length}. Use {least}, or a larger lower_hz or gamma",
    )
    require(
        definition.fft_length in (None, definition.frame_length),
        f"a constant-Q transform takes no fft_length; got {definition.fft_length}. Leave it out",
    )
    require(
        not isinstance(definition.spectrum, Density), "a density needs transform=Fourier(); use Power() here"
    )
    require(
        definition.bands is None or isinstance(definition.bands, (Bins, Filterbank, Octaves)),
        f"bands must be None, Bins, Octaves or a Filterbank with a constant-Q transform; "
        f"got {definition.bands!r}",
    )
    num_samples = int(transform.lengths(definition.sample_rate).sum())
    require(
        num_samples <= _MAX_WEIGHTS,
        f"the {num_samples} samples of all windows do not fit into memory. Take fewer bins, or a larger "
        "lower_hz or gamma",
    )


def _check_complex(definition: Parameters) -> None:
    """Raise an error for stages that need real values."""
    for name in ("scaling", "cepstrum"):
        value = getattr(definition, name)
        require(value is None, f"{name} must be None with spectrum=Complex(), which has signs; got {value!r}")
    require(
        definition.bands is None or isinstance(definition.bands, Bins),
        f"bands must be None or Bins with spectrum=Complex(); got {definition.bands!r}",
    )
    require(
        definition.normalize is None or not definition.normalize.clip_dependent,
        f"normalize must be None or Affine with spectrum=Complex(); got {definition.normalize!r}",
    )


def _check_sizes(definition: Parameters) -> None:
    """Raise an error for tables that do not fit into memory."""
    require(
        definition.sample_rate <= _MAX_RATE,
        f"sample_rate must be at most {_MAX_RATE:g} Hz; got {definition.sample_rate}",
    )
    require(
        definition.fft_size <= _MAX_FFT,
        f"frame_length and fft_length must be at most {_MAX_FFT} samples; got {definition.fft_size}. "
        "20-100 ms are usual",
    )
    tables = [(definition.num_bins, definition.num_filters)] if definition.bands is not None else []
    if definition.cepstrum is not None:
        tables.append((definition.num_filters, definition.cepstrum.num_coefficients))
    for rows, columns in tables:
        require(
            rows * columns <= _MAX_WEIGHTS,
            f"a table of {rows} x {columns} weights does not fit into memory. Take fewer bands or "
            "coefficients, or a shorter fft_length",
        )
