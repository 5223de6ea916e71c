"""Export: SavedModel, LiteRT and ONNX files, each run in its own runtime and compared with the model.

`sonogram.export` writes a model, `obstacles` and `check_exportable` look for what a format cannot express
before a model is trained.
"""

from __future__ import annotations

from sonogram.errors import require_import

with require_import("export needs TensorFlow", 'pip install "sonogram[tensorflow,litert,onnx]"'):
    import tensorflow

from sonogram.exporting.description import ModelDescription
from sonogram.exporting.exporter import export
from sonogram.exporting.obstacles import check_exportable, obstacles
from sonogram.exporting.quantize import QUANTIZATIONS
from sonogram.exporting.verification import VerificationReport
from sonogram.files.model_formats import MODEL_FORMATS as FORMATS

__all__ = [
    "FORMATS",
    "QUANTIZATIONS",
    "ModelDescription",
    "VerificationReport",
    "check_exportable",
    "export",
    "obstacles",
]

del tensorflow
