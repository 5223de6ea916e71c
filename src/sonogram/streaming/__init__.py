"""Streaming: the features of a clip whose samples arrive in pieces."""

from sonogram.streaming.bundle import BundleStream
from sonogram.streaming.pieces import Pieces
from sonogram.streaming.rows import RowBuffer
from sonogram.streaming.stream import Stream

__all__ = ["BundleStream", "Pieces", "RowBuffer", "Stream"]
