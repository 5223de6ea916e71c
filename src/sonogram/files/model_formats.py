"""Formats of exported models, and the endings of their files."""

from __future__ import annotations

import os
from pathlib import Path

from sonogram.errors import SonogramError

__all__ = ["MODEL_FORMATS", "check_model_format", "model_format"]

_ENDINGS = {"saved-model": "", "litert": ".tflite", "onnx": ".onnx"}
MODEL_FORMATS = tuple(_ENDINGS)
"""Names of the formats. A SavedModel is a folder, the others are files."""
_OTHER_NAMES = {"tflite": "litert", "tf-lite": "litert", "savedmodel": "saved-model", "tf": "saved-model"}


def check_model_format(name: str) -> None:
    """Raise an error that lists the formats if `name` is none of them.

    Raises:
        SonogramError: There is no such format.
    """
    if name not in MODEL_FORMATS:
        other = _OTHER_NAMES.get(str(name).lower().replace("_", "-"))
        hint = f"; use {other}" if other else ""
        raise SonogramError(f"format must be one of {', '.join(MODEL_FORMATS)}; got {name!r}{hint}")


def model_format(path: str | os.PathLike[str], name: str | None = None) -> str:
    """Return the format of an exported model.

    Args:
        path: Where the model goes.
        name: The format; None takes it from the ending of the path.

    Raises:
        SonogramError: There is no such format, the ending is unknown, or it is one of another format.

    Example:
        >>> model_format("birds.tflite"), model_format("birds", "saved-model")
        ('litert', 'saved-model')
    """
    path = Path(path)
    ending = path.suffix.lower()
    if name is None:
        found = [each for each, own in _ENDINGS.items() if own and own == ending]
        if not found:
            endings = " or ".join(own for own in _ENDINGS.values() if own)
            raise SonogramError(
                f"{path}: the format is unknown; end the name in {endings}, or give the format, one of "
                f"{', '.join(MODEL_FORMATS)}"
            )
        return found[0]
    check_model_format(name)
    own = _ENDINGS[name]
    if ending == own or (not ending and own) or (not own and ending not in (*_ENDINGS.values(), ".keras")):
        return name
    kind = f"a file that ends in {own}" if own else "a folder without an ending"
    raise SonogramError(f"{path}: the format {name} is {kind}; name it {path.with_suffix(own)}")
