"""sonogram: sound to spectrograms, pictures and models, in TensorFlow and Keras.

The functions have the names of the commands of `sonogram --help`. The stages of a front end are in the
module named after the field they fill: `padding`, `conditioning`, `windows`, `transform`, `spectrum`,
`bands`, `scaling`, `cepstrum`, `deltas`, `normalize`, `stack`.

Example:
    >>> import sonogram as sg
    >>> frontend = sg.Frontend(16000, 400, 160, bands=sg.bands.Mel(80), scaling=sg.scaling.Decibels())
    >>> frontend(np.zeros(16000)).shape
    (98, 80)
"""

import importlib
import importlib.util
from typing import Any

_HOMES = {
    "sonogram.audio": ("Audio", "info", "load", "save"),
    "sonogram.inversion": ("resynthesize",),
    "sonogram.bundle": ("Bundle", "Spatial"),
    "sonogram.dataset": ("mix",),
    "sonogram.embedded": ("export_frontend",),
    "sonogram.errors": ("AudioError", "DefinitionError", "SonogramError"),
    "sonogram.exporting": ("export",),
    "sonogram.extraction": ("extract",),
    "sonogram.frontend": ("Frontend",),
    "sonogram.layers": ("load_model",),
    "sonogram.training": ("evaluate", "train"),
    "sonogram.inference": ("StreamingPredictor", "StreamingTranscriber", "align", "predict", "transcribe"),
    "sonogram.matrix": ("Matrix",),
    "sonogram.micro": ("MicroFrontend",),
    "sonogram.picture.show": ("show",),
    "sonogram.presets": ("preset", "preset_names"),
    "sonogram.search": ("embed", "find", "suggest"),
    "sonogram.streaming": ("Stream",),
    "sonogram.viewer.view": ("view",),
}
_STAGES = (
    "bands",
    "cepstrum",
    "conditioning",
    "deltas",
    "normalize",
    "padding",
    "scaling",
    "spatial",
    "spectrum",
    "stack",
    "transform",
    "windows",
)
"""Modules named after the field of a definition that their classes fill."""
_PACKAGES = (
    "audio",
    "backbones",
    "checks",
    "dataset",
    "decoding",
    "embedded",
    "exporting",
    "extraction",
    "features",
    "inference",
    "inversion",
    "layers",
    "micro",
    "models",
    "picture",
    "presets",
    "search",
    "streaming",
    "training",
    "viewer",
)
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = [*_HOME_OF, *_STAGES, *_PACKAGES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    # Imported on first use: a picture needs no Keras, and `sonogram --help` no NumPy.
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    if name in _STAGES or name in _PACKAGES:
        return importlib.import_module(f"sonogram.{name}")
    raise AttributeError(f"module 'sonogram' has no attribute {name!r}{_place(name)}")


def _place(name: str) -> str:
    """Return which module has a name that the package itself lacks, among those that need no Keras."""
    # `from sonogram import html` looks for an attribute first, while other modules may be half imported.
    if name.startswith("_") or importlib.util.find_spec(f"sonogram.{name}"):
        return ""
    for module in (*_STAGES, "audio", "dataset", "features"):
        if name in importlib.import_module(f"sonogram.{module}").__all__:
            return f". Use sonogram.{module}.{name}"
    return ""


def __dir__() -> list[str]:
    return __all__
