"""The viewer: look at hours of sound in a browser, with the features that a model gets.

A session holds what is open, and a server shows it on this machine alone. A recording is decoded once to a
private file; its features are computed at every zoom when they are looked at.
"""

from __future__ import annotations

from sonogram.viewer.html import save_page
from sonogram.viewer.view import View, view

__all__ = ["View", "save_page", "view"]
