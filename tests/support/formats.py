"""The formats that exports are tried in."""

import pytest

from sonogram.exporting import FORMATS

__all__ = ["TRIED"]

TRIED = [pytest.param(form, marks=[pytest.mark.accept] * (form == "saved-model")) for form in FORMATS]
"""TensorFlow runs a SavedModel as it runs the layer: only `make accept` takes the time for it."""
