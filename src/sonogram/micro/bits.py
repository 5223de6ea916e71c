"""Fractional bits of the fixed-point numbers, as on the device."""

__all__ = [
    "COEFFICIENT_BITS",
    "LOG_BITS",
    "LOG_SEGMENTS_BITS",
    "SMOOTHING_BITS",
    "SNR_BITS",
    "SNR_OUTPUT_BITS",
]

COEFFICIENT_BITS = 12
"""Fractional bits of the window's weights and of the filters'."""
SMOOTHING_BITS = 14
"""Fractional bits of the smoothing coefficients of the noise reduction."""
SNR_BITS = 12
"""Fractional bits of the ratio of signal to noise before it is compressed."""
SNR_OUTPUT_BITS = 6
"""Fractional bits of the compressed ratio."""
LOG_BITS = 16
"""Fractional bits of the logarithm."""
LOG_SEGMENTS_BITS = 7
"""Base-2 logarithm of the number of segments of the table of logarithms."""
