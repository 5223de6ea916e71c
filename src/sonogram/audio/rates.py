"""Sample rates: which may be converted to which, and the length of the result."""

from __future__ import annotations

from numbers import Real
from typing import Any

from sonogram.errors import SonogramError

__all__ = ["MAX_RATE", "MAX_RATIO", "RATE_RULE", "check_rates", "is_rate", "num_resampled"]

MAX_RATIO = 256
"""The largest factor between two rates. Beyond it a header is almost certainly corrupt, and resampling would
exhaust memory."""
MAX_RATE = 2**31 - 1
"""The highest sample rate, Hz: files state it in 32 bits."""
RATE_RULE = f"sample_rate must be a whole number of hertz from 1 to {MAX_RATE}"
"""What `is_rate` requires, for errors."""


def num_resampled(num_samples: int, from_rate: int, to_rate: int) -> int:
    """Return the number of samples after resampling: `ceil(num_samples * to_rate / from_rate)`.

    Every instant of the new rate before the end of the sound has a sample.
    """
    return -(-num_samples * to_rate // from_rate)


def is_rate(value: Any) -> bool:
    """Return whether a value is a sample rate: a whole number of hertz, at least 1."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and 1 <= value <= MAX_RATE and value % 1 == 0


def check_rates(from_rate: Any, to_rate: Any) -> None:
    """Check two rates between which sound is to be resampled.

    Raises:
        SonogramError: a rate is invalid, or they are more than 256 times apart.
    """
    for rate in (from_rate, to_rate):
        if not is_rate(rate):
            raise SonogramError(f"{RATE_RULE}; got {rate!r}")
    if max(from_rate, to_rate) > MAX_RATIO * min(from_rate, to_rate):
        raise SonogramError(
            f"{from_rate} and {to_rate} Hz are more than {MAX_RATIO} times apart; resample in two steps"
        )
