"""DeepFilterNet's features of noise suppression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parity.original import original

Floats = NDArray[np.floating]


@original(
    "deepfilternet", "deepfilterlib", "libdf.erb_norm(erb(DF(48000, 960, 480, 32, 2).analysis(x)), 0.99)"
)
def _deepfilternet(samples: Floats) -> Floats:
    import libdf

    state = libdf.DF(sr=48000, fft_size=960, hop_size=480, nb_bands=32, min_nb_erb_freqs=2)
    bands = libdf.erb(state.analysis(np.ascontiguousarray(samples)[None]), state.erb_widths(), True)
    return np.asarray(libdf.erb_norm(np.ascontiguousarray(bands), 0.99))[0]
