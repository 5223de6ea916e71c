"""Each augmentation in turn."""

from collections.abc import Callable
from typing import Any

import pytest
from augmentations import CASES


@pytest.fixture(params=CASES)
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return the constructor of one of the augmentations."""
    return CASES[request.param]
