"""sonogram: sound to spectrograms, pictures and models, in TensorFlow and Keras."""

import importlib
from typing import Any

_HOMES = {
    "sonogram.audio": ("Audio", "info", "load", "save"),
    "sonogram.bands": ("Filterbank", "HtkMel", "Mel", "SymmetricMel"),
    "sonogram.cepstrum": ("Cepstrum",),
    "sonogram.conditioning": ("Conditioning", "Preemphasis"),
    "sonogram.engines": ("inverse",),
    "sonogram.engines.griffin_lim": ("griffin_lim",),
    "sonogram.errors": ("AudioError", "DefinitionError", "SonogramError"),
    "sonogram.extraction": ("extract",),
    "sonogram.framing": ("Causal", "Center", "End", "HalfStep", "Mirror", "Same", "Stack", "Valid"),
    "sonogram.frontend": ("Frontend",),
    "sonogram.layers": ("load_model",),
    "sonogram.listening": ("Listener", "predict"),
    "sonogram.matrix": ("Matrix",),
    "sonogram.normalize": ("Affine", "Standardize", "UnitRange"),
    "sonogram.presets": ("preset", "preset_names"),
    "sonogram.scaling": ("Decibels", "Log", "Pcen"),
    "sonogram.spectrum": ("Magnitude", "Power"),
    "sonogram.streaming": ("Stream",),
    "sonogram.windows": ("Blackman", "Hamming", "Hann", "Kaiser", "Povey", "Rectangular", "Samples"),
}
_ROOMS = ("dataset", "export", "layers", "listening", "models", "picture", "training")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = [*_HOME_OF, *_ROOMS]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    # Names are fetched when they are used: a picture needs no Keras, help needs no NumPy.
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"sonogram.{name}")
    raise AttributeError(f"module 'sonogram' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
