"""The names of the engines, as parameters of tests; the native engine is skipped where it was not built."""

from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

import sonogram as sg


@cache
def why_not_native() -> str:
    """Return the reason why the native engine cannot run here, or an empty text."""
    try:
        sg.Frontend(16000, 8, 4)(np.zeros(16, np.float32), "native")
    except sg.SonogramError as error:
        return str(error)
    return ""


NATIVE = pytest.param(
    "native", marks=pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "available")
)
# A processor under emulation has no TensorFlow; everywhere else it is a tool of the tests.
TENSOR = ("graph", "portable") if find_spec("tensorflow") else ()
OTHERS = (NATIVE, *TENSOR)
ALL = ("numpy", *OTHERS)


def present() -> tuple[str, ...]:
    """Return the engines that can run here."""
    return ("numpy", *TENSOR) if why_not_native() else ("numpy", "native", *TENSOR)
