"""Pictures of sound: features to pixels with true axes.

Matplotlib draws without a display; its figures are objects here, never global state.
"""

from sonogram.picture.confusion import save_confusion
from sonogram.picture.figure import MAX_PANELS, draw, stack
from sonogram.picture.look import COLORS, Look
from sonogram.picture.panel import Outline, Panel, clip_panel, clip_panels
from sonogram.picture.recording import common_frontend, file_panels, viewing_frontend
from sonogram.picture.reduce import Envelope, Peaks
from sonogram.picture.sheet import PER_PAGE, Thumbnail, sheet, thumbnail
from sonogram.picture.write import checked, save, write

__all__ = [
    "COLORS",
    "MAX_PANELS",
    "PER_PAGE",
    "Envelope",
    "Look",
    "Outline",
    "Panel",
    "Peaks",
    "Thumbnail",
    "checked",
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
