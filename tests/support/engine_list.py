"""The engines that tests run, each by name; one that is not there says why."""

from functools import cache

import numpy as np
import pytest

import sonogram as sg


@cache
def why_not_native() -> str:
    """Why the native engine cannot run here; nothing where it can."""
    try:
        sg.Frontend(16000, 8, 4)(np.zeros(16, np.float32), "native")
    except sg.SonogramError as error:
        return str(error)
    return ""


NATIVE = pytest.param(
    "native", marks=pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is")
)
TENSOR = ("graph", "portable")
OTHERS = (NATIVE, *TENSOR)
ALL = ("numpy", *OTHERS)


def present() -> tuple[str, ...]:
    """The engines that can run here."""
    return ("numpy", *TENSOR) if why_not_native() else ("numpy", "native", *TENSOR)
