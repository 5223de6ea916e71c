"""Export: SavedModel, LiteRT and ONNX, each run in its own runtime and compared before it is done."""

from __future__ import annotations

from sonogram.errors import needing

with needing("export needs TensorFlow", 'pip install "sonogram[tensorflow,litert,onnx]"'):
    import tensorflow

from sonogram.export.certificate import Certificate
from sonogram.export.exporter import export
from sonogram.export.formats import FORMATS
from sonogram.export.obstacles import check_exportable, obstacles
from sonogram.export.quantize import QUANTIZATIONS

__all__ = ["FORMATS", "QUANTIZATIONS", "Certificate", "check_exportable", "export", "obstacles"]

del tensorflow
