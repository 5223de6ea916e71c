"""Front ends in browsers: definitions for the JavaScript package, and its built files."""

from sonogram.web.built import built
from sonogram.web.definition import to_web

__all__ = ["built", "to_web"]
