"""Pictures of sound: features as pixels, with time and frequency axes.

Matplotlib draws without a display. Its figures are objects here, never global state.
"""

from sonogram.picture.confusion import save_confusion
from sonogram.picture.figure import MAX_PANELS, draw, stack
from sonogram.picture.panel import Panel, clip_panel, clip_panels
from sonogram.picture.recording import common_frontend, file_panels, viewing_frontend
from sonogram.picture.reduce import Envelope, Peaks
from sonogram.picture.sheet import PER_PAGE, Thumbnail, sheet, thumbnail
from sonogram.picture.style import COLORS, Style
from sonogram.picture.write import check_path, save, write

__all__ = [
    "COLORS",
    "MAX_PANELS",
    "PER_PAGE",
    "Envelope",
    "Panel",
    "Peaks",
    "Style",
    "Thumbnail",
    "check_path",
    "clip_panel",
    "clip_panels",
    "common_frontend",
    "draw",
    "file_panels",
    "save",
    "save_confusion",
    "sheet",
    "stack",
    "thumbnail",
    "viewing_frontend",
    "write",
]
