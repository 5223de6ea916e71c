"""Pictures of sound: features as pixels, with time and frequency axes.

Matplotlib draws without a display. Its figures are objects here, never global state.
"""

from sonogram.files import Label, read_labels
from sonogram.picture.confusion import save_confusion
from sonogram.picture.draw import draw, save
from sonogram.picture.figure import MAX_PANELS, stack
from sonogram.picture.panel import Panel, clip_panel, clip_panels
from sonogram.picture.recording import Excerpt, file_panels
from sonogram.picture.reduce import Envelope, Peaks
from sonogram.picture.sharpened import Reassignment, multitaper, reassigned, reassignment
from sonogram.picture.sheet import PER_PAGE, Page, Thumbnail, sheet, thumbnail
from sonogram.picture.style import AXES, COLORS, LEVELS, Style, View
from sonogram.picture.viewing import Resolution, common_frontend, viewing_frontend
from sonogram.picture.write import FORMATS, check_path, write

__all__ = [
    "AXES",
    "COLORS",
    "FORMATS",
    "LEVELS",
    "MAX_PANELS",
    "PER_PAGE",
    "Envelope",
    "Excerpt",
    "Label",
    "Page",
    "Panel",
    "Peaks",
    "Reassignment",
    "Resolution",
    "Style",
    "Thumbnail",
    "View",
    "check_path",
    "clip_panel",
    "clip_panels",
    "common_frontend",
    "draw",
    "file_panels",
    "multitaper",
    "read_labels",
    "reassigned",
    "reassignment",
    "save",
    "save_confusion",
    "sheet",
    "stack",
    "thumbnail",
    "viewing_frontend",
    "write",
]
