"""Export: SavedModel, LiteRT and ONNX, each run in its own runtime and compared before it is done."""

from __future__ import annotations

from sonogram.errors import needing

with needing("export needs TensorFlow", 'pip install "sonogram[tensorflow,litert,onnx]"'):
    import tensorflow

from sonogram.exporting.certificate import VerificationReport
from sonogram.exporting.exporter import export
from sonogram.exporting.formats import FORMATS
from sonogram.exporting.obstacles import check_exportable, obstacles
from sonogram.exporting.quantize import QUANTIZATIONS

__all__ = ["FORMATS", "QUANTIZATIONS", "VerificationReport", "check_exportable", "export", "obstacles"]

del tensorflow
