"""Each augmentation in its turn."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from augmentations import CASES


@pytest.fixture(params=CASES)
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes one of the augmentations."""
    return CASES[request.param]
