"""Export: SavedModel, LiteRT and ONNX, each run in its own runtime and compared before it is done."""

from __future__ import annotations

from sonogram.errors import SonogramError

try:
    import tensorflow
except ImportError as error:
    raise SonogramError(
        f'export needs TensorFlow ({error}): pip install "sonogram[tensorflow,litert,onnx]"'
    ) from error

from sonogram.export.certificate import Certificate
from sonogram.export.exporter import export
from sonogram.export.formats import FORMATS
from sonogram.export.obstacles import check_exportable, obstacles
from sonogram.export.quantize import QUANTIZATIONS

__all__ = ["FORMATS", "QUANTIZATIONS", "Certificate", "check_exportable", "export", "obstacles"]

del tensorflow
