"""Front ends as C source code for microcontrollers."""

from sonogram.embedded.export import EmbeddedFrontend, export_frontend

__all__ = ["EmbeddedFrontend", "export_frontend"]
